package forms

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

func factorForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "factor", Section: "factors", PartOf: []string{"weighing"},
		Doc: text("情节：有人主张（claimed）且成立（holds）才算；主张而不成立的列为不成立", "a circumstance: it counts if claimed and if it holds; one claimed that does not hold is rejected"),
		Fields: []policy.Field{
			{Name: "direction", Kind: policy.Option, Required: true, Words: []string{string(penalty.Aggravating), string(penalty.Mitigating)}, Doc: text("从重还是从轻", "up or down")},
			{Name: "claimed", Kind: policy.Expression, Wants: policy.KindYesNo, Required: true, Doc: text("是否主张", "whether anybody relies on it")},
			{Name: "holds", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("成立条件；不写则主张即成立", "its condition; holds if claimed when not given")},
			{Name: "exempts", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("是否免予", "whether it exempts")},
			{Name: "weight", Kind: policy.Number, Doc: text("相当于几档，1 至 1000，默认 1", "how many steps, 1 to 1000; 1 by default")},
		},
	}}
}

func weighingForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "weighing", Section: "weighings",
		Doc: text("情节合计：把 part_of 它的各情节合成净档数", "weighs the factors that are part_of it into net steps"),
		Fields: []policy.Field{
			{Name: "combine", Kind: policy.Option, Words: []string{string(penalty.NetSum), string(penalty.Strongest), string(penalty.ManualOnConflict)}, Doc: text("如何合计", "how they combine")},
		},
		Outputs: []policy.Output{
			{Name: "steps", Label: text("净档数", "net steps"), Type: "count", Doc: text("净档数，负为从轻；须由人决定时为无", "net steps, negative for lighter; none where a person must decide")},
			{Name: "exempt", Label: text("是否免予", "exempt"), Type: "yes/no", Doc: text("是否免予", "whether exempt")},
			{Name: "undecided", Label: text("是否须由人决定", "needs a decision"), Type: "yes/no", Doc: text("是否须由人决定", "whether a person must decide")},
			{Name: "accepted", Label: text("成立的情节", "accepted factors"), Type: "list of words", Doc: text("成立的情节", "the factors that hold")},
			{Name: "rejected", Label: text("不成立的情节", "rejected factors"), Type: "list of words", Doc: text("不成立的情节", "the factors rejected")},
		},
	}, Build: buildWeighing}
}

type weighingUnit struct {
	part                   *form.Part
	factors                []factorRule
	combine                penalty.Combine
	stepsAt, exemptAt      int
	undecidedAt            int
	acceptedAt, rejectedAt int
}

type factorRule struct {
	part                    *form.Part
	claimed, holds, exempts *condition.Program
	factor                  penalty.Factor
}

func buildWeighing(b *form.Builder) form.Evaluator {
	if b.Owner == nil {
		return nil
	}
	u := &weighingUnit{part: b.Owner, combine: penalty.Combine(b.Owner.Option("combine"))}
	words := &value.Words{Name: b.Name}
	for _, p := range b.Parts {
		if p == b.Owner {
			continue
		}
		weight := p.Int("weight", 1)
		if weight < 1 || weight > maxWeight {
			failWeight(p, weight)
		}
		u.factors = append(u.factors, factorRule{
			part: p, claimed: p.Expr("claimed"), holds: p.Expr("holds"), exempts: p.Expr("exempts"),
			factor: penalty.Factor{Code: p.Rule.Name, Direction: penalty.Direction(p.Option("direction")), Weight: int(min(weight, maxWeight))},
		})
		words.Each = append(words.Each, p.Rule.Name)
	}
	list := checked.ListOf(form.WordType(words))
	u.stepsAt, u.exemptAt, u.undecidedAt = b.Output("steps", typeCount), b.Output("exempt", typeYesNo), b.Output("undecided", typeYesNo)
	u.acceptedAt, u.rejectedAt = b.Output("accepted", list), b.Output("rejected", list)
	return u
}

// maxWeight is the most steps of one factor. It is far beyond any scale, and
// keeps the sum of all of them small.
const maxWeight = 1000

// failWeight reports a weight that is none.
func failWeight(p *form.Part, weight int64) {
	remedy := diagnostic.Textf("写 1 至 %[1]d 的整数；不起作用的情节不必列出", "write a whole number from 1 to %[1]d; a factor that moves nothing need not be listed", maxWeight)
	if weight < 0 {
		remedy = diagnostic.Textf("写 1 至 %[1]d 的整数；方向由 direction 决定：从重写 aggravating，从轻写 mitigating",
			"write a whole number from 1 to %[1]d; the way it moves is its direction: aggravating or mitigating", maxWeight)
	}
	p.Fail("weight", "bad_weight", diagnostic.Textf("情节的档数 %d 不在 1 至 %d 之间", "the weight %d of a factor is not from 1 to %d", weight, maxWeight), remedy)
}

func (u *weighingUnit) Evaluate(r *form.Run) {
	known := true
	var buffer [4]penalty.Factor
	claims := buffer[:0]
	for i := range u.factors {
		f := &u.factors[i]
		claimed, decided := holds(r, f.claimed, false)
		switch {
		case !decided:
			known = false
			r.Undetermined(f.part)
			continue
		case !claimed:
			r.NotApplied(f.part)
			continue
		}
		held, decided := holds(r, f.holds, true)
		exempts := false
		if held {
			exempts, decided = holds(r, f.exempts, false)
		}
		if !decided {
			known = false
			r.Undetermined(f.part)
			continue
		}
		r.Applied(f.part)
		x := f.factor
		x.Claimed, x.Holds, x.Exempts = true, held, exempts
		claims = append(claims, x)
	}
	switch {
	case !known:
		r.Undetermined(u.part)
		u.set(r, value.Unknown, penalty.Weighing{})
	case len(claims) == 0:
		r.NotApplied(u.part)
		u.set(r, value.Known, penalty.Weighing{})
	default:
		r.Applied(u.part)
		u.set(r, value.Known, penalty.Weigh(claims, u.combine))
	}
}

func (u *weighingUnit) set(r *form.Run, s value.State, w penalty.Weighing) {
	steps := s
	if s == value.Known && w.NeedsDecision {
		steps = value.None // nobody has weighed anything yet
	}
	r.Set(u.stepsAt, value.NumberIn(value.Count, steps, int64(w.Steps)))
	r.Set(u.exemptAt, yes(s, w.Exempt))
	r.Set(u.undecidedAt, yes(s, w.NeedsDecision))
	r.Set(u.acceptedAt, words(s, w.Accepted))
	r.Set(u.rejectedAt, words(s, w.Rejected))
}

// words is a list of words where its state is known, else nothing.
func words(s value.State, list []string) value.Value {
	if len(list) == 0 {
		return value.ListIn(value.List, s, nil)
	}
	all := make([]value.Value, len(list))
	for i, w := range list {
		all[i] = value.WordOf(w)
	}
	return value.ListIn(value.List, s, all)
}

func (u *weighingUnit) Explain(r *form.Run, s *form.Story) {
	for _, f := range u.factors {
		if !r.DidApply(f.part) {
			continue
		}
		verdict := text("成立，从轻", "holds, lighter")
		switch {
		case slices.ContainsFunc(r.Slots[u.rejectedAt].L(), func(v value.Value) bool { return v.S() == f.factor.Code }):
			verdict = text("不成立", "does not hold")
		case f.factor.Direction == penalty.Aggravating:
			verdict = text("成立，从重", "holds, heavier")
		}
		s.Tell(f.part, verdict)
	}
	if r.DidApply(u.part) && !r.Slots[u.stepsAt].IsKnown() {
		s.Tell(u.part, text("情节有冲突，须由人权衡", "they conflict: a person must weigh them"))
	} else if r.DidApply(u.part) {
		up, down := u.sides(r)
		sum := s.Number(r.Slots[u.stepsAt].N, "-", up, down)
		if up == 0 || down == 0 {
			s.Tellf(u.part, "净 %d 档", "net steps: %d", r.Slots[u.stepsAt].N)
		} else {
			s.Tellf(u.part, "净升降档数 %s", "net steps: %s", sum)
		}
	}
}

// sides are the steps of the factors that were accepted, heavier and lighter.
func (u *weighingUnit) sides(r *form.Run) (up, down int64) {
	accepted := r.Slots[u.acceptedAt].L()
	var claims []penalty.Factor
	for _, f := range u.factors {
		if slices.ContainsFunc(accepted, func(v value.Value) bool { return v.S() == f.factor.Code }) {
			x := f.factor
			x.Claimed, x.Holds = true, true
			claims = append(claims, x)
		}
	}
	w := penalty.Weigh(claims, u.combine)
	return int64(w.Up), int64(w.Down)
}
