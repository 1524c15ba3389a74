package analysis

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
)

// kept reports whether a promise about a rise is kept whatever the facts are, by how
// each expression and each rule that its value rests on goes as the fact rises: a sum
// rises with what is added, an indicator with what it counts. It looks at no facts, so
// that lists and numbers are no bound to it; where it tells nothing, facts are searched.
func (x *promised) kept() bool {
	if x.rises < 0 {
		return false
	}
	t := x.trendOf(x.promise.Never)
	switch {
	case t.IsFixed():
		return true
	case t.IsFalling():
		t = t.Turned()
		if !x.promise.NeverRises {
			return x.againstOrder(t)
		}
		return x.inOrder(t)
	case t.IsRising():
		if x.promise.NeverRises {
			return x.againstOrder(t)
		}
		return x.inOrder(t)
	}
	return false
}

// inOrder reports whether all words of the promise's order rise so; what has no order
// are numbers.
func (x *promised) inOrder(t condition.Trend) bool {
	return t.Order() == nil || rank(t.Order(), x.order()) == 1
}

// againstOrder reports whether the words of the promise's order rise the other way.
func (x *promised) againstOrder(t condition.Trend) bool {
	return t.Order() != nil && rank(t.Order(), x.order()) == -1
}

// rank is 1 where some words are in an order, -1 where they are in its reverse, and 0
// where neither holds or the order does not have them all.
func rank(order, words []string) int {
	var places []int
	for _, w := range words {
		i := slices.Index(order, w)
		if i < 0 {
			return 0
		}
		places = append(places, i)
	}
	if slices.IsSorted(places) {
		return 1
	}
	slices.Reverse(places)
	if slices.IsSorted(places) {
		return -1
	}
	return 0
}

// trendOf is the trend of an expression of the promise.
func (x *promised) trendOf(p *condition.Program) condition.Trend {
	known := map[int]condition.Trend{x.rises: condition.Rising}
	if words := x.facts[x.rises].Typ.Words; words != nil {
		known[x.rises] = condition.RisingIn(words.Each)
	}
	moving := map[int]bool{} // outputs of units that depend on the fact
	of := func(slot int) condition.Trend {
		if t, told := known[slot]; told || moving[slot] {
			return t
		}
		return condition.Fixed
	}
	trend := func(p *condition.Program) condition.Trend {
		if p == nil {
			return condition.Fixed
		}
		return p.Trend(of)
	}
	for _, u := range x.units { // what they use comes first
		if !x.moved[u] {
			continue
		}
		if t, tells := u.Eval.(form.Trending); tells {
			for slot, trend := range t.Trends(trend, u.Programs) {
				known[slot] = trend
			}
		}
		for _, o := range u.Outputs {
			moving[o.Slot] = true
		}
	}
	for _, v := range x.promise.Answer {
		moving[v.Slot] = true
		settled := !slices.ContainsFunc(v.Exists, func(p *condition.Program) bool { return !trend(p).IsFixed() })
		if is := trend(v.Is); settled && (v.IfNone == "" || !is.Wavers()) {
			known[v.Slot] = is
		}
	}
	return trend(p)
}
