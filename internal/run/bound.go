package run

import (
	"reflect"
	"time"
	"unsafe"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Bind checks that a Go type fits the facts of a question; see [Bind].
func (e *Engine) Bind(question string, t reflect.Type, conversions ...intake.Conversion) (*intake.Binding, error) {
	if e == nil {
		return intake.Bind(nil, question, t, conversions...)
	}
	return intake.Bind(e.book, question, t, conversions...)
}

// Decide answers about what p points to, a value of the type that was bound or,
// where that is a pointer, a pointer to one. Errors are those of Binding.Fill
// and of Ask.
func (e *Engine) Decide(b *intake.Binding, p unsafe.Pointer, asOf time.Time) (*policy.Answer, error) {
	if err := e.sameBook(b.Book()); err != nil {
		return nil, err
	}
	return e.decideFilled(b.Question(), asOf, func(facts []value.Value, room *value.Room) error { return b.Fill(facts, room, p) })
}

// Columns checks that columns fit the facts of a question; see [NewColumns].
func (e *Engine) Columns(question string, columns map[string]any, conversions ...intake.Conversion) (*intake.Columns, error) {
	if e == nil {
		return intake.NewColumns(nil, question, columns, conversions...)
	}
	return intake.NewColumns(e.book, question, columns, conversions...)
}

// DecideRow answers about a row of columns.
func (e *Engine) DecideRow(c *intake.Columns, row int, asOf time.Time) (*policy.Answer, error) {
	if err := e.sameBook(c.Book()); err != nil {
		return nil, err
	}
	return e.decideFilled(c.Question(), asOf, func(facts []value.Value, room *value.Room) error { return c.Fill(facts, room, row) })
}

// decideFilled answers from facts that are put into their slots at once.
func (e *Engine) decideFilled(q *checked.Question, asOf time.Time, fill func(facts []value.Value, room *value.Room) error) (*policy.Answer, error) {
	r, err := e.begin(q)
	if err != nil {
		return nil, err
	}
	if err := fill(r.Facts(), &r.Room); err != nil {
		r.Leave()
		return nil, err
	}
	return e.decide(r, q, asOf)
}

// RowReader reads the facts of many rows, to be decided one by one. It is safe for
// concurrent use.
type RowReader struct {
	engine *Engine
	rows   *intake.Rows
}

// Rows prepares for rows that have the facts under the given paths; see
// [NewRows].
func (e *Engine) Rows(question string, paths ...string) (*RowReader, error) {
	var book *checked.Book
	if e != nil {
		book = e.book
	}
	rows, err := intake.NewRows(book, question, paths...)
	if err != nil {
		return nil, err
	}
	return &RowReader{e, rows}, nil
}

// OpenRow is a row that is read, and then decided or left.
type OpenRow struct {
	intake.Row
	engine *Engine
	run    *form.Run
	err    error // why there is no run
}

// Row is a row of which nothing has been read yet.
func (r *RowReader) Row() OpenRow {
	row := OpenRow{engine: r.engine}
	if row.run, row.err = r.engine.begin(r.rows.Question()); row.err != nil {
		row.Row = r.rows.Row(make([]value.Value, r.rows.Slots()))
		return row
	}
	row.Row = r.rows.Row(row.run.Facts())
	return row
}

// Decide answers from the row, at the moment of asking where the row does not
// say its own, and leaves it. Errors are those of Ask.
func (r *OpenRow) Decide(asOf time.Time) (*policy.Answer, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.SaysWhen() {
		asOf = time.Time{}
	}
	return r.engine.decide(r.run, r.Of.Asked, asOf)
}

// Leave gives a row up.
func (r *OpenRow) Leave() {
	if r.run != nil {
		r.run.Leave()
	}
}
