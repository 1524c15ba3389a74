package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/diagnostic"
)

// bookWith is a small rulebook with an expression, as it is written, in a
// deadline's condition. The condition is followed by another key.
func bookWith(when string, flow bool) string {
	rule := "            zh: 期限\n            en: limit\n            part_of: k\n            within: 1 working day\n" +
		"            from: job.at\n            when: " + when + "\n            calendar: c\n"
	if flow {
		rule = "            {zh: 期限, en: limit, part_of: k, when: " + when + ", calendar: c,\n            within: 1 working day, from: job.at}\n"
	}
	return `rulebook:
  id: desk
  title: {zh: 柜台, en: Desk}
  zone: Asia/Shanghai
  in_force: {from: 2000-01-01}
  calendar: c
calendars:
  c: {zh: 历, en: calendar, any_year: true}
facts:
  job:
    zh: 工单
    en: job
    type: record
    fields:
      kind: {zh: 类, en: kind, type: word, words: {early: {zh: 早, en: early}, late: {zh: 晚, en: late}}}
      owner: {zh: 人, en: owner, type: name}
      n: {zh: 数, en: number, type: count}
      at: {zh: 起, en: start, type: moment}
      done: {zh: 止, en: done, type: moment}
questions:
  q:
    zh: 到期
    en: when due
    facts: [job]
    rules: [k]
    verdict: {is: k.status, words: {not_started: {zh: 未起算, en: not started}, running: {zh: 办理中, en: running}, overdue: {zh: 逾期, en: overdue}, on_time: {zh: 按期, en: on time}, late: {zh: 超期, en: late}, deemed_on_time: {zh: 视同, en: deemed}}}
    values: {due: {zh: 到期, en: due, is: k.due}}
regulations:
  r:
    zh: 规
    en: R
    articles:
      "1":
        nature: deadline
        title: {zh: 期限, en: Limit}
        text: {zh: 期限。, en: A limit.}
        clocks:
          k: {zh: 计时, en: clock, done: job.done}
        deadlines:
          l:
` + rule
}

// sourceAt is what stands at a place of a file, as a person would select it.
func sourceAt(text string, s diagnostic.Span) string {
	lines := strings.Split(text, "\n")
	first := []rune(lines[s.Start.Line-1])
	if s.Start.Line == s.End.Line {
		return string(first[s.Start.Column-1 : s.End.Column-1])
	}
	all := []string{string(first[s.Start.Column-1:])}
	all = append(all, lines[s.Start.Line:s.End.Line-1]...)
	return strings.Join(append(all, string([]rune(lines[s.End.Line-1])[:s.End.Column-1])), "\n")
}

// What is wrong in an expression is found at the same words in whichever style
// of YAML the expression is written.
func TestExpressionPlacesInEveryStyle(t *testing.T) {
	sound := []string{
		`job.kind == "early"`, `job.kind != "late"`, `job.owner == "张三"`, `job.owner in ["甲", "乙😀"]`, `job.n + 1 > 3`,
		`not (job.n == 2)`, `job.at < job.done`, `job.at == null`, `(job.n > 1 ? "early" : "late") == job.kind`,
	}
	wrong := []string{
		`job.kind == "erly"`, `job.knd == "early"`, `jbo.n > 3`, `job.n = 3`, `job.n ＞ 3`, `MAX(job.n, 1) > 2`, `job.n > 1.5`,
		`job.at < date_of(job.done)`, `job.n > job.kind`, `1_000 < job.n`, `job.owner == 3`, `job.n > (2`, `job.owner == “张”`,
		`any(job.n, # > 2)`, `job.n > 2 且 job.n < 4`,
	}
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for range rapid.IntRange(0, 5).Draw(t, "terms") {
			parts = append(parts, rapid.SampledFrom(sound).Draw(t, "term"))
		}
		at := rapid.IntRange(0, len(parts)).Draw(t, "at")
		parts = append(parts[:at:at], append([]string{rapid.SampledFrom(wrong).Draw(t, "wrong")}, parts[at:]...)...)
		expression := strings.Join(parts, rapid.SampledFrom([]string{" and ", " or "}).Draw(t, "join"))

		want := wordsFound(t, bookWith("|-\n              "+expression, false), "")
		require.NotEmpty(t, want)
		written, flow := writtenAs(t, expression)
		text := bookWith(written, flow)
		if rapid.Bool().Draw(t, "crlf") {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		quote := ""
		if strings.HasPrefix(written, `"`) || strings.HasPrefix(written, `'`) {
			quote = written[:1]
		}
		require.Equal(t, want, wordsFound(t, text, quote), "%s", written)
	})
}

// wordsFound are the codes of what is found in a file, each with the words that
// it is found at, without quotes, escapes and line breaks.
func wordsFound(t *rapid.T, text, quote string) []string {
	book, found := parse(text)
	require.Nil(t, book)
	var all []string
	for _, d := range found {
		words := sourceAt(strings.ReplaceAll(text, "\r\n", "\n"), d.Span)
		if quote != "" {
			var plain string
			require.NoError(t, yaml.Unmarshal([]byte(quote+words+quote), &plain), "%v: %q", d, words)
			words = plain
		}
		all = append(all, d.Code+" "+strings.Join(strings.Fields(words), " "))
	}
	return all
}

// writtenAs writes an expression in some style, over some lines, and says
// whether it stands within braces.
func writtenAs(t *rapid.T, expression string) (written string, flow bool) {
	const margin = "\n              "
	style := rapid.SampledFrom([]string{"plain", "'", `"`, "|", ">"}).Draw(t, "style")
	gaps := []string{" ", " ", "  ", " \t ", margin, "\n" + margin, "  " + margin + "  "}
	flow = style != "|" && style != ">" && rapid.Bool().Draw(t, "flow")
	bad := `: | #`
	if flow {
		bad = `: | #|,|[|]|{|}`
	}
	if style == "plain" {
		for _, b := range strings.Split(bad, "|") {
			if b != "" && strings.Contains(expression, b) || strings.IndexAny(expression, `("'#,[]`) == 0 {
				style = "'"
			}
		}
	}
	switch style {
	case `"`:
		gaps = append(gaps, `\n`, " \\"+margin, "\\t")
	case "|", ">":
		gaps = append(gaps, margin+"   ", "\n\n"+margin+"  ")
	}
	var b strings.Builder
	for i, piece := range strings.Split(expression, " ") {
		if i > 0 {
			b.WriteString(rapid.SampledFrom(gaps).Draw(t, "gap"))
		}
		if style == `"` {
			piece = escapedPiece(t, piece, margin)
		}
		b.WriteString(piece)
	}
	written = b.String()
	switch style {
	case "'":
		written = "'" + strings.ReplaceAll(written, "'", "''") + "'"
	case `"`:
		written = `"` + written + `"`
	case "|", ">":
		header := style + rapid.SampledFrom([]string{"", "-", "+", "2", "-2", "2+"}).Draw(t, "header")
		lead := ""
		if strings.Contains(header, "2") {
			lead = rapid.SampledFrom([]string{"", " ", "  "}).Draw(t, "deeper")
		}
		written = header + rapid.SampledFrom([]string{"", "  # 见 job"}).Draw(t, "comment") + rapid.SampledFrom([]string{"", "\n"}).Draw(t, "blank") +
			margin + lead + written + rapid.SampledFrom([]string{"", "\n"}).Draw(t, "end")
	}
	return written, flow
}

// escapedPiece writes a piece of an expression within double quotes.
func escapedPiece(t *rapid.T, piece, margin string) string {
	var b strings.Builder
	for _, r := range piece {
		switch k := rapid.IntRange(0, 11).Draw(t, "escape"); {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case k == 0:
			fmt.Fprintf(&b, `\U%08X`, r)
		case k == 1 && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case k == 2:
			b.WriteString("\\" + margin + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
