package service

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"io"
	"iter"
	"runtime"
	"strconv"
	"sync"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/internal/span"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/record"
)

// Import is a table whose rows are asked a question about and put on record.
type Import struct {
	Asking          // the facts are those of the rows
	Caller   string // who chose the key
	Key      string // "" for none: a table that is sent again is then on record twice
	Whole    bool   // all rows are put on record or none
	Only     bool   // rows are checked only, and nothing is put on record
	Settings []byte // what beside the facts makes a request another one
	// Wait is called for each row before it is worked on; its error ends the import.
	Wait func(context.Context) error
}

// ImportedRow is what became of a row.
type ImportedRow struct {
	Line     int
	ID       string // "" where the table has no ids
	Verdict  string
	Entry    *record.Entry // nil where it is not on record
	First    bool          // false where an earlier request with the same key made the record
	Problems []*table.Problem
	Err      error // why it could not be put on record, where it is no problem of a cell; those of Record
}

// Refused reports whether something is wrong with the row.
func (r *ImportedRow) Refused() bool { return r.Err != nil || len(r.Problems) > 0 }

// Imported counts what became of the rows.
type Imported struct {
	Rows     int
	Recorded int // now
	Again    int // by an earlier request
	Refused  int
}

// NothingImportedError says that a table was not put on record because of some of
// its rows.
type NothingImportedError struct {
	Imported
	First []*ImportedRow // the first of the rows that were refused
}

// Error is the reason in English.
func (e *NothingImportedError) Error() string {
	return strconv.Itoa(e.Refused) + " of " + strconv.Itoa(e.Rows) + " rows cannot be put on record, so that none was"
}

// TooManyRowsError says that a table has more rows than may be put on record
// together.
type TooManyRowsError struct{ Most int }

// Error names the bound.
func (e *TooManyRowsError) Error() string {
	return "more than " + strconv.Itoa(e.Most) + " rows cannot be put on record together"
}

// Bounds of an import.
const (
	importChunk = 128     // rows that are decided at once
	importBytes = 1 << 20 // of facts that are decided at once
	wholeMost   = 20_000  // rows that are put on record together: others wait meanwhile
	toldMost    = 100     // rows that a refusal of a whole table tells of
)

// Import puts the rows of a table on record, in their order. emit is told of every
// row, in the order of the table; of a whole table once it is on record. Rows with
// the same id are refused from the second on. Errors: a *NothingImportedError, a
// *TooManyRowsError, those of the rows, of emit and of record.Store.AppendWhole.
func (s *Service) Import(ctx context.Context, o Import, rows *tables.Rows, emit func(*ImportedRow) error) (*Imported, error) {
	i := &importing{Service: s, Import: o, rows: rows, ids: map[[16]byte]int{}}
	if o.Whole {
		return i.whole(ctx, emit)
	}
	ctx = span.Whole(ctx)
	for {
		chunk, err := i.decide(ctx)
		if err != nil || len(chunk) == 0 {
			return &i.sum, err
		}
		if !o.Only {
			i.append(ctx, chunk)
		}
		for _, x := range chunk {
			i.count(&x.ImportedRow)
			if err := emit(&x.ImportedRow); err != nil {
				return &i.sum, err
			}
		}
	}
}

type importing struct {
	*Service
	Import
	rows *tables.Rows
	ids  map[[16]byte]int // lines by the beginning of the hash of an id
	sum  Imported
	end  bool
}

// decided is a row that is to be put on record.
type decided struct {
	ImportedRow
	row   *tables.Row
	draft *record.Draft // nil where it was refused, or is on record already
}

func (i *importing) count(x *ImportedRow) {
	i.sum.Rows++
	switch {
	case x.Refused():
		i.sum.Refused++
	case x.Entry != nil && x.First:
		i.sum.Recorded++
		i.observer.Recorded(x.Entry.Question, x.Entry.Verdict)
	case x.Entry != nil:
		i.sum.Again++
	}
}

// decide reads the next rows and decides them; none at the end.
func (i *importing) decide(ctx context.Context) ([]*decided, error) {
	var chunk []*decided
	for size := 0; !i.end && len(chunk) < importChunk && size < importBytes; {
		row, err := i.rows.Next()
		if errors.Is(err, io.EOF) {
			i.end = true
			break
		}
		if err != nil {
			return nil, err
		}
		if i.Wait != nil {
			if err := i.Wait(ctx); err != nil {
				return nil, err
			}
		}
		x := &decided{row: row, ImportedRow: ImportedRow{Line: row.Line, ID: row.ID, Problems: row.Problems}}
		i.unique(x)
		chunk = append(chunk, x)
		size += len(row.Facts)
	}
	next := make(chan *decided)
	var working sync.WaitGroup
	var failed any
	var once sync.Once
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			defer func() {
				if failure := recover(); failure != nil {
					once.Do(func() { failed = failure })
					for range next { // nobody else may take them
					}
				}
			}()
			for x := range next {
				i.one(ctx, x)
			}
		})
	}
	for _, x := range chunk {
		if !x.Refused() {
			next <- x
		}
	}
	close(next)
	working.Wait()
	if failed != nil {
		panic(failed) // as if it had happened here
	}
	return chunk, ctx.Err()
}

// unique refuses a row whose id stood in the table before.
func (i *importing) unique(x *decided) {
	if x.ID == "" || x.Refused() {
		return
	}
	sum := sha256.Sum256([]byte(x.ID))
	key := [16]byte(sum[:16])
	if line, there := i.ids[key]; there {
		at := strconv.Itoa(line)
		x.Problems = append(x.Problems, table.Duplicate(x.ID, diagnostic.Text{ZH: "第 " + at + " 行", EN: "line " + at}))
		return
	}
	i.ids[key] = x.Line
}

func (i *importing) one(ctx context.Context, x *decided) {
	a := i.Asking
	a.Facts = x.row.Facts
	once := Once{Caller: i.Caller}
	if i.Key != "" {
		id := x.ID
		if id == "" {
			id = "\x00" + strconv.Itoa(x.Line)
		}
		once.Key = i.Key + "\x00row\x00" + id
		once.Request = append(append([]byte(i.Question+"\x00"), i.Settings...), x.row.Facts...)
	}
	x.draft, x.Entry, x.Err = i.prepare(ctx, a, once)
	switch {
	case x.draft != nil:
		x.Verdict = x.draft.Verdict
	case x.Entry != nil:
		x.Verdict = x.Entry.Verdict
	}
}

// append puts what was decided on record, row by row.
func (i *importing) append(ctx context.Context, chunk []*decided) {
	var drafts []*record.Draft
	var of []*decided
	for _, x := range chunk {
		if x.draft != nil {
			drafts, of = append(drafts, x.draft), append(of, x)
		}
	}
	for n, done := range i.Store.AppendAll(ctx, drafts) {
		of[n].Entry, of[n].First, of[n].Err = done.Entry, done.First, done.Err
	}
}

// whole decides all rows before any is put on record. What was decided is kept in
// a temporary file meanwhile.
func (i *importing) whole(ctx context.Context, emit func(*ImportedRow) error) (*Imported, error) {
	kept, err := i.newKept()
	if err != nil {
		return nil, err
	}
	defer kept.close()
	refused := &NothingImportedError{}
	for {
		chunk, err := i.decide(span.Whole(ctx))
		if err != nil {
			return nil, err
		}
		if len(chunk) == 0 {
			break
		}
		for _, x := range chunk {
			if i.sum.Rows++; i.sum.Rows > wholeMost {
				return nil, &TooManyRowsError{wholeMost}
			}
			if x.Refused() {
				i.sum.Refused++
				if len(refused.First) < toldMost {
					refused.First = append(refused.First, &x.ImportedRow)
				}
			} else if i.sum.Refused == 0 {
				if err := kept.add(x); err != nil {
					return nil, err
				}
			}
		}
	}
	if i.sum.Refused > 0 {
		refused.Imported = i.sum
		return nil, refused
	}
	i.sum = Imported{}
	told := func(x *ImportedRow) error {
		i.count(x)
		return emit(x)
	}
	if i.Only {
		for x, err := range kept.rows() {
			if err != nil {
				return nil, err
			}
			if err := told(&ImportedRow{Line: x.Line, ID: x.ID, Verdict: x.Draft.Verdict}); err != nil {
				return nil, err
			}
		}
		return &i.sum, nil
	}
	made, err := i.newKept()
	if err != nil {
		return nil, err
	}
	defer made.close()
	var now keptRow
	drafts := func(yield func(*record.Draft, error) bool) {
		for x, err := range kept.rows() {
			if err == nil {
				now = *x
			}
			if !yield(now.Draft, err) {
				return
			}
		}
	}
	each := func(e *record.Entry, first bool) error {
		return made.put(&keptRow{Line: now.Line, ID: now.ID, First: first, Entry: &record.Entry{Seq: e.Seq, Hash: e.Hash, Question: e.Question, Verdict: e.Verdict}})
	}
	if err := i.Store.AppendWhole(ctx, drafts, each); err != nil {
		return nil, err
	}
	for x, err := range made.rows() {
		if err != nil {
			return nil, err
		}
		if err := told(&ImportedRow{Line: x.Line, ID: x.ID, Verdict: x.Entry.Verdict, Entry: x.Entry, First: x.First}); err != nil {
			return nil, err
		}
	}
	return &i.sum, nil
}

// keptRows are rows in a temporary file.
type keptRows struct {
	file  *spool.File
	out   *bufio.Writer
	write *gob.Encoder
	books map[record.Hash][]byte // texts of rulebooks: the same for all rows, about
}

type keptRow struct {
	Line  int
	ID    string
	Draft *record.Draft
	Known bool // what is assumed of the facts is known: gob does not tell an empty list from none
	First bool
	Entry *record.Entry
	// Corrects is the id of the decision whose place it takes; "" for none.
	Corrects string
}

func (s *Service) newKept() (*keptRows, error) {
	f, err := s.Room.New()
	if err != nil {
		return nil, err
	}
	k := &keptRows{file: f, out: bufio.NewWriterSize(f, 64<<10), books: map[record.Hash][]byte{}}
	k.write = gob.NewEncoder(k.out)
	return k, nil
}

func (k *keptRows) close() { _ = k.file.Close() } // a temporary file

// add keeps what was decided. A row that is on record already is kept as its
// facts, and found again by its key.
func (k *keptRows) add(x *decided) error {
	d := record.Draft{}
	if x.draft != nil {
		d = *x.draft
		k.books[d.Rulebook.SHA256] = d.Rulebook.Text
		d.Rulebook.Text = nil
	} else if body, err := x.Entry.Decode(); err != nil {
		return err
	} else if d.Retry, err = retryOf(body); err != nil {
		return err
	}
	d.Verdict = x.Verdict
	return k.put(&keptRow{Line: x.Line, ID: x.ID, Draft: &d, Known: d.FactsAssumed != nil})
}

func retryOf(body *record.Body) (*record.Retry, error) {
	key, err := record.ParseHash(body.Retry.Key)
	if err != nil {
		return nil, err
	}
	request, err := record.ParseHash(body.Retry.Request)
	return &record.Retry{Key: key, Request: request}, err
}

func (k *keptRows) put(x *keptRow) error { return k.write.Encode(x) }

// rows are read from the beginning; nothing is added afterwards.
func (k *keptRows) rows() iter.Seq2[*keptRow, error] {
	return func(yield func(*keptRow, error) bool) {
		if err := k.out.Flush(); err != nil {
			yield(nil, err)
			return
		}
		in := gob.NewDecoder(bufio.NewReaderSize(io.NewSectionReader(k.file, 0, k.file.Size()), 64<<10))
		for {
			x := &keptRow{}
			err := in.Decode(x)
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && x.Draft != nil {
				x.Draft.Rulebook.Text = k.books[x.Draft.Rulebook.SHA256]
				if x.Known && x.Draft.FactsAssumed == nil {
					x.Draft.FactsAssumed = []string{}
				}
			}
			if !yield(x, err) || err != nil {
				return
			}
		}
	}
}
