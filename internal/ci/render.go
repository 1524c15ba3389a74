package ci

import (
	"fmt"
	"io"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
)

// Formats are those that a report can be written in, beside text and JSON.
var Formats = append([]string{"markdown"}, formats.Names...)

// Write writes a report in the format of a name, in the language "zh" or "en".
func (r *Report) Write(w io.Writer, format, version, lang string) error {
	if format == "markdown" {
		return r.markdown(w, lang)
	}
	return formats.Write(w, format, r.forPrograms(version, lang), lang)
}

// forPrograms has a test for each gate, which fails by its errors; warnings
// stand beside. A gate that failed by what is told at another one fails by what is
// said of it.
func (r *Report) forPrograms(version, lang string) formats.Report {
	out := formats.Report{Command: "ci", Version: version}
	for _, g := range r.Gates {
		c := formats.Case{Name: g.Label().In(lang), Question: g.Name, Failed: g.State == Failed, Skipped: g.State == Skipped, Said: g.Said}
		for _, d := range g.Findings {
			if d.Severity == diagnostic.Warning && g.Name != Check || g.State != Failed {
				out.Findings = append(out.Findings, d)
				continue
			}
			c.Failures = append(c.Failures, formats.Failure{Field: d.Code, Message: d.Message, Remedy: d.Remedy, Code: d.Code, Severity: d.Severity, Span: d.Span})
		}
		out.Cases = append(out.Cases, c)
	}
	return out
}

// Sign is a state as a reader sees it at once.
func (s State) Sign() string {
	switch s {
	case Passed:
		return "✓"
	case Failed:
		return "✗"
	}
	return "–"
}

// markdown is a summary for the page of a change.
func (r *Report) markdown(w io.Writer, lang string) error {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	title := pick("规则核对通过", "The rules pass")
	if !r.Passed() {
		title = pick("规则核对不通过", "The rules do not pass")
	}
	line("## %s\n", title)
	line("| | %s | |\n|---|---|---|", pick("核对", "gate"))
	for _, g := range r.Gates {
		line("| %s | %s | %s |", g.State.Sign(), cell(g.Label().In(lang)), cell(g.Said.In(lang)))
	}
	for _, g := range r.Gates {
		if len(g.Findings) == 0 && len(g.Notes) == 0 {
			continue
		}
		line("\n### %s\n", g.Label().In(lang))
		for _, d := range g.Findings {
			where := ""
			if d.Span.File != "" {
				where = "`" + d.Span.String() + "` "
			}
			line("- %s%s `%s`", where, cell(d.Message.In(lang)), d.Code)
			if remedy := d.Remedy.In(lang); remedy != "" {
				line("  → %s", cell(remedy))
			}
		}
		for _, n := range g.Notes {
			line("- %s", cell(n.In(lang)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell is a text on one line, in which nothing parts columns or begins markup.
func cell(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "*", "\\*", "_", "\\_", "`", "'").Replace(text)
}
