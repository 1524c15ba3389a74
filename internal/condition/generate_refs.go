package condition

import (
	"github.com/servicerules/rulebook/internal/value"
)

// Closures that look something up: a constant, a fact, a field of an item.

func (n *node) genConst() {
	v := n.constant
	n.val = func(*value.Frame) value.Value { return v }
	t := triFrom(&v)
	n.tri = func(*value.Frame) tri { return t }
	number, text, state := v.N, v.S(), v.State
	n.num = func(*value.Frame) (int64, value.State) { return number, state }
	n.text = func(*value.Frame) (string, value.State) { return text, state }
	n.seq = func(*value.Frame) seq { return computed(v.L(), v.State) }
}

// genRef makes the closures of something that is stored.
func (n *node) genRef(ref func(*value.Frame) *value.Value) {
	switch k := n.typ.Kind; {
	case k == value.YesNo:
		n.tri = func(f *value.Frame) tri { return triFrom(ref(f)) }
	case isNumber(k):
		n.num = func(f *value.Frame) (int64, value.State) { v := ref(f); return v.N, v.State }
	case isText(k):
		n.text = func(f *value.Frame) (string, value.State) { v := ref(f); return v.S(), v.State }
	case k == value.List:
		slot, field, fact := n.slot, n.inside(), n.op == opFact
		n.seq = func(f *value.Frame) seq {
			v := ref(f)
			s := seq{items: v.L(), state: v.State, slot: slot, index: -1, field: -1}
			if !fact {
				s.slot, s.index, s.field = f.ElemSlot, f.ElemAt, field
				if s.within = f.Within; s.within.Item > 0 && s.within.ItemField == 0 {
					s.within.ItemField = field + 1
				}
			}
			return s
		}
	}
	kind := n.typ.Kind
	n.val = func(f *value.Frame) value.Value {
		v := ref(f)
		if v.State == value.Known {
			return *v
		}
		return value.In(kind, v.State)
	}
}

// factRef finds the value of a fact, or what its records make of it, and
// notes what is missing.
func (n *node) factRef() func(*value.Frame) *value.Value {
	slot, gates := n.slot, n.gates
	return func(f *value.Frame) *value.Value {
		for i, g := range gates {
			if f.Slots[g].State != value.Known {
				return behindGates(f, slot, gates[i:])
			}
		}
		v := &f.Slots[slot]
		if v.State == value.Unknown {
			need(f, slot, -1, -1)
		}
		return v
	}
}

// behindGates is the value of a fact where the first of some records that it is in
// is not known.
func behindGates(f *value.Frame, slot int, gates []int) *value.Value {
	missing := -1
	for _, g := range gates {
		switch f.Slots[g].State {
		case value.None:
			return &noneValue
		case value.Unknown:
			if missing < 0 {
				missing = g
			}
		}
	}
	if f.Slots[slot].State == value.Unknown {
		need(f, slot, -1, -1)
		return &f.Slots[slot]
	}
	// A default, say, of a field whose record is not known itself.
	need(f, missing, -1, -1)
	return &unknownValue
}

// elemRef finds the element, or a field of it.
func (n *node) elemRef() func(*value.Frame) *value.Value {
	path, field, whole, inner := n.path, n.inside(), n.field, 0
	if len(path) > 0 {
		inner = path[0] + 1
	}
	return func(f *value.Frame) *value.Value {
		v := &f.Elem
		for i, k := range path {
			if v.State != value.Known {
				if i == 0 { // nothing is known of the element as a whole
					return elemMissing(f, v, whole, 0)
				}
				break
			}
			if k >= len(v.L()) {
				v = &unknownValue
				break
			}
			v = &v.L()[k]
		}
		return elemMissing(f, v, field, inner)
	}
}

// elemMissing notes what is unknown of the element: a field or, where the element is
// an item of a list inside of one, a field of that, counted from 1.
func elemMissing(f *value.Frame, v *value.Value, field, inner int) *value.Value {
	switch {
	case v.State != value.Unknown || f.ElemSlot < 0:
	case f.Within.Item > 0:
		if f.Within.ItemField > 0 {
			inner = f.Within.ItemField
		}
		noteNeed(f, value.Need{Slot: f.ElemSlot, Index: f.ElemAt, Field: f.Within.Field, Item: f.Within.Item, ItemField: inner})
	default:
		need(f, f.ElemSlot, f.ElemAt, field)
	}
	return v
}
