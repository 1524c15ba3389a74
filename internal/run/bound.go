package run

import (
	"reflect"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Bind checks that a Go type fits the facts of a question; see [intake.Bind].
func (e *Engine) Bind(question string, t reflect.Type, conversions ...intake.Conversion) (*intake.Binding, error) {
	if e == nil {
		return intake.Bind(nil, question, t, conversions...)
	}
	return intake.Bind(e.book, question, t, conversions...)
}

// Decide answers about what p points to, a value of the type that was bound or,
// where that is a pointer, a pointer to one. Errors are those of Binding.Fill
// and of Ask.
func (e *Engine) Decide(b *intake.Binding, p memory.Address, asOf time.Time) (*policy.Answer, error) {
	if err := e.sameBook(b.Book()); err != nil {
		return nil, err
	}
	return e.decideFilled(b.Question(), asOf, func(facts []value.Value, arena *value.Arena) error { return b.Fill(facts, arena, p) })
}

// Columns checks that columns fit the facts of a question; see [intake.NewColumns].
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
	return e.decideFilled(c.Question(), asOf, func(facts []value.Value, arena *value.Arena) error { return c.Fill(facts, arena, row) })
}

// decideFilled answers from facts that are put into their slots at once.
func (e *Engine) decideFilled(q *checked.Question, asOf time.Time, fill func(facts []value.Value, arena *value.Arena) error) (*policy.Answer, error) {
	r, err := e.begin(q)
	if err != nil {
		return nil, err
	}
	if err := fill(r.Facts(), &r.Arena); err != nil {
		r.Leave()
		return nil, err
	}
	if err := refuseImpossible(r, q); err != nil {
		r.Leave()
		return nil, err
	}
	return e.decide(r, q, asOf)
}

// DecideRead answers about facts that a feeder gives to the reader, at the
// moment of asking where they do not say their own. Errors are those of
// Reader.Finish and of Ask.
func (e *Engine) DecideRead(r *intake.Reader, asOf time.Time, feed func()) (*policy.Answer, error) {
	run, err := e.begin(r.Question())
	if err != nil {
		return nil, err
	}
	r.Into(run.Facts())
	feed()
	if err := r.Finish(); err != nil {
		run.Leave()
		return nil, err
	}
	if err := refuseImpossible(run, r.Question()); err != nil {
		run.Leave()
		return nil, r.Place(err)
	}
	if r.HasAsOf() {
		asOf = time.Time{}
	}
	return e.decide(run, r.Question(), asOf)
}

// Reader reads facts of a question, to be decided about by DecideRead.
func (e *Engine) Reader(question string) (*intake.Reader, error) {
	q, err := e.question(question)
	if err != nil {
		return nil, err
	}
	return intake.NewReader(e.book, q), nil
}
