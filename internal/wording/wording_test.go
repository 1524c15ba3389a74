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

// A word in a record is said by the list that it comes from, also where others have
// the same word with other labels.
func TestWordInARecord(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	q, ok := book.Rulebook().Question("time_limit.request")
	require.True(t, ok)
	answer, err := book.Ask(context.Background(), q.ID, []byte(`{"request": {"kind": "restore", "address_type": "rural", "severity": "ordinary", "network_ready": true, "network_ready_at": "2025-06-11T10:00:00+08:00",
		"received_at": "2025-06-11T10:00:00+08:00", "customer_returned_at": "2025-06-11T15:00:01+08:00", "supplement": {"notice_complete": true, "notice_at": "2025-06-11T10:00:00+08:00", "lapsed_at": "2025-06-11T11:00:01+08:00"}}}`),
		rulebook.AsOf(time.Date(2025, 7, 11, 2, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	v, ok := answer.Value("restarted")
	require.True(t, ok)
	of, ok := q.ValueAt("restarted")
	require.True(t, ok)
	for lang, want := range map[string]string{"zh": "状态 逾期未办", "en": "status overdue"} {
		assert.Contains(t, wording.Words{Book: book.Rulebook(), Lang: lang}.Value(of, v), want)
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
