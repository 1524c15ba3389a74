// Package postgres is what the stores of the server have in common that are kept
// in PostgreSQL: how it is named and reached, how its schema is brought up to
// date, who writes, and what its errors mean.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Named reports whether a name is that of a PostgreSQL database, and not of a
// file.
func Named(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// Told is the name of a database as it may be told to anybody: without user,
// password and parameters. That of a file is told as it is.
func Told(name string) string {
	if !Named(name) {
		return name
	}
	scheme, _, _ := strings.Cut(name, "://")
	u, err := url.Parse(name)
	if err != nil { // what is wrong with it may stand in its password
		return scheme + "://…"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// Database is a PostgreSQL database, in one schema of which a store is kept.
type Database struct {
	name, schema string
	config       *pgx.ConnConfig
}

// How long is waited.
const (
	connecting = 5 * time.Second  // for a connection, where the name says nothing else
	Patience   = 30 * time.Second // for a transaction that writes little: a connection may be lost without a word
	locking    = 10 * time.Second // for others to end theirs, as SQLite does
	idling     = time.Minute      // until the server ends the transaction of a program that has gone
)

// New is the database of a name. It is not reached for yet.
func New(name, schema string) (*Database, error) {
	config, err := pgx.ParseConfig(name)
	if err != nil {
		// What pgx says has the name in it; it leaves the password out where it
		// finds it, and what is wrong may be that it does not.
		return nil, fmt.Errorf("%s is no name of a PostgreSQL database: write postgres://USER@HOST:PORT/DATABASE, with the special characters of a password as %%XX, or leave the password to PGPASSFILE", Told(name))
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connecting
	}
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 2 * connecting, Interval: connecting, Count: 3}}
	config.DialFunc = dialer.DialContext
	for key, value := range map[string]string{
		"search_path":                         schema,
		"lock_timeout":                        fmt.Sprint(locking.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(idling.Milliseconds()),
	} {
		config.RuntimeParams[key] = value
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "rulebook-server"
	}
	return &Database{name, schema, config}, nil
}

// String is the name as it may be told.
func (d *Database) String() string { return Told(d.name) }

// Connect is a pool of at most so many connections, of which none is made yet.
func (d *Database) Connect(most int, readOnly bool) *sql.DB {
	config := d.config.Copy()
	if readOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		// What is acknowledged is on disk, also where the database's own setting is
		// another; a stronger one stays.
		_, err := c.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
		return err
	}))
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	const unused = 5 * time.Minute
	db.SetConnMaxIdleTime(unused)
	return db
}

// Alone has a transaction go on once all others that are Alone by the same name
// have ended, also those of other servers; they wait until this one has.
func Alone(ctx context.Context, tx *sql.Tx, what string) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", key(what))
	return err
}

// TryAlone is Alone without waiting; it is false where another transaction is.
func TryAlone(ctx context.Context, tx *sql.Tx, what string) (alone bool, err error) {
	err = tx.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", key(what)).Scan(&alone)
	return alone, err
}

// key is the number of a lock, which locks of other programs in the same database
// are not likely to have.
func key(what string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("rulebook " + what))
	return int64(h.Sum64() >> 1)
}

// VersionError says that a database is of a later program.
type VersionError struct{ Has, Knows int64 }

// Error says both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the database has schema version %d, this program knows %d", e.Has, e.Knows)
}

// ErrNone says that a database has no schema of ours yet.
var ErrNone = errors.New("nothing of rulebook is in the database yet; start the server with it, or restore a backup into it")

// Migrate makes the schema and brings it up to the version of the latest of the
// migrations. Several servers may start at once: one of them does it.
func (d *Database) Migrate(ctx context.Context, migrations fs.FS) (err error) {
	const connections = 3
	db := d.Connect(connections, false)
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// Others wait here for as long as it takes, and this transaction stands still meanwhile.
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
		return err
	}
	if err := Alone(ctx, tx, "migration of "+d.schema); err != nil {
		return err
	}
	has, err := d.Version(ctx, db)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	if errors.Is(err, ErrNone) { // who may use a schema that is there need not be allowed to make one
		if _, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{d.schema}.Sanitize()); err != nil {
			return fmt.Errorf("making the schema %s: %w", d.schema, err)
		}
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations)
	if err != nil {
		return err
	}
	all := provider.ListSources()
	if knows := all[len(all)-1].Version; has > knows {
		return &VersionError{has, knows}
	} else if has == knows {
		return nil
	}
	_, err = provider.Up(ctx)
	return err
}

// Version is that of the schema. The error is ErrNone where there is none.
func (d *Database) Version(ctx context.Context, db *sql.DB) (version int64, err error) {
	table := d.schema + ".goose_db_version"
	var there bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&there); err != nil {
		return 0, err
	}
	if !there {
		return 0, ErrNone
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+table+" WHERE is_applied").Scan(&version)
	return version, err
}
