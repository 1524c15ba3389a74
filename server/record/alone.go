package record

import (
	"context"
	"time"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// How a server holds what one server at a time may do.
const (
	aloneTry  = time.Second     // how often another one tries to
	aloneHold = 3 * time.Second // how often it is looked whether it is held still
)

// Alone does something, again and again until the context ends, that only one of the
// servers that share a store does at a time; the others wait for their turn. The
// context of what is done ends where that is no longer certain, as where the
// connection to the database was lost. A file has one server anyway.
func (s *Store) Alone(ctx context.Context, what string, do func(ctx context.Context)) {
	d, shared := s.database.(*postgresDatabase)
	if !shared {
		do(ctx)
		return
	}
	for ctx.Err() == nil {
		_ = d.hold(ctx, what, do) // a connection that cannot be made is told of by who writes
		select {
		case <-ctx.Done():
		case <-time.After(aloneTry):
		}
	}
}

// hold does something while a transaction is open that no other server has, where it
// can be had now.
func (d *postgresDatabase) hold(ctx context.Context, what string, do func(ctx context.Context)) error {
	db := d.Connect(1, false)
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if alone, err := postgres.TryAlone(ctx, tx, what); err != nil || !alone {
		return err
	}
	doing, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer stop()
		for {
			select {
			case <-doing.Done():
				return
			case <-time.After(aloneHold):
			}
			asking, done := context.WithTimeout(doing, aloneHold)
			_, err := tx.ExecContext(asking, "SELECT 1")
			done()
			if err != nil {
				return
			}
		}
	}()
	do(doing)
	stop()
	<-ended
	return nil
}
