package record

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

// WithoutSync is o for a store that does not wait for the disk.
func WithoutSync(o Options) Options {
	o.withoutSync = true
	return o
}

// HexSHA256 is the hash of a text.
func HexSHA256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// behindVersion are what each version of the file has beside the one before, taken away.
var behindVersion = map[int]string{
	9: "ALTER TABLE webhooks DROP COLUMN old_secret; ALTER TABLE webhooks DROP COLUMN old_until;",
	8: "ALTER TABLE imports DROP COLUMN erased; ALTER TABLE imports DROP COLUMN eraser; ALTER TABLE imports DROP COLUMN why;",
	7: "DROP TABLE webhooks;",
	6: "DROP TABLE events;",
	5: "DROP TABLE change_steps; DROP TABLE rule_texts;",
	4: "DROP INDEX steps_by_retry; ALTER TABLE steps DROP COLUMN retry;",
	3: "DROP TABLE steps;",
	2: "DROP TABLE imports; DROP TABLE import_files; DROP TABLE import_parts;",
}

// Older makes a file one of an earlier version.
func Older(t *testing.T, path string, version int) {
	t.Helper()
	postgrestest.FilesOnly(t)
	statements := ""
	for v := CurrentVersion; v > version; v-- {
		require.Contains(t, behindVersion, v, "say what the version has beside the one before")
		statements += behindVersion[v]
	}
	db, err := sql.Open("sqlite3", path)
	require.NoError(t, err)
	_, err = db.Exec(statements + "PRAGMA user_version = " + strconv.Itoa(version))
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// PartBytes is how much of a compressed file stands in a row.
const PartBytes = partBytes

// Tables are what is copied by a backup of a database and by restoring one: their
// columns, by their names.
func Tables() map[string]string {
	all := map[string]string{}
	for _, t := range tables {
		all[t.Name] = t.Columns
	}
	return all
}

// WithoutSalt is o for a store whose records and steps are as earlier programs
// made them.
func WithoutSalt(o Options) Options {
	o.withoutSalt = true
	return o
}
