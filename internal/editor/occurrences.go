package editor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Occurrence is a place where a rulebook speaks of a symbol.
type Occurrence struct {
	Path     string
	Range    Range
	Symbol   *Symbol
	Declares bool
}

// occurrences are all of them, in the order of the files. A word or a field
// that may be of several lists, where nothing says of which, is left out.
func (p *Project) occurrences() []Occurrence {
	p.found.Do(func() {
		for _, f := range p.files {
			if root := f.node(); root != nil {
				w := &walker{names: p.known(), path: f.path}
				w.file(root)
				slices.SortStableFunc(w.all, func(a, b Occurrence) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
				p.places = append(p.places, w.all...)
			}
		}
	})
	return p.places
}

// walker goes through a file and notes what names in it mean.
type walker struct {
	*names
	path string
	all  []Occurrence

	rule *source.Node // the rule or question that is gone through
	list string       // of the words that it gives; "" where it does not say
}

// note notes that the characters [from, to) of a node mean a symbol.
func (w *walker) note(n *source.Node, from, to int, s *Symbol) {
	if s == nil {
		return
	}
	if start, end, ok := n.Bytes(from, to); ok {
		w.all = append(w.all, Occurrence{w.path, Range{start, end}, s, s.Key == n})
	}
}

// whole notes that a node as a whole means a symbol.
func (w *walker) whole(n *source.Node, s *Symbol) {
	if n != nil && n.Text != "" {
		w.note(n, 0, len([]rune(n.Text)), s)
	}
}

func (w *walker) file(root *source.Node) {
	w.calendar(root.Get("rulebook").Get("calendar"))
	for _, e := range root.Get("calendars").Pairs() {
		w.whole(e.Key, w.get(Calendar, e.Key.Text))
		w.calendar(e.Value.Get("base"))
	}
	for _, list := range root.Get("words").Pairs() {
		w.whole(list.Key, w.get(WordList, list.Key.Text))
		w.words(list.Key.Text, list.Value)
	}
	w.facts("", root.Get("facts"))
	for _, e := range root.Get("must").Pairs() {
		w.rule = e.Value
		w.expression(e.Value.Get("that"))
	}
	for _, e := range root.Get("promises").Pairs() {
		w.rule = e.Value
		for _, part := range e.Value.Pairs() {
			if part.Key.Text == "question" { // which may be called as a fact is
				w.whole(part.Value, w.get(Question, scalar(part.Value)))
			} else if !checked.IsProse(part) {
				w.expression(part.Value)
			}
		}
	}
	for _, e := range root.Get("readings").Pairs() {
		w.whole(e.Key, w.get(Reading, e.Key.Text))
		w.expression(e.Value.Get("article"))
		for _, o := range e.Value.Get("options").Pairs() {
			w.whole(o.Key, w.get(Option, e.Key.Text+":"+o.Key.Text))
		}
		w.chosen(e.Key.Text, e.Value.Get("chosen"))
	}
	for _, r := range root.Get("regulations").Pairs() {
		w.whole(r.Key, w.get(Regulation, r.Key.Text))
		for _, a := range r.Value.Get("articles").Pairs() {
			w.whole(a.Key, w.get(Article, r.Key.Text+"/"+a.Key.Text))
			w.article(a.Value)
		}
	}
	for _, e := range root.Get("questions").Pairs() {
		w.question(e.Key, e.Value)
	}
	w.review(root.Get("review"))
}

// words are the keys of a list of words.
func (w *walker) words(list string, n *source.Node) {
	for _, e := range n.Pairs() {
		w.whole(e.Key, w.get(Word, list+":"+e.Key.Text))
	}
}

// facts are those below a fact, or at the top.
func (w *walker) facts(before string, n *source.Node) {
	for _, e := range n.Pairs() {
		w.whole(e.Key, w.get(Fact, before+e.Key.Text))
		w.typed(before, before+e.Key.Text, e.Value)
	}
}

func (w *walker) typed(before, id string, n *source.Node) {
	if n == nil {
		return
	}
	list := id
	if words := n.Get("words"); words != nil && words.Kind == source.Map {
		w.words(id, words)
	} else if words != nil {
		list = words.Text
		w.whole(words, w.get(WordList, list))
	}
	w.whole(n.Get("if_absent"), w.get(Word, list+":"+scalar(n.Get("if_absent"))))
	earlier := n.Get("not_before")
	for _, x := range append(items(earlier), earlier) {
		if x == nil || x.Kind != source.Scalar {
			continue
		}
		if f := w.get(Fact, before+x.Text); f != nil {
			w.whole(x, f)
		} else {
			w.expression(x)
		}
	}
	w.facts(id+".", n.Get("fields"))
	w.typed(before, id+"[]", n.Get("of"))
}

// chosen is what is chosen of a reading.
func (w *walker) chosen(reading string, n *source.Node) {
	if n == nil {
		return
	}
	for _, e := range n.Entries { // by date
		w.chosen(reading, e.Value)
	}
	for _, x := range n.Items {
		w.chosen(reading, x)
	}
	if n.Kind == source.Scalar {
		name, _, _ := strings.Cut(n.Text, ":") // days:5
		w.note(n, 0, len([]rune(name)), w.get(Option, reading+":"+name))
	}
}

func (w *walker) article(n *source.Node) {
	for _, section := range n.Pairs() {
		f := formOf(section.Key.Text)
		if f == nil {
			continue
		}
		for _, rule := range section.Value.Pairs() {
			w.whole(rule.Key, w.get(Rule, rule.Key.Text))
			w.rule, w.list = rule.Value, scalar(rule.Value.Get("words"))
			w.fields(rule.Value, append(policy.CommonFields(), f.Fields...))
		}
	}
}

// fields are those of a rule, or of a part of one.
func (w *walker) fields(n *source.Node, fields []policy.Field) {
	for _, e := range n.Pairs() {
		i := slices.IndexFunc(fields, func(f policy.Field) bool { return f.Name == e.Key.Text })
		if i >= 0 {
			w.field(e.Value, &fields[i])
		}
	}
}

// field is what stands in a field, in every branch of a choice.
func (w *walker) field(n *source.Node, f *policy.Field) {
	if checked.IsBy(n) || n.Kind == source.Map && n.Get("by") != nil {
		w.choice(n, func(v *source.Node) { w.field(v, f) })
		return
	}
	each := func(visit func(*source.Node)) {
		for _, x := range append(n.Items, n) {
			visit(x)
		}
	}
	switch f.Kind {
	case policy.Wording, policy.Flag, policy.Quotations:
	case policy.Option:
		if f.Computed {
			w.expression(n)
		}
	case policy.RuleName, policy.RuleNames:
		each(func(x *source.Node) { w.whole(x, w.unit(x.Text)) })
	case policy.Renames:
		for _, e := range n.Pairs() {
			w.expression(e.Key)
			w.expression(e.Value)
		}
	case policy.ListName:
		w.whole(n, w.get(WordList, n.Text))
	case policy.Code, policy.Codes:
		each(func(x *source.Node) {
			if w.get(Article, x.Text) != nil {
				w.expression(x)
			} else {
				w.whole(x, w.word(x.Text, w.listOfRule()))
			}
		})
	case policy.Structs, policy.StructMap:
		each(func(x *source.Node) {
			if f.Kind == policy.Structs {
				w.fields(x, f.Fields)
				return
			}
			for _, e := range x.Entries {
				w.whole(e.Key, w.word(e.Key.Text, w.listOfRule()))
				w.fields(e.Value, f.Fields)
			}
		})
	case policy.Cells:
		w.cells(n)
	default:
		w.expression(n)
	}
}

// cells are what the keys of a table must be in a row: words, or from and to
// which values.
func (w *walker) cells(n *source.Node) {
	for _, e := range n.Entries {
		key := e.Key.Text
		if own := w.rule.Get("keys").Get(key); own != nil { // a name of the table's for what stands there
			key = scalar(own)
		} else {
			w.expression(e.Key)
		}
		list := ""
		if f := w.chosenBy(key); f != nil {
			list = f.List
		}
		if list == "" {
			w.expression(e.Value)
			continue
		}
		for _, x := range append(slices.Clone(e.Value.Items), e.Value) {
			w.whole(x, w.get(Word, list+":"+x.Text))
		}
	}
}

// chosenBy is the fact, or the field of an element, that a text alone is; nil
// for none.
func (w *walker) chosenBy(text string) *Symbol {
	if field, ok := strings.CutPrefix(text, "."); ok {
		return w.element(nil, field)
	}
	return w.fact(text)
}

// choice is a value that something chooses.
func (w *walker) choice(n *source.Node, visit func(*source.Node)) {
	by := n.Get("by")
	keys := []*source.Node{by}
	if by.Kind == source.Seq {
		keys = by.Items
	}
	for _, k := range keys {
		w.chooser(k)
	}
	w.branches(n, keys, visit)
}

// branches are those of a choice by several keys, the first of which is chosen
// by first.
func (w *walker) branches(n *source.Node, by []*source.Node, visit func(*source.Node)) {
	for _, e := range n.Entries {
		switch {
		case e.Key.Text == "by":
			continue
		case w.get(Reading, by[0].Text) != nil:
			w.whole(e.Key, w.get(Option, by[0].Text+":"+e.Key.Text))
		default:
			if f := w.chosenBy(by[0].Text); f != nil {
				for _, t := range tokensOf(e.Key.Text) { // one word, or several
					w.note(e.Key, t.from, t.to, w.get(Word, f.List+":"+t.text))
				}
			}
		}
		if len(by) > 1 && e.Value.Kind == source.Map && e.Value.Get("by") == nil {
			w.branches(e.Value, by[1:], visit)
		} else {
			visit(e.Value)
		}
	}
}

// chooser is what chooses: a reading, a fact or the date.
func (w *walker) chooser(n *source.Node) {
	if s := w.get(Reading, n.Text); s != nil {
		w.whole(n, s)
		return
	}
	w.expression(n)
}

func (w *walker) question(key, n *source.Node) {
	w.whole(key, w.get(Question, key.Text))
	w.rule, w.list = n, ""
	facts := n.Get("facts")
	for _, x := range append(items(facts), facts) {
		if x != nil && x.Kind == source.Scalar {
			w.whole(x, w.get(Fact, x.Text))
		}
		for _, e := range x.Pairs() { // under another name
			w.whole(e.Value, w.get(Fact, e.Value.Text))
		}
	}
	w.expression(n.Get("governed_by"))
	for _, list := range []string{"scope", "rules"} {
		for _, x := range items(n.Get(list)) {
			w.whole(x, w.unit(x.Text))
		}
	}
	if v := n.Get("verdict"); v != nil {
		w.value(key.Text, v)
	}
	w.list = ""
	for _, e := range n.Get("values").Pairs() {
		w.whole(e.Key, w.get(Value, key.Text+":"+e.Key.Text))
	}
	w.values(n.Get("values"))
}

func (w *walker) values(n *source.Node) {
	for _, e := range n.Pairs() {
		w.value("", e.Value)
	}
}

// value is a value of answers, or their verdict, whose own words are those of
// the list.
func (w *walker) value(list string, n *source.Node) {
	if words := n.Get("words"); words != nil && words.Kind == source.Scalar {
		list = words.Text
		w.whole(words, w.get(WordList, list))
	} else {
		w.words(list, words)
	}
	w.list = list
	w.expression(n.Get("is"))
	w.expression(n.Get("when"))
	w.whole(n.Get("if_none"), w.word(scalar(n.Get("if_none")), list))
	w.values(n.Get("fields"))
}

func (w *walker) review(n *source.Node) {
	for _, section := range n.Get("sections").Pairs() {
		s := section.Value
		question := s.Get("question")
		w.whole(question, w.get(Question, scalar(question)))
		w.expression(s.Get("month"))
		w.expression(s.Get("until"))
		verdict := w.get(Question, scalar(question))
		for _, x := range items(s.Get("list")) {
			list := ""
			if verdict != nil {
				if words := verdict.Node.Get("verdict").Get("words"); words != nil && words.Kind == source.Map {
					list = verdict.ID
				} else {
					list = scalar(words)
				}
			}
			w.whole(x, w.word(x.Text, list))
		}
		for _, c := range s.Get("columns").Pairs() {
			show := c.Value.Get("show")
			for _, x := range append(items(show), show) {
				if path, isFact := strings.CutPrefix(scalar(x), "facts."); isFact {
					w.dotted(x, token{text: path, from: len("facts."), to: len([]rune(x.Text))})
				}
			}
		}
	}
}

// calendar is the name of one, maybe chosen.
func (w *walker) calendar(n *source.Node) {
	switch {
	case n == nil:
	case n.Kind == source.Map && n.Get("by") != nil:
		w.choice(n, w.calendar)
	default:
		w.whole(n, w.get(Calendar, n.Text))
	}
}

func items(n *source.Node) []*source.Node {
	if n == nil {
		return nil
	}
	return slices.Clone(n.Items)
}
