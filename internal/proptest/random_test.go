package proptest_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/servicerules/rulebook/policy"
)

// randomFacts makes facts for a question: of every declared kind, each now and
// then missing, so that answers of every kind come about.
type randomFacts struct {
	rng  *rand.Rand
	book *policy.Rulebook
	lack int // of a hundred, how many facts are missing
}

func (r randomFacts) of(q *policy.Question) map[string]any {
	facts := map[string]any{}
	for _, f := range q.Facts {
		if r.rng.IntN(100) >= r.lack {
			facts[f.Name] = r.fact(f.Fact)
		}
	}
	return facts
}

func (r randomFacts) fact(f *policy.Fact) any {
	switch f.TypeName {
	case "record":
		fields := map[string]any{}
		for _, x := range f.Fields {
			if r.rng.IntN(100) >= r.lack {
				fields[x.Name] = r.fact(x)
			}
		}
		return fields
	case "list":
		items := make([]any, r.rng.IntN(4))
		for i := range items {
			items[i] = r.fact(f.Elem)
		}
		return items
	case "yes_no":
		return r.rng.IntN(2) == 0
	case "count", "number":
		return []int{0, 1, 2, 3, 4, 5, 100, 1999, 2000, 4003}[r.rng.IntN(10)]
	case "year":
		return 2024 + r.rng.IntN(2)
	case "moment":
		return r.moment().Format(time.RFC3339)
	case "date":
		return r.moment().Format(time.DateOnly)
	case "month":
		return r.moment().Format("2006-01")
	case "word":
		return f.Words.Words[r.rng.IntN(len(f.Words.Words))]
	case "article":
		reg := r.book.Regulations[r.rng.IntN(len(r.book.Regulations))]
		return reg.Articles[r.rng.IntN(len(reg.Articles))].ID
	}
	return fmt.Sprintf("N%d", r.rng.IntN(5))
}

// moment is one of the first half of 2025, often close to another.
func (r randomFacts) moment() time.Time {
	start := time.Date(2025, 1, 20, 9, 0, 0, 0, time.FixedZone("", 8*3600))
	return start.AddDate(0, 0, r.rng.IntN(40)).Add(time.Duration(r.rng.IntN(12)) * time.Hour)
}
