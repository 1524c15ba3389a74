package record

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// Errors of a Store.
var (
	ErrNotFound = errors.New("there is no such record")
	// ErrKeyReused says that a retry's key belongs to another request.
	ErrKeyReused = errors.New("the key was used for another request")
	ErrClosed    = errors.New("the store is closed")
	// ErrErased says that what stood there was erased.
	ErrErased = errors.New("it was erased")
)

// NotDurableError says that a decision is not on record, and why.
type NotDurableError struct{ Err error }

// Error tells what the disk said.
func (e *NotDurableError) Error() string { return "the decision is not on record: " + e.Err.Error() }

// Unwrap is the cause.
func (e *NotDurableError) Unwrap() error { return e.Err }

// Cause names the kind of what went wrong; it is stable.
func (e *NotDurableError) Cause() string { return causeOf(e.Err) }

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
	// withoutSalt is for the tests of files of earlier programs.
	withoutSalt bool
}

// Store is the file, or the database, that records are kept in. All methods are safe for
// concurrent use.
type Store struct {
	database database
	options  Options
	db       *sql.DB // readers
	writer   *writer // nil of a read-only store
	head     atomic.Pointer[Head]
	changes  atomic.Int64 // the latest step about a change of the rules, where others may take some
	failing  atomic.Pointer[NotDurableError]
	parsed   parsed
	signals  signals

	ending  func() // ends what goes on by itself
	closing sync.Once
	closed  error
}

// Head is the latest record of a store.
type Head struct {
	Seq  int64 // 0 for an empty store
	Hash Hash  // zeros for an empty store
}

// Open opens a store by its name: a file, which is created where there is none, or
// a database of PostgreSQL as postgres://USER@HOST:PORT/DATABASE. Errors name it
// without what is secret.
func Open(ctx context.Context, name string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(int, time.Duration, error) {}
	}
	kept, err := databaseOf(name, o)
	if err != nil {
		return nil, err
	}
	s := &Store{database: kept, options: o}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("opening %v: %w", kept, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if !s.options.ReadOnly {
		if err := s.database.prepare(ctx); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.database.close())
		}
	}()
	if s.db, err = s.database.readers(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.db.Close())
		}
	}()
	if err := s.database.check(ctx, s.db); err != nil {
		return err
	}
	head, err := readHead(ctx, s.db)
	if err != nil {
		return err
	}
	s.head.Store(&head)
	if !s.options.ReadOnly {
		if s.writer, err = startWriter(ctx, s); err != nil {
			return err
		}
	}
	s.ending = func() {}
	if s.writer != nil && s.Shared() {
		following, end := context.WithCancel(context.WithoutCancel(ctx))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.follow(following)
		}()
		s.ending = func() { end(); <-ended }
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

// Name is that of the store, as it may be told to anybody.
func (s *Store) Name() string { return s.database.String() }

// Path is the file of the store; "" where it is kept in none.
func (s *Store) Path() string { return PathOf(s.database.String()) }

// PathOf is the file that the name of a store is of; "" for none.
func PathOf(name string) string {
	if postgres.Named(name) {
		return ""
	}
	return name
}

// Shared reports whether other servers may write to the store, too.
func (s *Store) Shared() bool { return s.database.shared() }

// Close waits until what was accepted is on disk, and closes the file. It may
// be called more than once.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.ending()
		if s.writer != nil {
			s.writer.stop()
		}
		s.closed = s.db.Close()
		if s.writer != nil {
			s.closed = errors.Join(s.closed, s.writer.close())
		}
		s.closed = errors.Join(s.closed, s.database.close())
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
	e, err := scanEntry(s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM decisions WHERE seq = $1", seq))
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
	e, err := scanEntry(q.QueryRowContext(ctx, "SELECT "+columns+" FROM decisions WHERE retry = $1", r.Key[:]))
	if err != nil {
		return nil, err
	}
	if err := e.fits(r); err != nil {
		return nil, err
	}
	return e, nil
}

// fits is ErrKeyReused where the record of a key was made of another request.
func (e *Entry) fits(r Retry) error {
	b, err := e.Decode()
	if err != nil {
		return fmt.Errorf("record %s cannot be read: %w", e.ID(), err)
	}
	if b.Retry == nil || b.Retry.Request != r.Request.String() {
		return ErrKeyReused
	}
	return nil
}

// Rulebook is the text of a rulebook that has decided something.
func (s *Store) Rulebook(ctx context.Context, sha256 Hash) ([]byte, error) {
	var text []byte
	err := s.db.QueryRowContext(ctx, "SELECT text FROM rulebooks WHERE sha256 = $1", sha256[:]).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return text, err
}
