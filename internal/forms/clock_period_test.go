package forms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// repairs is a rulebook whose one clock is written by each test.
const repairs = `
rulebook: {id: repairs, title: {zh: 维修, en: repairs}, zone: Europe/Berlin, in_force: {from: 2024-01-01}, calendar: office}
calendars:
  office: {zh: 办公, en: office, any_year: true, hours: [09:00-12:00, 13:00-17:00], zone: Europe/Berlin}
  tokyo: {zh: 东京, en: Tokyo, any_year: true, hours: [09:00-17:00], zone: Asia/Tokyo}
  nowhere: {zh: 无钟点, en: without hours, any_year: true}
facts:
  from_at: {zh: 起, en: start, type: moment}
  from_on: {zh: 起日, en: first day, type: date}
  done_at: {zh: 止, en: done, type: moment, event: true}
  n: {zh: 数, en: number, type: count, if_absent: 2}
  place: {zh: 处, en: place, type: word, if_absent: office, words: {office: {zh: 办公, en: office}, tokyo: {zh: 东京, en: Tokyo}, nowhere: {zh: 无钟点, en: nowhere}}}
  stops:
    zh: 停
    en: stops
    type: list
    if_absent: empty
    of: {type: record, fields: {from: {zh: 自, en: from, type: moment, if_absent: unknown}, to: {zh: 至, en: to, type: moment}, why: {zh: 因, en: why, type: word, words: {customer: {zh: 客户, en: customer}, us: {zh: 我方, en: us}}}}}
questions:
  repair:
    zh: 维修
    en: repair
    facts: [from_at, from_on, done_at, n, place, stops]
    rules: [repair]
    verdict: {is: 'repair.status in ["late", "overdue"] ? "bad" : "good"', words: {good: {zh: 好, en: good}, bad: {zh: 坏, en: bad}}}
    values: {due: {zh: 到期, en: due, is: repair.due}, due_date: {zh: 到期日, en: last day, is: repair.due_date}, nominal: {zh: 届满, en: nominal, is: repair.nominal}, days: {zh: 天, en: days, is: repair.paused_days}, time: {zh: 时, en: time, is: repair.paused_time}, begins: {zh: 始, en: begins, is: repair.begins}}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: deadline
        title: {zh: 限, en: limit}
        text: {zh: 限。, en: limit.}
        clocks:
          repair: {zh: 维修, en: repair, done: done_at, CLOCK}
        deadlines:
          limit: {zh: 期限, en: limit, part_of: repair, DEADLINE}
`

const stopped = `
        pauses:
          stop: {zh: 停, en: stop, part_of: repair, each: stops, from: .from, to: .to, only: '.why == "customer"'}
`

func repair(t *testing.T, clock, deadline string, pauses bool) *rulebook.Book {
	t.Helper()
	text := strings.NewReplacer("CLOCK", clock, "DEADLINE", deadline).Replace(repairs)
	if pauses {
		text += strings.TrimPrefix(stopped, "\n")
	}
	return parse(t, text)
}

func askAt(t *testing.T, book *rulebook.Book, facts, asOf string) *rulebook.Answer {
	t.Helper()
	at, err := time.Parse(time.RFC3339, asOf)
	require.NoError(t, err)
	a, err := book.Ask(t.Context(), "repair", facts, rulebook.AsOf(at))
	require.NoError(t, err)
	return a
}

func shownDue(t *testing.T, a *rulebook.Answer, name string) string {
	t.Helper()
	require.NoError(t, a.Error)
	v, ok := a.Value(name)
	require.True(t, ok, name)
	if v.Data == nil {
		return ""
	}
	if at, ok := a.Moment(name); ok {
		return at.Format(time.RFC3339)
	}
	day, _ := a.Date(name)
	return day.String()
}

func TestPeriodsOfManyLengths(t *testing.T) {
	const from, now = `{"from_at": "2025-01-31T10:30:00+01:00"}`, "2025-01-31T11:00:00+01:00"
	for _, c := range []struct{ clock, deadline, due string }{
		{"last_day: as_is", "within: 1 month, from: from_at", "2025-02-28"},
		{"month_end: next_first", "within: 1 month, from: from_at", "2025-03-01"},
		{"last_day: as_is", "within: 半年, from: from_at", "2025-07-31"},
		{"last_day: as_is", "within: 2个星期, from: from_at", "2025-02-14"},
		{"last_day: as_is", "within: 1 quarter, from: from_at", "2025-04-30"},
		{"last_day: as_is", "within: 1 year, from: from_at", "2026-01-31"},
		{"last_day: next_working_day", "within: 1 year, from: from_at", "2026-02-02"},
		{"last_day: previous_working_day", "within: 1 year, from: from_at", "2026-01-30"},
		{"first_day: counted, last_day: as_is", "within: 2 days, from: from_at", "2025-02-01"},
		{"clear_days: true", "within: 2 days, from: from_at", "2025-02-03"},
		{"direction: before", "within: 7 days, from: from_at", "2025-01-24"},
		{"at_least: 2 working days", "within: 2 days, from: from_at", "2025-02-04"},
		{"short_excludes_rest: 5 days", "within: 5 days, from: from_at", "2025-02-07"},
		{"short_excludes_rest: 5 days", "within: 6 days, from: from_at", "2025-02-06"},
		{"last_day: as_is", "within: {n: n, unit: weeks}, from: from_at", "2025-02-14"},
		{"last_day: as_is", "within: {n: n, unit: 'n > 1 ? \"months\" : \"days\"'}, from: from_at", "2025-03-31"},
	} {
		a := askAt(t, repair(t, c.clock, c.deadline, false), from, now)
		assert.Equal(t, c.due, shownDue(t, a, "due_date"), "%s %s", c.clock, c.deadline)
	}
	for _, c := range []struct{ clock, deadline, due string }{
		{"first_hour: not_counted", "within: 3 hours, from: from_at", "2025-01-31T14:00:00+01:00"},
		{"first_hour: counted", "within: 90秒, from: from_at", "2025-01-31T10:31:30+01:00"},
		{"first_hour: counted", "within: 3 opening hours, from: from_at", "2025-01-31T14:30:00+01:00"},
		{"hours_run: opening_hours, last_day: as_is", "within: 3 hours, from: from_at", "2025-01-31T14:30:00+01:00"},
		{"calendar: place", "within: 30 opening minutes, from: from_at", "2025-01-31T11:00:00+01:00"},
	} {
		a := askAt(t, repair(t, c.clock, c.deadline, false), from, now)
		assert.Equal(t, c.due, shownDue(t, a, "due"), "%s %s", c.clock, c.deadline)
	}
	a := askAt(t, repair(t, "calendar: place", "within: 1 opening hour, from: from_at", false), `{"from_at": "2025-01-31T10:30:00+01:00", "place": "tokyo"}`, now)
	assert.Equal(t, "2025-02-03T10:00:00+09:00", shownDue(t, a, "due"), "Friday evening in Tokyo; on Monday at ten there")
}

func TestPeriodFromADay(t *testing.T) {
	book := repair(t, "last_day: as_is", "within: 1 month, from: from_on", false)
	a := askAt(t, book, `{"from_on": "2025-01-31"}`, "2025-02-28T23:59:59+01:00")
	assert.Equal(t, "2025-02-28", shownDue(t, a, "due_date"))
	assert.Equal(t, "good", a.Verdict)
	assert.Equal(t, "bad", askAt(t, book, `{"from_on": "2025-01-31"}`, "2025-03-01T00:00:00+01:00").Verdict)
	a = askAt(t, repair(t, "last_day: as_is", "within: 1 hour, from: from_on", false), `{"from_on": "2025-01-31"}`, "2025-02-28T23:59:59+01:00")
	assert.Contains(t, a.Failure().Message.EN, "a day without a time")
}

func TestPauses(t *testing.T) {
	book := repair(t, "first_day: not_counted", "within: 4 opening hours, from: from_at", true)
	one := `{"from_at": "2025-06-11T09:00:00+02:00", "stops": [{"from": "2025-06-11T10:00:00+02:00", "to": "2025-06-11T11:00:00+02:00", "why": "customer"}, {"from": "2025-06-11T10:30:00+02:00", "to": "2025-06-11T11:30:00+02:00", "why": "customer"}, {"from": "2025-06-11T13:00:00+02:00", "to": "2025-06-11T16:00:00+02:00", "why": "us"}]}`
	a := askAt(t, book, one, "2025-06-11T16:00:00+02:00")
	assert.Equal(t, "2025-06-11T15:30:00+02:00", shownDue(t, a, "due"))
	assert.Equal(t, "bad", a.Verdict)
	assert.Contains(t, a.Explain("en"), "standing still for 1 hour 30 minutes (2025-06-11 10:00 to 2025-06-11 11:30), due 2025-06-11 15:30")
	assert.Contains(t, a.Explain("zh"), "其间停钟 1小时30分钟（2025-06-11 10:00 至 2025-06-11 11:30），到期 2025-06-11 15:30")
	assert.Equal(t, []string{"r/1"}, a.Cites)

	open := `{"from_at": "2025-06-11T09:00:00+02:00", "stops": [{"from": "2025-06-11T10:00:00+02:00", "why": "customer"}]}`
	a = askAt(t, book, open, "2025-08-11T16:00:00+02:00")
	assert.Empty(t, shownDue(t, a, "due"))
	assert.Equal(t, "good", a.Verdict)
	_, changes := a.NextChange()
	assert.False(t, changes, "but for the end of the pause")

	a = askAt(t, book, `{"from_at": "2025-06-11T09:00:00+02:00", "stops": [{"to": "2025-06-11T10:00:00+02:00", "why": "customer"}]}`, "2025-06-11T14:30:00+02:00")
	assert.Equal(t, policy.Undetermined, a.Verdict)
	assert.Equal(t, []string{"stops[0].from < r.repair"}, missing(a))
	a = askAt(t, book, `{"from_at": "2025-06-11T09:00:00+02:00", "stops": [{"to": "2025-06-11T10:00:00+02:00", "why": "customer"}]}`, "2025-06-11T16:00:00+02:00")
	assert.Equal(t, "bad", a.Verdict, "it was due at 15:00 even if the pause had begun before it started")
	assert.Equal(t, []string{"stops[0].from < r.repair"}, missing(a), "when exactly it was due")
	assert.Contains(t, a.Explain("en"), "2025-06-11 14:00 at the soonest, 2025-06-11 15:00 at the latest")
	a = askAt(t, book, `{"from_at": "2025-06-11T09:00:00+02:00", "stops": [{"from": "2025-06-11T11:00:00+02:00", "to": "2025-06-11T10:00:00+02:00", "why": "customer"}]}`, "2025-06-11T16:00:00+02:00")
	assert.Contains(t, a.Failure().Message.EN, "before it begins")
}

func TestNextChangeOfAClock(t *testing.T) {
	book := repair(t, "alerts: {half: {at: 50%}, most: {at: 75%, at_risk: true}}", "within: 4 opening hours, from: from_at", true)
	for asOf, next := range map[string]string{
		"2025-06-11T08:00:00+02:00": "2025-06-11T09:00:00+02:00", // it starts
		"2025-06-11T09:00:00+02:00": "2025-06-11T10:00:00+02:00", // it stands still
		"2025-06-11T10:00:00+02:00": "2025-06-11T11:00:00+02:00", // it goes on
		"2025-06-11T11:00:00+02:00": "2025-06-11T12:00:00+02:00", // half of it is used up
		"2025-06-11T12:00:00+02:00": "2025-06-11T14:00:00+02:00", // three quarters
		"2025-06-11T14:00:00+02:00": "2025-06-11T15:00:00.000000001+02:00",
		"2025-06-11T15:00:00+02:00": "2025-06-11T15:00:00.000000001+02:00",
		"2025-06-11T15:00:01+02:00": "",
	} {
		a := askAt(t, book, `{"from_at": "2025-06-11T09:00:00+02:00", "stops": [{"from": "2025-06-11T10:00:00+02:00", "to": "2025-06-11T11:00:00+02:00", "why": "customer"}]}`, asOf)
		require.NoError(t, a.Error)
		got := ""
		if at, ok := a.NextChange(); ok {
			got = at.Format(time.RFC3339Nano)
		}
		assert.Equal(t, next, got, asOf)
	}
}

func TestLengthsThatFactsDecide(t *testing.T) {
	book := repair(t, "last_day: as_is", "within: {n: n, unit: months}, from: from_at", false)
	ask := func(n string) *rulebook.Answer {
		return askAt(t, book, `{"from_at": "2025-01-31T10:30:00+01:00", "n": `+n+`}`, "2025-01-31T11:00:00+01:00")
	}
	assert.Equal(t, "2125-01-31", shownDue(t, ask("1200"), "due_date"))
	for _, n := range []string{"1201", "999999999999999"} {
		assert.Contains(t, ask(n).Failure().Message.EN, "is not from 0 to 1200", n)
	}
	book = repair(t, "calendar: place", "within: 1 opening hour, from: from_at", false)
	a := askAt(t, book, `{"from_at": "2025-01-31T10:30:00+01:00", "place": "nowhere"}`, "2025-01-31T11:00:00+01:00")
	assert.Contains(t, a.Failure().Message.EN, "no opening hours")
}

// An extension of which the law knows no more than the new day.
func TestExtensionByItsNewDay(t *testing.T) {
	text := strings.NewReplacer("CLOCK", "last_day: as_is", "DEADLINE", "within: 2 working days, from: from_at").Replace(repairs) + `
        extensions:
          longer: {zh: 延期, en: longer, part_of: repair, when: from_on != null, new_due_date: from_on}
`
	book := parse(t, text)
	ask := func(facts string) *rulebook.Answer { return askAt(t, book, facts, "2025-06-20T11:00:00+02:00") }
	a := ask(`{"from_at": "2025-06-11T10:30:00+02:00", "from_on": "2025-06-20"}`)
	assert.Equal(t, "2025-06-20", shownDue(t, a, "due_date"))
	assert.Equal(t, "good", a.Verdict)
	a = ask(`{"from_at": "2025-06-11T10:30:00+02:00", "from_on": "2025-06-19"}`)
	assert.Equal(t, "bad", a.Verdict)
	assert.Equal(t, "2025-06-13", shownDue(t, ask(`{"from_at": "2025-06-11T10:30:00+02:00"}`), "due_date"))
	assert.Equal(t, "2025-06-13", shownDue(t, ask(`{"from_at": "2025-06-11T10:30:00+02:00", "from_on": "2025-06-12"}`), "due_date"), "it never shortens")
}
