package condition

import "github.com/servicerules/rulebook/internal/value"

// Seen is one condition of an expression, where it stands, and what became of
// it in an evaluation.
type Seen struct {
	From, To int    // in the source, in characters
	Op       string // as in Reason
	Holds    value.Value
	// Equal is set where both sides of a comparison by order are known and the
	// same: the facts lie exactly at the boundary.
	Equal bool
}

// Conditions are the comparisons and plain yes/no facts in the program, in the
// order of the source, nothing said of what becomes of them. Those that
// constants decide are left out.
func (p *Program) Conditions() []Seen {
	var all []Seen
	var walk func(n *node)
	walk = func(n *node) {
		if isCondition(n) {
			all = append(all, Seen{From: n.from, To: n.to, Op: n.name})
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(p.root)
	return all
}

func isCondition(n *node) bool {
	switch n.op {
	case opCompare, opIn, opIsNull:
		return true
	case opFact, opElem:
		return n.typ != nil && n.typ.Kind == value.YesNo
	}
	return false
}

// Watch tells of every condition that Eval on the same frame comes to, in its
// order, for each item of a list by itself: what the rest decides is left out.
// It leaves f.Needs and f.Err as they are.
func (p *Program) Watch(f *value.Frame, tell func(Seen)) {
	saved, err := f.Needs, f.Err
	f.Needs = nil
	watch(p.root, f, tell)
	f.Needs, f.Err = saved, err
}

func watch(n *node, f *value.Frame, tell func(Seen)) {
	switch {
	case n.op == opAnd || n.op == opOr:
		decisive := no
		if n.op == opOr {
			decisive = yes
		}
		for _, k := range n.kids {
			watch(k, f, tell)
			if t := k.tri(f); t != unknown && decides(t, decisive) {
				return
			}
		}
		return
	case n.op == opTernary:
		watch(n.kids[0], f, tell)
		switch n.kids[0].tri(f) {
		case unknown:
		case yes:
			watch(n.kids[1], f, tell)
		default:
			watch(n.kids[2], f, tell)
		}
		return
	case n.op == opLoop:
		watch(n.kids[0], f, tell)
		list := n.kids[0].seq(f)
		list.each(f, func(int) bool {
			watch(n.kids[1], f, tell)
			return false
		})
		return
	case isCondition(n):
		tell(Seen{From: n.from, To: n.to, Op: n.name, Holds: n.val(f), Equal: atBoundary(n, f)})
	}
	for _, k := range n.kids {
		watch(k, f, tell)
	}
}

// atBoundary reports whether a comparison by order has the same on both sides.
func atBoundary(n *node, f *value.Frame) bool {
	if n.op != opCompare || n.name == "==" || n.name == "!=" {
		return false
	}
	a, b := n.kids[0].val(f), n.kids[1].val(f)
	return a.IsKnown() && b.IsKnown() && a.Equal(b)
}
