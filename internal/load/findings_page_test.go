package load_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/servicerules/rulebook/internal/load"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/golden"
)

// The page of findings is written from the mistakes of testdata/mistakes.
func TestFindingsPageIsCurrent(t *testing.T) {
	golden.File(t, "../../docs/findings.md", []byte(findingsPage(t)))
}

const findingsIntro = `# Findings / 核对结果

Generated from internal/load/testdata/mistakes; do not edit. What ` + "`rulebook check`" + ` finds, by code: what is meant, what was written (the place of the finding is marked «so»), what is right, and what the finding says and proposes. Codes stay from version to version. A warning leaves a file usable; ` + "`# accepted: CODE – why`" + ` behind the place accepts one.

由 internal/load/testdata/mistakes 生成，请勿手改。` + "`rulebook check`" + ` 的各种结果，按代码排列：是什么问题、写错的样子（«»标出所报的位置）、正确的写法，以及报告的原话和建议。代码在各版本间不变。警告不妨碍使用；在该处之后写 ` + "`# accepted: 代码 – 理由`" + ` 即为认可。
`

// noExample stands where an example would be as long as a file, or no text.
const noExample = "no example, for it would be long or no text / 例子太长或不是文本，从略"

func findingsPage(t *testing.T) string {
	rules := library(t)
	pages := map[string]string{}
	var code string
	var page strings.Builder
	var further []*mistake // of the code, beside the first
	finish := func() {
		if code != "" {
			also := "\nalso / 另有：\n"
			for _, x := range further {
				zh, en, _ := strings.Cut(x.What, " / ")
				if x.Right == "" { // the remedy says it
					fmt.Fprintf(&page, "%s\n- %s / %s", also, en, zh)
					also = ""
				}
			}
			if also == "" {
				page.WriteString("\n")
			}
			for _, x := range further {
				if zh, en, _ := strings.Cut(x.What, " / "); x.Right != "" {
					page.WriteString("\n")
					x.show(t, &page, rules, en, zh)
				}
			}
			pages[code] = page.String()
		}
		page.Reset()
	}
	for _, x := range mistakes(t) {
		zh, en, found := strings.Cut(x.What, " / ")
		require.True(t, found, "%s: in Chinese and English: %s", x.code, x.What)
		if x.code != code {
			finish()
			code, further = x.code, nil
			x.show(t, &page, rules, en, zh)
		} else {
			further = append(further, x)
		}
	}
	finish()
	for code, change := range generated {
		pages[code] = noExample + "\n"
		var b strings.Builder
		block(&b, "text", "", saidOf(code, change(rules)))
		pages[code] += b.String()
	}
	var b strings.Builder
	b.WriteString(findingsIntro)
	for _, code := range slices.Sorted(maps.Keys(pages)) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", code, strings.TrimRight(pages[code], "\n"))
	}
	return b.String()
}

// show is one mistake: what was written, what is right, and what is said.
func (m *mistake) show(t *testing.T, page *strings.Builder, rules, en, zh string) {
	text, _ := m.apply(t, rules)
	fmt.Fprintf(page, "%s\n\n%s\n", en, zh)
	wrong := m.lines(rules, m.With, true)
	for _, f := range m.Files {
		wrong += "\n# " + f.Path + "\n" + f.Text
	}
	block(page, "yaml", "wrong / 错", wrong)
	if m.Right != "" {
		block(page, "yaml", "right / 对", m.lines(rules, m.Right, true))
	} else {
		block(page, "yaml", "right / 对", m.lines(rules, m.Replace, false))
	}
	block(page, "text", "", saidOf(m.code, text))
}

// block is lines within a fence, which is longer than any in them.
func block(b *strings.Builder, language, title, text string) {
	if title != "" {
		fmt.Fprintf(b, "\n%s:\n", title)
	}
	fmt.Fprintf(b, "\n```%s\n%s\n```\n", language, strings.TrimRight(text, "\n"))
}

// saidOf is what the finding of a code says in both languages, without its
// place, which moves with every line of the example.
func saidOf(code, text string) string {
	book, found := parse(text)
	if book != nil {
		found = append(found, load.Unused(book)...)
	}
	for _, d := range found {
		if d.Code == code {
			warning := ""
			if d.Severity == diagnostic.Warning {
				warning = "warning / 警告\n"
			}
			d.Span = diagnostic.Span{}
			return warning + d.In("en") + "\n" + d.In("zh")
		}
	}
	return ""
}

// lines are the whole lines that the mistake changes, with one way of writing
// what is replaced; with the further changes made, or as those are in the rules.
func (m *mistake) lines(rules, with string, made bool) string {
	var out []string
	for i, c := range append([]change{{m.Replace, with}}, m.And...) {
		at := strings.Index(rules, c.Replace)
		from := strings.LastIndex(rules[:at], "\n") + 1
		to := at + len(c.Replace)
		if end := strings.Index(rules[to:], "\n"); end >= 0 && !strings.HasSuffix(c.Replace, "\n") {
			to += end
		}
		if i > 0 && !made {
			c.With = c.Replace
		}
		out = append(out, outdent(rules[from:at]+c.With+rules[at+len(c.Replace):to]))
	}
	return strings.Join(out, "\n…\n")
}

// outdent takes away the spaces before all lines, and lines without any text
// at the ends.
func outdent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	least := len(text)
	for _, line := range lines {
		if rest := strings.TrimLeft(line, " "); rest != "" {
			least = min(least, len(line)-len(rest))
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(line[min(least, len(line)):], " ")
	}
	return strings.Join(lines, "\n")
}
