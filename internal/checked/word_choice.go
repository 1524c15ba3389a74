package checked

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// A value may be chosen by a fact that is a word, or yes or no:
//
//	within: {by: ticket.priority, p1: 4 hours, otherwise: 2 working days}
//	within: {by: ticket.urgent, yes: 4 hours, no: 2 working days}
//
// Which word it is, is known only when a question is asked. So the rules of a
// unit are built once for each word that makes a difference, as if that word
// were a reading's option; see variant. No form needs to know of it: a field
// that is read while the unit is built – a length, a calendar, a list of codes,
// an expression – may be chosen so as it is.

// ChosenWord is the word of a fact that values are chosen by; "" stands for
// those that no choice names.
type ChosenWord struct{ fact, word string }

// Condition is an expression that holds where the word is chosen, one of those of
// the choice.
func (c ChosenWord) Condition(of WordChoice) string {
	if c.word != "" {
		return c.fact + " == " + wordIn(c.word, of.YesNo)
	}
	var others []string
	for _, w := range of.Words {
		if w != "" {
			others = append(others, c.fact+" != "+wordIn(w, of.YesNo))
		}
	}
	return strings.Join(others, " and ")
}

// wordOf is the word that a selection has for a fact.
func (s Selection) wordOf(fact string) string {
	for _, c := range s.Words {
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

// WordFact is the fact, of whatever type, of a path such as ticket.priority, nil where it is none
// that stands outside of lists.
func (b *Book) WordFact(path string) *Fact {
	f := b.FactsByName[RootOf(path)]
	for _, name := range strings.Split(path, ".")[1:] {
		if f == nil || f.Typ == nil || f.Typ.Kind != value.Record {
			return nil
		}
		f = f.Vars[name]
	}
	return f
}

// The words for what a fact that is yes or no may be.
const (
	Yes = "yes"
	No  = "no"
)

// YesOrNoMeant is the word for which people write another as the key of a choice by
// yes or no; "" for none.
func YesOrNoMeant(text string) string {
	switch strings.ToLower(text) {
	case "true", "y", "on", "是":
		return Yes
	case "false", "n", "off", "否":
		return No
	}
	return ""
}

// wordIn is a word as an expression has it that compares a fact with it.
func wordIn(word string, yesNo bool) string {
	if yesNo {
		return strconv.FormatBool(word == Yes)
	}
	return strconv.Quote(word)
}

// WordsOf are the words of a type that values may be chosen by; nil for one that
// is neither a word nor yes or no.
func WordsOf(t *value.Type) []string {
	switch {
	case t == nil:
		return nil
	case t.Kind == value.YesNo:
		return []string{Yes, No}
	case t.Kind == value.Word && t.Words != nil:
		return t.Words.Each
	}
	return nil
}

// WordPaths are the parts of a declared fact that values may be chosen by.
func (b *Book) WordPaths(root string) []string {
	var paths []string
	var walk func(f *Fact, path string)
	walk = func(f *Fact, path string) {
		if WordsOf(f.Typ) != nil {
			paths = append(paths, path)
		}
		for _, x := range f.Fields {
			walk(x, path+"."+x.Name)
		}
	}
	if f := b.FactsByName[root]; f != nil {
		walk(f, root)
	}
	return paths
}

// WordPathsCalled are the paths of the facts that values may be chosen by which
// have this label, or this name where they are fields.
func (b *Book) WordPathsCalled(text string) []string {
	var called []string
	for _, root := range slices.Sorted(maps.Keys(b.FactsByName)) {
		for _, path := range b.WordPaths(root) {
			if f := b.WordFact(path); f != nil && slices.Contains([]string{f.Name, f.Label.ZH, f.Label.EN}, text) {
				called = append(called, path)
			}
		}
	}
	return called
}

// WordChoice is a fact that values of a unit are chosen by.
type WordChoice struct {
	Fact   string
	YesNo  bool         // it is yes or no
	Words  []string     // that are named, and "" where there are others
	Absent bool         // where there is no word, every choice says what holds otherwise
	By     *source.Node // the first place
}

// WordChoices are the facts that values of the nodes are chosen by, in the order
// of the text.
func (b *Book) WordChoices(nodes ...*source.Node) []WordChoice {
	var all []WordChoice
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		if by := n.Get("by"); IsBy(n) && by.Text != "date" && b.ReadingsByKey[by.Text] == nil && !ElementPath(by.Text) {
			i := slices.IndexFunc(all, func(c WordChoice) bool { return c.Fact == by.Text })
			if i < 0 {
				i = len(all)
				all = append(all, WordChoice{Fact: by.Text, Absent: true, By: by})
			}
			c := &all[i]
			c.Absent = c.Absent && n.Get("otherwise") != nil
			for _, e := range n.Entries {
				if word := e.Key.Text; word != "by" && word != "otherwise" && !slices.Contains(c.Words, word) {
					c.Words = append(c.Words, word)
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
		f := b.WordFact(c.Fact)
		if f == nil {
			c.Words = append(c.Words, "")
			continue
		}
		c.YesNo = f.Typ.Kind == value.YesNo
		words := WordsOf(f.Typ)
		if c.Absent || words == nil || slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(c.Words, w) }) {
			c.Words = append(c.Words, "")
		}
	}
	return all
}

// ChosenBy are the facts that values of a rule are chosen by.
func (b *Book) ChosenBy(n *source.Node, s Selection) []string {
	if s.Words == nil {
		return nil
	}
	var facts []string
	for _, c := range b.WordChoices(n) {
		facts = append(facts, c.Fact)
	}
	return facts
}

// RootOf is the declared fact that a path begins with.
func RootOf(path string) string {
	root, _, _ := strings.Cut(path, ".")
	return root
}

// CombinationsOf are the words that facts may have together.
func CombinationsOf(choices []WordChoice) [][]ChosenWord {
	all := [][]ChosenWord{nil}
	for _, c := range choices {
		var more [][]ChosenWord
		for _, words := range all {
			for _, w := range c.Words {
				more = append(more, append(slices.Clip(slices.Clone(words)), ChosenWord{c.Fact, w}))
			}
		}
		all = more
	}
	return all
}

// MaxWordVariants bounds how often the rules of one unit are built.
const MaxWordVariants = 200

// variantsOf is how often the rules of a unit are built; where that is too
// often, some number above the bound.
func (b *Book) variantsOf(g Group) int {
	n := 1
	for _, c := range b.WordChoices(g.Nodes()...) {
		if n *= len(c.Words); n > MaxWordVariants {
			break
		}
	}
	return n
}

// Builds is how many parts are made of the rules of a unit.
func (b *Book) Builds(g Group) int { return len(g.Rules) * b.variantsOf(g) }

// Nodes are those that the rules stand in.
func (g Group) Nodes() []*source.Node {
	nodes := make([]*source.Node, len(g.Rules))
	for i, r := range g.Rules {
		nodes[i] = r.Node
	}
	return nodes
}
