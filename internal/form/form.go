package form

import (
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Form is a form with what makes its units.
type Form struct {
	policy.Form
	// Build makes the unit. It reports findings through the parts and
	// returns nil when it cannot go on. Nil for forms that are only ever
	// parts of a rule of another form.
	Build func(*Builder) Evaluator
	// Bare says that expressions use the one output of such a rule by the
	// name of the rule alone.
	Bare bool
}

// Evaluator is a unit ready to be evaluated, many times and concurrently. All
// state of one evaluation is in the Run.
type Evaluator interface {
	// Evaluate sets all of the unit's outputs and reports what it found. It
	// reads facts and what other units set through programs and Run.AsOf
	// alone, never from Run.Slots: they note what the answer rests on.
	Evaluate(*Run)
	// Explain tells what it found, from the same Run, when somebody asks; of
	// Run.Slots it may read the unit's own outputs.
	Explain(*Run, *Story)
}

// SeveralResults is an Evaluator of which each output is a result by itself, such as
// how many units there are and what they come to. Where words that are not known
// choose values of its rules, an output on which all variants agree is decided though
// others are not; of other forms, nothing is until the words are known.
type SeveralResults interface {
	HasSeveralResults()
}

// conditionField is the field of the condition that a rule applies under, in
// every form that has one.
const conditionField = "when"

// WordType is the type of words from a list; nil for words of any list.
func WordType(words *value.Words) *value.Type {
	if words == nil {
		words = &value.Words{}
	}
	return &value.Type{Kind: value.Word, Words: words}
}

// EngineWords is the type of a form's own words.
func EngineWords(name string, words ...string) *value.Type {
	return &value.Type{Kind: value.Word, Words: &value.Words{Name: name, Each: words, Engine: words}}
}

// Detailer is an Evaluator that can tell what it did as data. Forms need not
// have it.
type Detailer interface {
	// Details tells what it found, from the same Run, when somebody asks.
	Details(*Run) []policy.Detail
}
