package people

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// Who signed in at one server is signed in at the other, what one changes holds at
// both, and accounts move from a file to PostgreSQL and back.
func TestSeveralServers(t *testing.T) {
	if !postgrestest.Over() {
		t.Skip("of PostgreSQL alone")
	}
	name := postgrestest.Place(t, filepath.Join(t.TempDir(), "a"))
	there, err := Exists(name)
	require.NoError(t, err)
	assert.False(t, there)
	var all []*Store
	for range 2 {
		s, err := Open(t.Context(), name, Options{})
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		s.hasher.cost = cost{8, 1, 1}
		all = append(all, s)
	}
	a, b := all[0], all[1]
	there, err = Exists(name)
	require.NoError(t, err)
	assert.True(t, there)
	secret, _, err := a.FirstLink(t.Context(), Who{})
	require.NoError(t, err)
	in, err := b.UseLink(t.Context(), secret, "op", "Operator", "a long sentence")
	require.NoError(t, err)
	_, _, err = a.Session(t.Context(), in.Session, true)
	require.NoError(t, err)
	li := with(t, a, "li", "clerk")
	_, _, err = b.Session(t.Context(), li.Session, true)
	require.NoError(t, err)
	require.NoError(t, b.Lock(t.Context(), Who{Name: "op"}, "li", true))
	_, _, err = a.Session(t.Context(), li.Session, true)
	require.ErrorIs(t, err, ErrNoSession)
	require.Error(t, a.Lock(t.Context(), Who{Name: "op"}, "op", true), "the last who manages accounts, at any server")

	file := filepath.Join(t.TempDir(), "copy.people")
	require.NoError(t, a.Backup(t.Context(), file))
	second := postgrestest.Place(t, filepath.Join(t.TempDir(), "b"))
	require.NoError(t, Restore(t.Context(), file, second))
	require.Error(t, Restore(t.Context(), file, second), "there are accounts now")
	restored, err := Open(t.Context(), second, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, restored.Close()) }()
	before, err := a.List(t.Context())
	require.NoError(t, err)
	after, err := restored.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, before, after)
	_, _, err = restored.Session(t.Context(), in.Session, true)
	require.ErrorIs(t, err, ErrNoSession)
}
