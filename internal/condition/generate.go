package condition

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// generate folds constants and makes the closures of a checked node and all
// below it.
func (c *checker) generate(n *node) *node {
	n.source = c.text(n.from, n.to)
	for i, k := range n.kids {
		n.kids[i] = c.generate(k)
	}
	if r := n.fold(); r != n {
		return r
	}
	n.closures(c)
	if n.op == opConst || n.op == opFact || n.op == opElem {
		return n
	}
	if n.impure() || slices.ContainsFunc(n.kids, func(k *node) bool { return k.op != opConst }) {
		return n
	}
	f := &value.Frame{}
	v := n.val(f)
	if len(f.Needs) > 0 { // it divides by nothing, and whoever asks is told so
		return n
	}
	if f.Err != nil {
		var overflow *OverflowError
		message := diagnostic.Textf("常数超出范围", "the constant is out of range")
		if errors.As(f.Err, &overflow) {
			message = diagnostic.Textf("常数计算溢出", "the constant calculation overflows")
		}
		c.fail(CodeOverflow, n.from, n.to, message, diagnostic.Textf("改用较小的数", "use smaller numbers"))
		return n
	}
	r := c.constant(n.typ, v, n.from, n.to)
	r.source = n.source
	r.closures(c)
	return r
}

// impure reports whether a node itself looks at the zone or the calendar.
func (n *node) impure() bool {
	switch n.op {
	case opApply:
		return n.apply.impure
	case opWeekday:
		return n.kids[0].typ.Kind == value.Moment
	case opPeriods:
		return n.name == "total_open_time"
	}
	return false
}

// fold leaves out what constants decide: kids of and, or and ?: have been
// generated already.
func (n *node) fold() *node {
	switch n.op {
	case opTernary:
		if k := n.kids[0]; k.op == opConst && !k.constant.IsUnknown() {
			pick := n.kids[2]
			if k.constant.True() {
				pick = n.kids[1]
			}
			if pick.typ.Kind == n.typ.Kind {
				return pick
			}
		}
	case opAnd, opOr:
		kids := n.kids[:0:0]
		for _, k := range n.kids {
			if k.op != opConst || k.constant.IsUnknown() {
				kids = append(kids, k)
			} else if k.constant.True() == (n.op == opOr) {
				return k.decided(n.op == opOr)
			}
		}
		if len(kids) == 0 {
			return n.kids[0].decided(n.op == opAnd)
		}
		n.kids = kids
	}
	return n
}

// decided makes a constant, which may be none, the yes or no it counts as.
func (n *node) decided(b bool) *node {
	n.constant = value.Bool(b)
	n.genConst()
	return n
}

// closures makes the closures of one node.
func (n *node) closures(c *checker) {
	switch n.op {
	case opConst:
		n.genConst()
	case opFact:
		ref := n.factRef()
		if n.noted != nil {
			ref = n.noted.noting(ref)
		}
		n.genRef(ref)
	case opElem:
		n.genRef(n.elemRef())
	case opAnd:
		n.tri = junction(n.kids, no)
	case opOr:
		n.tri = junction(n.kids, yes)
	case opNot:
		k := n.kids[0].tri
		n.tri = func(f *value.Frame) tri {
			switch k(f) {
			case yes:
				return no
			case unknown:
				return unknown
			}
			return yes
		}
	case opCompare:
		n.genCompare()
	case opIsNull:
		n.genIsNull()
	case opIn:
		n.genIn()
	case opArith:
		n.divides(n.name == "/")
		n.genArith(c)
	case opNegate:
		n.genNegate(c)
	case opTernary:
		n.genTernary()
	case opApply:
		n.divides(n.apply.divides)
		n.genApply(c)
	case opRound:
		n.genRound(c)
	case opRoundTo:
		n.divides(true)
		n.genRoundTo(c)
	case opExchange:
		n.genExchange(c)
	case opWeekday:
		n.genWeekday()
	case opDated:
		n.genDated()
	case opMostWithin:
		n.genMostWithin()
	case opPeriods:
		n.genPeriods(c)
	case opPick:
		n.genPick()
	case opPrefix:
		prefix, x := n.kids[1].constant.S(), n.kids[0].text
		n.tri = func(f *value.Frame) tri {
			s, state := x(f)
			if state != value.Known {
				return tri(state)
			}
			return triBool(strings.HasPrefix(s, prefix))
		}
	default:
		n.genList(c)
	}
	n.box()
	if n.typ.Kind == value.Invalid {
		n.open()
	}
}

// open makes closures of all kinds for what may be of any type: null, and the
// elements of [].
func (n *node) open() {
	x := n.val
	n.tri = func(f *value.Frame) tri { v := x(f); return triFrom(&v) }
	n.num = func(f *value.Frame) (int64, value.State) { v := x(f); return v.N, v.State }
	n.text = func(f *value.Frame) (string, value.State) { v := x(f); return v.S(), v.State }
	n.seq = func(f *value.Frame) seq { v := x(f); return computed(v.L(), v.State) }
}

// box makes val from the closure of the node's own kind.
func (n *node) box() {
	if n.val != nil {
		return
	}
	kind := n.typ.Kind
	switch {
	case n.tri != nil:
		x := n.tri
		n.val = func(f *value.Frame) value.Value { return x(f).value() }
	case n.num != nil:
		x := n.num
		n.val = func(f *value.Frame) value.Value {
			i, s := x(f)
			return value.NumberIn(kind, s, i)
		}
	case n.text != nil:
		x := n.text
		n.val = func(f *value.Frame) value.Value {
			t, s := x(f)
			return value.TextIn(kind, s, t)
		}
	default:
		x := n.seq
		n.val = func(f *value.Frame) value.Value {
			l := x(f)
			return value.ListIn(kind, l.state, l.items)
		}
	}
}

func (n *node) genApply(c *checker) {
	overflow, a := n.overflow(c), n.apply
	if n.calendars != nil {
		a = n.onCalendar()
		defer n.askCalendar()
	}
	fail := func(f *value.Frame, err error) {
		var o *OverflowError
		if errors.As(err, &o) && o.Source == "" {
			err = overflow
		}
		f.Fail(err)
	}
	if a.one == nil {
		n.num = lift(n.kids[0].num, n.kids[1].num, func(f *value.Frame, i, j int64) (int64, error) {
			r, err := a.two(f, i, j)
			if err != nil {
				fail(f, err)
			}
			return r, err
		})
		if a.divides {
			divided, of, by, division := n.num, n.kids[0].num, n.kids[1].num, n.division
			n.num = func(f *value.Frame) (int64, value.State) {
				m := marked(f)
				_, s := of(f)
				j, t := by(f)
				m.restore(f)
				if s != value.None && t == value.Known && j == 0 {
					division.byNothing(f)
					return 0, value.Unknown
				}
				return divided(f)
			}
		}
		return
	}
	x := n.kids[0].num
	n.num = func(f *value.Frame) (int64, value.State) {
		i, s := x(f)
		if s != value.Known {
			return 0, s
		}
		r, err := a.one(f, i)
		if err != nil {
			fail(f, err)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

// divides notes that the node divides its first kid by its second, if so.
func (n *node) divides(is bool) {
	if !is {
		return
	}
	n.division = &Division{Source: n.source, By: n.kids[1].written()}
}

// written is the node as a side that was not evaluated. Only numbers have a
// Value, and only sums, differences, products and quotients their parts.
func (n *node) written() Side {
	s := Side{Source: n.source, Slot: -1}
	switch n.op {
	case opFact:
		s.Slot = n.slot
	case opConst:
		s.Value = n.val(&value.Frame{})
	case opArith:
		s.Op = n.name
		for _, k := range n.kids {
			s.Of = append(s.Of, k.written())
		}
	}
	return s
}

// divisions appends those of the node and all below it.
func (n *node) divisions(all []*Division) []*Division {
	if n.division != nil {
		all = append(all, n.division)
	}
	for _, k := range n.kids {
		all = k.divisions(all)
	}
	return all
}

// collect gathers the slots of all facts below a node.
func (n *node) collect(slots *[]int) {
	if n.op == opFact {
		*slots = append(append(*slots, n.slot), n.gates...)
	}
	for _, k := range n.kids {
		k.collect(slots)
	}
}
