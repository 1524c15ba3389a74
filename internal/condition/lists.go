package condition

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// seq is a list with where it came from, so that an unknown in it can be
// named: elements are from slot, at index `at[i]` (or i where at is nil); or
// all of them are inside of a field of element `index` there.
type seq struct {
	items []value.Value
	state value.State
	slot  int // -1: computed; what is unknown in it has been named already
	at    []int
	index int // -1: the items are the elements of the slot themselves
	field int
	// within is the item that the list is in, where that is one of a list inside of a
	// field itself.
	within value.Inner
}

// computed is a list that was made here.
func computed(items []value.Value, state value.State) seq {
	return seq{items: items, state: state, slot: -1, index: -1, field: -1}
}

func (s *seq) position(i int) int {
	if s.at != nil {
		return s.at[i]
	}
	return i
}

// need notes that item i is unknown.
func (s *seq) need(f *value.Frame, i int) {
	switch {
	case s.slot < 0:
	case s.index >= 0:
		in := s.innerAt(i)
		noteNeed(f, value.Need{Slot: s.slot, Index: s.index, Field: in.Field, Item: in.Item, ItemField: in.ItemField})
	default:
		need(f, s.slot, s.position(i), -1)
	}
}

// innerAt is item i of a list that is inside of a field of an element. Of one that is
// no record it is not said where it stood, for lists of such are sorted.
func (s *seq) innerAt(i int) value.Inner {
	switch {
	case s.within.Item > 0:
		return s.within
	case s.items[i].K != value.Record:
		return value.Inner{Field: s.field}
	}
	return value.Inner{Field: s.field, Item: s.position(i) + 1}
}

// lacks notes all unknown items and reports whether there are any.
func (s *seq) lacks(f *value.Frame) bool {
	found := false
	for i := range s.items {
		if partial(s.items[i]) {
			s.need(f, i)
			found = true
		}
	}
	return found
}

// each looks at every item in turn, until visit says stop.
func (s *seq) each(f *value.Frame, visit func(i int) (stop bool)) {
	if len(s.items) == 0 {
		return
	}
	elem, slot, at, within := f.Elem, f.ElemSlot, f.ElemAt, f.Within
	if s.index < 0 {
		f.ElemSlot, f.Within = s.slot, value.Inner{}
	}
	for i := range s.items {
		f.Elem = s.items[i]
		if s.index < 0 {
			f.ElemAt = s.position(i)
		} else {
			f.Within = s.innerAt(i)
		}
		if visit(i) {
			break
		}
	}
	f.Elem, f.ElemSlot, f.ElemAt, f.Within = elem, slot, at, within
}

// genList makes the closures of what has to do with lists.
func (n *node) genList(c *checker) {
	switch n.op {
	case opList:
		n.genLiteral()
	case opLoop:
		n.genLoop()
	case opSet:
		n.genSet()
	case opLen:
		x := n.kids[0].seq
		n.num = func(f *value.Frame) (int64, value.State) {
			m := marked(f)
			l := x(f)
			if l.state == value.Unknown {
				return 0, value.Unknown
			}
			m.restore(f) // what is unknown inside does not matter
			return int64(len(l.items)), value.Known
		}
	case opSum:
		n.genSum(c)
	case opMonths:
		n.genMonths()
	}
}

func (n *node) genLiteral() {
	kids := n.kids
	n.seq = func(f *value.Frame) seq {
		items := make([]value.Value, len(kids))
		for i, k := range kids {
			if k.typ.Kind != value.List || k.typ == nullType {
				items[i] = k.val(f)
				continue
			}
			l := k.seq(f)
			l.lacks(f)
			items[i] = value.ListIn(value.List, l.state, l.items)
		}
		return computed(items, value.Known)
	}
}

// genIn makes membership. Literals of text are looked up, not listed.
func (n *node) genIn() {
	a, b := n.kids[0], n.kids[1]
	if list := words(b); list != nil && a.text != nil {
		x, set := a.text, lookup(list)
		n.tri = func(f *value.Frame) tri {
			s, state := x(f)
			switch state {
			case value.Known:
				return triBool(set(s))
			case value.None:
				return no
			}
			return unknown
		}
		return
	}
	if b.op == opList && isText(a.typ.Kind) {
		n.tri = inTexts(a.text, b.kids)
		return
	}
	x, y := a.val, b.seq
	n.tri = func(f *value.Frame) tri {
		m := marked(f)
		v := x(f)
		if v.State == value.None {
			return no
		}
		l := y(f)
		if l.state != value.Unknown && len(l.items) == 0 {
			m.restore(f)
			return no
		}
		if v.State == value.Unknown || l.state == value.Unknown {
			return unknown
		}
		lacking := false
		for i := range l.items {
			switch e := &l.items[i]; {
			case e.State == value.Unknown:
				lacking = true
			case e.State == value.Known && equal(&v, e):
				m.restore(f)
				return yes
			}
		}
		if lacking {
			l.lacks(f)
			return unknown
		}
		return no
	}
}

// inTexts is membership among some texts, which need not make a list for it.
func inTexts(x func(*value.Frame) (string, value.State), kids []*node) func(*value.Frame) tri {
	ys := make([]func(*value.Frame) (string, value.State), len(kids))
	for i, k := range kids {
		ys[i] = k.text
	}
	return func(f *value.Frame) tri {
		m := marked(f)
		s, state := x(f)
		if state == value.None {
			return no
		}
		lacking := state == value.Unknown
		for _, y := range ys {
			switch e, of := y(f); {
			case of == value.Unknown:
				lacking = true
			case of == value.Known && state == value.Known && e == s:
				m.restore(f)
				return yes
			}
		}
		if lacking {
			return unknown
		}
		return no
	}
}

// equal compares two known scalars of one type.
func equal(v, w *value.Value) bool {
	switch {
	case isText(v.K):
		return v.S() == w.S()
	case v.K == value.Money || v.K == value.Part || w.K == value.Part:
		return v.SameUnit(*w) && value.CompareRatio(*v, *w) == 0
	case v.K == value.Ratio || w.K == value.Ratio:
		return value.CompareRatio(*v, *w) == 0
	}
	return v.N == w.N
}

// words is a constant list of text; nil for any other node.
func words(n *node) []string {
	if n.op != opConst || n.typ.Kind != value.List || len(n.constant.L()) == 0 || !isText(n.typ.Elem.Kind) {
		return nil
	}
	list := []string{}
	for _, v := range n.constant.L() {
		if v.State == value.Known {
			list = append(list, v.S())
		}
	}
	return list
}

// fewWords are faster compared one by one than looked up.
const fewWords = 8

func lookup(list []string) func(string) bool {
	if len(list) <= fewWords {
		return func(s string) bool { return slices.Contains(list, s) }
	}
	set := make(map[string]bool, len(list))
	for _, w := range list {
		set[w] = true
	}
	return func(s string) bool { return set[s] }
}

func (n *node) genLoop() {
	list, body := n.kids[0].seq, n.kids[1]
	switch n.name {
	case "any":
		n.tri = quantifier(list, body.tri, yes, yes, no)
	case "all":
		n.tri = quantifier(list, body.tri, no, no, yes)
	case "none":
		n.tri = quantifier(list, body.tri, yes, no, yes)
	case "one":
		n.genOne()
	case "count":
		p := body.tri
		n.num = func(f *value.Frame) (int64, value.State) {
			m := marked(f)
			l := list(f)
			if l.state == value.Unknown {
				return 0, value.Unknown
			}
			var hits int64
			lacking := false
			l.each(f, func(int) bool {
				switch p(f) {
				case yes:
					hits++
				case unknown:
					lacking = true
				}
				return false
			})
			if lacking {
				return 0, value.Unknown
			}
			m.restore(f)
			return hits, value.Known
		}
	case "filter":
		n.genFilter()
	case "map":
		n.genMap()
	}
}

// quantifier stops at the first element for which the predicate is decisive.
// A predicate that is none counts as no.
func quantifier(list func(*value.Frame) seq, p func(*value.Frame) tri, decisive, found, otherwise tri) func(*value.Frame) tri {
	return func(f *value.Frame) tri {
		m := marked(f)
		l := list(f)
		if l.state == value.Unknown {
			return unknown
		}
		result := otherwise
		l.each(f, func(int) bool {
			switch t := p(f); {
			case t == unknown:
				result = unknown
			case decides(t, decisive):
				result = found
				return true
			}
			return false
		})
		if result != unknown {
			m.restore(f)
		}
		return result
	}
}

func (n *node) genOne() {
	list, p := n.kids[0].seq, n.kids[1].tri
	n.tri = func(f *value.Frame) tri {
		m := marked(f)
		l := list(f)
		if l.state == value.Unknown {
			return unknown
		}
		hits, lacking := 0, false
		l.each(f, func(int) bool {
			switch p(f) {
			case yes:
				hits++
			case unknown:
				lacking = true
			}
			return hits > 1
		})
		if lacking && hits <= 1 {
			return unknown
		}
		m.restore(f)
		return triBool(hits == 1)
	}
}

func (n *node) genFilter() {
	list, p := n.kids[0].seq, n.kids[1].tri
	n.seq = func(f *value.Frame) seq {
		m := marked(f)
		l := list(f)
		if l.state != value.Known {
			return l
		}
		out := l
		out.items, out.at = nil, []int{}
		lacking := false
		l.each(f, func(i int) bool {
			switch p(f) {
			case yes:
				out.items = append(out.items, l.items[i])
				out.at = append(out.at, l.position(i))
			case unknown:
				lacking = true
			}
			return false
		})
		if lacking {
			return computed(nil, value.Unknown)
		}
		if !slices.ContainsFunc(out.items, partial) {
			m.restore(f) // what was unknown in a literal has been left out
		}
		return out
	}
}

func (n *node) genMap() {
	list, body := n.kids[0].seq, n.kids[1]
	kind := body.typ.Kind
	n.seq = func(f *value.Frame) seq {
		m := marked(f)
		l := list(f)
		if l.state != value.Known {
			return computed(nil, l.state)
		}
		items := make([]value.Value, 0, len(l.items))
		lacking := false
		l.each(f, func(int) bool {
			if kind == value.List {
				inner := body.seq(f)
				if inner.state == value.Unknown || inner.lacks(f) {
					lacking = true
				}
				items = append(items, value.ListIn(kind, inner.state, inner.items))
				return false
			}
			v := body.val(f)
			if v.State == value.Unknown {
				lacking = true
			}
			items = append(items, v)
			return false
		})
		if lacking {
			return computed(nil, value.Unknown)
		}
		m.restore(f)
		return computed(items, value.Known)
	}
}

// key is what makes two scalars the same element of a set.
type key struct {
	state value.State
	n     int64
	s     string
}

func keyOf(v *value.Value) key {
	switch {
	case v.State == value.Known && (v.K == value.Ratio || v.K == value.Part):
		// They are the same by size, so by their lowest terms.
		of := value.FractionOf(*v)
		g := value.GCD(of.N, of.D)
		below := v.In.Code()
		if of.D != g {
			below += value.Int(of.D / g).Text(nil)
		}
		return key{v.State, of.N / g, below}
	case v.K == value.Money && v.State == value.Known:
		return key{v.State, v.N, v.In.Code()}
	case isText(v.K):
		return key{v.State, 0, v.S()}
	}
	return key{v.State, v.N, ""}
}

// genSet makes without, both, joined and distinct. Every element must be
// known or none, except where the first list is empty and decides alone.
func (n *node) genSet() {
	lists := make([]func(*value.Frame) seq, len(n.kids))
	for i, k := range n.kids {
		lists[i] = k.seq
	}
	nested := len(n.kids) == 1 && n.kids[0].typ.Elem.Kind == value.List
	intersect := n.name == "both"
	pick := n.name == "both" || n.name == "without"
	n.seq = func(f *value.Frame) seq {
		m := marked(f)
		all := make([]seq, 0, len(lists))
		lacking := false
		for i, x := range lists {
			l := x(f)
			if pick && i == 0 && l.state != value.Unknown && len(l.items) == 0 {
				m.restore(f)
				return computed(nil, value.Known)
			}
			if l.state == value.Unknown || l.lacks(f) {
				lacking = true
			}
			all = append(all, l)
		}
		if lacking {
			return computed(nil, value.Unknown)
		}
		if nested {
			outer := all[0].items
			all = all[:0]
			for _, v := range outer {
				all = append(all, computed(v.L(), v.State))
			}
		}
		if pick {
			return computed(picked(all[0].items, all[1].items, intersect), value.Known)
		}
		return computed(union(all), value.Known)
	}
}

// picked are the items of a that are in b (or those that are not).
func picked(a, b []value.Value, in bool) []value.Value {
	set := make(map[key]bool, len(b))
	for i := range b {
		set[keyOf(&b[i])] = true
	}
	var out []value.Value
	for i := range a {
		if set[keyOf(&a[i])] == in {
			out = append(out, a[i])
		}
	}
	return out
}

// union are all items, each once, in the order they are first seen.
func union(lists []seq) []value.Value {
	seen := map[key]bool{}
	var out []value.Value
	for _, l := range lists {
		for i := range l.items {
			if k := keyOf(&l.items[i]); !seen[k] {
				seen[k] = true
				out = append(out, l.items[i])
			}
		}
	}
	return out
}

func (n *node) genSum(c *checker) {
	if isFraction(n.typ.Kind) {
		n.genSumOfFractions(c)
		return
	}
	x, overflow := n.kids[0].seq, n.overflow(c)
	n.num = func(f *value.Frame) (total int64, state value.State) {
		m := marked(f)
		l := x(f)
		if l.state == value.Unknown {
			return 0, value.Unknown
		}
		for i := range l.items {
			if l.items[i].State == value.None {
				m.restore(f)
				return 0, value.None
			}
		}
		if l.lacks(f) {
			return 0, value.Unknown
		}
		for i := range l.items {
			var ok bool
			if total, ok = value.Add(total, l.items[i].N); !ok {
				f.Fail(overflow)
				return 0, value.Unknown
			}
		}
		return total, value.Known
	}
}

// genMonths makes months_where: the months of a year whose place in the list
// holds the word. More than twelve are out of range; fewer are a year so far.
func (n *node) genMonths() {
	year, list, word := n.kids[0].num, n.kids[1].seq, n.kids[2].text
	n.seq = func(f *value.Frame) seq {
		y, s := year(f)
		l := list(f)
		w, t := word(f)
		switch {
		case s == value.None || t == value.None:
			return computed(nil, value.None)
		case l.state == value.Unknown || l.lacks(f) || s == value.Unknown || t == value.Unknown:
			return computed(nil, value.Unknown)
		case y < 1 || y > 9999 || len(l.items) > 12:
			f.Fail(ErrOutOfRange)
			return computed(nil, value.Unknown)
		}
		var out []value.Value
		for i := range l.items {
			if v := &l.items[i]; v.State == value.Known && v.S() == w {
				out = append(out, value.NumberIn(value.Month, value.Known, y*12+int64(i)))
			}
		}
		return computed(out, value.Known)
	}
}
