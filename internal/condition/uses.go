package condition

import (
	"github.com/servicerules/rulebook/internal/value"
)

// Uses is what a program does with what it reads, for those who want to know
// which values make a difference to it.
type Uses struct {
	Comparisons []Comparison
	// Computed is what arithmetic and functions work on: which of its values
	// make a difference cannot be read off.
	Computed []Operand
	// Gives is what the result may be as it stands. GivesComputed says that it
	// may be something else as well.
	Gives         []Operand
	GivesComputed bool
}

// Operand is something that a program uses as it stands: what is in a slot, an
// element of a list or a field of it, or a constant.
type Operand struct {
	Slot  int         // -1 where it is in none
	Elem  *value.Type // the type of the element that it is, or is in; else nil
	Field int         // of that element; -1 for the element itself
	Const value.Value // known where it is a constant
}

// Comparison is one comparison in a program. Each side is one of its operands,
// as a condition in it chooses.
type Comparison struct {
	Source      string // as written
	From, To    int    // where, in characters
	Op          string // == != < <= > >= in
	Left, Right []Operand
	Computed    bool  // a side is computed: its operands are among Uses.Computed
	Lists       []int // the slots of lists whose length, or count of items, is compared
	eval        [2]func(*value.Frame) value.Value
	perElement  bool
}

// Eval computes both sides; false where the comparison is about the element of
// a loop.
func (c *Comparison) Eval(f *value.Frame) (left, right value.Value, ok bool) {
	if c.perElement || c.eval[0] == nil {
		return left, right, false
	}
	needs, err := len(f.Needs), f.Err
	left, right = c.eval[0](f), c.eval[1](f)
	f.Needs, f.Err = f.Needs[:needs], err
	return left, right, true
}

// Uses lists them.
func (p *Program) Uses() Uses {
	var u Uses
	walkUses(p.root, p.element, false, &u)
	gives, whole := operandsOf(p.root, p.element)
	u.Gives, u.GivesComputed = gives, !whole
	return u
}

func walkUses(n *node, elem *value.Type, loop bool, u *Uses) {
	switch n.op {
	case opCompare, opIn:
		u.compare(n, elem, loop)
	case opArith, opNegate, opApply, opSum, opMonths, opMostWithin, opPrefix, opRound, opWeekday, opExchange, opRoundTo, opPeriods, opDated:
		for _, k := range n.kids {
			u.computed(k, elem)
		}
	case opLoop:
		walkUses(n.kids[0], elem, loop, u)
		inner := elem
		if t := n.kids[0].typ; t != nil && t.Kind == value.List {
			inner = t.Elem
		}
		for _, k := range n.kids[1:] {
			walkUses(k, inner, true, u)
		}
		return
	}
	for _, k := range n.kids {
		walkUses(k, elem, loop, u)
	}
}

func (u *Uses) compare(n *node, elem *value.Type, loop bool) {
	left, plain := operandsOf(n.kids[0], elem)
	c := Comparison{Source: n.source, From: n.from, To: n.to, Op: n.name, Left: left, perElement: loop}
	other := n.kids[1]
	if n.op == opIn {
		c.Op = "in"
		var whole bool
		c.Right, whole = membersOf(other, elem)
		plain = plain && whole
	} else {
		c.eval = [2]func(*value.Frame) value.Value{n.kids[0].val, other.val}
		right, whole := operandsOf(other, elem)
		c.Right = right
		plain = plain && whole
	}
	if !plain {
		c.Computed = true
		u.computed(n.kids[0], elem)
		u.computed(other, elem)
		lengths(n, &c.Lists)
	}
	u.Comparisons = append(u.Comparisons, c)
}

// computed notes what is worked on below a node.
func (u *Uses) computed(n *node, elem *value.Type) {
	switch n.op {
	case opFact, opElem:
		if x, ok := operandsOf(n, elem); ok {
			u.Computed = append(u.Computed, x...)
		}
	case opConst:
	case opLoop:
		u.computed(n.kids[0], elem)
		if t := n.kids[0].typ; t != nil && t.Kind == value.List && n.name == "map" {
			u.computed(n.kids[1], t.Elem)
		}
	default:
		for _, k := range n.kids {
			u.computed(k, elem)
		}
	}
}

// lengths appends the slots of lists that are counted below a node.
func lengths(n *node, slots *[]int) {
	if n.op == opLen || n.op == opLoop {
		n.kids[0].collect(slots)
	}
	for _, k := range n.kids {
		lengths(k, slots)
	}
}

// operandsOf is what a node is, as it stands; whole is false where it may be
// something computed.
func operandsOf(n *node, elem *value.Type) (all []Operand, whole bool) {
	switch n.op {
	case opConst:
		return []Operand{{Slot: -1, Field: -1, Const: n.val(&value.Frame{ElemSlot: -1})}}, true
	case opFact:
		return []Operand{{Slot: n.slot, Field: -1}}, true
	case opElem:
		switch len(n.path) {
		case 0:
			return []Operand{{Slot: -1, Elem: elem, Field: -1}}, elem != nil
		case 1:
			return []Operand{{Slot: -1, Elem: elem, Field: n.path[0]}}, elem != nil
		}
		return nil, false
	case opTernary:
		a, one := operandsOf(n.kids[1], elem)
		b, two := operandsOf(n.kids[2], elem)
		return append(a, b...), one && two
	case opPick:
		whole = len(n.kids) > 1
		for _, k := range n.kids {
			x, ok := operandsOf(k, elem)
			all, whole = append(all, x...), whole && ok
		}
		return all, whole
	}
	return nil, false
}

// membersOf are the operands that the elements of a list are.
func membersOf(n *node, elem *value.Type) (all []Operand, whole bool) {
	switch {
	case n.op == opList:
		whole = true
		for _, k := range n.kids {
			x, ok := operandsOf(k, elem)
			all, whole = append(all, x...), whole && ok
		}
		return all, whole
	case n.op == opConst:
		v := n.val(&value.Frame{ElemSlot: -1})
		for _, x := range v.L() {
			all = append(all, Operand{Slot: -1, Field: -1, Const: x})
		}
		return all, true
	case n.typ != nil && n.typ.Kind == value.List && n.typ.Elem != nil && (n.op == opFact || n.op == opLoop && n.name == "filter"):
		return []Operand{{Slot: -1, Elem: n.typ.Elem, Field: -1}}, true
	}
	return nil, false
}

// PerElement reports whether the program looks at the elements of a list, one at
// a time, that its rule goes through.
func (p *Program) PerElement() bool { return p.perElement }
