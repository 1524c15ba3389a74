package checked

import (
	"regexp"
	"strings"
	"unicode"
)

// The codes of what an analysis finds, which takes too long for a check.
const (
	CodeTwoRules        = "two_rules_apply"  // facts on which two rules of a group apply
	CodeNoRule          = "no_rule_applies"  // facts that no rule of a group is for, but rules for others like them
	CodeNoVerdict       = "no_verdict"       // facts that are complete, and give no verdict
	CodeNeverApplies    = "never_applies"    // a rule, row, factor or item that no facts make apply
	CodeConditionNever  = "condition_never"  // a condition that no facts fulfil
	CodeConditionAlways = "condition_always" // a condition that all facts fulfil
	CodePromiseBroken   = "promise_broken"   // facts on which an answer breaks a promise
	CodePromiseIdle     = "promise_idle"     // a promise that promises nothing
)

// AnalysisCodes are those codes. A check passes over acceptances of them.
var AnalysisCodes = []string{
	CodeTwoRules, CodeNoRule, CodeNoVerdict, CodeNeverApplies, CodeConditionNever, CodeConditionAlways, CodePromiseBroken, CodePromiseIdle,
}

// An Acceptance is a comment that accepts a finding on its line or below it:
// `# accepted: CODE – why`.
type Acceptance struct {
	Code     string
	Why      string // what stands behind the code, with whatever parts them
	From, To int    // where the code stands in the line, in bytes
}

var acceptance = regexp.MustCompile(`(?:^|\s)#\s*accepted:\s*([a-z_]+)([^a-z_].*)?$`)

// AcceptanceIn finds an acceptance in a line of a rules file.
func AcceptanceIn(line string) (Acceptance, bool) {
	m := acceptance.FindStringSubmatchIndex(line)
	if m == nil {
		return Acceptance{}, false
	}
	a := Acceptance{Code: line[m[2]:m[3]], From: m[2], To: m[3]}
	if m[4] >= 0 {
		a.Why = line[m[4]:m[5]]
	}
	return a, true
}

// almostAcceptance is how people write an acceptance that is none.
var almostAcceptance = regexp.MustCompile(`(?:^|\s)[#＃]\s*(?i:accepted|accept|accepts|acepted|accpeted|已接受|接受|认可|已认可)\s*[:：]?\s*([a-z_]+)([^a-z_].*)?$`)

// AlmostAcceptanceIn finds a comment that was probably meant to accept a finding, and
// is written otherwise.
func AlmostAcceptanceIn(line string) (Acceptance, bool) {
	m := almostAcceptance.FindStringSubmatchIndex(line)
	if _, is := AcceptanceIn(line); is || m == nil {
		return Acceptance{}, false
	}
	a := Acceptance{Code: line[m[2]:m[3]], From: m[2], To: m[3]}
	if m[4] >= 0 {
		a.Why = line[m[4]:m[5]]
	}
	return a, true
}

// HasReason reports whether an acceptance says why.
func (a Acceptance) HasReason() bool {
	return strings.ContainsFunc(a.Why, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// Reason is why, without what parts it from the code.
func (a Acceptance) Reason() string {
	return strings.TrimSpace(strings.TrimLeft(a.Why, " \t-–—:：,，"))
}

// AcceptedAt visits the acceptances that are about a line, counted from 1: on it,
// and in the comments right above it. It returns the line of the first that the
// visitor takes, 0 for none.
func AcceptedAt(lines []string, line int, takes func(Acceptance) bool) int {
	for at := line; at >= 1 && at <= len(lines); at-- {
		text := lines[at-1]
		if at < line && !strings.HasPrefix(strings.TrimSpace(text), "#") {
			return 0
		}
		if a, ok := AcceptanceIn(text); ok && takes(a) {
			return at
		}
	}
	return 0
}

// AcceptanceOf is the line of the acceptance of a code, with a reason, that is
// about a line; 0 for none.
func AcceptanceOf(lines []string, line int, code string) int {
	return AcceptedAt(lines, line, func(a Acceptance) bool { return a.Code == code && a.HasReason() })
}
