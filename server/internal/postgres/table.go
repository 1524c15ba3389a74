package postgres

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// Table is a table of a store, which has the same columns in a file of SQLite and in
// PostgreSQL.
type Table struct{ Name, Columns string }

// ErrNotEmpty says that a table into which one is to be copied has rows already.
var ErrNotEmpty = errors.New("something is kept there already; restore into an empty database")

// Copy puts the rows of a table into the same table of another store.
func (t Table) Copy(ctx context.Context, from, to *sql.Tx) (err error) {
	width := strings.Count(t.Columns, ",") + 1
	values := make([]string, width)
	for i := range values {
		values[i] = "$" + strconv.Itoa(i+1)
	}
	insert, err := to.PrepareContext(ctx, "INSERT INTO "+t.Name+" ("+t.Columns+") VALUES ("+strings.Join(values, ", ")+")")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	rows, err := from.QueryContext(ctx, "SELECT "+t.Columns+" FROM "+t.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row, into := make([]any, width), make([]any, width)
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Empty is ErrNotEmpty where a table has a row.
func (t Table) Empty(ctx context.Context, tx *sql.Tx) error {
	var some bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.Name+")").Scan(&some); err != nil {
		return err
	}
	if some {
		return ErrNotEmpty
	}
	return nil
}
