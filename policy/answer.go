package policy

import (
	"errors"
	"fmt"
)

// Verdicts that every question may have beside its own words.
const (
	Undetermined = "undetermined" // a fact is missing, or a person must decide
	NotInScope   = "not_in_scope" // the regulation does not apply to these facts
)

// Answer is the uniform result of a question. It belongs to whoever asked:
// nothing that is done to its fields or lists reaches another answer. Its
// methods read it alone and are safe for concurrent use.
type Answer struct {
	Question      string
	Verdict       string // a word of the question's list, Undetermined or NotInScope; "" with an Error
	Breaches      []Breach
	Liable        []Liable
	MissingFacts  []MissingFact
	NeedsDecision bool
	Decisions     []Decision
	Provisional   bool // may change, or fail, at a later moment of asking
	Cites         []string
	Readings      []UsedReading // with an Error those another option of which may lead to something else
	Rules         []string      // ids of the rules that applied
	Rulebook      Stamp

	// Error is nil, or an *AnswerError that says why nothing could be decided.
	Error error

	from Evaluation // nil for an answer that was put together by hand
}

// Failure is the Error as data: why nothing could be decided. It is zero where
// there is no Error.
func (a *Answer) Failure() AnswerError {
	var why *AnswerError
	if !errors.As(a.Error, &why) || why == nil {
		return AnswerError{}
	}
	return *why
}

// Breach is a duty that was broken.
type Breach struct {
	Article string `json:"article"`
	Code    string `json:"code"`
	Detail  string `json:"detail,omitempty"` // which of several, "" for none
	Rule    string `json:"rule"`
	Label   Text   `json:"label"`
}

// String is "article#code" or "article#code:detail".
func (b Breach) String() string {
	s := b.Article + "#" + b.Code
	if b.Detail != "" {
		s += ":" + b.Detail
	}
	return s
}

// Liable is who answers for the breaches.
type Liable struct {
	Role   string `json:"role"`
	Person string `json:"person,omitempty"` // "" where it is not known who holds the role
}

// MissingFact is a fact that a rule needs and nobody gave.
type MissingFact struct {
	Fact     string `json:"fact"`
	NeededBy string `json:"needed_by"`
}

// Decision is something that a person must decide.
type Decision struct {
	Code  string `json:"code"`
	Rule  string `json:"rule"`
	Label Text   `json:"label"`
}

// UsedReading is a reading that the answer rests on, and its option.
type UsedReading struct{ Key, Option string }

// Stamp says which rulebook gave an answer.
type Stamp struct {
	ID      string `json:"id"`
	Edition string `json:"edition,omitempty" jsonschema:"first day of the edition"` // YYYY-MM-DD; "" where it is not known which holds
	SHA256  string `json:"sha256" jsonschema:"of the rules file"`
}

// Codes of an [AnswerError]. They are stable.
const (
	CodeNotInForce     = "not_in_force"          // the rulebook is not in force on the day that counts
	CodeEventAfterAsOf = "event_after_as_of"     // something given is later than the moment of asking
	CodeOutOfOrder     = "events_out_of_order"   // two events that were given contradict each other
	CodeYearMissing    = "calendar_year_missing" // a calendar that is counted on has no listing of the year
	CodeOverflow       = "arithmetic_overflow"   // a calculation leaves the range of whole numbers
	CodeNotComputable  = "not_computable"        // the facts cannot all be right, or two rules of a group apply
)

// AnswerError says why nothing could be decided.
type AnswerError struct {
	Code    string `json:"code"`           // one of those above
	Fact    string `json:"fact,omitempty"` // the fact concerned, if any
	Year    int    `json:"year,omitempty"` // of a missing calendar year, else 0
	Message Text   `json:"message"`
	Remedy  Text   `json:"remedy,omitzero" jsonschema:"what to do about it"`
}

// Error is the reason in English, and what to do.
func (e *AnswerError) Error() string {
	if e == nil {
		return "<nil>"
	}
	text := e.Message.EN + " [" + e.Code + "]"
	if e.Remedy.EN != "" {
		text += " → " + e.Remedy.EN
	}
	return text
}

// UnknownValueError says that the answers of a question have no value of that
// name.
type UnknownValueError struct {
	Question string
	Name     string
	Remedy   Text
}

// Error is the refusal in English.
func (e *UnknownValueError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("the answers of %s have no value %q [unknown_value] → %s", e.Question, e.Name, e.Remedy.EN)
}

// State is what is known of a value of an answer.
type State uint8

// States of a value. None is knowledge, too: there is no due date where no limit
// applies, and no fine where nobody is accountable.
const (
	StateUnknown State = iota // a fact is missing, a person must decide, or nothing could be computed
	StateNone                 // it is known that there is no such thing
	StateKnown
)

// String is "unknown", "none" or "known".
func (s State) String() string { return [...]string{"unknown", "none", "known"}[min(s, StateKnown)] }

// SetEvaluation says what the answer came from. It is for the engine, which
// does it once, before anybody else has the answer.
func (a *Answer) SetEvaluation(from Evaluation) { a.from = from }

// Conclusion is what an answer came to apart from its values and the persons
// liable, as a key: answers with the same one said the same when they were
// given.
type Conclusion struct{ of Concluded }

// Concluded is what many answers came to. It is comparable.
type Concluded interface {
	// Answer is an answer that says this and has no values.
	Answer() *Answer
}

// Conclusion is what the answer came to when it was given.
func (a *Answer) Conclusion() Conclusion {
	if a.from == nil {
		return Conclusion{}
	}
	return Conclusion{a.from.Conclusion()}
}

// Answer is an answer that says this and has no values.
func (c Conclusion) Answer() *Answer {
	if c.of == nil {
		return &Answer{}
	}
	return c.of.Answer()
}
