package policy

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// A value may be chosen by a fact that is a word:
//
//	within: {by: ticket.priority, p1: 4 hours, otherwise: 2 working days}
//
// Which word it is, is known only when a question is asked. So the rules of a
// unit are built once for each word that makes a difference, as if that word
// were a reading's option; see variant. No form needs to know of it: a field
// that is read while the unit is built – a length, a calendar, a list of codes,
// an expression – may be chosen so as it is.

// chosenWord is the word of a fact that values are chosen by; "" stands for
// those that no choice names.
type chosenWord struct{ fact, word string }

// wordOf is the word that a selection has for a fact.
func (s selection) wordOf(fact string) string {
	for _, c := range s.words {
		if c.fact == fact {
			return c.word
		}
	}
	return ""
}

// branchOfWord is what a choice comes to for a word, the first value where
// that is not said.
func branchOfWord(n *source.Node, word string) *source.Node {
	if word != "" && word != "by" {
		if pick := n.Get(word); pick != nil {
			return pick
		}
	}
	if pick := n.Get("otherwise"); pick != nil {
		return pick
	}
	for _, e := range n.Entries {
		if e.Key.Text != "by" {
			return e.Value
		}
	}
	return n.Get("by")
}

// wordFact is the fact of a path such as ticket.priority, nil where it is none
// that stands outside of lists.
func (b *CheckedBook) wordFact(path string) *checkedFact {
	f := b.facts[rootOf(path)]
	for _, name := range strings.Split(path, ".")[1:] {
		if f == nil || f.typ == nil || f.typ.Kind != value.Record {
			return nil
		}
		f = f.vars[name]
	}
	return f
}

// wordPaths are the words of a declared fact that values may be chosen by.
func (b *CheckedBook) wordPaths(root string) []string {
	var paths []string
	var walk func(f *checkedFact, path string)
	walk = func(f *checkedFact, path string) {
		if f.typ != nil && f.typ.Kind == value.Word {
			paths = append(paths, path)
		}
		for _, x := range f.Fields {
			walk(x, path+"."+x.Name)
		}
	}
	if f := b.facts[root]; f != nil {
		walk(f, root)
	}
	return paths
}

// wordChoice is a fact that values of a unit are chosen by.
type wordChoice struct {
	fact   string
	words  []string     // that are named, and "" where there are others
	absent bool         // where there is no word, every choice says what holds otherwise
	by     *source.Node // the first place
}

// wordChoices are the facts that values of the nodes are chosen by, in the order
// of the text.
func (b *CheckedBook) wordChoices(nodes ...*source.Node) []wordChoice {
	var all []wordChoice
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		if by := n.Get("by"); isBy(n) && by.Text != "date" && b.readings[by.Text] == nil {
			i := slices.IndexFunc(all, func(c wordChoice) bool { return c.fact == by.Text })
			if i < 0 {
				i = len(all)
				all = append(all, wordChoice{fact: by.Text, absent: true, by: by})
			}
			c := &all[i]
			c.absent = c.absent && n.Get("otherwise") != nil
			for _, e := range n.Entries {
				if word := e.Key.Text; word != "by" && word != "otherwise" && !slices.Contains(c.words, word) {
					c.words = append(c.words, word)
				}
			}
		}
		for _, e := range n.Entries {
			walk(e.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	for i := range all {
		c := &all[i]
		f := b.wordFact(c.fact)
		if c.absent || f == nil || f.typ.Words == nil || slices.ContainsFunc(f.typ.Words.Each, func(w string) bool { return !slices.Contains(c.words, w) }) {
			c.words = append(c.words, "")
		}
	}
	return all
}

// chosenBy are the facts that values of a rule are chosen by.
func (b *CheckedBook) chosenBy(n *source.Node, s selection) []string {
	if s.words == nil {
		return nil
	}
	var facts []string
	for _, c := range b.wordChoices(n) {
		facts = append(facts, c.fact)
	}
	return facts
}

// rootOf is the declared fact that a path begins with.
func rootOf(path string) string {
	root, _, _ := strings.Cut(path, ".")
	return root
}

// combinationsOf are the words that facts may have together.
func combinationsOf(choices []wordChoice) [][]chosenWord {
	all := [][]chosenWord{nil}
	for _, c := range choices {
		var more [][]chosenWord
		for _, words := range all {
			for _, w := range c.words {
				more = append(more, append(slices.Clip(slices.Clone(words)), chosenWord{c.fact, w}))
			}
		}
		all = more
	}
	return all
}

// maxWordVariants bounds how often the rules of one unit are built.
const maxWordVariants = 200

// variantsOf is how often the rules of a unit are built; where that is too
// often, some number above the bound.
func (b *CheckedBook) variantsOf(g group) int {
	n := 1
	for _, c := range b.wordChoices(g.nodes()...) {
		if n *= len(c.words); n > maxWordVariants {
			break
		}
	}
	return n
}

// builds is how many parts are made of the rules of a unit.
func (b *CheckedBook) builds(g group) int { return len(g.rules) * b.variantsOf(g) }

func (g group) nodes() []*source.Node {
	nodes := make([]*source.Node, len(g.rules))
	for i, r := range g.rules {
		nodes[i] = r.node
	}
	return nodes
}

// checkWords reports whether a choice by a fact can be made, and what is wrong
// with it.
func (l *loader) checkWords(n, by *source.Node, f *checkedFact) bool {
	if f.typ.Kind != value.Word || f.typ.Words == nil || f.Words == nil {
		l.fail("word_expected", by, diagnostic.Textf("%s 不是词，不能由它选值", "%s is no word, and a value cannot be chosen by it", by.Text),
			diagnostic.Textf("by 之后写词类的事实、读法或 date；按数值或条件取值，在表达式里写 条件 ? 甲 : 乙",
				"write a fact that is a word, a reading or date behind by; to choose by a number or a condition, write condition ? a : b in an expression"))
		return false
	}
	before := len(l.found)
	given := map[string]bool{}
	for _, e := range n.Entries {
		word := e.Key.Text
		if word == "by" {
			continue
		}
		if word != "otherwise" && f.typ.Words.Index(word) < 0 {
			remedy := diagnostic.OneOf(word, f.typ.Words.Each)
			switch strings.ToLower(word) {
			case "other", "else", "default", "others", "_", "*", "其他", "其它", "其余":
				remedy = diagnostic.Textf("其余的词写 otherwise", "write otherwise for all other words")
			}
			l.fail("unknown_word", e.Key, diagnostic.Textf("事实 %s 没有 %q 这个词", "%[2]q is none of the words of the fact %[1]s", by.Text, word), remedy)
			if near := f.Words.nearest(word); near != "" {
				given[near] = true
			}
		}
		given[word] = true
	}
	missing := slices.DeleteFunc(slices.Clone(f.typ.Words.Each), func(w string) bool { return given[w] })
	switch {
	case len(n.Entries) < 2:
		l.fail("missing_option", by, diagnostic.Textf("by: %s 之下没有值", "by: %s has no values", by.Text), diagnostic.Textf("补上“词: 值”", "add word: value"))
	case len(missing) > 0 && !given["otherwise"] && len(l.found) == before:
		l.fail("missing_option", by, diagnostic.Textf("事实 %s 为 %s 时没有对应的值", "no value for where the fact %s is %s", by.Text, some(missing)),
			diagnostic.Textf("补上 %s: …，或 otherwise: …", "add %s: …, or otherwise: …", missing[0]))
	}
	return len(l.found) == before
}

// nestChoices writes a choice by several as one within the other:
//
//	{by: [a, b], x: {p: 1, q: 2}, y: 3}  is  {by: a, x: {by: b, p: 1, q: 2}, y: 3}
//
// What stands where a further map of words might is the value for all of them.
func nestChoices(n *source.Node) {
	if n == nil {
		return
	}
	if at := slices.IndexFunc(n.Entries, func(e source.Entry) bool { return e.Key.Text == "by" }); at >= 0 && len(n.Entries[at].Value.Items) > 0 {
		by := n.Entries[at]
		n.Entries[at].Value = by.Value.Items[0]
		rest := *by.Value
		rest.Items = by.Value.Items[1:]
		for i := range n.Entries {
			if v := n.Entries[i].Value; i != at && len(rest.Items) > 0 && v.Kind == source.Map && v.Get("by") == nil {
				inner := *v
				inner.Entries = append([]source.Entry{{Key: by.Key, Value: &rest}}, v.Entries...)
				n.Entries[i].Value = &inner
			}
		}
	}
	for _, e := range n.Entries {
		nestChoices(e.Value)
	}
	for _, item := range n.Items {
		nestChoices(item)
	}
}

// chosenByFact notes the fact that a choice is by, and its words.
func (u *usage) chosenByFact(n *source.Node) {
	by := n.Get("by").Text
	if u.book.readings[by] != nil || u.book.wordFact(by) == nil {
		return
	}
	u.names[rootOf(by)] = true
	for _, name := range strings.Split(by, ".")[1:] {
		u.fields[name] = true
	}
	for _, e := range n.Entries {
		u.spoken[e.Key.Text] = true
	}
}

// tooManyWords reports units of which there would be too many variants.
func (l *loader) tooManyWords() {
	for _, g := range l.book.groups() {
		n := 1
		for _, c := range l.book.wordChoices(g.nodes()...) {
			if n *= len(c.words); n <= maxWordVariants {
				continue
			}
			l.fail("too_many_words_together", c.by, diagnostic.Textf("规则 %s 的值由几个事实选，合起来超过 %d 种情形", "values of the rule %s are chosen by facts with more than %d combinations of words", g.name, maxWordVariants),
				diagnostic.Textf("合并相同的词，写在 otherwise 下；或分成几条规则", "write words that have the same values as one, under otherwise, or make several rules of it"))
			for _, r := range g.rules {
				l.unsound[r.node] = true
			}
			break
		}
	}
}
