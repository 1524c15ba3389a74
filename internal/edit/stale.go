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
			return []Stale{{Line: text.SpanAt(before, before+1).Start.Line, Number: n.Text}}
		}
	}
	return nil
}

// ofArticle is what stands behind the number of an article, which is no number
// of a rule.
var ofArticle = regexp.MustCompile(`^ ?[条款项章]`)
