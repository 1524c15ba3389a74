package record_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/record"
)

// Whatever is put on record, by a clock that goes back now and then, and however
// much is read at once, over restarts: every event is read once, a record before
// what is about it, and of each kind in the order of the file.
func TestEventsAreReadOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	path := place(t, "rulebook.db")
	clock := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	o := Options{Now: func() time.Time {
		clock = clock.Add(time.Duration(random.IntN(4000)-1000) * time.Millisecond)
		return clock
	}}
	s := open(t, path, o)
	var records []*Entry
	var want, got []string
	read := map[string]bool{}
	after := Cursor{}
	steps, noted := 0, 0
	for range 120 {
		switch n := random.IntN(10); {
		case n < 4 || len(records) == 0:
			e, _, err := s.Append(t.Context(), mustFee(t, len(records)))
			require.NoError(t, err)
			records = append(records, e)
			want = append(want, "record."+e.ID())
		case n < 6:
			x, err := s.Take(t.Context(), StepBody{Kind: StepObjection, Record: records[random.IntN(len(records))].ID(), By: "R", Reason: "x"})
			require.NoError(t, err)
			steps++
			want = append(want, fmt.Sprintf("step.%d-%x", x.Seq, x.Hash[:6]))
		case n < 7:
			noted++
			id := fmt.Sprintf("overdue.%d", noted)
			of := records[random.IntN(len(records))].ID()
			require.NoError(t, s.Note(t.Context(), []Noted{{ID: id, Type: EventOverdue, Record: of, Data: []byte("{}")}, {ID: id, Type: EventOverdue, Data: []byte("{}")}}))
			want = append(want, id)
		case n < 8:
			require.NoError(t, s.Close())
			s = open(t, path, o)
		default:
			var err error
			after, err = ParseCursor(after.String())
			require.NoError(t, err)
			require.NoError(t, s.CheckCursor(t.Context(), after))
			all, err := s.Events(t.Context(), after, 1+random.IntN(7))
			require.NoError(t, err)
			for _, e := range all {
				assert.False(t, read[e.ID], e.ID)
				read[e.ID] = true
				if e.Entry == nil && e.Record != "" {
					assert.True(t, read["record."+e.Record], "%s before its record", e.ID)
				}
				got, after = append(got, e.ID), e.After
			}
		}
	}
	all, err := s.Events(t.Context(), after, 1000)
	require.NoError(t, err)
	for _, e := range all {
		got, after = append(got, e.ID), e.After
	}
	assert.ElementsMatch(t, want, got)
	for _, kind := range []string{"record.", "step.", "overdue."} {
		of := func(ids []string) (all []string) {
			for _, id := range ids {
				if len(id) > len(kind) && id[:len(kind)] == kind {
					all = append(all, id)
				}
			}
			return all
		}
		assert.Equal(t, of(want), of(got))
	}
	now, err := s.CursorNow(t.Context())
	require.NoError(t, err)
	assert.Equal(t, after, now)
	again, err := s.Events(t.Context(), Cursor{}, 1000)
	require.NoError(t, err)
	assert.Len(t, again, len(want), "from the beginning")
}

// A cursor of another file, or of one that was lost, is told; so is what is none.
func TestCursors(t *testing.T) {
	s, other := newStore(t), newStore(t)
	fill(t, s, 3)
	_, err := s.Take(t.Context(), StepBody{Kind: StepObjection, Record: fill(t, s, 1)[0].ID(), By: "R", Reason: "x"})
	require.NoError(t, err)
	c, err := s.CursorNow(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.CheckCursor(t.Context(), c))
	require.ErrorIs(t, other.CheckCursor(t.Context(), c), ErrCursorGone)
	fill(t, other, 4)
	require.ErrorIs(t, other.CheckCursor(t.Context(), c), ErrCursorGone)
	require.NoError(t, s.CheckCursor(t.Context(), Cursor{}))
	require.ErrorIs(t, s.CheckCursor(t.Context(), Cursor{Noted: 1}), ErrCursorGone)
	for _, text := range []string{"", "x", "MS4yLjM", c.String() + "A", c.String()[1:], "MS4uMi4uMw", "LTEuMDAwMDAwMDAwMDAwLjAuMDAwMDAwMDAwMDAwLjA"} {
		_, err := ParseCursor(text)
		require.ErrorIs(t, err, ErrNoCursor, text)
	}
}

// Who waits is told of what is put on record, and of nothing else.
func TestChanged(t *testing.T) {
	s := newStore(t)
	e := fill(t, s, 1)[0]
	is := func(told <-chan struct{}) bool {
		select {
		case <-told:
			return true
		default:
			return false
		}
	}
	for _, do := range []func(){
		func() { fill(t, s, 1) },
		func() { _, _ = s.Take(t.Context(), StepBody{Kind: StepObjection, Record: e.ID()}) },
		func() { _ = s.Note(t.Context(), []Noted{{ID: "a", Data: []byte("{}")}}) },
	} {
		changed := s.Changed()
		assert.False(t, is(changed))
		do()
		assert.True(t, is(changed))
	}
	changed := s.Changed()
	_, _ = s.Take(t.Context(), StepBody{Kind: StepObjection, Record: "9-000000000000"})
	assert.False(t, is(changed))
}
