package people

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// postgresSchema is the schema of a PostgreSQL database in which accounts are kept,
// beside that of the record.
const postgresSchema = "rulebook_people"

//go:embed migrations/*.sql
var migrationFiles embed.FS

func openPostgres(ctx context.Context, name string, o Options) (*Store, error) {
	d, err := postgres.New(name, postgresSchema)
	if err != nil {
		return nil, err
	}
	if !o.AsItIs {
		files, err := fs.Sub(migrationFiles, "migrations")
		if err == nil {
			err = d.Migrate(ctx, files)
		}
		if err != nil {
			return nil, fmt.Errorf("opening the accounts in %v: %w", d, err)
		}
	}
	const connections = 4
	return &Store{db: d.Connect(connections, false), now: o.Now, hasher: newHasher(), attempts: newAttempts()}, nil
}

// existPostgres reports whether accounts were ever kept in a database.
func existPostgres(name string) (there bool, err error) {
	d, err := postgres.New(name, postgresSchema)
	if err != nil {
		return false, err
	}
	db := d.Connect(1, true)
	defer func() { err = errors.Join(err, db.Close()) }()
	const patience = 15 * time.Second
	ctx, done := context.WithTimeout(context.Background(), patience)
	defer done()
	switch _, err := d.Version(ctx, db); {
	case errors.Is(err, postgres.ErrNone):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking for accounts in %v: %w", d, err)
	}
	return true, nil
}

// lasting are the tables of what a copy has: nobody is signed in by it.
var lasting = []postgres.Table{
	{Name: "accounts", Columns: "id, name, roles, password, locked, created"},
	{Name: "devices", Columns: "hash, account, seen"},
	{Name: "identities", Columns: "issuer, subject, account, added"},
	{Name: "identities_before", Columns: "issuer, subject, account, ended"},
	{Name: "events", Columns: "seq, at, who, how, what, about, detail"},
}

// copyInto copies the accounts to a file.
func (s *Store) copyInto(ctx context.Context, file string) (err error) {
	from, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = from.Rollback() }()
	to, err := Open(ctx, file, Options{Now: s.now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	err = to.write(ctx, func(tx *sql.Tx) error {
		for _, t := range lasting {
			if err := t.Copy(ctx, from, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil { // into the one file that is named
		_, err = to.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return err
}

// Restore copies a file of accounts into an empty PostgreSQL database. Nobody is
// signed in by it.
func Restore(ctx context.Context, file, name string) (err error) {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	from, err := Open(ctx, file, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := openPostgres(ctx, name, Options{Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	reading, err := from.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = reading.Rollback() }()
	return to.write(ctx, func(tx *sql.Tx) error {
		for _, t := range lasting {
			if err := t.Empty(ctx, tx); err != nil {
				return err
			}
			if err := t.Copy(ctx, reading, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
