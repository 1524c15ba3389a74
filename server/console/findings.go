package console

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
)

// finding is a finding with the line that it is about.
type finding struct {
	Error   bool
	Code    string
	Place   string // "12:5"
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
	var lines []string
	if text != nil {
		lines = strings.Split(string(text), "\n")
	}
	all := make([]finding, 0, len(list))
	for _, d := range list {
		f := finding{
			Error: d.Severity == diagnostic.Error, Code: d.Code, Line: d.Span.Start.Line, Message: d.Message.In(lang), Remedy: d.Remedy.In(lang),
			Place: strconv.Itoa(d.Span.Start.Line) + ":" + strconv.Itoa(d.Span.Start.Column),
		}
		if d.Span.Start.Line == 0 {
			f.Place = ""
		}
		if i := d.Span.Start.Line - 1; i >= 0 && i < len(lines) {
			f.point(strings.TrimRight(lines[i], "\r"), d.Span)
		}
		for _, r := range d.Related {
			place := r.Span.Start
			f.Related = append(f.Related, strconv.Itoa(place.Line)+":"+strconv.Itoa(place.Column)+" "+r.Message.In(lang))
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
