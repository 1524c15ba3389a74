package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/policy"
)

// failure is the JSON document of a command that was asked for JSON and has no
// result: why, and every finding where there are any.
type failure struct {
	Rules     *rulesJSON        `json:"rules,omitempty"`     // that were used, where it came to that
	Question  string            `json:"question,omitempty"`  // that was asked
	Error     formats.Finding   `json:"error"`               // the first of the findings, if there are any
	Findings  []formats.Finding `json:"findings,omitempty"`  // every one
	Help      string            `json:"help,omitempty"`      // the command that tells how to call it
	Questions []questionJSON    `json:"questions,omitempty"` // all, where none was named
	Facts     []factJSON        `json:"facts,omitempty"`     // that the question takes, where none were given
}

// rulesJSON is which rules were used.
type rulesJSON struct {
	File   string `json:"file"`
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
}

type questionJSON struct {
	ID    string          `json:"id"`
	Title diagnostic.Text `json:"title"`
}

// factJSON is a fact that a question takes, and how it is written.
type factJSON struct {
	Name   string          `json:"name"`
	Label  diagnostic.Text `json:"label"`
	Type   diagnostic.Text `json:"type"`
	Words  []string        `json:"words,omitempty"`  // it is one of these, or its elements are
	Fields []factJSON      `json:"fields,omitempty"` // of a record, or of each of a list
}

func questionsOf(b *policy.Rulebook) []questionJSON {
	all := make([]questionJSON, 0, len(b.Questions))
	for _, q := range b.Questions {
		all = append(all, questionJSON{q.ID, q.Title})
	}
	return all
}

func factsOf(q *policy.Question) []factJSON {
	var of func(name string, f *policy.Fact) factJSON
	of = func(name string, f *policy.Fact) factJSON {
		x := factJSON{Name: name, Label: f.Label, Type: diagnostic.Text{ZH: kindOf(f, "zh"), EN: kindOf(f, "en")}}
		fields := f.Fields
		if f.Words != nil {
			x.Words = f.Words.Words
		}
		if f.Elem != nil {
			fields = f.Elem.Fields
			if f.Elem.Words != nil {
				x.Words = f.Elem.Words.Words
			}
		}
		for _, field := range fields {
			x.Fields = append(x.Fields, of(field.Name, field))
		}
		return x
	}
	all := make([]factJSON, 0, len(q.Facts))
	for _, f := range q.Facts {
		all = append(all, of(f.Name, f.Fact))
	}
	return all
}

// Codes of failures that have no findings.
const (
	codeUsage       = "wrong_usage"
	codeUnreadable  = "unreadable" // a file could not be read or written
	codeInterrupted = "interrupted"
	codeInternal    = "internal"
)

// formatFlag adds --format to a command whose result may be text or JSON, or in
// further formats.
func (a *app) formatFlag(cmd *cobra.Command, further ...string) {
	a.format = "text"
	f := &choice{value: a.format, allowed: append([]string{"text", "json"}, further...), to: &a.format}
	cmd.Flags().Var(f, "format", a.t("输出格式", "format of the output"))
	complete(cmd, "format", fixed(f.allowed...))
}

func (a *app) json() bool { return a.format == "json" }

// forPrograms reports whether the result is for programs to read, not people.
func (a *app) forPrograms() bool { return a.format != "" && a.format != "text" }

// writeFailure writes the document of a failure, once.
func (a *app) writeFailure(f failure) error {
	if !a.json() || a.failed {
		return nil
	}
	a.failed = true
	f.Rules = a.used
	if len(f.Findings) > 0 && f.Error.Code == "" {
		f.Error = f.Findings[0]
	}
	return writeJSON(a.out, f)
}

// failureOf is the document for an error that has not been told yet.
func failureOf(err error) failure {
	var usage *usageError
	var trouble *troubleError
	var refused *refusal
	f := formats.Finding{Severity: diagnostic.Error}
	switch {
	case errors.As(err, &usage):
		f.Code, f.Message, f.Remedy = codeUsage, usage.message, usage.remedy
		return failure{Error: f, Help: usage.help(), Questions: usage.questions, Facts: usage.facts}
	case errors.As(err, &refused):
		f.Code, f.Message, f.Remedy = refused.code, refused.message, refused.remedy
	case isInterrupted(err):
		f.Code, f.Message = codeInterrupted, diagnostic.Text{ZH: "已中断", EN: "interrupted"}
	case errors.As(err, &trouble):
		f.Code = codeUnreadable
		f.Message = diagnostic.Text{ZH: trouble.message.ZH + "：" + cause(trouble.err, "zh"), EN: trouble.message.EN + ": " + cause(trouble.err, "en")}
		f.Remedy = trouble.remedy
	default:
		f.Code, f.Message = codeInternal, diagnostic.Text{ZH: err.Error(), EN: err.Error()}
	}
	return failure{Error: f}
}

// factFindings are the findings of facts that were refused.
func factFindings(file string, refused []*policy.FactError) []formats.Finding {
	all := make([]formats.Finding, 0, len(refused))
	for _, e := range refused {
		span := e.Span
		span.File = file
		all = append(all, formats.Finding{Code: e.Code, Severity: diagnostic.Error, Fact: e.Fact, Span: &span, Message: e.Message, Remedy: e.Remedy})
	}
	return all
}
