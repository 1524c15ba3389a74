package condition

import "github.com/servicerules/rulebook/internal/value"

// mix is the common type of the two results of a choice whose words may be from
// several lists: those of a clock, say, in one case and the place's own in the
// other. Where one list holds the words of both it is that list, as elsewhere.
func (c *checker) mix(a, b *node) *value.Type {
	x, y := wordsOf(a), wordsOf(b)
	if x == nil && y == nil || !mayMix(a) || !mayMix(b) {
		return c.unify(a, b)
	}
	if t := common(a.typ, b.typ); t != nil && fits(a, t) && fits(b, t) {
		return c.unify(a, b)
	}
	t := &value.Type{Kind: value.Word, Words: joined(c.words, x, y)}
	c.adopt(a, t)
	c.adopt(b, t)
	return t
}

// mayMix reports whether the node gives a word, of a list or not of one yet.
func mayMix(n *node) bool { return n.typ == openText || wordsOf(n) != nil }

// wordsOf is the list of words that a node gives one of, or nil.
func wordsOf(n *node) *value.Words {
	if n.typ.Kind != value.Word {
		return nil
	}
	return n.typ.Words
}

// fits reports whether all literals that wait for their list are words of it.
func fits(n *node, t *value.Type) bool {
	switch {
	case n.typ != openText || t.Words == nil:
		return true
	case n.op == opConst:
		return n.constant.State != value.Known || t.Words.Index(n.constant.S()) >= 0
	case n.op == opTernary:
		return fits(n.kids[1], t) && fits(n.kids[2], t)
	}
	return true
}

// joined are the words of several lists, under the name of the first; nil is
// none.
func joined(first *value.Words, more ...*value.Words) *value.Words {
	all := &value.Words{}
	if first != nil {
		all = first
	}
	for _, list := range more {
		if list != nil {
			all = all.With(list)
		}
	}
	return all
}

// engineWords are those of the list that are the engine's own.
func engineWords(list *value.Words) *value.Words { return &value.Words{Each: list.Engine} }
