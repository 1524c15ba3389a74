package record

import (
	"context"
	"time"
)

// followEvery is how often a server looks what other servers have put on record.
const followEvery = 200 * time.Millisecond

// follow has a store that others write to, too, know of what they have written, until
// the context ends.
func (s *Store) follow(ctx context.Context) {
	var seen standing
	for {
		now, err := s.standing(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.writer.look() // whether it can be written to is not left to the next request
		case now != seen:
			seen = now
			s.advance(now.head)
			s.changes.Store(now.changes)
			s.signal()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(followEvery):
		}
	}
}

// standing is how far the tables of a store have come.
type standing struct {
	head                            Head
	steps, changes, events, resumed int64
	webhooks                        int64
}

func (s *Store) standing(ctx context.Context) (now standing, err error) {
	const patience = 10 * time.Second
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	if now.head, err = readHead(ctx, s.db); err != nil {
		return now, err
	}
	err = s.db.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(seq), 0) FROM steps), (SELECT coalesce(max(seq), 0) FROM change_steps), (SELECT coalesce(max(seq), 0) FROM events),
		(SELECT coalesce(max(made), 0) FROM webhooks), (SELECT count(*) FROM webhooks)`).Scan(&now.steps, &now.changes, &now.events, &now.resumed, &now.webhooks)
	return now, err
}

// LatestChange is the place of the latest step about a change of the rules, as far as
// it is known what other servers take; 0 where there are none.
func (s *Store) LatestChange() int64 { return s.changes.Load() }

// advance takes a record for the latest one, unless a later one is known.
func (s *Store) advance(to Head) {
	for {
		now := s.head.Load()
		if now.Seq >= to.Seq || s.head.CompareAndSwap(now, &to) {
			return
		}
	}
}
