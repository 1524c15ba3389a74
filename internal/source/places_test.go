package source_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/source"
)

// A word that stands once in a text is found in the file where it is written,
// however the text is written: in any style, over any number of lines, behind
// escapes, with breaks that are folded, kept or dropped.
func TestWordIsFoundInEveryStyle(t *testing.T) {
	const word = "ZYX"
	rapid.Check(t, func(t *rapid.T) {
		style := rapid.SampledFrom([]string{"plain", "'", `"`, "|", ">"}).Draw(t, "style")
		newline := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "newline")
		margin := strings.Repeat(" ", rapid.IntRange(1, 4).Draw(t, "margin"))
		flow := style != "|" && style != ">" && rapid.Bool().Draw(t, "flow")
		isBlock := style == "|" || style == ">"

		pieces := rapid.SliceOfN(rapid.StringMatching(`[\p{Han}a-z😀é0-9]{1,6}`), 0, 8).Draw(t, "pieces")
		at := rapid.IntRange(0, len(pieces)).Draw(t, "at")
		pieces = append(pieces[:at:at], append([]string{word}, pieces[at:]...)...)

		var body strings.Builder
		for i, piece := range pieces {
			if style == `"` && piece != word {
				piece = escaped(t, piece, newline+margin)
			}
			if style == "'" {
				piece += rapid.SampledFrom([]string{"", "''"}).Draw(t, "quote")
			}
			gaps := []string{" ", "  ", " \t ", newline + margin, newline + newline + margin, "  " + newline + "  " + newline + newline + margin + "  "}
			if style == `"` {
				gaps = append(gaps, `\n`, `\t `, `\`+newline+margin, ` \`+newline+newline+margin+margin, `\ `+newline+margin)
			}
			if isBlock {
				// Lines that are indented further, one with blanks only.
				gaps = append(gaps, newline+margin+"  ", newline+margin+"   "+newline+margin, newline+newline+newline+margin+" ")
			}
			if i > 0 {
				body.WriteString(rapid.SampledFrom(gaps).Draw(t, "gap"))
			}
			body.WriteString(piece)
		}
		text := body.String()
		switch {
		case style == "'" || style == `"`:
			text = style + text + style
		case isBlock:
			indicator := rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "chomp")
			lead := rapid.SampledFrom([]string{"", newline, "  " + newline}).Draw(t, "lead")
			if len(lead) > len(margin)+len(newline) {
				lead = ""
			}
			if rapid.Bool().Draw(t, "indicator") {
				indicator += fmt.Sprint(len(margin))
				text = rapid.SampledFrom([]string{"", " ", "   "}).Draw(t, "deeper") + text
			}
			text = style + indicator + rapid.SampledFrom([]string{"", " # 注"}).Draw(t, "comment") + newline + lead + margin + text +
				rapid.SampledFrom([]string{"", newline, newline + newline}).Draw(t, "end")
		}
		if flow {
			text = "{a: [1, " + text + "], b: 中}"
		}
		whole := "first: 1" + newline + "key: " + text + rapid.SampledFrom([]string{"", newline, newline + "last: 2" + newline}).Draw(t, "last")
		if rapid.Bool().Draw(t, "mark") {
			whole = "\ufeff" + whole
		}
		n, list := source.Parse("", []byte(whole))
		require.Empty(t, list, "%q", whole)
		n = n.Get("key")
		if flow {
			n = n.Get("a").Items[1]
		}
		before, _, ok := strings.Cut(n.Text, word)
		require.True(t, ok, "%q in %q", n.Text, whole)
		from := utf8.RuneCountInString(before)
		span := n.SpanAt(from, from+len(word))
		got := strings.TrimPrefix(whole, "\ufeff")
		lines := strings.Split(got, "\n")
		require.Equal(t, span.Start.Line, span.End.Line, "%q", whole)
		line := []rune(lines[span.Start.Line-1])
		require.Equal(t, word, string(line[span.Start.Column-1:span.End.Column-1]), "%q", whole)
	})
}

// escaped writes some characters of a text as escapes, and breaks it within.
func escaped(t *rapid.T, text, newline string) string {
	var b strings.Builder
	for _, r := range text {
		switch rapid.IntRange(0, 9).Draw(t, "as") {
		case 0:
			fmt.Fprintf(&b, `\U%08x`, r)
		case 1:
			if r < 0x10000 {
				fmt.Fprintf(&b, `\u%04X`, r)
				continue
			}
			b.WriteRune(r)
		case 2:
			b.WriteString("\\" + newline)
			if r == ' ' {
				b.WriteString("\\")
			}
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
