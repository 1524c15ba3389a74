package people

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// FileOf is the file of the accounts of whoever uses a record. It is a file of
// its own: names and passwords are no part of the record, whose copies are handed
// to others, and what is deleted here is gone. Beside a record in PostgreSQL, they
// are in a schema of their own of the same database, and so of the same name.
func FileOf(record string) string {
	if postgres.Named(record) {
		return record
	}
	return record + ".people"
}

// Options say how a store works. The zero Options are those of a server.
type Options struct {
	Now func() time.Time // nil for time.Now
	// AsItIs leaves a file of an earlier version as it is, for who only looks at
	// whether it is in order.
	AsItIs bool
}

// Store is the accounts of a server. All methods are safe for concurrent use,
// and a command may change accounts while a server uses them.
type Store struct {
	db       *sql.DB
	file     bool // in a file of its own, not in PostgreSQL
	now      func() time.Time
	hasher   *hasher
	attempts *attempts
}

const (
	applicationID = 0x50454f50 // "PEOP"
	schemaVersion = 3
)

// Times are microseconds since 1970. Secrets – of sessions, links, devices – are
// kept as their SHA-256 alone: whoever reads the file cannot use them.
const schema = `
CREATE TABLE accounts (
	id       TEXT PRIMARY KEY,
	name     TEXT NOT NULL,    -- what the person is called
	roles    TEXT NOT NULL,    -- joined by commas
	password TEXT NOT NULL,    -- its Argon2id; '' where none was chosen yet
	locked   INTEGER NOT NULL, -- 1: signs in no more
	created  INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
	hash    BLOB PRIMARY KEY,
	account TEXT NOT NULL,
	how     TEXT NOT NULL,
	begun   INTEGER NOT NULL,
	seen    INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE TABLE links (
	hash    BLOB PRIMARY KEY,
	account TEXT NOT NULL, -- '' to make the first account
	until   INTEGER NOT NULL
) STRICT;
CREATE TABLE devices ( -- on which somebody has signed in before
	hash    BLOB NOT NULL,
	account TEXT NOT NULL,
	seen    INTEGER NOT NULL,
	PRIMARY KEY (hash, account)
) STRICT;
` + identitiesSchema + beforeSchema + `
CREATE TABLE events ( -- who did what to whom, who looked at what
	seq    INTEGER PRIMARY KEY,
	at     INTEGER NOT NULL,
	who    TEXT NOT NULL, -- account or token
	how    TEXT NOT NULL,
	what   TEXT NOT NULL,
	about  TEXT NOT NULL, -- an account or a record
	detail TEXT NOT NULL
) STRICT;
`

// identitiesSchema is what the second version added.
const identitiesSchema = `
CREATE TABLE identities ( -- by which an identity provider knows people; an account has one at most
	issuer  TEXT NOT NULL,
	subject TEXT NOT NULL,
	account TEXT NOT NULL UNIQUE,
	added   INTEGER NOT NULL,
	PRIMARY KEY (issuer, subject)
) STRICT;
`

// beforeSchema is what the third version added.
const beforeSchema = `
CREATE TABLE identities_before ( -- that accounts had, and have no more
	issuer  TEXT NOT NULL,
	subject TEXT NOT NULL,
	account TEXT NOT NULL,
	ended   INTEGER NOT NULL,
	PRIMARY KEY (issuer, subject, account)
) STRICT;
`

// Open opens the accounts by their name, and creates them where there are none: in a
// file, or in PostgreSQL.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if postgres.Named(path) {
		return openPostgres(ctx, path, o)
	}
	// It is for its owner alone, from the first moment on.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := driver.Open(source(path), func(c *sqlite3.Conn) error {
		return c.Exec("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
	})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	const connections = 4
	db.SetMaxOpenConns(connections)
	s := &Store{db: db, file: true, now: o.Now, hasher: newHasher(), attempts: newAttempts()}
	if err := s.prepare(ctx, o.AsItIs); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, errors.Join(err, db.Close()))
	}
	return s, nil
}

// Exists reports whether there are accounts beside a record.
func Exists(record string) (bool, error) {
	if postgres.Named(record) {
		return existPostgres(record)
	}
	_, err := os.Stat(FileOf(record))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func source(path string) string {
	q := url.Values{"_txlock": {"immediate"}}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	if !filepath.IsAbs(path) {
		u.Path, u.Opaque = "", (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	}
	return u.String()
}

// prepare makes the file what it should be, or refuses one that is something
// else. As it is, one of an earlier version stays.
func (s *Store) prepare(ctx context.Context, asItIs bool) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		var id, version, tables int
		for pragma, into := range map[string]*int{"PRAGMA application_id": &id, "PRAGMA user_version": &version, "SELECT count(*) FROM sqlite_schema": &tables} {
			if err := tx.QueryRowContext(ctx, pragma).Scan(into); err != nil {
				return err
			}
		}
		switch {
		case id == applicationID && version == schemaVersion:
			return nil
		case id == applicationID && version >= 1 && version < schemaVersion && asItIs:
			return nil
		case id == applicationID && version >= 1 && version < schemaVersion:
			lacks := beforeSchema
			if version == 1 {
				lacks = identitiesSchema + lacks
			}
			_, err := tx.ExecContext(ctx, lacks+fmt.Sprintf("PRAGMA user_version = %d;", schemaVersion))
			return err
		case id == applicationID:
			return fmt.Errorf("the file has schema version %d, this program knows %d", version, schemaVersion)
		case tables != 0 || id != 0:
			return errors.New("the file is an SQLite database, but none of accounts; move it away")
		}
		_, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion))
		return err
	})
}

// Close closes the file, or the connections.
func (s *Store) Close() error { return s.db.Close() }

// Backup writes a copy of the accounts, as they are at one moment, to a file that
// must not be there yet. Nobody is signed in by the copy.
func (s *Store) Backup(ctx context.Context, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s is there already: %w", to, fs.ErrExist))
	}
	f, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if !s.file {
		if err := s.copyInto(ctx, to); err != nil {
			return errors.Join(fmt.Errorf("copying the accounts: %w", err), os.Remove(to))
		}
		return nil
	}
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO $1", to); err != nil { // an empty file may be there
		return errors.Join(fmt.Errorf("copying the accounts: %w", err), os.Remove(to))
	}
	copied, err := Open(ctx, to, Options{Now: s.now})
	if err != nil {
		return err
	}
	err = copied.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM sessions; DELETE FROM links;")
		return err
	})
	if err == nil { // into the one file that is named
		_, err = copied.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return errors.Join(err, copied.Close())
}

// write does something in one transaction.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if !s.file { // beginning it does not keep others out
		if err := postgres.Alone(ctx, tx, "people"); err != nil {
			return err
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *Store) micro() int64 { return s.now().UnixMicro() }

// hashOf is how a secret is kept.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
