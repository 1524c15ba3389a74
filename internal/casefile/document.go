package casefile

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// Document is what became of a case, for programs.
type Document struct {
	File        string               `json:"file"`
	Line        int                  `json:"line"`
	Name        string               `json:"name"`
	Question    string               `json:"question"`
	Passed      bool                 `json:"passed"`
	Differences []DifferenceDocument `json:"differences"`
	Explanation *policy.Explanation  `json:"explanation,omitempty"` // of an answer that is not as expected
}

// DifferenceDocument is a field that is not as expected. Both sides are as text:
// a word without quotes, lists and records as JSON.
type DifferenceDocument struct {
	Field    string `json:"field"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
	Line     int    `json:"line"` // where it is expected
}

// Document is the result for programs.
func (r *Result) Document() Document {
	c := Document{
		File: r.Case.Span.File, Line: r.Case.Span.Start.Line, Name: r.Case.Name, Question: r.Case.Question, Passed: r.Passed(), Differences: []DifferenceDocument{},
	}
	for _, m := range r.Mismatches {
		c.Differences = append(c.Differences, DifferenceDocument{m.Field, Unquoted(m.Expected), Unquoted(m.Got), r.Case.SpanOf(m.Field).Start.Line})
	}
	if r.Answer != nil && !c.Passed {
		c.Explanation = &policy.Explanation{}
		for _, lang := range r.Answer.Languages() {
			lines := []string{}
			for _, s := range r.Answer.Steps(lang) {
				lines = append(lines, s.Text)
			}
			c.Explanation.Set(lang, lines)
		}
	}
	return c
}

// Unquoted is one side of a mismatch: a word without its quotes.
func Unquoted(text string) string {
	var word string
	if json.Unmarshal([]byte(text), &word) == nil && strings.HasPrefix(text, `"`) {
		return word
	}
	return text
}

// SpanOf is where a field is expected, the place of the case where it is not
// named there.
func (c *Case) SpanOf(field string) diagnostic.Span {
	span := c.Span
	n := c.Expect
	for n != nil {
		if v := n.Get(field); v != nil {
			span = v.Span
			break
		}
		head, rest, dotted := strings.Cut(field, ".")
		if !dotted {
			break
		}
		n, field = n.Get(head), rest
	}
	return span
}

// ChangesRefused are the findings of an error of [Book]: why the changes of the
// file cannot be made; there is at least one. Their places are in the changed rulebook.
func (f *File) ChangesRefused(err error) diagnostic.List {
	var found diagnostic.List
	if errors.As(err, &found) && len(found) > 0 {
		return found
	}
	text := diagnostic.Text{ZH: err.Error(), EN: err.Error()}
	return diagnostic.List{{
		Code: "changes_refused", Severity: diagnostic.Error, Span: diagnostic.Span{File: f.Name}, Message: text,
		Remedy: diagnostic.Text{ZH: "改正文件里的 changes", EN: "correct changes: in the file"},
	}}
}
