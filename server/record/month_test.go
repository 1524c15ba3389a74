package record_test

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/record"
)

// What belongs to a month is there together, or none of it is, whichever part of it
// fails.
func TestAppendMonth(t *testing.T) {
	s := newStore(t)
	first, _, err := s.Append(t.Context(), mustFee(t, 1))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fees.csv"), []byte("record,days\nR,1\n"), 0o600))
	month := func(reason string, seen int64) Month {
		var made []*Entry
		return Month{
			Drafts: func(yield func(*Draft, error) bool) { _ = yield(mustFee(t, 2), nil) && yield(mustFee(t, 3), nil) },
			Each: func(e *Entry, _ bool) error {
				made = append(made, e)
				return nil
			},
			Corrections: func() []StepBody {
				return []StepBody{{Kind: StepCorrection, Record: first.ID(), Place: made[0].ID(), Reason: reason}}
			},
			Import: &Import{Month: "2025-06", Source: "north", Reason: reason, Seen: &seen}, Files: os.DirFS(dir), Names: []string{"fees.csv"},
		}
	}
	looks := func(name string, records int64, steps, imports int) {
		t.Helper()
		assert.Equal(t, records, s.Head().Seq, name)
		taken, err := s.StepsAfter(t.Context(), 0, 100)
		require.NoError(t, err)
		assert.Len(t, taken, steps, name)
		kept, err := s.Imports(t.Context())
		require.NoError(t, err)
		assert.Len(t, kept, imports, name)
		assert.Nil(t, s.Failing(), name)
	}
	broken := errors.New("broken")
	var there *ReplacedError
	var step *StepError
	for name, x := range map[string]struct {
		change func(*Month)
		is     func(error) bool
	}{
		"a draft": {func(m *Month) {
			good := m.Drafts
			m.Drafts = iter.Seq2[*Draft, error](func(yield func(*Draft, error) bool) {
				for d := range good {
					if !yield(d, nil) {
						return
					}
				}
				yield(nil, broken)
			})
		}, func(err error) bool { return errors.Is(err, broken) }},
		"a record": {func(m *Month) {
			m.Each = func(e *Entry, _ bool) error {
				if e.Seq == 3 {
					return broken
				}
				return nil
			}
			m.Corrections = func() []StepBody { return nil }
		}, func(err error) bool { return errors.Is(err, broken) }},
		"a correction": {func(m *Month) {
			one := m.Corrections
			m.Corrections = func() []StepBody { return append(one(), one()...) }
		}, func(err error) bool { return errors.As(err, &step) }},
		"a record that is not there": {func(m *Month) {
			m.Corrections = func() []StepBody { return []StepBody{{Kind: StepCorrection, Record: "9-000000000000"}} }
		}, func(err error) bool { return errors.Is(err, ErrNotFound) }},
		"the tables": {func(m *Month) { *m.Import.Seen = 7 }, func(err error) bool { return errors.As(err, &there) }},
		"a file":     {func(m *Month) { m.Names = []string{"none.csv"} }, func(err error) bool { return errors.Is(err, os.ErrNotExist) }},
	} {
		m := month("x", 0)
		x.change(&m)
		_, err := s.AppendMonth(t.Context(), m)
		assert.True(t, err != nil && x.is(err), "%s: %v", name, err)
		looks(name, 1, 0, 0)
	}

	kept, err := s.AppendMonth(t.Context(), month("a reason", 0))
	require.NoError(t, err)
	assert.EqualValues(t, 1, kept.ID)
	looks("all of it", 3, 1, 1)
	_, err = s.AppendMonth(t.Context(), month("again", 0))
	require.Error(t, err, "it was corrected, and other tables are kept")
	looks("again", 3, 1, 1)
	later, _, err := s.Append(t.Context(), mustFee(t, 4))
	require.NoError(t, err)
	assert.EqualValues(t, 4, later.Seq, "the chain goes on")
	report, err := s.Verify(t.Context(), Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
}
