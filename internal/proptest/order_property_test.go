package proptest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// events are moments by the path of the fact; those that are not there did
// not happen.
type events map[string]time.Time

// has reports whether both happened and the second was before the first.
func (e events) wrong(earlier, later string) bool {
	a, aok := e[earlier]
	b, bok := e[later]
	return aok && bok && b.Before(a)
}

// The orders of a request, found by hand: the oracle of what must be refused.
func requestOutOfOrder(kind string, e events) bool {
	for _, pair := range [][2]string{
		{"received_at", "completed_at"}, {"received_at", "customer_returned_at"},
		{"supplement.notice_at", "supplement.lapsed_at"}, {"extension.requested_at", "extension.approved_at"},
	} {
		if e.wrong(pair[0], pair[1]) {
			return true
		}
	}
	start, began := "received_at", []string{"received_at"}
	_, papers := e["papers_complete_at"]
	if kind == "install" {
		start, began = "papers_complete_at", []string{"papers_complete_at", "network_ready_at"}
		if e["network_ready_at"].After(e["papers_complete_at"]) {
			start = "network_ready_at"
		}
		if !papers {
			start = "none"
		}
	}
	if e.wrong(start, "completed_at") {
		return true
	}
	if _, started := e[start]; started {
		for _, later := range []string{"extension.requested_at", "extension.approved_at"} {
			first := start
			for _, b := range began {
				if t, ok := e[b]; ok && t.Before(e[first]) {
					first = b
				}
			}
			if e.wrong(first, later) {
				return true
			}
		}
	}
	// Without papers, an installation is done in time by being done only where
	// it started; so a lapse that was recorded deems it done.
	_, lapsed := e["supplement.lapsed_at"]
	return kind == "install" && !papers && lapsed && e.wrong("supplement.lapsed_at", "customer_returned_at")
}

func TestRandomEventOrders(t *testing.T) {
	book := embedded(t)
	r := rand.New(rand.NewPCG(11, 5))
	paths := []string{
		"received_at", "papers_complete_at", "network_ready_at", "completed_at", "customer_returned_at",
		"supplement.notice_at", "supplement.lapsed_at", "extension.requested_at", "extension.approved_at",
	}
	base := time.Date(2025, 6, 9, 1, 0, 0, 0, time.UTC)
	asOf := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	refused, judged := 0, 0
	n := rounds(3_000, 30_000)
	for range n {
		kind := []string{"fault", "install"}[r.IntN(2)]
		e := events{}
		for i, p := range paths {
			switch r.IntN(4) {
			case 0:
			case 1: // anywhere
				e[p] = base.Add(time.Duration(r.IntN(12)) * 6 * time.Hour)
			default: // as it should be
				e[p] = base.Add(time.Duration(i) * 24 * time.Hour)
			}
		}
		request := map[string]any{"kind": kind, "severity": "ordinary", "area_type": "urban"}
		record := func(name string, fields map[string]any) map[string]any {
			for p, at := range e {
				var field string
				if n, _ := fmt.Sscanf(p, name+".%s", &field); n == 1 {
					fields[field] = at.Format(time.RFC3339)
				}
			}
			return fields
		}
		for p, at := range e {
			request[p] = at.Format(time.RFC3339)
		}
		for p := range e {
			if len(p) > 10 && (p[:10] == "supplement" || p[:9] == "extension") {
				delete(request, p)
			}
		}
		request["supplement"] = record("supplement", map[string]any{"notice_complete": true})
		request["extension"] = record("extension", map[string]any{
			"reason": "x", "approver_role": "branch_leader_in_charge", "decision": "approved", "new_due_date": "2025-07-30",
		})
		a, err := book.Ask(context.Background(), "time_limit.request", map[string]any{"request": request}, rulebook.AsOf(asOf))
		require.NoError(t, err)
		code := ""
		if a.Error != nil {
			code = a.Failure().Code
		}
		if requestOutOfOrder(kind, e) {
			require.Equal(t, policy.CodeOutOfOrder, code, "%s %v", kind, e)
			require.Empty(t, a.Verdict)
			require.Empty(t, a.Breaches)
			refused++
			continue
		}
		require.Empty(t, code, "%s %v: %v", kind, e, a.Error)
		judged++
	}
	require.Greater(t, refused, n/10)
	require.Greater(t, judged, n/10)
}

// A date is in order with every moment of its day, whichever is the earlier
// and wherever the two stand.
const orders = `
rulebook: {id: orders, title: {zh: 次序, en: Orders}, zone: Europe/Berlin, in_force: {from: 2000-01-01}}
facts:
  job:
    zh: 事
    en: job
    type: record
    fields:
      on: {zh: 收文日期, en: received on, type: date}
      at: {zh: 收文时刻, en: received at, type: moment}
      done_on: {zh: 办结日期, en: done on, type: date, not_before: [on, at]}
      done: {zh: 办结时刻, en: done, type: moment, not_before: [on, at]}
  visits:
    zh: 上门
    en: visits
    type: list
    if_absent: empty
    of:
      type: record
      fields:
        planned: {zh: 约定时间, en: planned, type: moment}
        made: {zh: 上门时间, en: made, type: moment, not_before: [planned, job.at]}
        report:
          zh: 报告
          en: report
          type: record
          fields:
            filed: {zh: 报告时间, en: filed, type: date, not_before: visits.made}
  reminders: {zh: 催办, en: reminders, type: list, if_absent: empty, of: {type: date, not_before: job.on}}
  closed: {zh: 结案, en: closed, type: date, not_before: [visits.made, reminders, job.done]}
questions:
  q:
    zh: 问
    en: ask
    facts: [job, visits, reminders, closed]
    rules: [f]
    verdict: {is: '"known"', words: {known: {zh: 知, en: known}}}
    values: {n: {zh: 数, en: number, is: f.value}}
regulations:
  r:
    zh: 规
    en: R
    articles:
      "1":
        nature: procedure
        title: {zh: 一, en: One}
        text: {zh: 一。, en: One.}
        figures:
          f: {zh: 数, en: number, is: len(visits)}
`

func TestDeclaredOrders(t *testing.T) {
	book, err := rulebook.Parse("orders.yaml", []byte(orders))
	require.NoError(t, err)
	for _, test := range []struct{ facts, later, earlier string }{
		{`{job: {on: 2025-06-10, done_on: 2025-06-10}}`, "", ""},
		{`{job: {on: 2025-06-10, done_on: 2025-06-09}}`, "job.done_on", "job.on"},
		{`{job: {on: 2025-06-10, done: '2025-06-10T00:00:00+02:00'}}`, "", ""},
		{`{job: {on: 2025-06-10, done: '2025-06-09T23:59:59+02:00'}}`, "job.done", "job.on"},
		{`{job: {on: 2025-06-10, done: '2025-06-09T22:00:00Z'}}`, "", ""},
		{`{job: {at: '2025-06-10T23:59:59+02:00', done_on: 2025-06-10}}`, "", ""},
		{`{job: {at: '2025-06-11T00:00:00+02:00', done_on: 2025-06-10}}`, "job.done_on", "job.at"},
		{`{job: {at: '2025-06-10T10:00:00+02:00', done: '2025-06-10T08:00:00Z'}}`, "", ""},
		{`{job: {at: '2025-06-10T10:00:00.5+02:00', done: '2025-06-10T10:00:00.4+02:00'}}`, "job.done", "job.at"},
		{`{job: {done: '2025-06-10T10:00:00+02:00'}}`, "", ""},
		{`{job: {at: '2025-06-10T10:00:00+02:00'}, visits: [{made: '2025-06-10T09:00:00+02:00'}]}`, "visits[0].made", "job.at"},
		{`{visits: [{planned: '2025-06-12T10:00:00+02:00', made: '2025-06-13T10:00:00+02:00'}, {planned: '2025-06-12T10:00:00+02:00', made: '2025-06-12T09:00:00+02:00'}]}`, "visits[1].made", "visits[1].planned"},
		{`{visits: [{planned: '2025-06-12T10:00:00+02:00'}, {made: '2025-06-11T09:00:00+02:00'}]}`, "", ""},
		{`{visits: [{made: '2025-06-11T09:00:00+02:00', report: {filed: 2025-06-11}}]}`, "", ""},
		{`{visits: [{made: '2025-06-11T09:00:00+02:00', report: {filed: 2025-06-10}}]}`, "visits[0].report.filed", "visits[0].made"},
		{`{job: {on: 2025-06-10}, reminders: [2025-06-12, 2025-06-09]}`, "reminders[", "job.on"},
		{`{reminders: [2025-06-12, 2025-06-09], closed: 2025-06-11}`, "closed", "reminders["},
		{`{visits: [{made: '2025-06-11T09:00:00+02:00'}, {made: '2025-06-13T09:00:00+02:00'}], closed: 2025-06-12}`, "closed", "visits[1].made"},
		{`{visits: [{made: '2025-06-11T09:00:00+02:00'}, {made: '2025-06-12T23:00:00+02:00'}], closed: 2025-06-12}`, "", ""},
	} {
		facts, found := source.Parse("facts.yaml", []byte(test.facts))
		require.NotNil(t, facts, "%v", found)
		a, err := book.Ask(context.Background(), "q", facts)
		require.NoError(t, err, test.facts)
		if test.later == "" {
			assert.Nil(t, a.Error, test.facts)
			assert.Equal(t, "known", a.Verdict)
			continue
		}
		if assert.NotNil(t, a.Error, test.facts) {
			assert.Equal(t, policy.CodeOutOfOrder, a.Failure().Code)
			assert.Contains(t, a.Failure().Fact, test.later)
			for _, lang := range []string{"zh", "en"} {
				assert.Contains(t, a.Failure().Message.In(lang), test.later, test.facts)
				assert.Contains(t, a.Failure().Message.In(lang), test.earlier, test.facts)
			}
		}
	}
}
