package analysis

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
)

// accept finds the findings that are accepted beside their place. Acceptances of
// what is not found are reported if all questions were looked at.
func (a *analysis) accept(all bool) {
	lines := strings.Split(string(a.book.Source()), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	used := map[int]bool{}
	for i := range a.report.Findings {
		f := &a.report.Findings[i]
		at := checked.AcceptedAt(lines, f.Span.Start.Line, func(x checked.Acceptance) bool { return f.acceptedBy(x) })
		if at > 0 {
			x, _ := checked.AcceptanceIn(lines[at-1])
			f.Accepted, used[at] = strings.TrimSpace(x.Why), true
		}
	}
	if !all {
		return
	}
	for i, text := range lines {
		x, ok := checked.AcceptanceIn(text)
		if !ok || used[i+1] || !slices.Contains(checked.AnalysisCodes, x.Code) {
			continue
		}
		column := func(at int) int { return 1 + len([]rune(strings.TrimPrefix(text[:at], "\ufeff"))) }
		a.report.Findings = append(a.report.Findings, Finding{Diagnostic: diagnostic.Diagnostic{
			Code: "acceptance_idle", Severity: diagnostic.Warning,
			Message: diagnostic.Textf("这里没有可以接受的 %s", "there is no %s here to accept", x.Code),
			Remedy:  diagnostic.Textf("删去这条注释", "remove the comment"),
			Span: diagnostic.Span{File: a.book.FileName, Start: diagnostic.Position{Line: i + 1, Column: column(x.From)},
				End: diagnostic.Position{Line: i + 1, Column: column(x.To)}},
		}})
	}
}

// acceptedBy reports whether an acceptance is of the finding: it says why and,
// where there could be several such findings at one place, which.
func (f *Finding) acceptedBy(x checked.Acceptance) bool {
	if x.Code != f.Code {
		return false
	}
	if f.About == "" {
		return x.HasReason()
	}
	var named bool
	x.Why, named = cutWord(x.Why, f.About)
	return named && x.HasReason()
}

// cutWord cuts a word out of a text, in which it stands between spaces.
func cutWord(text, word string) (rest string, found bool) {
	fields := strings.Fields(text)
	i := slices.Index(fields, word)
	if i < 0 {
		return text, false
	}
	return strings.Join(slices.Delete(fields, i, i+1), " "), true
}
