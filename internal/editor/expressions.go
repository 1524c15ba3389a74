package editor

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// unit is what expressions call a rule, or a group of them, by.
func (n *names) unit(name string) *Symbol {
	if s := n.get(Rule, name); s != nil {
		return s
	}
	return n.get(Group, name)
}

// fact is the fact at a path as expressions write it; nil for none.
func (n *names) fact(path string) *Symbol { return n.get(Fact, path) }

// expression notes the names in every text at and below a node.
func (w *walker) expression(n *source.Node) {
	if n == nil {
		return
	}
	if n.Kind == source.Map && n.Get("by") != nil {
		w.choice(n, w.expression)
		return
	}
	for _, e := range n.Entries {
		if !checked.IsProse(e) {
			w.expression(e.Value)
		}
	}
	for _, x := range n.Items {
		w.expression(x)
	}
	if n.Kind != source.Scalar {
		return
	}
	tokens := tokensOf(n.Text)
	for i, t := range tokens {
		switch {
		case t.quoted && w.get(Article, t.text) != nil:
			w.dotted(n, t)
		case t.quoted:
			if list := w.listBeside(tokens, i); w.get(Word, list+":"+t.text) != nil {
				w.note(n, t.from, t.to, w.get(Word, list+":"+t.text))
			} else {
				w.note(n, t.from, t.to, w.word(t.text, w.list))
			}
		case t.member:
			w.member(n, tokens, t)
		case t.call && w.get(Fact, t.text) == nil:
		default:
			w.dotted(n, t)
		}
	}
}

// dotted notes what each part of a dotted name means.
func (w *walker) dotted(n *source.Node, t token) {
	if s := w.get(Article, t.text); s != nil {
		w.note(n, t.from, t.to, s)
		regulation, _, _ := strings.Cut(t.text, "/")
		w.note(n, t.from, t.from+len(regulation), w.get(Regulation, regulation))
		return
	}
	parts := segments(t.text)
	first := parts[0]
	s := w.get(Fact, first.text)
	if s == nil {
		if s = w.unit(first.text); s == nil && len(parts) == 1 {
			s = w.get(Calendar, first.text)
		}
		w.note(n, t.from, t.from+first.to, s)
		return
	}
	w.note(n, t.from, t.from+first.to, s)
	w.fieldsBelow(n, t, s, parts[1:])
}

// fieldsBelow notes the fields of a fact that follow its name.
func (w *walker) fieldsBelow(n *source.Node, t token, s *Symbol, parts []segment) {
	for _, part := range parts {
		if s = w.get(Fact, s.ID+"."+part.text); s == nil {
			return
		}
		w.note(n, t.from+part.from, t.from+part.to, s)
	}
}

// member notes the field of an element, as in any(lines, .count > 3).
func (w *walker) member(n *source.Node, tokens []token, t token) {
	parts := segments(t.text)
	if s := w.element(tokens, parts[0].text); s != nil {
		w.note(n, t.from, t.from+parts[0].to, s)
		w.fieldsBelow(n, t, s, parts[1:])
	}
}

// element is the field of that name of the elements that an expression, or the
// rule around it, is about; nil where it is none of a fact, or of which is not to
// be told.
func (w *walker) element(tokens []token, name string) *Symbol {
	fields := w.elements[name]
	if len(fields) == 0 {
		return nil
	}
	for _, list := range w.listsIn(tokens) {
		if list.rule != nil {
			if list.rule.Node.Get("fields").Get(name) != nil || list.rule.Node.Get("group_by").Get(name) != nil {
				return nil // the rule computes it
			}
			continue
		}
		if i := slices.IndexFunc(fields, func(f *Symbol) bool { return strings.HasPrefix(f.ID, list.fact+"[].") }); i >= 0 {
			return fields[i]
		}
	}
	if len(fields) == 1 {
		return fields[0]
	}
	return nil
}

// listFinder finds the facts that are lists in expressions, and in those of the
// rules that they name.
type listFinder struct {
	*names
	seen map[string]bool // rules
	all  []listOrRule
}

// listOrRule is a fact that is a list, or a rule that gives records with fields
// of its own.
type listOrRule struct {
	fact string
	rule *Symbol
}

// listsIn are those of an expression, followed by those of the rule around it.
func (w *walker) listsIn(tokens []token) []listOrRule {
	f := &listFinder{names: w.names, seen: map[string]bool{}}
	f.in(tokens)
	f.of(w.rule)
	return f.all
}

func (f *listFinder) in(tokens []token) {
	for _, t := range tokens {
		if t.quoted || t.member {
			continue
		}
		root := segments(t.text)[0].text
		if f.get(Fact, root) != nil {
			for id := t.text; id != ""; id = id[:max(0, strings.LastIndexByte(id, '.'))] {
				if s := f.get(Fact, id); s != nil && strings.HasPrefix(s.Type, "list") {
					f.all = append(f.all, listOrRule{fact: s.ID})
				}
			}
		} else if s := f.unit(root); s != nil && !f.seen[root] {
			f.seen[root] = true
			if s.Node.Get("fields") != nil {
				f.all = append(f.all, listOrRule{rule: s})
			}
			f.of(s.Node)
		}
	}
}

func (f *listFinder) of(n *source.Node) {
	for _, e := range n.Pairs() {
		if !checked.IsProse(e) {
			if e.Value.Kind == source.Scalar {
				f.in(tokensOf(e.Value.Text))
			}
			f.of(e.Value)
		}
	}
}

// word is a word of a list or, where that does not have it, of the only list
// that does; nil where that is not to be told.
func (n *names) word(word, list string) *Symbol {
	if s := n.get(Word, list+":"+word); s != nil {
		return s
	}
	if all := n.words[word]; len(all) == 1 {
		return all[0]
	}
	return nil
}

// listOfRule is the list of the words of the first fact that is a value of the
// rule, else of those that the rule gives; "" where there is none.
func (w *walker) listOfRule() string {
	for _, e := range w.rule.Pairs() {
		if e.Value.Kind != source.Scalar || checked.IsProse(e) {
			continue
		}
		if f := w.fact(e.Value.Text); f != nil && f.List != "" {
			return f.List
		}
	}
	return w.list
}

// listBeside is the list of the words of the nearest fact before a token, else
// behind it; "" where there is none.
func (w *walker) listBeside(tokens []token, at int) string {
	for i := at - 1; i >= 0; i-- {
		if list, known := w.listOf(tokens[i]); known {
			return list
		}
	}
	for i := at + 1; i < len(tokens); i++ {
		if list, known := w.listOf(tokens[i]); known {
			return list
		}
	}
	return ""
}

// listOf is the list of the words of a token that is a fact; known says whether
// it is one, or a rule.
func (w *walker) listOf(t token) (list string, known bool) {
	switch {
	case t.quoted:
		return "", false
	case t.member:
		for _, f := range w.elements[lastPart(t.text)] {
			if f.List != "" {
				return f.List, true
			}
		}
		return "", len(w.elements[t.text]) > 0
	}
	if f := w.fact(t.text); f != nil {
		return f.List, f.List != ""
	}
	if s := w.unit(segments(t.text)[0].text); s != nil {
		return scalar(s.Node.Get("words")), true
	}
	return "", false
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
