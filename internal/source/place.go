package source

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// stride is how many characters lie between two checkpoints of a file: a
// place is found by one lookup and a walk of less than this, also where a
// whole megabyte stands on one line.
const stride = 64

// file is the text of a rules file with an index between byte offsets and
// positions in lines and characters.
type file struct {
	name string
	text string // as read, with a byte order mark where there is one
	base int    // where the text begins, behind a byte order mark

	lineByte []int32 // offset of each line's first byte
	lineRune []int32 // characters before each line
	every    []int32 // offset of every stride-th character
	runes    int32   // characters in all
}

// index prepares the lookups over text[base:until], which is valid UTF-8.
func (f *file) index(until int) {
	f.lineByte, f.lineRune = append(f.lineByte, int32(f.base)), append(f.lineRune, 0)
	for i, r := range f.text[f.base:until] {
		if f.runes%stride == 0 {
			f.every = append(f.every, int32(f.base+i))
		}
		f.runes++
		if r == '\n' {
			f.lineByte = append(f.lineByte, int32(f.base+i+1))
			f.lineRune = append(f.lineRune, f.runes)
		}
	}
	f.every = append(f.every, int32(until)) // closes the last stretch
}

// offset is the byte offset of a position, kept within the file.
func (f *file) offset(line, column int) int {
	line = min(max(line, 1), len(f.lineByte))
	target := min(max(int(f.lineRune[line-1])+column-1, 0), int(f.runes))
	at := int(f.every[target/stride])
	if target == int(f.runes) {
		return int(f.every[len(f.every)-1])
	}
	for range target % stride {
		_, size := utf8.DecodeRuneInString(f.text[at:])
		at += size
	}
	return at
}

// position is the line and column of a byte offset, kept within the file.
func (f *file) position(offset int) diagnostic.Position {
	last := int(f.every[len(f.every)-1])
	offset = min(max(offset, f.base), last)
	k := sort.Search(len(f.every), func(i int) bool { return int(f.every[i]) > offset }) - 1
	if k == len(f.every)-1 {
		k = max(k-1, 0)
	}
	count := k*stride + utf8.RuneCountInString(f.text[f.every[k]:offset])
	line := sort.Search(len(f.lineByte), func(i int) bool { return int(f.lineByte[i]) > offset })
	return diagnostic.Position{Line: line, Column: count - int(f.lineRune[line-1]) + 1}
}

// span is the stretch between two byte offsets.
func (f *file) span(from, to int) diagnostic.Span {
	return diagnostic.Span{File: f.name, Start: f.position(from), End: f.position(to)}
}

// lineSpan is the text of a line without its margin; where the line is blank,
// that of the line before it that is not.
func (f *file) lineSpan(line int) diagnostic.Span {
	line = min(max(line, 1), len(f.lineByte))
	to := len(f.text)
	if line < len(f.lineByte) {
		to = int(f.lineByte[line])
	}
	ink := strings.TrimRight(f.text[f.base:to], " \t\r\n")
	to = f.base + len(ink)
	from := f.base + strings.LastIndexByte(ink, '\n') + 1
	from += len(f.text[from:to]) - len(strings.TrimLeft(f.text[from:to], " \t"))
	return f.span(from, to)
}
