package policy

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// Alternatives are the rules of a group of which at most one may apply, with
// their conditions.
type Alternatives struct {
	parts []*Part
	when  []*condition.Program
	at    int // among those of the edition
}

// Alternatives declares that of these rules at most one may apply; nil is a
// condition that always holds.
func (b *Builder) Alternatives(parts []*Part, when []*condition.Program) *Alternatives {
	a := &Alternatives{parts: parts, when: when, at: len(b.ed.alternatives)}
	b.ed.alternatives = append(b.ed.alternatives, a)
	return a
}

// Choose picks the one rule of a group that applies. The state is Known with
// its index, None where none applies, and Unknown where that cannot be said.
// Where two apply, the evaluation fails: a rulebook must not leave it open.
func (r *Run) Choose(a *Alternatives) (int, value.State) {
	if a.at < len(r.of.chosen) && r.of.chosen[a.at] != notChosen {
		return r.chosen(a, int(r.of.chosen[a.at]))
	}
	mark := len(r.Needs)
	chosen, open := -1, false
	for i, p := range a.parts {
		switch v := r.When(p, a.when[i]); {
		case v.True() && chosen >= 0:
			r.Fail(&TwoRulesError{a.parts[chosen].Rule.ID, p.Rule.ID})
		case v.True():
			chosen = i
		case v.IsUnknown():
			open = true
		}
	}
	switch {
	case chosen >= 0:
		r.Needs = r.Needs[:mark]
		for i, p := range a.parts {
			if i != chosen {
				r.NotApplied(p)
			}
		}
		return chosen, value.Known
	case open:
		return -1, value.Unknown
	}
	return -1, value.None
}

// TwoRulesError says that two rules of a group, of which only one may apply,
// both apply to the facts.
type TwoRulesError struct{ First, Second string }

// Error names both.
func (e *TwoRulesError) Error() string {
	return "both " + e.First + " and " + e.Second + " apply; only one of the group may"
}

// What patterns settle of alternatives: 1 is that none applies, i+2 that the
// i-th does.
const (
	notChosen   = iota
	noneChosen  // of them applies
	firstChosen // and so on
)

// chosen is the choice that was settled.
func (r *Run) chosen(a *Alternatives, settled int) (int, value.State) {
	for i, p := range a.parts {
		r.note(p, notApplicable)
		if when := a.when[i]; when != nil && len(when.Marks()) > 0 {
			when.Holds(&r.Frame) // for what it notes
		}
	}
	if settled == noneChosen {
		return -1, value.None
	}
	r.Applied(a.parts[settled-firstChosen])
	return settled - firstChosen, value.Known
}

// settle finds the choice where every condition is settled and decided, and no
// two hold.
func (a *Alternatives) settle(settled []uint16, results []value.Result) uint16 {
	chosen := noneChosen
	for i, when := range a.when {
		holds := when == nil
		if when != nil {
			v := results[settled[when.Number()]].Value
			if settled[when.Number()] == 0 || v.IsUnknown() {
				return notChosen
			}
			holds = v.True()
		}
		switch {
		case holds && chosen != noneChosen:
			return notChosen
		case holds:
			chosen = firstChosen + i
		}
	}
	return uint16(chosen) // no file has room for more rules
}
