package forms

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func assignmentForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "assignment", Section: "assignments",
		Doc: policy.Text{
			ZH: "确定责任人：在若干人中取最高者；并列时按 tie 处理。绝不按列表先后取人",
			EN: "picks a person: the highest of those eligible; ties are settled as tie says. List order never picks anybody",
		},
		Fields: []policy.Field{
			whenField,
			{Name: "among", Kind: policy.Expression, Wants: policy.KindList, Required: true, Doc: policy.Text{ZH: "候选人列表", EN: "the list to pick from"}},
			{Name: "eligible", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: policy.Text{ZH: "谁算候选人", EN: "who may be picked"}},
			{Name: "id", Kind: policy.Expression, Required: true, Element: true, Doc: policy.Text{ZH: "编号", EN: "the id of a candidate"}},
			{Name: "highest", Kind: policy.Expression, Wants: policy.KindCount, Required: true, Element: true, Doc: policy.Text{ZH: "比较的数，大者优先", EN: "the number compared; the highest wins"}},
			{Name: "earliest", Kind: policy.Expression, Wants: policy.KindMoment, Element: true, Doc: policy.Text{ZH: "并列时比较的时刻，早者优先", EN: "the moment compared on a tie; the earliest wins"}},
			{Name: "tie", Kind: policy.Option, Words: []string{"earliest", "joint", "undetermined"}, Doc: policy.Text{
				ZH: "并列时：earliest 取最早，joint 共同负责，undetermined 不定", EN: "on a tie: earliest picks the earliest, joint makes all answer, undetermined leaves it open",
			}},
		},
		Outputs: []policy.Output{
			{Name: "chosen", Type: "name", Doc: policy.Text{ZH: "责任人；未定时为无", EN: "the one picked; none where it is open"}},
			{Name: "candidates", Label: policy.Text{ZH: "并列者", EN: "candidates"}, Type: "list of names", Doc: policy.Text{ZH: "并列者", EN: "those who tie"}},
			{Name: "undetermined", Label: policy.Text{ZH: "是否并列未定", EN: "undetermined"}, Type: "yes/no", Doc: policy.Text{ZH: "是否并列未定", EN: "whether it stays open"}},
			{Name: "contenders", Label: policy.Text{ZH: "候选人数", EN: "number of candidates"}, Type: "count", Doc: policy.Text{ZH: "候选人数", EN: "how many were eligible"}},
		},
	}, Build: func(b *form.Builder) form.Evaluator {
		p := b.Parts[0]
		a := &assignment{part: p, when: p.Expr("when"), among: b.Each(p.Expr("among")), tie: p.Option("tie")}
		a.eligible, a.id, a.highest, a.earliest = p.Expr("eligible"), p.Expr("id"), p.Expr("highest"), p.Expr("earliest")
		if a.tie == "earliest" && !p.Has("earliest") {
			p.Fail("tie", "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", "earliest"), diagnostic.Textf("补上 earliest: .时刻", "add earliest: .moment"))
		}
		a.chosenAt, a.candidatesAt = b.Output("chosen", typeName), b.Output("candidates", checked.ListOf(typeName))
		a.undeterminedAt, a.contendersAt = b.Output("undetermined", typeYesNo), b.Output("contenders", typeCount)
		return a
	}}
}

type assignment struct {
	part                                                 *form.Part
	among                                                form.List
	when, eligible, id, highest, earliest                *condition.Program
	tie                                                  string
	chosenAt, candidatesAt, undeterminedAt, contendersAt int
}

// Evaluate computes what decides and no more, so that only what decides can
// be missing: a grade where there are several, a contact where grades tie.
func (a *assignment) Evaluate(r *form.Run) {
	applies := r.When(a.part, a.when)
	if isNo(applies) {
		a.set(r, value.NoneOf(value.Name), value.ListOf(nil), value.Bool(false), 0)
		return
	}
	all, known := a.candidates(r)
	known = known && !applies.IsUnknown()
	best := all
	if known && len(best) > 1 {
		best, known = a.top(r, best, a.highest, func(x, y value.Value) bool { return x.N > y.N })
	}
	if known && len(best) > 1 && a.tie == "earliest" {
		best, known = a.top(r, best, a.earliest, func(x, y value.Value) bool { return x.N < y.N })
	}
	if !known {
		a.open(r)
		return
	}
	names, known := a.of(r, best, a.id)
	switch {
	case !known:
		a.open(r)
	case len(best) == 1:
		a.set(r, names[0], value.ListOf(names), value.Bool(false), len(all))
	default:
		a.set(r, value.NoneOf(value.Name), value.ListOf(names), value.Bool(a.tie != "joint" || len(best) == 0), len(all))
	}
}

// candidates are those eligible; known is false where somebody's eligibility
// is not known.
func (a *assignment) candidates(r *form.Run) (all []form.Item, known bool) {
	list := r.Eval(a.among.Program)
	if list.IsUnknown() {
		return nil, false
	}
	all = r.Items(a.among, list.L())
	if a.eligible == nil {
		return all, true
	}
	eligible, known := a.of(r, all, a.eligible)
	var some []form.Item
	for i, c := range all {
		if eligible[i].True() {
			some = append(some, c)
		}
	}
	return some, known
}

// of evaluates an expression for each; known is false where one is unknown.
func (a *assignment) of(r *form.Run, all []form.Item, p *condition.Program) (values []value.Value, known bool) {
	known = true
	for _, c := range all {
		v := r.EvalItem(c, p)
		values = append(values, v)
		known = known && !v.IsUnknown()
	}
	return values, known
}

// top keeps those whose key is best; known is false where a key is not. A key
// that is known not to exist, such as a contact that has not happened, comes
// behind every other.
func (a *assignment) top(r *form.Run, all []form.Item, key *condition.Program, better func(x, y value.Value) bool) (best []form.Item, known bool) {
	keys, known := a.of(r, all, key)
	if !known {
		return nil, false
	}
	var than value.Value
	for i, k := range keys {
		switch {
		case i == 0, than.IsNone() && k.IsKnown(), than.IsKnown() && k.IsKnown() && better(k, than):
			best, than = append(best[:0], all[i]), k
		case than.IsNone() == k.IsNone() && (k.IsNone() || !better(than, k)):
			best = append(best, all[i])
		}
	}
	return best, true
}

func (a *assignment) open(r *form.Run) {
	r.Undetermined(a.part)
	r.Set(a.chosenAt, value.UnknownOf(value.Name))
	r.Set(a.candidatesAt, value.UnknownOf(value.List))
	r.Set(a.undeterminedAt, value.UnknownOf(value.YesNo))
	r.Set(a.contendersAt, value.UnknownOf(value.Count))
}

func (a *assignment) set(r *form.Run, chosen, candidates, undetermined value.Value, contenders int) {
	r.Set(a.chosenAt, chosen)
	r.Set(a.candidatesAt, candidates)
	r.Set(a.undeterminedAt, undetermined)
	r.Set(a.contendersAt, value.Int(int64(contenders)))
}

func (a *assignment) Explain(r *form.Run, s *form.Story) {
	if !r.DidApply(a.part) {
		return
	}
	n := r.Slots[a.contendersAt].N
	if n == 0 {
		s.Tell(a.part, policy.Text{ZH: "无人符合条件", EN: "nobody is eligible"})
		return
	}
	if c := r.Slots[a.chosenAt]; c.IsKnown() {
		s.Tellf(a.part, "%[2]d 人中为 %[1]s", "%[1]s, of %[2]d", c.S(), n)
		return
	}
	who := s.Show(r.Slots[a.candidatesAt])
	if r.Slots[a.undeterminedAt].True() {
		s.Tellf(a.part, "并列未定：%s", "a tie that stays open: %s", who)
		return
	}
	s.Tellf(a.part, "共同负责：%s", "all answer: %s", who)
}
