package spool_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/spool"
)

func TestRoom(t *testing.T) {
	dir := t.TempDir()
	room := spool.NewRoom(dir, 100)
	f, err := room.New()
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries, "a file has no name")
	_, err = f.Write(make([]byte, 60))
	require.NoError(t, err)
	other, err := room.New()
	require.NoError(t, err)
	_, err = other.Write(make([]byte, 41))
	require.ErrorIs(t, err, spool.ErrFull)
	assert.EqualValues(t, 40, room.Left())
	require.NoError(t, f.Close())
	assert.EqualValues(t, 100, room.Left())
	_, err = other.Write(make([]byte, 100))
	require.NoError(t, err)
	require.NoError(t, other.Close())
	assert.EqualValues(t, 100, room.Left())

	_, err = spool.NewRoom(filepath.Join(dir, "none"), 1).New()
	var disk *spool.DiskError
	require.True(t, errors.As(err, &disk))
}

// Lists that grow by turns are read as each was written.
func TestLists(t *testing.T) {
	room := spool.NewRoom(t.TempDir(), 1<<20)
	f, err := room.New()
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	lists := spool.NewLists(f)
	all := []*spool.List{lists.New(), lists.New(), lists.New()}
	want := make([]bytes.Buffer, len(all))
	for i := range 3000 {
		n := i * i % len(all)
		text := strings.Repeat("x", i%97)
		_, err := io.WriteString(all[n], text)
		require.NoError(t, err)
		want[n].WriteString(text)
	}
	for i, l := range all {
		require.NoError(t, l.Flush())
		got, err := io.ReadAll(l.Reader())
		require.NoError(t, err)
		assert.Equal(t, want[i].String(), string(got))
	}
}
