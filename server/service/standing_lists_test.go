package service

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/sla"
)

// watched is a record under a rules file, at a time that a test sets.
type watched struct {
	*testing.T
	*Service
	now time.Time
}

func newWatched(t *testing.T, rules string) *watched {
	ctx := context.Background()
	l, err := live.Open(ctx, live.Options{File: rules, Settle: time.Millisecond})
	require.NoError(t, err)
	w := &watched{T: t}
	store, err := record.Open(ctx, postgrestest.Place(t, filepath.Join(t.TempDir(), "rulebook.db")), record.Options{Now: func() time.Time { return w.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.Service = New(l, store, nil)
	return w
}

func (w *watched) put(question, facts string) string {
	w.Helper()
	done, err := w.Record(context.Background(), Asking{Question: question, Facts: []byte(facts)}, Once{})
	require.NoError(w, err)
	return done.Entry.ID()
}

// standing are the matters by their records.
func (w *watched) standing() map[string]*Matter {
	w.Helper()
	s, err := w.Service.Standing(context.Background())
	require.NoError(w, err)
	all := map[string]*Matter{}
	for i := range s.Matters {
		all[s.Matters[i].ID] = &s.Matters[i]
	}
	return all
}

const support = "../../examples/rulebooks/support-contract.yaml"

// A matter stays from its start until it is done, whatever its clock does: it
// runs, is at risk, stands still, or has not started.
func TestAMatterIsOpenUntilItIsDone(t *testing.T) {
	w := newWatched(t, support)
	at := func(clock string) time.Time {
		at, err := time.Parse(time.RFC3339, "2025-06-10T"+clock+":00+02:00")
		require.NoError(t, err)
		return at
	}
	w.now = at("09:00")
	const ticket = `"id":"T1","priority":"p1","country":"de"`
	idle := w.put("ticket.resolution", `{"ticket":{"id":"T0","priority":"p1","country":"de","opened_at":null}}`)
	id := w.put("ticket.resolution", `{"ticket":{`+ticket+`,"opened_at":"2025-06-10T09:00:00+02:00"}}`)
	for _, x := range []struct {
		clock   string
		status  sla.Status
		overdue bool
		left    time.Duration
	}{
		{"09:00", sla.Running, false, 4 * time.Hour},
		{"11:59", sla.Running, false, 61 * time.Minute},
		{"12:00", sla.AtRisk, false, time.Hour},
		{"12:59", sla.AtRisk, false, time.Minute},
		{"13:01", sla.Overdue, true, 0},
	} {
		w.now = at(x.clock)
		m := w.standing()[id]
		require.NotNil(t, m, x.clock)
		require.NotNil(t, m.Clock, x.clock)
		assert.Equal(t, x.status, m.Clock.Status, x.clock)
		assert.Equal(t, x.overdue, m.Overdue(), x.clock)
		assert.Equal(t, x.status == sla.AtRisk, m.AtRisk(), x.clock)
		left, runs := m.Left(w.now)
		assert.Equal(t, !x.overdue, runs, x.clock)
		assert.InDelta(t, x.left, left, float64(time.Second), x.clock)
	}

	paused := w.put("ticket.resolution", `{"ticket":{`+ticket+`,"opened_at":"2025-06-10T09:00:00+02:00","pauses":[{"from":"2025-06-10T10:00:00+02:00"}]}}`)
	all := w.standing()
	assert.NotContains(t, all, id, "carried on")
	require.Contains(t, all, paused, "it stands still")
	assert.True(t, all[paused].UnderWay())
	assert.False(t, all[paused].Overdue())
	require.Contains(t, all, idle, "it has not started")
	assert.True(t, all[idle].UnderWay())
	assert.False(t, all[idle].Overdue())

	w.put("ticket.resolution", `{"ticket":{`+ticket+`,"opened_at":"2025-06-10T09:00:00+02:00","pauses":[{"from":"2025-06-10T10:00:00+02:00","to":"2025-06-10T12:00:00+02:00"}],"resolved_at":"2025-06-10T13:00:00+02:00"}}`)
	all = w.standing()
	assert.Len(t, all, 1, "done")
	assert.Contains(t, all, idle)
}

// dying is a context that ends after it was asked so many times whether it has.
type dying struct {
	context.Context
	end  context.CancelFunc
	left *atomic.Int64
}

func (d dying) Err() error {
	if d.left.Add(-1) < 0 {
		d.end()
	}
	return d.Context.Err()
}

// Whoever goes away while the record is read, or a matter is asked again, takes
// nothing along: the next one sees all that was there.
func TestWhoGoesAwayTakesNothingAlong(t *testing.T) {
	w := newWatched(t, support)
	w.now = time.Date(2025, 6, 10, 9, 0, 0, 0, time.UTC)
	var ids []string
	for _, name := range []string{"T1", "T2", "T3"} {
		ids = append(ids, w.put("ticket.resolution", `{"ticket":{"id":"`+name+`","priority":"p1","country":"de","opened_at":"2025-06-10T08:30:00Z"}}`))
	}
	now := w.now.AddDate(2, 0, 0) // what only waits is not watched for so long
	for _, known := range []bool{false, true} {
		ended := 0
		for n := range int64(60) {
			w.Service = New(w.Rules, w.Store, nil)
			w.now = now
			if known {
				w.now = time.Date(2025, 6, 10, 10, 0, 0, 0, time.UTC)
				require.Len(t, w.standing(), 3)
				w.now = now
			}
			ctx, cancel := context.WithCancel(context.Background())
			left := &atomic.Int64{}
			left.Store(n)
			if _, err := w.Service.Standing(dying{ctx, cancel, left}); err != nil {
				ended++
			}
			cancel()
			all := w.standing()
			for _, id := range ids {
				require.Contains(t, all, id, "after %d, known %v", n, known)
				assert.True(t, all[id].Overdue())
			}
		}
		assert.NotZero(t, ended)
	}
}

// What the rules before called settled is asked by new ones, too.
func TestNewRulesAskAllAgain(t *testing.T) {
	text, err := os.ReadFile(support)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	write := func(text string) {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	const rule = "clocks:\n          resolution:\n            done: ticket.resolved_at"
	require.Contains(t, string(text), rule)
	write(string(text))
	w := newWatched(t, file)
	w.now = time.Date(2025, 6, 11, 9, 0, 0, 0, time.UTC)
	id := w.put("ticket.resolution", `{"ticket":{"id":"T1","priority":"p1","country":"de","opened_at":"2025-06-10T08:30:00Z","resolved_at":"2025-06-10T08:40:00Z"}}`)
	assert.Empty(t, w.standing())
	// by the next rules a ticket is done once it is answered
	write(strings.Replace(string(text), rule, strings.Replace(rule, "resolved_at", "responded_at", 1), 1))
	require.True(t, w.Rules.Reload(context.Background()).OK)
	all := w.standing()
	require.Contains(t, all, id)
	assert.True(t, all[id].Overdue())
}

// Two matters of the same facts as of different moments are two; asked again
// without a moment of its own, one is carried on.
func TestTwinsAreTwo(t *testing.T) {
	w := newWatched(t, support)
	w.now = time.Date(2025, 6, 10, 12, 0, 0, 0, time.UTC)
	const facts = `{"ticket":{"id":"T1","priority":"p1","country":"de","opened_at":"2025-06-10T08:30:00Z"}`
	first := w.put("ticket.resolution", facts+`,"as_of":"2025-06-10T09:00:00Z"}`)
	second := w.put("ticket.resolution", facts+`,"as_of":"2025-06-10T10:00:00Z"}`)
	assert.Contains(t, w.standing(), first)
	assert.Contains(t, w.standing(), second)
	again := w.put("ticket.resolution", facts+`}`)
	all := w.standing()
	assert.Len(t, all, 2)
	assert.Contains(t, all, again, "in the place of the latest")
	assert.NotContains(t, all, second)
}

// Beyond the bound the latest matters are watched, and it is told how many may be missing.
func TestMoreThanAreWatched(t *testing.T) {
	w := newWatched(t, support)
	w.now = time.Date(2025, 6, 12, 9, 0, 0, 0, time.UTC)
	w.watch.most = 3
	var ids []string
	for i := range 5 {
		ids = append(ids, w.put("ticket.resolution", fmt.Sprintf(`{"ticket":{"id":"T%d","priority":"p1","country":"de","opened_at":"2025-06-10T09:00:00+02:00"}}`, i)))
	}
	s, err := w.Service.Standing(context.Background())
	require.NoError(t, err)
	assert.Equal(t, 2, s.Dropped)
	all := w.standing()
	assert.Len(t, all, 3)
	for _, id := range ids[2:] {
		assert.Contains(t, all, id)
	}
}
