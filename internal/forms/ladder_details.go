package forms

import (
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

// Details gives the climb of a ladder that priced something.
func (u *ladderUnit) Details(r *form.Run) []policy.Detail {
	if !r.DidApply(u.part) || !r.Slots[u.out.base].IsKnown() {
		return nil
	}
	step, ok := u.price(r)
	if !ok {
		return nil
	}
	c := penalty.Climb{Ladder: u.ladder.Clone(), Step: step}
	if u.steps != nil {
		c.Steps = whole(r.Eval(u.steps).N)
	}
	if u.exempt != nil {
		c.Exempt = r.Eval(u.exempt).True()
	}
	if f := r.Slots[u.out.final]; f.IsKnown() {
		c.Final, c.Decided = f.N, true
	}
	return []policy.Detail{{Rule: u.part.Rule.Rule, Of: c}}
}
