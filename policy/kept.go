package policy

import "github.com/servicerules/rulebook/internal/value"

// kept is what an answer keeps of its run: what its values came to and then the
// facts that something may read, so that it can be run again when somebody asks
// for reasons. Both are in one string, since most of what a decision costs is
// the memory of its answer.
type kept struct {
	ed   *edition
	text value.Reader
}

// keep is what an answer keeps; of a blank one, no values.
func (r *Run) keep(blank bool) kept {
	b := r.bytes[:0]
	if !blank {
		for _, slot := range r.ed.valueSlots {
			b = r.Slots[slot].AppendBytes(b)
		}
	}
	for _, slot := range r.ed.reads {
		b = r.Slots[slot].AppendBytes(b)
	}
	r.bytes = b
	return kept{r.ed, value.Reader(b)}
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
func (e *evaluated) again() *Run {
	k := e.kept
	if k.ed == nil {
		return nil
	}
	r := k.ed.run()
	if !e.of.blank {
		for range k.ed.valueSlots {
			k.text.Next()
		}
	}
	clear(r.facts())
	for _, slot := range k.ed.reads {
		r.Slots[slot] = k.text.Next()
	}
	r.evaluate(k.ed.asked.units)
	scope := r.scope()
	r.marks[markScope] = scope
	r.verdict()
	if scope != noScope {
		r.computeValues(k.ed.asked.values)
	}
	return r
}
