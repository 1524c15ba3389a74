package load_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/servicerules/rulebook/internal/load"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rulebooks that people start from use all that they have, or say why not.
func TestRulebooksHaveNothingUnused(t *testing.T) {
	for _, file := range []string{"../../rules.yaml", "../../examples/rulebooks/service-desk.yaml"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		book, found := load.Parse(file, data)
		require.NotNil(t, book, "%v", found)
		assert.Empty(t, load.Unused(book))
	}
}

// A finding is accepted by its own code alone, with a reason, on its line or
// in a comment right above it.
func TestUnusedIsAccepted(t *testing.T) {
	for comment, accepted := range map[string]bool{
		"  # accepted: unused_fact – counted at the door\n  seats: {zh: 座位数, en: seats, type: count}\n":        true,
		"  # accepted: unused_fact – a reason\n  # of two lines\n  seats: {zh: 座位数, en: seats, type: count}\n": true,
		"  seats: {zh: 座位数, en: seats, type: count} # accepted: unused_fact - counted at the door\n":           true,
		"  #accepted: unused_fact：门口计数\n  seats: {zh: 座位数, en: seats, type: count}\n":                          true,
		"  # accepted: unused_fact\n  seats: {zh: 座位数, en: seats, type: count}\n":                              false,
		"  # accepted: unused_fact，门口计数\n  seats: {zh: 座位数, en: seats, type: count}\n":                         true,
		"  # accepted: unused_fact —\n  seats: {zh: 座位数, en: seats, type: count}\n":                            false,
		"  # accepted: unused_rule – another code\n  seats: {zh: 座位数, en: seats, type: count}\n":               false,
		"  # accepted: unused_fact – too far above\n\n  seats: {zh: 座位数, en: seats, type: count}\n":            false,
		"  seats: {zh: 座位数, en: seats, type: count}\n  # accepted: unused_fact – below it\n":                   false,
		"  # it was accepted: unused_fact is in its text\n  seats: {zh: 座位数, en: seats, type: count}\n":        false,
	} {
		text := strings.Replace(library(t), "  visitors: {zh: 到馆人数", comment+"  visitors: {zh: 到馆人数", 1)
		book, found := parse(text)
		require.NotNil(t, book, "%v", found)
		unused := false
		for _, d := range load.Unused(book) {
			unused = unused || d.Code == "unused_fact"
			checkWording(t, d)
		}
		assert.Equal(t, accepted, !unused, comment)
	}
}

// What only looks unused is not warned of.
func TestUsedInSomeWayIsNotUnused(t *testing.T) {
	for what, changes := range map[string][]string{
		"a fact in one branch of a choice":     {"is: loan_clock.due_date", "is: {by: clock.start, lending: loan_clock.due_date, next_day: lent_on}", "apologised, as_of]", "apologised, lent_on, as_of]"},
		"hours round the clock":                {"    hours: [09:00-12:00, 14:00-18:00]\n", "    hours: [00:00-24:00]\n"},
		"round the clock in two pieces":        {"    hours: [09:00-12:00, 14:00-18:00]\n", "    hours: [00:00-12:00, 12:00-24:00]\n"},
		"round the clock in three shifts":      {"    hours: [09:00-12:00, 14:00-18:00]\n", "    hours: [16:00-00:00, 08:00-16:00, 00:00-08:00]\n"},
		"a night as one":                       {"    hours: [09:00-12:00, 14:00-18:00]\n", "    hours: [22:00-06:00]\n"},
		"an evening up to midnight":            {"    hours: [09:00-12:00, 14:00-18:00]\n", "    hours: [09:00-12:00, 18:00-00:00]\n"},
		"a calendar that another is based on":  {"  plain_weeks:\n", "  summer: {zh: 夏季, en: summer, base: china}\n  plain_weeks:\n", "base: china\n    hours", "base: summer\n    hours"},
		"a reading that the file chooses from": {"within: {by: loan.length, as_book: 20 working days, days: 5 days}", "within: {by: loan.length, as_book: 20 working days, days: parameter}", "en: so many days, parameter: count} # accepted: unused_parameter – 供写错的例子选用 / mistakes use it", "en: so many days, parameter: working_days}"},
		"a reading with nothing to choose":     {"  loan.length:\n", "  fixed:\n    article: lending/2\n    asks: {zh: 固定, en: fixed}\n    options: {yes_it_is: {zh: 是, en: it is}}\n    chosen: yes_it_is\n  loan.length:\n"},
		"a name that people tell by":           {"  visitors: {zh: 到馆人数", "  desk: {zh: 台席, en: desk, type: name}\n  visitors: {zh: 到馆人数", "apologised, as_of]", "apologised, desk, as_of]"},
		"a list that has the labels of codes":  {"breach: overdue", "breach: kept_too_long", "words:\n  kind:", "words:\n  more: {kept_too_long: {zh: 久借不还, en: kept too long}}\n  kind:", "said: {overdue: {zh: 逾期, en: overdue}, ", "said: {"},
	} {
		text := library(t)
		for i := 0; i < len(changes); i += 2 {
			require.Equal(t, 1, strings.Count(text, changes[i]), "%s: %s", what, changes[i])
			text = strings.Replace(text, changes[i], changes[i+1], 1)
		}
		book, found := parse(text)
		require.NotNil(t, book, "%s: %v", what, found)
		assert.Empty(t, load.Unused(book), what)
	}
}

// Whichever article is left out, the gap is told of at the one behind it, and
// nothing else is.
func TestEveryGapInTheNumberingIsTold(t *testing.T) {
	for gap := 1; gap <= 6; gap++ {
		var articles strings.Builder
		for n := 1; n <= 6; n++ {
			if n != gap {
				fmt.Fprintf(&articles, "      \"%d\":\n        nature: purpose\n        title: {zh: 目的, en: Purpose}\n        text: {zh: 目的。, en: An aim.}\n"+
					"        decides_nothing: {zh: 只说明目的。, en: It states an aim.}\n", n)
			}
		}
		book, found := parse(strings.Replace(library(t), "regulations:\n", "regulations:\n  more:\n    zh: 另一制度\n    en: Another\n    articles:\n"+articles.String(), 1))
		require.NotNil(t, book, "%v", found)
		unused := load.Unused(book)
		if gap == 6 { // nobody can know of it
			assert.Empty(t, unused)
			continue
		}
		require.Len(t, unused, 1)
		assert.Equal(t, "article_skipped", unused[0].Code)
		assert.Contains(t, unused[0].Message.EN, fmt.Sprintf("skips more/%d", gap))
	}
}
