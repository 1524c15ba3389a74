package forms

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func valueForm() *form.Form {
	return &form.Form{Bare: true, Form: policy.Form{
		Name: "value", Section: "values",
		Doc: text("具名的值：条文定的一个数、时长、金额、比例或时刻，写一次，别处用它的名称。表达式里直接写名称；within、at_least 等处也可写名称",
			"a named value: a number, length, amount, share or time of day that the text lays down, written once and used by its name, in expressions and in the place of a value such as within or at_least"),
		Fields: []policy.Field{
			{Name: "is", Kind: policy.Expression, Required: true, Doc: text("值，如 30、99.99%、4 hours、9.98 GBP；可用 by: date 随日期变化", "the value: 30, 99.99%, 4 hours, 9.98 GBP; may change with the date (by: date)")},
			{Name: "words", Kind: policy.ListName, Doc: text("值是词时，出自哪个词表", "for a word, the list that it is from")},
		},
		Outputs: []policy.Output{{Name: "value", Type: "as written", Doc: text("值；表达式里只写规则名", "the value; expressions write the name of the rule alone")}},
	}, Build: func(b *form.Builder) form.Evaluator {
		p := b.Parts[0]
		u := &valueUnit{part: p, at: -1}
		if words := p.WordList("words"); words != nil {
			u.is = p.IsOneOf(words)
		} else {
			u.is = p.Constant("is")
		}
		if u.is != nil && u.is.Type() != nil {
			u.typ = u.is.Type()
			u.at = b.Output("value", u.typ)
		}
		return u
	}}
}

// valueUnit is a named value; at is -1 for one that only fields can hold.
type valueUnit struct {
	part *form.Part
	is   *condition.Program
	typ  *value.Type
	at   int
}

func (u *valueUnit) Evaluate(r *form.Run) {
	if u.at < 0 {
		return
	}
	r.Applied(u.part)
	r.Set(u.at, r.Eval(u.is))
}

func (u *valueUnit) Explain(r *form.Run, s *form.Story) {
	if u.at >= 0 && r.DidApply(u.part) {
		v := s.How(u.is, u.typ)
		s.Tell(u.part, policy.Text{ZH: v, EN: v})
	}
}
