package analysis

import (
	"encoding/json"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
)

// A Finding is something that holds of a rulebook's answers and hardly was meant.
type Finding struct {
	diagnostic.Diagnostic
	Question string          // the question that it was found in, with
	Edition  string          // the first day of its edition
	Rule     string          // the id of the rule that it is about; "" for none
	Article  string          // and its article
	About    string          // what it is about, as an acceptance of it names it; "" for nothing but its place
	Facts    json.RawMessage // facts to ask the question with that show it; nil where none can
	Risen    json.RawMessage // the same with one that has risen, where it takes both to show it
	// LongestList is how long the lists were that were tried, where a list
	// matters and nothing was found; else 0.
	LongestList int
	Accepted    string // the comment that accepts it it is accepted, "" where none does
}

// A Report is what an analysis found, and what that rests on.
type Report struct {
	Findings []Finding
	Promises []PromiseResult // of the questions that were looked at, in the order of the file
	// Claims is how many were looked into: Proven of them were decided over all
	// facts, the others found no facts among those that were tried, which are a
	// sample or lists of a bounded length.
	Claims, Found, Proven, Open int
	Evaluations                 int // of conditions on facts, in all
	LongestList                 int // of lists that were tried, but for lists of words
}

// Standing are the findings that nobody has accepted.
func (r *Report) Standing() []Finding {
	var all []Finding
	for _, f := range r.Findings {
		if f.Accepted == "" {
			all = append(all, f)
		}
	}
	return all
}

// AboutPromise reports whether the finding is about a promise.
func (f Finding) AboutPromise() bool { return aboutPromise(f.Code) }

func aboutPromise(code string) bool {
	return code == checked.CodePromiseBroken || code == checked.CodePromiseIdle
}

// PromiseCount is how many promises there are of each kind.
type PromiseCount struct {
	Proven, Refuted, Searched int
	Unmet                     int // whose condition nothing met that was tried; they count as none of the others
}

// CountPromises counts the promises that were looked into.
func (r *Report) CountPromises() PromiseCount {
	var n PromiseCount
	for i := range r.Promises {
		switch p := &r.Promises[i]; {
		case p.Unmet:
			n.Unmet++
		case p.State == Proven:
			n.Proven++
		case p.State == Refuted:
			n.Refuted++
		default:
			n.Searched++
		}
	}
	return n
}
