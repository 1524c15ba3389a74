package condition

import "github.com/servicerules/rulebook/internal/value"

// A unit of cost is what looking at one element of a list takes, or one part
// of an expression for it: at most some 40 nanoseconds.
const (
	costOfSet = 25      // for an element of a set that is made: it is hashed
	costMost  = 1 << 30 // beyond all bounds; products of two still fit
)

// Lengths are how many items lists have: those that a program reads, those in
// the element that it looks at, and the one in a slot, if that is not -1.
type Lengths struct {
	List, Inner int64
	Slot        int
	InSlot      int64
}

// CostOf bounds the units of one evaluation where lists have at most such
// lengths, and the items of its result.
func (p *Program) CostOf(l Lengths) (units, items int64) { return p.root.cost(&l) }

func (l *Lengths) of(x *node) int64 {
	switch {
	case x.op == opElem:
		return l.Inner
	case x.slot == l.Slot:
		return l.InSlot
	}
	return l.List
}

func (x *node) cost(n *Lengths) (units, items int64) {
	isList := x.typ.Kind == value.List
	switch x.op {
	case opConst:
		if isList {
			items = int64(len(x.constant.L()))
		}
		return 1, items
	case opFact, opElem:
		if isList {
			items = n.of(x)
		}
		return 1, items
	case opLoop:
		list, length := x.kids[0].cost(n)
		body, inside := x.kids[1].cost(n)
		units = list + length*min(1+body, costMost)
		if items = length; x.name == "map" {
			items = max(length, inside)
		}
	default:
		most := int64(0)
		units = 1
		for _, k := range x.kids {
			u, length := k.cost(n)
			units += u
			items += length
			most = max(most, length)
		}
		units += items
		switch x.op {
		case opSet, opMonths, opMostWithin, opPeriods:
			units += costOfSet * items
		case opList:
			items = int64(len(x.kids))
		case opTernary:
			items = most
		}
	}
	if !isList {
		items = 0
	}
	return min(units, costMost), min(items, costMost)
}
