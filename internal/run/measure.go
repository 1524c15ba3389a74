package run

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
)

// Compiled is how many editions the engine, and those made from it, have
// compiled.
func (e *Engine) Compiled() int { return int(e.editions.Shared.Compiled.Load()) }

// Editions is how many editions the rulebook has.
func Editions(b *checked.Book) int { return len(b.Boundaries) }

// Costs is what each question may cost in the last edition.
func Costs(b *checked.Book) map[string]int64 {
	costs := map[string]int64{}
	var found diagnostic.List
	ed := plan.Build(b, checked.Selection{On: b.Boundaries[len(b.Boundaries)-1]}, nil, &found)
	for _, q := range b.Questions {
		trial := *ed
		for _, u := range plan.CompileQuestion(&trial, q, &found).Units {
			for _, units := range u.Costs {
				costs[q.ID] += units
			}
		}
		costs[q.ID] += trial.Spent - ed.Spent
	}
	return costs
}

// MaxConclusions is how many conclusions an edition remembers at most.
const MaxConclusions = form.MaxCached

// Conclusions is how many the first edition remembers that answers the
// question.
func (e *Engine) Conclusions(question string) int {
	ed, _ := e.editions.Of(e.book.QuestionsByID[question], 0)
	c := ed.Conclusions
	c.Mu.Lock()
	defer c.Mu.Unlock()
	n := len(c.Added)
	if known := c.Known.Load(); known != nil {
		n += len(*known)
	}
	return n
}
