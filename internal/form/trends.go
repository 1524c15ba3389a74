package form

import "github.com/servicerules/rulebook/internal/condition"

// Trending is an Evaluator that tells how its outputs go as one fact rises and
// everything else that is given stays as it is.
type Trending interface {
	// Trends are those of outputs, by their slots; nothing is known of the others.
	// of is the trend of an expression, nil being one that is not there; all are those
	// of the unit.
	Trends(of func(*condition.Program) condition.Trend, all []*condition.Program) map[int]condition.Trend
}

// Settled reports whether the same rule of the group applies before and after, or
// none in both.
func (a *Alternatives) Settled(of func(*condition.Program) condition.Trend) bool {
	if a.exceptions != nil {
		return false
	}
	for _, when := range a.when {
		if !of(when).IsFixed() {
			return false
		}
	}
	return true
}
