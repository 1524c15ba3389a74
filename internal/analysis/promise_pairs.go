package analysis

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
)

// A pair is two trials that differ in the fact that rises, and in what open units
// come to that depend on it.
type pair struct {
	trial                     // before the rise
	high  value.Value         // the fact after it
	after map[int]value.Value // outputs of open units that depend on it
}

// dependents are the units that depend on a fact, directly or through others.
func (x *promised) dependents(slot int) map[*form.Unit]bool {
	moved := map[*form.Unit]bool{}
	for _, u := range x.units { // in the order of the plan, what they use comes first
		for _, p := range u.Programs {
			moved[u] = moved[u] || slices.Contains(p.Slots(), slot)
		}
		for _, name := range u.Uses {
			moved[u] = moved[u] || moved[x.plan.UnitsBy[name]]
		}
	}
	return moved
}

// turnsOnRise reports whether what never falls or rises depends on the fact that
// rises. That the condition does promises nothing yet.
func (x *promised) turnsOnRise() bool {
	programs := []*condition.Program{x.promise.Never}
	for _, v := range x.promise.Answer {
		if slices.Contains(x.promise.Never.Slots(), v.Slot) {
			programs = append(append(programs, v.Exists...), v.Is)
		}
	}
	return slices.ContainsFunc(slotsOf(programs...), func(slot int) bool {
		return slot == x.rises || x.moved[x.plan.Owner[slot]]
	})
}

// findPair is find for two trials, of which the second has one fact risen.
func (s *search) findPair(x *promised) bool {
	start := pair{trial: trial{facts: slices.Clone(s.start)}, high: value.UnknownOf(x.facts[x.rises].Typ.Kind)}
	return s.pairFrom(x, start)
}

// risen is the second trial of a pair.
func (s *search) risen(x *promised, p pair) trial {
	t := trial{facts: slices.Clone(p.facts), outputs: map[int]value.Value{}}
	t.facts[x.rises] = p.high
	for slot, v := range p.outputs {
		if !x.moved[x.plan.Owner[slot]] {
			t.outputs[slot] = v
		}
	}
	for slot, v := range p.after {
		t.outputs[slot] = v
	}
	return t
}

// point is what a trial comes to.
type point struct {
	state answer
	next  *variable
	value value.Value // of what never falls or rises
}

func (s *search) point(x *promised, t trial) point {
	var p point
	s.wants = x.applies(func(r *form.Run) (answer, []value.Need) {
		v, needs, ok := x.evaluate(r, x.promise.Never)
		switch {
		case !ok, v.IsNone():
			return no, nil
		case v.IsUnknown():
			p.value = v
			return open, needs
		}
		p.value = v
		return yes, nil
	})
	p.next, p.state = s.look(t)
	return p
}

func (s *search) pairFrom(x *promised, p pair) bool {
	if s.tried >= s.limit {
		s.gaveUp = true
		return false
	}
	s.tried++
	low := p.facts[x.rises]
	if low.IsNone() || p.high.IsNone() || low.IsKnown() && p.high.IsKnown() && !x.rose(low, p.high) {
		return false
	}
	before := s.point(x, p.trial)
	if before.state == no {
		return false
	}
	after := s.point(x, s.risen(x, p))
	if after.state == no {
		return false
	}
	if before.value.IsKnown() && after.value.IsKnown() && !x.breaks(before.value, after.value) {
		return false
	}
	if before.state == yes && after.state == yes {
		shown := s.acceptPair(x, p)
		s.stuck = s.stuck || !shown // it seems to break the promise, and could not be shown to
		return shown
	}
	v, second := before.next, false
	if v == nil {
		v, second = after.next, true
	}
	if v == nil {
		s.stuck = true
		return false
	}
	return s.branch(x, p, *v, second)
}

// branch tries the values of a variable of one of the trials of a pair.
func (s *search) branch(x *promised, p pair, v variable, second bool) bool {
	cells := s.cellsOf(v)
	for _, c := range cells {
		next := p
		switch {
		case second && v.slot == x.rises && v.index < 0:
			next.high = c
		case second && v.slot >= x.plan.Base && x.moved[x.plan.Owner[v.slot]]:
			next.after = map[int]value.Value{v.slot: c}
			for slot, was := range p.after {
				next.after[slot] = was
			}
		default:
			next.trial = s.assign(p.trial, v, c)
		}
		if s.pairFrom(x, next) {
			return true
		}
	}
	return false
}

// acceptPair reports whether a pair that seems to break the promise does. Of what
// open units come to, that is not looked into.
func (s *search) acceptPair(x *promised, p pair) bool {
	if s.open != nil {
		return true
	}
	high := slices.Clone(p.facts)
	high[x.rises] = p.high
	for _, full := range x.completions(high) { // they are asked after all that happens in the later trial
		if full[x.rises].Equal(p.facts[x.rises]) || !p.facts[x.rises].IsKnown() {
			continue
		}
		first := slices.Clone(full)
		first[x.rises] = p.facts[x.rises]
		if x.confirmPair(first, full) {
			return true
		}
	}
	return false
}

// confirmPair asks the engine with both.
func (x *promised) confirmPair(low, high []value.Value) bool {
	one, two := x.ask(x.engine, low), x.ask(x.engine, high)
	if one == nil || two == nil {
		return false
	}
	before, ok := x.spoken(one)
	if !ok {
		return false
	}
	defer before.Leave()
	after, ok := x.spoken(two)
	if !ok {
		return false
	}
	defer after.Leave()
	if !x.is(before, x.promise.When, true) || !x.is(after, x.promise.When, true) {
		return false
	}
	a, _, fine := evaluated(before, x.promise.Never)
	b, _, alsoFine := evaluated(after, x.promise.Never)
	if !fine || !alsoFine || !x.breaks(a, b) {
		return false
	}
	f := x.facts[x.rises]
	x.found = &broken{facts: one.JSON, risen: two.JSON, shown: Shown{
		Values: x.shows(before, after),
		Rises:  &ShownValue{x.q.Layout.Paths[x.rises], f.Label, x.display(low[x.rises], f.Typ), x.display(high[x.rises], f.Typ)},
	}}
	return true
}
