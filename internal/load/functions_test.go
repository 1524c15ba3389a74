package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// yards is the depot with two calendars, of which one has opening hours.
var yards = strings.Replace(depot, "calendars: {", "calendars: {day: {any_year: true, weekend: [saturday, sunday], hours: [09:00-12:00, 13:00-17:00], zh: 白班, en: day}, ", 1)

func yardSteps(t *testing.T, number string) (string, error) {
	book, err := rulebook.Parse("depot.yaml", []byte(strings.NewReplacer("NUMBER", number, "CONDITION", "true").Replace(yards)))
	if err != nil {
		return "", err
	}
	a := askBook(t, book, "all", `{"rate":7,"customers":998,"size":"small","came":"2025-06-06T16:30:00+08:00","left":"2025-06-09T13:30:00+08:00","trips":[],"as_of":"2025-07-01T00:00:00+08:00"}`)
	require.Nil(t, a.Error)
	for _, s := range a.Steps("en") {
		if s.Rule == "yard.amount" {
			return s.Text, nil
		}
	}
	return "", nil
}

// A function counts on the calendar that it is given, and on its opening hours.
func TestFunctionsOnACalendar(t *testing.T) {
	for number, want := range map[string]string{
		`working_days_between(date_of(came), date_of(left), "day")`:   "working days from (the date of 2025-06-06 16:30) to (the date of 2025-06-09 13:30) = 1",
		`working_days_between(date_of(came), date_of(left), "daily")`: "= 3",
		`open_time(came, left, "day")`:                                "opening hours from 2025-06-06 16:30 to 2025-06-09 13:30 = 4 hours",
		`open_time(left, came, "day")`:                                "= -4 hours",
		`rounded(open_time(came, left, "day") / hours(1))`:            "= 4",
	} {
		text, err := yardSteps(t, number)
		require.NoError(t, err, number)
		assert.Contains(t, text, want, number)
	}
	for number, code := range map[string]string{
		`open_time(came, left, "daily")`: "no_calendar", `open_time(came, left, "dya")`: "unknown_word", `open_time(came, left)`: "no_calendar", `open_time(came, left, size)`: "unknown_word",
	} {
		_, err := yardSteps(t, number)
		var found diagnostic.List
		require.ErrorAs(t, err, &found, number)
		assert.Equal(t, code, found[0].Code, number)
	}
}
