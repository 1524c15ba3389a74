package penalty

import (
	"slices"

	"github.com/servicerules/rulebook/policy"
)

// A Climb is how a ladder priced one occurrence. An answer gives it among its
// Details, under the rule of the ladder.
type Climb struct {
	Ladder Ladder
	Step   Step // what was reached; Row is an index into the rows of its tier
	Steps  int  // net steps along the scale, up or down
	Exempt bool
	Final  int64
	// Decided reports that Final is known; otherwise a fact is missing, or a
	// person must decide.
	Decided bool
}

// Details gives the climb of a ladder that priced something.
func (u *ladderUnit) Details(r *policy.Run) []policy.Detail {
	if !r.DidApply(u.part) || !r.Slots[u.out.base].IsKnown() {
		return nil
	}
	step, ok := u.price(r)
	if !ok {
		return nil
	}
	c := Climb{Ladder: u.ladder.clone(), Step: step}
	if u.steps != nil {
		c.Steps = whole(r.Eval(u.steps).N)
	}
	if u.exempt != nil {
		c.Exempt = r.Eval(u.exempt).True()
	}
	if f := r.Slots[u.out.final]; f.IsKnown() {
		c.Final, c.Decided = f.N, true
	}
	return []policy.Detail{{Rule: u.part.Rule, Of: c}}
}

// clone is a ladder of one's own, whose lists may be written to.
func (l Ladder) clone() Ladder {
	l.Tiers, l.Scale = slices.Clone(l.Tiers), slices.Clone(l.Scale)
	for i := range l.Tiers {
		l.Tiers[i].Rows = slices.Clone(l.Tiers[i].Rows)
	}
	return l
}
