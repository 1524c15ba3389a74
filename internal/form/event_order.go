package form

import (
	"fmt"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// An Event is a point in time that a rule reads from the facts.
type Event struct {
	Is   *condition.Program
	Name policy.Text // what it is called where it is not a fact as it was given
	// Began is set for a start that is put together from several events: of
	// these, the earliest counts.
	Began bool
}

// InOrder reports whether events lie in the order given, as far as they are
// known. If two do not, it ends the evaluation with an AnswerError that names
// the facts.
//
// What a rule computes is no event. So a point in time counts as the fact that
// it was read from: the one that is the same moment, or lies on the same day.
// A date that was given is in order with every moment of its day.
func (r *Run) InOrder(events ...Event) bool {
	for i, later := range events {
		for _, earlier := range events[:i] {
			if !r.inOrder(earlier, later) {
				return false
			}
		}
	}
	return true
}

func (r *Run) inOrder(earlier, later Event) bool {
	a, known := r.point(earlier.Is)
	if !known {
		return true
	}
	b, known := r.point(later.Is)
	if !known || !checked.Before(b, a, r.Zone()) {
		return true // it is the usual case, which looks at no fact
	}
	was, ok := r.source(earlier, a, false)
	if !ok {
		return true
	}
	is, ok := r.source(later, b, true)
	if !ok {
		is = checked.Event{Label: later.Name, V: b}
	}
	if !checked.Before(is.V, was.V, r.Zone()) {
		return true
	}
	r.Fail(&OrderError{was, is})
	return false
}

// OrderError is the error of an evaluation that met a contradiction.
type OrderError struct{ Earlier, Later checked.Event }

// Error names the two in English.
func (e *OrderError) Error() string {
	return e.Later.Named("en") + " is before " + e.Earlier.Named("en")
}

// point is the known point in time that a program comes to.
func (r *Run) point(p *condition.Program) (value.Value, bool) {
	if p == nil {
		return value.Value{}, false
	}
	since := r.Lacking()
	n, state := p.Num(&r.Frame)
	r.Ignore(since)
	return value.NumberIn(p.Type().Kind, state, n), state == value.Known
}

// source is the fact that a point in time was read from. Where several may be
// meant, it is the one that contradicts least: the first of what is to come
// first, the last of what is to come later.
func (r *Run) source(e Event, at value.Value, last bool) (checked.Event, bool) {
	all := r.sources(e.Is, map[int]bool{})
	zone := r.Zone()
	best, found := checked.Event{}, false
	better := func(x checked.Event) bool {
		switch {
		case !found:
			return true
		case last:
			return checked.Before(best.V, x.V, zone)
		}
		return checked.Before(x.V, best.V, zone)
	}
	for _, x := range all {
		switch {
		case e.Began && !checked.Before(at, x.V, zone):
		case !e.Began && x.V.K == at.K && x.V.N == at.N:
			return x, true
		case !e.Began && checked.DayOfValue(x.V, zone) == checked.DayOfValue(at, zone):
		default:
			continue
		}
		if better(x) {
			best, found = x, true
		}
	}
	if !found && !last && len(all) == 1 && !checked.Before(at, all[0].V, zone) {
		return all[0], true // such as the day after it
	}
	return best, found
}

// sources are the moments and dates among the facts that a program reads, also
// by what other rules computed from them.
func (r *Run) sources(p *condition.Program, seen map[int]bool) []checked.Event {
	var all []checked.Event
	if fields := p.ElementFields(); r.ElemSlot >= 0 && r.Within.Item == 0 && len(fields) > 0 && r.Elem.K == value.Record {
		all = r.elementTimes(r.Elem, r.listFact(r.ElemSlot), fields)
	}
	for _, slot := range p.Slots() {
		if seen[slot] || slot == r.Plan.AsOf || !r.Slots[slot].IsKnown() {
			continue
		}
		seen[slot] = true
		v := r.Slots[slot]
		switch {
		case slot < r.Plan.Base && (v.K == value.Moment || v.K == value.Date):
			if f := r.Plan.Question.Layout.FactAt(slot); f != nil {
				all = append(all, checked.Event{Label: f.Label, Path: r.Plan.Question.Layout.Paths[slot], V: v})
			}
		case slot < r.Plan.Base && v.K == value.List:
			f := r.Plan.Question.Layout.FactAt(slot)
			for i, e := range v.L() {
				switch {
				case f == nil || !e.IsKnown():
				case e.K == value.Record:
					all = append(all, r.elementTimes(e, f, nil)...)
				case e.K == value.Moment || e.K == value.Date:
					all = append(all, checked.Event{Label: f.Label, Path: fmt.Sprintf("%s[%d]", r.Plan.Question.Layout.Paths[slot], i), V: e})
				}
			}
		case slot >= r.Plan.Base && (v.K == value.Moment || v.K == value.Date):
			if u := r.Plan.Owner[slot]; u != nil {
				for _, x := range u.Programs {
					all = append(all, r.sources(x, seen)...)
				}
			}
		}
	}
	return all
}

// elementTimes are the moments and dates in an element of a list; in the given
// fields only, unless they are nil.
func (r *Run) elementTimes(e value.Value, list *checked.Fact, fields []int) []checked.Event {
	if list == nil || list.Elem == nil {
		return nil
	}
	var all []checked.Event
	for i, x := range list.Elem.Fields {
		if i < len(e.L()) && x.IsTime() && e.L()[i].IsKnown() && (fields == nil || slices.Contains(fields, i)) {
			all = append(all, checked.Event{Label: x.Label, Path: fmt.Sprintf("%s[%d].%s", r.Plan.Question.Layout.Paths[list.Slot], e.N, x.Name), V: e.L()[i]})
		}
	}
	return all
}

// listFact is the list of facts in a slot, or that the elements in a computed
// list came from.
func (r *Run) listFact(slot int) *checked.Fact {
	if slot < r.Plan.Base {
		return r.Plan.Question.Layout.FactAt(slot)
	}
	u := r.Plan.Owner[slot]
	if u == nil {
		return nil
	}
	for _, o := range u.Outputs {
		if o.Slot != slot || o.Typ == nil {
			continue
		}
		for _, f := range r.Plan.Question.Layout.Placed {
			if f.Elem != nil && f.Typ.Elem == o.Typ.Elem {
				return f
			}
		}
	}
	return nil
}
