package load_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/load"
)

// found checks a text and gives all that is found in it, errors first where the
// file is refused.
func foundIn(text string) diagnostic.List {
	book, found := parse(text)
	if book != nil {
		found = append(found, load.Unused(book)...)
	}
	return found
}

// A file of which the end is missing has one or two findings, wherever it ends:
// that it was cut off, and what is wrong where it ends.
func TestHalfAFile(t *testing.T) {
	lines := strings.SplitAfter(library(t), "\n")
	for n := 30; n < len(lines)-2; n += 7 {
		text := strings.Join(lines[:n], "")
		found := foundIn(text)
		require.NotEmpty(t, found, "line %d", n)
		var errors diagnostic.List
		for _, d := range found {
			checkWording(t, d)
			if d.Severity == diagnostic.Error {
				errors = append(errors, d)
			}
		}
		if errors != nil {
			assert.LessOrEqual(t, len(errors), 3, "line %d: %v", n, errors)
		}
	}
}

// What was changed where it is declared is told once, with the other places.
func TestOneCauseIsOneFinding(t *testing.T) {
	for name, c := range map[string]struct {
		change       []string
		code, remedy string
		related      int
	}{
		"a fact renamed":                                  {[]string{"  apologised: {", "  sorry: {"}, "unknown_fact", "renamed to sorry", 5},
		"a field renamed":                                 {[]string{"      kind: {zh: 种类", "      sort: {zh: 种类"}, "unknown_fact", "sort", 2},
		"a rule renamed":                                  {[]string{"          noise_fine:\n", "          fine_for_noise:\n"}, "unknown_rule", "fine_for_noise", 4},
		"a word list renamed":                             {[]string{"  grade: {slight: {", "  severity: {slight: {"}, "unknown_word_list", "severity", 0},
		"the type of a fact":                              {[]string{"  visitors: {zh: 到馆人数, en: visitors, type: count}", "  visitors: {zh: 到馆人数, en: visitors, type: date}"}, "type_mismatch", "", 3},
		"another word for otherwise":                      {[]string{"            within: {by: loan.length, as_book: 20 working days, days: 5 days}", "            within: {by: loan.length, as_book: 20 working days, otherwize: 5 days}"}, "unknown_option", "did you mean otherwise?", 0},
		"a key in another language":                       {[]string{"            within: {by: loan.length, as_book: 20 working days, days: 5 days}", "            期限: 5 days"}, "unknown_key", "did you mean within?", 0},
		"a key in another spelling":                       {[]string{"            part_of: loan_clock\n            when: loan.kind == \"book\"\n", "            partOf: loan_clock\n            when: loan.kind == \"book\"\n"}, "unknown_key", "did you mean part_of?", 0},
		"a calendar that cannot be called so":             {[]string{"  plain_weeks:\n", "  plain-weeks:\n", "plain: plain_weeks}\n\n", "plain: plain-weeks}\n\n", "            calendar: {by: desk.calendar, state: opening_days, plain: plain_weeks}\n            last_day_ends: \"18:00\"\n", "            calendar: plain-weeks\n            hours_run: opening_hours\n            last_day_ends: \"18:00\"\n"}, "bad_name", "plain_weeks", 0},
		"a key by another word":                           {[]string{"            within: {by: loan.length, as_book: 20 working days, days: 5 days}", "            in: {by: loan.length, as_book: 20 working days, days: 5 days}"}, "unknown_key", "did you mean within?", 0},
		"a number in quotes":                              {[]string{"as_book: 20 working days", "as_book: \"20\" working days"}, "yaml_syntax", "write 20 working days", 0},
		"a choice by nothing":                             {[]string{"            within: {by: loan.length, as_book: 20 working days, days: 5 days}", "            within: {by: , as_book: 20 working days, days: 5 days}"}, "value_expected", "", 0},
		"the calendar of the rulebook, chosen by nothing": {[]string{"  calendar: {by: desk.calendar, state: opening_days, plain: plain_weeks}\n\n", "  calendar: {by: , state: opening_days, plain: plain_weeks}\n\n"}, "value_expected", "", 0},
		"a list item without a comma":                     {[]string{"prohibited: [noise, food]", "prohibited: [noise food]"}, "bad_name", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			found := foundIn(with(t, library(t), c.change...))
			require.Len(t, found, 1, "%v", found)
			d := found[0]
			assert.Equal(t, c.code, d.Code, "%v", d)
			assert.Contains(t, d.Remedy.EN, c.remedy)
			assert.Len(t, d.Related, c.related, "%v", d.Related)
			checkWording(t, d)
		})
	}
}

// A key that is not known is one finding, also of a rule that has the title of its
// article for a label; and so is a number that a comma cuts in a value that another
// one takes over, or a percentage that is written in words.
func TestOneFindingOfDerivedAndTakenOver(t *testing.T) {
	const book = `
rulebook: {languages: [en], id: shop, title: Shop, zone: UTC, in_force: {from: 2025-01-01}}
words: {breach: {late: late}, size: {small: small, large: large}}
facts:
  ordered_at: {en: ordered, type: moment, event: true}
  sent_at: {en: sent, type: moment, event: true}
  size: {en: size, type: word, words: size}
  other: {en: the other size, type: word, words: size}
  done: {en: done, type: number}
questions:
  sending: {en: "sent in time?", facts: [ordered_at, sent_at], governed_by: ordered_at, rules: [clock], verdict: {is: clock.status}, values: {due: {en: due, is: clock.due}}}
  share: {en: share, facts: [size, other, done], rules: [kept], verdict: {is: kept.value}, values: {kept: {en: kept, is: kept.value}}}
regulations:
  rules:
    en: Rules
    articles:
      "1":
        nature: deadline
        title: Sending
        text: within two days
        clocks: {clock: {done: sent_at, breach: late}}
        deadlines: {limit: {part_of: clock, from: ordered_at, within: 2 days}}
        values:
          level: {en: level, is: {by: size, small: 99.95%, large: 99%}}
          level_of_other: {en: level of the other, is: {by: other, like: level}}
        figures:
          kept: {en: kept, is: 'done >= level and done >= level_of_other ? "small" : "large"', words: size}
`
	errors := func(text string) diagnostic.List {
		return slices.DeleteFunc(foundIn(text), func(d diagnostic.Diagnostic) bool { return d.Severity != diagnostic.Error })
	}
	require.Empty(t, errors(book))
	for _, x := range []struct{ from, to, code string }{
		{"within: 2 days", "withn: 2 days", "unknown_key"}, {"within: 2 days", "in: 2 days", "unknown_key"}, {"part_of: clock", "partof: clock", "unknown_key"},
		{"small: 99.95%", "small: 99,95%", "unknown_key"}, {"small: 99.95%", "small: 99.95 percent", "expression_syntax"},
	} {
		found := errors(strings.Replace(book, x.from, x.to, 1))
		if assert.Len(t, found, 1, "%s: %v", x.to, found) {
			assert.Equal(t, x.code, found[0].Code, x.to)
		}
	}
}
