package plan

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// expense is what the expressions of a question itself cost: verdict, values
// and governed_by.
type expense struct {
	units   int64
	dearest int64 // of them
	at      diagnostic.Span
}

// add notes what the expression at a node costs.
func (e *expense) add(units int64, n *source.Node) {
	e.units += units
	if units > e.dearest {
		e.dearest, e.at = units, n.Span
	}
}

// affordable reports a question that would take too long to answer, and what
// of it takes longest: one of its rules, or its own expressions.
func affordable(q *checked.Question, units []*form.Unit, own expense, found *diagnostic.List) {
	total, dearest, rule := own.units, own.units, (*checked.Rule)(nil)
	for _, u := range units {
		for _, p := range each(u) {
			cost := u.Costs[p.Rule]
			total += cost
			if cost > dearest {
				dearest, rule = cost, p.Rule
			}
		}
	}
	if total <= form.AnswerAllowance {
		return
	}
	where := diagnostic.Textf("问题自己的表达式", "its own expressions")
	most := diagnostic.Related{Span: own.at, Message: diagnostic.Textf("其中最费的在此", "the dearest of them is here")}
	if rule != nil {
		where = diagnostic.Textf("规则 %[1]s（%[2]s）", "the rule %[1]s (%[3]s)", rule.ID, rule.Label.In("zh"), rule.Label.In("en"))
		most = diagnostic.Related{Span: rule.KeyNode.Span, Message: diagnostic.Textf("最费的规则在此", "the dearest rule is here")}
	}
	*found = append(*found, diagnostic.Diagnostic{
		Code: "question_too_costly", Severity: diagnostic.Error, Span: q.Span,
		Message: diagnostic.Textf("列表各有 %[3]d 项时，回答问题 %[1]s 要算约 %[2]d 步，超过 %[4]d 步；其中 %[5]d%% 用于%[6]s",
			"with lists of %[3]d items, answering %[1]s takes some %[2]d steps, more than %[4]d; %[5]d%% of them are for %[7]s",
			q.ID, total, policy.MaxItems, form.AnswerAllowance, (100*dearest+total/2)/total, where.ZH, where.EN),
		Remedy:  diagnostic.Textf("不要对列表的每一项再去处理另一个列表；先在另一条规则里算好", "do not go through another list for every item of a list: compute it once, in a rule of its own"),
		Related: []diagnostic.Related{most},
	})
}
