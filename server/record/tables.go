package record

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// table is a table of a store, whatever that is kept in.
type table struct{ name, columns string }

// tables are all of them.
var tables = []table{
	{"rulebooks", "sha256, text"},
	{"decisions", "seq, hash, recorded, question, verdict, retry, body"},
	{"imports", "id, month, source, at, caller, reason, replaces, summary"},
	{"import_files", "import, name, size, sha256"},
	{"import_parts", "import, name, part, data"},
	{"steps", "seq, hash, of, kind, who, corrects, retry, body"},
	{"rule_texts", "sha256, data"},
	{"change_steps", "seq, hash, change, kind, retry, body"},
	{"events", "seq, id, at, type, of, data"},
	{"webhooks", "name, url, types, secret, from_file, made, caller, cursor, delivered, tries, failing, next, problem, stopped"},
}

// copy puts the rows of a table into the same table of another store.
func (t table) copy(ctx context.Context, from, to *sql.Tx) (err error) {
	width := strings.Count(t.columns, ",") + 1
	values := make([]string, width)
	for i := range values {
		values[i] = "$" + strconv.Itoa(i+1)
	}
	insert, err := to.PrepareContext(ctx, "INSERT INTO "+t.name+" ("+t.columns+") VALUES ("+strings.Join(values, ", ")+")")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	rows, err := from.QueryContext(ctx, "SELECT "+t.columns+" FROM "+t.name)
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
