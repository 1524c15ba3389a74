package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// finesYAML has rules with parts: a weighing, a clock, a scope, a figure and guards.
const finesYAML = `
rulebook: {languages: [en], id: fines, title: Fines, zone: Europe/London, in_force: {from: 2020-01-01}, calendar: days}
calendars: {days: {en: days, any_year: true, weekend: [saturday, sunday]}}
facts:
  again: {en: again, type: yes_no}
  late: {en: late, type: yes_no}
  paid_at: {en: paid, type: moment, if_absent: none}
  told_at: {en: told, type: moment}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: sanction
        title: One
        text: One
        weighings: {weight: {en: weight}}
        clocks: {pay: {done: paid_at}}
        factors:
          repeated: {en: repeated, part_of: weight, direction: aggravating, claimed: again}
        deadlines:
          soon: {en: soon, part_of: pay, from: told_at, within: 5 days}
        deemings:
          waived: {en: waived, part_of: pay, holds: again}
        scopes:
          people: {en: people, holds: again}
          driver: {en: driver, part_of: people, holds: late}
        figures:
          sum: {en: sum, when: not late, is: "1"}
          usual: {en: usual, part_of: sum, when: late, is: "7"}
        guards:
          gate: {en: gate, blocks_if: again, blocker: once_more}
          unpaid: {en: unpaid, part_of: gate, blocks_if: late, blocker: unpaid}
      "2":
        nature: sanction
        title: Two
        text: Two
        figures: {other: {en: other, is: "3"}}
questions:
  q:
    en: q
    facts: [again, late, paid_at, told_at]
    rules: [weight, pay, people, sum, gate]
    verdict: {is: 'people.holds ? "a" : "b"', words: {a: a, b: b}}
    values:
      steps: {en: steps, is: weight.steps}
      due: {en: due, is: pay.due_date}
      status: {en: status, is: pay.status}
      holds: {en: holds, is: people.holds}
      sum: {en: sum, is: sum.value}
      allowed: {en: allowed, is: gate.allowed}
words: {codes: {unpaid: unpaid, once_more: once more}}
`

// Of a part that is written twice it is told what it comes to, and what is told is so.
func TestRuleTwiceTellsWhatIsSo(t *testing.T) {
	parse := func(text string) *rulebook.Book {
		book, err := rulebook.Parse("rules.yaml", []byte(text))
		require.NoError(t, err)
		return book
	}
	told := func(book *rulebook.Book) (all []string) {
		for _, w := range book.Unused() {
			if w.Code == "rule_twice" {
				all = append(all, w.Message.EN)
			}
		}
		return all
	}
	ask := func(book *rulebook.Book) (all []string) {
		for _, again := range []bool{false, true} {
			for _, late := range []bool{false, true} {
				a, err := book.Ask(t.Context(), "q", map[string]any{"again": again, "late": late, "told_at": "2025-06-02T10:00:00Z"})
				require.NoError(t, err)
				if a.Error != nil {
					all = append(all, a.Failure().Message.EN)
					continue
				}
				for v := range a.Values() {
					all = append(all, v.String())
				}
			}
		}
		return all
	}
	before := parse(finesYAML)
	require.Empty(t, told(before))
	for line, says := range map[string]string{
		"          repeated: {en: repeated, part_of: weight, direction: aggravating, claimed: again}\n": "second says what repeated does, and both are part of weight: both are weighed",
		"          soon: {en: soon, part_of: pay, from: told_at, within: 5 days}\n":                     "second says what soon does, and both are part of pay: both apply at once, and nothing can be answered then",
		"          usual: {en: usual, part_of: sum, when: late, is: \"7\"}\n":                           "second says what usual does, and both are part of sum: both apply at once, and nothing can be answered then",
		"          waived: {en: waived, part_of: pay, holds: again}\n":                                  "second says what waived does, and both are part of pay: it adds nothing",
		"          driver: {en: driver, part_of: people, holds: late}\n":                                "second says what driver does, and both are part of people: it adds nothing",
		"          unpaid: {en: unpaid, part_of: gate, blocks_if: late, blocker: unpaid}\n":             "second says what unpaid does, and both are part of gate: it adds nothing",
	} {
		require.Contains(t, finesYAML, line)
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		copied := strings.Replace(line, name+":", "second:", 1)
		book := parse(strings.Replace(finesYAML, line, line+copied, 1))
		assert.Equal(t, []string{says}, told(book), name)
		was, is := ask(before), ask(book)
		switch {
		case strings.HasSuffix(says, "nothing"):
			assert.Equal(t, was, is, name)
		case strings.HasSuffix(says, "weighed"):
			assert.Contains(t, was, "steps: 1", name)
			assert.Contains(t, is, "steps: 2", name)
		default:
			const failure = "only one of the group may"
			assert.Contains(t, strings.Join(is, "\n"), failure, name)
			assert.NotContains(t, strings.Join(was, "\n"), failure, name)
		}

		if !strings.HasSuffix(says, "then") { // what it cites beside its article is cited
			citing := strings.Replace(copied, "{en:", "{also_cites: [r/2], en:", 1)
			assert.Empty(t, told(parse(strings.Replace(finesYAML, line, line+citing, 1))), name)
		}

		// In another article it is cited for itself.
		section := sectionOf(t, finesYAML, line)
		text := strings.Replace(finesYAML, "        text: Two\n", fmt.Sprintf("        text: Two\n        %s:\n%s", section, copied), 1)
		if section == "figures" {
			text = strings.Replace(text, "        figures: {other: {en: other, is: \"3\"}}\n", "          other: {en: other, is: \"3\"}\n", 1)
		}
		elsewhere := parse(text)
		if strings.HasSuffix(says, "then") {
			assert.Equal(t, []string{says}, told(elsewhere), name)
		} else {
			assert.Empty(t, told(elsewhere), name)
		}
	}
}

// sectionOf is the key that a line of a rule stands below.
func sectionOf(t *testing.T, text, line string) string {
	before, _, found := strings.Cut(text, line)
	require.True(t, found)
	lines := strings.Split(before, "\n")
	slices.Reverse(lines)
	for _, l := range lines {
		if name, ok := strings.CutPrefix(l, "        "); ok && !strings.HasPrefix(name, " ") && strings.HasSuffix(name, ":") {
			return strings.TrimSuffix(name, ":")
		}
	}
	t.Fatal(line)
	return ""
}
