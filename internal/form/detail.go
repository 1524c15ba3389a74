package form

import "github.com/servicerules/rulebook/policy"

// Detailer is an Evaluator that can tell what it did as data. Forms need not
// have it.
type Detailer interface {
	// Details tells what it found, from the same Run, when somebody asks.
	Details(*Run) []policy.Detail
}
