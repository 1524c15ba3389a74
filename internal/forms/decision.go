package forms

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/policy"
)

func decisionForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "decision", Section: "decisions",
		Doc: policy.Text{ZH: "条文留给人判断的事：条件成立时列入“须由人决定”", EN: "what the text leaves to a person: listed as to be decided when the condition holds"},
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Required: true, Doc: policy.Text{ZH: "何时须由人决定", EN: "when a person must decide"}},
		},
		Outputs: []policy.Output{{Name: "needed", Type: "yes/no", Doc: policy.Text{ZH: "是否须由人决定", EN: "whether a person must decide"}}},
	}, Build: func(b *form.Builder) form.Evaluator {
		p := b.Parts[0]
		return &decisionUnit{part: p, when: p.Expr("when"), at: b.Output("needed", typeYesNo), needed: p.Decision(p.Rule.Name, p.Label())}
	}}
}

type decisionUnit struct {
	part   *form.Part
	when   *condition.Program
	at     int
	needed form.Mark
}

func (d *decisionUnit) Evaluate(r *form.Run) {
	v := r.When(d.part, d.when)
	if v.True() {
		r.Mark(d.needed)
	}
	r.Set(d.at, v)
}

func (d *decisionUnit) Explain(*form.Run, *form.Story) {}
