package form

import "github.com/servicerules/rulebook/internal/checked"

// Variant is the rules of a unit as they are where the facts that values are
// chosen by have certain words.
type Variant struct {
	Words []checked.ChosenWord
	Parts []*Part
	Eval  Evaluator
}
