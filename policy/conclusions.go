package policy

import (
	"encoding/binary"

	"github.com/servicerules/rulebook/internal/value"
)

// conclude finds what the evaluation comes to, if it can among what was
// concluded before.
//
// That many answers share one conclusion is sound because it is a function of
// the key: the outcomes and findings of all rules, the verdict, and what was
// lacking. Where that is in an element of a list, its name depends on the
// facts, and nothing is shared.
func (r *Run) conclude(scope outcome, verdict value.Value) *conclusion {
	r.marks[markScope] = scope
	key, named := append(r.key[:0], r.marks...), false
	key = append(append(key, byte(verdict.State)), verdict.S()...)
	for _, n := range r.Needs {
		key = binary.AppendVarint(append(key, 0), int64(n.Slot))
		key = binary.AppendVarint(key, int64(n.Index))
		key = binary.AppendVarint(key, int64(n.Field))
		named = named || n.Slot >= 0 && n.Index >= 0
	}
	r.key = key
	if named {
		return r.concluded(scope, verdict)
	}
	c, known := r.ed.conclusions.find(key).(*conclusion)
	if !known {
		c = r.concluded(scope, verdict)
		r.ed.conclusions.add(key, c)
	}
	return c
}
