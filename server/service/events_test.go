package service

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// Time brings events of a matter once each, whatever is put on record about it
// meanwhile and however often the server starts anew; one that is done brings none.
func TestEventsOfTime(t *testing.T) {
	ctx := context.Background()
	rules, err := live.Open(ctx, live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	zone := time.FixedZone("", 8*60*60)
	at := func(day, hour int) time.Time { return time.Date(2025, 6, day, hour, 0, 0, 0, zone) }
	now := at(10, 9)
	path := postgrestest.Place(t, filepath.Join(t.TempDir(), "rulebook.db"))
	var store *record.Store
	var s *Service
	anew := func() {
		t.Helper()
		if store != nil {
			require.NoError(t, store.Close())
		}
		store, err = record.Open(ctx, path, record.Options{Now: func() time.Time { return now }})
		require.NoError(t, err)
		s = New(rules, store, nil)
	}
	anew()
	defer func() { require.NoError(t, store.Close()) }()
	put := func(facts string) string {
		t.Helper()
		done, err := s.Record(ctx, Asking{Question: "time_limit.request", Facts: []byte(facts)}, Once{})
		require.NoError(t, err)
		return done.Entry.ID()
	}
	cursor := record.Cursor{}
	news := func() (all []string) {
		t.Helper()
		for range 2 { // the second finds nothing more
			behind, err := s.NoteEvents(ctx)
			require.NoError(t, err)
			require.False(t, behind)
		}
		events, err := store.Events(ctx, cursor, 1000)
		require.NoError(t, err)
		for i := range events {
			cursor = events[i].After
			if e := EventOf(&events[i]); e.Type != record.EventDecision {
				all = append(all, strings.TrimSpace(e.Type+" "+e.Data.Record))
				if e.Data.Due != nil {
					assert.True(t, at(17, 0).Equal(*e.Data.Due), e.Data.Due)
					assert.NotEmpty(t, e.Data.Rule)
				}
			}
		}
		return all
	}
	const install = `"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00"`
	first := put(`{"request":{` + install + `,"direct":"S1"}}`)
	other := put(`{"request":{` + install + `,"direct":"S2"}}`)
	assert.Equal(t, []string{"rules.changed"}, news())
	anew()
	assert.Empty(t, news())
	now = at(15, 23)
	assert.Empty(t, news())
	now = at(16, 1)
	assert.ElementsMatch(t, []string{"due_soon " + first, "due_soon " + other}, news())
	anew()
	assert.Empty(t, news(), "once, also by a server that starts anew")
	more := put(`{"request":{` + install + `,"direct":"S1"},"explained":true}`)
	assert.Empty(t, news(), "the same matter")
	now = at(16, 12)
	put(`{"request":{` + install + `,"direct":"S2","completed_at":"2025-06-16T11:00:00+08:00"}}`)
	now = at(17, 10)
	anew()
	assert.Equal(t, []string{"overdue " + more}, news(), "also where nobody was there at the time")
	put(`{"request":{` + install + `,"direct":"S1"},"explained":false}`)
	assert.Equal(t, 1, len(news()), "other facts are another matter")
	_, err = s.Take(ctx, record.StepBody{Kind: record.StepCorrection, Record: more, Reason: "x"})
	require.NoError(t, err)
	assert.Equal(t, []string{"step.recorded " + more}, news())
}
