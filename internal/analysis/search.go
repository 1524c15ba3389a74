package analysis

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/value"
)

// A want is something that facts are searched for. It looks at a run in which
// the units that it depends on have been evaluated.
type want func(r *form.Run) (answer, []value.Need)

// answer is whether something is so; if that is open, the needs say on what it
// depends.
type answer int

const (
	no answer = iota
	open
	yes
)

// holds wants a condition to be decided so; a nil one always holds.
func holds(p *condition.Program, so bool) want {
	return func(r *form.Run) (answer, []value.Need) {
		if p == nil {
			return answerOf(so), nil
		}
		v, needs, ok := evaluated(r, p)
		switch {
		case !ok:
			return no, nil
		case v.IsUnknown():
			return open, needs
		}
		return answerOf(v.True() == so), nil
	}
}

// evaluated is what a program comes to; false where it fails.
func evaluated(r *form.Run, p *condition.Program) (value.Value, []value.Need, bool) {
	from := len(r.Needs)
	v := p.Eval(&r.Frame)
	needs := slices.Clone(r.Needs[from:])
	failed := r.Err != nil
	r.Needs, r.Err = r.Needs[:from], nil
	return v, needs, !failed
}

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// inScope wants the question to apply.
func (s *study) inScope() []want {
	var all []want
	for _, u := range s.plan.Asked.Scope {
		all = append(all, func(r *form.Run) (answer, []value.Need) {
			if u.HoldsAt < 0 {
				return yes, nil
			}
			switch v := r.Slots[u.HoldsAt]; {
			case v.True():
				return yes, nil
			case v.IsUnknown():
				return open, []value.Need{{Slot: u.HoldsAt, Index: -1, Field: -1}}
			}
			return no, nil
		})
	}
	return all
}

// search looks for facts on which all wants are so.
type search struct {
	*classes
	wants  []want
	units  []*form.Unit        // that the wants depend on
	open   map[*form.Unit]bool // not evaluated: their outputs are chosen as well
	accept func(trial) bool    // has the last word; nil takes all
	limit  int                 // evaluations
	random *rand.Rand          // where not nil, values are tried in any order
	// settles says that what stays open although it lacks no fact is not as wanted:
	// it is left to a person, or cannot be computed.
	settles bool

	tried  int
	gaveUp bool     // the limit was reached
	how    coverage // of all values that were tried
	stuck  bool     // something stayed open whatever was known
}

// trial is a state of the search: the facts, and the outputs of open units.
type trial struct {
	facts   []value.Value
	outputs map[int]value.Value
}

// proof is of which facts a search has shown that none are as wanted.
func (x *search) proof() coverage {
	if x.gaveUp || x.stuck {
		return sampled
	}
	return x.how
}

// find finds facts, if it can.
func (x *search) find() (trial, bool) {
	return x.from(trial{facts: slices.Clone(x.start)})
}

func (x *search) from(t trial) (trial, bool) {
	if x.tried >= x.limit {
		x.gaveUp = true
		return trial{}, false
	}
	x.tried++
	v, state := x.look(t)
	switch state {
	case no:
		return trial{}, false
	case yes:
		if x.accept == nil || x.accept(t) {
			return t, true
		}
		x.stuck = x.stuck || x.settles // it seems to be as wanted, and could not be shown
		return trial{}, false
	}
	if v == nil {
		x.stuck = true
		return trial{}, false
	}
	for _, c := range x.cellsOf(*v) {
		if found, ok := x.from(x.assign(t, *v, c)); ok {
			return found, true
		}
	}
	return trial{}, false
}

// cellsOf are the values to try for a variable, in the order of the search. How
// far they stand for all is noted.
func (x *search) cellsOf(v variable) []value.Value {
	cells, how := x.cells(v)
	x.how = max(x.how, how)
	if x.computing && x.open == nil && v.slot < x.plan.Base && !countable(x.facts[v.slot]) {
		x.how = sampled
	}
	if x.random != nil {
		cells = append(slices.Clone(cells), x.farther(v, cells)...)
		x.random.Shuffle(len(cells), func(i, k int) { cells[i], cells[k] = cells[k], cells[i] })
	}
	return cells
}

// farther are some more values of a fact that is a number or a time, at random,
// where its cells do not stand for all.
func (x *search) farther(v variable, cells []value.Value) []value.Value {
	if x.how != sampled || !x.settles || len(cells) == 0 || v.slot >= x.plan.Base {
		return nil
	}
	near := cells[x.random.IntN(len(cells))]
	unit, magnitudes := int64(1), 7
	switch near.K {
	case value.Moment, value.Duration:
		unit, magnitudes = int64(time.Minute), 6
	case value.Date:
		magnitudes = 3
	case value.Count, value.Money, value.Month:
	default:
		return nil
	}
	if !near.IsKnown() {
		return nil
	}
	var all []value.Value
	for range 3 {
		most := int64(1)
		for range 1 + x.random.IntN(magnitudes) {
			most *= 10
		}
		n := x.random.Int64N(most) * unit
		switch {
		case near.K == value.Count || near.K == value.Money:
			near.N = n // how many there are, or what it costs
		case x.random.IntN(2) == 0:
			near.N += n
		default:
			near.N -= n
		}
		all = append(all, near)
	}
	return all
}

// countable reports whether each value of a fact is tried.
func countable(f *checked.Fact) bool {
	return f != nil && (f.Typ.Kind == value.YesNo || f.Typ.Kind == value.Word || f.Typ.Kind == value.Record)
}

// look evaluates what is wanted. Where something is open, it says what to choose
// next.
func (x *search) look(t trial) (*variable, answer) {
	r := x.plan.Begin()
	defer r.Leave()
	copy(r.Facts(), t.facts)
	x.evaluate(r, t)
	var next *variable
	state := yes
	for _, w := range x.wants {
		switch a, needs := w(r); a {
		case no:
			return nil, no
		case open:
			lacking := run.Lacking(r, needs, func(u *form.Unit) bool { return x.open[u] })
			if x.settles && len(lacking) == 0 {
				return nil, no
			}
			state = open
			if next == nil {
				next = x.next(lacking, t)
			}
		}
	}
	if x.impossible(r) {
		return nil, no
	}
	return next, state
}

func (x *search) evaluate(r *form.Run, t trial) {
	for _, u := range x.units {
		if !x.open[u] {
			run.Evaluate(r, u)
			continue
		}
		for _, o := range u.Outputs {
			v, chosen := t.outputs[o.Slot]
			if !chosen {
				v = value.UnknownOf(o.Typ.Kind)
			}
			r.Set(o.Slot, v)
		}
	}
}

// next is the first of what is lacking that has not been chosen.
func (x *search) next(lacking []value.Need, t trial) *variable {
	for _, n := range lacking {
		v := variable{n.Slot, n.Index, n.Field}
		if n.Slot >= x.plan.Base {
			v.index, v.field = -1, -1
			if _, chosen := t.outputs[n.Slot]; !chosen {
				return &v
			}
			continue
		}
		if n.Slot < 0 || n.Slot >= len(t.facts) {
			continue
		}
		if v.index < 0 {
			v.field = -1
			if t.facts[v.slot].IsUnknown() {
				return &v
			}
			if i, field, ok := firstUnknown(t.facts[v.slot]); ok {
				return &variable{v.slot, i, field}
			}
			continue
		}
		list := t.facts[v.slot].L()
		if v.index >= len(list) {
			continue
		}
		e := list[v.index]
		switch {
		case e.IsUnknown():
			v.field = -1
			return &v
		case v.field >= 0 && v.field < len(e.L()) && e.L()[v.field].IsUnknown():
			return &v
		case v.field < 0:
			for i, f := range e.L() {
				if f.IsUnknown() {
					return &variable{v.slot, v.index, i}
				}
			}
		}
	}
	return nil
}

// firstUnknown is the first item of a list, and its field, that is not known.
func firstUnknown(list value.Value) (item, field int, ok bool) {
	if list.K != value.List {
		return 0, 0, false
	}
	for i, e := range list.L() {
		if e.IsUnknown() {
			return i, -1, true
		}
		for k, f := range e.L() {
			if f.IsUnknown() {
				return i, k, true
			}
		}
	}
	return 0, 0, false
}

// assign is the trial with a value chosen.
func (x *search) assign(t trial, v variable, c value.Value) trial {
	if v.slot >= x.plan.Base {
		outputs := map[int]value.Value{v.slot: c}
		for slot, was := range t.outputs {
			outputs[slot] = was
		}
		t.outputs = outputs
		return t
	}
	t.facts = slices.Clone(t.facts)
	x.put(t.facts, v, c)
	return t
}

// put chooses the value of a variable among facts.
func (s *study) put(facts []value.Value, v variable, c value.Value) {
	f := s.facts[v.slot]
	switch {
	case v.index >= 0:
		list := slices.Clone(facts[v.slot].L())
		if v.field < 0 {
			list[v.index] = c
		} else {
			fields := slices.Clone(list[v.index].L())
			fields[v.field] = c
			at := list[v.index].N
			list[v.index] = value.RecordOf(fields)
			list[v.index].N = at
		}
		facts[v.slot] = value.ListOf(list)
	case f.Typ.Kind == value.Record && c.IsNone():
		none(facts, f)
	default:
		facts[v.slot] = c
	}
}

// impossible reports whether the facts, as far as they are known, can be given to
// nobody: they break a condition, lie in the future or contradict each other, or
// are of another edition.
func (s *study) impossible(r *form.Run) bool {
	for i := range s.q.Musts {
		if run.Broken(r, &s.q.Musts[i]) {
			return true
		}
	}
	facts := r.Facts()
	if asOf := facts[s.q.Layout.AsOf]; asOf.IsKnown() {
		if _, late := s.q.EventAfter(facts, s.book.Zone); late {
			return true
		}
	}
	if _, _, found := s.q.Disordered(facts, s.book.Zone); found {
		return true
	}
	if len(s.book.Boundaries) > 1 || s.book.To != 0 || s.plan.Asked.Governs != nil {
		if day := run.GoverningDay(r); day.IsKnown() {
			if i, ok := s.engine.Picks(day); !ok || i != s.edition {
				return true
			}
		}
	}
	return false
}
