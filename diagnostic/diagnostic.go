// Package diagnostic holds the findings that checking a rules file produces:
// one value type with a stable code, the exact place, what is wrong and what
// to write instead, in Chinese and English. Findings are collected, never
// thrown: a check reports all of them at once.
package diagnostic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Position is a place in a text file. Line and Column count from 1; a column
// counts characters (Unicode code points), not bytes, so that it agrees with
// what an editor shows for Chinese text. The zero Position means "no place".
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Compare orders positions as they stand in the file.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Span is the stretch of a file that a finding is about. End is the position
// just behind the last character.
type Span struct {
	File  string   `json:"file,omitempty"`
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// String is "file:line:column", or "line:column" where the file has no name.
func (s Span) String() string {
	if s.Start.Line == 0 {
		return s.File
	}
	at := fmt.Sprintf("%d:%d", s.Start.Line, s.Start.Column)
	if s.File == "" {
		return at
	}
	return s.File + ":" + at
}

// Severity says whether a finding refuses the file.
type Severity string

// An Error refuses the rules file as a whole; a Warning does not.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Related is another place that helps to understand a finding, such as the
// first of two duplicate keys.
type Related struct {
	Span    Span `json:"span"`
	Message Text `json:"message"`
}

// Diagnostic is one finding.
type Diagnostic struct {
	Code     string    `json:"code"` // stable, snake_case
	Severity Severity  `json:"severity"`
	Span     Span      `json:"span"`
	Message  Text      `json:"message"`
	Remedy   Text      `json:"remedy"` // what to write instead
	Related  []Related `json:"related,omitempty"`
}

// Error is the finding on one line, in English.
func (d Diagnostic) Error() string { return d.In("en") }

// In is the finding on one line in the given language: place, message, code
// and remedy.
func (d Diagnostic) In(lang string) string {
	var b strings.Builder
	if at := d.Span.String(); at != "" {
		b.WriteString(at)
		b.WriteString(": ")
	}
	b.WriteString(d.Message.In(lang))
	fmt.Fprintf(&b, " [%s]", d.Code)
	if r := d.Remedy.In(lang); r != "" {
		b.WriteString(" → ")
		b.WriteString(r)
	}
	return b.String()
}

// List is what a check found, in file order once sorted. A List that holds
// an Error is itself an error; errors.As finds the single Diagnostics in it.
type List []Diagnostic

// Error lists every finding, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.Is and errors.As every finding.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, d := range l {
		errs[i] = d
	}
	return errs
}

// Failed reports whether any finding is an Error.
func (l List) Failed() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort puts the findings in file order, equal places by code.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Span.File, b.Span.File),
			a.Span.Start.Compare(b.Span.Start),
			cmp.Compare(a.Code, b.Code),
		)
	})
}

// What a did-you-mean costs is bounded: so many candidates are looked at, of
// so many characters, and more changes than maxChanges are no slip of the pen.
const (
	maxCompared = 500
	maxLetters  = 64
	maxChanges  = 8
)

// Nearest returns the candidate closest to word, or "" where none is close
// enough to be what was meant. It is the "did you mean" of every message. What
// has other digits is not meant: a number is no slip of another. The name of a
// field alone means the one candidate that is a path to it.
func Nearest(word string, candidates []string) string {
	wanted := []rune(strings.ToLower(word))
	best, limit := "", min(len(wanted)/3+2, maxChanges, len(wanted)) // something must be left of it
	if len(wanted) > maxLetters {
		return ""
	}
	if path := endingIn(word, candidates); path != "" {
		return path
	}
	numbers := digits(word)
	for _, c := range candidates[:min(len(candidates), maxCompared)] {
		if digits(c) != numbers {
			continue
		}
		d := distance(wanted, strings.ToLower(c), limit+1)
		if d < limit || d == limit && best != "" && strings.HasPrefix(c, word) && !strings.HasPrefix(best, word) { // of two as near, the one whose end is missing
			best, limit = c, d
		}
	}
	return best
}

// endingIn is the one candidate that is a path to the word: of a field that was
// written without the record that it is in.
func endingIn(word string, candidates []string) string {
	path := ""
	for _, c := range candidates[:min(len(candidates), maxCompared)] {
		switch {
		case c == word, strings.HasSuffix(c, "."+word) && path != "":
			return ""
		case strings.HasSuffix(c, "."+word):
			path = c
		}
	}
	return path
}

// digits are the digits of a word.
func digits(word string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, word)
}

// Distance is how many letters of a word are to be changed, added, left out or
// swapped with their neighbour to make it another; more than 8 count as 8. The
// case of letters is no difference.
func Distance(a, b string) int {
	x := []rune(strings.ToLower(a))
	if len(x) > maxLetters {
		return maxChanges
	}
	return distance(x, strings.ToLower(b), maxChanges)
}

// distance is the edit distance with swaps of neighbours; limit stands for
// all that is no less. Only cells near the diagonal can count less.
func distance(x []rune, b string, limit int) int {
	if len(b) > maxLetters*utf8.UTFMax {
		return limit
	}
	y := []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit || len(y) > maxLetters {
		return limit
	}
	var rows [3][maxLetters + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range y {
		last[j+1] = j + 1
	}
	for i := 1; i <= len(x); i++ {
		from, to := max(1, i-limit), min(len(y), i+limit)
		row[from-1] = limit
		if from == 1 {
			row[0] = i
		}
		least := row[from-1]
		for j := from; j <= to; j++ {
			d := last[j-1]
			if x[i-1] != y[j-1] {
				d = min(d, last[j], row[j-1]) + 1
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					d = min(d, before[j-2]+1)
				}
			}
			row[j] = d
			least = min(least, d)
		}
		if to < len(y) {
			row[to+1] = limit
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit)
}

// MaxListed is how many words a remedy lists.
const MaxListed = 20

// OneOf is the remedy that names what may stand in the place of a word, the
// nearest first.
func OneOf(word string, candidates []string) Text {
	return OneOfNear(Nearest(word, candidates), candidates)
}

// OneOfNear is OneOf where it is known which is probably meant; "" for none.
func OneOfNear(near string, candidates []string) Text {
	if len(candidates) == 0 {
		return Textf("删去它：这里没有可写的", "remove it: there is nothing that may stand here")
	}
	allowed := strings.Join(candidates[:min(len(candidates), MaxListed)], ", ")
	if len(candidates) > MaxListed {
		allowed += ", …"
	}
	if near != "" {
		return Textf("是否指 %[1]s？可写：%[2]s", "did you mean %[1]s? Allowed: %[2]s", near, allowed)
	}
	return Textf("可写：%s", "allowed: %s", allowed)
}
