package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Sources are the texts that findings are about, by file name.
type Sources map[string][]byte

// Findings prints findings one after the other: place, message and code, then
// the line of the source with the place marked, then what to write instead.
//
//	rules.yaml:12:7: error: there is no key "wen" here [unknown_key]
//	  12 |       wen: request.kind == "fault"
//	     |       ^^^
//	     → did you mean when?
func Findings(w io.Writer, s Style, list diagnostic.List, sources Sources) error {
	var b strings.Builder
	for i, d := range list {
		if i > 0 {
			b.WriteString("\n")
		}
		finding(&b, s, d, sources)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func finding(b *strings.Builder, s Style, d diagnostic.Diagnostic, sources Sources) {
	paint, severity := s.Red, s.Pick("错误", "error")
	if d.Severity == diagnostic.Warning {
		paint, severity = s.Yellow, s.Pick("提醒", "warning")
	}
	if at := d.Span.String(); at != "" {
		b.WriteString(s.Bold(Clean(at)) + ": ")
	}
	fmt.Fprintf(b, "%s%s%s %s\n", paint(severity), s.Colon(), Clean(d.Message.In(s.Lang)), s.Dim("["+d.Code+"]"))
	margin := snippet(b, s, d.Span, sources, paint)
	lead := strings.Repeat(" ", margin) + "→ "
	if remedy := Clean(d.Remedy.In(s.Lang)); remedy != "" {
		indented(b, s, lead, remedy)
	}
	for _, r := range d.Related {
		indented(b, s, strings.Repeat(" ", margin), Clean(r.Message.In(s.Lang))+s.Pick("（", " (")+Clean(r.Span.String())+s.Pick("）", ")"))
	}
}

func indented(b *strings.Builder, s Style, lead, text string) {
	// A strings.Builder does not fail.
	_ = Paragraph(b, s, lead, text)
}

// longest is how many columns of a source line are shown.
const longest = 100

// snippet prints the line that a span begins on and marks the span below it.
// It returns the width of the margin that the line numbers take.
func snippet(b *strings.Builder, s Style, span diagnostic.Span, sources Sources, paint func(string) string) int {
	line, ok := lineOf(sources[span.File], span.Start.Line)
	number := fmt.Sprint(span.Start.Line)
	margin := len(number) + 3
	if !ok {
		return 4
	}
	runes := []rune(line)
	from := min(max(span.Start.Column-1, 0), len(runes))
	to := len(runes)
	if span.End.Line == span.Start.Line {
		to = min(max(span.End.Column-1, from), len(runes))
	}
	room := longest
	if s.Width > 0 {
		room = max(s.Width-margin-2, narrowest)
	}
	// A line may have a million characters; no more than these can be seen.
	near := 4 * room
	before, marked := shown(runes[max(0, from-near):from]), shown(runes[from:min(to, from+near)])
	after := shown(runes[to:min(len(runes), to+near)])
	if Width(marked) > room {
		marked, after = cropEnd(marked, room), ""
	}
	before, after = crop(before, marked, after, room)
	bar := s.Dim("|")
	fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf("  %s %s %s", s.Dim(number), bar, before+marked+after), " "))
	carets := strings.Repeat("^", max(1, min(Width(marked), room)))
	fmt.Fprintf(b, "  %s %s %s%s\n", strings.Repeat(" ", len(number)), bar, strings.Repeat(" ", Width(before)), paint(carets))
	return margin
}

// lineOf is a line of a text, without a byte order mark and its line break.
func lineOf(text []byte, number int) (string, bool) {
	if number < 1 || len(text) == 0 {
		return "", false
	}
	rest := strings.TrimLeft(string(text), "\ufeff")
	for range number - 1 {
		_, after, found := strings.Cut(rest, "\n")
		if !found {
			return "", false
		}
		rest = after
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r"), true
}

// shown is source text as it is printed: tabs as blanks, nothing invisible.
func shown(runes []rune) string {
	return Clean(strings.ReplaceAll(string(runes), "\t", "    "))
}

// crop shortens what stands around the marked part so that all of it fits.
func crop(before, marked, after string, room int) (shortBefore, shortAfter string) {
	const dots = "…"
	if Width(before)+Width(marked)+Width(after) <= room {
		return before, after
	}
	if keep := max(room-Width(marked)-8, room/3); Width(before) > keep {
		runes := []rune(before)
		for len(runes) > 0 && Width(dots+string(runes)) > keep {
			runes = runes[1:]
		}
		before = dots + string(runes)
	}
	if keep := max(room-Width(before)-Width(marked), 0); Width(after) > keep {
		after = cropEnd(after, keep)
	}
	return before, after
}

// cropEnd shortens a text at its end to a width, or to three dots.
func cropEnd(text string, width int) string {
	const dots = "…"
	runes := []rune(text)
	for len(runes) > 0 && Width(string(runes)+dots) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + dots
}

// Count says how many errors and warnings a list holds.
func Count(s Style, list diagnostic.List) string {
	errors, warnings := 0, 0
	for _, d := range list {
		if d.Severity == diagnostic.Warning {
			warnings++
		} else {
			errors++
		}
	}
	var parts []string
	if errors > 0 {
		parts = append(parts, s.Red(s.Plural(errors, "%d 处错误", "%d error", "%d errors")))
	}
	if warnings > 0 {
		parts = append(parts, s.Yellow(s.Plural(warnings, "%d 处提醒", "%d warning", "%d warnings")))
	}
	if len(parts) == 0 {
		return s.Green(s.Pick("没有发现问题", "no findings"))
	}
	return strings.Join(parts, s.Pick("，", ", "))
}

// Plural formats a number with its noun.
func (s Style) Plural(n int, zh, one, many string) string {
	if n == 1 {
		many = one
	}
	return s.Pickf(zh, many, n)
}
