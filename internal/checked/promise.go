package checked

import (
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Answer is the name under which promises read what a question answers: its
// verdict and its values.
const Answer = "answer"

// A Promise is what must hold of all answers to a question, whatever the facts:
// a condition, or that one thing does not fall, or does not rise, where a fact
// rises and all others are as they are.
type Promise struct {
	Name     string
	Label    policy.Text
	Article  string
	Question string
	KeyNode  *source.Node

	When *source.Node // of which facts and answers it is; nil for all
	Then *source.Node // the condition; nil where it is about a rise

	AsRises    *source.Node // the fact that rises
	Never      *source.Node // what does not fall
	NeverRises bool         // it is what does not rise
	Order      []string     // of its words, from low to high; nil for that of their list
	OrderNode  *source.Node // nil where there is none
}

// Key is the key under which Never is written.
func (p *Promise) Key() string {
	if p.NeverRises {
		return "never_rises"
	}
	return "never_falls"
}

// PromisesOf are those about a question.
func (b *Book) PromisesOf(q *Question) []*Promise {
	var all []*Promise
	for _, p := range b.Promises {
		if p.Question == q.ID {
			all = append(all, p)
		}
	}
	return all
}
