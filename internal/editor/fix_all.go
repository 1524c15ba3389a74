package editor

import (
	"context"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Fixed is a finding and the change that was made for it.
type Fixed struct {
	Finding Finding
	Title   diagnostic.Text
}

// Left is a finding for which nothing was changed, and why.
type Left struct {
	Finding Finding
	Why     diagnostic.Text
}

// Reasons for which findings are left.
var (
	WhyNone = diagnostic.Text{ZH: "没有现成的改法", EN: "there is no change at hand"}
	WhyOpen = diagnostic.Text{ZH: "怎么改要由人决定", EN: "a person has to say how"}
)

// mostFixed is how many findings FixAll mends at most.
const mostFixed = 500

// FixAll makes the safe ones of the changes that Fixes offers, one after the
// other: those that only write otherwise what is meant, or give the one name
// that is spelt alike; see isSafe. With each of them its finding is gone and no
// other has come. differs says of two rulebooks that both load what they answer
// differently, "" for nothing: such a change is left, too. What is done, and
// left, is in the order of the files; FixAll of the result does nothing.
func (p *Project) FixAll(ctx context.Context, differs func(before, after *Project) diagnostic.Text) (after *Project, done []Fixed, left []Left) {
	refused := map[string]diagnostic.Text{} // by what a finding says: to try takes a while
	for fresh := true; len(done) < mostFixed; {
		left = nil
		fixed := false
		for _, f := range p.all() {
			if ctx.Err() != nil {
				return p, done, left
			}
			said := f.Code + f.Path + f.Message.EN
			why, known := refused[said]
			if !known {
				var title diagnostic.Text
				var now *Project
				if now, title, why = p.fixedSafely(ctx, f, differs); now != nil {
					p, done, fixed, fresh = now, append(done, Fixed{f, title}), true, false
					break // the others may stand elsewhere now
				}
				refused[said] = why
			}
			left = append(left, Left{f, why})
		}
		switch {
		case fixed:
		case fresh:
			return p, done, left
		default: // what was refused may be possible now
			clear(refused)
			fresh = true
		}
	}
	return p, done, left
}

// all are the findings of a rulebook, errors and warnings.
func (p *Project) all() []Finding { return append(p.Findings(), p.Unused()...) }

// fixedSafely is the rulebook with the safe change for a finding, and what that
// is; nil, and why, where there is none.
func (p *Project) fixedSafely(ctx context.Context, f Finding, differs func(before, after *Project) diagnostic.Text) (*Project, diagnostic.Text, diagnostic.Text) {
	fix, why := p.safeFix(ctx, f)
	if !why.IsZero() {
		return nil, diagnostic.Text{}, why
	}
	now := p.With(fix.Edits)
	if p.Book() != nil {
		if why = differs(p, now); !why.IsZero() {
			return nil, diagnostic.Text{}, why
		}
	}
	return now, fix.Title, diagnostic.Text{}
}

// safeFix is the change for a finding that can be made without asking anybody;
// else why there is none.
func (p *Project) safeFix(ctx context.Context, f Finding) (Fix, diagnostic.Text) {
	why := WhyNone
	for _, fix := range p.Fixes(ctx, f) {
		if !fix.Best {
			why = WhyOpen
			continue
		}
		if p.isSafe(f, fix) {
			return fix, diagnostic.Text{}
		}
		why = WhyOpen
	}
	return Fix{}, why
}

// isSafe reports whether a change leaves no choice: every stretch of it says the
// same as before, or is the name that the remedy asks about, spelt nearly as
// what stood there; or a fact is added where the remedy says to; or one of two
// entries that are the same is taken out.
func (p *Project) isSafe(f Finding, fix Fix) bool {
	return !slices.ContainsFunc(fix.Edits, func(e Edit) bool {
		text := p.file(e.Path).text.s
		old := text[e.Range.Start:e.Range.End]
		asked := didYouMean.FindStringSubmatch(f.Remedy.EN)
		switch {
		case saysTheSame(old, e.Text):
			return false
		case asked != nil && unquotedName(e.Text) == unquotedName(asked[1]):
			return !speltAlike(unquotedName(old), unquotedName(e.Text))
		case addTo.MatchString(f.Remedy.EN):
			return strings.TrimLeft(e.Text, ", -\r\n") == "" || old != ""
		case e.Text == "" && strings.HasPrefix(f.Remedy.EN, "keep one"):
			return !strings.HasSuffix(text[:e.Range.Start], old) && !strings.HasPrefix(text[e.Range.End:], old)
		}
		return true
	})
}

func unquotedName(text string) string { return strings.Trim(strings.TrimSpace(text), `"'`) }

// inOtherWords are ways to write what expressions and values have one way for.
var inOtherWords = map[string]string{
	"≥": ">=", "≤": "<=", "≠": "!=", "<>": "!=", "×": "*", "÷": "/", "&&": "and", "||": "or", "=": "==",
	"是": "true", "否": "false", "yes": "true", "no": "false", "、": ",", "isnot": "!=",
	"else": "otherwise", "others": "otherwise", "rest": "otherwise", "default": "otherwise", "all": "otherwise", "*": "otherwise",
	"其他": "otherwise", "其它": "otherwise", "其余": "otherwise", "否则": "otherwise",
}

// saysTheSame reports whether two texts differ in nothing but how they are
// written: width and case of characters, spaces, marks between digits, noughts
// that change no number, quotation marks around all of the first.
func saysTheSame(old, now string) bool {
	if inner := strings.Trim(old, old[:min(1, len(old))]); len(inner)+2 == len(old) && strings.ContainsAny(old[:1], `"'`) && !strings.ContainsAny(now, `"'`) {
		old = inner
	}
	a, b := bare(old), bare(now)
	if a == b {
		return true
	}
	if x := inOtherWords[a]; x != "" && x == b {
		return true
	}
	if onlyNumbers.MatchString(a) && onlyNumbers.MatchString(b) {
		x, isNumber := new(big.Rat).SetString(a)
		y, areNumbers := new(big.Rat).SetString(b)
		if isNumber && areNumbers {
			return x.Cmp(y) == 0
		}
		return slices.Equal(numbersIn(a), numbersIn(b))
	}
	return false
}

var (
	onlyNumbers = regexp.MustCompile(`^[0-9][0-9,、/.:-]*$`)
	digits      = regexp.MustCompile(`[0-9]+`)
	between     = regexp.MustCompile(`([0-9])[,_]([0-9]{3})\b`)
)

// bare is a text without what does not count.
func bare(text string) string {
	text, _ = ascii(text)
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
	return between.ReplaceAllString(text, "$1$2")
}

func ascii(text string) (string, bool) {
	if plain, what := source.InASCII(text); !what.IsZero() {
		return plain, true
	}
	plain := wide.Replace(text)
	return plain, plain != text
}

func numbersIn(text string) []string {
	all := digits.FindAllString(text, -1)
	for i, n := range all {
		all[i] = strings.TrimLeft(n, "0")
	}
	return all
}

// speltAlike reports whether one name is another with at most two characters
// wrong, and most of them right.
func speltAlike(a, b string) bool {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before := row[0]
		row[0] = i + 1
		for j := range y {
			cost := before
			if x[i] != y[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	wrong := row[len(y)]
	return wrong <= 2 && 3*wrong <= min(len(x), len(y))
}
