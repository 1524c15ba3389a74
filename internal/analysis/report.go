package analysis

import (
	"encoding/json"

	"github.com/servicerules/rulebook/diagnostic"
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
