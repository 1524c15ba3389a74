package kpi

import "github.com/servicerules/rulebook/policy"

// A Gauge is what an indicator showed, beside its bound. An answer gives it
// among its Details, under the rule of the indicator.
type Gauge struct {
	Ratio       Ratio // invalid where there was nothing to count
	Count       int64 // what was counted, against
	Base        Ratio // this; a fraction where a rule divides, such as a mean
	Pending     int64 // what cannot be counted yet
	Bound       Bound
	Verdict     Verdict
	Provisional bool
}

// Details gives the gauge of an indicator that was judged.
func (u *indicatorUnit) Details(r *policy.Run) []policy.Detail {
	var all []policy.Detail
	for i, p := range u.parts {
		v := r.Slots[u.resultAt]
		if !r.DidApply(p) || !v.IsKnown() {
			continue
		}
		g := Gauge{Bound: u.rules[i].indicator.Bound, Verdict: Verdict(v.S()), Provisional: r.Slots[u.provisionalAt].True()}
		g.Count, g.Base, g.Pending, _ = u.rules[i].measure(r)
		if ratio := r.Slots[u.ratioAt]; ratio.IsKnown() {
			g.Ratio = Ratio{ratio.N, ratio.D}
		}
		all = append(all, policy.Detail{Rule: p.Rule, Of: g})
	}
	return all
}
