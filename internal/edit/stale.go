package edit

import (
	"regexp"
	"slices"

	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/internal/source"
)

// Stale is a line of an article's wording that still says a number which a rule of
// the article no longer has.
type Stale struct {
	In     string // whose wording it is: text, title or note of the article; label or note of the rule
	Line   int
	Number string // as it stands there
	Beside string // the number with the words around it
}

var numbers = regexp.MustCompile(`\d+(?:\.\d+)?`)

// StaleText finds, in what the article that a place is in says for people, and the
// rule in it, the numbers that the value there had and the new one does not have.
func (f *File) StaleText(p *Place, text string) []Stale {
	if p.Node == nil {
		return nil
	}
	wordings, ok := f.wordingsAround(p.Node)
	if !ok {
		return nil
	}
	var all []Stale
	for _, number := range numbers.FindAllString(oldValue(p.Node), -1) {
		if number == "0" || slices.Contains(numbers.FindAllString(text, -1), number) {
			continue
		}
		for _, w := range wordings {
			for _, s := range saying(w.node, number) {
				// “一级” and “一次讲全” are names and no numbers.
				if isName := w.in == "label" || w.in == "title"; !isName || numbers.MatchString(s.Number) {
					s.In = w.in
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// wording is something that is said for people.
type wording struct {
	in   string
	node *source.Node
}

// wordingsAround are what the article that a node is in says, and the rules and
// parts of them that the node is in; false where it is in no article, or is itself
// something said.
func (f *File) wordingsAround(node *source.Node) (all []wording, ok bool) {
	for n := node.Parent(); n != nil; n = n.Parent() {
		if n.Kind != source.Map {
			continue
		}
		isArticle := n.Get("text") != nil && n.Get("nature") != nil
		fields := []string{"note"}
		if isArticle {
			fields = []string{"text", "title", "note"}
		}
		for _, field := range fields {
			if said := n.Get(field); said != nil {
				all = append(all, wording{field, said})
			}
		}
		if isArticle {
			return all, !slices.ContainsFunc(all, func(w wording) bool { return within(node, w.node) })
		}
		for _, lang := range f.labelLanguages() {
			if label := n.Get(lang); label != nil {
				all = append(all, wording{"label", label})
			}
		}
	}
	return nil, false
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
