package forms

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/sla"
)

// Trends: of a figure, that of the expression of the rule that applies.
func (f *figureUnit) Trends(of func(*condition.Program) condition.Trend, _ []*condition.Program) map[int]condition.Trend {
	settled := f.cases.Settled(of)
	if !settled && len(f.parts) > 1 {
		return nil // another rule may apply afterwards
	}
	all := condition.Fixed
	for _, is := range f.is {
		all = all.With(of(is))
	}
	if !settled {
		all = all.Wavering()
		if all.IsFixed() {
			return nil // a trend that is fixed does not waver
		}
	}
	return map[int]condition.Trend{f.at: all}
}

// orderOfResults are the results of indicators that are held against a bound.
var orderOfResults = []string{string(kpi.NotMet), string(kpi.Met)}

// Trends: the ratio of an indicator grows with its count, and falls as its base
// grows. So does the result, or the other way round, as the bound is.
func (u *indicatorUnit) Trends(of func(*condition.Program) condition.Trend, _ []*condition.Program) map[int]condition.Trend {
	if !u.cases.Settled(of) {
		return nil
	}
	ratio, result := condition.Fixed, condition.Fixed
	for i := range u.rules {
		x := &u.rules[i]
		count, base := of(x.count), of(x.base)
		own := count.With(base.Turned())
		if base.Wavers() || count.Wavers() { // a base that is none is one of 0
			return nil
		}
		if !base.IsFixed() {
			ratio = ratio.Wavering() // there is none of a base of 0
		}
		ratio, result = ratio.With(own), result.With(x.resultOf(own, base))
	}
	trends := map[int]condition.Trend{u.resultAt: result}
	if ratio.IsFixed() && ratio.Wavers() {
		return trends
	}
	trends[u.ratioAt] = ratio
	return trends
}

// resultOf is the trend of the result by that of the ratio.
func (x *indicatorRule) resultOf(ratio, base condition.Trend) condition.Trend {
	if ratio.IsFixed() && base.IsFixed() {
		return condition.Fixed
	}
	better := ratio.IsRising()
	if !better && !ratio.IsFalling() {
		return condition.Trend{}
	}
	bound := x.indicator.Bound
	whole := kpi.Ratio{Num: 1, Den: 1}
	switch {
	case bound.Kind == kpi.AtLeast, bound.Kind == kpi.Above:
	case bound.Kind == kpi.AtMost, bound.Kind == kpi.Below:
		better = !better
	case x.indicator.Part && bound.Limit.Compare(whole) == 0: // it is never more
	case bound.Limit.Num == 0: // it is never less
		better = !better
	default:
		return condition.Trend{}
	}
	t := condition.RisingIn(orderOfResults)
	if !better {
		t = t.Turned()
	}
	if base.IsFixed() {
		return t // it is 0 before and after, or in neither
	}
	// What an empty base counts as comes first as it grows from 0, and last as it
	// falls there. One that is not applicable is neither better nor worse.
	switch x.indicator.Empty {
	case kpi.MetIfEmpty:
		if base.IsRising() == better {
			return condition.Trend{}
		}
	case kpi.NotMetIfEmpty:
		if base.IsRising() != better {
			return condition.Trend{}
		}
	}
	return t
}

// Trends: as more came before, an occurrence of a level has a higher number, and
// costs no less where no row costs less than the one before it. As the level rises
// it costs no less where a tier costs nowhere less than a lower one.
func (u *ladderUnit) Trends(of func(*condition.Program) condition.Trend, _ []*condition.Program) map[int]condition.Trend {
	level, earlier, when := of(u.level), condition.Fixed, of(u.when)
	if level.Wavers() || !ascend(u) {
		return nil
	}
	for _, p := range u.earlier {
		earlier = earlier.With(of(p))
	}
	trends := map[int]condition.Trend{}
	switch {
	case earlier.Wavers(), !earlier.IsFixed() && !earlier.IsRising() && !earlier.IsFalling():
		return nil
	case level.IsFixed():
		trends[u.out.base], trends[u.out.nth] = earlier, earlier
		if earlier.IsRising() {
			trends[u.out.base] = earlier.NotNegative()
		}
	case level.IsRising() && !earlier.IsFalling() && u.dearer(level.Order()):
		trends[u.out.base] = condition.Rising.NotNegative()
	default:
		return nil
	}
	for slot, t := range trends {
		switch {
		case when.IsFixed():
		case t.IsFixed():
			delete(trends, slot)
		default:
			trends[slot] = t.Wavering()
		}
	}
	return trends
}

// ascend reports whether no row of any tier costs less than the one before it.
func ascend(u *ladderUnit) bool {
	for _, t := range u.ladder.Tiers {
		if len(t.Rows) == 0 {
			return false
		}
		for i := 1; i < len(t.Rows); i++ {
			if t.Rows[i].Amount < t.Rows[i-1].Amount {
				return false
			}
		}
	}
	return true
}

// dearer reports whether no tier costs less than one whose level comes before its
// own, whatever the numbers of their occurrences. Of the rows of each, which ascend,
// the first costs least.
func (u *ladderUnit) dearer(levels []string) bool {
	most := int64(0)
	for _, level := range levels {
		for _, t := range u.ladder.Tiers {
			if t.Level != level {
				continue
			}
			if t.Rows[0].Amount < most {
				return false
			}
			most = t.Rows[len(t.Rows)-1].Amount
		}
	}
	return !slices.ContainsFunc(u.ladder.Tiers, func(t penalty.Tier) bool { return !slices.Contains(levels, t.Level) })
}

// Trends: as what must be done is done later, and nothing else of a clock changes, it
// is late once it is no longer on time. What it is deemed is neither.
func (c *clockUnit) Trends(of func(*condition.Program) condition.Trend, all []*condition.Program) map[int]condition.Trend {
	others := func(p *condition.Program) bool { return p != c.done && !of(p).IsFixed() }
	done := of(c.done)
	if c.items != nil || c.done == nil || done.Wavers() || slices.ContainsFunc(all, others) {
		return nil
	}
	status := condition.RisingIn([]string{string(sla.OnTime), string(sla.Late)})
	switch {
	case done.IsRising():
		return map[int]condition.Trend{c.out.status: status}
	case done.IsFalling():
		return map[int]condition.Trend{c.out.status: status.Turned()}
	}
	return nil
}
