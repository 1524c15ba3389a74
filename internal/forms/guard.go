package forms

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func guardForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "guard", Section: "guards", PartOf: []string{"guard"},
		Doc: policy.Text{ZH: "关口：条件成立即阻止；一组里列出全部阻止原因", EN: "blocks a step while the condition holds; a group lists every blocker"},
		Fields: []policy.Field{
			whenField,
			{Name: "blocks_if", Kind: policy.Expression, Wants: policy.KindYesNo, Required: true, Doc: policy.Text{ZH: "阻止的条件", EN: "the condition that blocks"}},
			{Name: "blocker", Kind: policy.Code, Required: true, Said: true, Doc: policy.Text{ZH: "阻止原因的代码", EN: "the code of the blocker"}},
		},
		Outputs: []policy.Output{
			{Name: "allowed", Label: policy.Text{ZH: "是否放行", EN: "allowed"}, Type: "yes/no", Doc: policy.Text{ZH: "是否放行", EN: "whether nothing blocks"}},
			{Name: "blockers", Label: policy.Text{ZH: "阻止原因", EN: "blockers"}, Type: "list of words", Doc: policy.Text{ZH: "全部阻止原因", EN: "every blocker"}},
		},
	}, Build: func(b *form.Builder) form.Evaluator {
		g := &guardUnit{parts: b.Parts}
		words := &value.Words{Name: b.Name + ".blockers"}
		for _, p := range b.Parts {
			g.when = append(g.when, p.Expr("when"))
			g.blocks = append(g.blocks, p.Expr("blocks_if"))
			code := p.Code("blocker")
			if words.Index(code) < 0 {
				words.Each = append(words.Each, code)
			}
			g.at = append(g.at, words.Index(code))
		}
		g.words = words.Each
		g.allowedAt = b.Output("allowed", typeYesNo)
		g.blockersAt = b.Output("blockers", checked.ListOf(form.WordType(words)))
		return g
	}}
}

type guardUnit struct {
	parts                 []*form.Part
	when, blocks          []*condition.Program
	words                 []string // every code once
	at                    []int    // where the code of each part is in words
	allowedAt, blockersAt int
}

func (g *guardUnit) Evaluate(r *form.Run) {
	var buffer [16]bool
	found := slices.Grow(buffer[:0], len(g.words))[:len(g.words)]
	allowed := value.Bool(true)
	for i, p := range g.parts {
		since := r.Lacking()
		applies := r.When(p, g.when[i])
		if isNo(applies) {
			continue
		}
		switch v := both(applies, r.Eval(g.blocks[i])); {
		case v.True():
			found[g.at[i]] = true
			allowed = value.Bool(false)
		case v.IsUnknown():
			r.Undetermined(p)
			if allowed.True() {
				allowed = v
			}
		default:
			r.Ignore(since) // it does not block, whether it applies or not
		}
	}
	r.Set(g.allowedAt, allowed)
	if allowed.IsUnknown() {
		r.Set(g.blockersAt, value.UnknownOf(value.List))
		return
	}
	var codes []value.Value
	for i, c := range g.words {
		if found[i] {
			codes = append(codes, value.WordOf(c))
		}
	}
	r.Set(g.blockersAt, value.ListOf(codes))
}

func (g *guardUnit) Explain(r *form.Run, s *form.Story) {
	for i, p := range g.parts {
		if !r.DidApply(p) {
			continue
		}
		why := s.Because(g.blocks[i])
		if r.Eval(g.blocks[i]).True() {
			s.Tellf(p, "阻止%s", "blocks%s", why)
		} else {
			s.Tellf(p, "不阻止%s", "does not block%s", why)
		}
	}
}
