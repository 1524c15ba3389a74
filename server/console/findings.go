package console

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
)

// finding is a finding with the line that it is about.
type finding struct {
	Error   bool
	Code    string
	Place   string // "12:5", behind the name of a file that is not the main one
	Line    int
	Message string
	Remedy  string
	Before  string // the line, up to the place
	Marked  string // what the finding is about
	After   string // the rest of the line
	Caret   string // blanks and carets below it, where a font has columns
	Related []string
}

// findingsOf are findings as a page shows them. The text is what they are in,
// nil where it is not at hand.
func findingsOf(list diagnostic.List, text []byte, lang string) []finding {
	lines := map[string][]string{} // of each file
	if text != nil {
		for _, f := range source.Split(text) {
			lines[f.Path] = strings.Split(string(f.Text), "\n")
		}
	}
	placed := func(s diagnostic.Span) string {
		at := strconv.Itoa(s.Start.Line) + ":" + strconv.Itoa(s.Start.Column)
		if s.File != "" && text != nil {
			at = filepath.ToSlash(s.File) + ":" + at
		}
		return at
	}
	all := make([]finding, 0, len(list))
	for _, d := range list {
		f := finding{
			Error: d.Severity == diagnostic.Error, Code: d.Code, Line: d.Span.Start.Line, Message: d.Message.In(lang), Remedy: d.Remedy.In(lang),
			Place: placed(d.Span),
		}
		if d.Span.Start.Line == 0 {
			f.Place = ""
		}
		if i := d.Span.Start.Line - 1; i >= 0 && i < len(lines[filepath.ToSlash(d.Span.File)]) {
			f.point(strings.TrimRight(lines[filepath.ToSlash(d.Span.File)][i], "\r"), d.Span)
		}
		for _, r := range d.Related {
			f.Related = append(f.Related, placed(r.Span)+" "+r.Message.In(lang))
		}
		all = append(all, f)
	}
	return all
}

// longLine is how much of a line is shown on either side of the place.
const longLine = 120

// point cuts a line at the place of a finding.
func (f *finding) point(line string, span diagnostic.Span) {
	runes := []rune(line)
	from := min(max(span.Start.Column-1, 0), len(runes))
	to := len(runes)
	if span.End.Line == span.Start.Line {
		to = min(max(span.End.Column-1, from), len(runes))
	}
	if to == from && to < len(runes) {
		to++
	}
	f.Before, f.Marked, f.After = string(runes[:from]), string(runes[from:to]), string(runes[to:])
	if n := utf8.RuneCountInString(f.Before); n > longLine {
		f.Before = "…" + string([]rune(f.Before)[n-longLine:])
	}
	if r := []rune(f.After); len(r) > longLine {
		f.After = string(r[:longLine]) + "…"
	}
	f.Caret = strings.Repeat(" ", report.Width(f.Before)) + strings.Repeat("^", max(1, report.Width(f.Marked)))
}

// asFindings are the findings that an error is.
func asFindings(err error) (diagnostic.List, bool) {
	var list diagnostic.List
	if errors.As(err, &list) {
		return list, true
	}
	return nil, false
}

func nearest(word string, candidates []string) string { return diagnostic.Nearest(word, candidates) }

func itoa(n int) string { return strconv.Itoa(n) }
