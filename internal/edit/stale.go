package edit

import (
	"regexp"
	"slices"

	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/internal/source"
)

// Stale is a line of an article's text that still says a number which a rule of
// the article no longer has.
type Stale struct {
	Line   int
	Number string // as it stands there
	Beside string // the number with the words around it
}

var numbers = regexp.MustCompile(`\d+(?:\.\d+)?`)

// StaleText finds, in the text of the article that a place is in, the numbers
// that the value there had and that the new one does not have.
func (f *File) StaleText(p *Place, text string) []Stale {
	if p.Node == nil {
		return nil
	}
	var article *source.Node
	for n := p.Node; n != nil && article == nil; n = n.Parent() {
		if n.Kind == source.Map && n.Get("text") != nil && n.Get("nature") != nil {
			article = n
		}
	}
	if article == nil || within(p.Node, article.Get("text")) {
		return nil
	}
	var all []Stale
	for _, number := range numbers.FindAllString(oldValue(p.Node), -1) {
		if number == "0" || slices.Contains(numbers.FindAllString(text, -1), number) {
			continue
		}
		all = append(all, saying(article.Get("text"), number)...)
	}
	return all
}

// oldValue is the value that holds before the edit: the last one of a choice by
// date.
func oldValue(n *source.Node) string {
	if n.Kind == source.Map && n.Get("by") != nil && len(n.Entries) > 1 {
		n = n.Entries[len(n.Entries)-1].Value
	}
	return n.Text
}

func within(n, of *source.Node) bool {
	for ; n != nil; n = n.Parent() {
		if n == of {
			return true
		}
	}
	return false
}

// saying are the lines of a wording that say a number, in digits or in words.
func saying(text *source.Node, number string) []Stale {
	if text.Kind == source.Map {
		var all []Stale
		for _, e := range text.Entries {
			all = append(all, saying(e.Value, number)...)
		}
		return all
	}
	for _, n := range numerals.In(text.Text) {
		if numerals.Same(n.Digits, number) && !ofArticle.MatchString(text.Text[n.To:]) {
			before := len([]rune(text.Text[:n.From]))
			return []Stale{{Line: text.SpanAt(before, before+1).Start.Line, Number: n.Text, Beside: beside(text.Text, n)}}
		}
	}
	return nil
}

// beside is a number with some of the words around it.
func beside(text string, n numerals.Numeral) string {
	const around = 10
	before, after := []rune(text[:n.From]), []rune(text[n.To:])
	lead, tail := "", ""
	if len(before) > around {
		before, lead = before[len(before)-around:], "…"
	}
	if len(after) > around {
		after, tail = after[:around], "…"
	}
	return lead + string(before) + n.Text + string(after) + tail
}

// Reason is the line of the reason (why) of a reading, and what it says in a
// language, where another option is chosen than the one that it was written for;
// 0 for none.
func (f *File) Reason(name, option, lang string) (int, string) {
	key, reading, err := f.reading(name)
	if err != nil {
		return 0, ""
	}
	chosen, why := reading.Get("chosen"), reading.Get("why").Get(lang)
	if option, err = f.option(key, reading, option); err != nil || why == nil || chosen != nil && chosen.Text == option {
		return 0, ""
	}
	return why.Span.Start.Line, why.Text
}

// ofArticle is what stands behind the number of an article, which is no number
// of a rule.
var ofArticle = regexp.MustCompile(`^ ?[条款项章]`)
