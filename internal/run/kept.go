package run

import (
	"math"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
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
func (e *evaluated) again() *form.Run { return e.repeat(false) }

// repeat is again, which may find the next moment at which time alone may
// change something.
func (e *evaluated) repeat(seeks bool) *form.Run {
	k := e.kept
	if k.ed == nil || e.of.undated {
		return nil
	}
	r := k.ed.Begin()
	r.Seeks, r.Next = seeks, 0
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
	if scope != form.OutOfScope {
		computeValues(r, k.ed.Asked.Values)
	}
	return r
}

// nextEdition notes when another edition may answer, by the date that the
// moment of asking comes to, or by that moment itself.
func nextEdition(r *form.Run) {
	now, book := r.AsOf(), r.Plan.Book
	if p := r.Plan.Asked.Governs; p != nil {
		if v := aside(r, p); v.IsKnown() {
			if at := p.Turns(&r.Frame, r.Plan.AsOf); at != math.MaxInt64 {
				r.MayChange(at)
			}
			return
		}
	}
	zone := walltime.Of(r.Zone())
	for _, first := range append(slices.Clone(book.Boundaries), book.From, book.To+1) {
		if first <= 1 { // no such day
			continue
		}
		if at := zone.DayStart(first); at > now.N {
			r.MayChange(at)
		}
	}
}

// NextChange is a moment before which time alone does not change the answer.
func (e *evaluated) NextChange() (time.Time, bool) {
	if !e.of.provisional {
		return time.Time{}, false
	}
	r := e.repeat(true)
	if r == nil {
		return time.Time{}, false
	}
	defer r.Leave()
	defer func() { r.Seeks = false }()
	if day := governingOf(r); day.passes && r.AsOf().IsKnown() {
		nextEdition(r)
	}
	for _, c := range r.Plan.Asked.Notes.Consulted { // a value that is the moment of asking itself
		if c.Slot == r.Plan.AsOf && r.Marks[c.Mark] != form.NotReached && slices.Contains(r.Plan.Asked.Notes.Later, c.Mark) {
			r.MayChange(r.AsOf().N + 1)
		}
	}
	if until := r.Plan.Book.Until; until != 0 { // a calendar may count otherwise from then on
		zone := walltime.Of(r.Zone())
		r.MayChange(zone.DayStart(until))
	}
	if r.Next == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, r.Next).In(r.Zone()), true
}
