package run

import (
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
)

// kept is what an answer keeps of its run: what its values came to and then the
// facts that something may read, so that it can be run again when somebody asks
// for reasons. Both are in one string, since most of what a decision costs is
// the memory of its answer.
type kept struct {
	ed   *form.Plan
	text value.Reader
}

// keep is what an answer keeps; of a blank one, no values.
func keep(r *form.Run, blank bool) kept {
	b := r.Bytes[:0]
	if !blank {
		for _, slot := range r.Plan.ValueSlots {
			b = r.Slots[slot].AppendBytes(b)
		}
	}
	for _, slot := range r.Plan.Reads {
		b = r.Slots[slot].AppendBytes(b)
	}
	r.Bytes = b
	return kept{r.Plan, value.Reader(b)}
}

// value is what the i-th of the edition's valueSlots came to. There is none in
// a blank answer.
func (k kept) value(i int) value.Value {
	var v value.Value
	for range i + 1 {
		v = k.text.Next()
	}
	return v
}

// again is the run that led to the answer, nil where there was none. It must
// be left.
func (e *evaluated) again() *form.Run {
	k := e.kept
	if k.ed == nil {
		return nil
	}
	r := k.ed.Begin()
	if !e.of.blank {
		for range k.ed.ValueSlots {
			k.text.Next()
		}
	}
	clear(r.Facts())
	for _, slot := range k.ed.Reads {
		r.Slots[slot] = k.text.Next()
	}
	evaluate(r, k.ed.Asked.Units)
	scope := scope(r)
	r.Marks[form.MarkScope] = scope
	verdict(r)
	if scope != form.NoScope {
		computeValues(r, k.ed.Asked.Values)
	}
	return r
}
