package run

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// refuseImpossible is why the facts cannot all be right: every condition that
// they break, at once. A condition on what is not known, or on what is known not
// to exist, is not broken.
func refuseImpossible(r *form.Run, q *checked.Question) error {
	var wrong policy.FactErrors
	for i := range q.Musts {
		m := &q.Musts[i]
		if broken(r, m) {
			wrong = append(wrong, r.Plan.Book.Impossible(m, r.Slots))
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

// broken reports whether a condition is known not to hold.
func broken(r *form.Run, m *checked.MustHold) bool {
	for _, f := range m.About {
		if was := r.Slots[f.Slot]; was.IsNone() {
			r.Slots[f.Slot] = value.UnknownOf(was.K)
			defer r.Set(f.Slot, was)
		}
	}
	needs := len(r.Needs)
	v := r.Eval(m.Holds)
	failed := r.Err != nil
	r.Needs, r.Err = r.Needs[:needs], nil
	return !failed && v.False()
}
