package proptest_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// bound asks about a struct, and about it as a row of columns where its fields
// are tagged one by one.
func bound[T any](t *testing.T, question string, facts T, options ...rulebook.Option) string {
	t.Helper()
	ask, err := rulebook.Bind[T](embedded(t), question)
	require.NoError(t, err)
	a, err := ask.Decide(facts, options...)
	require.NoError(t, err)
	text := string(a.AppendJSON(nil, true))
	columns, v := map[string]any{}, reflect.ValueOf(facts)
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("rulebook")
		if tag == "" {
			return text
		}
		column := reflect.MakeSlice(reflect.SliceOf(v.Field(i).Type()), 2, 2)
		column.Index(1).Set(v.Field(i))
		columns[tag] = column.Interface()
	}
	table, err := rulebook.Columns(embedded(t), question, columns)
	require.NoError(t, err)
	a, err = table.Decide(1, options...)
	require.NoError(t, err)
	assert.Equal(t, text, string(a.AppendJSON(nil, true)), "as a row of columns")
	return text
}

func askedText(t *testing.T, question, facts string, options ...rulebook.Option) string {
	t.Helper()
	a, err := embedded(t).Ask(t.Context(), question, facts, options...)
	require.NoError(t, err)
	return string(a.AppendJSON(nil, true))
}

// What a record holds, and whether there is one, does not depend on how a
// struct is nested.
func TestRecordsOfEveryShape(t *testing.T) {
	const question = "time_limit.request"
	now, papers, received := rulebook.AsOf(day(30, 9)), day(1, 9), day(9, 9)
	overdue := askedText(t, question, `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-01T09:00:00+08:00"}}`, now)
	require.Contains(t, overdue, `"verdict":"overdue"`)

	type request struct {
		Kind   string     `rulebook:"kind"`
		Area   string     `rulebook:"area_type"`
		Papers time.Time  `rulebook:"papers_complete_at"`
		Done   *time.Time `rulebook:"completed_at"`
	}
	install := request{Kind: "install", Area: "urban", Papers: papers}
	type Base struct {
		Kind   string     `rulebook:"request.kind"`
		Area   string     `rulebook:"request.area_type"`
		Papers time.Time  `rulebook:"request.papers_complete_at"`
		Done   *time.Time `rulebook:"request.completed_at"`
	}
	base := Base{Kind: "install", Area: "urban", Papers: papers}
	type supplement struct {
		Notice time.Time `rulebook:"notice_at"`
	}
	for name, got := range map[string]string{
		"by value": bound(t, question, struct {
			Request request `rulebook:"request"`
		}{install}, now),
		"by pointer": bound(t, question, struct {
			Request *request `rulebook:"request"`
		}{&install}, now),
		"known": bound(t, question, struct {
			Request rulebook.Known[request] `rulebook:"request"`
		}{rulebook.Is(install)}, now),
		"flat":            bound(t, question, base, now),
		"embedded":        bound(t, question, struct{ Base }{base}, now),
		"embedded by ptr": bound(t, question, struct{ *Base }{&base}, now),
		"looked through":  bound(t, question, struct{ Meta struct{ Deeper *Base } }{struct{ Deeper *Base }{&base}}, now),
		"an extension that is not there, flat": bound(t, question, struct {
			Base
			Reason string    `rulebook:"request.extension.reason"`
			Asked  time.Time `rulebook:"request.extension.requested_at"`
			Times  *int      `rulebook:"request.extension.times"`
		}{Base: base}, now),
		"an extension that is not there, dotted by value": bound(t, question, struct {
			Request struct {
				request
				Reason   string                    `rulebook:"extension.reason"`
				Decision rulebook.Known[string]    `rulebook:"extension.decision"`
				Asked    rulebook.Known[time.Time] `rulebook:"extension.requested_at"`
			} `rulebook:"request"`
		}{struct {
			request
			Reason   string                    `rulebook:"extension.reason"`
			Decision rulebook.Known[string]    `rulebook:"extension.decision"`
			Asked    rulebook.Known[time.Time] `rulebook:"extension.requested_at"`
		}{request: install, Asked: rulebook.None[time.Time]()}}, now),
		"an extension that is not there, by value": bound(t, question, struct {
			Base
			Extension  struct{ prolongation } `rulebook:"request.extension"`
			Supplement supplement             `rulebook:"request.supplement"`
		}{Base: base}, now),
		"an extension that is not there, in what is not there": bound(t, question, struct {
			Base
			More *struct {
				Reason string `rulebook:"request.extension.reason"`
				Times  int    `rulebook:"request.extension.times"`
			}
		}{Base: base}, now),
	} {
		assert.Equal(t, overdue, got, name)
	}

	valid := `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T09:00:00+08:00", "extension": {"reason": "flood",
		"requested_at": "2025-06-10T09:00:00+08:00", "approved_at": "2025-06-10T10:00:00+08:00", "approver_role": "branch_leader_in_charge",
		"decision": "approved", "new_due_date": "2025-07-30"}}}`
	running := askedText(t, question, valid, now)
	require.Contains(t, running, `"verdict":"running"`)
	type dotted struct {
		Kind     string                 `rulebook:"kind"`
		Area     string                 `rulebook:"area_type"`
		Papers   time.Time              `rulebook:"papers_complete_at"`
		Decision rulebook.Known[string] `rulebook:"extension.decision"`
		Reason   string                 `rulebook:"extension.reason"`
		Asked    time.Time              `rulebook:"extension.requested_at"`
		Approved time.Time              `rulebook:"extension.approved_at"`
		By       string                 `rulebook:"extension.approver_role"`
		Until    *struct {
			Date rulebook.Known[*date.Date] `rulebook:"extension.new_due_date"`
		}
	}
	until := date.New(2025, 7, 30)
	prolonged := dotted{Kind: "install", Area: "urban", Papers: received, Decision: rulebook.Is("approved"), Reason: "flood", Asked: day(10, 9), Approved: day(10, 10), By: "branch_leader_in_charge"}
	prolonged.Until = &struct {
		Date rulebook.Known[*date.Date] `rulebook:"extension.new_due_date"`
	}{rulebook.Is(&until)}
	for name, got := range map[string]string{
		"by value": bound(t, question, struct {
			Request dotted `rulebook:"request"`
		}{prolonged}, now),
		"by pointer": bound(t, question, struct {
			Request *dotted `rulebook:"request"`
		}{&prolonged}, now),
		"known": bound(t, question, struct {
			Request rulebook.Known[**dotted] `rulebook:"request"`
		}{rulebook.Is(ptr(&prolonged))}, now),
	} {
		assert.Equal(t, running, got, name)
	}
}

func ptr[T any](v T) *T { return &v }
