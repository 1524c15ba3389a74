package record

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// Errors of a Store.
var (
	ErrNotFound = errors.New("there is no such record")
	// ErrKeyReused says that a retry's key belongs to another request.
	ErrKeyReused = errors.New("the key was used for another request")
	ErrClosed    = errors.New("the store is closed")
)

// NotDurableError says that a decision is not on record, and why.
type NotDurableError struct{ Err error }

// Error tells what the disk said.
func (e *NotDurableError) Error() string { return "the decision is not on record: " + e.Err.Error() }

// Unwrap is the cause.
func (e *NotDurableError) Unwrap() error { return e.Err }

// Cause names the kind of what went wrong; it is stable.
func (e *NotDurableError) Cause() string { return causeOf(e.Err) }

// Causes of failed writes.
const (
	CauseFull     = "disk_full"
	CauseLocked   = "locked"    // another program writes to the file
	CauseReadOnly = "read_only" // the file or its directory
	CauseDamaged  = "damaged"   // the file is no sound database
	CauseGone     = "cannot_open"
	CauseDisk     = "disk_error"
	CauseOther    = "other"
)

// Causes are all of them.
var Causes = []string{CauseFull, CauseLocked, CauseReadOnly, CauseDamaged, CauseGone, CauseDisk, CauseOther}

// explain adds to an error of the disk what the disk says to a file of ours:
// SQLite does not tell a full disk from a broken one.
func (s *Store) explain(err error) error {
	if causeOf(err) != CauseDisk && causeOf(err) != CauseOther {
		return err
	}
	const enough = 256 << 10 // bytes
	f, failure := os.CreateTemp(filepath.Dir(s.path), ".rulebook-*.tmp")
	if failure != nil {
		return errors.Join(err, failure)
	}
	_, failure = f.Write(make([]byte, enough))
	return errors.Join(err, failure, f.Close(), os.Remove(f.Name()))
}

func causeOf(err error) string {
	for _, x := range []struct {
		is    error
		cause string
	}{
		{sqlite3.FULL, CauseFull}, {syscall.ENOSPC, CauseFull}, {syscall.EDQUOT, CauseFull}, {sqlite3.BUSY, CauseLocked}, {sqlite3.LOCKED, CauseLocked},
		{sqlite3.READONLY, CauseReadOnly}, {syscall.EROFS, CauseReadOnly}, {sqlite3.PERM, CauseReadOnly}, {sqlite3.CORRUPT, CauseDamaged},
		{sqlite3.NOTADB, CauseDamaged}, {sqlite3.CANTOPEN, CauseGone}, {sqlite3.IOERR, CauseDisk},
	} {
		if errors.Is(err, x.is) {
			return x.cause
		}
	}
	return CauseOther
}

// Options say how a store works. The zero Options are those of a server.
type Options struct {
	VFS string           // name of the SQLite file layer; "" for the usual one
	Now func() time.Time // nil for time.Now
	// Observe is told of every transaction: how many records it held, how
	// long it took with its sync, and what went wrong. It may be nil.
	Observe func(records int, took time.Duration, err error)
	// ReadOnly opens an existing file for reading and verifying only.
	ReadOnly bool

	// withoutSync is for the test that shows what the tests of durability
	// are good for.
	withoutSync bool
}

// Store is the file that records are kept in. All methods are safe for
// concurrent use.
type Store struct {
	path    string
	options Options
	db      *sql.DB // readers
	writer  *writer // nil of a read-only store
	head    atomic.Pointer[Head]
	failing atomic.Pointer[NotDurableError]
	parsed  parsed
	signals signals

	lock io.Closer // that keeps other servers from the file; nil of a read-only store

	closing sync.Once
	closed  error
}

// Head is the latest record of a store.
type Head struct {
	Seq  int64 // 0 for an empty store
	Hash Hash  // zeros for an empty store
}

const (
	applicationID = 0x52554c45 // "RULE"
	firstVersion  = 1
)

// migrations make a file of each version one of the next: the first of them one
// of the first version one of the second.
var migrations = [...]string{importsSchema, stepsSchema, retriedStepsSchema, changesSchema, eventsSchema, webhooksSchema}

const schemaVersion = firstVersion + len(migrations)

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

// Open opens the file, and creates it where there is none.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(int, time.Duration, error) {}
	}
	s := &Store{path: path, options: o}
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	} else {
		lock, err := lockFile(path)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", path, err)
		}
		s.lock = lock
		if err := s.prepare(ctx); err != nil {
			return nil, fmt.Errorf("opening %s: %w", path, errors.Join(err, s.unlock()))
		}
	}
	db, err := driver.Open(s.source(true), s.tune)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, errors.Join(err, s.unlock()))
	}
	const readers = 4
	db.SetMaxOpenConns(readers)
	s.db = db
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, errors.Join(err, db.Close(), s.unlock()))
	}
	return s, nil
}

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

func (s *Store) unlock() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

func (s *Store) open(ctx context.Context) error {
	if err := checkKind(ctx, s.db); err != nil {
		return err
	}
	head, err := readHead(ctx, s.db)
	if err != nil {
		return err
	}
	s.head.Store(&head)
	if !s.options.ReadOnly {
		s.writer, err = startWriter(ctx, s)
	}
	return err
}

// source is the name of the database for the driver.
func (s *Store) source(readOnly bool) string {
	q := url.Values{}
	if s.options.VFS != "" {
		q.Set("vfs", s.options.VFS)
	}
	if readOnly {
		q.Set("mode", "ro")
	} else {
		q.Set("_txlock", "immediate") // one that reads first and writes then must not find that another one wrote meanwhile
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(s.path), RawQuery: q.Encode()}
	if !filepath.IsAbs(s.path) {
		u.Path, u.Opaque = "", (&url.URL{Path: filepath.ToSlash(s.path)}).EscapedPath()
	}
	return u.String()
}

func (s *Store) tune(c *sqlite3.Conn) error {
	synchronous := "FULL"
	if s.options.withoutSync {
		synchronous = "OFF"
	}
	return c.Exec("PRAGMA busy_timeout = 10000; PRAGMA synchronous = " + synchronous + "; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
}

// prepare makes the file what it should be: our schema, in WAL mode.
func (s *Store) prepare(ctx context.Context) (err error) {
	db, err := driver.Open(s.source(false), s.tune)
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
	return syncDirectory(filepath.Dir(s.path))
}

// syncDirectory makes the names of new files durable.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// checkKind refuses a file that is something else.
func checkKind(ctx context.Context, db *sql.DB) error {
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

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readHead(ctx context.Context, q querier) (Head, error) {
	var h Head
	var hash []byte
	err := q.QueryRowContext(ctx, "SELECT seq, hash FROM decisions ORDER BY seq DESC LIMIT 1").Scan(&h.Seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Head{}, nil
	}
	if err == nil && copy(h.Hash[:], hash) != len(h.Hash) {
		err = fmt.Errorf("the latest record, %d, has no complete hash", h.Seq)
	}
	return h, err
}

// Head is the latest record on disk.
func (s *Store) Head() Head { return *s.head.Load() }

// Failing is why the latest transaction failed; nil where it did not.
func (s *Store) Failing() *NotDurableError { return s.failing.Load() }

// Now is the clock of the store, to the microsecond: what a record says of
// times is from it.
func (s *Store) Now() time.Time { return s.options.Now().UTC().Truncate(time.Microsecond) }

// Path is the file of the store.
func (s *Store) Path() string { return s.path }

// Close waits until what was accepted is on disk, and closes the file. It may
// be called more than once.
func (s *Store) Close() error {
	s.closing.Do(func() {
		if s.writer != nil {
			s.writer.stop()
		}
		s.closed = s.db.Close()
		if s.writer != nil {
			s.closed = errors.Join(s.closed, s.writer.close())
		}
		s.closed = errors.Join(s.closed, s.unlock())
	})
	return s.closed
}

const columns = "seq, hash, recorded, question, verdict, body"

type scanner interface{ Scan(...any) error }

func scanEntry(row scanner) (*Entry, error) {
	var e Entry
	var hash []byte
	var recorded int64
	if err := row.Scan(&e.Seq, &hash, &recorded, &e.Question, &e.Verdict, &e.Body); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, ErrNotFound
		}
		return nil, err
	}
	copy(e.Hash[:], hash)
	e.RecordedAt = time.UnixMicro(recorded).UTC()
	return &e, nil
}

// Get is the record with the given id; the error of an unknown one is
// ErrNotFound.
func (s *Store) Get(ctx context.Context, id string) (*Entry, error) {
	seq, prefix, ok := parseID(id)
	if !ok {
		return nil, ErrNotFound
	}
	e, err := scanEntry(s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM decisions WHERE seq = ?", seq))
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(e.Hash[:], prefix) {
		return nil, ErrNotFound
	}
	return e, nil
}

// Find is the record of an earlier request with the same key: ErrNotFound
// where there is none, ErrKeyReused where the request was another.
func (s *Store) Find(ctx context.Context, r Retry) (*Entry, error) {
	return find(ctx, s.db, r)
}

func find(ctx context.Context, q querier, r Retry) (*Entry, error) {
	e, err := scanEntry(q.QueryRowContext(ctx, "SELECT "+columns+" FROM decisions WHERE retry = ?", r.Key[:]))
	if err != nil {
		return nil, err
	}
	b, err := e.Decode()
	if err != nil {
		return nil, fmt.Errorf("record %s cannot be read: %w", e.ID(), err)
	}
	if b.Retry == nil || b.Retry.Request != r.Request.String() {
		return nil, ErrKeyReused
	}
	return e, nil
}

// Rulebook is the text of a rulebook that has decided something.
func (s *Store) Rulebook(ctx context.Context, sha256 Hash) ([]byte, error) {
	var text []byte
	err := s.db.QueryRowContext(ctx, "SELECT text FROM rulebooks WHERE sha256 = ?", sha256[:]).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return text, err
}
