package editor

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// RenameInCases are the edits by which a file of cases of the rulebook speaks of
// a symbol by its new name; after is the rulebook that has it. A file that
// cannot be read has none. Where a case speaks of what may be of several lists
// and nothing says of which, it is left: whoever asks runs the cases.
func (p *Project) RenameInCases(s *Symbol, name string, after *Project, t *Text) []Edit {
	root := source.Nodes("", []byte(t.s))
	all := p.together(s)
	var edits []Edit
	for _, o := range p.inCaseNodes(root) {
		if slices.Contains(all, o.Symbol) {
			edits = append(edits, Edit{Range: o.Range, Text: name})
		}
	}
	return append(edits, p.renamedPaths(after, root)...)
}

// renamedPaths are the edits of the paths of the changes that a file of cases
// makes to the rulebook.
func (p *Project) renamedPaths(after *Project, root *source.Node) []Edit {
	var edits []Edit
	for _, e := range root.Get("changes").Pairs() {
		for _, f := range p.files {
			n := f.node().At(e.Key.Text)
			if n == nil {
				continue
			}
			now := n.In(after.file(f.path).node())
			if path := now.Path(); now != nil && path != n.Path() {
				edits = append(edits, Edit{Range: Range{e.Key.Start, e.Key.End}, Text: source.Written(path, e.Key.InFlow())})
			}
			break
		}
	}
	return edits
}

// caseWalker goes through cases and notes what names in them mean.
type caseWalker struct {
	*walker
	question *Symbol
}

func (w *caseWalker) oneCase(c *source.Node) {
	w.question = w.get(Question, scalar(c.Get("question")))
	w.rule = nil
	if w.question != nil {
		w.whole(c.Get("question"), w.question)
		w.rule = w.question.Node
	}
	for _, e := range c.Get("readings").Pairs() {
		w.readingNamed(e.Key)
		w.readingGiven(e.Key, e.Value)
	}
	for _, e := range c.Get("facts").Pairs() {
		w.factNamed(e.Key)
		w.factGiven(e.Key, e.Value)
	}
	for _, e := range c.Get("expect").Pairs() {
		w.expectedNamed(e.Key)
		w.expected(e.Key, e.Value)
	}
	w.table(c.Get("table"))
}

// table is a table of cases: the names of its columns, and the cells below each.
func (w *caseWalker) table(n *source.Node) {
	column := 0
	for _, part := range []struct {
		key  string
		name func(name *source.Node)
		cell func(name, value *source.Node)
	}{{"facts", w.factNamed, w.factGiven}, {"readings", w.readingNamed, w.readingGiven}, {"expect", w.expectedNamed, w.expected}} {
		for _, name := range items(n.Get(part.key)) {
			part.name(name)
			for _, row := range items(n.Get("rows")) {
				if column < len(row.Items) {
					part.cell(name, row.Items[column])
				}
			}
			column++
		}
	}
}

func (w *caseWalker) readingNamed(key *source.Node)        { w.whole(key, w.get(Reading, key.Text)) }
func (w *caseWalker) readingGiven(key, value *source.Node) { w.chosen(key.Text, value) }

// factAt are the fact that a key names, by its name in the question, and the
// fields that follow it behind dots; nil for what there is not.
func (w *caseWalker) factAt(key string) []*Symbol {
	var path []*Symbol
	for i, part := range segments(key) {
		if i == 0 {
			path = append(path, w.taken(part.text))
		} else {
			path = append(path, w.fieldOf(path[i-1], part.text))
		}
	}
	return path
}

func (w *caseWalker) factNamed(key *source.Node) {
	path := w.factAt(key.Text)
	for i, part := range segments(key.Text) {
		if path[i] != nil && path[i].Name == part.text { // the question may have another name for it
			w.note(key, part.from, part.to, path[i])
		}
	}
}

func (w *caseWalker) factGiven(key, value *source.Node) {
	path := w.factAt(key.Text)
	w.given(path[len(path)-1], value)
}

// taken is the fact that the question takes under a name; nil for none.
func (w *caseWalker) taken(name string) *Symbol {
	if w.question != nil {
		for _, x := range items(w.question.Node.Get("facts")) {
			if fact := x.Get(name); fact != nil {
				return w.get(Fact, fact.Text)
			}
		}
	}
	return w.get(Fact, name)
}

// fieldOf is a field of a record, or of a list's elements; nil for none.
func (w *caseWalker) fieldOf(s *Symbol, name string) *Symbol {
	if s == nil {
		return nil
	}
	return one(slices.DeleteFunc(slices.Clone(w.fieldsOf[s.ID]), func(f *Symbol) bool { return f.Name != name }))
}

// given is what a fact is said to be.
func (w *caseWalker) given(s *Symbol, n *source.Node) {
	if s == nil || n == nil {
		return
	}
	for _, x := range n.Items {
		w.given(s, x)
	}
	for _, e := range n.Entries {
		f := w.fieldOf(s, e.Key.Text)
		if f != nil {
			w.whole(e.Key, f)
		}
		w.given(f, e.Value)
	}
	switch {
	case n.Kind != source.Scalar:
	case s.List != "":
		w.whole(n, w.get(Word, s.List+":"+n.Text))
	case strings.HasSuffix(s.Type, "article"):
		w.told(n)
	}
}

// expectedNamed is a column of what answers are to have.
func (w *caseWalker) expectedNamed(key *source.Node) {
	if reading, ok := strings.CutPrefix(key.Text, "readings."); ok {
		w.note(key, len("readings."), len([]rune(key.Text)), w.get(Reading, reading))
		return
	}
	if head, _, _ := strings.Cut(key.Text, "."); w.question != nil {
		w.note(key, 0, len([]rune(head)), w.get(Value, w.question.ID+":"+head))
	}
}

// expected is what an answer is to have under a key.
func (w *caseWalker) expected(key, n *source.Node) {
	head, rest, dotted := strings.Cut(key.Text, ".")
	switch head {
	case "verdict":
		if w.question != nil {
			w.answered(w.question.Node.Get("verdict"), w.question.ID, n)
		}
	case "readings":
		if dotted {
			w.chosen(rest, n)
		}
		for _, e := range n.Pairs() {
			w.readingNamed(e.Key)
			w.chosen(e.Key.Text, e.Value)
		}
	case "breaches", "cites", "cites_only", "rules", "rules_only", "missing_facts", "error", "liable", "decisions", "needs_decision":
		w.told(n)
	case "question":
		w.whole(n, w.get(Question, scalar(n)))
	case "rulebook", "provisional":
	default:
		if w.question != nil {
			w.answered(w.question.Node.Get("values").Get(head), "", n)
		}
	}
}

// answered is a value of an answer, or its verdict: words of its list or, where
// it is a fact or of a rule, of theirs.
func (w *caseWalker) answered(value *source.Node, list string, n *source.Node) {
	if value == nil || n == nil {
		return
	}
	f, list := w.saidBy(value, list)
	if f != nil {
		w.given(f, n)
		return
	}
	var of []*Symbol
	for _, t := range tokensOf(scalar(value.Get("is"))) {
		if s := w.unit(segments(t.text)[0].text); s != nil && list == "" && !t.quoted && !t.member {
			of = append(of, s)
		}
	}
	w.wordsBelow(list, of, n)
}

// saidBy is what says which words a value of an answer may be: the fact that it
// is; nil, and a list of words, where it is none. The list is the one that is
// given, unless the value says another; "" where nothing says any.
func (w *caseWalker) saidBy(value *source.Node, list string) (*Symbol, string) {
	is := scalar(value.Get("is"))
	if f := w.fact(is); f != nil {
		return f, ""
	}
	if words := value.Get("words"); words != nil && words.Kind == source.Scalar {
		return nil, words.Text
	}
	if tokens := tokensOf(is); list == "" && len(tokens) > 0 {
		list, _ = w.listOf(tokens[0])
	}
	return nil, list
}

// wordsBelow are the words in a value, whatever its shape: those of a list, and
// the names of rules that others tell of, as a weighing tells of its factors.
func (w *caseWalker) wordsBelow(list string, of []*Symbol, n *source.Node) {
	for _, x := range n.Items {
		w.wordsBelow(list, of, x)
	}
	for _, e := range n.Entries {
		w.wordsBelow(list, of, e.Value)
	}
	if n.Kind != source.Scalar {
		return
	}
	if r := w.get(Rule, n.Text); r != nil && slices.ContainsFunc(of, func(s *Symbol) bool { return isOf(r, s) }) {
		w.whole(n, r)
		return
	}
	w.whole(n, w.word(n.Text, list))
}

// isOf reports whether a rule is part of another, or one that the other is of.
func isOf(r, whole *Symbol) bool {
	named := func(n *source.Node, name string) bool {
		return n != nil && (n.Text == name || slices.ContainsFunc(n.Items, func(x *source.Node) bool { return x.Text == name }))
	}
	return named(r.Node.Get("part_of"), whole.Name) || named(whole.Node.Get("of"), r.Name)
}

// told are the articles, rules, facts and words that an answer is to tell of.
func (w *caseWalker) told(n *source.Node) {
	if n == nil {
		return
	}
	for _, x := range n.Items {
		w.told(x)
	}
	for _, e := range n.Entries {
		w.told(e.Value)
	}
	if n.Kind != source.Scalar {
		return
	}
	var list *Symbol                     // whose elements are spoken of
	for _, t := range tokensOf(n.Text) { // time_limit/6#overdue, time_limit.install, request.kind, lines[1].at
		regulation, rule, dotted := strings.Cut(t.text, ".")
		r := w.get(Regulation, regulation)
		if path := w.factAt(t.text); !t.member && path[len(path)-1] != nil {
			list = path[len(path)-1]
		}
		switch {
		case t.member:
			for _, part := range segments(t.text) {
				if list = w.fieldOf(list, part.text); list == nil {
					break
				}
				w.note(n, t.from+part.from, t.from+part.to, list)
			}
		case w.get(Article, t.text) != nil, w.taken(regulation) != nil:
			w.dotted(n, t)
		case dotted && r != nil:
			w.note(n, t.from, t.from+len(regulation), r)
			w.note(n, t.from+len(regulation)+1, t.to, w.unit(rule))
		case w.unit(t.text) != nil:
			w.dotted(n, t)
		default:
			w.note(n, t.from, t.to, w.word(t.text, ""))
		}
	}
}
