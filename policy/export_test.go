package policy

import "github.com/servicerules/rulebook/policy/diagnostic"

// Compiled is how many editions the engine has compiled.
func (e *Engine) Compiled() int { return int(e.editions.compiled.Load()) }

// Editions is how many editions the rulebook has.
func (b *Rulebook) Editions() int { return len(b.boundaries) }

// Costs is what each question may cost in the last edition.
func Costs(b *Rulebook) map[string]int {
	costs := map[string]int{}
	var found diagnostic.List
	ed := b.build(selection{on: b.boundaries[len(b.boundaries)-1]}, nil, &found)
	for _, q := range b.Questions {
		trial := *ed
		for _, u := range trial.ask(q, &found).units {
			for _, units := range u.costs {
				costs[q.ID] += units
			}
		}
		costs[q.ID] += trial.spent - ed.spent
	}
	return costs
}
