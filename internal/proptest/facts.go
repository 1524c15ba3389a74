package proptest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/servicerules/rulebook/policy"
)

// Facts makes facts for a question: of every declared kind, each now and
// then missing, so that answers of every kind come about.
type Facts struct {
	Rand *rand.Rand
	Book *policy.Rulebook
	Lack int // of a hundred, how many facts are missing
	// InOrder, if any, is the moment after which the next one lies: events then
	// contradict each other seldom.
	InOrder *time.Time
}

// Of are facts for a question.
func (r Facts) Of(q *policy.Question) map[string]any {
	facts := map[string]any{}
	for _, f := range q.Facts {
		if r.Rand.IntN(100) >= r.Lack {
			facts[f.Name] = r.Fact(f.Fact)
		}
	}
	return facts
}

// Fact is a value of a fact.
func (r Facts) Fact(f *policy.Fact) any {
	switch f.TypeName {
	case "record":
		fields := map[string]any{}
		for _, x := range f.Fields {
			if r.Rand.IntN(100) >= r.Lack {
				fields[x.Name] = r.Fact(x)
			}
		}
		return fields
	case "list":
		items := make([]any, r.Rand.IntN(4))
		for i := range items {
			items[i] = r.Fact(f.Elem)
		}
		return items
	case "yes_no":
		return r.Rand.IntN(2) == 0
	case "count", "number":
		return []int{0, 1, 2, 3, 4, 5, 100, 1999, 2000, 4003}[r.Rand.IntN(10)]
	case "money":
		return []string{"0", "0.01", "9.98", "10", "50.05", "1000000", "-3.50"}[r.Rand.IntN(7)]
	case "year":
		return 2024 + r.Rand.IntN(2)
	case "moment":
		return r.moment().Format(time.RFC3339)
	case "date":
		return r.moment().Format(time.DateOnly)
	case "month":
		return r.moment().Format("2006-01")
	case "word":
		return f.Words.Words[r.Rand.IntN(len(f.Words.Words))]
	case "article":
		reg := r.Book.Regulations[r.Rand.IntN(len(r.Book.Regulations))]
		return reg.Articles[r.Rand.IntN(len(reg.Articles))].ID
	}
	return fmt.Sprintf("N%d", r.Rand.IntN(5))
}

// moment is one of the first half of 2025, often close to another.
func (r Facts) moment() time.Time {
	if r.InOrder != nil {
		*r.InOrder = r.InOrder.Add(time.Duration(r.Rand.IntN(60)) * time.Hour)
		return *r.InOrder
	}
	start := time.Date(2025, 1, 20, 9, 0, 0, 0, time.FixedZone("", 8*3600))
	return start.AddDate(0, 0, r.Rand.IntN(40)).Add(time.Duration(r.Rand.IntN(12)) * time.Hour)
}
