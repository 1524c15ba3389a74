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

// truthKey is the key of that a node holds, or does not.
func truthKey(n *node, holds bool) string {
	if (n.op == opCompare || n.op == opIsNull) && n.name == "!=" {
		same := *n
		same.name = "=="
		return truthKey(&same, !holds)
	}
	return "\x02" + strconv.FormatBool(holds) + n.closedKey()
}

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
		return slices.ContainsFunc(n.kids, each)
	case opNot:
		return a.holds(n.kids[0], !want, k)
	case opIsNull:
		return (n.name == "!=") == want && !a.mayBeNone(n.kids[0], k)
	case opCompare:
		return (n.name == "==" || n.name == "!=") && a.isWord(n, (n.name == "==") == want, k)
	case opIn:
		return a.isOneOf(n, want, k)
	case opFact:
		if is := a.only(n.slot); is != nil && n.typ.Kind == value.YesNo {
			return a.holds(is.root, want, k.inLoop(nil))
		}
	}
	return false
}

// isWord reports whether it is known that what is compared with a word is that
// word, or is another.
func (a *absences) isWord(n *node, same bool, k known) bool {
	x, word := n.kids[0], n.kids[1]
	if x.op == opConst {
		x, word = word, x
	}
	return word.op == opConst && word.constant.K == value.Word && word.constant.IsKnown() && a.oneKnown(x, k, func(w string) bool { return (w == word.constant.S()) == same })
}

// isOneOf is isWord for a list of words.
func (a *absences) isOneOf(n *node, in bool, k known) bool {
	x, list := n.kids[0], n.kids[1]
	if list.op != opConst {
		return false
	}
	return a.oneKnown(x, k, func(w string) bool {
		return slices.ContainsFunc(list.constant.L(), func(v value.Value) bool { return v.IsKnown() && v.K == value.Word && v.S() == w }) == in
	})
}

// oneKnown reports whether it is known which word a node is, and that word is right.
func (a *absences) oneKnown(x *node, k known, right func(string) bool) bool {
	if x.typ == nil || x.typ.Words == nil {
		return false
	}
	return slices.ContainsFunc(x.typ.Words.Each, func(w string) bool { return right(w) && k[wordKey(x, w)] })
}

// wordKey is the key of that a node is a word.
func wordKey(x *node, word string) string { return "\x03" + word + "\x04" + x.closedKey() }

// alsoImplied adds to what is implied where a node holds, or does not, that it does.
func (a *absences) alsoImplied(n *node, holds bool, k known, keys []string) []string {
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
		if y.op == opConst && y.constant.IsKnown() && y.constant.K == value.Word {
			keys = append(keys, wordKey(x, y.constant.S()))
		}
	case n.op == opFact && holds && n.typ.Kind == value.YesNo:
		if all, _ := a.sources(n.slot); len(all) == 1 && all[0].Is != nil {
			keys = append(keys, a.implied(all[0].Is.root, true, nil)...)
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
