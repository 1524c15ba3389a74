package form

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Alternatives are the rules of a group of which at most one may apply, with
// their conditions.
type Alternatives struct {
	parts      []*Part
	when       []*condition.Program
	exceptions []Exception
}

// Alternatives declares that of these rules at most one may apply; nil is a
// condition that always holds. General rules give way to the special ones that
// they name (see ExceptField).
func (b *Builder) Alternatives(parts []*Part, when []*condition.Program) *Alternatives {
	return &Alternatives{parts: parts, when: when, exceptions: b.exceptions(parts)}
}

// Choose picks the one rule of a group that applies. The state is Known with
// its index, None where none applies, and Unknown where that cannot be said.
// Where two apply, the evaluation fails: a rulebook must not leave it open.
func (r *Run) Choose(a *Alternatives) (int, value.State) {
	since := r.Lacking()
	var buffer [16]Outcome
	found := buffer[:0] // what becomes of each
	for i, p := range a.parts {
		found = append(found, r.outcome(p, a.when[i]))
	}
	if a.exceptions != nil {
		r.giveWay(a, found)
	}
	chosen, open := -1, false
	for i, what := range found {
		switch {
		case what == Applied && chosen >= 0:
			r.Fail(&policy.TwoRulesError{First: a.parts[chosen].Rule.ID, Second: a.parts[i].Rule.ID})
		case what == Applied:
			chosen = i
		case what == Undetermined:
			open = true
		}
	}
	switch {
	case chosen >= 0:
		r.Ignore(since)
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
