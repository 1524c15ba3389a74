package editor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
)

// inCases are the places of a file of cases that speak of the rulebook, in the
// order of the file; none of a file that cannot be read.
func (p *Project) inCases(t *Text) []Occurrence { return p.inCaseNodes(source.Nodes("", []byte(t.s))) }

func (p *Project) inCaseNodes(root *source.Node) []Occurrence {
	w := &caseWalker{walker: &walker{names: p.known()}}
	for _, c := range append(items(root.Get("cases")), items(root.Get("steps"))...) {
		w.oneCase(c)
	}
	w.question, w.rule = nil, nil
	for _, e := range root.Get("changes").Pairs() {
		w.expression(e.Value)
	}
	slices.SortStableFunc(w.all, func(a, b Occurrence) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
	return w.all
}

// SymbolInCases is what a place of a file of cases of the rulebook means, and the
// stretch that says so; nil for nothing. In a file that cannot be read now, it is
// what the name there may mean.
func (p *Project) SymbolInCases(t *Text, offset int) (*Symbol, Range) {
	root := source.Nodes("", []byte(t.s))
	if root == nil {
		return p.guessed(t.s, offset)
	}
	for _, o := range p.inCaseNodes(root) {
		if o.Range.Start <= offset && offset <= o.Range.End {
			return o.Symbol, o.Range
		}
	}
	return nil, Range{}
}

// ReferencesInCases are the stretches of a file of cases that speak of a symbol.
func (p *Project) ReferencesInCases(t *Text, s *Symbol) []Range {
	var all []Range
	for _, o := range p.inCases(t) {
		if o.Symbol == s {
			all = append(all, o.Range)
		}
	}
	return all
}

// HoverInCases tells what stands at a place of a file of cases of the rulebook,
// as HoverAt does of its own files.
func (p *Project) HoverInCases(t *Text, offset int, lang string, on date.Date) (Hover, bool) {
	if s, at := p.SymbolInCases(t, offset); s != nil {
		return Hover{at, p.Card(s, lang, on)}, true
	}
	name, at := nameAt(t.s, offset)
	c := contextAt(t.s, at.End)
	for _, k := range caseKeys(c.path) {
		if k.Name == name && c.isKey {
			return Hover{at, "`" + name + "`\n\n" + k.Doc.In(lang)}, true
		}
	}
	return Hover{}, false
}

// caseAt is the text of the case around a place, from the line that it begins on;
// "" where there is none. Where each case begins is told by how far the dashes
// are indented: a file that is being typed in is seldom in order.
func caseAt(text string, offset int) string {
	start, dash, at := -1, -1, 0 // of the case that is gone through, and behind it
	for line := range strings.Lines(text) {
		l := lineOf(line)
		begins := l.dash >= 0 && (dash < 0 || l.dash <= dash)
		over := l.dash < 0 && l.col == 0 && l.key != "" // the list is
		if at > offset && (begins || over) {
			break
		}
		switch {
		case begins:
			start, dash = at, l.dash
		case over:
			start, dash = -1, -1
		}
		at += len(line)
	}
	if start < 0 {
		return ""
	}
	return text[start:at]
}
