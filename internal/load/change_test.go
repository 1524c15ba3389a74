package load_test

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/policy"
)

// An editor shortens a limit and changes a reading for the next year. Cases of
// this year keep their answers, those of the next get the new ones.
const changeForNextYear = `
changes:
  regulations.time_limit.articles."6".deadlines.install_urban.within: "{by: date, 2011-05-20: 5 working days, 2026-01-01: 4 working days}"
  readings."ladder.hall_boundary".chosen: "{by: date, 2011-05-20: gt3, 2026-01-01: ge3}"
cases:
  - name: papers complete in the old year
    question: time_limit.request
    facts: {request: {kind: install, area_type: urban, papers_complete_at: '2025-12-29T10:00:00+08:00'}, as_of: '2026-01-05T09:00:00+08:00'}
    expect: {due_date: '2026-01-06', status: running}
  - name: asked about long after
    question: time_limit.request
    facts: {request: {kind: install, area_type: urban, papers_complete_at: '2025-12-29T10:00:00+08:00', completed_at: '2026-01-06T17:00:00+08:00'}, as_of: '2026-11-05T09:00:00+08:00'}
    expect: {due_date: '2026-01-06', status: on_time}
  - name: papers complete in the new year
    question: time_limit.request
    facts: {request: {kind: install, area_type: urban, papers_complete_at: '2026-01-05T10:00:00+08:00'}, as_of: '2026-01-05T11:00:00+08:00'}
    expect: {due_date: '2026-01-09', status: running}
  - name: received in the old year, papers complete in the new
    question: time_limit.request
    facts: {request: {kind: install, area_type: urban, received_at: '2025-12-29T10:00:00+08:00', papers_complete_at: '2026-01-05T10:00:00+08:00'}, as_of: '2026-01-05T11:00:00+08:00'}
    expect: {due_date: '2026-01-09'}
  - name: counted from receipt
    question: time_limit.request
    readings: {time_limit.clock_start: receipt}
    facts: {request: {kind: install, area_type: urban, received_at: '2025-12-29T10:00:00+08:00', papers_complete_at: '2026-01-05T10:00:00+08:00'}, as_of: '2026-01-05T11:00:00+08:00'}
    expect: {due_date: '2026-01-06'}
  - name: the third complaint of the old year
    question: accountability.fine
    facts: &complaint {person: S1, complaint: {level: hall, form: complaint, substantiated: true, cause: service, received_at: '2025-12-31T23:59:59+08:00'}, prior_in_window: {hall: 2, branch: 0, county_or_above: 0}}
    expect: {nth: 3, final_fine: 20}
  - name: the third complaint of the new year
    question: accountability.fine
    facts: {person: S1, complaint: {level: hall, form: complaint, substantiated: true, cause: service, received_at: '2026-01-01T00:00:00+08:00'}, prior_in_window: {hall: 2, branch: 0, county_or_above: 0}}
    expect: {nth: 3, final_fine: 50}
  - name: the reading chosen by the caller
    question: accountability.fine
    readings: {ladder.hall_boundary: gt3}
    facts: {person: S1, complaint: {level: hall, form: complaint, substantiated: true, cause: service, received_at: '2026-01-01T00:00:00+08:00'}, prior_in_window: {hall: 2, branch: 0, county_or_above: 0}}
    expect: {nth: 3, final_fine: 20}
  - name: nothing says when
    question: accountability.fine
    facts: {person: S1, complaint: {level: hall, form: complaint, substantiated: true, cause: service}, prior_in_window: {hall: 2, branch: 0, county_or_above: 0}}
    expect: {verdict: undetermined, missing_facts: [complaint.received_at]}
`

func changed(t *testing.T) (before, after *rulebook.Book, cases []*casefile.Case) {
	t.Helper()
	before, err := rulebook.Load("../../rules.yaml")
	require.NoError(t, err)
	f, found := casefile.Parse("change.yaml", []byte(strings.Replace(changeForNextYear, "&complaint ", "", 1)))
	require.NotNil(t, f, "%v", found)
	after, err = casefile.Book(before, f)
	require.NoError(t, err)
	return before, after, f.Cases
}

func TestChangeForNextYear(t *testing.T) {
	_, after, cases := changed(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			result := casefile.Run(context.Background(), after, c)
			assert.Empty(t, result.Mismatches)
		})
	}
}

// saysWhen are the facts whose day picks the edition.
var saysWhen = map[string]bool{"as_of": true, "complaint.received_at": true, "complaints": true, "request.received_at": true, "request.papers_complete_at": true}

// No case of an earlier year has another answer. Those that do not say when
// they happened now need to, where the answer depends on it.
func TestEarlierCasesKeepTheirAnswers(t *testing.T) {
	before, after, _ := changed(t)
	dir := os.DirFS("../../examples/cases")
	files, err := fs.Glob(dir, "*.yaml")
	require.NoError(t, err)
	same, undated := 0, 0
	for _, name := range files {
		data, err := fs.ReadFile(dir, name)
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(t, f, "%v", found)
		if len(f.Changes) > 0 {
			continue
		}
		for _, c := range f.Cases {
			old, now := casefile.Run(context.Background(), before, c), casefile.Run(context.Background(), after, c)
			if now.Answer != nil && slices.ContainsFunc(now.Answer.MissingFacts, func(m policy.MissingFact) bool { return saysWhen[m.Fact] && m.NeededBy == c.Question }) {
				undated++
				assert.NotContains(t, factsText(t, name, data, c), "202", "%s: %s", name, c.Name)
				continue
			}
			same++
			assert.Equal(t, old.Mismatches, now.Mismatches, "%s: %s", name, c.Name)
			assert.Equal(t, withoutStamp(old), withoutStamp(now), "%s: %s", name, c.Name)
		}
	}
	t.Logf("%d cases have the same answer, %d must now say when they happened", same, undated)
	assert.Greater(t, same, 80)
	assert.Less(t, undated, 40)
}

// factsText is how the facts of a case stand in its file.
func factsText(t *testing.T, name string, data []byte, c *casefile.Case) string {
	t.Helper()
	require.Greater(t, c.Facts.End, c.Facts.Start, name)
	return string(data[c.Facts.Start:c.Facts.End])
}

// withoutStamp is the answer in JSON, less which rulebook gave it.
func withoutStamp(r *casefile.Result) string {
	if r.Answer == nil {
		return ""
	}
	a := *r.Answer
	a.Rulebook = policy.Stamp{}
	return string(a.AppendJSON(nil, true))
}
