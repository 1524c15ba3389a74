package condition

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// None is not false: where something may be none and meets a comparison by
// order, say, the comparison is false for a reason that nobody wrote down. As
// languages with null-safety do, the analysis below follows what is known not to
// be none at each place of an expression, and tells where it is not known.

// Absence is a place where something that may be none meets an operation that
// makes nothing of it without a word.
type Absence struct {
	From, To int    // of what may be none, in characters
	Source   string // the same, as written
	// Meets is the operator or function that it meets.
	Meets string
	// Slot is that of a variable which may be none although the records around
	// it are there; -1 of anything else. Field is the same of an element's field.
	Slot  int
	Field *value.Field
	// Passes says that the result of the whole expression is none then. It is
	// no where an order is decided, or what is none is left out.
	Passes          bool
	Message, Remedy diagnostic.Text
}

// AbsencesAmong are the places, in the order of the source, where what may be
// none (see Var.MayBeNone and value.Field), an output of a rule among it, is not
// guarded against. Given are programs that hold wherever this one is evaluated,
// on the same slots.
func (p *Program) AbsencesAmong(outputs Outputs, given ...*Program) []Absence {
	a := &absences{outputs: outputs}
	var k known
	for _, g := range given {
		k = k.and(a.implied(g.root, true, k))
		if !g.root.looksAtElement() {
			a.given = append(a.given, g)
		}
	}
	a.walk(p.root, k)
	a.passes(p.root, k)
	slices.SortStableFunc(a.found, func(x, y Absence) int { return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To)) })
	return slices.CompactFunc(a.found, func(x, y Absence) bool { return x.From == y.From && x.To == y.To })
}

// MayBeNone reports whether the result may be none, where programs that are
// given hold.
func (p *Program) MayBeNone(given ...*Program) bool {
	return !p.logical && (&absences{}).mayBeNone(p.root, p.known(given))
}

func (p *Program) known(given []*Program) known {
	var k known
	for _, g := range given {
		k = k.and((&absences{}).implied(g.root, true, k))
	}
	return k
}

// known are the keys of what is known not to be none at a place.
type known map[string]bool

func (k known) and(keys []string) known {
	if len(keys) == 0 {
		return k
	}
	all := make(known, len(k)+len(keys))
	for key := range k {
		all[key] = true
	}
	for _, key := range keys {
		all[key] = true
	}
	return all
}

// inLoop is what stays known where `#` becomes something else.
func (k known) inLoop(elem known) known {
	all := make(known, len(k)+len(elem))
	for key := range k {
		if !strings.Contains(key, elemKey) {
			all[key] = true
		}
	}
	for key := range elem {
		all[key] = true
	}
	return all
}

const (
	elemKey   = "\x00" // begins the key of an element
	filledKey = "\x01" // begins the key of that a list is not empty
)

// key names what a node computes: nodes of one key have one value.
func (n *node) key() string {
	var b strings.Builder
	n.writeKey(&b)
	return b.String()
}

func (n *node) writeKey(b *strings.Builder) {
	switch n.op {
	case opFact:
		b.WriteString("s" + strconv.Itoa(n.slot))
	case opElem:
		b.WriteString(n.elemKey(len(n.path)))
	case opConst:
		b.WriteString(n.constant.K.String() + n.constant.Text(time.UTC))
	default:
		b.WriteString(strconv.Itoa(int(n.op)) + n.name + "(")
		for _, k := range n.kids {
			k.writeKey(b)
			b.WriteByte(',')
		}
		b.WriteByte(')')
	}
}

// elemKey is the key of the first so many fields of the path.
func (n *node) elemKey(length int) string {
	key := elemKey
	for _, k := range n.path[:length] {
		key += "/" + strconv.Itoa(k)
	}
	return key
}

// strict reports whether a node is none where one of its kids is.
func (n *node) strict() bool {
	switch n.op {
	case opArith, opNegate, opApply, opRound, opRoundTo, opExchange, opWeekday:
		return true
	}
	return false
}

// needed are the keys of all that is not none where the node is not.
func (a *absences) needed(n *node) []string {
	keys := []string{n.key()}
	switch {
	case n.op == opFact:
		for _, g := range n.gates {
			keys = append(keys, "s"+strconv.Itoa(g))
		}
		keys = append(keys, a.neededBy(n.slot)...)
	case n.op == opElem:
		for i := range n.path {
			keys = append(keys, n.elemKey(i))
		}
	case n.op == opTernary:
		var ways []way
		for i, branch := range n.kids[1:] {
			if branch.op != opConst || !branch.constant.IsNone() {
				ways = append(ways, way{holding: []claimed{{n.kids[0], i == 0}}, there: branch})
			}
		}
		keys = append(keys, a.impliedByAny(nil, ways...)...)
	case n.strict():
		for _, k := range n.kids {
			keys = append(keys, a.needed(k)...)
		}
	}
	return keys
}

type absences struct {
	outputs   Outputs
	steps     int        // that outputs were followed
	asked     int        // how often it was asked what follows from what
	given     []*Program // that hold everywhere, and look at no element
	found     []Absence
	unordered bool // comparisons by order imply nothing: see said
}

// mayBeNone reports whether a node may be none.
func (a *absences) mayBeNone(n *node, k known) bool {
	if len(k) > 0 && n.op != opConst && k[n.key()] {
		return false
	}
	switch n.op {
	case opConst:
		return n.constant.IsNone()
	case opFact:
		return slices.ContainsFunc(n.absent, func(slot int) bool { return !k["s"+strconv.Itoa(slot)] }) || a.outputMayBeNone(n.slot, k)
	case opElem:
		return slices.ContainsFunc(n.absent, func(length int) bool { return !k[n.elemKey(length)] }) || k[elemKey+"?"] && !k[n.elemKey(0)]
	case opTernary:
		switch {
		case a.holds(n.kids[0], true, k):
			return a.mayBeNone(n.kids[1], k)
		case a.holds(n.kids[0], false, k):
			return a.mayBeNone(n.kids[2], k)
		}
		return a.mayBeNone(n.kids[1], k.and(a.implied(n.kids[0], true, k))) || a.mayBeNone(n.kids[2], k.and(a.implied(n.kids[0], false, k)))
	case opPick:
		if list := n.kids[0]; len(n.kids) == 1 && list.typ.Kind == value.List {
			_, elements := a.elements(list, k)
			return elements || !a.filled(list, k)
		}
		return !slices.ContainsFunc(n.kids, func(x *node) bool { return !a.mayBeNone(x, k) })
	case opSum, opMostWithin:
		_, elements := a.elements(n.kids[0], k)
		return elements || n.op == opMostWithin && a.mayBeNone(n.kids[1], k)
	}
	return n.strict() && slices.ContainsFunc(n.kids, func(x *node) bool { return a.mayBeNone(x, k) })
}

// filled reports whether a list is known not to be empty.
func (a *absences) filled(list *node, k known) bool {
	switch {
	case k[filledKey+list.key()]:
		return true
	case list.op == opConst:
		return len(list.constant.L()) > 0
	case list.op == opList:
		return len(list.kids) > 0
	case list.op == opLoop && list.name == "map", list.op == opSet && list.name == "distinct":
		return a.filled(list.kids[0], k)
	case list.op == opSet && list.name == "joined":
		return slices.ContainsFunc(list.kids, func(x *node) bool { return x.typ.Elem.Kind != value.List && a.filled(x, k) })
	}
	return false
}

// elements is what is known of every element of a list, and whether one may be
// none itself.
func (a *absences) elements(list *node, k known) (elem known, mayBeNone bool) {
	switch list.op {
	case opConst:
		return nil, slices.ContainsFunc(list.constant.L(), value.Value.IsNone)
	case opList:
		return nil, slices.ContainsFunc(list.kids, func(x *node) bool { return a.mayBeNone(x, k) })
	case opTernary:
		_, x := a.elements(list.kids[1], k.and(a.implied(list.kids[0], true, k)))
		_, y := a.elements(list.kids[2], k.and(a.implied(list.kids[0], false, k)))
		return nil, x || y
	case opSet:
		return nil, slices.ContainsFunc(list.kids, func(x *node) bool { _, y := a.elements(x, k); return y })
	case opLoop:
		of, inner := a.elements(list.kids[0], k)
		in := k.inLoop(loopKnown(of, inner))
		if list.name == "map" {
			return nil, a.mayBeNone(list.kids[1], in)
		}
		elem = known{}
		for key := range of {
			elem[key] = true
		}
		for _, key := range a.implied(list.kids[1], true, in) {
			if strings.HasPrefix(key, elemKey) {
				elem[key] = true
			}
		}
		return elem, inner && !elem[elemKey]
	}
	return nil, false
}

// loopKnown is what is known inside of a loop over elements that may be none.
func loopKnown(elem known, mayBeNone bool) known {
	if !mayBeNone {
		return elem
	}
	return elem.and([]string{elemKey + "?"})
}

// where is what is known where a condition holds, or does not.
func (a *absences) where(condition *node, holds bool, k known) known {
	return a.withGiven(k.and(a.implied(condition, holds, k)))
}

// withGiven adds what follows from what is given and is known together: where one
// of two things is there, it may now be known which.
func (a *absences) withGiven(k known) known {
	for _, g := range a.given {
		k = k.and(a.implied(g.root, true, k))
	}
	return k
}

// maxAsked bounds how often it is asked what follows from what in one expression.
// Behind, nothing follows, and so more may be none.
const maxAsked = 20_000

func (a *absences) goesOn() bool {
	a.asked++
	return a.asked <= maxAsked
}

// implied are the keys of what is not none where a node holds, or does not; where
// outputs are looked at, also of what else holds then.
func (a *absences) implied(n *node, holds bool, k known) []string {
	if !a.goesOn() {
		return nil
	}
	return a.alsoImplied(n, holds, a.impliedBy(n, holds, k))
}

func (a *absences) impliedBy(n *node, holds bool, k known) []string {
	switch n.op {
	case opIsNull:
		if (n.name == "!=") == holds {
			return a.needed(n.kids[0])
		}
	case opNot:
		return a.implied(n.kids[0], !holds, k)
	case opAnd, opOr:
		if (n.op == opAnd) == holds {
			var all []string
			for _, x := range n.kids {
				all = append(all, a.implied(x, holds, k)...)
			}
			return all
		}
		var ways []way
		for _, x := range n.kids {
			ways = append(ways, wayOf(claimed{x, holds}))
		}
		return a.impliedByAny(k, ways...)
	case opTernary:
		cond, then, otherwise := n.kids[0], n.kids[1], n.kids[2]
		return a.impliedByAny(k, wayOf(claimed{cond, true}, claimed{then, holds}), wayOf(claimed{cond, false}, claimed{otherwise, holds}))
	case opCompare:
		return a.impliedByComparison(n, holds, k)
	case opIn:
		if holds {
			return append(a.needed(n.kids[0]), filledKey+n.kids[1].key())
		}
	case opLoop:
		if holds == (n.name == "any" || n.name == "one") && n.name != "count" {
			return []string{filledKey + n.kids[0].key()}
		}
	case opFact, opElem, opPrefix:
		if holds && n.op == opPrefix {
			return a.needed(n.kids[0])
		}
		if holds {
			return a.needed(n)
		}
	}
	return nil
}

func (a *absences) impliedByComparison(n *node, holds bool, k known) []string {
	x, y := n.kids[0], n.kids[1]
	if list := fills(n, holds); list != nil {
		return []string{filledKey + list.key()}
	}
	switch n.name {
	case "==", "!=":
		same := (n.name == "==") == holds
		var keys []string
		if x.typ.Kind == value.YesNo && y.typ.Kind == value.YesNo {
			keys = a.impliedByYesOrNo(x, y, same, k)
		}
		switch {
		case !same:
		// None equals only none.
		case !a.mayBeNone(y, k):
			keys = append(keys, a.needed(x)...)
		case !a.mayBeNone(x, k):
			keys = append(keys, a.needed(y)...)
		}
		return keys
	default:
		if holds && !a.unordered { // with none on either side it does not
			return append(a.needed(x), a.needed(y)...)
		}
	}
	return nil
}

// fills is the list that is not empty where a comparison of how many elements
// it has holds, or does not; nil for any other.
func fills(n *node, holds bool) *node {
	number, bound := n.kids[0], n.kids[1]
	if bound.op != opConst || !bound.constant.IsKnown() || bound.constant.K != value.Count || number.op != opLen && (number.op != opLoop || number.name != "count") {
		return nil
	}
	c := bound.constant.N
	name := n.name
	if !holds {
		name = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[name]
	}
	if name == ">" && c >= 0 || (name == ">=" || name == "==") && c >= 1 || name == "!=" && c == 0 {
		return number.kids[0]
	}
	return nil
}

// impliedByYesOrNo is what follows from that two conditions are the same, or are not.
// One that is none does not hold; it is the same only as one that is none, too.
func (a *absences) impliedByYesOrNo(x, y *node, same bool, k known) []string {
	neither := wayOf(claimed{x, false}, claimed{y, false})
	if same {
		return a.impliedByAny(k, wayOf(claimed{x, true}, claimed{y, true}), neither)
	}
	ways := []way{wayOf(claimed{x, true}, claimed{y, false}), wayOf(claimed{x, false}, claimed{y, true})}
	if a.mayBeNone(x, k) || a.mayBeNone(y, k) {
		ways = append(ways, neither)
	}
	return a.impliedByAny(k, ways...)
}

// claimed is a condition that holds, or does not.
type claimed struct {
	node  *node
	holds bool
}

// way is one of several ways in which something comes about: conditions that hold
// together, or do not, and what is not none then, if anything.
type way struct {
	holding []claimed
	there   *node
}

func wayOf(holding ...claimed) way { return way{holding: holding} }

// possible is false where a constant, or what is known, says otherwise.
func (a *absences) possible(w way, k known) bool {
	return !slices.ContainsFunc(w.holding, func(c claimed) bool {
		v := c.node.constant
		return c.node.op == opConst && (v.IsKnown() || v.IsNone()) && (v.IsKnown() && v.True()) != c.holds || a.holds(c.node, !c.holds, k)
	})
}

// impliedByAny is what follows from each of the ways that are possible.
func (a *absences) impliedByAny(k known, ways ...way) (common []string) {
	first := true
	for _, w := range ways {
		if !a.possible(w, k) {
			continue
		}
		var keys []string
		for _, c := range w.holding {
			keys = append(keys, a.implied(c.node, c.holds, k.and(keys))...)
		}
		if w.there != nil {
			keys = append(keys, a.needed(w.there)...)
		}
		if first {
			common, first = keys, false
		} else {
			common = shared(common, keys)
		}
	}
	return common
}

func shared(x, y []string) []string {
	return slices.DeleteFunc(slices.Clone(x), func(key string) bool { return !slices.Contains(y, key) })
}

// walk goes through all places of a node.
func (a *absences) walk(n *node, k known) {
	switch n.op {
	case opAnd, opOr:
		a.junction(n, k)
		return
	case opTernary:
		a.walk(n.kids[0], k)
		a.walk(n.kids[1], a.where(n.kids[0], true, k))
		a.walk(n.kids[2], a.where(n.kids[0], false, k))
		return
	case opLoop:
		a.walk(n.kids[0], k)
		a.walk(n.kids[1], k.inLoop(loopKnown(a.elements(n.kids[0], k))))
		return
	case opCompare:
		if n.name != "==" && n.name != "!=" {
			a.meets(n, k)
		}
	case opPick:
		if list := n.kids[0]; len(n.kids) == 1 && list.typ.Kind == value.List {
			if _, elements := a.elements(list, k); elements {
				a.report(list, n, k, false)
			}
		} else if len(n.kids) > 1 {
			a.meets(n, k)
		}
	}
	for _, x := range n.kids {
		a.walk(x, k)
	}
}

// junction: of a kid that matters, all others of `and` hold, and none of `or`.
// A comparison by order guards only what stands behind it: two that guarded each
// other would both decide without a word.
func (a *absences) junction(n *node, k known) {
	said, behind := make([][]string, len(n.kids)), map[string]int{}
	for i, x := range n.kids {
		said[i] = a.said(x, n.op == opAnd, k)
		for _, key := range said[i] {
			behind[key]++
		}
	}
	before := k
	for i, x := range n.kids {
		for _, key := range said[i] {
			if behind[key]--; behind[key] == 0 {
				delete(behind, key)
			}
		}
		a.walk(x, a.withGiven(before.and(slices.Collect(maps.Keys(behind)))))
		before = before.and(a.implied(x, n.op == opAnd, k))
	}
}

// said is implied, less what follows from comparisons by order alone.
func (a *absences) said(n *node, holds bool, k known) []string {
	was := a.unordered
	a.unordered = true
	keys := a.implied(n, holds, k)
	a.unordered = was
	return keys
}

// meets reports the kids of a node that may be none.
func (a *absences) meets(n *node, k known) {
	for _, x := range n.kids {
		if a.mayBeNone(x, k) {
			a.report(x, n, k, false)
		}
	}
}

// passes reports what makes the whole result none by a calculation.
func (a *absences) passes(n *node, k known) {
	switch {
	case n.op == opTernary:
		a.passes(n.kids[1], a.where(n.kids[0], true, k))
		a.passes(n.kids[2], a.where(n.kids[0], false, k))
	case n.strict() && a.mayBeNone(n, k):
		for _, x := range n.kids {
			if a.mayBeNone(x, k) {
				a.report(x, n, k, true)
			}
		}
	}
}

// cause is what makes a node none, where it stands by itself; nil where nothing does.
func (a *absences) cause(n *node, k known) *node {
	switch {
	case !a.mayBeNone(n, k):
		return nil
	case n.op == opTernary:
		for i, branch := range n.kids[1:] {
			if then := i == 0; !a.holds(n.kids[0], !then, k) {
				if of := a.cause(branch, a.where(n.kids[0], then, k)); of != nil {
					return of
				}
			}
		}
		return nil
	case n.strict():
		for _, x := range n.kids {
			if of := a.cause(x, k); of != nil {
				return of
			}
		}
		return nil
	}
	return n
}

// report tells of what may be none, where it stands by itself.
func (a *absences) report(n, meets *node, k known, passes bool) {
	if n.typ.Kind != value.List { // of a list, its elements may be none
		n = a.cause(n, k)
	}
	if n == nil || n.op == opConst { // whoever writes null means it
		return
	}
	x := Absence{From: n.from, To: n.to, Source: n.source, Meets: meets.name, Slot: -1, Passes: passes}
	switch {
	case n.op == opFact && len(n.absent) == 1 && n.absent[0] == n.slot:
		x.Slot = n.slot
	case n.op == opElem && len(n.absent) == 1 && n.absent[0] == len(n.path):
		x.Field = n.lastField
	}
	if meets.op == opNegate {
		x.Meets = "-"
	}
	what := diagnostic.Textf("比较结果为否", "the comparison is false then")
	remedy := diagnostic.Textf("先写 %[1]s != null and …，或 %[1]s == null ? … : …", "guard it: %[1]s != null and …, or %[1]s == null ? … : …", n.source)
	switch {
	case n.typ.Kind == value.List:
		x.Message = diagnostic.Textf("%[1]s 里的项可能没有，%[2]s 会略去它们", "elements of %[1]s may be none, and %[2]s leaves them out", n.source, x.Meets)
		x.Remedy = diagnostic.Textf("先筛去没有的：filter(列表, … != null)", "leave them out before: filter(list, … != null)")
		a.found = append(a.found, x)
		return
	case passes:
		what = diagnostic.Textf("结果也没有", "the result is none then")
		remedy = diagnostic.Textf("写 %[1]s == null ? … : …", "write %[1]s == null ? … : …", n.source)
	case meets.op == opPick:
		what = diagnostic.Textf("会被略去", "it is left out then")
		remedy = diagnostic.Textf("写 %[1]s == null ? … : …", "write %[1]s == null ? … : …", n.source)
	}
	x.Message = diagnostic.Text{
		ZH: n.source + " 可能没有，用于 " + x.Meets + " 时" + what.ZH,
		EN: n.source + " may be none where it meets " + x.Meets + "; " + what.EN,
	}
	x.Remedy = remedy
	a.found = append(a.found, x)
}
