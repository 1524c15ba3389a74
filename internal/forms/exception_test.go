package forms_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

const generalAndSpecial = `rulebook: {id: lib, title: {zh: 馆, en: Library}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
facts:
  member: {zh: 会员, en: member, type: yes_no}
  child: {zh: 儿童, en: child, type: yes_no}
  orphan: {zh: 孤儿, en: orphan, type: yes_no}
regulations:
  fees:
    zh: 费用
    en: fees
    articles:
      "1":
        nature: sanction
        title: {zh: 一, en: one}
        text: {zh: 一, en: one}
        figures:
          general: {zh: 一般, en: general fee, part_of: fee, except: [members, children], is: 10}
          members: {zh: 会员, en: fee of members, part_of: fee, when: member, except: [children], is: 5}
      "2":
        nature: sanction
        title: {zh: 二, en: two}
        text: {zh: 二, en: two}
        figures:
          children: {zh: 儿童, en: fee of children, part_of: fee, when: child, is: 1}
questions:
  fee:
    zh: 费用
    en: fee
    facts: [member, child, orphan]
    rules: [fee]
    verdict: {is: 'fee.value > 0 ? "paid" : "free"', words: {paid: {zh: 付, en: paid}, free: {zh: 免, en: free}}}
    values: {fee: {zh: 费, en: fee, is: fee.value}}
`

func TestSpecialRuleWins(t *testing.T) {
	book := parse(t, generalAndSpecial)
	for facts, want := range map[string]string{
		`"member": false, "child": false`: `{"fee":10}`, `"member": true, "child": false`: `{"fee":5}`,
		`"member": false, "child": true`: `{"fee":1}`, `"member": true, "child": true`: `{"fee":1}`, `"child": true`: `{"fee":1}`,
		`"child": false`: `{"fee":null}`, `"member": true`: `{"fee":null}`, `"member": false`: `{"fee":null}`, ``: `{"fee":null}`,
	} {
		a := ask(t, book, "fee", "{"+facts+"}")
		assert.Equal(t, want, valuesOf(t, a), facts)
		assert.Equal(t, want == `{"fee":null}`, len(a.MissingFacts) > 0, facts)
	}
	a := ask(t, book, "fee", `{"member": true, "child": true}`)
	assert.Equal(t, []string{
		"fee of children: 1 (fees/2)",
		"general fee: would apply as well, and gives way to: fee of members (fees/1)",
		"general fee: would apply as well, and gives way to: fee of children (fees/1)",
		"fee of members: would apply as well, and gives way to: fee of children (fees/1)",
	}, strings.Split(a.Explain("en"), "\n"))
	assert.Equal(t, []string{"fees/1", "fees/2"}, a.Cites)
	assert.Contains(t, a.Explain("zh"), "一般：也合条件，但让位于儿童（fees/1）")
	a = ask(t, book, "fee", `{"member": false, "child": false}`)
	assert.Equal(t, "general fee: 10 (fees/1)", a.Explain("en"))
	assert.Equal(t, []string{"fees/1"}, a.Cites)
}

// Without except, two that apply stay an error.
func TestTwoRulesStayAnError(t *testing.T) {
	book := parse(t, strings.Replace(generalAndSpecial, "except: [children], ", "", 1))
	a, err := book.Ask(t.Context(), "fee", `{"member": true, "child": true}`)
	if err == nil {
		err = a.Error
	}
	require.ErrorContains(t, err, "both fees.members and fees.children apply")
}

func TestExceptionsThatAreNone(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"except: [children]", "except: [childs]"}:                      "unknown_rule",
		{"except: [children]", "except: [members]"}:                     "exception_to_itself",
		{"except: [children]", "except: [general]"}:                     "exceptions_in_circle",
		{"when: child, is: 1", "when: child, except: [general], is: 1"}: "exceptions_in_circle",
	} {
		text := strings.Replace(generalAndSpecial, change[0], change[1], 1)
		require.NotEqual(t, generalAndSpecial, text)
		_, err := rulebook.Parse("rules.yaml", []byte(text))
		if assert.Error(t, err, change) {
			assert.Contains(t, err.Error(), "["+want+"]", change)
		}
	}
}

// Rules with exceptions decide as conditions do that repeat the special ones
// with `not`.
func TestExceptionsAsSpelledOut(t *testing.T) {
	short := parse(t, generalAndSpecial)
	long := parse(t, strings.NewReplacer("except: [members, children]", "when: not (member or child)", "when: member, except: [children]", "when: member and not child").Replace(generalAndSpecial))
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var facts []string
		for _, f := range []string{"member", "child"} {
			if v := []string{"true", "false", ""}[r.IntN(3)]; v != "" {
				facts = append(facts, `"`+f+`": `+v)
			}
		}
		text := "{" + strings.Join(facts, ", ") + "}"
		a, b := ask(t, short, "fee", text), ask(t, long, "fee", text)
		assert.Equal(t, b.Verdict, a.Verdict, text)
		assert.Equal(t, valuesOf(t, b), valuesOf(t, a), text)
		assert.Equal(t, missing(b), missing(a), text)
	}
}
