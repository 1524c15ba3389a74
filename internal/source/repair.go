package source

import (
	"bytes"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
)

// A repair is a guess at the cause of a syntax error together with what would
// mend it. The library names only what it stumbled over, which may stand far
// behind; a guess is believed if the text with the change made is valid, or is
// not valid only further down. So a remedy that is followed leads on.
type repair struct {
	cause
	changes []splicing // in the order of the text
}

// splicing puts other bytes in the place of a stretch of the text.
type splicing struct {
	from, to int
	with     string
}

// Limits of the search: each trial parses the whole text.
const (
	maxTrials     = 60
	maxTrialBytes = 4 << 20 // in all trials together
	farUp         = 12      // lines above the reported one that are looked at for any cause
	farDown       = 2
	maxOpen       = 4 // lines with an open quote or bracket, which may stand anywhere above
)

// guesser looks at a line for one kind of cause.
type guesser struct {
	guess func(l line) []repair
	// anywhere says that the cause may stand any number of lines above.
	anywhere bool
}

// guessers in the order in which they are believed.
var guessers = []guesser{
	{wideIndents, false},
	{otherComments, false},
	{wideMarks, false},
	{openQuotes, true},
	{textBehindQuotes, false},
	{unknownEscapes, false},
	{commentsInBrackets, true},
	{openBrackets, true},
	{commasLeftOut, false},
	{colonsInText, false},
	{questionsInBraces, false},
	{expressionsInBraces, false},
	{spacesLeftOut, false},
	{colonsLeftOut, false},
	{reservedBeginnings, false},
	{misaligned, false},
}

// line is one line of a text that is no valid YAML.
type line struct {
	*file
	number int    // from 1
	at     int    // offset of its first byte
	text   string // without its end
}

func (f *file) line(number int) line {
	at := int(f.lineByte[number-1])
	text, _, _ := strings.Cut(f.text[at:], "\n")
	return line{f, number, at, strings.TrimRight(text, "\r")}
}

// blank reports whether a line has no content.
func (l line) blank() bool {
	text := strings.TrimLeft(l.text, " \t")
	return text == "" || text[0] == '#'
}

func (l line) indent() int { return len(l.text) - len(strings.TrimLeft(l.text, " ")) }

// findRepair looks for the cause of an error that the library reports in a
// line, nil where no guess proves right.
func findRepair(f *file, reported int) *repair {
	if len(f.text) > maxSearched {
		return nil
	}
	s := trials{body: f.text[f.base:], base: f.base, reported: reported}
	var furthest *repair
	reached := s.errorLine(s.body)
	if reached == 0 {
		return nil // only the reader of documents refuses it
	}
	for _, g := range guessers {
		for _, l := range f.linesNear(reported, g.anywhere) {
			for _, r := range g.guess(l) {
				if s.left() == 0 {
					break
				}
				switch at := s.errorLine(s.changed(r.changes)); {
				case at == 0:
					return &r
				case at > reached && at > reported:
					furthest, reached = &r, at
				}
			}
		}
	}
	return furthest
}

// Replacement is a stretch of a text, in bytes, and what to write in its place.
type Replacement struct {
	Start, End int
	Text       string
}

// Mend is what the remedy of a syntax error comes to: replacements that do not
// overlap, with which the text is valid, or is not valid only further down. It
// is nil where Parse has another finding, or none that is so plain.
func Mend(data []byte) []Replacement {
	var out findings
	f := read("", data, &out)
	if len(out.list) > 0 {
		return nil
	}
	decode(f, &out)
	return out.mend
}

// linesNear are the lines with content around one, nearest first. With
// anywhere, all that stand above are looked through for what they leave open.
func (f *file) linesNear(reported int, anywhere bool) []line {
	var all []line
	add := func(n int) {
		if n >= 1 && n <= len(f.lineByte) {
			if l := f.line(n); !l.blank() {
				all = append(all, l)
			}
		}
	}
	add(reported)
	for d := 1; d <= farUp; d++ {
		add(reported - d)
		if d <= farDown {
			add(reported + d)
		}
	}
	if !anywhere {
		return all
	}
	for n, open := reported-farUp-1, 0; n >= 1 && open < maxOpen; n-- {
		if l := f.line(n); !l.blank() && l.leavesOpen() {
			all, open = append(all, l), open+1
		}
	}
	return all
}

// trials parse changed texts, a bounded number of them.
type trials struct {
	body     string
	base     int // where the body begins in the file
	reported int
	made     int
}

func (s *trials) left() int {
	return max(0, min(maxTrials, maxTrialBytes/max(1, len(s.body)))-s.made)
}

func (s *trials) changed(changes []splicing) string {
	var b strings.Builder
	last := 0
	for _, c := range changes {
		b.WriteString(s.body[last : c.from-s.base])
		b.WriteString(c.with)
		last = c.to - s.base
	}
	b.WriteString(s.body[last:])
	return b.String()
}

// errorLine is the line that the library reports an error in, 0 for none.
func (s *trials) errorLine(text string) int {
	s.made++
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	_, err := next(decoder)
	if err == nil {
		return 0
	}
	m := errorLine.FindStringSubmatch(err.Error())
	n, _ := strconv.Atoi(m[1])
	return max(n, 1)
}

// say makes a repair of one change.
func say(from, to int, change splicing, what, remedy diagnostic.Text) repair {
	return repair{cause{from, to, what, remedy}, []splicing{change}}
}
