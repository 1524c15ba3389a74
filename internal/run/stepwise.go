package run

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// What follows lets an analysis take a decision apart: the same steps, on
// partial facts, one at a time.

// Evaluate evaluates some units of a plan, in its order.
func Evaluate(r *form.Run, units ...*form.Unit) { evaluate(r, units) }

// Broken reports whether the facts are known to break a condition that they
// cannot break.
func Broken(r *form.Run, m *checked.MustHold) bool {
	broken, _ := broken(r, m)
	return broken
}

// GoverningDay is the day, month or moment that picks the edition; unknown where
// it depends on what is not known.
func GoverningDay(r *form.Run) value.Value { return governingOf(r).v }

// Picks is the number of the edition that it picks; false where it is not known,
// or the rulebook is not in force then.
func (e *Engine) Picks(v value.Value) (int, bool) {
	i := e.picked(v)
	return i, i >= 0
}

// Lacking are the facts that needs come down to, each once. It stops at the
// units that are said to be open: their outputs are returned as they are.
func Lacking(r *form.Run, needs []value.Need, open func(*form.Unit) bool) []value.Need {
	var all []value.Need
	seen := map[*form.Unit]bool{}
	var follow func(needs []value.Need)
	follow = func(needs []value.Need) {
		for _, n := range needs {
			u := r.Plan.Owner[n.Slot]
			switch {
			case n.Slot < 0:
			case u == nil || open(u):
				all = append(all, n)
			default:
				if given, ok := elementOfFact(r, u, n); ok {
					all = append(all, given)
				} else if !seen[u] {
					seen[u] = true
					follow(needsOf(r, u))
				}
			}
		}
	}
	follow(needs)
	return all
}

// Slots are the facts by slot.
func Slots(f *policy.Facts) []value.Value {
	if set, ok := f.Set().(*intake.FactSet); ok {
		return set.Slots
	}
	return nil
}
