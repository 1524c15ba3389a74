package editor

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/diagnostic"
)

// Places and offsets are each other's, and agree with UTF-16 itself, with emoji,
// rare characters and every way to end a line.
func TestPlaces(t *testing.T) {
	pieces := []string{"a", "规", "😀", "𠮷", "é", "\n", "\r\n", "\r", " ", "e\u0301", ": "}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var b strings.Builder
		for range random.IntN(30) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		s := b.String()
		text := NewText(s)
		line, start := 0, 0
		for i, r := range s {
			if i > 0 && (s[i-1] == '\n' || s[i-1] == '\r' && r != '\n') {
				line, start = line+1, i
			}
			gotLine, column := text.Place(i)
			assert.Equal(t, line, gotLine, "%q at %d", s, i)
			assert.Equal(t, len(utf16.Encode([]rune(s[start:i]))), column, "%q at %d", s, i)
			if r != '\n' || i == 0 || s[i-1] != '\r' {
				assert.Equal(t, i, text.Offset(gotLine, column), "%q at %d", s, i)
			}
			if r > 0xffff {
				assert.Equal(t, i, text.Offset(gotLine, column+1), "within a character")
			}
		}
		_ = text.Offset(random.IntN(9)-3, random.IntN(1<<30)-5)
		_, _ = text.Place(random.IntN(99) - 20)
	}
}

// A place of a finding is that of its characters, behind a mark of order too.
func TestRangeOf(t *testing.T) {
	text := NewText("\ufeffa: 规😀则\r\nb: x\r\n")
	at := text.RangeOf(diagnostic.Span{Start: diagnostic.Position{Line: 1, Column: 5}, End: diagnostic.Position{Line: 1, Column: 6}})
	assert.Equal(t, "😀", text.String()[at.Start:at.End])
	at = text.RangeOf(diagnostic.Span{Start: diagnostic.Position{Line: 2, Column: 4}, End: diagnostic.Position{Line: 2, Column: 99}})
	assert.Equal(t, "x\r", text.String()[at.Start:at.End])
	assert.Equal(t, Range{}, text.RangeOf(diagnostic.Span{}))
	at = text.RangeOf(diagnostic.Span{Start: diagnostic.Position{Line: 50, Column: 1}})
	assert.Equal(t, Range{len(text.String()), len(text.String())}, at)
}

// What was not touched stays where it is.
func TestCarried(t *testing.T) {
	for _, c := range []struct {
		before, now string
		at, want    Range
		ok          bool
	}{
		{"abcdef", "abcdef", Range{2, 4}, Range{2, 4}, true},
		{"abcdef", "abXcdef", Range{3, 5}, Range{4, 6}, true},
		{"abcdef", "abXcdef", Range{0, 2}, Range{0, 2}, true},
		{"abcdef", "abef", Range{2, 4}, Range{}, false},
		{"abcdef", "abef", Range{4, 6}, Range{2, 4}, true},
		{"aaaa", "aaa", Range{0, 2}, Range{0, 2}, true},
		{"", "x", Range{0, 0}, Range{0, 0}, true},
	} {
		got, ok := carried(c.before, c.now, c.at)
		assert.Equal(t, c.ok, ok, "%+v", c)
		assert.Equal(t, c.want, got, "%+v", c)
	}
}
