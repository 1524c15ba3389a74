package editor

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// Text is the text of a file with an index of its lines. It is immutable.
type Text struct {
	s     string
	lines []int // the offset of the first byte of each line, as editors count them
	feeds []int // likewise, of lines that end with a line feed, as findings count them
}

// Range is a stretch of a text, in bytes; End is just behind it.
type Range struct{ Start, End int }

const byteOrderMark = "\ufeff"

// NewText indexes a text.
func NewText(s string) *Text {
	t := &Text{s: s, lines: []int{0}, feeds: []int{0}}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\n':
			t.lines, t.feeds = append(t.lines, i+1), append(t.feeds, i+1)
		case s[i] == '\r' && (i+1 == len(s) || s[i+1] != '\n'):
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// String is the text.
func (t *Text) String() string { return t.s }

// Place is the line and the column of an offset, both from 0; the column
// counts units of UTF-16, of which a character beyond the first 65,536 (an
// emoji, a rare Chinese character) has two. An offset outside of the text is
// taken to its nearest end.
func (t *Text) Place(offset int) (line, column int) {
	offset = min(max(offset, 0), len(t.s))
	line = sort.SearchInts(t.lines, offset+1) - 1
	for _, r := range t.s[t.lines[line]:offset] {
		column += units(r)
	}
	return line, column
}

// Offset is the byte offset of a line and a column as Place gives them. What
// lies behind the end of a line is its end; the middle of a character is its
// beginning.
func (t *Text) Offset(line, column int) int {
	if line < 0 {
		return 0
	}
	if line >= len(t.lines) {
		return len(t.s)
	}
	at, text := t.lines[line], t.line(line)
	for i, r := range text {
		if column -= units(r); column < 0 {
			return at + i
		}
	}
	return at + len(text)
}

// aligned is the nearest offset within the text, at or before one, at which a
// character begins.
func (t *Text) aligned(offset int) int { return aligned(t.s, offset) }

func aligned(text string, offset int) int {
	offset = min(max(offset, 0), len(text))
	for n := 0; n < utf8.UTFMax && offset > 0 && offset < len(text) && !utf8.RuneStart(text[offset]); n++ {
		offset--
	}
	return offset
}

// units is how many units of UTF-16 a character has. Bytes that are no
// character count as the one that stands for them.
func units(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// line is a line without its end.
func (t *Text) line(n int) string {
	end := len(t.s)
	if n+1 < len(t.lines) {
		end = t.lines[n+1]
	}
	text := t.s[t.lines[n]:end]
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}

// RangeOf is where a finding stands. A place that is not in the text is the
// nearest one that is.
func (t *Text) RangeOf(s diagnostic.Span) Range {
	start := t.at(s.Start)
	return Range{start, max(start, t.at(s.End))}
}

// at is the offset of a place that is told in lines and characters.
func (t *Text) at(p diagnostic.Position) int {
	if p.Line < 1 {
		return 0
	}
	if p.Line > len(t.feeds) {
		return len(t.s)
	}
	at, end := t.feeds[p.Line-1], len(t.s)
	if p.Line < len(t.feeds) {
		end = t.feeds[p.Line] - 1
	}
	if p.Line == 1 && strings.HasPrefix(t.s, byteOrderMark) {
		at += len(byteOrderMark)
	}
	for n := 1; n < p.Column && at < end; n++ {
		_, size := utf8.DecodeRuneInString(t.s[at:])
		at += size
	}
	return at
}

// Replaced is the text with a stretch of it written anew.
func (t *Text) Replaced(r Range, with string) *Text {
	start := min(max(r.Start, 0), len(t.s))
	end := min(max(r.End, start), len(t.s))
	return NewText(t.s[:start] + with + t.s[end:])
}

// Edited is the text with edits made, whose stretches do not overlap.
func (t *Text) Edited(edits []Edit) *Text {
	if len(edits) == 0 {
		return t
	}
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return b.Range.Start - a.Range.Start }) // from the end
	for _, e := range edits {
		t = &Text{s: t.s[:e.Range.Start] + e.Text + t.s[e.Range.End:]}
	}
	return NewText(t.s)
}
