package formats

import "github.com/servicerules/rulebook/diagnostic"

// Finding is a finding in the JSON of commands and of the package for
// JavaScript: about rules, cases or facts.
type Finding struct {
	Code     string               `json:"code"` // stable
	Severity diagnostic.Severity  `json:"severity"`
	Fact     string               `json:"fact,omitempty"`
	Span     *diagnostic.Span     `json:"span,omitempty"`
	Message  diagnostic.Text      `json:"message"`
	Remedy   diagnostic.Text      `json:"remedy"`
	Related  []diagnostic.Related `json:"related,omitempty"`
}

// FindingsOf are the findings of a list; where there are none, an empty list,
// which JSON tells from null.
func FindingsOf(list diagnostic.List) []Finding {
	all := make([]Finding, 0, len(list))
	for _, d := range list {
		f := Finding{Code: d.Code, Severity: d.Severity, Message: d.Message, Remedy: d.Remedy, Related: d.Related}
		if d.Span != (diagnostic.Span{}) {
			f.Span = &d.Span
		}
		all = append(all, f)
	}
	return all
}
