package editor

import (
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"

	"github.com/servicerules/rulebook/diagnostic"
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

// RenameError says why something cannot be renamed.
type RenameError struct{ Message, Remedy diagnostic.Text }

func (e *RenameError) Error() string { return e.Message.EN + ": " + e.Remedy.EN }

// nameForm is what names of a kind look like; nil for kinds of which nothing can
// be renamed.
func nameForm(kind Kind) interface{ MatchString(string) bool } {
	switch kind {
	case Fact, WordList, Rule, Group, Calendar, Regulation, Option:
		return checked.SnakeCase
	case Reading, Question:
		return checked.DottedName
	case Word:
		return checked.WordPattern
	}
	return nil
}

// CanRename reports whether there is a name of the rulebook's own at a place.
func (p *Project) CanRename(s *Symbol) bool {
	return s != nil && nameForm(s.Kind) != nil && s.Key != nil
}

// Rename gives a symbol another name wherever the rulebook speaks of it. The
// rulebook must load before, and is loaded with the new name: what would not
// load is refused by a *RenameError.
func (p *Project) Rename(s *Symbol, name string) ([]Edit, error) {
	switch {
	case !p.CanRename(s):
		return nil, &RenameError{diagnostic.Textf("这里没有可改的名称", "there is no name here that can be changed"), diagnostic.Textf("把光标放在名称上", "put the cursor on a name")}
	case !nameForm(s.Kind).MatchString(name) || len(name) > checked.MaxIdentifier || checked.IsReserved(name):
		return nil, &RenameError{checked.BadName(name), diagnostic.Textf("用小写英文字母、数字和下划线，以字母开头", "use lower-case letters, digits and underscores, a letter first")}
	case p.Book() == nil:
		return nil, &RenameError{diagnostic.Textf("规则书有错误，不能确知名称用在哪里", "the rulebook has errors, so that it is not known for certain where the name is used"), diagnostic.Textf("先改正错误", "correct them first")}
	}
	var edits []Edit
	for _, at := range p.References(s, true) {
		edits = append(edits, Edit{at.Path, at.Range, name})
	}
	after := p.With(edits)
	if found := after.Findings(); after.Book() == nil && len(found) > 0 {
		d := found[0].Diagnostic
		return nil, &RenameError{
			diagnostic.Wording("改成 "+name+" 之后规则书读不了：%s", "with the name "+name+" the rulebook would not load: %s", d.Message),
			diagnostic.Textf("换一个名称，或先在第 %d 行手工改", "choose another name, or change line %d by hand first", d.Span.Start.Line),
		}
	}
	return edits, nil
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
