package record

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"iter"
)

// Month is what is put on record of a month together: its decisions, the
// corrections of earlier ones that they take the place of, and its tables.
type Month struct {
	Drafts      iter.Seq2[*Draft, error]
	Each        func(e *Entry, first bool) error // is told of each record as it is made
	Corrections func() []StepBody                // is asked once all records are made
	Import      *Import                          // as Keep takes it; nil where no tables are kept
	Files       fs.FS
	Names       []string // of the files
}

// AppendMonth puts a month on record, all of it or nothing, and returns once it is
// on disk; other records wait meanwhile. The import that was kept is nil where none
// was to be. Errors: those of AppendWhole, of Keep and of Take.
func (s *Store) AppendMonth(ctx context.Context, m Month) (kept *Import, err error) {
	var parts []compressedFile
	if m.Import != nil {
		if parts, err = compressed(m.Files, m.Names); err != nil {
			return nil, err
		}
	}
	also := func(ctx context.Context, tx *sql.Tx) error {
		for _, b := range m.Corrections() {
			if _, err := s.take(ctx, tx, b); err != nil {
				return asRefusal(err)
			}
		}
		if m.Import == nil {
			return nil
		}
		i := *m.Import
		if err := s.keep(ctx, tx, &i, parts); err != nil {
			return asRefusal(err)
		}
		kept = &i
		return nil
	}
	if err := s.appendWhole(ctx, &whole{drafts: m.Drafts, each: m.Each, also: also}); err != nil {
		return nil, err
	}
	return kept, nil
}

// asRefusal is the error of what cannot be written for a reason of its own as a
// refusal; others are the disk's.
func asRefusal(err error) error {
	var step *StepError
	var there *ReplacedError
	if errors.As(err, &step) || errors.As(err, &there) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrKeyReused) || errors.Is(err, ErrErased) {
		return &refusal{err}
	}
	return err
}

// Keyed is the record of an earlier request with a key, whatever the request was;
// ErrNotFound where there is none.
func (s *Store) Keyed(ctx context.Context, key Hash) (*Entry, error) {
	return scanEntry(s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM decisions WHERE retry = $1", key[:]))
}
