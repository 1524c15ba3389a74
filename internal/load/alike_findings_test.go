package load

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const alikeBook = `rulebook: {id: a, title: A, zone: UTC, currency: GBP, in_force: {from: 2020-01-01}, languages: [en]} # accepted: review_missing – none
facts:
  list: {en: list, type: list, of: {type: record, fields: {n: {en: n, type: count}}}}
  list2: {en: other list, type: list, of: {type: record, fields: {id: {en: id, type: name}}}}
  first: {en: first, type: record, fields: {done: {en: done, type: count}, all: {en: all, type: count}}}
  second: {en: second, type: record, fields: {done: {en: done, type: count}, all: {en: all, type: count}}}
  fee: {en: fee, type: money}
  other: {en: other fee, type: money}
  kind: {en: kind, type: word, words: {a: a, b: b}}
  kind2: {en: other kind, type: word, words: {a: a, b: b}}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: duty
        title: One
        text: Ninety-five per cent.
        values:
          share: {en: share, is: 5%}
          small: {en: small, is: 1%}
          rate_of: {en: rate of, is: {by: kind, a: 1%, b: 2%}}
          rate_of2: {en: rate of two, is: {by: kind2, like: rate_of}}
        indicators:
          rate: {en: rate, count: first.done, base: first.all, at_least: 95%}
          rate2: {en: rate two, like: rate, in_place_of: {first: second}}
        figures:
          credit: {en: credit, is: fee * share, rounded: up}
          credit2: {en: credit two, like: credit, in_place_of: {fee: other, share: small}}
          credit3: {en: credit three, like: credit2, in_place_of: {other: fee}}
questions:
  q:
    en: q
    facts: [first, second, fee, other, kind, kind2]
    rules: [rate, rate2, credit, credit2, credit3]
    verdict: {is: rate2.result}
    values: {c: {en: c, is: credit3.value}, d: {en: d, is: fee * rate_of + fee * rate_of2 > 0 GBP}}
`

// What is wrong in a rule that is like another one is told once, where it is to be
// mended: in that other rule, at the name that is put in place of one of its names,
// or at what says which rule it is like.
func TestFindingsInWhatIsTakenOver(t *testing.T) {
	for _, test := range []struct{ what, old, with, place, code string }{
		{"as it is", "", "", "", ""},
		{"in the rule itself, behind a name that is replaced", "base: first.all", "base: first.al", "al,", "unknown_fact"},
		{"in the rule itself, a name that is replaced", "base: first.all", "base: first", "first, at_least", "wrong_result"},
		{"in the rule itself, a name that is not replaced", "base: first.all", `base: first.all + nothing`, "nothing", "unknown_fact"},
		{"in the rule that another one of the chain is like", "is: fee * share", "is: fee * shares", "shares", "unknown_fact"},
		{"in the first of two names", "{fee: other, share: small}", "{fee: others, share: small}", "others, share", "unknown_fact"},
		{"in the second of two names", "{fee: other, share: small}", "{fee: other, share: smell}", "smell", "unknown_fact"},
		{"a field that only the other record lacks", "second, type: record, fields: {done: {en: done, type: count}, all: {en: all, type: count}}", "second, type: record, fields: {done: {en: done, type: count}}", "second}}", "unknown_fact"},
		{"like no rule, and another one like it", "like: credit,", "like: credot,", "credot", "unknown_rule"},
		{"like nothing, and another one like it", "like: credit,", "like: ,", "like: ,", "value_expected"},
		{"a choice like one by words that there are not here", "kind2: {en: other kind, type: word, words: {a: a, b: b}}", "kind2: {en: other kind, type: word, words: {a: a, c: c}}", "rate_of}", "unknown_word"},
		{"a choice by date like one by words", "by: kind2, like", "by: date, like", "rate_of}", "not_a_date"},
		{"what only the rule that is like it lacks", "        figures:\n", "        figures:\n          rows: {en: rows, each: list, fields: {n: .n}, columns: {n: n}}\n          rows2: {en: rows two, like: rows, each: list2}\n", "n}, columns", "unknown_fact"},
		{"like a value, and nothing chooses", "credit: {en: credit, is: fee * share", "late: {en: late, is: {like: rate_of}}\n          credit: {en: credit, is: fee * share", "is: {like", "missing_key"},
		{"like a value, chosen by nothing", "by: kind2, like", "by: , like", "by: , like", "value_expected"},
		{"a number in place of a name", "{fee: other, share: small}", "{fee: 5, share: small}", "5, share", "bad_name"},
		{"three in a circle", "is: fee * share, rounded: up", "like: credit3", "credit, in_place_of", "not_alike"},
	} {
		t.Run(test.what, func(t *testing.T) {
			book := strings.Replace(alikeBook, test.old, test.with, 1)
			_, found := Parse("a.yaml", []byte(book))
			if test.code == "" {
				assert.False(t, found.Failed(), "%v", found)
				return
			}
			lines := strings.Split(book, "\n")
			var got []string
			for _, d := range found {
				if d.Code != "unused_fact" && d.Code != "unused_rule" {
					if strings.HasPrefix(test.what, "what only") && assert.Len(t, d.Related, 1) {
						assert.Equal(t, "in the rule rows2, which is like it", d.Related[0].Message.EN)
					}
					got = append(got, d.Code+" at "+lines[d.Span.Start.Line-1][d.Span.Start.Column-1:])
				}
			}
			got = slices.Compact(got)
			if assert.Len(t, got, 1, "%v", got) {
				assert.True(t, strings.HasPrefix(got[0], test.code+" at "+test.place), got[0])
			}
		})
	}
}

// What people read is not what rules are made of: no name is replaced in it, also
// where a text stands alone in a book of one language.
func TestWordingIsTakenOverAsItIs(t *testing.T) {
	book := strings.Replace(alikeBook, "        figures:\n", `        figures:
          rows: {en: rows, each: list, fields: {n: first.done}, columns: {n: first of all}}
          rows2: {en: rows two, like: rows, in_place_of: {first: second}}
`, 1)
	book = strings.Replace(strings.Replace(book, "facts: [", "facts: [list, ", 1), "rules: [", "rules: [rows, rows2, ", 1)
	loaded, found := Parse("a.yaml", []byte(book))
	if assert.False(t, found.Failed(), "%v", found) {
		n := loaded.RulesByName["rows2"].Node
		assert.Equal(t, "first of all", n.Get("columns").Get("n").Text)
		assert.Equal(t, "second.done", n.Get("fields").Get("n").Text)
	}
}
