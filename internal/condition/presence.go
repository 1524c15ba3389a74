package condition

import (
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/value"
)

// What rules compute may be none, too: a figure whose condition does not hold, a
// deadline of what never began. When it is there follows from the conditions and
// expressions that it comes from; whoever has asked the same before, in `when` say,
// has guarded it.

// Source is what an output of a rule comes from: where When holds, it is computed
// from what Is gives, and is none where that is. Nil of either is a condition that
// always holds, and a value that is always there.
type Source struct{ When, Is *Program }

// Outputs are the sources of outputs, by slot. One that is not listed, or has no
// sources, is taken to be there. Sources of one condition hold together. Where they
// have several, these are taken to leave nothing out: that is for analyse to find.
type Outputs map[int][]Source

// maxPresenceSteps bounds how far the analysis of one expression follows outputs.
// Behind, they are taken to be there.
const maxPresenceSteps = 20_000

// truthKey is the key of that a node holds, or does not: of a comparison one,
// whichever of its sides is written first.
func truthKey(n *node, holds bool) string {
	if (n.op == opCompare || n.op == opIsNull) && n.name == "!=" {
		return truthKey(n.withName("=="), !holds)
	}
	if n.op == opCompare && n.kids[0].key() > n.kids[1].key() {
		mirrored := n.withName(n.name)
		if other := mirror[n.name]; other != "" {
			mirrored.name = other
		}
		mirrored.kids = []*node{n.kids[1], n.kids[0]}
		n = mirrored
	}
	return "\x02" + strconv.FormatBool(holds) + n.closedKey()
}

// withName is a node that differs by its operator.
func (n *node) withName(name string) *node {
	other := *n
	other.name = name
	return &other
}

// mirror has the comparisons of the sides the other way round.
var mirror = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}

// closedKey is the key of a node; of one that looks at no element but those of its
// own loops, it stays what it is inside of another.
func (n *node) closedKey() string {
	if n.looksAtElement() {
		return n.key()
	}
	return strings.ReplaceAll(n.key(), elemKey, "\x05")
}

// sources are those of an output that have one condition, and that; none for any
// other, and where the analysis has gone on for too long.
func (a *absences) sources(slot int) (all []Source, when *Program) {
	all = a.outputs[slot]
	if len(all) == 0 || !a.step() {
		return nil, nil
	}
	when = all[0].When
	if slices.ContainsFunc(all, func(s Source) bool { return s.When != when }) {
		return nil, nil
	}
	return all, when
}

// only is the expression that an output is, without a condition; nil for any other.
func (a *absences) only(slot int) *Program {
	if all, when := a.sources(slot); len(all) == 1 && when == nil {
		return all[0].Is
	}
	return nil
}

func (a *absences) step() bool {
	a.steps++
	return a.steps <= maxPresenceSteps
}

// outputMayBeNone reports whether an output may be none where k is known.
func (a *absences) outputMayBeNone(slot int, k known) bool {
	if len(a.outputs[slot]) == 0 {
		return false
	}
	k = k.inLoop(nil) // its expressions look at no element of ours
	if _, when := a.sources(slot); when != nil && !a.holds(when.root, true, k) {
		return true
	}
	return a.steps <= maxPresenceSteps && slices.ContainsFunc(a.outputs[slot], func(s Source) bool {
		if s.Is == nil {
			return false
		}
		in := k
		if s.When != nil {
			in = k.and(a.implied(s.When.root, true, k))
		}
		return a.mayBeNone(s.Is.root, in)
	})
}

// holds reports whether it is known that a condition holds, or that it does not.
func (a *absences) holds(n *node, want bool, k known) bool {
	if !a.goesOn() {
		return false
	}
	if k[truthKey(n, want)] {
		return true
	}
	each := func(x *node) bool { return a.holds(x, want, k) }
	switch n.op {
	case opConst:
		return n.constant.IsKnown() && n.constant.K == value.YesNo && n.constant.True() == want
	case opAnd, opOr:
		if (n.op == opAnd) == want {
			return !slices.ContainsFunc(n.kids, func(x *node) bool { return !each(x) })
		}
		return slices.ContainsFunc(n.kids, each) || a.holdsByWord(n, want, k)
	case opTernary:
		return each(n.kids[1]) && (each(n.kids[2]) || a.holds(n.kids[0], true, k)) || each(n.kids[2]) && a.holds(n.kids[0], false, k)
	case opNot:
		return a.holds(n.kids[0], !want, k)
	case opIsNull:
		return (n.name == "!=") == want && !a.mayBeNone(n.kids[0], k)
	case opCompare:
		return a.holdsComparison(n, want, k)
	case opIn:
		return a.isOneOf(n, want, k)
	case opFact:
		if is := a.only(n.slot); is != nil && n.typ.Kind == value.YesNo {
			return a.holds(is.root, want, k.inLoop(nil))
		}
	}
	return false
}

// holdsComparison is holds of a comparison.
func (a *absences) holdsComparison(n *node, want bool, k known) bool {
	x, y := n.kids[0], n.kids[1]
	none := func() bool { return a.mayBeNone(x, k) || a.mayBeNone(y, k) }
	if n.name != "==" && n.name != "!=" { // that the opposite holds, or does not
		return k[truthKey(n.withName(opposites[n.name]), !want)] && !(want && none())
	}
	same := (n.name == "==") == want
	if x.typ.Kind == value.YesNo && y.typ.Kind == value.YesNo {
		if same {
			return a.holds(x, true, k) && a.holds(y, true, k) || a.holds(x, false, k) && a.holds(y, false, k) && !none()
		}
		return a.holds(x, true, k) && a.holds(y, false, k) || a.holds(x, false, k) && a.holds(y, true, k)
	}
	if x.op == opConst {
		x, y = y, x
	}
	return y.isWord() && a.wordsKnown(x, k, same, func(w string) bool { return w == y.constant.S() })
}

// holdsByWord is holds of several conditions of which one suffices, where it is
// another for each word that something can be.
func (a *absences) holdsByWord(n *node, want bool, k known) bool {
	var x *node // what the first of them compares
	for _, c := range n.kids {
		if (c.op == opCompare || c.op == opIn) && c.kids[0].typ != nil && c.kids[0].typ.Words != nil {
			x = c.kids[0]
			break
		}
	}
	if len(k) == 0 || x == nil || k[splitKey] || len(x.typ.Words.Each) > maxWordsExcluded || a.mayBeNone(x, k) {
		return false
	}
	return !slices.ContainsFunc(x.typ.Words.Each, func(w string) bool {
		return !k[truthKey(isWord(x, w), false)] && !a.holds(n, want, k.and([]string{wordKey(x, w), splitKey}))
	})
}

// splitKey is known where a word is assumed: one suffices.
const splitKey = "\x06"

func (n *node) isWord() bool {
	return n.op == opConst && n.constant.K == value.Word && n.constant.IsKnown()
}

// isOneOf is holds of that something is one of some words.
func (a *absences) isOneOf(n *node, in bool, k known) bool {
	words := n.listedWords()
	return words != nil && a.wordsKnown(n.kids[0], k, in, func(w string) bool { return slices.Contains(words, w) })
}

// listedWords are those of the list in which something is looked for; nil where it
// is no list of words that is written.
func (n *node) listedWords() []string {
	list := n.kids[1]
	var words []string
	switch list.op {
	case opConst:
		for _, v := range list.constant.L() {
			if v.K != value.Word || !v.IsKnown() {
				return nil
			}
			words = append(words, v.S())
		}
	case opList:
		for _, x := range list.kids {
			if !x.isWord() {
				return nil
			}
			words = append(words, x.constant.S())
		}
	}
	return words
}

// wordsKnown reports whether a node is known to be one of some words, or none of
// them: every word that it can still be is one, or is not.
func (a *absences) wordsKnown(x *node, k known, one bool, among func(string) bool) bool {
	if x.typ == nil || x.typ.Words == nil || len(k) == 0 {
		return false
	}
	each := x.typ.Words.Each
	if i := slices.IndexFunc(each, func(w string) bool { return k[wordKey(x, w)] }); i >= 0 {
		return among(each[i]) == one
	}
	if slices.ContainsFunc(each, func(w string) bool { return among(w) != one && !k[truthKey(isWord(x, w), false)] }) {
		return false
	}
	return !one || !a.mayBeNone(x, k)
}

// isWord is the node of that a node is a word.
func isWord(x *node, word string) *node {
	return &node{op: opCompare, name: "==", kids: []*node{x, {op: opConst, constant: value.WordOf(word)}}}
}

// wordKey is the key of that a node is a word.
func wordKey(x *node, word string) string { return "\x03" + word + "\x04" + x.closedKey() }

// alsoImplied adds to what is implied where a node holds, or does not, that it does.
func (a *absences) alsoImplied(n *node, holds bool, keys []string) []string {
	if a.outputs == nil || n.op == opConst {
		return keys
	}
	order := n.op == opCompare && n.name != "==" && n.name != "!="
	if !order || !a.unordered {
		keys = append(keys, truthKey(n, holds))
	}
	switch {
	case n.op == opCompare && (n.name == "==") == holds && !order:
		x, y := n.kids[0], n.kids[1]
		if x.op == opConst {
			x, y = y, x
		}
		if y.isWord() {
			keys = append(keys, wordKey(x, y.constant.S()))
		}
	case n.op == opIn:
		keys = append(keys, excludedBy(n, holds)...)
	case n.op == opFact && holds && n.typ.Kind == value.YesNo:
		if all, _ := a.sources(n.slot); len(all) == 1 && all[0].Is != nil {
			keys = append(keys, a.implied(all[0].Is.root, true, nil)...)
		}
	}
	return keys
}

// maxWordsExcluded bounds how long a list of words may be of which those are noted
// that something is not.
const maxWordsExcluded = 200

// excludedBy are the keys of the words that something is not, where it is one of
// those that are listed, or is not.
func excludedBy(n *node, in bool) (keys []string) {
	x, listed := n.kids[0], n.listedWords()
	if listed == nil || x.typ == nil || x.typ.Words == nil || len(x.typ.Words.Each) > maxWordsExcluded {
		return nil
	}
	for _, w := range x.typ.Words.Each {
		if slices.Contains(listed, w) != in {
			keys = append(keys, truthKey(isWord(x, w), false))
		}
	}
	return keys
}

// neededBy are the keys of what is not none, and of what holds, where an output is
// there.
func (a *absences) neededBy(slot int) []string {
	var keys []string
	all, when := a.sources(slot)
	if when != nil {
		keys = a.implied(when.root, true, nil)
	}
	if len(all) == 1 && all[0].Is != nil {
		keys = append(keys, a.needed(all[0].Is.root)...)
	}
	return slices.DeleteFunc(keys, func(key string) bool { return strings.Contains(key, elemKey) })
}
