package policy

import "github.com/servicerules/rulebook/policy/diagnostic"

// Compiled is how many editions the engine, and those made from it, have
// compiled.
func (e *Engine) Compiled() int { return int(e.editions.shared.compiled.Load()) }

// Editions is how many editions the rulebook has.
func (b *Rulebook) Editions() int { return len(b.boundaries) }

// Costs is what each question may cost in the last edition.
func Costs(b *Rulebook) map[string]int64 {
	costs := map[string]int64{}
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

// Kept is how much an edition remembers of what it was asked.
type Kept struct{ Keys, Patterns, Conclusions, Values int }

// MostKept is how much it may be.
var MostKept = Kept{maxKeys, maxPatterns, maxConclusions, maxMemo}

// Kept is what the first edition remembers that answers the question.
func (e *Engine) Kept(question string) Kept {
	ed, _ := e.editions.of(e.book.questions[question], 0)
	conclusions := ed.whole.conclusions.n.Load()
	seen := map[*pattern]bool{}
	if all := ed.patterns.entries.Load(); all != nil {
		for i := range *all {
			if held := (*all)[i].Load(); held != nil && !seen[held.of] {
				seen[held.of] = true
				conclusions += held.of.conclusions.n.Load()
			}
		}
	}
	return Kept{int(ed.keys.n.Load()), int(ed.patterns.n.Load()), int(conclusions), max(len(ed.memo.values.all), len(ed.memo.results.all))}
}
