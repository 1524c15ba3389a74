package record

import (
	"context"
	"database/sql"
	"errors"

	"github.com/servicerules/rulebook/server/internal/postgres"
	"github.com/servicerules/rulebook/server/internal/span"
)

// write does something in a transaction of its own, beside those of the writer of
// decisions. What do returns as an error is returned, and nothing is written; where
// it returns none, all is on disk when write returns.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) (err error) {
	if s.writer == nil {
		return ErrClosed
	}
	ctx, writing := span.Start(ctx, spanWrite)
	defer func() { writing.End(err) }()
	if s.Shared() {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, 2*postgres.Patience) // tables of a month may be large
		defer end()
	}
	db, done, err := s.database.others()
	if err != nil {
		return &NotDurableError{err}
	}
	defer func() { err = errors.Join(err, done()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.notDurable(err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := s.database.alone(ctx, tx); err != nil {
		return s.notDurable(err)
	}
	if err := do(tx); err != nil {
		return err
	}
	return s.notDurable(tx.Commit())
}

// notDurable is the error of a statement that wrote nothing; nil for none.
func (s *Store) notDurable(err error) error {
	if err == nil {
		return nil
	}
	return &NotDurableError{s.database.explain(err)}
}

// chainEnd is the place and the hash of the latest step of a chain of steps, which
// is a table; zero of an empty one.
func chainEnd(ctx context.Context, tx *sql.Tx, table string) (seq int64, hash Hash, err error) {
	var data []byte
	err = tx.QueryRowContext(ctx, "SELECT seq, hash FROM "+table+" ORDER BY seq DESC LIMIT 1").Scan(&seq, &data)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	copy(hash[:], data)
	return seq, hash, err
}
