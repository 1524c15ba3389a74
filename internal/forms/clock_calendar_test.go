package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// Whatever counts working days or opening hours says by which calendar, in
// every zone; nobody's holidays are taken for granted.
func TestCountingNeedsACalendar(t *testing.T) {
	const days = "within: 5 days"
	for _, test := range []struct{ what, from, to, code string }{
		{"calendar days", "", "", ""},
		{"hours", days, "within: 36 hours", ""},
		{"working days", days, "within: 5 working days", "calendar_missing"},
		{"the other limit", days, "within: 36 hours, other_limit: 5 working days, takes: sooner", "calendar_missing"},
		{"opening hours", "done: 'job.done'}", "done: 'job.done', hours_run: opening_hours}", "calendar_missing"},
		{"after closing", "done: 'job.done'}", "done: 'job.done', after_closing: next_working_day, closes: '18:00'}", "calendar_missing"},
		{"an expression", "latest(job.at, job.paid)", "start_of_day(working_days_after(job.on, 2))", "no_calendar"},
	} {
		for _, zone := range []string{"Europe/Berlin", "Asia/Shanghai"} {
			text := strings.NewReplacer("FROM", "job.at", "DONE", "job.done", "zone: Asia/Shanghai", "zone: "+zone, ", calendar: c}", "}").Replace(starts)
			text = strings.Replace(text, test.from, test.to, 1)
			_, err := rulebook.Parse("starts.yaml", []byte(text))
			if test.code == "" {
				require.NoError(t, err, test.what)
				continue
			}
			var found diagnostic.List
			require.ErrorAs(t, err, &found, test.what)
			assert.Equal(t, test.code, found[0].Code, test.what)
			assert.Contains(t, found[0].Remedy.EN, "calendar: china", test.what)
			assert.Contains(t, found[0].Remedy.ZH, "calendar: china", test.what)

			// The remedy, followed.
			text = strings.Replace(text, ", in_force: {from: 2020-01-01}}", ", in_force: {from: 2020-01-01}, calendar: china}", 1)
			_, err = rulebook.Parse("starts.yaml", []byte(text))
			if test.what == "opening hours" {
				assert.ErrorContains(t, err, "calendar_without_hours")
			} else {
				assert.NoError(t, err, test.what)
			}
		}
	}
}

// china is a calendar like a declared one, and reasons name what is counted by.
func TestReasonsNameTheCalendar(t *testing.T) {
	text := strings.NewReplacer("FROM", "job.at", "DONE", "job.done", "within: 5 days", "within: 5 working days").Replace(starts)
	for _, test := range []struct{ from, to, zh, en, due string }{
		{"", "", "按历计的5个工作日", "5 working days (calendar)", "2025-10-06"},
		{"calendar: c}", "calendar: china}", "按中国大陆放假安排计的5个工作日", "5 working days (public holidays of mainland China)", "2025-10-13"},
		{"part_of: k,", "part_of: k, calendar: china,", "按中国大陆放假安排计的5个工作日", "5 working days (public holidays of mainland China)", "2025-10-13"},
		{"part_of: k, within: 5 working days", "part_of: k, within: 5 days", "5天，自", "5 days from", "2025-10-04"},
		{
			"{zh: 历, en: calendar, any_year: true}", "{zh: 台历, en: desk hours, any_year: true, hours: [09:00-18:00]}",
			"按台历计的5个工作日", "5 working days (desk hours)", "2025-10-06",
		},
	} {
		book, err := rulebook.Parse("starts.yaml", []byte(strings.Replace(text, test.from, test.to, 1)))
		require.NoError(t, err, test.to)
		a, err := book.Ask(t.Context(), "one", `{"job":{"at":"2025-09-29T10:00:00+08:00"},"as_of":"2025-10-01T00:00:00+08:00"}`)
		require.NoError(t, err)
		assert.Contains(t, a.Explain("zh"), test.zh)
		assert.Contains(t, strings.ReplaceAll(a.Explain("en"), "calendar days", "days"), test.en)
		due, _ := a.Moment("due")
		assert.Equal(t, test.due, due.Format("2006-01-02"))
	}
	hours := strings.NewReplacer("within: 5 working days", "within: 8 hours", "done: 'job.done'}", "done: 'job.done', hours_run: opening_hours}",
		"en: calendar, any_year: true}", "en: calendar, any_year: true, hours: [09:00-18:00]}").Replace(text)
	book, err := rulebook.Parse("starts.yaml", []byte(hours))
	require.NoError(t, err)
	a, err := book.Ask(t.Context(), "one", `{"job":{"at":"2025-09-29T10:00:00+08:00"},"as_of":"2025-10-01T00:00:00+08:00"}`)
	require.NoError(t, err)
	assert.Contains(t, a.Explain("zh"), "按历营业时段计的8小时")
	assert.Contains(t, a.Explain("en"), "8 hours (opening hours, calendar)")
}
