package run

import (
	"math"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
)

// snapshot is what an answer keeps of its run: what its values came to, unless it
// is blank, and then the facts that something may read, so that it can be run again
// when somebody asks for reasons. It is one text, since most of what a decision
// costs is the memory of its answer.
func snapshot(r *form.Run, blank bool) value.Reader {
	b := r.Bytes[:0]
	if !blank {
		b = value.AppendSlots(b, r.Slots, r.Plan.ValueSlots)
	}
	b = value.AppendSlots(b, r.Slots, r.Plan.Reads)
	r.Bytes = b
	return value.Reader(b)
}

// came is what the i-th of the plan's ValueSlots came to. There is none in a
// blank answer.
func (e *evaluated) came(i int) value.Value {
	rest := e.snapshot
	for range i {
		rest.Skip()
	}
	return rest.Next()
}

// again is the run that led to the answer, nil where there was none. It must
// be left.
func (e *evaluated) again() *form.Run { return e.repeat(false) }

// repeat is again, which may find the next moment at which time alone may
// change something.
func (e *evaluated) repeat(seeks bool) *form.Run {
	plan := e.of.plan
	if plan == nil || e.of.undated {
		return nil
	}
	r := plan.Begin()
	r.Seeks, r.Next = seeks, 0
	rest := e.snapshot
	if !e.of.blank {
		for range plan.ValueSlots {
			rest.Skip()
		}
	}
	clear(r.Facts())
	for _, slot := range plan.Reads {
		r.Slots[slot] = rest.Next()
	}
	evaluate(r, plan.Asked.Units)
	scope := scope(r)
	r.Marks[form.MarkScope] = scope
	verdict(r)
	if scope != form.OutOfScope {
		computeValues(r, plan.Asked.Values)
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
		return e.of.others.next(e.of.book)
	}
	if o := e.of.others; o != nil && o.at != 0 {
		r.MayChange(o.at)
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
