package editor

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/source"
)

// RenameError says why something cannot be renamed.
type RenameError struct {
	Message, Remedy diagnostic.Text
	Case            *casefile.Result // of the case that comes out differently with the new name; nil for another reason
}

func (e *RenameError) Error() string { return e.Message.EN + ": " + e.Remedy.EN }

func refusedRename(message, remedy diagnostic.Text) *RenameError {
	return &RenameError{Message: message, Remedy: remedy}
}

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

// Rename gives a symbol another name wherever the rulebook speaks of it, and what
// must be called alike with it: calendars and the words that choose them. The
// rulebook must load before, and is loaded with the new name: what would not
// load, or have more findings, is refused by a *RenameError.
func (p *Project) Rename(s *Symbol, name string) ([]Edit, error) {
	switch {
	case !p.CanRename(s):
		return nil, refusedRename(diagnostic.Textf("这里没有可改的名称", "there is no name here that can be changed"),
			diagnostic.Textf("事实、字段、词、词表、读法、选项、规则、组、日历、制度、问题可以改名", "facts, fields, words, lists of words, readings, options, rules, groups, calendars, regulations and questions can be renamed"))
	case p.engineGives(s):
		return nil, keptWord(s)
	case checked.IsReserved(name):
		return nil, refusedRename(checked.ReservedName(name), diagnostic.Textf("换一个名称", "choose another name"))
	case !nameForm(s.Kind).MatchString(name) || len(name) > checked.MaxIdentifier:
		return nil, refusedRename(checked.BadName(name), diagnostic.Textf("用小写英文字母、数字和下划线，以字母开头", "use lower-case letters, digits and underscores, a letter first"))
	case p.Book() == nil:
		return nil, refusedRename(diagnostic.Textf("规则书有错误，不能确知名称用在哪里", "the rulebook has errors, so that it is not known for certain where the name is used"), diagnostic.Textf("先改正错误", "correct them first"))
	}
	all := p.together(s)
	for _, x := range all {
		other := p.takenBy(x, name)
		if other == nil || other == x {
			continue
		}
		at := strconv.Itoa(other.Key.Span.Start.Line)
		return nil, refusedRename(
			diagnostic.Wording(name+" 已经是另一处的名称：%s（第 "+at+" 行）", name+" is the name of something else: %s (line "+at+")", described(other)),
			diagnostic.Textf("换一个名称", "choose another name"))
	}
	var edits []Edit
	for _, x := range all {
		for _, at := range p.References(x, true) {
			edits = append(edits, Edit{at.Path, at.Range, name})
		}
	}
	after := p.With(edits)
	if found := p.addedBy(after); len(found) > 0 {
		if _, own := checked.EngineLabel(s.Name); own && s.Kind == Word {
			return nil, keptWord(s) // rules give it by way of another list
		}
		d := found[0].Diagnostic
		return nil, refusedRename(
			diagnostic.Wording("改成 "+name+" 之后规则书有新的问题：%s", "with the name "+name+" the rulebook would have another finding: %s", d.Message),
			diagnostic.Textf("换一个名称，或先在第 %d 行手工改", "choose another name, or change line %d by hand first", d.Span.Start.Line))
	}
	return edits, nil
}

// described is what a symbol is, with its label.
func described(s *Symbol) diagnostic.Text {
	kind, label := kindLabel(s.Kind), s.Label
	if label.IsZero() {
		return kind
	}
	return diagnostic.Text{ZH: kind.ZH + " " + label.ZH, EN: kind.EN + " " + label.EN}
}

// takenBy is what has a name already that a symbol is to have; nil for nothing.
// Facts and rules are told apart by nothing but their names.
func (p *Project) takenBy(s *Symbol, name string) *Symbol {
	n := p.known()
	id := strings.TrimSuffix(s.ID, s.Name) + name
	if other := n.get(s.Kind, id); other != nil {
		return other
	}
	spoken := []Kind{Fact, Rule, Group} // in expressions
	if id == name && slices.Contains(spoken, s.Kind) {
		for _, kind := range spoken {
			if other := n.get(kind, name); other != nil {
				return other
			}
		}
	}
	return nil
}

// addedBy are the findings of a changed rulebook that the sound one does not
// have as many of, errors first.
func (p *Project) addedBy(after *Project) []Finding {
	if after.Book() == nil {
		return after.Findings()
	}
	known := map[string]int{}
	for _, f := range append(p.Findings(), p.Unused()...) {
		known[f.Code]++
	}
	var added []Finding
	for _, f := range append(after.Findings(), after.Unused()...) {
		if known[f.Code]--; known[f.Code] < 0 {
			added = append(added, f)
		}
	}
	return added
}

// Named is the symbol that a person names: by its place in the rules file, as
// edit.File.Find has it, by its name alone (request.kind, hall_boundary), or by
// its label in a language of the rulebook. The error is a diagnostic.Diagnostic.
func (p *Project) Named(name string) (*Symbol, error) {
	name = strings.TrimSpace(name)
	var first error
	for _, f := range p.files {
		file, err := edit.Open(f.path, []byte(f.text.s))
		if err != nil {
			return nil, err
		}
		if p.Book() != nil {
			file.InLanguages(p.Book().Languages)
		}
		key, err := file.Key(name)
		if err == nil {
			if s := p.declaredAt(f.path, key); s != nil {
				return s, nil
			}
			err = diagnostic.Diagnostic{
				Code: edit.CodeUnknownPlace, Severity: diagnostic.Error, Span: key.Span,
				Message: diagnostic.Textf("%s 不是规则书自己起的名称", "%s is no name that the rulebook has given", name),
				Remedy:  diagnostic.Textf("写明一个事实、词、读法、选项、规则、日历、制度或问题", "name a fact, word, reading, option, rule, calendar, regulation or question"),
			}
			return nil, err
		}
		var d diagnostic.Diagnostic
		if first == nil || errors.As(err, &d) && d.Code != edit.CodeUnknownPlace {
			first = err
		}
	}
	for _, is := range []func(*Symbol) bool{
		func(s *Symbol) bool { return isCalled(s, name) },
		func(s *Symbol) bool { return p.isLabelled(s, name) },
	} {
		switch found := p.those(is); len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			var paths []string
			for _, s := range found[:min(len(found), 5)] {
				paths = append(paths, s.Key.Path())
			}
			return nil, diagnostic.Diagnostic{
				Code: edit.CodeNotOneValue, Severity: diagnostic.Error,
				Message: diagnostic.Textf("叫 %s 的不止一个", "more than one thing is called %s", name),
				Remedy:  diagnostic.Textf("指明是哪一个：%s", "say which one: %s", strings.Join(paths, ", ")),
			}
		}
	}
	return nil, p.unknown(name, first)
}

// unknown says what may have been meant by a name that nothing is called by: by
// its last part, as hall_boundary of ladder.hall_boundary, or nearly. Where there
// is no telling it is the error that was found before.
func (p *Project) unknown(name string, before error) error {
	first, _, _ := strings.Cut(name, ".")
	if strings.ContainsAny(name, "/ ") || slices.ContainsFunc(p.files, func(f *file) bool { return f.node().Get(first) != nil }) || p.known().get(Regulation, first) != nil {
		return before // it is a place, of which the rest is wrong
	}
	var paths, ids []string
	for _, s := range p.those(p.CanRename) {
		id := strings.Replace(strings.ReplaceAll(s.ID, "[]", ""), ":", ".", 1)
		if ids = append(ids, id); lastPart(id) == name {
			paths = append(paths, s.Key.Path())
		}
	}
	d := diagnostic.Diagnostic{
		Code: edit.CodeUnknownPlace, Severity: diagnostic.Error,
		Message: diagnostic.Textf("%s 不是规则书自己起的名称", "%s is no name that the rulebook has given", name),
		Remedy:  diagnostic.Textf("写明一个事实、词、读法、选项、规则、日历、制度或问题", "name a fact, word, reading, option, rule, calendar, regulation or question"),
	}
	var nearest []string
	const compared = 500 // by Nearest at once
	for some := range slices.Chunk(ids, compared) {
		nearest = append(nearest, diagnostic.Nearest(name, some))
	}
	near := diagnostic.Nearest(name, nearest)
	switch {
	case len(paths) > 0:
		d.Remedy = diagnostic.Textf("指明是哪一个：%s", "say which one: %s", strings.Join(paths[:min(len(paths), 5)], ", "))
	case engineHas(name):
		d.Message = diagnostic.Textf("%s 是引擎自己的名称，不能改名", "%s is a name of the engine's own and cannot be renamed", name)
	case near != "":
		d.Remedy = diagnostic.Textf("是否指 %s？", "did you mean %s?", near)
	}
	return d
}

// declaredAt is what a key declares; nil for nothing.
func (p *Project) declaredAt(path string, key *source.Node) *Symbol {
	return one(p.those(func(s *Symbol) bool { return s.Path == path && s.Key.Start == key.Start && s.Kind != Group }))
}

func one(found []*Symbol) *Symbol {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func (p *Project) those(is func(*Symbol) bool) []*Symbol {
	var found []*Symbol
	for _, s := range p.known().all {
		if s.Key != nil && s.Kind != Value && is(s) {
			found = append(found, s)
		}
	}
	return found
}

// isCalled reports whether a name alone names a symbol: request.kind and
// lines.amount, role.agent, ladder.hall.third.
func isCalled(s *Symbol, name string) bool {
	return s.ID == name || strings.ReplaceAll(s.ID, "[]", "") == name || (s.Kind == Word || s.Kind == Option) && strings.Replace(s.ID, ":", ".", 1) == name
}

// isLabelled reports whether a symbol has a label in a language of the rulebook.
func (p *Project) isLabelled(s *Symbol, label string) bool {
	if s.Kind == Group || p.Book() == nil {
		return false
	}
	if s.Node.Kind == source.Scalar {
		return s.Kind == Word && s.Node.Text == label
	}
	return slices.ContainsFunc(append([]string{"zh", "en"}, p.Book().Languages...), func(lang string) bool {
		return scalar(s.Node.Get(lang)) == label || s.Kind == Reading && scalar(s.Node.Get("asks").Get(lang)) == label
	})
}
