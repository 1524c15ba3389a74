package record

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"github.com/servicerules/rulebook/server/internal/span"
)

// Appended is what became of a draft.
type Appended struct {
	Entry *Entry
	First bool // false where an earlier request with the same key made the record
	Err   error
}

// AppendAll puts decisions on record in their order, each by itself, and returns
// once all are on disk. Errors of each are those of Append.
func (s *Store) AppendAll(ctx context.Context, drafts []*Draft) []Appended {
	out := make([]Appended, len(drafts))
	if s.writer == nil {
		for i := range out {
			out[i].Err = ErrClosed
		}
		return out
	}
	waiting := make([]*pending, len(drafts))
	for i, d := range drafts {
		p := &pending{ctx: ctx, draft: d, done: make(chan struct{})}
		if out[i].Err = s.writer.put(p); out[i].Err == nil {
			waiting[i] = p
		}
	}
	for i, p := range waiting {
		if p == nil {
			continue
		}
		select {
		case <-p.done:
			out[i] = Appended{p.entry, p.first, p.err}
		case <-ctx.Done():
			out[i].Err = ctx.Err()
		}
	}
	return out
}

// whole are records that are made together or not at all.
type whole struct {
	drafts iter.Seq2[*Draft, error]
	each   func(e *Entry, first bool) error
	also   func(ctx context.Context, tx *sql.Tx) error // what is written with them, behind them; nil for nothing
}

// AppendWhole puts decisions on record in their order, all of them or none, and
// returns once they are on disk. Other records wait meanwhile. each is told of
// every record as it is made, before it is known that all will be there. Errors: a
// *NotDurableError, ErrKeyReused, ErrClosed, the context's, and those of the
// drafts and of each.
func (s *Store) AppendWhole(ctx context.Context, drafts iter.Seq2[*Draft, error], each func(e *Entry, first bool) error) (err error) {
	return s.appendWhole(ctx, &whole{drafts: drafts, each: each})
}

func (s *Store) appendWhole(ctx context.Context, all *whole) (err error) {
	if s.writer == nil {
		return ErrClosed
	}
	ctx, writing := span.Start(ctx, spanWrite)
	defer func() { writing.End(err) }()
	p := &pending{ctx: ctx, whole: all, done: make(chan struct{})}
	if err := s.writer.put(p); err != nil {
		return err
	}
	<-p.done // what it is given is in use until then
	return p.err
}

// refusal is an error that is the caller's, not the disk's.
type refusal struct{ err error }

func (r *refusal) Error() string { return r.err.Error() }

// writeWhole makes records in one transaction of their own.
func (w *writer) writeWhole(p *pending) {
	defer close(p.done)
	started := time.Now()
	head, records, err := w.wholeTransaction(p)
	var refused *refusal
	if errors.As(err, &refused) {
		p.err = refused.err
		return
	}
	p.err = w.done(head, err, records, started)
}

func (w *writer) wholeTransaction(p *pending) (head Head, records int, err error) {
	ctx := context.WithoutCancel(p.ctx)
	if w.db == nil {
		if err := w.open(ctx); err != nil {
			return Head{}, 0, err
		}
	}
	t, err := w.begin(ctx)
	if err != nil {
		return Head{}, 0, err
	}
	defer t.end()
	for d, err := range p.whole.drafts {
		if err == nil {
			err = p.ctx.Err()
		}
		if err != nil {
			return Head{}, 0, &refusal{err}
		}
		e, first, err := t.make(ctx, d)
		if errors.Is(err, ErrKeyReused) {
			return Head{}, 0, &refusal{err}
		}
		if err != nil {
			return Head{}, 0, err
		}
		if err := p.whole.each(e, first); err != nil {
			return Head{}, 0, &refusal{err}
		}
		records++
	}
	if p.whole.also != nil {
		if err := p.whole.also(ctx, t.tx); err != nil {
			return Head{}, 0, err
		}
	}
	if err := t.commit(ctx); err != nil {
		return Head{}, 0, err
	}
	return t.head, records, nil
}
