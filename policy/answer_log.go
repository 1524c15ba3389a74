package policy

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// String sums the answer up for a person who debugs, in English: the verdict or
// why there is none, and what was broken, lacking or left to a person. It names
// nobody and tells no fact.
func (a Answer) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", a.Question)
	if a.Error != nil {
		b.WriteString(a.Error.Error())
		return b.String()
	}
	b.WriteString(a.Verdict)
	if a.Provisional {
		b.WriteString(", provisional")
	}
	for _, x := range a.noteworthy() {
		fmt.Fprintf(&b, "; %s: %s", x.name, strings.Join(x.items, ", "))
	}
	return b.String()
}

// LogValue is what String says as attributes of a structured log; "<nil>" where
// there is no answer. Log the pointer: an Answer that is held by value is
// written by a JSON handler as its whole JSON.
func (a *Answer) LogValue() slog.Value {
	if a == nil {
		return slog.StringValue("<nil>")
	}
	attrs := []slog.Attr{slog.String("question", a.Question)}
	if a.Error != nil {
		why := a.Failure()
		return slog.GroupValue(append(attrs, slog.String("error", why.Code), slog.String("message", why.Message.EN))...)
	}
	attrs = append(attrs, slog.String("verdict", a.Verdict))
	if a.Provisional {
		attrs = append(attrs, slog.Bool("provisional", true))
	}
	for _, x := range a.noteworthy() {
		attrs = append(attrs, slog.Any(x.name, x.items))
	}
	return slog.GroupValue(attrs...)
}

// found is some things that an answer found, in words.
type found struct {
	name  string
	items []string
}

// noteworthy is what was found, by its keys in the answer's JSON.
func (a *Answer) noteworthy() []found {
	all := []found{
		{"breaches", stringsOf(a.Breaches, Breach.String)},
		{"missing_facts", stringsOf(a.MissingFacts, MissingFact.String)},
		{"decisions", stringsOf(a.Decisions, Decision.String)},
	}
	return slices.DeleteFunc(all, func(f found) bool { return len(f.items) == 0 })
}

// String is the fact, and what needs it.
func (m MissingFact) String() string { return m.Fact + " for " + m.NeededBy }

// String is the code of the decision, and the rule that leaves it to a person.
func (d Decision) String() string { return d.Code + " of " + d.Rule }

func stringsOf[T any](list []T, text func(T) string) []string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = text(x)
	}
	return all
}
