package editor

import (
	"context"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/source"
)

// Case is a case of a file of cases; its table may make several of it.
type Case struct {
	Name  string
	Range Range // of its first line
}

// InCases are the findings in a file of cases.
func InCases(t *Text) []Finding {
	_, found := casefile.Parse("", []byte(t.s))
	var all []Finding
	for _, d := range found {
		all = append(all, Finding{Diagnostic: d, Range: t.RangeOf(d.Span)})
	}
	return all
}

// Cases are those of a file, in its order; none where it cannot be read.
func Cases(t *Text) []Case {
	f, _ := casefile.Parse("", []byte(t.s))
	if f == nil {
		return nil
	}
	var all []Case
	for _, c := range f.Cases {
		at := firstLine(t, c)
		if n := len(all); n > 0 && all[n-1].Range.Start == at.Start {
			continue
		}
		all = append(all, Case{c.Name, at})
	}
	return all
}

// firstLine is where the first line of a case stands.
func firstLine(t *Text, c *casefile.Case) Range {
	at := t.RangeOf(c.Span)
	line, _, _ := strings.Cut(t.s[at.Start:at.End], "\n")
	return Range{at.Start, at.Start + len(line)}
}

// Outcome is what came of running a case.
type Outcome struct {
	Name   string
	Case   Range // of its first line
	Failed []Finding
}

// CodeCaseFailed is the code of findings that say what did not come out as a
// case expects.
const CodeCaseFailed = "case_failed"

// RunCases runs the cases of a file against the text of a rulebook: those whose
// case or table begins at a place, or all of them for a negative one. The error
// is a diagnostic.List where the rulebook, the cases or their changes cannot be
// read, and that of the context where it ends before they have run.
func RunCases(ctx context.Context, name string, rules []byte, t *Text, start int) ([]Outcome, error) {
	f, found := casefile.Parse("", []byte(t.s))
	if f == nil {
		return nil, found
	}
	book, err := rulebook.Parse(name, rules)
	if err != nil {
		return nil, err
	}
	if book, err = casefile.Book(book, f); err != nil {
		return nil, err
	}
	var all []Outcome
	for _, c := range f.Cases {
		at := firstLine(t, c)
		if start >= 0 && at.Start != start {
			continue
		}
		if err := ctx.Err(); err != nil {
			return all, err
		}
		all = append(all, Outcome{c.Name, at, failures(t, casefile.Run(ctx, book, c))})
	}
	return all, ctx.Err() // a case that was broken off has not failed
}

// failures are what did not come out as expected, each at its place.
func failures(t *Text, r *casefile.Result) []Finding {
	var all []Finding
	for _, d := range r.Findings {
		all = append(all, Finding{Diagnostic: d, Range: t.RangeOf(d.Span)})
	}
	if len(all) > 0 {
		return all // the case itself is wrong
	}
	for _, m := range r.Mismatches {
		span := r.Case.Span
		if n := expectedNode(r.Case.Expect, m.Field); n != nil {
			span = n.Span
		} else if span.Start.Line != span.End.Line {
			span.End = span.Start
		}
		d := diagnostic.Diagnostic{Code: CodeCaseFailed, Severity: diagnostic.Error, Span: span, Message: m.Told()}
		all = append(all, Finding{Diagnostic: d, Range: t.RangeOf(span)})
	}
	return all
}

// expectedNode is where a field is expected, by its dotted path; nil where it
// is not named.
func expectedNode(n *source.Node, field string) *source.Node {
	for n != nil {
		if v := n.Get(field); v != nil {
			return v
		}
		head, rest, dotted := strings.Cut(field, ".")
		if !dotted {
			return nil
		}
		n, field = n.Get(head), rest
	}
	return nil
}
