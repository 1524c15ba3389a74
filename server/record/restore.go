package record

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// Errors of Restore.
var (
	// ErrNotEmpty says that something is kept already where a backup is to go.
	ErrNotEmpty = postgres.ErrNotEmpty
	// ErrIntoFile says that a backup is a file already.
	ErrIntoFile = errors.New("a backup is a file of decisions itself: end the server, and put it in the place of the file")
)

// Restore copies a file of SQLite, as Backup writes it or as a server has used it,
// into an empty PostgreSQL database: all of it or nothing. Errors: ErrNotEmpty,
// ErrIntoFile, and those of reading and writing.
func Restore(ctx context.Context, file, name string) (err error) {
	if !postgres.Named(name) {
		return ErrIntoFile
	}
	if postgres.Named(file) {
		return fmt.Errorf("%s is no file: make a backup of it first", postgres.Told(file))
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	to, err := newPostgres(name)
	if err != nil {
		return err
	}
	from := &sqliteFile{path: file, options: Options{ReadOnly: true}}
	db, err := from.readers()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := from.check(ctx, db); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if version, err := Version(ctx, file); err != nil {
		return err
	} else if version < schemaVersion {
		return fmt.Errorf("%s is of an earlier version; start a server of this version with a copy of it first, which makes it of this one", file)
	}
	if err := to.prepare(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	reading, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = reading.Rollback() }()
	tx, err := to.beside.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := to.alone(ctx, tx); err != nil {
		return err
	}
	for _, t := range tables {
		if err := t.Empty(ctx, tx); err != nil {
			return err
		}
		if err := t.Copy(ctx, reading, tx); err != nil {
			return fmt.Errorf("the table %s: %w", t.Name, err)
		}
	}
	return tx.Commit()
}
