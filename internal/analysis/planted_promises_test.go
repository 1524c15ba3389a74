package analysis_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
)

// A broken promise is a careless edit of a rulebook, and the promise that does not
// hold any more.
type brokenPromise struct {
	book    string
	was, is string
	promise string
	value   string // of the answer, whose JSON is shown before and, where it takes a rise, after it
	shows   string // what it begins with, in the answers to the facts
}

var brokenPromises = []brokenPromise{
	{"rules.yaml", `is: complaint.substantiated and complaint.cause == "service"`, `is: complaint.cause == "service"`, "no_fine_unsubstantiated", "final_fine", ""},
	{"rules.yaml", `complaint.cause == "service" and complaint.level != "frontline"`, `complaint.level != "frontline"`, "only_service_is_fined", "final_fine", ""},
	{"rules.yaml", "rows: [{from: 1, amount: 200}]", "rows: [{from: 1, amount: 20}]", "higher_level_never_cheaper", "base_fine", ""},
	{"rules.yaml", "            exempt: circumstances.exempt\n            undecided", "            undecided", "exempt_is_free", "final_fine", ""},
	{"rules.yaml", "              allowed:\n                by: hearing.no_show\n                proceed_after_notice: hearing == null or", "              allowed:\n                by: hearing.no_show\n                proceed_after_notice: hearing != null and", "no_penalty_unheard", "allowed", "true"},
	{"rules.yaml", "blocks_if: decider.id == person", `blocks_if: decider.id == person and decider.role == "branch"`, "decider_is_not_the_subject", "allowed", "true"},
	{"rules.yaml", `holds: fault != "none"`, `holds: fault != "negligence"`, "no_fault_not_accountable", "accountable", "true"},
	{"rules.yaml", "            when: breaks_law\n", "            when: breaks_law and severity == \"severe\"\n", "law_is_always_referred", "referral", "null"},
	{"rules.yaml", `'corrected ? "close" : persuaded ? "report_to_leader" : "persuade"'`, `'persuaded ? "report_to_leader" : corrected ? "close" : "persuade"'`, "corrected_is_not_reported", "next", `"report_to_leader"`},
	{"rules.yaml", "met: patrols > 0", "met: patrols == 1", "more_patrols_never_worse", "verdict", ""},
	{"rules.yaml", "branch_phone_log: complaint_calls_recorded_by_branch\n                all_channels", "branch_phone_log: 1000 - complaint_calls_recorded_by_branch\n                all_channels", "more_calls_never_better", "complaint_rate.result", ""},
	{"rules.yaml", "            below: 0.1%", "            above: 0.1%", "more_households_never_worse", "complaint_rate.result", ""},
	{"rules.yaml", "            above: 99%", "            below: 99%", "more_satisfied_never_worse", "satisfaction_rate.result", ""},
	{"rules.yaml", "            count: tickets.replied_within_72h", "            count: tickets.received - tickets.replied_within_72h", "more_replies_never_worse", "ticket_reply_rate.result", ""},
	{"rules.yaml", "status: {is: request_clock.status}", `status: {zh: 状态, en: status, is: 'request_clock.status == "late" ? "on_time" : request_clock.status == "on_time" ? "late" : request_clock.status', words: {late: {zh: 迟, en: late}, on_time: {zh: 准时, en: on time}}}`, "later_never_better", "status", `"`},
	{"examples/rulebooks/cloud-sla.yaml", `is: "least(usage.charge * level.percent / 100, left.value)"`, `is: usage.charge * level.percent / 50`, "never_more_than_the_charge", "credit", ""},
	{"examples/rulebooks/cloud-sla.yaml", "kept: no}, gives: {percent: 10}}", "kept: no}, gives: {percent: 50}}", "more_downtime_never_cheaper", "percent", "50"},
	{"examples/rulebooks/ofcom.yaml", `fault.cause in ["customer", "law"]`, `fault.cause in ["law"]`, "customer_fault_is_not_paid", "compensation", ""},
	{"examples/rulebooks/ofcom.yaml", "missed.value and not appointment.customer_absent ? visit_missed", "missed.value ? visit_missed", "absent_is_not_paid", "compensation", ""},
}

// Each is found: the engine's own answers to the facts that are shown break it.
func TestBrokenPromisesAreFound(t *testing.T) {
	for _, b := range brokenPromises {
		t.Run(b.promise, func(t *testing.T) {
			t.Parallel()
			text := read(t, b.book)
			require.Equal(t, 1, strings.Count(text, b.was), b.was)
			book, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(text, b.was, b.is, 1)))
			require.NoError(t, err)
			r, err := analysis.Promises(t.Context(), run.Of(book), analysis.Options{Questions: []string{questionOf(t, book, b.promise)}})
			require.NoError(t, err)
			var found *analysis.PromiseResult
			for i := range r.Promises {
				if p := &r.Promises[i]; p.Name == b.promise {
					found = p
				}
			}
			require.NotNil(t, found)
			require.Equal(t, analysis.Refuted, found.State, "tried %d", found.Tried)
			require.NotEmpty(t, r.Standing())
			first := valueIn(t, book, found.Question, found.Facts, b.value)
			assert.True(t, strings.HasPrefix(first, b.shows), first)
			if found.Risen == nil {
				return
			}
			assert.NotEqual(t, first, valueIn(t, book, found.Question, found.Risen, b.value), "%s\n%s", found.Facts, found.Risen)
		})
	}
}

// valueIn is what the engine answers, as JSON.
func valueIn(t *testing.T, book *rulebook.Book, question string, facts json.RawMessage, name string) string {
	t.Helper()
	a, err := book.Ask(context.Background(), question, []byte(facts))
	require.NoError(t, err)
	require.NoError(t, a.Error)
	if name == "verdict" {
		return a.Verdict
	}
	v, ok := a.Value(name)
	require.True(t, ok, name)
	return string(v.AppendJSON(nil))
}

// questionOf is the question that a promise is about.
func questionOf(t *testing.T, book *rulebook.Book, promise string) string {
	t.Helper()
	for _, p := range run.Of(book).Book().Promises {
		if p.Name == promise {
			return p.Question
		}
	}
	require.Fail(t, "no promise "+promise)
	return ""
}
