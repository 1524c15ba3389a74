package policy

import "slices"

// Detail is what one rule did, as data rather than prose: what a program needs
// that draws a deadline or a ladder. Of is the form's own type, such as
// sla.Timeline, penalty.Climb or kpi.Gauge; whoever does not know a type
// leaves it out.
type Detail struct {
	// Rule is a copy, with an Article that lists no Rules and a Form of its name,
	// section and wording alone; [Rulebook.Rule] has the whole.
	Rule *Rule
	Of   any
}

// Detailer is an Evaluator that can tell what it did as data. Forms need not
// have it.
type Detailer interface {
	// Details tells what it found, from the same Run, when somebody asks.
	Details(*Run) []Detail
}

// Details tells what the rules behind the answer did, in the order of the
// explanation. They are found out when asked for, so that deciding does not
// pay for them. An answer with an Error has none, nor one to a question that
// does not apply or may not apply.
func (a *Answer) Details() []Detail {
	if a.from == nil {
		return nil
	}
	return a.from.Details()
}

// Details are those of the rules that the answer cites.
func (e *evaluated) Details() []Detail {
	if e.of.blank {
		return nil
	}
	r := e.again()
	if r == nil {
		return nil
	}
	defer r.leave()
	return r.details(r.basis(r.marks[markScope]))
}

// details are those of the rules that are in the basis; of all where it is nil.
func (r *Run) details(b *basis) []Detail {
	var all []Detail
	for _, u := range r.ed.asked.units {
		d, ok := u.eval.(Detailer)
		if !ok || u.absent || b != nil && !b.cited[u.index] {
			continue
		}
		all = append(all, d.Details(r)...)
	}
	for i := range all { // whoever writes to them reaches no other answer
		all[i].Rule = all[i].Rule.copied()
	}
	return all
}

// copied is a copy of a rule through which nothing of the rulebook can be written
// to.
func (r *Rule) copied() *Rule {
	own, article := *r, *r.Article
	article.Rules = nil
	own.AlsoCite, own.Article = slices.Clone(r.AlsoCite), &article
	own.Form = &Form{Name: r.Form.Name, Section: r.Form.Section, Doc: r.Form.Doc}
	return &own
}
