package run

import (
	"encoding/binary"

	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
)

// conclude finds what the evaluation comes to, if it can among what was
// concluded before.
//
// That many answers share one conclusion is sound because it is a function of
// the key: the outcomes and findings of all rules, the verdict, and what was
// lacking. Where that is in an element of a list, its name depends on the
// facts, and nothing is shared.
func conclude(r *form.Run, scope form.Outcome, verdict value.Value) *conclusion {
	r.Marks[form.MarkScope] = scope
	key, named := append(r.Key[:0], r.Marks...), false
	key = append(append(key, byte(verdict.State)), verdict.S()...)
	for _, n := range r.Needs {
		key = binary.AppendVarint(append(key, 0), int64(n.Slot))
		key = binary.AppendVarint(key, int64(n.Index))
		key = binary.AppendVarint(key, int64(n.Field))
		named = named || n.Slot >= 0 && n.Index >= 0
	}
	r.Key = key
	if named {
		return concluded(r, scope, verdict)
	}
	c, known := r.Plan.Conclusions.Find(key).(*conclusion)
	if !known {
		c = concluded(r, scope, verdict)
		r.Plan.Conclusions.Add(key, c)
	}
	return c
}
