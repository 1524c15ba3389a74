package forms

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func figureForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "figure", Section: "figures", PartOf: []string{"figure"},
		Doc: policy.Text{ZH: "算出的数或词，只报告，不裁断；同组取适用的那一条", EN: "a computed value; reported, not judged; of a group the one that applies"},
		Fields: append([]policy.Field{
			whenField, form.ExceptField,
			{Name: "is", Kind: policy.Expression, Doc: policy.Text{ZH: "如何算；或写 each", EN: "how it is computed; this, or each"}},
			{Name: "rounded", Kind: policy.Option, Words: form.Roundings(), Doc: policy.Text{ZH: "算出的数取到整数、金额取到最小单位，列表则逐项取；不写则不取整", EN: "how a number is rounded to a whole one, an amount to its smallest unit, of a list each of them; not given, it is not rounded"}},
			{Name: "words", Kind: policy.ListName, Doc: policy.Text{ZH: "算出的是词时，出自哪个词表；规则自己的词（如 late）可不在其中", EN: "for a word, the list that it is from; the words of rules, such as late, need not be in it"}},
			{Name: "quiet", Kind: policy.Flag, Doc: policy.Text{ZH: "仅供其他规则使用，不出现在说明中", EN: "only for other rules; left out of explanations"}},
		}, eachFields...),
		Outputs: []policy.Output{{Name: "value", Type: "as computed", Doc: policy.Text{ZH: "算得的值；写 each 的为记录列表", EN: "the value; with each, a list of records"}}},
	}, Build: func(b *form.Builder) form.Evaluator {
		if i := slices.IndexFunc(b.Parts, isEach); i >= 0 {
			return buildEachFigure(b, b.Parts[i])
		}
		f := &figureUnit{parts: b.Parts}
		var typ *value.Type
		var when []*condition.Program
		for _, p := range b.Parts {
			if !p.Has("is") {
				p.Fail("is", "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", "is"), diagnostic.Textf("补上 is:（如何算）", "add is: (how it is computed)"))
			}
			var is *condition.Program
			if words := p.WordList("words"); words != nil {
				is = p.IsOneOf(words)
			} else if p.Has("rounded") {
				is = p.Rounded("is", "rounded")
			} else {
				is = p.Expr("is")
			}
			when = append(when, p.Expr("when"))
			f.is = append(f.is, is)
			f.quiet = append(f.quiet, p.Flag("quiet", false))
			if is == nil || is.Type() == nil {
				continue
			}
			if typ != nil && typ.Kind != is.Type().Kind {
				p.Fail("is", "type_mismatch", diagnostic.Wording("同组的值类型不一：%s与%s", "values of one group differ in type: a %s and a %s", condition.TypeText(typ), condition.TypeText(is.Type())),
					diagnostic.Textf("让同组各条算出同一类型", "make them compute the same type"))
			}
			typ = jointType(typ, is.Type())
		}
		if typ == nil {
			typ = &value.Type{}
		}
		f.typ, f.at = typ, b.Output("value", typ, sourcesOf(when, f.is)...)
		f.cases = b.Alternatives(f.parts, when)
		return f
	}}
}

// jointType is the type of what is of either of two types of one kind: it joins the
// words that they may hold, and names no currency where these are of two.
func jointType(a, b *value.Type) *value.Type {
	b = form.OfAnyCurrency(b, a)
	if a == nil || a.Words == nil || b.Words == nil || a.Words == b.Words {
		return b
	}
	all := a.Words.With(b.Words)
	all.Name = ""
	return form.WordType(all)
}

// sourcesOf are the sources of an output that is what the one rule of a group gives
// whose condition holds.
func sourcesOf(when, is []*condition.Program) []condition.Source {
	all := make([]condition.Source, len(when))
	for i := range when {
		all[i] = condition.Source{When: when[i], Is: is[i]}
	}
	return all
}

type figureUnit struct {
	parts []*form.Part
	cases *form.Alternatives
	is    []*condition.Program
	quiet []bool
	typ   *value.Type
	at    int
}

func (f *figureUnit) Evaluate(r *form.Run) {
	i, state := r.Choose(f.cases)
	switch {
	case state != value.Known:
		r.Set(f.at, value.In(value.Invalid, state))
	default:
		v := r.Eval(f.is[i])
		if v.IsUnknown() {
			r.Undetermined(f.parts[i])
		}
		r.Set(f.at, v)
	}
}

func (f *figureUnit) Explain(r *form.Run, s *form.Story) {
	for i, p := range f.parts {
		if r.DidApply(p) && !f.quiet[i] {
			if r.Slots[f.at].K == value.YesNo {
				s.Tellf(p, "%s%s", "%s%s", s.ShowAs(r.Slots[f.at], f.typ), s.Because(f.is[i]))
				continue
			}
			v := s.How(f.is[i], f.typ)
			s.Tell(p, policy.Text{ZH: v, EN: v})
		}
	}
}
