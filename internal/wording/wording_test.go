package wording_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/wording"
)

func TestMoment(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	assert.Equal(t, "2025-06-09 09:30", wording.Moment(time.Date(2025, 6, 9, 9, 30, 0, 0, zone)))
	assert.Equal(t, "2025-06-09 09:30:01", wording.Moment(time.Date(2025, 6, 9, 9, 30, 1, 0, zone)))
	assert.Equal(t, "2025-06-09 24:00", wording.Moment(time.Date(2025, 6, 9, 23, 59, 59, 999999999, zone)))
	assert.Equal(t, "2025-06-09 23:59:59", wording.Moment(time.Date(2025, 6, 9, 23, 59, 59, 0, zone)))
}

func TestRows(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	q, ok := book.Rulebook().Question("time_limit.request")
	require.True(t, ok)
	answer, err := book.Ask(context.Background(), q.ID, []byte(`{"request": {"kind": "install", "area_type": "urban",
		"papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-17T09:00:00+08:00"}}`))
	require.NoError(t, err)
	for lang, want := range map[string][]string{"zh": {"状态", "超期办结"}, "en": {"status", "late"}} {
		rows := wording.Words{Book: book.Rulebook(), Lang: lang}.Rows(q, answer)
		byPath := map[string]wording.Row{}
		for _, r := range rows {
			byPath[r.Path] = r
		}
		assert.Equal(t, "2025-06-16", byPath["due_date"].Text)
		assert.Equal(t, "2025-06-09 10:00", byPath["clock_start"].Text)
		assert.True(t, byPath["due_at"].None)
		assert.Equal(t, want, []string{byPath["status"].Label, byPath["status"].Text})
		assert.Zero(t, byPath["restarted"].Depth)
	}
}

func TestWords(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	w := wording.Words{Book: book.Rulebook(), Lang: "en"}
	assert.Equal(t, "not counted, the next day is the first", w.Option("period.start_day", "exclude"))
	assert.Empty(t, w.Option("period.start_day", "no such option"))
	assert.Empty(t, w.Option("no.such.reading", "x"))
	assert.Equal(t, "no_such_word", w.Word("no_such_word", nil))
	assert.Equal(t, "deadline", w.Nature("deadline"))
	assert.Equal(t, "other", w.Nature("other"))
}
