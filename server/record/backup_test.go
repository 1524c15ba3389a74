package record_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

// A backup made while decisions are recorded is a sound store, which can be
// gone on with.
func TestBackup(t *testing.T) {
	dir := t.TempDir()
	s := open(t, postgrestest.Place(t, filepath.Join(dir, "test.db")), record.Options{})
	before := fill(t, s, 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		load(ctx, s, 0, func(string, string) {})
	}()
	to := filepath.Join(dir, "backup of today.db")
	err := s.Backup(t.Context(), to)
	cancel()
	<-done
	require.NoError(t, err)
	require.ErrorIs(t, s.Backup(t.Context(), to), fs.ErrExist)

	copied := open(t, to, record.Options{})
	sound(t, copied)
	assert.LessOrEqual(t, copied.Head().Seq, s.Head().Seq)
	for _, e := range before {
		got, err := copied.Get(t.Context(), e.ID())
		require.NoError(t, err)
		assert.Equal(t, e.Body, got.Body)
	}
	_, _, err = copied.Append(t.Context(), mustFee(t, 1))
	require.NoError(t, err)
	sound(t, copied)

	require.Error(t, s.Backup(t.Context(), filepath.Join(dir, "none", "x.db")))
	left, err := filepath.Glob(filepath.Join(dir, "*.partial"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
