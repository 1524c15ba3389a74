package load_test

import (
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
