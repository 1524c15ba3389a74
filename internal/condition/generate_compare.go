package condition

import (
	"cmp"

	"github.com/servicerules/rulebook/internal/value"
)

// Closures of and, or, comparisons and the test for null.

// junction is and (decisive no) or or (decisive yes).
func junction(kids []*node, decisive tri) func(*value.Frame) tri {
	ks := make([]func(*value.Frame) tri, len(kids))
	for i, k := range kids {
		ks[i] = k.tri
	}
	other := no + yes - decisive
	// rest goes on from the first unknown, at kid i.
	rest := func(f *value.Frame, m mark, i int) tri {
		for _, k := range ks[i+1:] {
			if t := k(f); t != unknown && decides(t, decisive) {
				m.restore(f)
				return decisive
			}
		}
		return unknown
	}
	if len(ks) == 2 {
		a, b := ks[0], ks[1]
		return func(f *value.Frame) tri {
			m := marked(f)
			switch t := a(f); {
			case t == unknown:
				return rest(f, m, 0)
			case decides(t, decisive):
				return decisive
			}
			switch t := b(f); {
			case t == unknown:
				return unknown
			case decides(t, decisive):
				return decisive
			}
			return other
		}
	}
	return func(f *value.Frame) tri {
		m := marked(f)
		for i, k := range ks {
			switch t := k(f); {
			case t == unknown:
				return rest(f, m, i)
			case decides(t, decisive):
				return decisive
			}
		}
		return other
	}
}

// decides is whether a known t decides: none counts as no.
func decides(t, decisive tri) bool {
	if decisive == yes {
		return t == yes
	}
	return t != yes
}

// The bits of a mask say whether a comparison holds for less, equal, greater.
var masks = map[string]uint8{"<": 1, "<=": 3, "==": 2, ">=": 6, ">": 4, "!=": 5}

// genCompare compares two values of one kind, or a count and a ratio.
func (n *node) genCompare() {
	a, b := n.kids[0], n.kids[1]
	mask, equality := masks[n.name], n.name == "==" || n.name == "!="
	kind := a.typ.Kind
	if kind == value.Invalid {
		kind = b.typ.Kind
	}
	// absent is the result where not both sides are known.
	absent := func(f *value.Frame, m mark, s, t value.State) tri {
		switch {
		case !equality && (s == value.None || t == value.None):
			m.restore(f)
			return no
		case s == value.Unknown || t == value.Unknown:
			return unknown
		case s == t:
			return triOf(mask >> 1 & 1)
		}
		return triOf(^mask >> 1 & 1)
	}
	switch {
	case kind == value.YesNo:
		x, y := a.tri, b.tri
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			s := x(f)
			t := y(f)
			if s < no || t < no {
				return absent(f, m, stateOf(s), stateOf(t))
			}
			return triOf(mask >> (1 + b2u(s != t)) & 1)
		}
	case isText(kind):
		n.genCompareText(mask, absent)
	case isAmount(a.typ) || isAmount(b.typ):
		n.compareAmounts(mask, absent)
	case kind == value.Ratio || b.typ.Kind == value.Ratio:
		x, y := a.val, b.val
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			v, w := x(f), y(f)
			if v.State != value.Known || w.State != value.Known {
				return absent(f, m, v.State, w.State)
			}
			return triOf(mask >> (value.CompareRatio(v, w) + 1) & 1)
		}
	default:
		x, y := a.num, b.num
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			i, s := x(f)
			j, t := y(f)
			if s != value.Known || t != value.Known {
				return absent(f, m, s, t)
			}
			return triOf(mask >> (cmp.Compare(i, j) + 1) & 1)
		}
	}
}

func (n *node) genCompareText(mask uint8, absent func(*value.Frame, mark, value.State, value.State) tri) {
	a, b := n.kids[0], n.kids[1]
	x, y := a.text, b.text
	if b.op == opConst && b.constant.IsKnown() { // a word, as most are compared with
		word := b.constant.S()
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			i, s := x(f)
			if s != value.Known {
				return absent(f, m, s, value.Known)
			}
			return triOf(mask >> (1 + b2u(i != word)) & 1)
		}
		return
	}
	n.tri = func(f *value.Frame) tri {
		m := marked(f)
		i, s := x(f)
		j, t := y(f)
		if s != value.Known || t != value.Known {
			return absent(f, m, s, t)
		}
		return triOf(mask >> (1 + b2u(i != j)) & 1)
	}
}

func (n *node) genIsNull() {
	x, holds := n.kids[0].val, n.name == "=="
	if k := n.kids[0]; k.num != nil && k.op != opConst {
		y := k.num
		n.tri = func(f *value.Frame) tri {
			_, s := y(f)
			if s == value.Unknown {
				return unknown
			}
			return triBool((s == value.None) == holds)
		}
		return
	}
	n.tri = func(f *value.Frame) tri {
		v := x(f)
		if v.State == value.Unknown {
			return unknown
		}
		return triBool((v.State == value.None) == holds)
	}
}
