package record

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// sqliteFile is a file of SQLite in which a store is kept. One server writes to it.
type sqliteFile struct {
	path    string
	options Options
	lock    io.Closer // that keeps other servers from the file; nil of one that is only read
}

const (
	applicationID = 0x52554c45 // "RULE"
	firstVersion  = 1
)

// migrations make a file of each version one of the next: the first of them one
// of the first version one of the second.
var migrations = [...]string{importsSchema, stepsSchema, retriedStepsSchema, changesSchema, eventsSchema, webhooksSchema, erasureSchema, rotationSchema}

const schemaVersion = firstVersion + len(migrations)

// erasing is the version from which on what is taken away is overwritten.
const erasing = 8

// The columns beside body and hash repeat what the body says, to search by. An
// index ends in the place, so that a page needs no sorting.
const schema = `
CREATE TABLE rulebooks (
	sha256 BLOB PRIMARY KEY,
	text   BLOB NOT NULL
) STRICT;
CREATE TABLE decisions (
	seq      INTEGER PRIMARY KEY,
	hash     BLOB NOT NULL,
	recorded INTEGER NOT NULL, -- microseconds since 1970
	question TEXT NOT NULL,
	verdict  TEXT NOT NULL,
	retry    BLOB,
	body     BLOB NOT NULL
) STRICT;
CREATE INDEX decisions_by_time ON decisions (recorded);
CREATE INDEX decisions_by_question ON decisions (question);
CREATE INDEX decisions_by_verdict ON decisions (verdict);
CREATE UNIQUE INDEX decisions_by_retry ON decisions (retry) WHERE retry IS NOT NULL;
`

// LockedError says that another server has the file.
type LockedError struct{ Process string } // its number, "" where it is not known

// Error says what to do about it.
func (e *LockedError) Error() string {
	who := "another server"
	if e.Process != "" {
		who += " (process " + e.Process + ")"
	}
	return who + " puts decisions on record in this file; end it first, or name another file"
}

// String is the path.
func (f *sqliteFile) String() string { return f.path }

func (f *sqliteFile) prepare(ctx context.Context) error {
	lock, err := lockFile(f.path)
	if err != nil {
		return err
	}
	f.lock = lock
	if err := f.lay(ctx); err != nil {
		return errors.Join(err, f.close())
	}
	return nil
}

func (f *sqliteFile) close() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// source is the name of the database for the driver.
func (f *sqliteFile) source(readOnly bool) string {
	q := url.Values{}
	if f.options.VFS != "" {
		q.Set("vfs", f.options.VFS)
	}
	if readOnly {
		q.Set("mode", "ro")
	} else {
		q.Set("_txlock", "immediate") // one that reads first and writes then must not find that another one wrote meanwhile
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(f.path), RawQuery: q.Encode()}
	if !filepath.IsAbs(f.path) {
		u.Path, u.Opaque = "", (&url.URL{Path: filepath.ToSlash(f.path)}).EscapedPath()
	}
	return u.String()
}

func (f *sqliteFile) tune(c *sqlite3.Conn) error {
	synchronous := "FULL"
	if f.options.withoutSync {
		synchronous = "OFF"
	}
	return c.Exec("PRAGMA busy_timeout = 10000; PRAGMA synchronous = " + synchronous + "; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;")
}

// lay makes the file what it should be: our schema, in WAL mode.
func (f *sqliteFile) lay(ctx context.Context) (err error) {
	db, err := driver.Open(f.source(false), f.tune)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file cannot be kept in WAL mode but only in mode %q", mode)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var version, tables int
	if err := tx.QueryRowContext(ctx, "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)").Scan(&version, &tables); err != nil {
		return err
	}
	var id int
	if err := tx.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	var statements string
	switch {
	case id == applicationID && version >= firstVersion && version < schemaVersion: // of an earlier program
		statements = strings.Join(migrations[version-firstVersion:], "")
	case version == 0 && tables == 0:
		statements = schema + strings.Join(migrations[:], "") + fmt.Sprintf("PRAGMA application_id = %d;", applicationID)
	default:
		return nil // not new; checkKind says whether it is ours
	}
	if _, err := tx.ExecContext(ctx, statements+fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if version > 0 && version < erasing { // what earlier programs moved about may still stand between what is there
		if _, err := db.ExecContext(ctx, "VACUUM"); err != nil {
			return err
		}
	}
	return syncDirectory(filepath.Dir(f.path))
}

// syncDirectory makes the names of new files durable.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// check refuses a file that is something else.
func (f *sqliteFile) check(ctx context.Context, db *sql.DB) error {
	var id, version int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch {
	case id != applicationID:
		return errors.New("the file is an SQLite database, but none of decisions on record; name another file")
	case version < firstVersion || version > schemaVersion: // one that is only read may be of an earlier one
		return fmt.Errorf("the file has schema version %d, this program knows %d", version, schemaVersion)
	}
	return nil
}

func (f *sqliteFile) readers() (*sql.DB, error) {
	if f.options.ReadOnly { // else SQLite would say only that it cannot be opened
		if _, err := os.Stat(f.path); err != nil {
			return nil, err
		}
	}
	db, err := driver.Open(f.source(true), f.tune)
	if err != nil {
		return nil, err
	}
	const readers = 4
	db.SetMaxOpenConns(readers)
	return db, nil
}

func (f *sqliteFile) writer() (*sql.DB, error) {
	db, err := driver.Open(f.source(false), f.tune)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (f *sqliteFile) others() (db *sql.DB, done func() error, err error) {
	if db, err = f.writer(); err != nil {
		return nil, nil, err
	}
	return db, db.Close, nil
}

func (f *sqliteFile) shared() bool { return false }

// alone does nothing: a transaction begins as one that writes.
func (f *sqliteFile) alone(context.Context, *sql.Tx) error { return nil }

func (f *sqliteFile) probe(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
	return err
}

func (f *sqliteFile) inserter(ctx context.Context, conn *sql.Conn) (inserter, error) {
	insert, err := conn.PrepareContext(ctx, "INSERT INTO decisions (seq, hash, recorded, question, verdict, retry, body) VALUES ($1, $2, $3, $4, $5, $6, $7)")
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	return &oneByOne{insert: insert}, nil
}

// oneByOne inserts each record by itself.
type oneByOne struct {
	insert *sql.Stmt
	in     *sql.Tx
	its    *sql.Stmt // insert, in that transaction
}

func (o *oneByOne) add(ctx context.Context, tx *sql.Tx, e *Entry, retry []byte) error {
	if o.in != tx {
		o.in, o.its = tx, tx.StmtContext(ctx, o.insert)
	}
	_, err := o.its.ExecContext(ctx, e.Seq, e.Hash[:], e.RecordedAt.UnixMicro(), e.Question, e.Verdict, retry, e.Body)
	return err
}

func (o *oneByOne) flush(context.Context, *sql.Tx) error { return nil }

func (o *oneByOne) forget() { o.in, o.its = nil, nil }

func (o *oneByOne) close() error { return o.insert.Close() }

func (f *sqliteFile) has(ctx context.Context, db *sql.DB, table string) (has bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = $1)", table).Scan(&has)
	return has, err
}

func (f *sqliteFile) hasColumn(ctx context.Context, db *sql.DB, table, column string) (has bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pragma_table_info($1) WHERE name = $2)", table, column).Scan(&has)
	return has, err
}

func (f *sqliteFile) matches(column, pattern string) string {
	return "CAST(" + column + " AS TEXT) LIKE " + pattern + ` ESCAPE '\'`
}

func (f *sqliteFile) unsound(ctx context.Context, db *sql.DB) (all []string, err error) {
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check(20)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return all, err
		}
		if line != "ok" {
			all = append(all, line)
		}
	}
	return all, rows.Err()
}

// explain adds to an error of the disk what the disk says to a file of ours:
// SQLite does not tell a full disk from a broken one.
func (f *sqliteFile) explain(err error) error {
	if causeOf(err) != CauseDisk && causeOf(err) != CauseOther {
		return err
	}
	const enough = 256 << 10 // bytes
	t, failure := os.CreateTemp(filepath.Dir(f.path), ".rulebook-*.tmp")
	if failure != nil {
		return errors.Join(err, failure)
	}
	_, failure = t.Write(make([]byte, enough))
	return errors.Join(err, failure, t.Close(), os.Remove(t.Name()))
}

func (f *sqliteFile) backup(ctx context.Context, db *sql.DB, to string) error {
	_, err := db.ExecContext(ctx, "VACUUM INTO $1", to)
	return err
}

// emptyLog moves all that the log beside the file has into it, and cuts the log to
// nothing.
func (f *sqliteFile) emptyLog(ctx context.Context, db *sql.DB) error {
	for began := time.Now(); ; {
		var busy, pages, moved int
		if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		switch {
		case busy == 0:
			return nil
		case time.Since(began) > emptying:
			return &LogBusyError{f.path}
		}
		select { // another erasure, or a backup, is at it
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// emptying is how long others may keep the log from being emptied.
const emptying = 10 * time.Second
