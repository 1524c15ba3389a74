package policy

import "github.com/servicerules/rulebook/diagnostic"

// Compiled is how many editions the engine, and those made from it, have
// compiled.
func (e *Engine) Compiled() int { return int(e.editions.shared.compiled.Load()) }

// Editions is how many editions the rulebook has.
func (b *CheckedBook) Editions() int { return len(b.boundaries) }

// Costs is what each question may cost in the last edition.
func Costs(b *CheckedBook) map[string]int64 {
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

// MaxConclusions is how many conclusions an edition remembers at most.
const MaxConclusions = maxRemembered

// Conclusions is how many the first edition remembers that answers the
// question.
func (e *Engine) Conclusions(question string) int {
	ed, _ := e.editions.of(e.book.questions[question], 0)
	c := ed.conclusions
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.added)
	if known := c.known.Load(); known != nil {
		n += len(*known)
	}
	return n
}
