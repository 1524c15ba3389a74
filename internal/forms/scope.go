package forms

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func scopeForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "scope", Section: "scopes", PartOf: []string{"scope"},
		Doc: policy.Text{ZH: "适用范围：成立才谈得上其他规则；同组之一成立即成立", EN: "whether something applies at all; in a group, any one that holds is enough"},
		Fields: []policy.Field{
			whenField,
			{Name: "holds", Kind: policy.Expression, Wants: policy.KindYesNo, Required: true, Doc: policy.Text{ZH: "成立的条件", EN: "the condition that must hold"}},
		},
		Outputs: []policy.Output{
			{Name: "holds", Type: "yes/no", Doc: policy.Text{ZH: "是否成立", EN: "whether it holds"}},
			{Name: "article", Label: policy.Text{ZH: "依据条款", EN: "article"}, Type: "article", Doc: policy.Text{ZH: "成立所依据的条款", EN: "the article by which it holds"}},
		},
	}, Build: func(b *form.Builder) form.Evaluator {
		s := &scope{parts: b.Parts, holdsAt: b.Output("holds", typeYesNo), articleAt: b.Output("article", typeArticle)}
		for _, p := range b.Parts {
			s.when = append(s.when, p.Expr("when"))
			s.holds = append(s.holds, p.Expr("holds"))
		}
		return s
	}}
}

type scope struct {
	parts              []*form.Part
	when, holds        []*condition.Program
	holdsAt, articleAt int
}

func (s *scope) Evaluate(r *form.Run) {
	since := r.Lacking()
	result, article := value.Bool(false), value.NoneOf(value.Article)
	for i, p := range s.parts {
		applies := r.When(p, s.when[i])
		if isNo(applies) {
			continue
		}
		switch v := both(applies, r.Eval(s.holds[i])); {
		case v.True() && !result.True():
			result, article = v, value.ArticleOf(p.Rule.Article.ID)
		case v.IsUnknown() && !result.True():
			result, article = v, value.UnknownOf(value.Article)
			r.Undetermined(p)
		}
	}
	if !result.IsUnknown() {
		r.Ignore(since)
	}
	r.Set(s.holdsAt, result)
	r.Set(s.articleAt, article)
}

func (s *scope) Explain(r *form.Run, story *form.Story) {
	for i, p := range s.parts {
		if r.DidApply(p) {
			why := story.Because(s.holds[i])
			if r.Eval(s.holds[i]).True() {
				story.Tellf(p, "成立%s", "holds%s", why)
			} else {
				story.Tellf(p, "不成立%s", "does not hold%s", why)
			}
		}
	}
}
