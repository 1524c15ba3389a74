package policy

import (
	"fmt"
)

// ReadingError says that a reading cannot be chosen so: it, or the option,
// does not exist, or the rules have no use for the argument of the option.
type ReadingError struct {
	Key     string
	Option  string
	Message Text
	Remedy  Text
}

// Error is the refusal in English.
func (e *ReadingError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("reading %s = %s: %s [unknown_reading] → %s", e.Key, e.Option, e.Message.EN, e.Remedy.EN)
}

// UnknownQuestionError says that there is no such question.
type UnknownQuestionError struct {
	Question string
	Remedy   Text
}

// Error is the refusal in English.
func (e *UnknownQuestionError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("there is no question %q [unknown_question] → %s", e.Question, e.Remedy.EN)
}

// TwoRulesError says that two rules of a group, of which only one may apply,
// both apply to the facts.
type TwoRulesError struct{ First, Second string }

// Error names both.
func (e *TwoRulesError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return "both " + e.First + " and " + e.Second + " apply; only one of the group may"
}

// RowError says that there is no such row.
type RowError struct{ Row, Rows int }

// Error says how many there are.
func (e *RowError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("there is no row %d: the rows are 0 to %d", e.Row, e.Rows-1)
}
