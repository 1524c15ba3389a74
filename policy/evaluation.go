package policy

import (
	"iter"
	"time"
)

// Evaluation is what an answer came from: its values, found when somebody asks
// for them, and its reasons. The engine makes them; they are safe for concurrent
// use.
type Evaluation interface {
	// Languages are those of the rulebook.
	Languages() []string
	// Names are the names of the values, in the order of the rulebook.
	Names() []string
	// Values are the values in that order, none where nothing could be decided.
	Values() iter.Seq[Value]
	// Value is the value under a name, or a dotted path; see [Answer.Value].
	Value(name string) (Value, bool)
	// Data is the Data of that value alone; nil where it is not known.
	Data(name string) any
	// State is what is known of it; see [Answer.State].
	State(name string) (State, error)

	// AppendValues appends the JSON of the values that are chosen to dst.
	AppendValues(dst []byte, chosen ChosenValues) []byte
	// AppendValue appends that of one; null where there is none.
	AppendValue(dst []byte, name string) []byte

	// Steps tells how the answer came about; see [Answer.Steps].
	Steps(lang string) []Step
	// Explain tells it as lines, in each of the languages.
	Explain(langs ...string) [][]string
	// Undefined is what could not be computed because it divides by nothing, and
	// is left to nobody.
	Undefined() []Text
	// LabelOfFact is how people call the fact under a path, as missing facts have
	// it; LabelOfRule what needs it.
	LabelOfFact(path string) Text
	LabelOfRule(id string) Text
	// Details tells it as data; see [Answer.Details].
	Details() []Detail
	// NextChange is when time alone may change it; see [Answer.NextChange].
	NextChange() (time.Time, bool)
	// Conclusion is what it came to.
	Conclusion() Concluded
}
