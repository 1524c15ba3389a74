package form

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// List is an expression that gives a list, whose items a rule looks at one by
// one.
type List struct {
	*condition.Program      // nil where the rule says none
	Slot               int  // of the list as it stands; -1 where it is computed, or in an item of another
	computed           bool // such as some of the items of another
	field              int  // of the element that the list is in, as it stands there; -1 for none
}

// ListOf is the list that an expression gives.
func ListOf(p *condition.Program) List {
	l := ListAsGiven(p)
	l.computed = p != nil && l.Slot < 0
	return l
}

// ListAsGiven is that list where it stands in the facts as it is, or as a field of an
// item of another list; where it is computed, what its items lack is not noted as
// theirs.
func ListAsGiven(p *condition.Program) List {
	if p == nil {
		return List{nil, -1, false, -1}
	}
	return List{p, p.ListSlot(), false, p.ElementList()}
}

// NamesItems reports whether what items of the list lack is noted as theirs.
func (l *List) NamesItems() bool { return l.Slot >= 0 || l.computed || l.field >= 0 }

// NeedField notes that a field of the item that is looked at was wanted, where it is
// known which item that is.
func (r *Run) NeedField(field int) {
	n := value.Need{Slot: r.ElemSlot, Index: r.ElemAt, Field: field}
	if in := r.Within; in.Item > 0 {
		n.Field, n.Item, n.ItemField = in.Field, in.Item, field+1
	}
	if n.Slot >= 0 {
		r.Needs = append(r.Needs, n)
	}
}

// Each calls visit with each of the items and its place. Meanwhile the Element
// expressions of the rule look at that item, and what they lack is noted as the
// item's, at the place that it has in the list where it comes from.
func (r *Run) Each(l List, items []value.Value, visit func(i int, item value.Value)) {
	if l.computed {
		l.Program.Each(&r.Frame, func(i int) bool {
			visit(i, r.Elem)
			return false
		})
		return
	}
	elem, slot, at, within := r.Elem, r.ElemSlot, r.ElemAt, r.Within
	inner := l.field >= 0 && slot >= 0 && within.Item == 0
	for i, item := range items {
		r.Elem, r.ElemSlot, r.ElemAt, r.Within = item, l.Slot, i, value.Inner{}
		if inner {
			r.ElemSlot, r.ElemAt, r.Within = slot, at, value.Inner{Field: l.field, Item: i + 1}
		}
		visit(i, item)
	}
	r.Elem, r.ElemSlot, r.ElemAt, r.Within = elem, slot, at, within
}

// An Item is an item of a list, and its place in the list where it comes from.
type Item struct {
	Value    value.Value
	slot, at int
	within   value.Inner
}

// Items are the items of a list.
func (r *Run) Items(l List, items []value.Value) []Item {
	all := make([]Item, 0, len(items))
	r.Each(l, items, func(_ int, item value.Value) { all = append(all, Item{item, r.ElemSlot, r.ElemAt, r.Within}) })
	return all
}

// EvalItem is Eval of an Element expression for one item of a list.
func (r *Run) EvalItem(i Item, p *condition.Program) value.Value {
	elem, slot, at, within := r.Elem, r.ElemSlot, r.ElemAt, r.Within
	r.Elem, r.ElemSlot, r.ElemAt, r.Within = i.Value, i.slot, i.at, i.within
	v := r.Eval(p)
	r.Elem, r.ElemSlot, r.ElemAt, r.Within = elem, slot, at, within
	return v
}

// Ignoring is Eval, but notes nothing of what the expression lacks: it matters
// only where it is known.
func (r *Run) Ignoring(p *condition.Program) value.Value {
	since := r.Lacking()
	v := r.Eval(p)
	r.Ignore(since)
	return v
}

// Lacking is where to go back to by Ignore.
func (r *Run) Lacking() Lacks { return Lacks(len(r.Needs)) }

// Lacks is what an evaluation has noted so far that it lacks.
type Lacks int

// Ignore forgets what was noted as lacking since then: it changes nothing.
func (r *Run) Ignore(since Lacks) { r.Needs = r.Needs[:since] }
