package forms

import (
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
)

// A clock over a list: every item of it is timed, and their ids are sorted.

// chooseForElement finds the deadline of the element that is looked at. A rule
// applies if it does to any element.
func (c *clockUnit) chooseForElement(r *form.Run) (int, value.State) {
	var buffer [8]form.Outcome
	was := buffer[:0]
	for _, p := range c.parts {
		was = append(was, r.Marks[p.Mark])
		r.Marks[p.Mark] = form.NotReached
	}
	i, state := r.Choose(c.cases)
	for k, p := range c.parts {
		r.Marks[p.Mark] = max(was[k], r.Marks[p.Mark])
	}
	return i, state
}

// evaluateEach times every element of a list and sorts their ids.
func (c *clockUnit) evaluateEach(r *form.Run) {
	o := &c.out
	list := r.Eval(c.items.each.Program)
	if list.IsUnknown() {
		c.unknown(r, o.inTime, o.late, o.notYetDue)
		r.Undetermined(c.part)
		return
	}
	i, ok := 0, true
	if c.items.chosen {
		r.Applied(c.part)
	} else if i, ok = c.choose(r); ok {
		c.used(r, i)
	}
	if !ok {
		return
	}
	var inTime, tooLate, open []value.Value
	unsure := false
	r.Each(c.items.each, list.L(), func(int, value.Value) {
		if c.items.chosen {
			var state value.State
			if i, state = c.chooseForElement(r); state != value.Known {
				unsure = unsure || state == value.Unknown
				return // none applies: it has no deadline
			}
			c.used(r, i)
		}
		class, known := c.classify(r, i)
		id := r.Eval(c.items.id)
		switch {
		case !known:
			unsure = true
		case class == sla.Running:
			open = append(open, id)
		case class == sla.OnTime:
			inTime = append(inTime, id)
		case class == sla.Late:
			tooLate = append(tooLate, id)
		}
	})
	if unsure {
		c.unknown(r, o.inTime, o.late, o.notYetDue)
		r.Undetermined(c.part)
		return
	}
	r.Set(o.inTime, value.ListOf(inTime))
	r.Set(o.late, value.ListOf(tooLate))
	r.Set(o.notYetDue, value.ListOf(open))
	if len(open) > 0 {
		r.ProvisionalUntil() // until when, each of them has said
	}
}

// nothing is what an element counts as that does not count.
const nothing = unsettled

// classify says what one element counts as: onTime, late, running, or nothing.
func (c *clockUnit) classify(r *form.Run, i int) (class sla.Status, known bool) {
	start, began := c.began(r, i)
	if began == value.Unknown {
		return nothing, false
	}
	var terms termSet
	var x *course
	if began == value.Known {
		if !c.endsWithStart(r) && !r.InOrder(c.startOf(i), c.doneAt()) {
			return nothing, false
		}
		var t sla.Term
		var state value.State
		since := r.Lacking()
		if t, x, state = c.term(r, i, start); state != value.Known {
			r.Set(c.dueLocal, value.NoneOf(value.Moment))
			if state == value.Unknown {
				return c.classifyWhateverPauses(r, i, start, since)
			}
			return nothing, false
		}
		if x != nil && x.most != nil {
			r.Ignore(since) // how it runs until then is nothing that is asked about
		}
		terms.add(t)
		r.Set(c.dueLocal, momentOf(t.End))
		if waits(&t) {
			r.Set(c.dueLocal, value.NoneOf(value.Moment))
		}
		start = x.fromThen(c.startMoment(r, i, start))
	} else {
		r.Set(c.dueLocal, value.NoneOf(value.Moment))
	}
	if c.items.only != nil {
		switch holds, decided := c.items.only.Holds(&r.Frame); {
		case !decided:
			return nothing, false
		case !holds:
			return nothing, true
		}
	}
	if terms.provisional() {
		r.ProvisionalUntil()
	}
	status := c.status(r, start, &terms)
	if now := r.AsOf(); now.IsKnown() && (status == sla.Running || status == sla.NotStarted) {
		for _, at := range changes(&terms, start, x) {
			if at > now.N {
				r.MayChange(at)
			}
		}
	}
	switch status {
	case unsettled:
		return nothing, false
	case sla.Overdue:
		return sla.Late, true
	case sla.DeemedOnTime:
		r.Mark(c.marks.deemed)
		return c.items.deemed, true
	case sla.NotStarted:
		if began == value.Known { // it will start, and is not due yet
			return sla.Running, true
		}
		return nothing, true
	default:
		return status, true
	}
}
