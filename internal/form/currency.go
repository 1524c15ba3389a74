package form

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// OfAnyCurrency is a type, without the currencies in it where another type, of what
// may stand in the same place, has others: each amount says of which it is.
func OfAnyCurrency(t, other *value.Type) *value.Type {
	if t == nil || other == nil || t == other || t.Kind != other.Kind {
		return t
	}
	joint := *t
	changed := t.In != other.In
	if changed {
		joint.In = 0
	}
	if elem := OfAnyCurrency(t.Elem, other.Elem); elem != t.Elem {
		joint.Elem, changed = elem, true
	}
	joint.Fields = slices.Clone(t.Fields)
	for i := range min(len(t.Fields), len(other.Fields)) {
		if field := OfAnyCurrency(t.Fields[i].Type, other.Fields[i].Type); field != t.Fields[i].Type {
			joint.Fields[i].Type, changed = field, true
		}
	}
	if !changed {
		return t
	}
	return &joint
}
