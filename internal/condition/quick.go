package condition

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// Mostly everything that a condition looks at is there, or known not to be. The
// closures made here are short cuts for that: they give the result where it is
// so, and leave everything else to the closures in their place, which know what
// is missing.

// spot is where a fact is: its own slot and that of its record, or its own
// again where it is in none.
type spot struct{ slot, gate int }

// spot is not ok for what is no fact, or in a record inside of a record, or
// where it is noted that it is read.
func (n *node) spot() (p spot, ok bool) {
	p = spot{n.slot, n.slot}
	if len(n.gates) == 1 {
		p.gate = n.gates[0]
	}
	return p, n.op == opFact && len(n.gates) < 2 && n.noted == nil
}

// known is the fact, or nil unless it and its record are known.
func (p spot) known(f *value.Frame) *value.Value {
	v := &f.Slots[p.slot]
	if v.State != value.Known || f.Slots[p.gate].State != value.Known {
		return nil
	}
	return v
}

// look is the state of the fact with what its record makes of it, and the fact
// where it is known.
func (p spot) look(f *value.Frame) (*value.Value, value.State) {
	v := &f.Slots[p.slot]
	if s := f.Slots[p.gate].State; s != value.Known {
		return nil, s
	}
	return v, v.State
}

// quickFact is for a fact by itself.
func (n *node) quickFact() {
	at, ok := n.spot()
	switch {
	case !ok:
	case n.tri != nil:
		otherwise := n.tri
		n.tri = func(f *value.Frame) tri {
			switch v, s := at.look(f); s {
			case value.Known:
				return triOf(uint8(v.N) & 1)
			case value.None:
				return none
			}
			return otherwise(f)
		}
	case n.num != nil:
		otherwise := n.num
		n.num = func(f *value.Frame) (int64, value.State) {
			switch v, s := at.look(f); s {
			case value.Known:
				return v.N, s
			case value.None:
				return 0, s
			}
			return otherwise(f)
		}
	case n.text != nil:
		otherwise := n.text
		n.text = func(f *value.Frame) (string, value.State) {
			switch v, s := at.look(f); s {
			case value.Known:
				return v.S(), s
			case value.None:
				return "", s
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
	absent := triBool(n.name == "!=") // of none against something
	switch x, y := n.kids[0].typ.Kind, n.kids[1].typ.Kind; {
	case isText(x) && isConstant:
		word := k.S()
		n.tri = func(f *value.Frame) tri {
			switch v, s := a.look(f); s {
			case value.Known:
				return triOf(mask >> (1 + b2u(v.S() != word)) & 1)
			case value.None:
				return absent
			}
			return otherwise(f)
		}
	case isNumber(x) && isNumber(y) && isConstant:
		number := k.N
		n.tri = func(f *value.Frame) tri {
			switch v, s := a.look(f); s {
			case value.Known:
				return triOf(mask >> (cmp.Compare(v.N, number) + 1) & 1)
			case value.None:
				return absent
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

// quickNull is for whether there is a fact. Of the fact itself no more than
// that may be read.
func (n *node) quickNull() {
	at, ok := n.kids[0].spot()
	if !ok {
		return
	}
	absent, otherwise := triBool(n.name == "=="), n.tri
	there := no + yes - absent
	n.tri = func(f *value.Frame) tri {
		switch _, s := at.look(f); s {
		case value.Known:
			return there
		case value.None:
			return absent
		}
		return otherwise(f)
	}
}

// quickIn is for a fact in a list of words, and for a word in a list that is a
// fact or among facts.
func (n *node) quickIn() {
	otherwise := n.tri
	a, b := n.kids[0], n.kids[1]
	if !isText(a.typ.Kind) {
		return
	}
	if at, ok := a.spot(); ok {
		if list := words(b); 0 < len(list) && len(list) <= fewWords {
			n.tri = func(f *value.Frame) tri {
				switch v, s := at.look(f); s {
				case value.Known:
					return triBool(slices.Contains(list, v.S()))
				case value.None:
					return no
				}
				return otherwise(f)
			}
		}
		return
	}
	if a.op != opConst || a.constant.State != value.Known {
		return
	}
	word := a.constant.S()
	if at, ok := b.spot(); ok {
		n.tri = func(f *value.Frame) tri {
			v, s := at.look(f)
			switch s {
			case value.Unknown:
				return otherwise(f)
			case value.None:
				return no
			}
			l := v.L()
			for i := range l {
				switch e := &l[i]; {
				case e.State == value.Unknown:
					return otherwise(f)
				case e.State == value.Known && e.S() == word:
					return yes
				}
			}
			return no
		}
		return
	}
	if b.op != opList {
		return
	}
	among := make([]spot, len(b.kids))
	for i, k := range b.kids {
		at, ok := k.spot()
		if !ok {
			return
		}
		among[i] = at
	}
	n.tri = func(f *value.Frame) tri {
		for _, at := range among {
			switch v, s := at.look(f); {
			case s == value.Unknown:
				return otherwise(f)
			case s == value.Known && v.S() == word:
				return yes
			}
		}
		return no
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
		if v, s := at.look(f); s == value.None || s == value.Known && v.Empty() {
			return result
		}
		return otherwise(f)
	}
}

// quickDivide is for two counts, the second above 0.
func (n *node) quickDivide() {
	x, y, otherwise := n.kids[0].num, n.kids[1].num, n.val
	if n.kids[0].typ.Kind != value.Count || n.kids[1].typ.Kind != value.Count {
		return
	}
	n.val = func(f *value.Frame) value.Value {
		m := marked(f)
		a, s := x(f)
		b, t := y(f)
		if s == value.Known && t == value.Known && b > 0 {
			return value.RatioOf(a, b)
		}
		m.restore(f)
		return otherwise(f)
	}
}
