package batch

import (
	"fmt"
	"slices"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// selection chooses answers.
type selection struct {
	verdicts []string
	having   []func(*policy.Answer) bool
}

// having are the parts of an answer that it may be chosen for.
var having = []struct {
	name string
	has  func(*policy.Answer) bool
}{
	{"breaches", func(a *policy.Answer) bool { return len(a.Breaches) > 0 }},
	{"missing_facts", func(a *policy.Answer) bool { return len(a.MissingFacts) > 0 }},
	{"decisions", func(a *policy.Answer) bool { return len(a.Decisions) > 0 }},
	{"provisional", func(a *policy.Answer) bool { return a.Provisional }},
	{"error", func(a *policy.Answer) bool { return a.Error != nil }},
}

// selectable lists what answers to a question may be chosen by.
func selectable(q *policy.Question) []string {
	names := append(slices.Clone(q.Verdict.Words.Words), policy.Undetermined, policy.NotInScope)
	for _, h := range having {
		names = append(names, h.name)
	}
	return names
}

// SelectError says that answers cannot be chosen by a word.
type SelectError struct {
	Word   string
	Remedy Text
}

// Error is the refusal in English.
func (e *SelectError) Error() string {
	return fmt.Sprintf("answers cannot be selected by %q [unknown_word] → %s", e.Word, e.Remedy.EN)
}

// newSelection chooses answers by words; a nil one is all of them. A verdict
// comes before a part of the same name.
func newSelection(q *policy.Question, words []string) (*selection, error) {
	if len(words) == 0 {
		return nil, nil
	}
	s := &selection{}
	for _, w := range words {
		i := slices.Index(selectable(q), w)
		switch first := len(selectable(q)) - len(having); {
		case i < 0:
			return nil, &SelectError{w, table.OneOf(w, selectable(q))}
		case i < first:
			s.verdicts = append(s.verdicts, w)
		default:
			s.having = append(s.having, having[i-first].has)
		}
	}
	return s, nil
}

func (s *selection) wants(a *policy.Answer) bool {
	if s == nil || a.Error == nil && slices.Contains(s.verdicts, a.Verdict) {
		return true
	}
	return slices.ContainsFunc(s.having, func(has func(*policy.Answer) bool) bool { return has(a) })
}
