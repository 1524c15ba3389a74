package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// starts is a rulebook whose clock starts, and is done, as the test says.
const starts = `
rulebook: {id: starts, title: {zh: 起, en: Starts}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}, calendar: c}
calendars:
  c: {zh: 历, en: calendar, any_year: true}
facts:
  job:
    zh: 事
    en: job
    type: record
    fields:
      at: {zh: 收到时刻, en: received, type: moment}
      on: {zh: 收到日期, en: received on, type: date}
      paid: {zh: 付款时刻, en: paid, type: moment}
      hearing: {zh: 开庭日期, en: hearing, type: date}
      done: {zh: 办结时刻, en: done, type: moment}
      done_on: {zh: 办结日期, en: done on, type: date}
  jobs:
    zh: 各件
    en: jobs
    type: list
    if_absent: empty
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        at: {zh: 收到时刻, en: received, type: moment}
        done: {zh: 办结时刻, en: done, type: moment}
questions:
  one:
    zh: 一件
    en: one
    facts: [job]
    rules: [k]
    verdict: {is: k.status, words: {not_started: {zh: 未起算, en: not started}, running: {zh: 办理中, en: running}, overdue: {zh: 逾期, en: overdue}, on_time: {zh: 按期, en: on time}, late: {zh: 超期, en: late}, deemed_on_time: {zh: 视同, en: deemed}}}
    values: {due: {zh: 到期, en: due, is: k.due}}
  each:
    zh: 逐件
    en: each
    facts: [jobs]
    rules: [ks]
    verdict: {is: '"known"', words: {known: {zh: 知, en: known}}}
    values: {late: {zh: 超时, en: late, is: ks.late}}
regulations:
  r:
    zh: 规
    en: R
    articles:
      "1":
        nature: deadline
        title: {zh: 期限, en: Limit}
        text: {zh: 期限, en: A limit.}
        clocks:
          k: {zh: 计时, en: clock, done: 'DONE'}
          ks: {zh: 逐件计时, en: clocks, each: jobs, id: .id, done: .done}
        deadlines:
          l: {zh: 期限, en: limit, part_of: k, within: 5 days, from: 'FROM'}
          ls: {zh: 期限, en: limit, part_of: ks, within: 5 days, from: .at}
        figures:
          later: {zh: 后到的, en: the later one, quiet: true, is: 'latest(job.at, job.paid)'}
`

// What is refused is an event before an event, not what a rule computes.
func TestStartAndDoneInOrder(t *testing.T) {
	const at, on = `"at":"2025-06-10T10:00:00+08:00"`, `"on":"2025-06-10"`
	for _, test := range []struct{ from, done, facts, earlier, later string }{
		{"job.at", "job.done", at + `,"done":"2025-06-10T10:00:00+08:00"`, "", ""},
		{"job.at", "job.done", at + `,"done":"2025-06-10T09:59:59+08:00"`, "job.at", "job.done"},
		{"job.at", "start_of_day(job.done_on)", at + `,"done_on":"2025-06-10"`, "", ""},
		{"job.at", "start_of_day(job.done_on)", at + `,"done_on":"2025-06-09"`, "job.at", "job.done_on"},
		{"start_of_day(job.on)", "job.done", on + `,"done":"2025-06-10T00:00:00+08:00"`, "", ""},
		{"start_of_day(job.on)", "job.done", on + `,"done":"2025-06-09T23:59:59+08:00"`, "job.on", "job.done"},
		{"start_of_day(job.on)", "start_of_day(job.done_on)", on + `,"done_on":"2025-06-10"`, "", ""},
		{"start_of_day(job.on)", "start_of_day(job.done_on)", on + `,"done_on":"2025-06-09"`, "job.on", "job.done_on"},
		{"start_of_day(date_of(job.at))", "job.done", at + `,"done":"2025-06-10T11:00:00+08:00"`, "", ""},
		{"start_of_day(date_of(job.at))", "job.done", at + `,"done":"2025-06-09T11:00:00+08:00"`, "job.at", "job.done"},
		// Counted from the day after: done on the day itself is early, and no contradiction.
		{"start_of_day(days_after(date_of(job.at), 1))", "job.done", at + `,"done":"2025-06-10T11:00:00+08:00"`, "", ""},
		{"start_of_day(days_after(date_of(job.at), 1))", "job.done", at + `,"done":"2025-06-10T09:00:00+08:00"`, "job.at", "job.done"},
		// From twenty days before a hearing: done before these, or before it, is early.
		{"start_of_day(days_after(job.hearing, -20))", "job.done", `"hearing":"2025-06-30","done":"2025-06-01T09:00:00+08:00"`, "", ""},
		{"start_of_day(days_after(job.hearing, -20))", "job.done", `"hearing":"2025-06-30","done":"2025-06-12T09:00:00+08:00"`, "", ""},
		// Through another rule, and of several the one that it came to.
		{"later.value", "job.done", at + `,"paid":"2025-06-12T10:00:00+08:00","done":"2025-06-11T10:00:00+08:00"`, "job.paid", "job.done"},
		{"later.value", "job.done", at + `,"paid":"2025-06-12T10:00:00+08:00","done":"2025-06-12T10:00:00+08:00"`, "", ""},
		{"latest(job.at, job.paid)", "job.done", at + `,"done":"2025-06-10T09:00:00+08:00"`, "job.at", "job.done"},
		// What has not happened contradicts nothing.
		{"job.at", "job.done", at, "", ""},
		{"job.at", "job.done", `"done":"2025-06-10T09:00:00+08:00"`, "", ""},
	} {
		book, err := rulebook.Parse("starts.yaml", []byte(strings.NewReplacer("FROM", test.from, "DONE", test.done).Replace(starts)))
		require.NoError(t, err, test.from)
		for range 3 { // also from what is remembered of facts that are alike
			a, err := book.Ask(t.Context(), "one", `{"job":{`+test.facts+`},"as_of":"2025-07-01T00:00:00+08:00"}`)
			require.NoError(t, err)
			if test.later == "" {
				assert.Nil(t, a.Error, "%s %s", test.from, test.facts)
				continue
			}
			if assert.NotNil(t, a.Error, "%s %s", test.from, test.facts) {
				assert.Equal(t, policy.CodeOutOfOrder, a.Failure().Code)
				assert.Equal(t, test.later, a.Failure().Fact)
				for _, lang := range []string{"zh", "en"} {
					assert.Contains(t, a.Failure().Message.In(lang), test.earlier)
					assert.Contains(t, a.Failure().Message.In(lang), test.later)
				}
			}
		}
	}
}

func TestElementsInOrder(t *testing.T) {
	book, err := rulebook.Parse("starts.yaml", []byte(strings.NewReplacer("FROM", "job.at", "DONE", "job.done").Replace(starts)))
	require.NoError(t, err)
	a, err := book.Ask(t.Context(), "each", `{"jobs":[
		{"id":"z","at":"2025-06-10T10:00:00+08:00","done":"2025-06-10T10:00:00+08:00"},
		{"id":"a","at":"2025-06-10T10:00:00+08:00","done":"2025-06-10T09:00:00+08:00"}],"as_of":"2025-07-01T00:00:00+08:00"}`)
	require.NoError(t, err)
	require.NotNil(t, a.Error)
	assert.Equal(t, policy.CodeOutOfOrder, a.Failure().Code)
	assert.Equal(t, "jobs[1].done", a.Failure().Fact)
	assert.Contains(t, a.Failure().Message.EN, "received (jobs[1].at)")
}

// Asked before the clock starts, nothing runs yet; the answer will change.
func TestFutureStart(t *testing.T) {
	book, err := rulebook.Parse("starts.yaml", []byte(strings.NewReplacer("FROM", "start_of_day(days_after(job.on, 10))", "DONE", "job.done").Replace(starts)))
	require.NoError(t, err)
	for _, test := range []struct{ facts, asOf, verdict string }{
		{`"on":"2025-06-10"`, "2025-06-19T23:59:59+08:00", "not_started"},
		{`"on":"2025-06-10"`, "2025-06-20T00:00:00+08:00", "running"},
		{`"on":"2025-06-10"`, "2025-06-25T23:59:59+08:00", "running"},
		{`"on":"2025-06-10"`, "2025-06-26T00:00:00+08:00", "overdue"},
		{`"on":"2025-06-10","done":"2025-06-12T00:00:00+08:00"`, "2025-06-13T23:59:59+08:00", "on_time"},
	} {
		a, err := book.Ask(t.Context(), "one", `{"job":{`+test.facts+`},"as_of":"`+test.asOf+`"}`)
		require.NoError(t, err)
		require.Nil(t, a.Error)
		assert.Equal(t, test.verdict, a.Verdict, test.asOf)
		assert.Equal(t, test.verdict == "running" || test.verdict == "not_started", a.Provisional)
		_, known := a.Moment("due")
		assert.True(t, known)
	}
	book, err = rulebook.Parse("starts.yaml", []byte(strings.NewReplacer("FROM", "job.at", "DONE", "job.done").Replace(starts)))
	require.NoError(t, err)
	a, err := book.Ask(t.Context(), "each", `{"jobs":[{"id":"z","at":"2025-06-10T10:00:00+08:00"}],"as_of":"2025-06-01T00:00:00+08:00"}`)
	require.NoError(t, err)
	assert.True(t, a.Provisional, "it is not due yet")
}
