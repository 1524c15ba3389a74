package record

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/servicerules/rulebook/server/internal/postgres"
	"github.com/servicerules/rulebook/server/internal/span"
)

// writer is the one goroutine that writes.
type writer struct {
	store *Store
	queue chan *pending
	looks chan struct{} // somebody doubts whether it works
	ended chan struct{}

	mu      sync.RWMutex // held for reading while something is put into the queue
	stopped bool

	// Of the goroutine alone:
	db        *sql.DB // nil after a failure, until it is opened again
	conn      *sql.Conn
	insert    inserter
	rulebooks map[Hash]bool // that are kept
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

// spanWrite is what writing is called in traces: until it is on disk.
const spanWrite = "store write"

const (
	queued   = 1024 // records that may wait
	maxBatch = 512  // records of one transaction
)

func startWriter(ctx context.Context, s *Store) (*writer, error) {
	w := &writer{store: s, queue: make(chan *pending, queued), looks: make(chan struct{}, 1), ended: make(chan struct{})}
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
	ctx, writing := span.Start(ctx, spanWrite)
	defer func() { writing.End(err) }()
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
		case <-w.looks:
			w.write(nil)
		case <-retry:
			w.write(nil) // whether it works again must not wait for the next request
		}
	}
}

// look has it tried whether anything can be written.
func (w *writer) look() {
	select {
	case w.looks <- struct{}{}:
	default:
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
		w.store.advance(head)
		w.store.failing.Store(nil)
		w.store.options.Observe(records, time.Since(started), nil)
		w.store.signal()
		return nil
	}
	err = w.store.database.explain(err)
	notDurable := &NotDurableError{err}
	w.store.failing.Store(notDurable)
	// Whether the records are kept is not known now. What is kept is read again
	// before anything else is written.
	_ = w.close()
	w.store.options.Observe(records, time.Since(started), err)
	return notDurable
}

func (w *writer) transaction(batch []*pending) (Head, error) {
	ctx := context.Background() // a batch belongs to many requests
	if w.store.Shared() {
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, postgres.Patience)
		defer done()
	}
	if w.db == nil {
		if err := w.open(ctx); err != nil {
			return Head{}, err
		}
	}
	t, err := w.begin(ctx)
	if err != nil {
		return Head{}, err
	}
	defer t.end()
	if len(batch) == 0 {
		if err := w.store.database.probe(ctx, t.tx); err != nil {
			return Head{}, err
		}
	}
	for _, p := range batch {
		if p.ctx.Err() != nil {
			p.err = p.ctx.Err() // nobody waits for it any more
			continue
		}
		if p.entry, p.first, p.err = t.make(ctx, p.draft); p.err != nil && !errors.Is(p.err, ErrKeyReused) {
			return Head{}, p.err
		}
	}
	if err := t.commit(ctx); err != nil {
		return Head{}, err
	}
	return t.head, nil
}

// making is a transaction that makes records.
type making struct {
	*writer
	tx      *sql.Tx
	head    Head
	learned map[Hash]bool   // rulebooks that it puts there
	keyed   map[Hash]*Entry // the records that it made, by the keys of their retries
}

func (w *writer) begin(ctx context.Context) (*making, error) {
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	t := &making{writer: w, tx: tx, head: w.store.Head(), learned: map[Hash]bool{}, keyed: map[Hash]*Entry{}}
	if !w.store.Shared() {
		return t, nil
	}
	// Another server may have added to the chain; from here on it waits.
	if err = w.store.database.alone(ctx, tx); err == nil {
		t.head, err = readHead(ctx, tx)
	}
	if err != nil {
		t.end()
		return nil, err
	}
	return t, nil
}

// end takes back what was not committed.
func (t *making) end() {
	_ = t.tx.Rollback()
	t.insert.forget()
}

func (t *making) commit(ctx context.Context) error {
	if err := t.insert.flush(ctx, t.tx); err != nil {
		return err
	}
	if err := t.tx.Commit(); err != nil {
		return err
	}
	for r := range t.learned {
		t.rulebooks[r] = true
	}
	return nil
}

// make makes a record, or finds that of an earlier request with the same key. The
// error is ErrKeyReused, or the disk's.
func (t *making) make(ctx context.Context, d *Draft) (e *Entry, first bool, err error) {
	var retry []byte
	if d.Retry != nil {
		if e, err = t.find(ctx, *d.Retry); !errors.Is(err, ErrNotFound) {
			return e, false, err
		}
		retry = d.Retry.Key[:]
	}
	if r := d.Rulebook; !t.rulebooks[r.SHA256] && !t.learned[r.SHA256] {
		if _, err := t.tx.ExecContext(ctx, "INSERT INTO rulebooks (sha256, text) VALUES ($1, $2) ON CONFLICT DO NOTHING", r.SHA256[:], r.Text); err != nil {
			return nil, false, err
		}
		t.learned[r.SHA256] = true
	}
	e = t.entry(d, t.head)
	if err := t.insert.add(ctx, t.tx, e, retry); err != nil {
		return nil, false, err
	}
	t.head = Head{e.Seq, e.Hash}
	if d.Retry != nil {
		t.keyed[d.Retry.Key] = e
	}
	return e, true, nil
}

// find is find, also among the records of the transaction itself.
func (t *making) find(ctx context.Context, r Retry) (*Entry, error) {
	if e := t.keyed[r.Key]; e != nil {
		return e, e.fits(r)
	}
	return find(ctx, t.tx, r)
}

func (w *writer) entry(d *Draft, head Head) *Entry {
	at := w.store.Now()
	e := &Entry{Seq: head.Seq + 1, RecordedAt: at, Question: d.Question, Verdict: d.Verdict}
	e.Body = encode(d, e.Seq, w.store.newSalt(), at, head.Hash)
	e.Hash = sha256.Sum256(e.Body)
	return e
}

// open connects to the database and reads where the chain stands.
func (w *writer) open(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.db, err = w.store.database.writer(); err != nil {
		return err
	}
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return err
	}
	head, err := readHead(ctx, w.conn)
	if err != nil {
		return err
	}
	w.store.head.Store(&head)
	w.rulebooks = map[Hash]bool{}
	w.insert, err = w.store.database.inserter(ctx, w.conn)
	return err
}

func (w *writer) close() error {
	var errs []error
	if w.insert != nil {
		errs = append(errs, w.insert.close())
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
