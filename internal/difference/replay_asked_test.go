package difference_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/difference"
)

// What was asked once is asked again as of its moment, under the readings of then.
func TestReplayAsked(t *testing.T) {
	ctx := context.Background()
	old, changed := edited(t, gulin, "within: 5 working days\n            from: application_start.value\n          install_rural", "within: {by: date, 2011-05-20: 5 working days, 2026-01-01: 4 working days}\n            from: application_start.value\n          install_rural")
	r, err := difference.Compare(ctx, old, changed, nil, 0)
	require.NoError(t, err)
	facts := func(day string) string {
		return `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"` + day + `T10:00:00+08:00"}}`
	}
	asked := []difference.Asking{
		{ID: "a", Question: "time_limit.request", Facts: facts("2025-06-09"), AsOf: time.Date(2025, 6, 10, 0, 0, 0, 0, time.UTC)},
		{ID: "b", Question: "time_limit.request", Facts: facts("2026-03-09"), AsOf: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)},
		{ID: "c", Question: "time_limit.request", Facts: facts("2026-03-09"), AsOf: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), Readings: [][2]string{{"none.such", "x"}}},
		{ID: "d", Question: "none.such", Facts: "{}"},
	}
	var late error
	all := func(yield func(difference.Asking, error) bool) {
		for _, a := range asked {
			if !yield(a, nil) {
				return
			}
		}
		if late != nil {
			yield(difference.Asking{}, late)
		}
	}
	p, err := difference.ReplayAsked(ctx, old, changed, r, iter.Seq2[difference.Asking, error](all))
	require.NoError(t, err)
	assert.Equal(t, [4]int{2, 1, 1, 2}, [4]int{p.Rows, p.Changed, p.Unchanged, p.Refused})
	require.Len(t, p.Groups, 1)
	require.Len(t, p.Groups[0].Examples, 1)
	assert.Equal(t, "b", p.Groups[0].Examples[0].ID)
	words := difference.ReplayInWords(r, p, "zh")
	assert.Contains(t, words[0].Lines[0], "共 2 条：1 条答复改变")
	assert.NotContains(t, words[1].Lines, "例")

	late = errors.New("late")
	p, err = difference.ReplayAsked(ctx, old, changed, r, iter.Seq2[difference.Asking, error](all))
	require.ErrorIs(t, err, late)
	assert.Equal(t, 2, p.Rows, "what was counted so far")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = difference.ReplayAsked(ended, old, changed, r, iter.Seq2[difference.Asking, error](all))
	require.ErrorIs(t, err, context.Canceled)
}
