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

// InCases are the findings in a file of cases by itself.
func InCases(t *Text) []Finding {
	_, found := casefile.Parse("", []byte(t.s))
	return placedIn(t, found)
}

// WrongCases are the findings in a file of cases about a rulebook: what cannot be
// read, and questions, facts, words, readings and expectations that the rulebook
// does not know. To find these each case is asked; what comes of it is not
// compared. The error is that of the context.
func WrongCases(ctx context.Context, book *rulebook.Book, t *Text) ([]Finding, error) {
	f, found := casefile.Parse("", []byte(t.s))
	if f == nil {
		return placedIn(t, found), nil
	}
	changed, err := casefile.Book(book, f)
	if err != nil {
		return placedIn(t, append(found, unchangeable(err, f))), nil
	}
	type told struct {
		span diagnostic.Span
		code string
	}
	known := map[told]bool{}
	for _, c := range f.Cases {
		for _, d := range casefile.Run(ctx, changed, c).Findings {
			if x := (told{d.Span, d.Code}); !known[x] { // the rows of a table have one cause
				known[x] = true
				found = append(found, d)
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return placedIn(t, source.Limit(found)), nil
}

// unchangeable says why the changes that a file of cases makes to the rulebook
// cannot be made, at the first of them where they lead to what does not load.
func unchangeable(err error, f *casefile.File) diagnostic.Diagnostic {
	d := f.ChangesRefused(err)[0]
	if d.Code != "unknown_path" {
		d.Span = f.Changes[0].Span
		d.Message = diagnostic.Wording("这样改后规则书有错：%s", "with these changes the rulebook has an error: %s", d.Message)
		d.Related = nil
	}
	return d
}

// placedIn are findings in one file with their places.
func placedIn(t *Text, list diagnostic.List) []Finding {
	all := make([]Finding, 0, len(list))
	for _, d := range list {
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

// RunCases runs the cases of a file against a rulebook: those whose case or table
// begins at a place, or all of them for a negative one. The error is a
// diagnostic.List where the cases or their changes cannot be read, and that of
// the context where it ends before they have run.
func RunCases(ctx context.Context, book *rulebook.Book, t *Text, start int) ([]Outcome, error) {
	f, found := casefile.Parse("", []byte(t.s))
	if f == nil {
		return nil, found
	}
	book, err := casefile.Book(book, f)
	if err != nil {
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
	if len(r.Findings) > 0 {
		return placedIn(t, r.Findings) // the case itself is wrong
	}
	var all []Finding
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
