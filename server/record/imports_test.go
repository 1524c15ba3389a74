package record_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	. "github.com/servicerules/rulebook/server/record"
)

// The tables of a month stay as they were sent, and what takes their place says
// why.
func TestImports(t *testing.T) {
	ctx := context.Background()
	path := place(t, "rulebook.db")
	s, err := Open(ctx, path, Options{})
	require.NoError(t, err)
	long := make([]byte, 3*PartBytes) // kept in several parts: it cannot be compressed
	_, err = rand.NewChaCha8([32]byte{}).Read(long)
	require.NoError(t, err)
	tables := fstest.MapFS{"areas.csv": {Data: []byte("record,x\nA1,1\n")}, "long.csv": {Data: long}, "empty.csv": {}}
	names := []string{"areas.csv", "empty.csv", "long.csv"}
	first, err := s.Keep(ctx, Import{Month: "2025-06", Source: "hall 1", Caller: "clerk", Summary: []byte("{}")}, tables, names)
	require.NoError(t, err)
	assert.Zero(t, first.Replaces)

	_, err = s.Keep(ctx, Import{Month: "2025-06", Source: "hall 1"}, tables, names)
	var there *ReplacedError
	require.ErrorAs(t, err, &there)
	assert.Equal(t, first.ID, there.Import)
	second, err := s.Keep(ctx, Import{Month: "2025-06", Source: "hall 1", Reason: "a row was missing"}, fstest.MapFS{"areas.csv": {Data: []byte("record,x\nA1,1\nA2,2\n")}}, names[:1])
	require.NoError(t, err)
	assert.Equal(t, first.ID, second.Replaces)
	_, err = s.Keep(ctx, Import{Month: "2025-06", Source: "hall 2"}, tables, names[:1])
	require.NoError(t, err)

	all, err := s.Imports(ctx)
	require.NoError(t, err)
	var told []any
	for _, i := range all {
		told = append(told, i.ID, i.Source, i.Replaces, i.Last)
	}
	assert.Equal(t, []any{second.ID, "hall 1", first.ID, true, first.ID, "hall 1", int64(0), false, int64(3), "hall 2", int64(0), true}, told)
	require.NoError(t, s.Close())

	s, err = Open(ctx, path, Options{ReadOnly: true})
	require.NoError(t, err)
	i, err := s.Import(ctx, first.ID)
	require.NoError(t, err)
	require.Len(t, i.Files, 3)
	for _, f := range i.Files {
		var out bytes.Buffer
		require.NoError(t, s.WriteImported(ctx, i.ID, f, &out))
		assert.True(t, bytes.Equal(tables[f.Name].Data, out.Bytes()), f.Name)
	}
	_, err = s.Import(ctx, 99)
	require.ErrorIs(t, err, ErrNotFound)
	require.NoError(t, s.Close())

	spoiled(t, path, "UPDATE import_parts SET data = zeroblob(length(data)) WHERE name = 'long.csv' AND part = 1")
	s, err = Open(ctx, path, Options{})
	require.NoError(t, err)
	var changed *ChangedError
	require.ErrorAs(t, s.WriteImported(ctx, i.ID, i.Files[2], io.Discard), &changed)
	assert.Equal(t, "long.csv", changed.Name)
	require.NoError(t, s.Close())
}

// A file of the first version gets what the second has beside it, and keeps
// what it has; one that is only read stays as it is.
func TestFirstVersion(t *testing.T) {
	postgrestest.FilesOnly(t)
	ctx := context.Background()
	path := place(t, "rulebook.db")
	s, err := Open(ctx, path, Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	Older(t, path, 1)

	s, err = Open(ctx, path, Options{ReadOnly: true})
	require.NoError(t, err)
	all, err := s.Imports(ctx)
	require.NoError(t, err)
	assert.Empty(t, all)
	require.NoError(t, s.Close())

	s, err = Open(ctx, path, Options{})
	require.NoError(t, err)
	_, err = s.Keep(ctx, Import{Month: "2025-06"}, fstest.MapFS{"a.csv": {Data: []byte("x")}}, []string{"a.csv"})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}
