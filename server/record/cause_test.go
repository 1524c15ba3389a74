package record_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

func TestCauses(t *testing.T) {
	for _, x := range []struct {
		err  error
		want string
	}{
		{sqlite3.FULL, record.CauseFull}, {fmt.Errorf("committing: %w", sqlite3.FULL), record.CauseFull}, {syscall.ENOSPC, record.CauseFull},
		{sqlite3.BUSY, record.CauseLocked}, {sqlite3.BUSY_SNAPSHOT, record.CauseLocked}, {sqlite3.READONLY, record.CauseReadOnly}, {sqlite3.READONLY_DIRECTORY, record.CauseReadOnly},
		{sqlite3.CORRUPT, record.CauseDamaged}, {sqlite3.NOTADB, record.CauseDamaged}, {sqlite3.CANTOPEN, record.CauseGone}, {sqlite3.IOERR, record.CauseDisk},
		{sqlite3.IOERR_WRITE, record.CauseDisk}, {errors.New("?"), record.CauseOther},
	} {
		got := (&record.NotDurableError{Err: x.err}).Cause()
		assert.Equal(t, x.want, got, "%v", x.err)
		assert.Contains(t, record.Causes, got)
	}
}

// One store writes to a file; who only reads is let in.
func TestOneWriter(t *testing.T) {
	postgrestest.FilesOnly(t)
	path := place(t, "test.db")
	s := open(t, path, record.Options{})
	fill(t, s, 3)
	_, err := record.Open(t.Context(), path, record.Options{})
	var locked *record.LockedError
	require.ErrorAs(t, err, &locked)
	assert.Equal(t, strconv.Itoa(os.Getpid()), locked.Process)
	assert.Contains(t, err.Error(), path)
	reader := open(t, path, record.Options{ReadOnly: true})
	assert.EqualValues(t, 3, reader.Head().Seq)
	require.NoError(t, reader.Close())
	fill(t, s, 1)
	require.NoError(t, s.Close())
	s = open(t, path, record.Options{})
	assert.EqualValues(t, 4, s.Head().Seq)
	require.NoError(t, s.Close())
	// What could not be opened for another reason does not keep the lock.
	require.NoError(t, os.WriteFile(path+"x", []byte("no database, but long enough to look like one at first sight"), 0o600))
	for range 2 {
		_, err = record.Open(t.Context(), path+"x", record.Options{})
		require.Error(t, err)
		require.False(t, errors.As(err, &locked), "%v", err)
	}
}

// Whatever a file is called, it is one file: a second store is kept from it
// under the name of a link, of a link to a link, through a linked directory,
// by a longer way and before anything is in it. A file with two names of its
// own is not opened at all, since nothing beside one name is seen from the
// other.
func TestOneWriterByAnyName(t *testing.T) {
	postgrestest.FilesOnly(t)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
	path := filepath.Join(dir, "real", "test.db")
	links := map[string]string{"link.db": path, "relative.db": "real/test.db", "link to link.db": "link.db", "elsewhere": "real"}
	for name, to := range links {
		require.NoError(t, os.Symlink(to, filepath.Join(dir, name)))
	}
	names := []string{
		path, filepath.Join(dir, "link.db"), filepath.Join(dir, "relative.db"), filepath.Join(dir, "link to link.db"),
		filepath.Join(dir, "elsewhere", "test.db"), dir + "/real/../elsewhere/./test.db",
	}
	for _, first := range names { // at first there is no file that the links could lead to
		if os.Remove(path) == nil {
			require.NoError(t, os.RemoveAll(path+"-wal"))
			require.NoError(t, os.RemoveAll(path+"-shm"))
		}
		s := open(t, first, record.Options{})
		fill(t, s, 2)
		for _, second := range names {
			_, err := record.Open(t.Context(), second, record.Options{})
			var locked *record.LockedError
			require.ErrorAs(t, err, &locked, "%s beside %s", second, first)
			reader := open(t, second, record.Options{ReadOnly: true})
			assert.EqualValues(t, 2, reader.Head().Seq, "%s beside %s", second, first)
			require.NoError(t, reader.Close())
		}
		require.NoError(t, s.Close())
	}
	second := filepath.Join(dir, "second name.db")
	require.NoError(t, os.Link(path, second))
	for _, name := range []string{path, second} {
		_, err := record.Open(t.Context(), name, record.Options{})
		require.ErrorContains(t, err, "2 names")
	}
	require.NoError(t, os.Remove(second))
	s := open(t, path, record.Options{})
	assert.EqualValues(t, 2, s.Head().Seq)
	require.NoError(t, s.Close())

	// What is no file, and what is nowhere, is named, and leaves nothing behind.
	for _, name := range []string{dir, filepath.Join(dir, "nowhere", "test.db")} {
		_, err := record.Open(t.Context(), name, record.Options{})
		require.ErrorContains(t, err, name)
		assert.NoFileExists(t, name+".lock")
	}
}

// Another program that holds the file is the cause that is told.
func TestLockedByAnother(t *testing.T) {
	postgrestest.FilesOnly(t)
	t.Parallel()
	path := place(t, "test.db")
	s := open(t, path, record.Options{})
	fill(t, s, 1)
	db, err := sql.Open("sqlite3", "file:"+path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("UPDATE decisions SET verdict = verdict")
	require.NoError(t, err)
	_, _, err = s.Append(t.Context(), mustFee(t, 1))
	var notDurable *record.NotDurableError
	require.ErrorAs(t, err, &notDurable)
	assert.Equal(t, record.CauseLocked, notDurable.Cause())
	require.NoError(t, tx.Rollback())
	require.Eventually(t, func() bool { return s.Failing() == nil }, time.Minute, 10*time.Millisecond)
}
