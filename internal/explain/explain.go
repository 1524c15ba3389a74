// Package explain tells what the codes of findings mean, from the pages that
// docs/findings.md and docs/analysis-findings.md are: what is wrong, how it was
// written, how it should be.
package explain

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/docs"
)

// Page is what there is to say about a code.
type Page struct {
	Code     string
	Warning  bool
	Examples []Example         // the first is the usual one; none where an example would be long
	Also     []diagnostic.Text // what else has the code
	Said     []diagnostic.Text // by a finding without an example
}

// Example is one mistake.
type Example struct {
	What  diagnostic.Text
	Wrong string // the place of the finding is marked «so»
	Right string
	Said  diagnostic.Text // message, code and remedy
}

// Pages are all of them, in the order of their codes.
func Pages() []Page {
	var all []Page
	for _, page := range []string{docs.Findings, docs.AnalysisFindings} {
		for _, section := range strings.Split(page, "\n## ")[1:] {
			all = append(all, pageOf(section))
		}
	}
	slices.SortFunc(all, func(a, b Page) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// Find is the page of a code.
func Find(code string) (Page, bool) {
	for _, p := range Pages() {
		if p.Code == code {
			return p, true
		}
	}
	return Page{}, false
}

// Codes are the codes that have a page.
func Codes() []string {
	var codes []string
	for _, p := range Pages() {
		codes = append(codes, p.Code)
	}
	return codes
}

var fence = regexp.MustCompile("(?ms)^(```+)([a-z]*)\n(.*?)\n(```+)$")

// pageOf reads a section of the page: for each example its wording in English
// and in Chinese, what is wrong, what is right, and what is said of it.
func pageOf(section string) Page {
	code, rest, _ := strings.Cut(section, "\n")
	p := Page{Code: strings.TrimSpace(code)}
	if at := strings.Index(rest, "\nalso / 另有：\n"); at >= 0 {
		list := rest[at:]
		if end := fence.FindStringIndex(list); end == nil {
			rest = rest[:at]
		}
		for _, line := range strings.Split(list, "\n") {
			if en, zh, ok := strings.Cut(strings.TrimPrefix(line, "- "), " / "); ok && strings.HasPrefix(line, "- ") {
				p.Also = append(p.Also, diagnostic.Text{ZH: zh, EN: en})
			}
		}
	}
	for {
		m := fence.FindStringSubmatchIndex(rest)
		if m == nil {
			return p
		}
		before, language, block := rest[:m[0]], rest[m[4]:m[5]], rest[m[6]:m[7]]
		rest = rest[m[1]:]
		switch {
		case language == "text":
			said, warning := saidOf(block)
			p.Warning = p.Warning || warning
			if n := len(p.Examples); n > 0 {
				p.Examples[n-1].Said = said
			} else {
				p.Said = append(p.Said, said)
			}
		case strings.Contains(before, "wrong / 错:"):
			what, _, _ := strings.Cut(before, "\nwrong / 错:")
			p.Examples = append(p.Examples, Example{What: whatOf(what), Wrong: block})
		case strings.Contains(before, "right / 对:") && len(p.Examples) > 0:
			p.Examples[len(p.Examples)-1].Right = block
		}
	}
}

// whatOf are the last two paragraphs of a text: in English and in Chinese.
func whatOf(text string) diagnostic.Text {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "- ") {
			lines = append(lines, line)
		}
	}
	if len(lines) < 2 {
		return diagnostic.Text{}
	}
	return diagnostic.Text{EN: lines[len(lines)-2], ZH: lines[len(lines)-1]}
}

// saidOf is what a finding says, and whether it is a warning.
func saidOf(block string) (said diagnostic.Text, warning bool) {
	lines := strings.Split(block, "\n")
	if strings.HasPrefix(lines[0], "warning / ") {
		lines, warning = lines[1:], true
	}
	half := len(lines) / 2
	return diagnostic.Text{EN: strings.Join(lines[:half], "\n"), ZH: strings.Join(lines[half:], "\n")}, warning
}
