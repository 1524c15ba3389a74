package analysis

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// A place is where values are: in a slot, in the elements of lists of a type, or
// in a field of such elements.
type place struct {
	slot  int // -1 for elements
	elem  *value.Type
	field int
}

func slotPlace(slot int) place { return place{slot: slot, field: -1} }

// classes are the places whose values are compared with each other, directly or
// not, with the constants that they are compared with.
type classes struct {
	*study
	of map[place]*class
	// computing says that a form works with facts among what matters: of numbers
	// and times, no cells stand for all.
	computing bool
	lists     map[int][]int64 // what the length of the list in a slot is compared with
}

type class struct {
	into      *class // the class that it was joined with
	members   int
	constants []value.Value
	computed  bool // something computes with a value of it
}

func (c *classes) at(p place) *class {
	x := c.of[p]
	if x == nil {
		x = &class{members: 1}
		c.of[p] = x
	}
	for x.into != nil {
		x = x.into
	}
	return x
}

func (c *classes) join(a, b *class) *class {
	for a.into != nil {
		a = a.into
	}
	for b.into != nil {
		b = b.into
	}
	if a == b {
		return a
	}
	b.into = a
	a.members += b.members
	a.constants = append(a.constants, b.constants...)
	a.computed = a.computed || b.computed
	return a
}

// learn takes up what a program does with what it reads. What it gives is kept in
// the slot, if that is not negative.
func (c *classes) learn(p *condition.Program, into int) {
	uses := c.usesOf(p)
	for i := range uses.Comparisons {
		x := &uses.Comparisons[i]
		c.relate(append(slices.Clone(x.Left), x.Right...), nil)
		if x.Computed {
			c.lengths(x)
		}
	}
	for _, o := range uses.Computed {
		if !o.Const.IsKnown() {
			c.at(placeOf(o)).computed = true
		}
	}
	if into < 0 {
		return
	}
	x := c.relate(uses.Gives, c.at(slotPlace(into)))
	if uses.GivesComputed {
		x.computed = true
	}
}

// sink notes that what a program gives is worked on further by a form.
func (c *classes) sink(p *condition.Program) {
	for _, o := range c.usesOf(p).Gives {
		if !o.Const.IsKnown() && o.Const.K == value.Invalid {
			c.at(placeOf(o)).computed = true
		}
	}
}

func placeOf(o condition.Operand) place {
	if o.Elem != nil {
		return place{-1, o.Elem, o.Field}
	}
	return slotPlace(o.Slot)
}

// relate joins the operands into one class, with another if there is one.
func (c *classes) relate(all []condition.Operand, with *class) *class {
	var constants []value.Value
	for _, o := range all {
		switch {
		case o.Const.IsKnown():
			constants = append(constants, o.Const)
		case o.Slot < 0 && o.Elem == nil: // a constant that is none
		case with == nil:
			with = c.at(placeOf(o))
		default:
			with = c.join(with, c.at(placeOf(o)))
		}
	}
	if with != nil {
		with.constants = append(with.constants, constants...)
	}
	return with
}

// lengths notes what the number of items of lists is compared with.
func (c *classes) lengths(x *condition.Comparison) {
	for _, o := range append(slices.Clone(x.Left), x.Right...) {
		if o.Const.IsKnown() && o.Const.K == value.Count {
			for _, slot := range x.Lists {
				c.lists[slot] = append(c.lists[slot], o.Const.N)
			}
		}
	}
}

// distinct are the constants in order, each once.
func (x *class) distinct() []value.Value {
	all := slices.Clone(x.constants)
	slices.SortFunc(all, func(a, b value.Value) int {
		return cmp.Or(cmp.Compare(a.K, b.K), cmp.Compare(a.N, b.N), cmp.Compare(a.S(), b.S()))
	})
	return slices.CompactFunc(all, func(a, b value.Value) bool { return a.K == b.K && a.Equal(b) })
}
