package record

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3/driver"
)

// writer is the one goroutine that writes.
type writer struct {
	store *Store
	queue chan *pending
	ended chan struct{}

	mu      sync.RWMutex // held for reading while something is put into the queue
	stopped bool

	// Of the goroutine alone:
	db        *sql.DB // nil after a failure, until it is opened again
	conn      *sql.Conn
	insert    *sql.Stmt
	rulebooks map[Hash]bool // that are in the file
}

// pending is a record that waits to be written.
type pending struct {
	ctx   context.Context
	draft *Draft
	done  chan struct{}
	entry *Entry
	first bool // whether the entry is this draft's, not that of an earlier request
	err   error
	whole *whole // records that are made together or not at all; nil for one
}

const (
	queued   = 1024 // records that may wait
	maxBatch = 512  // records of one transaction
)

func startWriter(ctx context.Context, s *Store) (*writer, error) {
	w := &writer{store: s, queue: make(chan *pending, queued), ended: make(chan struct{})}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	go w.run()
	return w, nil
}

// Append puts a decision on record. It returns once the record is on disk;
// first is false where an earlier request with the same key made the record.
// Errors: a *NotDurableError, ErrKeyReused, ErrClosed, or the context's. When
// the context ends early the record may have been made all the same: a retry
// with a key finds it.
func (s *Store) Append(ctx context.Context, d *Draft) (entry *Entry, first bool, err error) {
	if s.writer == nil {
		return nil, false, ErrClosed
	}
	p := &pending{ctx: ctx, draft: d, done: make(chan struct{})}
	if err := s.writer.put(p); err != nil {
		return nil, false, err
	}
	select {
	case <-p.done:
		return p.entry, p.first, p.err
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

// Waiting is how many records wait to be written.
func (s *Store) Waiting() int {
	if s.writer == nil {
		return 0
	}
	return len(s.writer.queue)
}

func (w *writer) put(p *pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.stopped {
		return ErrClosed
	}
	select {
	case w.queue <- p:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// stop writes what waits. The file stays open: the last to close it moves the
// WAL into it, which a reader could not.
func (w *writer) stop() {
	w.mu.Lock()
	if !w.stopped {
		w.stopped = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		var retry <-chan time.Time
		if w.store.Failing() != nil {
			retry = time.After(probing)
		}
		select {
		case p, ok := <-w.queue:
			if !ok {
				return
			}
			for p != nil {
				if p.whole != nil {
					w.writeWhole(p)
					break
				}
				var all []*pending
				all, p = w.batch(p)
				w.write(all)
			}
		case <-retry:
			w.write(nil) // whether it works again must not wait for the next request
		}
	}
}

// probing is how long after a failure the file is tried again.
const probing = time.Second

// batch takes what has arrived; it does not wait for more. What is to be written
// by itself comes next.
func (w *writer) batch(p *pending) (all []*pending, next *pending) {
	all = []*pending{p}
	for len(all) < maxBatch {
		select {
		case p, ok := <-w.queue:
			if !ok {
				return all, nil
			}
			if p.whole != nil {
				return all, p
			}
			all = append(all, p)
		default:
			return all, nil
		}
	}
	return all, nil
}

// write makes records of a batch in one transaction.
func (w *writer) write(batch []*pending) {
	started := time.Now()
	head, err := w.transaction(batch)
	if err = w.done(head, err, len(batch), started); err != nil {
		for _, p := range batch {
			p.entry, p.first, p.err = nil, false, err
		}
	}
	for _, p := range batch {
		close(p.done)
	}
}

// done notes how a transaction has ended.
func (w *writer) done(head Head, err error, records int, started time.Time) error {
	if err == nil {
		w.store.head.Store(&head)
		w.store.failing.Store(nil)
		w.store.options.Observe(records, time.Since(started), nil)
		w.store.signal()
		return nil
	}
	err = w.store.explain(err)
	notDurable := &NotDurableError{err}
	w.store.failing.Store(notDurable)
	// Whether the file has the records is not known now. What stands in it
	// is read again before anything else is written.
	_ = w.close()
	w.store.options.Observe(records, time.Since(started), err)
	return notDurable
}

func (w *writer) transaction(batch []*pending) (Head, error) {
	ctx := context.Background() // a batch belongs to many requests
	if w.db == nil {
		if err := w.open(ctx); err != nil {
			return Head{}, err
		}
	}
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return Head{}, err
	}
	defer func() { _ = tx.Rollback() }()
	head := w.store.Head()
	if len(batch) == 0 { // write something, so that it is known whether that works
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
			return Head{}, err
		}
	}
	insert := tx.StmtContext(ctx, w.insert)
	learned := map[Hash]bool{}
	for _, p := range batch {
		if p.ctx.Err() != nil {
			p.err = p.ctx.Err() // nobody waits for it any more
			continue
		}
		if p.entry, p.first, p.err = w.make(ctx, tx, insert, p.draft, &head, learned); p.err != nil && !errors.Is(p.err, ErrKeyReused) {
			return Head{}, p.err
		}
	}
	if err := tx.Commit(); err != nil {
		return Head{}, err
	}
	for r := range learned {
		w.rulebooks[r] = true
	}
	return head, nil
}

// make makes a record in a transaction, or finds that of an earlier request with
// the same key. The error is ErrKeyReused, or the disk's.
func (w *writer) make(ctx context.Context, tx *sql.Tx, insert *sql.Stmt, d *Draft, head *Head, learned map[Hash]bool) (e *Entry, first bool, err error) {
	var retry []byte
	if d.Retry != nil {
		if e, err = find(ctx, tx, *d.Retry); !errors.Is(err, ErrNotFound) {
			return e, false, err
		}
		retry = d.Retry.Key[:]
	}
	if r := d.Rulebook; !w.rulebooks[r.SHA256] && !learned[r.SHA256] {
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO rulebooks (sha256, text) VALUES (?, ?)", r.SHA256[:], r.Text); err != nil {
			return nil, false, err
		}
		learned[r.SHA256] = true
	}
	e = w.entry(d, *head)
	if _, err := insert.ExecContext(ctx, e.Seq, e.Hash[:], e.RecordedAt.UnixMicro(), e.Question, e.Verdict, retry, e.Body); err != nil {
		return nil, false, err
	}
	*head = Head{e.Seq, e.Hash}
	return e, true, nil
}

func (w *writer) entry(d *Draft, head Head) *Entry {
	at := w.store.Now()
	e := &Entry{Seq: head.Seq + 1, RecordedAt: at, Question: d.Question, Verdict: d.Verdict}
	e.Body = encode(d, e.Seq, at, head.Hash)
	e.Hash = sha256.Sum256(e.Body)
	return e
}

// open connects to the file and reads where the chain stands.
func (w *writer) open(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.db, err = driver.Open(w.store.source(false), w.store.tune); err != nil {
		return err
	}
	w.db.SetMaxOpenConns(1)
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return err
	}
	head, err := readHead(ctx, w.conn)
	if err != nil {
		return err
	}
	w.store.head.Store(&head)
	w.rulebooks = map[Hash]bool{}
	w.insert, err = w.conn.PrepareContext(ctx, "INSERT INTO decisions (seq, hash, recorded, question, verdict, retry, body) VALUES (?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	return nil
}

func (w *writer) close() error {
	var errs []error
	if w.insert != nil {
		errs = append(errs, w.insert.Close())
	}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	if w.db != nil {
		errs = append(errs, w.db.Close())
	}
	w.insert, w.conn, w.db = nil, nil, nil
	return errors.Join(errs...)
}
