package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/sla/workday"
)

// office is a calendar of the library's rulebook with further lines.
func office(t *testing.T, lines string) *workday.Calendar {
	t.Helper()
	text := "\ncalendars:\n  office:\n    zh: 办事处\n    en: office\n" + strings.ReplaceAll(strings.TrimPrefix(lines, "\n"), "\t", "  ")
	book, found := parse(strings.Replace(library(t), "\ncalendars:\n", text, 1))
	require.NotNil(t, book, "%v", found)
	require.Empty(t, found)
	c, ok := book.Calendar("office")
	require.True(t, ok)
	return c
}

func onDay(text string) date.Date {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return date.NewAt(d)
}

func kinds(t *testing.T, c *workday.Calendar, days ...string) (all []string) {
	t.Helper()
	for _, d := range days {
		kind, err := c.Kind(onDay(d))
		if err != nil {
			all = append(all, err.Error())
			continue
		}
		all = append(all, kind.String())
	}
	return all
}

func TestYearlyDays(t *testing.T) {
	c := office(t, `
    hours: [09:00-17:00]
    yearly:
      from: 2024
      until: 2030
      note: {zh: 说明, en: a note}
      days:
        - {on: 复活节+1, zh: 复活节星期一}
        - {on: 12-25, substitute: next, zh: 圣诞节, en: Christmas Day}
        - {on: 12-26, substitute: next}
        - {on: first monday of may, except: [2026], moved: {2025: 05-08, 2027: 2027-05-10}, note: {zh: 甲, en: a}}
        - {on: 12-24, hours: [09:00-12:00], from: 2025, until: 2026, en: Christmas Eve}
        - {on: 12-31, hours: []}
`)
	assert.Equal(t, []string{"holiday", "working", "holiday", "working", "working", "holiday", "working"},
		kinds(t, c, "2025-04-21", "2025-05-05", "2025-05-08", "2026-05-04", "2027-05-03", "2027-05-10", "2024-12-24"))
	assert.Equal(t, []string{"holiday", "holiday", "holiday", "holiday"}, kinds(t, c, "2027-12-25", "2027-12-26", "2027-12-27", "2027-12-28"))
	assert.Equal(t, []string{"workday: no listing of holidays for 2031", "workday: no listing of holidays for 2023"}, kinds(t, c, "2031-01-01", "2023-12-31"))
	assert.Equal(t, []workday.DayName{{Name: workday.Name{"zh": "圣诞节", "en": "Christmas Day"}, For: onDay("2027-12-25")}}, c.Names(onDay("2027-12-27")))
	assert.Equal(t, []workday.DayName{{Name: workday.Name{"zh": "复活节星期一"}}}, c.Names(onDay("2025-04-21")))
	open := func(d string) time.Duration {
		n, err := c.HoursBetween(onDay(d).MidnightUTC(), (onDay(d) + 1).MidnightUTC(), time.UTC)
		require.NoError(t, err)
		return n
	}
	assert.Equal(t, []time.Duration{8 * time.Hour, 3 * time.Hour, 8 * time.Hour, 0}, []time.Duration{open("2024-12-24"), open("2025-12-24"), open("2027-12-24"), open("2025-12-31")})

	own := office(t, "    base: china\n    yearly: {days: [{on: 10-08, en: Founders' Day}]}\n")
	assert.Equal(t, []string{"holiday", "holiday", "working"}, kinds(t, own, "2026-10-08", "2026-10-01", "2026-10-09"))
}

func TestListedDaysWithNames(t *testing.T) {
	c := office(t, `
    years:
      2026:
        rest:
          - {on: 10-01..10-03, zh: 国庆节, en: National Day}
          - 05-01
          - {on: 2025-12-31}
        work: [{on: 10-10, zh: 补班}]
    changes:
      2026: {rest: [{on: 07-01, en: Day of the firm}]}
`)
	assert.Equal(t, []string{"holiday", "holiday", "holiday", "make_up", "holiday"}, kinds(t, c, "2026-10-02", "2026-10-03", "2026-05-01", "2026-10-10", "2026-07-01"))
	assert.Equal(t, "国庆节", c.Names(onDay("2026-10-02"))[0].Name["zh"])
	assert.Equal(t, "补班", c.Names(onDay("2026-10-10"))[0].Name["zh"])
	assert.Equal(t, "Day of the firm", c.Names(onDay("2026-07-01"))[0].Name["en"])
	assert.Empty(t, c.Names(onDay("2026-05-01")))
}

func TestNoticesWithTheirDays(t *testing.T) {
	c := office(t, `
    base: china
    years:
      2027: {rest: [01-01..01-03], known_on: 2026-11-04}
    changes:
      2026:
        - {rest: [09-03], work: [09-06], known_on: 2026-05-01}
        - {work: [09-03], known_on: 2026-06-01}
        - {rest: [09-02]}
      2027: {rest: [09-03], known_on: 2027-02-01}
`)
	assert.Equal(t, []date.Date{onDay("2026-05-01"), onDay("2026-06-01"), onDay("2026-11-04"), onDay("2027-02-01")}, c.Announced())
	for day, want := range map[string][]string{
		"2026-04-30": {"working", "working", "weekend", "workday: no listing of holidays for 2027", "workday: no listing of holidays for 2027"},
		"2026-05-01": {"working", "holiday", "make_up", "workday: no listing of holidays for 2027", "workday: no listing of holidays for 2027"},
		"2026-06-01": {"holiday", "working", "make_up", "workday: no listing of holidays for 2027", "workday: no listing of holidays for 2027"},
		"2026-11-04": {"holiday", "working", "make_up", "holiday", "working"},
		"2027-02-01": {"holiday", "working", "make_up", "holiday", "holiday"},
	} {
		got := kinds(t, c.KnownOn(onDay(day)), "2026-09-02", "2026-09-03", "2026-09-06", "2027-01-01", "2027-09-03")
		if want[0] == "working" { // what bears no day was known all along
			want[0] = "holiday"
		}
		assert.Equal(t, want, got, day)
	}
}

// Mistakes within the new keys are told once, at their place.
func TestYearlyMistakes(t *testing.T) {
	for lines, want := range map[string]string{
		"yearly: 3": "map_expected", "yearly: {}": "missing_key", "yearly: {days: 12-25}": "list_expected", "yearly: {days: [12-25]}": "map_expected",
		"yearly: {days: [{}]}": "missing_key", "yearly: {days: [{on: [12-25]}]}": "value_expected", "yearly: {days: [{on: 12-25, year: 2025}]}": "unknown_key",
		"yearly: {days: [{on: 12-25, from: 25}]}": "bad_year", "yearly: {from: 1999, days: [{on: 12-25}]}": "bad_year", "yearly: {days: [{on: 12-25, except: [1999]}]}": "bad_year",
		"yearly: {days: [{on: 12-25, moved: {2025: 12-32}}]}": "bad_date", "yearly: {days: [{on: 12-25, moved: [2025]}]}": "map_expected",
		"yearly: {days: [{on: 12-25, moved: {2025: 2023-12-25}}]}": "calendar_foreign_date", "yearly: {days: [{on: 12-25, moved: {2000: 1999-12-25}}]}": "calendar_date_out_of_range",
		"yearly: {days: [{on: 12-25, substitute: monday}]}": "unknown_word", "yearly: {days: [{on: 12-25, hours: [9-12]}]}": "bad_hours", "yearly: {days: [{on: 12-25, hours: [09:00-09:00]}]}": "calendar_span_empty",
		"yearly: {days: [{on: 12-25, zh: {en: x}}]}": "value_expected",
		"years: {2027: {rest: [{on: 13-01}]}}":       "bad_date", "years: {2027: {rest: [{zh: 甲}]}}": "missing_key", "years: {2027: {rest: [{on: 01-01, de: x}]}}": "language_not_declared", "years: {2027: {rest: [[01-01]]}}": "value_expected",
		"years: {2027: {rest: [{on: 01-01}, 01-01]}}": "duplicate_item", "years: {2027: {rest: {on: 01-01}}}": "list_expected", "years: {2027: {rest: [01-01], known_on: soon}}": "not_a_date",
		"years: {2027: [{rest: [01-01]}]}": "map_expected", "changes: {2026: [[]]}": "map_expected", "changes: {2026: []}": "calendar_changes_empty", "changes: {2026: [{rest: [09-03], known_on: x}]}": "not_a_date",
		"changes: {2026: [{known_on: 2026-01-01}]}": "calendar_changes_empty", "changes: {2026: {rest: [{on: 01-01}]}}": "calendar_change_without_effect",
	} {
		text := "\ncalendars:\n  office:\n    zh: 办事处\n    en: office\n    base: china\n    " + lines + "\n"
		_, found := parse(strings.Replace(library(t), "\ncalendars:\n", text, 1))
		var codes []string
		for _, d := range found {
			codes = append(codes, d.Code)
			assert.Equal(t, 16, d.Span.Start.Line, "%s: %v", lines, d)
		}
		assert.Equal(t, strings.Fields(want), codes, "%s: %v", lines, found)
	}
}
