package analysis

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// verdict looks for facts that give no verdict although nothing is missing. Where
// it rests on a unit that has gaps, that has been said.
func (a *analysis) verdict(s *study, incomplete []*form.Unit) {
	p := s.plan.Asked.Verdict
	if s.q.IfNone != "" || p == nil {
		return
	}
	isNone := func(r *form.Run) (answer, []value.Need) {
		v, needs, ok := evaluated(r, p)
		switch {
		case !ok:
			return no, nil
		case v.IsUnknown():
			return open, needs
		}
		return answerOf(v.IsNone()), nil
	}
	var shown *asked
	units := s.closure(p.Slots(), s.plan.Asked.Scope...)
	if slices.ContainsFunc(units, func(u *form.Unit) bool { return slices.Contains(incomplete, u) }) {
		return
	}
	found, _ := a.find(s.classesOf(units, []*condition.Program{p}), units, append([]want{isNone}, s.inScope()...), func(t trial) bool {
		shown = s.shown(t, func(x *asked) bool { return noVerdict(x.Answer) })
		return shown != nil
	})
	if found == nil {
		return
	}
	at := s.q.Verdict.IsNode
	a.add(Finding{
		Diagnostic: diagnostic.Diagnostic{
			Code: checked.CodeNoVerdict, Severity: diagnostic.Warning, Span: at.Span,
			Message: diagnostic.Textf("有些事实虽然齐全，问题 %s 却没有结论", "some facts are complete, and still question %s has no verdict", s.q.ID),
			Remedy:  diagnostic.Textf("为这种情形补上规则，或在 verdict 里写 if_none: 词", "add rules for them, or write if_none: a word, in verdict"),
		},
		Question: s.q.ID, Edition: s.book.Boundaries[s.edition].String(), Facts: shown.JSON,
	})
}

func noVerdict(x *policy.Answer) bool {
	return x.Error == nil && x.Verdict == policy.Undetermined && len(x.MissingFacts) == 0 && len(x.Decisions) == 0
}
