package record

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// postgresSchema is the schema of a PostgreSQL database in which a store is kept.
const postgresSchema = "rulebook"

//go:embed migrations/*.sql
var migrationFiles embed.FS

// postgresMigrations are those of a PostgreSQL database. What they say is never changed:
// what is to be otherwise is one more of them.
func postgresMigrations() fs.FS {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return migrationFiles // the name is a good one
	}
	return files
}

// postgresDatabase is a PostgreSQL database in which a store is kept. Several
// servers may write to it: whoever does holds a lock until his transaction has
// ended, and reads the end of the chain once he has it.
type postgresDatabase struct {
	*postgres.Database
	beside *sql.DB // of those who write beside the writer; nil of one that is only read
}

func newPostgres(name string) (*postgresDatabase, error) {
	d, err := postgres.New(name, postgresSchema)
	if err != nil {
		return nil, err
	}
	return &postgresDatabase{Database: d}, nil
}

func (d *postgresDatabase) prepare(ctx context.Context) error {
	if err := d.Migrate(ctx, postgresMigrations()); err != nil {
		return err
	}
	const writers = 4
	d.beside = d.Connect(writers, false)
	return nil
}

func (d *postgresDatabase) close() error {
	if d.beside == nil {
		return nil
	}
	return d.beside.Close()
}

// postgresVersion is that of the schema that this program knows: the number of the
// latest migration.
const postgresVersion = 3

func (d *postgresDatabase) check(ctx context.Context, db *sql.DB) error {
	switch version, err := d.Version(ctx, db); {
	case err != nil:
		return err
	case version > postgresVersion:
		return &postgres.VersionError{Has: version, Knows: postgresVersion}
	case version < postgresVersion: // one that is only read
		return fmt.Errorf("the database has schema version %d: the start of the server makes it version %d", version, postgresVersion)
	}
	return nil
}

func (d *postgresDatabase) readers() (*sql.DB, error) {
	const readers = 8
	return d.Connect(readers, true), nil
}

func (d *postgresDatabase) writer() (*sql.DB, error) { return d.Connect(1, false), nil }

func (d *postgresDatabase) others() (db *sql.DB, done func() error, err error) {
	return d.beside, func() error { return nil }, nil
}

func (d *postgresDatabase) shared() bool { return true }

func (d *postgresDatabase) alone(ctx context.Context, tx *sql.Tx) error {
	return postgres.Alone(ctx, tx, "record")
}

// probe takes a number for the transaction, so that committing it is written down.
func (d *postgresDatabase) probe(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_current_xact_id()")
	return err
}

func (d *postgresDatabase) inserter(context.Context, *sql.Conn) (inserter, error) {
	return &together{}, nil
}

// together inserts many records in one statement: each statement is a way to the
// database and back, while all who decide wait.
type together struct {
	seqs, recorded      []int64
	questions, verdicts []string
	hashes, retries     [][]byte
	bodies              [][]byte
	bytes               int
}

// Records that are inserted together, and about how many bytes of them.
const (
	togetherRecords = 512
	togetherBytes   = 4 << 20
)

func (t *together) add(ctx context.Context, tx *sql.Tx, e *Entry, retry []byte) error {
	t.seqs, t.recorded = append(t.seqs, e.Seq), append(t.recorded, e.RecordedAt.UnixMicro())
	t.questions, t.verdicts = append(t.questions, e.Question), append(t.verdicts, e.Verdict)
	t.hashes, t.retries, t.bodies = append(t.hashes, e.Hash[:]), append(t.retries, retry), append(t.bodies, e.Body)
	if t.bytes += len(e.Body); t.bytes < togetherBytes && len(t.seqs) < togetherRecords {
		return nil
	}
	return t.flush(ctx, tx)
}

func (t *together) flush(ctx context.Context, tx *sql.Tx) error {
	if len(t.seqs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO decisions (seq, hash, recorded, question, verdict, retry, body)
		SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])`,
		t.seqs, t.hashes, t.recorded, t.questions, t.verdicts, t.retries, t.bodies)
	t.forget()
	return err
}

func (t *together) forget() { *t = together{} }

func (t *together) close() error { return nil }

// has and hasColumn: what is opened is of the present version.
func (d *postgresDatabase) has(context.Context, *sql.DB, string) (bool, error) { return true, nil }

func (d *postgresDatabase) hasColumn(context.Context, *sql.DB, string, string) (bool, error) {
	return true, nil
}

// matches folds by the collation "C", which knows the letters of ASCII alone.
func (d *postgresDatabase) matches(column, pattern string) string {
	if column == "body" {
		column = "convert_from(body, 'UTF8')"
	}
	return column + ` COLLATE "C" ILIKE ` + pattern + ` ESCAPE '\'`
}

// unsound is left to the database's own checksums and to pg_amcheck.
func (d *postgresDatabase) unsound(context.Context, *sql.DB) ([]string, error) { return nil, nil }

func (d *postgresDatabase) explain(err error) error { return err }

// backup copies the tables into a new file, all of them as they are at one moment.
func (d *postgresDatabase) backup(ctx context.Context, db *sql.DB, to string) (err error) {
	from, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = from.Rollback() }()
	file := &sqliteFile{path: to}
	if err := file.lay(ctx); err != nil {
		return err
	}
	into, err := file.writer()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	tx, err := into.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, t := range tables {
		if err := t.Copy(ctx, from, tx); err != nil {
			return fmt.Errorf("the table %s: %w", t.Name, err)
		}
	}
	return tx.Commit()
}

// Lax is a setting of the database by which what is acknowledged need not be on disk,
// as "fsync = off"; "" where there is none.
func (s *Store) Lax(ctx context.Context) string {
	if !s.Shared() {
		return ""
	}
	for _, name := range []string{"fsync", "full_page_writes"} {
		var value string
		if err := s.db.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&value); err == nil && value == "off" {
			return name + " = off"
		}
	}
	return ""
}

// emptyLog gives the room back that rows had before they were overwritten. Their bytes
// may stand in it, and in the log of the database, until something else is written
// there: docs/operations.md says what its operator does about that.
func (d *postgresDatabase) emptyLog(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "VACUUM decisions, steps, imports, import_parts")
	return err
}
