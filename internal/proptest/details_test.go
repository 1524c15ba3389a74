package proptest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// detailsOf are the details of one type in an answer.
func detailsOf[T any](a *rulebook.Answer) (list []T, rules []*policy.Rule) {
	for _, d := range a.Details() {
		if x, ok := d.Of.(T); ok {
			list, rules = append(list, x), append(rules, d.Rule)
		}
	}
	return list, rules
}

func asked(t *testing.T, question, facts string, options ...rulebook.Option) *rulebook.Answer {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	a, err := book.Ask(context.Background(), question, []byte(facts), options...)
	require.NoError(t, err)
	return a
}

func TestDetailsOfADeadline(t *testing.T) {
	a := asked(t, "time_limit.request", `{"request": {"kind": "install", "area_type": "rural",
		"papers_complete_at": "2025-01-20T09:00:00+08:00", "completed_at": "2025-02-14T10:00:00+08:00",
		"extension": {"reason": "ice", "requested_at": "2025-02-07T09:30:00+08:00", "approved_at": "2025-02-07T16:00:00+08:00",
			"approver_role": "branch_leader_in_charge", "decision": "approved", "new_due_date": "2025-02-12"}}}`)
	lines, rules := detailsOf[sla.Timeline](a)
	require.Len(t, lines, 1)
	line := lines[0]
	assert.Equal(t, "deadline", rules[0].Form.Name)
	assert.Equal(t, sla.Limit{WorkingDays: 10}, line.Deadline.Limit)
	assert.Equal(t, sla.Late, line.Status)
	assert.Equal(t, "2025-02-08", line.Limit.Date.String())
	assert.Equal(t, "2025-02-12", line.Due.Date.String())
	assert.Equal(t, "2025-02-14T10:00:00+08:00", line.Done.Format(time.RFC3339))

	days, err := line.Days(line.Limit.Date-19, line.Due.Date)
	require.NoError(t, err)
	numbered := map[int]string{}
	for _, d := range days {
		numbered[d.Nth] = d.Date.String() + " " + d.Kind.String()
	}
	assert.Equal(t, "2025-01-21 working", numbered[1])
	assert.Equal(t, "2025-01-26 make_up", numbered[5])
	assert.Equal(t, "2025-02-08 make_up", numbered[10])
	assert.Equal(t, "2025-02-12 working", numbered[13])
}

func TestDetailsOfAClockThatRunsAgain(t *testing.T) {
	const facts = `{"request": {"kind": "install", "area_type": "urban",
		"papers_complete_at": "2025-06-09T10:00:00+08:00",
		"customer_failures": [{"type": "contact_failed", "at": "2025-06-11T10:00:00+08:00", "cause": "customer"},
			{"type": "visit_absent", "at": "2025-06-11T15:00:00+08:00", "cause": "customer"}],
		"customer_returned_at": "2025-06-17T10:00:00+08:00"}}`
	asOf := rulebook.AsOf(time.Date(2025, 6, 18, 0, 0, 0, 0, time.UTC))
	lines, _ := detailsOf[sla.Timeline](asked(t, "time_limit.request", facts, asOf))
	require.Len(t, lines, 2)
	assert.True(t, lines[1].Again)
	assert.Empty(t, lines[1].Pauses)
	assert.Equal(t, "2025-06-17T10:00:00+08:00", lines[1].Start.Format(time.RFC3339))
	assert.Equal(t, "2025-06-24", lines[1].Due.Date.String())
	assert.Equal(t, sla.Running, lines[1].Status)

	lines, _ = detailsOf[sla.Timeline](asked(t, "time_limit.request", facts, asOf, rulebook.Reading("deemed.on_return", "resume")))
	require.Len(t, lines, 2)
	again := lines[1]
	require.Len(t, again.Pauses, 1)
	assert.Equal(t, lines[0].Start, again.Start)
	assert.Equal(t, "2025-06-20", again.Due.Date.String())
	days, err := again.Days(again.Due.Date, again.Due.Date)
	require.NoError(t, err)
	assert.Equal(t, 5, days[0].Nth)
}

func TestDetailsOfALadder(t *testing.T) {
	a := asked(t, "accountability.fine", `{"person": "S2", "complaint": {"level": "hall", "substantiated": true, "cause": "service",
		"received_at": "2025-06-18T09:00:00+08:00"}, "prior_in_window": {"hall": 3}, "aggravating": ["retaliation"]}`)
	climbs, rules := detailsOf[penalty.Climb](a)
	require.Len(t, climbs, 1)
	c := climbs[0]
	assert.Equal(t, "ladder", rules[0].Form.Name)
	assert.Equal(t, "hall", c.Step.Level)
	assert.Equal(t, 4, c.Step.Nth)
	assert.Equal(t, 1, c.Step.Row)
	assert.Equal(t, 1, c.Steps)
	assert.True(t, c.Decided)
	final, _ := a.Int("final_fine")
	assert.Equal(t, final, c.Final)
	base, _ := a.Int("base_fine")
	assert.Equal(t, base, c.Step.Base)
}

func TestDetailsOfIndicators(t *testing.T) {
	a := asked(t, "contracting.kpi", `{"area": {"id": "A2", "type": "urban"}, "month": "2025-06", "households_month_end": 9000,
		"complaint_calls_recorded_by_branch": 9, "tickets": {"received": 0, "replied_within_72h": 0, "not_yet_due": 0},
		"satisfaction": {"valid_responses": 200, "satisfied": 199}}`)
	gauges, rules := detailsOf[kpi.Gauge](a)
	require.Len(t, gauges, 3)
	assert.Equal(t, "indicator", rules[0].Form.Name)
	assert.Equal(t, kpi.Ratio{Num: 9, Den: 9000}, gauges[0].Ratio)
	assert.Equal(t, kpi.Below, gauges[0].Bound.Kind)
	assert.Equal(t, kpi.NotMet, gauges[0].Verdict)
	assert.False(t, gauges[1].Ratio.Valid(), "nothing was received")
	assert.Equal(t, kpi.NotApplicable, gauges[1].Verdict)
	assert.Equal(t, int64(9), gauges[0].Count)
	assert.Equal(t, kpi.Whole(9000), gauges[0].Base)
	assert.Equal(t, kpi.Whole(0), gauges[1].Base)
	for _, g := range gauges {
		assert.Equal(t, g.Bound.Met(g.Ratio), g.Verdict == kpi.Met)
	}
}

func TestDetailsWhereThereAreNone(t *testing.T) {
	assert.Empty(t, asked(t, "time_limit.request", `{}`).Details())
	failed := asked(t, "time_limit.request", `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2031-06-09T10:00:00+08:00"}}`)
	require.NotNil(t, failed.Error)
	assert.Empty(t, failed.Details())
}

func TestExcerpt(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	b := book.Rulebook()
	lines := strings.Split(string(b.Source()), "\n")
	for _, r := range b.Rules() {
		text := b.Excerpt(r)
		first, _, _ := strings.Cut(text, "\n")
		assert.True(t, strings.HasPrefix(first, r.Name+":"), first)
		assert.Equal(t, strings.TrimSpace(lines[r.Span.Start.Line-1]), strings.TrimSpace(first))
		assert.NotContains(t, strings.TrimPrefix(text, first), "\n"+r.Name+":")
		for _, other := range r.Article.Rules {
			if other != r {
				assert.NotContains(t, text, "\n"+other.Name+":\n", r.Name)
			}
		}
	}
	rule, _ := b.Rule("install_urban")
	assert.True(t, strings.HasSuffix(b.Excerpt(rule), "from: application_start.value"), b.Excerpt(rule))
}
