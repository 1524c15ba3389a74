package editor

import (
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/condition"
)

// Place is a stretch of one of the files.
type Place struct {
	Path  string
	Range Range
}

// SymbolAt is what a place means, and the stretch that says so; nil for nothing.
// In a file that cannot be read now, it is what its name meant before.
func (p *Project) SymbolAt(path string, offset int) (*Symbol, Range) {
	f := p.file(path)
	if f == nil {
		return nil, Range{}
	}
	if f.node() == nil {
		return p.guessed(f.text.s, offset)
	}
	for _, o := range p.occurrences() {
		if o.Path == path && o.Range.Start <= offset && offset <= o.Range.End {
			return o.Symbol, o.Range
		}
	}
	return nil, Range{}
}

// guessed is what the name around a place may mean, by itself.
func (p *Project) guessed(text string, offset int) (*Symbol, Range) {
	n := p.known()
	word, at := nameAt(text, offset)
	for _, kind := range []Kind{Reading, Article, Question, Fact, Rule, Group, WordList, Calendar} {
		if s := n.get(kind, word); s != nil {
			return s, at
		}
	}
	return n.word(word, ""), at
}

// nameAt is the name around a place, with its dots, and where it stands.
func nameAt(text string, offset int) (string, Range) {
	offset = aligned(text, offset)
	is := func(r rune) bool { return isNameRune(r) || r == '.' || r == '/' }
	start, end := offset, offset
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:start])
		if !is(r) {
			break
		}
		start -= size
	}
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !is(r) {
			break
		}
		end += size
	}
	name := strings.Trim(text[start:end], "./")
	start += strings.Index(text[start:end], name)
	return name, Range{start, start + len(name)}
}

// Definition is where a symbol is declared; false for what no file declares.
func (p *Project) Definition(s *Symbol) (Place, bool) {
	f := p.file(s.Path)
	if s.Key == nil || f == nil {
		return Place{}, false
	}
	if f.text.s[min(s.Key.Start, len(f.text.s)):min(s.Key.End, len(f.text.s))] != s.Key.Written() {
		return Place{s.Path, f.text.RangeOf(s.Key.Span)}, true // of a file that has changed since
	}
	return Place{s.Path, Range{s.Key.Start, s.Key.End}}, true
}

// References are the places that speak of a symbol, with that of its
// declaration if it is wanted.
func (p *Project) References(s *Symbol, declaration bool) []Place {
	var all []Place
	for _, o := range p.occurrences() {
		if o.Symbol == s && (declaration || !o.Declares) {
			all = append(all, Place{o.Path, o.Range})
		}
	}
	return all
}

// Edit is a stretch of a file and what is to stand there.
type Edit struct {
	Path  string
	Range Range
	Text  string
}

// With is the rulebook with edits made.
func (p *Project) With(edits []Edit) *Project {
	texts := map[string]string{}
	for _, f := range p.files {
		var own []Edit
		for _, e := range edits {
			if e.Path == f.path {
				own = append(own, e)
			}
		}
		slices.SortStableFunc(own, func(a, b Edit) int { return b.Range.Start - a.Range.Start }) // from the end
		text := f.text.s
		for _, e := range own {
			start := min(max(e.Range.Start, 0), len(text))
			text = text[:start] + e.Text + text[min(max(e.Range.End, start), len(text)):]
		}
		texts[f.path] = text
	}
	return Open(texts[""], func(path string) ([]byte, error) {
		if text, ok := texts[path]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}, p)
}

// functionNamed is a function of expressions; false for none.
func functionNamed(name string) (condition.Function, bool) {
	for _, f := range condition.Functions() {
		if f.Name == name {
			return f, true
		}
	}
	return condition.Function{}, false
}
