package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/diagnostic"
)

// under are the choices that a finding says it takes.
func under(d diagnostic.Diagnostic) []string {
	var all []string
	for _, r := range d.Related {
		all = append(all, strings.TrimPrefix(r.Message.EN, "where the reading "))
	}
	return all
}

// A mistake in an option that is not chosen refuses the file, and the finding
// names the choices that it takes to meet it.
func TestMistakesBehindChoices(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		code   string
		at     string
		under  []string
	}{
		"an option of a reading": {
			[]string{"days: 5 days}", "days: 5 moons}"}, "unknown_unit", "moons", []string{"loan.length is days:2"},
		},
		"a dated value": {[]string{"2026-01-01: 15个工作日}", "2026-01-01: 15个周}"}, "unknown_unit", "个周", nil},
		"a value before the rulebook's first day": {
			[]string{"{by: date, 2020-01-01: 20 working days,", "{by: date, 2010-01-01: 20 werking days, 2020-01-01: 20 working days,"}, "unknown_unit", "werking days", nil,
		},
		"three levels down": {
			[]string{"holds: loan.excused", "holds: {by: clock.start, lending: loan.excused, next_day: {by: loan.length, as_book: loan.excused, " +
				"days: {by: desk.calendar, state: loan.excused, plain: loan.excusable}}}"},
			"unknown_fact", "excusable", []string{"clock.start is next_day", "desk.calendar is plain", "loan.length is days:2"},
		},
		"behind otherwise": {
			[]string{"holds: loan.excused", "holds: {by: clock.start, lending: loan.excused, otherwise: loan.excusable}"},
			"unknown_fact", "excusable", []string{"clock.start is next_day"},
		},
		"the same reading within otherwise": {
			[]string{"holds: loan.excused", "holds: {by: desk.calendar, state: loan.excused, otherwise: {by: desk.calendar, plain: loan.excusable, otherwise: loan.excused}}"},
			"unknown_fact", "excusable", []string{"desk.calendar is plain"},
		},
		"a reading within a date": {
			[]string{"holds: loan.excused", "holds: {by: date, 2020-01-01: loan.excused, 2027-01-01: {by: clock.start, lending: loan.excused, next_day: loan.excusable}}"},
			"unknown_fact", "excusable", []string{"clock.start is next_day"},
		},
		"a rule that comes into force later": {
			[]string{"            holds: loan.excused\n", "            in_force: {from: 2028-01-01}\n            holds: {by: clock.start, lending: loan.excused, next_day: loan.excusable}\n"},
			"unknown_fact", "excusable", []string{"clock.start is next_day"},
		},
		"two readings that do not go together": {
			[]string{"            from: 10\n            to: 50\n", "            from: {by: clock.start, lending: 10, next_day: 40}\n            to: {by: loan.length, as_book: 50, days: 30}\n"},
			"range_reversed", "40", []string{"clock.start is next_day", "loan.length is days:2"},
		},
		"a value of another type, met elsewhere": {
			[]string{
				"is: loan.kind in [\"book\", \"disc\"]", "", "            holds: loan.kind in [\"book\", \"disc\"]\n", "            holds: times.value > 3\n",
				"        figures:\n", "        figures:\n          times: {zh: 次数, en: times, is: {by: clock.start, lending: loan.renewals, next_day: loan.lent_at}}\n",
			}[2:],
			"type_mismatch", "times.value > 3", []string{"clock.start is next_day"},
		},
		"a value of another type, met in a question": {
			[]string{
				"is: loan_clock.due_date", "is: \"times.value > 3 ? 1 : 2\"",
				"        figures:\n", "        figures:\n          times: {zh: 次数, en: times, is: {by: clock.start, lending: loan.renewals, next_day: loan.lent_at}}\n",
			},
			"type_mismatch", "times.value > 3", []string{"clock.start is next_day"},
		},
		"the verdict": {
			[]string{"is: loan_clock.status", "is: {by: clock.start, lending: loan_clock.status, next_day: loan_clock.state}"},
			"unknown_fact", "state", []string{"clock.start is next_day"},
		},
		"when a value is given": {
			[]string{"when: loan_clock.extended", "when: {by: clock.start, lending: loan_clock.extended, next_day: loan.renewals}"},
			"wrong_result", "loan.renewals", []string{"clock.start is next_day"},
		},
		"governed_by": {
			[]string{"next_day: loan.lent_at}\n    scope", "next_day: loan.renewals}\n    scope"}, "type_mismatch", "loan.renewals", []string{"clock.start is next_day"},
		},
		"the words of a set": {
			[]string{"approvers: [head]", "approvers: {by: papers.needed}"}, "unknown_word", "papers.needed", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := with(t, library(t), c.change...)
			book, found := parse(text)
			require.Nil(t, book, "loaded in spite of the mistake")
			i := 0
			for i < len(found)-1 && found[i].Severity == diagnostic.Warning {
				i++
			}
			d := found[i]
			assert.Equal(t, c.code, d.Code, "%v", found)
			assert.Equal(t, c.at, excerpt(text, d.Span))
			assert.Equal(t, c.under, under(d))
			checkWording(t, d)
		})
	}
}

// excerpt is what stands at a place of a text.
func excerpt(text string, s diagnostic.Span) string {
	lines := strings.Split(text, "\n")
	if s.Start.Line != s.End.Line {
		return strings.Join(lines[s.Start.Line-1:s.End.Line], "\n")
	}
	return string([]rune(lines[s.Start.Line-1])[s.Start.Column-1 : s.End.Column-1])
}

// choices draws a value that is chosen by readings, with a fact that does not
// exist in one of its leaves; taken says whether some choice of the options
// leads there.
func choices(t *rapid.T) (text string, taken bool) {
	readings := map[string][]string{"clock.start": {"lending", "next_day"}, "loan.length": {"as_book", "days"}, "desk.calendar": {"state", "plain"}, "fine.start": {"third", "second"}}
	names := []string{"clock.start", "loan.length", "desk.calendar", "fine.start"}
	type path map[string]string
	var leaves []path
	var value func(depth int, around path) string
	value = func(depth int, around path) string {
		if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
			leaves = append(leaves, around)
			return fmt.Sprintf("«%d»", len(leaves)-1)
		}
		name := rapid.SampledFrom(names).Draw(t, "reading")
		first := rapid.SampledFrom(readings[name]).Draw(t, "first")
		parts := []string{"by: " + name}
		for _, o := range readings[name] {
			key := o
			if o != first && rapid.Bool().Draw(t, "otherwise") {
				key = "otherwise"
			}
			inside := path{}
			for k, v := range around {
				inside[k] = v
			}
			if other, ok := inside[name]; ok && other != o {
				inside["never"] = "taken"
			}
			inside[name] = o
			parts = append(parts, key+": "+value(depth-1, inside))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text = value(4, path{})
	bad := rapid.IntRange(0, len(leaves)-1).Draw(t, "bad")
	for i := range leaves {
		fact := "loan.excused"
		if i == bad {
			fact = "loan.excusable"
		}
		text = strings.Replace(text, fmt.Sprintf("«%d»", i), fact, 1)
	}
	_, never := leaves[bad]["never"]
	return text, !never
}

// Whatever the choices around it: a mistake is found where, and only where,
// some choice of the options leads to it.
func TestEveryBranchIsTried(t *testing.T) {
	rules := library(t)
	rapid.Check(t, func(t *rapid.T) {
		text, taken := choices(t)
		book, found := parse(strings.Replace(rules, "holds: loan.excused", "holds: "+text, 1))
		if !taken {
			require.NotNil(t, book, "%s: %v", text, found)
			return
		}
		require.Nil(t, book, text)
		require.Len(t, found, 1, "%s: %v", text, found)
		require.Equal(t, "unknown_fact", found[0].Code)
	})
}
