package record_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/record"
)

// Records that belong together are all there or none is, in their order and
// without others among them, whatever ends them half-way; others go on meanwhile.
func TestAppendWhole(t *testing.T) {
	s := newStore(t)
	broken := errors.New("broken")
	drafts := func(from, to int, end error) func(func(*Draft, error) bool) {
		return func(yield func(*Draft, error) bool) {
			for i := from; i < to; i++ {
				d := mustFee(t, i)
				d.Retry = retry(strconv.Itoa(i))
				if !yield(d, nil) {
					return
				}
			}
			if end != nil {
				yield(nil, end)
			}
		}
	}
	none := func(*Entry, bool) error { return nil }
	require.ErrorIs(t, s.AppendWhole(t.Context(), drafts(0, 5, broken), none), broken)
	require.ErrorIs(t, s.AppendWhole(t.Context(), drafts(0, 5, nil), func(e *Entry, _ bool) error {
		if e.Seq == 3 {
			return broken
		}
		return nil
	}), broken)
	assert.Zero(t, s.Head().Seq)
	require.NoError(t, s.AppendWhole(t.Context(), drafts(0, 3, nil), none))
	d := mustFee(t, 9)
	d.Retry = &Retry{Key: retry("2").Key}
	require.ErrorIs(t, s.AppendWhole(t.Context(), func(yield func(*Draft, error) bool) {
		_ = yield(mustFee(t, 8), nil) && yield(d, nil)
	}, none), ErrKeyReused)
	assert.EqualValues(t, 3, s.Head().Seq)
	assert.Nil(t, s.Failing())

	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for range 10 {
				d, err := fee("R", 1)
				if assert.NoError(t, err) {
					_, _, err = s.Append(t.Context(), d)
					assert.NoError(t, err)
				}
			}
		})
	}
	var seqs []int64
	var firsts int
	require.NoError(t, s.AppendWhole(t.Context(), drafts(0, 40, nil), func(e *Entry, first bool) error {
		if first {
			firsts++
			seqs = append(seqs, e.Seq)
		}
		return nil
	}))
	others.Wait()
	assert.Equal(t, 37, firsts, "three were there")
	for i, seq := range seqs {
		assert.Equal(t, seqs[0]+int64(i), seq)
	}
	all := s.AppendAll(t.Context(), []*Draft{mustFee(t, 1), {Question: "x", Facts: []byte("{}"), Answer: []byte("{}"), Retry: &Retry{Key: retry("0").Key}}, mustFee(t, 2)})
	require.NoError(t, all[0].Err)
	require.ErrorIs(t, all[1].Err, ErrKeyReused)
	require.NoError(t, all[2].Err)
	assert.Equal(t, all[0].Entry.Seq+1, all[2].Entry.Seq)
	report, err := s.Verify(t.Context(), Stretch{})
	require.NoError(t, err)
	assert.True(t, report.OK(), report.Damage)
	assert.EqualValues(t, 3+37+40+2, report.Records)
}
