package policy

import (
	"reflect"
	"time"
	"unsafe"

	"github.com/servicerules/rulebook/internal/value"
)

// Bind checks that a Go type fits the facts of a question; see [Bind].
func (e *Engine) Bind(question string, t reflect.Type, conversions ...Conversion) (*Binding, error) {
	if e == nil {
		return Bind(nil, question, t, conversions...)
	}
	return Bind(e.book, question, t, conversions...)
}

// Decide answers about what p points to, a value of the type that was bound or,
// where that is a pointer, a pointer to one. Errors are those of Binding.Fill
// and of Ask.
func (e *Engine) Decide(b *Binding, p unsafe.Pointer, asOf time.Time) (*Answer, error) {
	if err := e.sameBook(b.Book()); err != nil {
		return nil, err
	}
	return e.decideFilled(b.Question(), asOf, func(facts []value.Value, room *value.Room) error { return b.Fill(facts, room, p) })
}

// Columns checks that columns fit the facts of a question; see [NewColumns].
func (e *Engine) Columns(question string, columns map[string]any, conversions ...Conversion) (*Columns, error) {
	if e == nil {
		return NewColumns(nil, question, columns, conversions...)
	}
	return NewColumns(e.book, question, columns, conversions...)
}

// DecideRow answers about a row of columns.
func (e *Engine) DecideRow(c *Columns, row int, asOf time.Time) (*Answer, error) {
	if err := e.sameBook(c.Book()); err != nil {
		return nil, err
	}
	return e.decideFilled(c.Question(), asOf, func(facts []value.Value, room *value.Room) error { return c.Fill(facts, room, row) })
}

// decideFilled answers from facts that are put into their slots at once.
func (e *Engine) decideFilled(q *checkedQuestion, asOf time.Time, fill func(facts []value.Value, room *value.Room) error) (*Answer, error) {
	r, err := e.begin(q)
	if err != nil {
		return nil, err
	}
	if err := fill(r.facts(), &r.room); err != nil {
		r.leave()
		return nil, err
	}
	return e.decide(r, q, asOf)
}

// RowReader reads the facts of many rows, to be decided one by one. It is safe for
// concurrent use.
type RowReader struct {
	engine *Engine
	rows   *Rows
}

// Rows prepares for rows that have the facts under the given paths; see
// [NewRows].
func (e *Engine) Rows(question string, paths ...string) (*RowReader, error) {
	var book *CheckedBook
	if e != nil {
		book = e.book
	}
	rows, err := NewRows(book, question, paths...)
	if err != nil {
		return nil, err
	}
	return &RowReader{e, rows}, nil
}

// OpenRow is a row that is read, and then decided or left.
type OpenRow struct {
	Row
	engine *Engine
	run    *Run
	err    error // why there is no run
}

// Row is a row of which nothing has been read yet.
func (r *RowReader) Row() OpenRow {
	row := OpenRow{engine: r.engine}
	if row.run, row.err = r.engine.begin(r.rows.Question()); row.err != nil {
		row.Row = r.rows.Row(make([]value.Value, r.rows.Slots()))
		return row
	}
	row.Row = r.rows.Row(row.run.facts())
	return row
}

// Decide answers from the row, at the moment of asking where the row does not
// say its own, and leaves it. Errors are those of Ask.
func (r *OpenRow) Decide(asOf time.Time) (*Answer, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.SaysWhen() {
		asOf = time.Time{}
	}
	return r.engine.decide(r.run, r.of.question, asOf)
}

// Leave gives a row up.
func (r *OpenRow) Leave() {
	if r.run != nil {
		r.run.leave()
	}
}
