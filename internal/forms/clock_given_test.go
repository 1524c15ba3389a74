package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

func TestDueThatIsGiven(t *testing.T) {
	day := repair(t, "calendar: office, last_day: as_is, last_day_ends: \"18:00\"", "due: from_on", false)
	moved := repair(t, "calendar: office, last_day: next_working_day", "due: from_on", false)
	moment := repair(t, "calendar: office", "due: 'from_at + hours(n)', from: from_at", false)
	movedMoment := repair(t, "calendar: office, last_day: next_working_day", "due: from_at", false)
	tokyo := repair(t, "calendar: tokyo", "due: from_on", false)
	for _, c := range []struct {
		book             *rulebook.Book
		facts, asOf      string
		due, status, net string
	}{
		{day, `{"from_on": "2025-06-07"}`, "2025-06-07T18:00:00+02:00", "2025-06-07T18:00:00+02:00", "good", "2025-06-07T18:00:00.000000001+02:00"},
		{day, `{"from_on": "2025-06-07"}`, "2025-06-07T18:00:01+02:00", "2025-06-07T18:00:00+02:00", "bad", ""},
		{moved, `{"from_on": "2025-06-07"}`, "2025-06-09T23:59:59+02:00", "2025-06-09T23:59:59+02:00", "good", "2025-06-10T00:00:00+02:00"},
		{moved, `{"from_on": "2025-06-07"}`, "2025-06-10T00:00:00+02:00", "2025-06-09T23:59:59+02:00", "bad", ""},
		{moment, `{"from_at": "2025-06-07T10:00:00+02:00", "n": 3}`, "2025-06-07T13:00:00+02:00", "2025-06-07T13:00:00+02:00", "good", "2025-06-07T13:00:00.000000001+02:00"},
		{moment, `{"from_at": "2025-06-07T10:00:00+02:00", "n": 3}`, "2025-06-07T13:00:01+02:00", "2025-06-07T13:00:00+02:00", "bad", ""},
		{movedMoment, `{"from_at": "2025-06-07T10:00:00+02:00"}`, "2025-06-07T13:00:01+02:00", "2025-06-09T10:00:00+02:00", "good", "2025-06-09T10:00:00.000000001+02:00"},
		{tokyo, `{"from_on": "2025-06-07"}`, "2025-06-07T16:59:59+02:00", "2025-06-07T23:59:59+09:00", "good", "2025-06-07T17:00:00+02:00"},
		{tokyo, `{"from_on": "2025-06-07"}`, "2025-06-07T17:00:00+02:00", "2025-06-07T23:59:59+09:00", "bad", ""},
	} {
		a := askAt(t, c.book, c.facts, c.asOf)
		assert.Equal(t, c.due, shownDue(t, a, "due"), "%s %s", c.facts, c.asOf)
		assert.Equal(t, c.status, a.Verdict, "%s %s", c.facts, c.asOf)
		next, ok := a.NextChange()
		require.Equal(t, c.net != "", ok, "%s %s", c.facts, c.asOf)
		if ok {
			assert.Equal(t, c.net, next.Format("2006-01-02T15:04:05.999999999Z07:00"))
		}
	}
	a := askAt(t, moved, `{"from_on": "2025-06-07"}`, "2025-06-08T00:00:00+02:00")
	assert.Contains(t, a.Explain("en"), "limit: due 2025-06-09 (it would end 2025-06-07, and moves on) (r/1)")
	a = askAt(t, moment, `{"from_at": "2025-06-07T10:00:00+02:00", "n": 3}`, "2025-06-07T09:00:00+02:00")
	assert.Contains(t, a.Explain("en"), "limit: due 2025-06-07 13:00 (2025-06-07 10:00 + 3 hours = 2025-06-07 13:00 (start + 3 hours)) (r/1)")
	assert.Contains(t, a.Explain("zh"), "期限：到期 2025-06-07 13:00（")
	assert.Contains(t, a.Explain("en"), "not started")
}

func TestDueThatIsGivenOfPartialFacts(t *testing.T) {
	book := repair(t, "calendar: office", "due: 'from_at + hours(n)'", false)
	a := askAt(t, book, `{}`, "2025-06-07T13:00:01+02:00")
	assert.Equal(t, "good", a.Verdict, "none has begun to run")
	assert.Contains(t, a.Explain("en"), "the clock has not started")
}

func TestDueThatIsGivenWarnsAndExtends(t *testing.T) {
	book := parse(t, `
rulebook: {id: repairs, title: {zh: 维修, en: repairs}, zone: Europe/Berlin, in_force: {from: 2024-01-01}}
facts:
  promised_on: {zh: 约定日, en: promised day, type: date, if_null: unknown}
  later_on: {zh: 新约定日, en: new day, type: date}
questions:
  repair:
    zh: 维修
    en: repair
    facts: [promised_on, later_on]
    rules: [repair]
    verdict: {is: repair.status, words: status}
    values: {due: {zh: 到期, en: due, is: repair.due_date}, warned: {zh: 提醒, en: alert, is: repair.day_before}}
words:
  status: {not_started: {zh: 未起算, en: not started}, running: {zh: 办理中, en: running}, overdue: {zh: 逾期未办, en: overdue}, on_time: {zh: 按期, en: on time}, late: {zh: 超期, en: late}, at_risk: {zh: 临近, en: at risk}}
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
          repair: {zh: 维修, en: repair, done: 'null', alerts: {day_before: {before: 1 day, at_risk: true}}}
        deadlines:
          limit: {zh: 期限, en: limit, part_of: repair, due: promised_on}
        extensions:
          later: {zh: 延期, en: extension, part_of: repair, when: later_on != null, new_due_date: later_on}
`)
	for _, c := range []struct{ facts, asOf, verdict, due string }{
		{`{"promised_on": "2025-06-07"}`, "2025-06-05T23:59:59+02:00", "running", "2025-06-07"},
		{`{"promised_on": "2025-06-07"}`, "2025-06-06T00:00:00+02:00", "at_risk", "2025-06-07"},
		{`{"promised_on": "2025-06-07", "later_on": "2025-06-09"}`, "2025-06-09T23:59:59+02:00", "running", "2025-06-09"},
		{`{"promised_on": "2025-06-07", "later_on": "2025-06-09"}`, "2025-06-10T00:00:00+02:00", "overdue", "2025-06-09"},
		{`{"promised_on": "2025-06-07", "later_on": "2025-06-01"}`, "2025-06-07T23:59:59+02:00", "at_risk", "2025-06-07"},
		{`{"later_on": "2025-06-09"}`, "2025-06-10T00:00:00+02:00", "not_started", ""},
	} {
		a := askAt(t, book, c.facts, c.asOf)
		assert.Equal(t, c.verdict, a.Verdict, "%s %s", c.facts, c.asOf)
		assert.Equal(t, c.due, shownDue(t, a, "due"), "%s %s", c.facts, c.asOf)
	}
	a := askAt(t, book, `{"promised_on": null}`, "2025-06-10T00:00:00+02:00")
	assert.Equal(t, "undetermined", a.Verdict)
	assert.Equal(t, []string{"promised_on < r.repair"}, missing(a))
}

func TestDueThatIsGivenIsChecked(t *testing.T) {
	for _, c := range []struct{ clock, deadline, code, en string }{
		{"calendar: office", "due: from_at, within: 1 day, from: from_at", "deadline_unclear", "either within or due"},
		{"calendar: office", "from: from_at", "missing_key", "when it is due"},
		{"calendar: office", "within: 1 day", "missing_key", "its start"},
		{"calendar: office, alerts: {half: {at: 50%}}", "due: from_at", "due_has_no_length", "percentage"},
		{"calendar: office, returned: from_at", "due: from_at", "due_has_no_length", "run again"},
		{"calendar: office", "due: n", "wrong_result", "moment"},
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(strings.NewReplacer("CLOCK", c.clock, "DEADLINE", c.deadline).Replace(repairs)))
		var found diagnostic.List
		require.ErrorAs(t, err, &found, c.deadline)
		require.NotEmpty(t, found)
		assert.Equal(t, c.code, found[0].Code, "%s %s", c.clock, c.deadline)
		assert.Contains(t, found[0].Message.EN+" "+found[0].Remedy.EN, c.en)
	}
}
