package changing

import (
	"errors"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/live"
)

// ErrNotFound says that there is no such change.
var ErrNotFound = errors.New("there is no such change of the rules")

// RefusedError says why a step about a change is not taken.
type RefusedError struct {
	Code            string // stable
	Member          string // of the step that is wrong; "" for none
	Message, Remedy diagnostic.Text
	Trial           *live.Trial // of a text that is not fit: what is wrong with it
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
	CodeShadows    = "too_many_shadows" // too many changes are in shadow
	CodeUnsigned   = "unsigned"         // nobody has signed the text who may
)

func refuse(code, member, zh, en, remedyZH, remedyEN string) *RefusedError {
	return &RefusedError{Code: code, Member: member, Message: diagnostic.Text{ZH: zh, EN: en}, Remedy: diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
}

// Why a change could not be put in force; behind failedBehind may stand what the
// system said.
const (
	FailedBase        = "other_base"  // other rules were in force by then
	FailedUnfit       = "not_fit"     // check or cases found fault with it
	FailedWriting     = "not_written" // the rules file could not be written
	FailedInterrupted = "interrupted" // the server ended meanwhile; the rules before are in force
	FailedUnsigned    = "unsigned"    // nobody had signed it who may
	FailedApprover    = "approver"    // at its moment, who approved it or set the moment might no longer

	failedBehind = ": "
)

var failureTexts = map[string]diagnostic.Text{
	FailedBase:        {ZH: "到那时现行规则已不是它所依据的那一版", EN: "by then other rules were in force than those that it was made of"},
	FailedUnfit:       {ZH: "检查或用例不通过", EN: "check or cases found fault with it"},
	FailedWriting:     {ZH: "规则文件写不进去", EN: "the rules file could not be written"},
	FailedInterrupted: {ZH: "服务器中途停了", EN: "the server ended meanwhile"},
	FailedUnsigned:    {ZH: "没有签名人名单里的人签名", EN: "none of the signers had signed it"},
	FailedApprover:    {ZH: "到那时，批准它或定下时间的人已无权批准（账户已锁定或改了角色）；请另一个有权批准的人看过再发布", EN: "by then, who approved it or set its moment could not approve any more, being locked or of other roles; another person who may approve has to look at it and publish it"},
}

// Failure is why a change could not be put in force, in words.
func Failure(reason string) diagnostic.Text {
	why, said, more := strings.Cut(reason, failedBehind)
	t := failureTexts[why]
	if more {
		t.ZH, t.EN = t.ZH+"："+said, t.EN+": "+said
	}
	return t
}
