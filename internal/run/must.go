package run

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// refuseImpossible is why the facts cannot all be right: every condition that
// they break, at once. It is asked wherever facts come in. A condition on what is not known, or on what is known not
// to exist, is not broken.
func refuseImpossible(r *form.Run, q *checked.Question) error {
	var wrong policy.FactErrors
	for i := range q.Musts {
		m := &q.Musts[i]
		if broken, where := broken(r, m); broken {
			wrong = append(wrong, r.Plan.Book.Impossible(m, r.Slots, where))
		}
	}
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return wrong[0]
	}
	return wrong
}

// broken reports whether a condition is known not to hold, and of which element of
// a list first.
func broken(r *form.Run, m *checked.MustHold) (broken bool, where checked.Element) {
	for _, f := range m.About {
		was := r.Slots[f.Slot]
		if open := withoutNone(was); was.IsNone() || was.K == value.List {
			r.Slots[f.Slot] = open
			defer r.Set(f.Slot, was)
		}
	}
	needs := len(r.Needs)
	v := r.Eval(m.Holds)
	failed := r.Err != nil
	r.Needs, r.Err = r.Needs[:needs], nil
	if failed || !v.False() {
		return false, where
	}
	where.List, where.At, where.Fields = m.Holds.FirstNot(&r.Frame)
	return true, where
}

// withoutNone is a value with unknown in the place of what is known not to
// exist, also in the elements of a list.
func withoutNone(v value.Value) value.Value {
	switch {
	case v.IsNone():
		return value.UnknownOf(v.K)
	case !v.IsKnown() || v.K != value.List && v.K != value.Record:
		return v
	}
	items := make([]value.Value, len(v.L()))
	for i, x := range v.L() {
		items[i] = withoutNone(x)
	}
	open := value.ListIn(v.K, v.State, items)
	if v.K == value.Record {
		open.N = v.N // the place at which it was given
	}
	return open
}
