package rulebook_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// What an engine settled once for facts that are alike in words, and in what
// is known, it settles rightly for all of them: after many questions it
// answers as one that was never asked before, byte for byte, reasons included.
func TestSettledFactsAnswerAsNewOnesDo(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(20, 25))
	desk := fileBook(t, "examples/rulebooks/service-desk.yaml")
	for _, b := range []*rulebook.Book{book, desk} {
		settled := policy.NewEngine(b.Rulebook())
		for _, q := range b.Rulebook().Questions {
			t.Run(q.ID, func(t *testing.T) {
				for range 12 {
					r := randomFacts{rng, b.Rulebook(), []int{0, 0, 5, 15, 40}[rng.IntN(5)]}
					facts := r.of(q)
					for range 12 {
						r.vary(q, facts)
						asOf := time.Time{}
						if rng.IntN(3) > 0 {
							asOf = time.Date(2025, 2, 1+rng.IntN(90), 9, 0, 0, 0, time.UTC)
						}
						want := fromJSON(t, policy.NewEngine(b.Rulebook()), q.ID, facts, asOf)
						for range 2 {
							require.Equal(t, want, fromJSON(t, settled, q.ID, facts, asOf))
						}
					}
				}
			})
		}
	}
}

func fileBook(t *testing.T, path string) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Load(path)
	require.NoError(t, err)
	return book
}

// vary gives every number, point in time, name and list among the facts
// another value; words, and what is known, stay.
func (r randomFacts) vary(q *policy.Question, facts map[string]any) {
	for _, f := range q.Facts {
		if v, given := facts[f.Name]; given {
			facts[f.Name] = r.varied(f.Fact, v)
		}
	}
}

func (r randomFacts) varied(f *policy.Fact, v any) any {
	switch f.TypeName {
	case "record":
		fields := v.(map[string]any)
		for _, x := range f.Fields {
			if v, given := fields[x.Name]; given {
				fields[x.Name] = r.varied(x, v)
			}
		}
		return fields
	case "list":
		if len(v.([]any)) == 0 {
			return v
		}
		items := make([]any, 1+r.rng.IntN(3))
		for i := range items {
			items[i] = r.fact(f.Elem)
		}
		return items
	case "yes_no", "word", "article":
		return v
	}
	return r.fact(f)
}
