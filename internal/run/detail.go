package run

import (
	"slices"

	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/policy"
)

// Details are those of the rules that the answer cites.
func (e *evaluated) Details() []policy.Detail {
	if e.of.blank {
		return nil
	}
	r := e.again()
	if r == nil {
		return nil
	}
	defer r.Leave()
	return details(r, basisOf(r, r.Marks[form.MarkScope]))
}

// details are those of the rules that are in the basis; of all where it is nil.
func details(r *form.Run, b *basis) []policy.Detail {
	var all []policy.Detail
	for _, u := range r.Plan.Asked.Units {
		d, ok := u.Eval.(form.Detailer)
		if !ok || u.Absent || b != nil && !b.cited[u.Index] {
			continue
		}
		all = append(all, d.Details(r)...)
	}
	for i := range all { // whoever writes to them reaches no other answer
		all[i].Rule = copied(all[i].Rule)
	}
	return all
}

// copied is a copy of a rule through which nothing of the rulebook can be written
// to.
func copied(r *policy.Rule) *policy.Rule {
	own, article := *r, *r.Article
	article.Rules = nil
	own.AlsoCite, own.Article = slices.Clone(r.AlsoCite), &article
	own.Form = &policy.Form{Name: r.Form.Name, Section: r.Form.Section, Doc: r.Form.Doc}
	return &own
}
