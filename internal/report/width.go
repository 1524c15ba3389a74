package report

import (
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// columns measures text. Characters of ambiguous width, such as “, count one
// column in every locale, so that output does not depend on the machine.
var columns = runewidth.Condition{StrictEmojiNeutral: true}

// Width is how many columns the text takes on a terminal. Colours take none.
func Width(text string) int {
	width := 0
	for text != "" {
		plain, rest := beforeColour(text)
		width += columns.StringWidth(plain)
		text = rest
	}
	return width
}

// beforeColour splits the text at its first colour sequence and drops that.
func beforeColour(text string) (plain, rest string) {
	i := strings.Index(text, "\x1b[")
	if i < 0 {
		return text, ""
	}
	end := strings.IndexByte(text[i:], 'm')
	if end < 0 {
		return text, ""
	}
	return text[:i], text[i+end+1:]
}

// Pad fills the text with blanks up to a width, on the side that the
// alignment leaves free.
func Pad(text string, width int, align Align) string {
	fill := strings.Repeat(" ", max(0, width-Width(text)))
	if align == Right {
		return fill + text
	}
	return text + fill
}

// Clean replaces control characters, so that a name in somebody's facts
// cannot steer the terminal.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// notFirst are characters that do not begin a line, notLast those that do not
// end one.
const (
	notFirst = "，。、：；？！）」』】》”’…%.,:;?!)]}"
	notLast  = "（「『【《“‘([{"
)

// Wrap breaks plain text into lines of at most width columns: at blanks, and
// between wide characters. A word that is longer than a line stays whole. A
// width of 0 or less breaks only at line breaks.
func Wrap(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrapLine(line, width)...)
	}
	return lines
}

func wrapLine(text string, width int) []string {
	if width <= 0 || Width(text) <= width {
		return []string{text}
	}
	var lines []string
	var line strings.Builder
	at := 0
	for _, piece := range pieces(text) {
		w := columns.StringWidth(strings.TrimRight(piece, " "))
		if at > 0 && at+w > width {
			lines = append(lines, strings.TrimRight(line.String(), " "))
			line.Reset()
			at = 0
		}
		line.WriteString(piece)
		at += columns.StringWidth(piece)
	}
	return append(lines, strings.TrimRight(line.String(), " "))
}

// pieces splits a line into what must stay together: words with the blanks
// behind them, and wide characters with the punctuation that clings to them.
func pieces(text string) []string {
	runes := []rune(text)
	var all []string
	from := 0
	for i := 1; i < len(runes); i++ {
		if mayBreak(runes[i-1], runes[i]) {
			all = append(all, string(runes[from:i]))
			from = i
		}
	}
	return append(all, string(runes[from:]))
}

func mayBreak(before, after rune) bool {
	switch {
	case after == ' ':
		return false
	case before == ' ':
		return true
	case strings.ContainsRune(notFirst, after) || strings.ContainsRune(notLast, before):
		return false
	}
	return columns.RuneWidth(before) == 2 || columns.RuneWidth(after) == 2
}
