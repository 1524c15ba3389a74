package analysis

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
)

// accept finds the findings that are accepted beside their place. Acceptances of
// what is not found are reported, where its code was looked for in all questions.
func (a *analysis) accept(lookedFor []string) {
	lines := map[string][]string{} // of each file
	for _, f := range a.book.Files() {
		lines[f.Name] = strings.Split(strings.ReplaceAll(string(f.Text), "\r\n", "\n"), "\n")
	}
	type place struct {
		file string
		line int
	}
	used := map[place]bool{}
	for i := range a.report.Findings {
		f := &a.report.Findings[i]
		own := lines[f.Span.File]
		at := checked.AcceptedAt(own, f.Span.Start.Line, func(x checked.Acceptance) bool { return f.acceptedBy(x) })
		if at > 0 {
			x, _ := checked.AcceptanceIn(own[at-1])
			f.Accepted, used[place{f.Span.File, at}] = strings.TrimSpace(x.Why), true
		}
	}
	for _, f := range a.book.Files() {
		if f.Base { // what a branch mends, its base may need
			continue
		}
		for i, text := range lines[f.Name] {
			x, ok := checked.AcceptanceIn(text)
			if ok && !used[place{f.Name, i + 1}] && slices.Contains(lookedFor, x.Code) {
				a.idle(f.Name, i+1, text, x)
			}
		}
	}
}

// idle reports an acceptance of what is not found.
func (a *analysis) idle(file string, line int, text string, x checked.Acceptance) {
	column := func(at int) int { return 1 + len([]rune(strings.TrimPrefix(text[:at], "\ufeff"))) }
	a.report.Findings = append(a.report.Findings, Finding{Diagnostic: diagnostic.Diagnostic{
		Code: "acceptance_idle", Severity: diagnostic.Warning,
		Message: diagnostic.Textf("这里没有可以接受的 %s", "there is no %s here to accept", x.Code),
		Remedy:  diagnostic.Textf("删去这条注释", "remove the comment"),
		Span: diagnostic.Span{File: file, Start: diagnostic.Position{Line: line, Column: column(x.From)},
			End: diagnostic.Position{Line: line, Column: column(x.To)}},
	}})
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
