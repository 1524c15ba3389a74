package report_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
)

var (
	plain    = report.Style{Lang: "en"}
	chinese  = report.Style{Lang: "zh"}
	coloured = report.Style{Lang: "zh", Color: true}
)

func TestStyle(t *testing.T) {
	assert.Equal(t, "due", plain.Pick("到期", "due"))
	assert.Equal(t, "到期", chinese.Pick("到期", "due"))
	assert.Equal(t, "due", report.Style{}.Pick("到期", "due"), "the zero style is English")
	assert.Equal(t, "b 2", plain.Pickf("%[2]s的 %[1]d", "%[2]s %[1]d", 2, "b"))
	assert.Equal(t, "b的 2", chinese.Pickf("%[2]s的 %[1]d", "%[2]s %[1]d", 2, "b"))
	assert.Equal(t, "x", plain.Red("x"))
	assert.Equal(t, "\x1b[31mx\x1b[0m", coloured.Red("x"))
	assert.Equal(t, "\x1b[1mx\x1b[0m", coloured.Bold("x"))
	assert.Empty(t, coloured.Dim(""))
	assert.Equal(t, "1 error", plain.Plural(1, "%d 处", "%d error", "%d errors"))
	assert.Equal(t, "0 errors", plain.Plural(0, "%d 处", "%d error", "%d errors"))
	assert.Equal(t, "1 处", chinese.Plural(1, "%d 处", "%d error", "%d errors"))
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"":                              0,
		"due":                           3,
		"到期":                            4,
		"“到期”":                          6, // the quotes are of ambiguous width: one column each
		"●":                             1,
		"e\u0301":                       1, // an accent of its own
		"\x1b[31m到期\x1b[0m":             4,
		"a\x1b[1mb\x1b[0mc\x1b[2md":     4,
		"\x1b[31":                       3, // no colour: its visible part counts
		coloured.Green("好") + "的":       4,
		"2025-06-09 24:00\uff08末\uff09": 22,
	} {
		assert.Equal(t, want, report.Width(text), "%q", text)
	}
}

func TestPad(t *testing.T) {
	assert.Equal(t, "到期  ", report.Pad("到期", 6, report.Left))
	assert.Equal(t, "  到期", report.Pad("到期", 6, report.Right))
	assert.Equal(t, "到期", report.Pad("到期", 4, report.Right))
	assert.Equal(t, "到期", report.Pad("到期", 3, report.Left), "nothing is cut off")
	assert.Equal(t, coloured.Red("期")+" ", report.Pad(coloured.Red("期"), 3, report.Left))
}

func TestClean(t *testing.T) {
	assert.Equal(t, "S1\ufffd[31m\nS2", report.Clean("S1\x1b[31m\nS2"))
	assert.Equal(t, "a\ufffdb\ufffdc", report.Clean("a\u202eb\u009bc"))
	assert.Equal(t, "张三 ok", report.Clean("张三 ok"))
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       []string
	}{
		{"fits", "on the last day", 15, []string{"on the last day"}},
		{"a column too little", "on the last day", 14, []string{"on the last", "day"}},
		{"a long word stays whole", "see accountability/6.1 there", 10, []string{"see", "accountability/6.1", "there"}},
		{"between wide characters", "须在五个工作日内办结", 10, []string{"须在五个工", "作日内办结"}},
		{"an odd column stays free", "须在五个工作日内办结", 11, []string{"须在五个工", "作日内办结"}},
		{"punctuation clings", "到期前办结\u3002另行说明", 10, []string{"到期前办", "结\u3002另行说", "明"}},
		{"an opening bracket clings", "办结时限\uff08见第六条\uff09", 10, []string{"办结时限", "\uff08见第六", "条\uff09"}},
		{"words within Chinese", "读法 gt3 为第四次起", 10, []string{"读法 gt3", "为第四次起"}},
		{"line breaks stay", "one\ntwo", 0, []string{"one", "two"}},
		{"no width", strings.Repeat("到期 ", 99), 0, []string{strings.Repeat("到期 ", 99)}},
		{"nothing", "", 10, []string{""}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, report.Wrap(c.text, c.width)) })
	}
}

// Wrapping loses nothing but blanks, and no line is too wide unless a single
// word is.
func TestWrapKeepsTheText(t *testing.T) {
	text := rapid.StringMatching(`[ab 到期办结\x{3002}\x{ff0c}\x{ff08}\x{ff09}.,]{0,60}`)
	squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	rapid.Check(t, func(t *rapid.T) {
		s, width := text.Draw(t, "text"), rapid.IntRange(1, 40).Draw(t, "width")
		lines := report.Wrap(s, width)
		require.Equal(t, squeeze(s), squeeze(strings.Join(lines, "")))
		for _, line := range lines {
			if report.Width(line) > width {
				require.NotContains(t, strings.TrimSpace(line), " ", "a line of several words fits")
			}
		}
	})
}

func write(t *testing.T, table report.Table, s report.Style) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, table.Write(&b, s))
	return b.String()
}

func TestTable(t *testing.T) {
	table := report.Table{
		Header: []string{"片区", "户数", "结果"},
		Rows: [][]string{
			{"A1", "5000", "达标"},
			{"乡镇二", "950", ""},
			{"A3"},
		},
		Align: []report.Align{report.Left, report.Right},
	}
	assert.Equal(t, ""+
		"片区    户数  结果\n"+
		"A1      5000  达标\n"+
		"乡镇二   950\n"+
		"A3\n", write(t, table, chinese))

	table.Indent = 4
	lines := strings.Split(write(t, table, chinese), "\n")
	assert.Equal(t, "    A3", lines[3])

	assert.Empty(t, write(t, report.Table{}, plain))
}

func TestTableInColourLinesUpAlike(t *testing.T) {
	table := func(s report.Style) report.Table {
		return report.Table{Header: []string{"a", "b"}, Rows: [][]string{{s.Red("不达标"), "1"}, {s.Green("met"), "2"}}}
	}
	colour := regexp.MustCompile("\x1b\\[[0-9]*m")
	assert.Equal(t, write(t, table(chinese), chinese), colour.ReplaceAllString(write(t, table(coloured), coloured), ""))
}

func TestTableLinesWithinCells(t *testing.T) {
	table := report.Table{Rows: [][]string{{"calendars", "first\nsecond", "x"}, {"facts", "one", "y\nz"}}}
	assert.Equal(t, ""+
		"calendars  first   x\n"+
		"           second\n"+
		"facts      one     y\n"+
		"                   z\n", write(t, table, plain))
}

func TestTableWrapsItsLastColumn(t *testing.T) {
	table := report.Table{Indent: 2, Rows: [][]string{
		{"gt3", "from the fourth complaint of the year on"},
		{"ge3", coloured.Dim("from the third complaint of the year on")},
	}}
	wrapped := report.Style{Lang: "en", Width: 34}
	got := write(t, table, wrapped)
	assert.Equal(t, ""+
		"  gt3  from the fourth complaint\n"+
		"       of the year on\n"+
		"  ge3  \x1b[2mfrom the third complaint of\x1b[0m\n"+
		"       \x1b[2mthe year on\x1b[0m\n", got)
	for line := range strings.SplitSeq(got, "\n") {
		assert.LessOrEqual(t, report.Width(line), 34)
	}
	// On a terminal that is too narrow for anything, lines stay readable.
	wrapped.Width = 10
	assert.Contains(t, write(t, table, wrapped), "gt3  from the fourth\n")
}

func TestParagraph(t *testing.T) {
	var b strings.Builder
	require.NoError(t, report.Paragraph(&b, report.Style{Width: 34}, " 1. ", "a complaint that reached the branch counts there"))
	assert.Equal(t, " 1. a complaint that reached the\n    branch counts there\n", b.String())
	b.Reset()
	require.NoError(t, report.Paragraph(&b, plain, "  ", ""))
	assert.Equal(t, "\n", b.String())
	require.Error(t, report.Paragraph(full{}, plain, "", "x"))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func finding(line, from, to int) diagnostic.Diagnostic {
	return diagnostic.Diagnostic{
		Code: "unknown_key", Severity: diagnostic.Error,
		Span: diagnostic.Span{
			File: "rules.yaml", Start: diagnostic.Position{Line: line, Column: from}, End: diagnostic.Position{Line: line, Column: to},
		},
		Message: diagnostic.Text{ZH: "没有这个键", EN: "there is no such key"},
		Remedy:  diagnostic.Text{ZH: "是否指 when", EN: "did you mean when?"},
	}
}

func findings(t *testing.T, s report.Style, text string, list ...diagnostic.Diagnostic) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, report.Findings(&b, s, list, report.Sources{"rules.yaml": []byte(text)}))
	return b.String()
}

func TestFindings(t *testing.T) {
	assert.Equal(t, ""+
		"rules.yaml:2:3: error: there is no such key [unknown_key]\n"+
		"  2 |   wen: 1\n"+
		"    |   ^^^\n"+
		"    → did you mean when?\n", findings(t, plain, "a:\n  wen: 1\n", finding(2, 3, 6)))

	// Columns count characters; below Chinese a caret is two columns wide.
	assert.Equal(t, ""+
		"rules.yaml:1:6: 错误\uff1a没有这个键 [unknown_key]\n"+
		"  1 | {zh: 首问, ne: x}\n"+
		"    |      ^^^^\n"+
		"    → 是否指 when\n", findings(t, chinese, "{zh: 首问, ne: x}", finding(1, 6, 8)))
	assert.Contains(t, findings(t, chinese, "{zh: 首问, ne: x}", finding(1, 10, 12)), ""+
		"  1 | {zh: 首问, ne: x}\n"+
		"    |            ^^\n")
}

func TestFindingsAtOddPlaces(t *testing.T) {
	for _, c := range []struct {
		name, text string
		d          diagnostic.Diagnostic
		line, mark string
	}{
		{"an empty place", "a: ", finding(1, 4, 4), "  1 | a:", "    |    ^"},
		{"the end of the file", "a: 1\n", finding(2, 1, 1), "  2 |", "    | ^"},
		{"a tab", "\ta: 1", finding(1, 2, 3), "  1 |     a: 1", "    |     ^"},
		{"a byte order mark", "\ufeffab: 1", finding(1, 1, 3), "  1 | ab: 1", "    | ^^"},
		{"a carriage return", "ab: 1\r\nb: 2\r\n", finding(1, 5, 6), "  1 | ab: 1", "    |     ^"},
		{"an escape", "a: \x1b[2J", finding(1, 1, 2), "  1 | a: \ufffd[2J", "    | ^"},
		{"columns behind the line", "ab", finding(1, 9, 12), "  1 | ab", "    |   ^"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := strings.Split(findings(t, plain, c.text, c.d), "\n")
			require.Len(t, lines, 5)
			assert.Equal(t, []string{c.line, c.mark}, lines[1:3])
		})
	}
	several := finding(1, 4, 2)
	several.Span.End.Line = 2
	assert.Contains(t, findings(t, plain, "a: b\n  c", several), "  1 | a: b\n    |    ^\n", "only the first line is marked")

	// Without the text, or without a place in it, there is no snippet.
	assert.Equal(t, "rules.yaml:9:1: error: there is no such key [unknown_key]\n    → did you mean when?\n", findings(t, plain, "a: 1\n", finding(9, 1, 2)))
	nowhere := finding(0, 0, 0)
	nowhere.Span = diagnostic.Span{}
	nowhere.Remedy = diagnostic.Text{}
	assert.Equal(t, "error: there is no such key [unknown_key]\n", findings(t, plain, "a: 1\n", nowhere))
}

func TestFindingsOfLongLines(t *testing.T) {
	text := strings.Repeat("长", 200) + "wen" + strings.Repeat("短", 200)
	got := findings(t, plain, text, finding(1, 201, 204))
	lines := strings.Split(got, "\n")
	assert.LessOrEqual(t, report.Width(lines[1]), 106)
	assert.Contains(t, lines[1], "…长")
	assert.Contains(t, lines[1], "短…")
	before, _, _ := strings.Cut(lines[1], "wen")
	marked, _, _ := strings.Cut(lines[2], "^^^")
	assert.Equal(t, report.Width(before), report.Width(marked), "the carets stand below the word")

	narrow := strings.Split(findings(t, report.Style{Width: 50}, text, finding(1, 201, 204)), "\n")
	assert.LessOrEqual(t, report.Width(narrow[1]), 50)
	assert.Contains(t, narrow[1], "wen")

	wide := strings.Split(findings(t, report.Style{Width: 50}, text, finding(1, 1, 200)), "\n")
	assert.LessOrEqual(t, report.Width(wide[2]), 50, "carets end with the line")
}

// A file of one line is shown as fast as any other.
func TestFindingsOfALineWithoutEnd(t *testing.T) {
	const n = 1 << 20
	text := strings.Repeat("长", n/2) + "wen" + strings.Repeat("\x00", n/2)
	for name, at := range map[string][2]int{
		"first": {1, 2}, "the word": {n/2 + 1, n/2 + 4}, "last": {n + 3, n + 4}, "all": {1, n + 4}, "behind": {n + 4, n + 4},
	} {
		lines := strings.Split(findings(t, report.Style{Width: 80}, text, finding(1, at[0], at[1])), "\n")
		assert.LessOrEqual(t, report.Width(lines[1]), 80, name)
		assert.LessOrEqual(t, report.Width(lines[2]), 80, name)
		assert.Contains(t, lines[2], "^", name)
	}
}

func TestFindingsWithOtherPlaces(t *testing.T) {
	d := finding(1, 1, 2)
	d.Severity = diagnostic.Warning
	d.Related = []diagnostic.Related{{Span: finding(7, 3, 4).Span, Message: diagnostic.Text{ZH: "先见于此", EN: "first here"}}}
	assert.Contains(t, findings(t, plain, "a: 1", d), "rules.yaml:1:1: warning: ")
	assert.Contains(t, findings(t, plain, "a: 1", d), "\n    first here (rules.yaml:7:3)\n")
	assert.Contains(t, findings(t, chinese, "a: 1", d), "提醒\uff1a")
	assert.Contains(t, findings(t, chinese, "a: 1", d), "先见于此\uff08rules.yaml:7:3\uff09\n")

	two := findings(t, plain, "a: 1\nb: 2", d, finding(2, 1, 2))
	assert.Contains(t, two, "(rules.yaml:7:3)\n\nrules.yaml:2:1: ", "an empty line between findings")
}

func TestCount(t *testing.T) {
	warning := finding(1, 1, 1)
	warning.Severity = diagnostic.Warning
	assert.Equal(t, "no findings", report.Count(plain, nil))
	assert.Equal(t, "没有发现问题", report.Count(chinese, nil))
	assert.Equal(t, "1 error", report.Count(plain, diagnostic.List{finding(1, 1, 1)}))
	assert.Equal(t, "2 errors, 1 warning", report.Count(plain, diagnostic.List{finding(1, 1, 1), warning, finding(2, 1, 1)}))
	assert.Equal(t, "1 处错误\uff0c2 处提醒", report.Count(chinese, diagnostic.List{warning, finding(1, 1, 1), warning}))
}
