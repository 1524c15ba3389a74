package forms

import (
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// Details gives the gauge of an indicator that was judged.
func (u *indicatorUnit) Details(r *form.Run) []policy.Detail {
	var all []policy.Detail
	for i, p := range u.parts {
		v := r.Slots[u.resultAt]
		if !r.DidApply(p) || !v.IsKnown() {
			continue
		}
		g := kpi.Gauge{Bound: u.rules[i].indicator.Bound, Verdict: kpi.Verdict(v.S()), Provisional: r.Slots[u.provisionalAt].True()}
		g.Count, g.Base, g.Pending, _ = u.rules[i].measure(r)
		if ratio := r.Slots[u.ratioAt]; ratio.IsKnown() {
			g.Ratio = kpi.Ratio{Num: ratio.N, Den: ratio.D}
		}
		all = append(all, policy.Detail{Rule: p.Rule.Rule, Of: g})
	}
	return all
}
