package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// Years are refused only where something rests on them that does not know
// them: a calendar, or what 64 bits hold of moments.
func TestYearsOfFacts(t *testing.T) {
	days := strings.NewReplacer("FROM", "job.at", "DONE", "job.done").Replace(starts)
	working := strings.NewReplacer("within: 5 days", "within: 5 working days", "calendar: c}", "calendar: china}").Replace(days)
	plain := strings.Replace(working, "calendar: china}", "calendar: c}", 1)
	opening := strings.NewReplacer("within: 5 days", "within: 900 hours", "done: 'job.done'}", "done: 'job.done', hours_run: opening_hours}",
		"en: calendar, any_year: true}", "en: calendar, any_year: true, hours: [09:00-18:00]}").Replace(days)
	for _, test := range []struct {
		book, facts, asOf string
		code, due         string
		year              int
	}{
		{days, `"at":"1999-12-30T10:00:00+08:00"`, "1999-12-31", "", "2000-01-04", 0},
		{days, `"at":"2100-12-30T10:00:00+08:00"`, "2101-01-01", "", "2101-01-04", 0},
		{days, `"at":"1950-06-01T10:00:00+08:00","done":"1950-06-02T10:00:00+08:00"`, "1950-07-01", "", "1950-06-06", 0},
		{days, `"at":"1950-06-01T10:00:00+08:00","done_on":"9999-12-31","on":"0001-01-01"`, "1950-07-01", "", "1950-06-06", 0},
		{days, `"at":"2199-12-30T10:00:00+08:00"`, "2199-12-31", "not_computable", "", 0},
		{working, `"at":"1999-12-30T10:00:00+08:00"`, "1999-12-31", "calendar_year_missing", "", 1999},
		{working, `"at":"2003-12-30T10:00:00+08:00"`, "2004-12-31", "calendar_year_missing", "", 2003},
		{working, `"at":"2150-12-30T10:00:00+08:00"`, "2151-12-31", "calendar_year_missing", "", 2150},
		{plain, `"at":"2100-12-30T10:00:00+08:00"`, "2101-01-01", "calendar_year_missing", "", 2101},
		{plain, `"at":"1999-12-30T10:00:00+08:00"`, "2101-01-01", "calendar_year_missing", "", 1999},
		{opening, `"at":"2100-12-01T10:00:00+08:00"`, "2101-01-01", "calendar_year_missing", "", 2101},
	} {
		book, err := rulebook.Parse("starts.yaml", []byte(strings.Replace(test.book, "from: 2020-01-01", "from: 0001-01-01", 1)))
		require.NoError(t, err)
		a, err := book.Ask(t.Context(), "one", `{"job":{`+test.facts+`},"as_of":"`+test.asOf+`T12:00:00+08:00"}`)
		require.NoError(t, err)
		code, year := "", 0
		if a.Error != nil {
			why := a.Failure()
			code, year = why.Code, why.Year
			assert.NotContains(t, why.Message.ZH, "lies")
			assert.NotEmpty(t, why.Remedy)
		}
		assert.Equal(t, test.code, code, test.facts)
		assert.Equal(t, test.year, year, test.facts)
		if test.due != "" {
			due, ok := a.Moment("due")
			assert.True(t, ok)
			assert.Equal(t, test.due, due.Format("2006-01-02"), test.facts)
		}
	}
	book, err := rulebook.Parse("starts.yaml", []byte(days))
	require.NoError(t, err)
	for _, at := range []string{"1699-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"} {
		_, err := book.Ask(t.Context(), "one", `{"job":{"at":"`+at+`"}}`)
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused, at)
		assert.Equal(t, "out_of_range", refused.Code)
		assert.Contains(t, refused.Message.EN, "1700 to 2199")
		if at[:4] == "9999" {
			assert.Contains(t, refused.Remedy.EN, "null")
		}
	}
}
