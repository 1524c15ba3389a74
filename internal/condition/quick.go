package condition

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// Mostly everything that a condition looks at is known. The closures made here
// are short cuts for that: they give the result where it is, and leave
// everything else to the closures in their place, which know what is missing.

// spot is where a fact is: its own slot and that of its record, or its own
// again where it is in none.
type spot struct{ slot, gate int }

// spot is not ok for what is no fact, or in a record inside of a record.
func (n *node) spot() (p spot, ok bool) {
	p = spot{n.slot, n.slot}
	if len(n.gates) == 1 {
		p.gate = n.gates[0]
	}
	return p, n.op == opFact && len(n.gates) < 2
}

// known is the fact, or nil unless it and its record are known.
func (p spot) known(f *value.Frame) *value.Value {
	v := &f.Slots[p.slot]
	if v.State != value.Known || f.Slots[p.gate].State != value.Known {
		return nil
	}
	return v
}

// quickFact is for a fact by itself.
func (n *node) quickFact() {
	at, ok := n.spot()
	switch {
	case !ok:
	case n.tri != nil:
		otherwise := n.tri
		n.tri = func(f *value.Frame) tri {
			if v := at.known(f); v != nil {
				return triOf(uint8(v.N) & 1)
			}
			return otherwise(f)
		}
	case n.num != nil:
		otherwise := n.num
		n.num = func(f *value.Frame) (int64, value.State) {
			if v := at.known(f); v != nil {
				return v.N, value.Known
			}
			return otherwise(f)
		}
	case n.text != nil:
		otherwise := n.text
		n.text = func(f *value.Frame) (string, value.State) {
			if v := at.known(f); v != nil {
				return v.S(), value.Known
			}
			return otherwise(f)
		}
	}
}

// quickCompare is for a fact against a constant or another fact.
func (n *node) quickCompare(mask uint8) {
	otherwise := n.tri
	a, ok := n.kids[0].spot()
	if !ok {
		return
	}
	b, isFact := n.kids[1].spot()
	k := &n.kids[1].constant
	isConstant := n.kids[1].op == opConst && k.State == value.Known
	switch x, y := n.kids[0].typ.Kind, n.kids[1].typ.Kind; {
	case isText(x) && isConstant:
		word := k.S()
		n.tri = func(f *value.Frame) tri {
			if v := a.known(f); v != nil {
				return triOf(mask >> (1 + b2u(!v.Is(word))) & 1)
			}
			return otherwise(f)
		}
	case isNumber(x) && isNumber(y) && isConstant:
		number := k.N
		n.tri = func(f *value.Frame) tri {
			if v := a.known(f); v != nil {
				return triOf(mask >> (cmp.Compare(v.N, number) + 1) & 1)
			}
			return otherwise(f)
		}
	case isNumber(x) && isNumber(y) && isFact:
		n.tri = func(f *value.Frame) tri {
			if v, w := a.known(f), b.known(f); v != nil && w != nil {
				return triOf(mask >> (cmp.Compare(v.N, w.N) + 1) & 1)
			}
			return otherwise(f)
		}
	}
}

// quickNull is for a fact that is there. Of the fact itself no more than that
// may be read.
func (n *node) quickNull() {
	at, ok := n.kids[0].spot()
	if !ok {
		return
	}
	there, otherwise := triBool(n.name != "=="), n.tri
	n.tri = func(f *value.Frame) tri {
		if at.known(f) != nil {
			return there
		}
		return otherwise(f)
	}
}

// quickIn is for a fact in a list of words, and for a word in a list of facts.
func (n *node) quickIn() {
	otherwise := n.tri
	if at, ok := n.kids[0].spot(); ok && isText(n.kids[0].typ.Kind) {
		if list := words(n.kids[1]); 0 < len(list) && len(list) <= fewWords {
			n.tri = func(f *value.Frame) tri {
				v := at.known(f)
				if v == nil {
					return otherwise(f)
				}
				return triBool(slices.ContainsFunc(list, v.Is))
			}
		}
		return
	}
	at, ok := n.kids[1].spot()
	if k := n.kids[0]; ok && k.op == opConst && k.constant.State == value.Known && isText(k.typ.Kind) {
		word := k.constant.S()
		n.tri = func(f *value.Frame) tri {
			v := at.known(f)
			if v == nil {
				return otherwise(f)
			}
			l := v.L()
			for i := range l {
				switch e := &l[i]; {
				case e.State == value.Unknown:
					return otherwise(f)
				case e.State == value.Known && e.Is(word):
					return yes
				}
			}
			return no
		}
	}
}

// quickEmpty is for a loop over a list of facts that has nothing in it.
func (n *node) quickEmpty(result tri) {
	at, ok := n.kids[0].spot()
	if !ok {
		return
	}
	otherwise := n.tri
	n.tri = func(f *value.Frame) tri {
		if v := at.known(f); v != nil && v.Empty() {
			return result
		}
		return otherwise(f)
	}
}
