package editor

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Kind is what a name of a rulebook names.
type Kind string

// The kinds of names.
const (
	Fact       Kind = "fact"       // or a field of one
	WordList   Kind = "words"      // a closed list of words
	Word       Kind = "word"       // of one of them
	Reading    Kind = "reading"    //
	Option     Kind = "option"     // of a reading
	Regulation Kind = "regulation" //
	Article    Kind = "article"    // or an item of one
	Rule       Kind = "rule"       //
	Group      Kind = "group"      // of rules, by part_of
	Question   Kind = "question"   //
	Calendar   Kind = "calendar"   //
	Value      Kind = "answer"     // of the answers to a question
	Function   Kind = "function"   // of expressions
)

// Symbol is something that a rulebook gives a name to.
type Symbol struct {
	Kind Kind
	// ID is unique among those of its kind: "request.kind" of a field,
	// "complaints[].level" of a field of a list's elements, "area_type:urban" of
	// a word, "ladder.levels:cumulative" of an option, "time_limit.request:due_date"
	// of a value of an answer, "time_limit/6" of an article.
	ID    string
	Name  string // as it is written where it is declared
	Label diagnostic.Text
	Note  diagnostic.Text // what else there is to say: a remark, a text, a question

	Type    string // of a fact: as it is written
	List    string // of a fact or word: the id of its list
	Article string // of a rule, group or reading: the id of its article
	Section string // of a rule: the section of its form

	Path string       // of its file
	Key  *source.Node // where it is declared
	Node *source.Node // what stands there
}

// names are what a rulebook gives names to, found in its files without
// loading it, so that a mistake in one place hides nothing elsewhere.
type names struct {
	all    []*Symbol // in the order of the files
	byKind map[Kind]map[string]*Symbol
	// wordsOf are the words of each list; fieldsOf are the fields of a record, or
	// of a list's elements, by the id of the fact, and by "" the facts themselves.
	wordsOf  map[string][]*Symbol
	fieldsOf map[string][]*Symbol
	words    map[string][]*Symbol // by their name: the same word may be in several lists
	elements map[string][]*Symbol // fields of lists' elements by their name
}

// known are the names of the rulebook, of a file that cannot be read as they
// were before.
func (p *Project) known() *names {
	p.index.Do(func() {
		parsed := p.parsed()
		if p.before != nil && !parsed {
			p.names = p.before
			return
		}
		p.names = newNames()
		for _, f := range p.files {
			if root := f.node(); root != nil {
				p.names.file(f.path, root)
			}
		}
		p.names.settle()
		if parsed {
			p.indexed.Store(p.names)
		}
	})
	return p.names
}

func newNames() *names {
	return &names{
		byKind: map[Kind]map[string]*Symbol{}, wordsOf: map[string][]*Symbol{}, fieldsOf: map[string][]*Symbol{},
		words: map[string][]*Symbol{}, elements: map[string][]*Symbol{},
	}
}

// get is what has an id; nil for nothing.
func (n *names) get(kind Kind, id string) *Symbol { return n.byKind[kind][id] }

// of are those of a kind, in the order of the files.
func (n *names) of(kinds ...Kind) []*Symbol {
	var all []*Symbol
	for _, s := range n.all {
		if slices.Contains(kinds, s.Kind) {
			all = append(all, s)
		}
	}
	return all
}

// add notes a symbol. Of two with one id, as a mistake or of the book that
// another builds on, the first is it.
func (n *names) add(s *Symbol) *Symbol {
	if n.byKind[s.Kind] == nil {
		n.byKind[s.Kind] = map[string]*Symbol{}
	}
	if before := n.byKind[s.Kind][s.ID]; before != nil {
		return before
	}
	n.byKind[s.Kind][s.ID] = s
	n.all = append(n.all, s)
	return s
}

// settle leaves out groups that are the rules of a rule of their name, and has
// values that have no label called as what they show.
func (n *names) settle() {
	for _, s := range n.byKind[Value] {
		if s.Label.IsZero() {
			s.Label = n.labelShown(scalar(s.Node.Get("is")))
		}
	}
	n.all = slices.DeleteFunc(n.all, func(s *Symbol) bool {
		if s.Kind != Group || n.byKind[Rule][s.ID] == nil {
			return false
		}
		delete(n.byKind[Group], s.ID)
		return true
	})
}

// labelShown is the label of the fact, or of what a rule gives, that an
// expression alone is; zero of any other.
func (n *names) labelShown(is string) diagnostic.Text {
	if f := n.get(Fact, is); f != nil {
		return f.Label
	}
	name, output, _ := strings.Cut(is, ".")
	rule := n.unit(name)
	if rule == nil {
		return diagnostic.Text{}
	}
	if f := formOf(rule.Section); f != nil {
		for _, o := range f.Outputs {
			if o.Name == output && !o.Label.IsZero() {
				return o.Label
			}
		}
	}
	return rule.Label
}

// file notes the names of a file.
func (n *names) file(path string, root *source.Node) {
	d := declarations{n, path}
	for _, e := range root.Get("calendars").Pairs() {
		d.named(Calendar, e.Key.Text, e)
	}
	for _, list := range root.Get("words").Pairs() {
		d.named(WordList, list.Key.Text, list)
		d.wordList(list.Key.Text, list.Value)
	}
	d.facts("", "", root.Get("facts"))
	for _, e := range root.Get("readings").Pairs() {
		s := d.named(Reading, e.Key.Text, e)
		s.Label, s.Note, s.Article = textOf(e.Value.Get("asks")), textOf(e.Value.Get("why")), scalar(e.Value.Get("article"))
		for _, o := range e.Value.Get("options").Pairs() {
			d.named(Option, e.Key.Text+":"+o.Key.Text, o)
		}
	}
	for _, r := range root.Get("regulations").Pairs() {
		d.named(Regulation, r.Key.Text, r)
		for _, a := range r.Value.Get("articles").Pairs() {
			d.article(r.Key.Text, a)
		}
	}
	for _, e := range root.Get("questions").Pairs() {
		d.named(Question, e.Key.Text, e)
		for _, v := range e.Value.Get("values").Pairs() {
			d.named(Value, e.Key.Text+":"+v.Key.Text, v)
		}
		if words := e.Value.Get("verdict").Get("words"); words != nil && words.Kind == source.Map {
			d.wordList(e.Key.Text, words)
		}
	}
}

// declarations are those of one file.
type declarations struct {
	*names
	path string
}

// named notes what an entry declares.
func (d declarations) named(kind Kind, id string, e source.Entry) *Symbol {
	return d.add(&Symbol{
		Kind: kind, ID: id, Name: e.Key.Text, Label: textOf(e.Value), Note: textOf(e.Value.Get("note")), Path: d.path, Key: e.Key, Node: e.Value,
	})
}

// wordList notes the words of a list.
func (d declarations) wordList(list string, n *source.Node) {
	for _, e := range n.Pairs() {
		s := d.named(Word, list+":"+e.Key.Text, e)
		if s.Key != e.Key {
			continue
		}
		s.List = list
		d.wordsOf[list] = append(d.wordsOf[list], s)
		d.words[s.Name] = append(d.words[s.Name], s)
	}
}

// facts notes facts, or the fields of one; of is its id, and before what stands
// before the names of its fields.
func (d declarations) facts(of, before string, n *source.Node) {
	for _, e := range n.Pairs() {
		id := before + e.Key.Text
		s := d.named(Fact, id, e)
		if s.Key != e.Key {
			continue
		}
		d.fieldsOf[of] = append(d.fieldsOf[of], s)
		if strings.HasSuffix(before, "[].") {
			d.elements[s.Name] = append(d.elements[s.Name], s)
		}
		d.typed(s, id, e.Value)
	}
}

// typed notes what is said of the type of a fact, of a field or of a list's
// elements.
func (d declarations) typed(s *Symbol, id string, n *source.Node) {
	s.Type = strings.TrimSpace(s.Type + " " + scalar(n.Get("type")))
	switch words := n.Get("words"); {
	case words == nil:
	case words.Kind == source.Map:
		s.List = id
		d.wordList(id, words)
	default:
		s.List = words.Text
	}
	d.facts(s.ID, id+".", n.Get("fields"))
	if of := n.Get("of"); of != nil {
		d.typed(s, id+"[]", of)
	}
}

// article notes an article and its rules.
func (d declarations) article(regulation string, a source.Entry) {
	id := regulation + "/" + a.Key.Text
	s := d.named(Article, id, a)
	s.Label, s.Note = textOf(a.Value.Get("title")), textOf(a.Value.Get("text"))
	for _, section := range a.Value.Pairs() {
		if formOf(section.Key.Text) == nil {
			continue
		}
		for _, e := range section.Value.Pairs() {
			r := d.named(Rule, e.Key.Text, e)
			r.Article, r.Section = id, section.Key.Text
			if group := e.Value.Get("part_of"); group != nil && group.Kind == source.Scalar && group.Text != "" {
				g := d.add(&Symbol{Kind: Group, ID: group.Text, Name: group.Text, Label: r.Label, Path: d.path, Key: group, Node: e.Value})
				g.Article = id
			}
		}
	}
}

// rulesOf are the rules of a group.
func (n *names) rulesOf(group *Symbol) []*Symbol {
	var all []*Symbol
	for _, r := range n.of(Rule) {
		if scalar(r.Node.Get("part_of")) == group.ID {
			all = append(all, r)
		}
	}
	return all
}

// scalar is the text of a value; "" where it is none.
func scalar(n *source.Node) string {
	if n == nil || n.Kind != source.Scalar {
		return ""
	}
	return n.Text
}

// shortKeys are keys that look like those of a language.
var shortKeys = []string{"is", "by", "of", "to", "on", "id"}

// textOf is a wording: by its languages, or a text alone.
func textOf(n *source.Node) diagnostic.Text {
	if n == nil {
		return diagnostic.Text{}
	}
	if n.Kind == source.Scalar {
		return diagnostic.Text{ZH: n.Text, EN: n.Text}
	}
	zh, en := scalar(n.Get("zh")), scalar(n.Get("en"))
	if zh == "" && en == "" {
		for _, e := range n.Entries {
			if e.Value.Kind == source.Scalar && len(e.Key.Text) == 2 && !slices.Contains(shortKeys, e.Key.Text) {
				return diagnostic.Text{ZH: e.Value.Text, EN: e.Value.Text}
			}
		}
	}
	if zh == "" {
		zh = en
	}
	if en == "" {
		en = zh
	}
	return diagnostic.Text{ZH: zh, EN: en}
}
