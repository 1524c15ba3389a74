package service

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// Time moves what is on record, a later record of the same facts and more
// carries a matter on, and a server that starts anew finds the same.
func TestStanding(t *testing.T) {
	ctx := context.Background()
	rules, err := live.Open(ctx, live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	zone := time.FixedZone("", 8*60*60)
	at := func(day, hour int) time.Time { return time.Date(2025, 6, day, hour, 0, 0, 0, zone) }
	now := at(10, 9)
	store, err := record.Open(ctx, postgrestest.Place(t, filepath.Join(t.TempDir(), "rulebook.db")), record.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	s := New(rules, store, nil)
	put := func(question, facts string) string {
		t.Helper()
		done, err := s.Record(ctx, Asking{Question: question, Facts: []byte(facts)}, Once{})
		require.NoError(t, err)
		return done.Entry.ID()
	}
	standing := func() map[string]*Matter {
		t.Helper()
		known, err := s.Standing(ctx)
		require.NoError(t, err)
		assert.Zero(t, known.Behind)
		anew, err := New(rules, store, nil).Standing(ctx)
		require.NoError(t, err)
		all := map[string]*Matter{}
		for i := range known.Matters {
			m := &known.Matters[i]
			all[m.ID] = m
			require.Greater(t, len(anew.Matters), i, "a server that starts anew")
			assert.Equal(t, m.ID, anew.Matters[i].ID)
			assert.Equal(t, m.Overdue(), anew.Matters[i].Overdue())
		}
		assert.Len(t, anew.Matters, len(known.Matters))
		return all
	}
	assert.Empty(t, standing())

	const install = `"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00"`
	first := put("time_limit.request", `{"request":{`+install+`,"direct":"S1"}}`)
	other := put("time_limit.request", `{"request":{`+install+`,"direct":"S2"}}`)
	m := standing()[first]
	require.NotNil(t, m)
	assert.False(t, m.Overdue())
	left, runs := m.Left(now)
	assert.True(t, runs)
	assert.WithinDuration(t, at(17, 0), now.Add(left), time.Second, "until the end of the 16th")
	assert.Equal(t, `"S1"`, m.Given["request.direct"])
	assert.NotContains(t, m.Given, "request.network_ready", "nobody gave it")

	now = at(16, 23)
	assert.False(t, standing()[first].Overdue())
	now = at(17, 0)
	assert.True(t, standing()[first].Overdue(), "by time alone")
	assert.Len(t, standing(), 2)

	put("time_limit.request", `{"request":{`+install+`,"direct":"S1"},"explained":true}`)
	assert.NotContains(t, standing(), first, "carried on")
	assert.Len(t, standing(), 2)
	now = at(17, 10)
	put("time_limit.request", `{"request":{`+install+`,"direct":"S1","completed_at":"2025-06-17T09:00:00+08:00"},"explained":true}`)
	assert.Len(t, standing(), 1, "done")
	assert.Contains(t, standing(), other)

	// two of the same kind, of which one is done
	put("time_limit.request", `{"request":{`+install+`}}`)
	assert.Contains(t, standing(), other, "whose it is was said")
	assert.Len(t, standing(), 2)

	open := put("accountability.fine", `{"person":"S3","complaint":{"level":"hall","cause":"service"},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`)
	assert.Equal(t, policy.Undetermined, standing()[open].Verdict)
	assert.NotEmpty(t, standing()[open].Missing)
	fine := put("accountability.fine", `{"person":"S3","complaint":{"level":"hall","cause":"service","substantiated":true},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`)
	assert.NotContains(t, standing(), open)
	assert.Equal(t, []Amount{{Number: 20, Unit: policy.Text{ZH: "元", EN: "yuan"}}}, standing()[fine].Amounts)
	put("accountability.fine", `{"person":"S4","complaint":{"level":"hall","cause":"service","substantiated":false},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`)
	assert.Len(t, standing(), 3, "nothing to decide")

	vague := put("time_limit.request", `{"request":{"kind":"install"}}`)
	idle := put("time_limit.request", `{"request":{"kind":"install","area_type":"urban"}}`)
	assert.Contains(t, standing(), vague, "nothing says whose it is, or when")
	assert.Contains(t, standing(), idle, "its clock has not started")
	assert.Len(t, standing(), 5)

	now = now.AddDate(1, 0, 1)
	assert.NotContains(t, standing(), fine, "not watched for ever")
	assert.Contains(t, standing(), other, "but what is overdue is")

	tallies, err := store.Tallies(ctx, at(1, 0), at(17, 5))
	require.NoError(t, err)
	assert.Equal(t, []record.Tally{{Question: "time_limit.request", Verdict: "overdue", Records: 1}, {Question: "time_limit.request", Verdict: "running", Records: 2}}, tallies)
}

// Whoever waits for another one's look at what is not settled waits no longer than
// his own request lasts, and the next one gets his turn.
func TestStandingWaitsNoLongerThanTheRequest(t *testing.T) {
	rules, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), record.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	s := New(rules, store, nil)
	require.NoError(t, s.watch.turn.wait(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Standing(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = s.due(ctx)
	require.ErrorIs(t, err, context.Canceled)
	s.watch.turn.give()
	_, err = s.Standing(t.Context())
	require.NoError(t, err)
}
