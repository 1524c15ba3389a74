package record

import (
	"context"
	"database/sql"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// database is what differs between the kinds of database in which a store may be
// kept. What is kept there, in which tables, and what it means, does not: the
// statements of the store are those that all kinds understand. Their parameters
// stand in the order of their numbers.
type database interface {
	// String names it as it may be told to anybody.
	String() string
	// prepare makes it what it should be, for who is going to write to it.
	prepare(ctx context.Context) error
	// check refuses what is no store, or one of another version.
	check(ctx context.Context, db *sql.DB) error
	// close lets go what prepare took.
	close() error

	// readers and writer are connections to it, one of a writer.
	readers() (*sql.DB, error)
	writer() (*sql.DB, error)
	// others are connections for those who write beside the writer, and what lets
	// them go.
	others() (db *sql.DB, done func() error, err error)
	// shared reports whether other servers may write to it, too.
	shared() bool
	// alone has a transaction that is going to write wait until others have ended,
	// where beginning it does not.
	alone(ctx context.Context, tx *sql.Tx) error
	// probe writes something that changes nothing, so that it is known whether that
	// works.
	probe(ctx context.Context, tx *sql.Tx) error
	// inserter puts records into the table of decisions.
	inserter(ctx context.Context, conn *sql.Conn) (inserter, error)

	// has and hasColumn report whether it has a table, or a column of one: one of an
	// earlier program that is only read lacks some.
	has(ctx context.Context, db *sql.DB, table string) (bool, error)
	hasColumn(ctx context.Context, db *sql.DB, table, column string) (bool, error)
	// matches is the condition that a column, or the body of a record, is like a
	// pattern, in any case of ASCII letters.
	matches(column, pattern string) string
	// unsound tells what the database itself finds wrong with its structures.
	unsound(ctx context.Context, db *sql.DB) ([]string, error)
	// emptyLog has nothing left beside the tables, as far as it is the database's, of
	// what was overwritten in them. The error may be a *LogBusyError.
	emptyLog(ctx context.Context, db *sql.DB) error
	// explain adds to an error what else can be found out about it.
	explain(err error) error
	// backup writes a copy of it, as it is at one moment, to a new SQLite file.
	backup(ctx context.Context, db *sql.DB, to string) error
}

// inserter puts records into the table of decisions, some of them together.
type inserter interface {
	// add puts one there, at the latest when flush returns.
	add(ctx context.Context, tx *sql.Tx, e *Entry, retry []byte) error
	flush(ctx context.Context, tx *sql.Tx) error
	forget() // what was added and not flushed
	close() error
}

// databaseOf is the database of a name: a file, or one of PostgreSQL.
func databaseOf(name string, o Options) (database, error) {
	if postgres.Named(name) {
		return newPostgres(name)
	}
	return &sqliteFile{path: name, options: o}, nil
}
