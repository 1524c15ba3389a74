package changing

import (
	"errors"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/live"
)

// ErrNotFound says that there is no such change.
var ErrNotFound = errors.New("there is no such change of the rules")

// Trial is what comes of trying a text.
type Trial = live.Trial

// RefusedError says why a step about a change is not taken.
type RefusedError struct {
	Code            string // stable
	Member          string // of the step that is wrong; "" for none
	Message, Remedy diagnostic.Text
	Trial           *Trial // of a text that is not fit: what is wrong with it
	Others          []*RefusedError
}

// Error is the refusal in English.
func (e *RefusedError) Error() string { return e.Message.EN }

// Codes of a RefusedError.
const (
	CodeUnseen     = "steps_unseen"    // somebody did something about the change meanwhile
	CodeNotNow     = "not_now"         // the state of the change does not allow it
	CodeOtherBase  = "other_base"      // the rules in force are not those that it changes
	CodeOtherText  = "other_text"      // what was looked at is not the text of the change
	CodeSamePerson = "same_person"     // who had a hand in it does not approve it
	CodeUnknown    = "person_unknown"  // nobody can tell whether it is another person
	CodeNotFit     = "not_fit"         // check or cases find fault with the text
	CodeNothing    = "nothing_changed" // the text is that of the rules in force
	CodeNeeded     = "needed"          // something has to be said
	CodeTooLong    = "too_long"
	CodePast       = "in_past" // a moment to publish at that is over
	CodeNotWritten = "not_published"
	CodeKind       = "unknown_kind"
)

func refuse(code, member, zh, en, remedyZH, remedyEN string) *RefusedError {
	return &RefusedError{Code: code, Member: member, Message: diagnostic.Text{ZH: zh, EN: en}, Remedy: diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
}

// Why a change could not be put in force; behind a colon may stand what was said.
const (
	FailedBase        = "other_base"  // other rules were in force by then
	FailedUnfit       = "not_fit"     // check or cases found fault with it
	FailedWriting     = "not_written" // the rules file could not be written
	FailedInterrupted = "interrupted" // the server ended meanwhile; the rules before are in force
)
