package form

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
)

// Both is two conditions of a rule that must hold together.
type Both struct {
	when, holds   *condition.Program
	first, second []Turn // what either may note
}

// Both declares that two conditions of a rule must hold together. The first may
// be nil, and always holds then.
func (b *Builder) Both(when, holds *condition.Program) *Both {
	c := &Both{when: when, holds: holds}
	of := func(p *condition.Program) (all []Turn) {
		for _, t := range b.Building.Notes.Turns {
			if p != nil && slices.Contains(p.Marks(), int(t.Mark)) {
				all = append(all, t)
			}
		}
		return all
	}
	c.first, c.second = of(when), of(holds)
	return c
}

// Both evaluates them. The second is left alone where the first fails. It is
// not decided where one is unknown that matters. A reading counts only if
// another option of it would change what both come to together.
func (r *Run) Both(c *Both) (applies, both, decided bool) {
	if c.first == nil && c.second == nil {
		return r.inTurn(c)
	}
	var buffer [16]Outcome
	before := buffer[:0]
	for _, t := range c.first {
		before = append(before, r.Marks[t.Mark])
		r.Marks[t.Mark] = NotReached
	}
	for _, t := range c.second {
		before = append(before, r.Marks[t.Mark])
		r.Marks[t.Mark] = NotReached
	}
	applies, both, decided = r.inTurn(c)
	if decided && !both {
		r.leaveTurns(c, applies)
	}
	for i, t := range c.first {
		r.Marks[t.Mark] = max(r.Marks[t.Mark], before[i])
	}
	for i, t := range c.second {
		r.Marks[t.Mark] = max(r.Marks[t.Mark], before[len(c.first)+i])
	}
	return applies, both, decided
}

func (r *Run) inTurn(c *Both) (applies, both, decided bool) {
	applies, decided = true, true
	if c.when != nil {
		applies, decided = c.when.Holds(&r.Frame)
	}
	if applies {
		both, decided = c.holds.Holds(&r.Frame)
	}
	return applies, both, decided
}

// leaveTurns takes back what was noted of readings that would not make both
// hold: those that change only one condition where the other fails as well.
func (r *Run) leaveTurns(c *Both, applies bool) {
	noted := func(all []Turn, reading string) bool {
		return slices.ContainsFunc(all, func(t Turn) bool { return t.Reading == reading && r.Marks[t.Mark] != NotReached })
	}
	if applies { // the second fails
		for _, t := range c.first {
			if !noted(c.second, t.Reading) {
				r.Marks[t.Mark] = NotReached
			}
		}
		return
	}
	if !slices.ContainsFunc(c.first, func(t Turn) bool { return r.Marks[t.Mark] != NotReached }) {
		return
	}
	needs, err := len(r.Needs), r.Err
	holds, decided := c.holds.Holds(&r.Frame)
	r.Needs, r.Err = r.Needs[:needs], err
	for _, t := range c.first {
		if decided && !holds && !noted(c.second, t.Reading) {
			r.Marks[t.Mark] = NotReached
		}
	}
	for _, t := range c.second {
		if !noted(c.first, t.Reading) {
			r.Marks[t.Mark] = NotReached
		}
	}
}
