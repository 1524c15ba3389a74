package record

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Event is something that happened, for programs that follow what is on record.
// Events of records and of steps are what the file has anyway, read in its order:
// none is lost, whatever happens to the server. What time alone brings, and new
// rules, is noted in a table of its own.
type Event struct {
	ID     string // the same whenever it is read
	Type   string
	At     time.Time
	Record string          // id of the record that it is about, "" for none
	Entry  *Entry          // of a record, without its body
	Step   *Step           // of a step
	Data   json.RawMessage // of what was noted
	After  Cursor          // for what comes behind it
}

// Types of events.
const (
	EventDecision = "decision.recorded"
	EventStep     = "step.recorded"
	EventDueSoon  = "due_soon"
	EventOverdue  = "overdue"
	EventRules    = "rules.changed"
)

// EventTypes are all of them.
var EventTypes = []string{EventDecision, EventStep, EventDueSoon, EventOverdue, EventRules}

// Noted is an event that is to be noted.
type Noted struct {
	ID     string // what was noted under it before is not noted again
	Type   string
	Record string // id, "" for none
	Data   json.RawMessage
}

// eventsSchema is what the sixth version of the file has beside the fifth.
const eventsSchema = `
CREATE TABLE events (
	seq  INTEGER PRIMARY KEY,
	id   TEXT NOT NULL UNIQUE,
	at   INTEGER NOT NULL, -- microseconds since 1970
	type TEXT NOT NULL,
	of   TEXT NOT NULL, -- id of a record, '' for none
	data BLOB NOT NULL
) STRICT;
`

// Cursor is how far somebody has read the events: the last record, step and noted
// event. The zero Cursor is before all of them.
type Cursor struct {
	Record, Step, Noted int64
	record, step        [idBytes]byte // beginning of their hashes
}

// String is the cursor as a word that says nothing to others.
func (c Cursor) String() string {
	text := strings.Join([]string{
		strconv.FormatInt(c.Record, 10), hex.EncodeToString(c.record[:]), strconv.FormatInt(c.Step, 10), hex.EncodeToString(c.step[:]), strconv.FormatInt(c.Noted, 10),
	}, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// ErrNoCursor says that a text is no cursor.
var ErrNoCursor = errors.New("it is no cursor")

// ErrCursorGone says that what a cursor has read is not in the file: it is another
// one, or an earlier copy of it.
var ErrCursorGone = errors.New("the cursor is of another file, or of a later state of this one")

// ParseCursor reads a cursor. The error is ErrNoCursor.
func ParseCursor(text string) (c Cursor, err error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return c, ErrNoCursor
	}
	const parts = 5
	all := strings.Split(string(data), ".")
	if len(all) != parts {
		return c, ErrNoCursor
	}
	for i, n := range map[int]*int64{0: &c.Record, 2: &c.Step, 4: &c.Noted} {
		if *n, err = strconv.ParseInt(all[i], 10, 64); err != nil || *n < 0 {
			return Cursor{}, ErrNoCursor
		}
	}
	for i, b := range map[int]*[idBytes]byte{1: &c.record, 3: &c.step} {
		got, err := hex.DecodeString(all[i])
		if err != nil || len(got) != len(b) {
			return Cursor{}, ErrNoCursor
		}
		copy(b[:], got)
	}
	if c.String() != text {
		return Cursor{}, ErrNoCursor
	}
	return c, nil
}

// CheckCursor looks whether the file has what a cursor has read. The error is
// ErrCursorGone.
func (s *Store) CheckCursor(ctx context.Context, c Cursor) error {
	for _, x := range []struct {
		table string
		seq   int64
		begin [idBytes]byte
	}{{"decisions", c.Record, c.record}, {"steps", c.Step, c.step}} {
		if x.seq == 0 {
			continue
		}
		var hash []byte
		err := s.db.QueryRowContext(ctx, "SELECT hash FROM "+x.table+" WHERE seq = $1", x.seq).Scan(&hash)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !bytes.HasPrefix(hash, x.begin[:]) {
			return ErrCursorGone
		}
		if err != nil {
			return err
		}
	}
	var last int64
	if err := s.db.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM events").Scan(&last); err != nil {
		return err
	}
	if c.Noted > last {
		return ErrCursorGone
	}
	return nil
}

// CursorNow is behind everything that has happened so far.
func (s *Store) CursorNow(ctx context.Context) (c Cursor, err error) {
	for _, x := range []struct {
		table string
		seq   *int64
		begin *[idBytes]byte
	}{{"events", &c.Noted, nil}, {"steps", &c.Step, &c.step}, {"decisions", &c.Record, &c.record}} {
		var hash []byte
		column := "hash"
		if x.begin == nil {
			column = "''"
		}
		err := s.db.QueryRowContext(ctx, "SELECT seq, "+column+" FROM "+x.table+" ORDER BY seq DESC LIMIT 1").Scan(x.seq, &hash)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return c, err
		}
		if x.begin != nil {
			copy(x.begin[:], hash)
		}
	}
	return c, nil
}

// Events are those behind a cursor, at most limit. A record comes before its
// steps, and before what time brings to it; of each kind the order is that of the
// file, and beside that events come by their time.
func (s *Store) Events(ctx context.Context, after Cursor, limit int) ([]Event, error) {
	// What refers to records is read first, so that none refers to one that was
	// not read.
	noted, err := s.notedAfter(ctx, after.Noted, limit)
	if err != nil {
		return nil, err
	}
	steps, err := s.StepsAfter(ctx, after.Step, limit)
	if err != nil {
		return nil, err
	}
	entries, err := s.titlesAfter(ctx, after.Record, limit)
	if err != nil {
		return nil, err
	}
	var all []Event
	for at := after; len(all) < limit; {
		var best *Event
		take := func(e *Event, about int64) {
			waits := about > at.Record && len(entries) > 0 // its record comes first
			if !waits && (best == nil || e.At.Before(best.At)) {
				best = e
			}
		}
		if len(entries) > 0 {
			e := entries[0]
			take(&Event{ID: "record." + e.ID(), Type: EventDecision, At: e.RecordedAt, Record: e.ID(), Entry: e}, 0)
		}
		if len(steps) > 0 {
			x := steps[0]
			take(&Event{ID: "step." + strconv.FormatInt(x.Seq, 10) + "-" + hex.EncodeToString(x.Hash[:idBytes]), Type: EventStep, At: x.At, Record: x.Record, Step: x}, x.About)
		}
		if len(noted) > 0 {
			take(&noted[0].Event, PlaceOf(noted[0].Record))
		}
		if best == nil {
			break
		}
		switch {
		case best.Entry != nil:
			at.Record, at.record = best.Entry.Seq, [idBytes]byte(best.Entry.Hash[:idBytes])
			entries = entries[1:]
		case best.Step != nil:
			at.Step, at.step = best.Step.Seq, [idBytes]byte(best.Step.Hash[:idBytes])
			steps = steps[1:]
		default:
			at.Noted = noted[0].seq
			noted = noted[1:]
		}
		best.After = at
		all = append(all, *best)
	}
	return all, nil
}

// titlesAfter are the records behind a place without their bodies.
func (s *Store) titlesAfter(ctx context.Context, after int64, limit int) (all []*Entry, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT seq, hash, recorded, question, verdict, NULL FROM decisions WHERE seq > $1 ORDER BY seq LIMIT $2", after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

type notedEvent struct {
	Event
	seq int64
}

func (s *Store) notedAfter(ctx context.Context, after int64, limit int) (all []notedEvent, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT seq, id, at, type, of, data FROM events WHERE seq > $1 ORDER BY seq LIMIT $2", after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var x notedEvent
		var at int64
		var data []byte
		if err := rows.Scan(&x.seq, &x.ID, &at, &x.Type, &x.Record, &data); err != nil {
			return nil, err
		}
		x.At, x.Data = time.UnixMicro(at).UTC(), data
		all = append(all, x)
	}
	return all, rows.Err()
}

// LatestNoted is the latest event of a type that was noted; ErrNotFound where there
// is none.
func (s *Store) LatestNoted(ctx context.Context, kind string) (*Event, error) {
	e := &Event{}
	var at int64
	var data []byte
	err := s.db.QueryRowContext(ctx, "SELECT id, at, type, of, data FROM events WHERE type = $1 ORDER BY seq DESC LIMIT 1", kind).Scan(&e.ID, &at, &e.Type, &e.Record, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	e.At, e.Data = time.UnixMicro(at).UTC(), data
	return e, err
}

// Note notes events, and returns once they are on disk. What was noted before
// under the same id stays as it is. The error is a *NotDurableError or ErrClosed.
func (s *Store) Note(ctx context.Context, all []Noted) error {
	if len(all) == 0 {
		return nil
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, x := range all {
			if _, err := tx.ExecContext(ctx, "INSERT INTO events (seq, id, at, type, of, data) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM events), $1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", x.ID, s.Now().UnixMicro(), x.Type, x.Record, []byte(x.Data)); err != nil {
				return s.notDurable(err)
			}
		}
		return nil
	})
	if err == nil {
		s.signal()
	}
	return err
}
