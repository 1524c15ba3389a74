package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// byYesNo is a book of which values are chosen by facts that are yes or no. What
// stands in «…» is replaced by spelledYesNo.
const byYesNo = `rulebook: {id: desk, title: Desk, zone: UTC, in_force: {from: 2020-01-01}, languages: [en]}
facts:
  urgent: {en: urgent, type: yes_no}
  paid: {en: paid, type: yes_no, if_null: none}
  kind: {en: kind, type: word, words: {fault: fault, order: order}}
  opened: {en: opened, type: moment}
regulations:
  desk:
    en: desk
    articles:
      "1":
        nature: deadline
        title: one
        text: one
        figures:
          fee: {en: fee, is: «{by: urgent, yes: 5, no: 3}»}
          both: {en: both, is: «{by: [urgent, kind], yes: 1, no: {fault: 2, order: 3}}»}
          either: {en: either, is: «{by: paid, yes: 1, otherwise: 2}»}
          same: {en: same, is: «{by: urgent, yes: 7, no: 7}»}
        clocks:
          time: {en: time, done: none}
        deadlines:
          limit: {en: limit, part_of: time, within: «{by: urgent, yes: 4 hours, no: 2 days}», from: opened}
questions:
  q:
    en: q
    facts: [urgent, paid, kind, opened]
    rules: [fee, both, either, same, time]
    verdict: {is: «{by: urgent, yes: '"hurry"', otherwise: '"wait"'}», words: {hurry: hurry, wait: wait}}
    values:
      fee: {en: fee, is: fee.value}
      both: {en: both, is: both.value}
      either: {en: either, is: either.value}
      same: {en: same, is: same.value}
      due: {en: due, is: time.due}
      sum: {en: sum, is: «{by: paid, yes: 0, otherwise: fee.value + 1}»}
`

// spelledYesNo is the book with expressions in place of choices.
func spelledYesNo() string {
	return strings.NewReplacer(
		"«{by: urgent, yes: 5, no: 3}»", `"urgent ? 5 : 3"`,
		"«{by: [urgent, kind], yes: 1, no: {fault: 2, order: 3}}»", `'urgent ? 1 : kind == "fault" ? 2 : 3'`,
		"«{by: paid, yes: 1, otherwise: 2}»", `"paid ? 1 : 2"`,
		"«{by: urgent, yes: 7, no: 7}»", `"7"`,
		"«{by: urgent, yes: 4 hours, no: 2 days}»", `{n: "urgent ? 4 : 2", unit: 'urgent ? "hour" : "day"'}`,
		`«{by: urgent, yes: '"hurry"', otherwise: '"wait"'}»`, `'urgent ? "hurry" : "wait"'`,
		"«{by: paid, yes: 0, otherwise: fee.value + 1}»", `"paid ? 0 : fee.value + 1"`,
	).Replace(byYesNo)
}

// A choice by yes or no says what an expression says that asks for it, of all facts
// that may be given, left out, or not exist.
func TestChosenByYesOrNo(t *testing.T) {
	chosen, spelled := parse(t, strings.NewReplacer("«", "", "»", "").Replace(byYesNo)), parse(t, spelledYesNo())
	for _, urgent := range []string{"", "true", "false"} {
		for _, paid := range []string{"", "null", "true", "false"} {
			for _, kind := range []string{"", `"fault"`, `"order"`} {
				facts := `{"as_of": "2026-03-02T12:00:00Z", "opened": "2026-03-02T11:30:00Z"`
				for name, v := range map[string]string{"urgent": urgent, "paid": paid, "kind": kind} {
					if v != "" {
						facts += fmt.Sprintf(", %q: %s", name, v)
					}
				}
				facts += "}"
				a, b := ask(t, chosen, "q", facts), ask(t, spelled, "q", facts)
				require.Equal(t, b.Verdict, a.Verdict, facts)
				require.Equal(t, valuesOf(t, b), valuesOf(t, a), facts)
				require.Subset(t, names(missing(a)), names(missing(b)), facts)
			}
		}
	}
}

// names are the facts that are missing, each once, without what lacks them.
func names(missing []string) []string {
	seen, all := map[string]bool{}, []string{}
	for _, m := range missing {
		if name, _, _ := strings.Cut(m, " "); !seen[name] {
			seen[name], all = true, append(all, name)
		}
	}
	return all
}

func TestChosenByYesOrNoTold(t *testing.T) {
	a := ask(t, parse(t, strings.NewReplacer("«", "", "»", "").Replace(byYesNo)), "q", `{"as_of": "2026-03-02T12:00:00Z", "urgent": true, "paid": false, "kind": "fault", "opened": "2026-03-02T11:30:00Z"}`)
	for _, told := range []string{"fee: urgent is yes, which chooses its values (desk/1)", "limit: 4 hours from 2026-03-02 11:30, due 2026-03-02 15:30 (desk/1)"} {
		assert.Contains(t, a.Explain("en"), told)
	}
}
