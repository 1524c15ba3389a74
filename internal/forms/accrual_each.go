package forms

import (
	"cmp"
	"fmt"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// matters are what accrues for each item of the list; false where that of one is
// not known. Those that have not begun are left out.
func (u *accrualUnit) matters(r *form.Run) (all []accrued, ok bool) {
	list := r.Eval(u.each.Program)
	if list.IsUnknown() {
		return nil, false
	}
	ok = true
	r.Each(u.each, list.L(), func(int, value.Value) {
		if r.Err != nil {
			return
		}
		a, known := u.compute(r)
		ok = ok && known
		if known && !a.from.IsNone() {
			all = append(all, a)
		}
	})
	return all, ok && r.Err == nil
}

// evaluateEach adds up what accrues for each item of the list.
func (u *accrualUnit) evaluateEach(r *form.Run) {
	all, ok := u.matters(r)
	if r.Err != nil {
		return
	}
	if !ok {
		r.Undetermined(u.part)
		return
	}
	var units, hours int64
	amount := u.typ.AmountOf(0, 0)
	if len(u.rates) == 0 { // units are only counted
		amount = value.NoneOf(value.Count)
	}
	rate, running := value.NoneOf(u.typ.Kind), false
	for i := range all {
		a := &all[i]
		units, hours, running = units+a.units, hours+a.hours, running || a.running
		u.passes(r, a)
		switch {
		case i == 0:
			rate = a.rate
		case !rate.Equal(a.rate):
			rate = value.NoneOf(u.typ.Kind)
		}
		amount = u.plus(r, amount, a.amount)
		if r.Err != nil {
			return
		}
	}
	r.Set(u.unitsAt, value.Int(units))
	r.Set(u.hoursAt, value.Int(hours))
	r.Set(u.rateAt, rate)
	r.Set(u.amountAt, amount)
	r.Set(u.runningAt, value.Bool(running))
}

// plus is the sum of two amounts, known where both are.
func (u *accrualUnit) plus(r *form.Run, a, b value.Value) value.Value {
	switch {
	case a.IsUnknown() || b.IsUnknown():
		return value.UnknownOf(u.typ.Kind)
	case !a.IsKnown() || !b.IsKnown():
		return value.NoneOf(u.typ.Kind)
	}
	if !a.SameUnit(b) {
		refuseCurrencies(r, u.part, a.In, b.In)
	}
	sum, ok := value.Add(a.N, b.N)
	if !ok {
		r.Refuse(u.part, text("合计超出范围", "the total is out of range"))
	}
	return u.typ.AmountOf(sum, cmp.Or(a.In, b.In))
}

// unpriced tells how many items have no rate, and why the first has none; "" where
// units are only counted, or it is not known what they come to.
func (u *accrualUnit) unpriced(r *form.Run, s *form.Story) string {
	if len(u.rates) == 0 {
		return ""
	}
	n, told := 0, ""
	r.Each(u.each, r.Eval(u.each.Program).L(), func(int, value.Value) {
		a, known := u.compute(r)
		if !known || a.from.IsNone() || !a.priced.IsNone() {
			return
		}
		if n++; n == 1 {
			told = u.noRate(s)
		}
	})
	switch {
	case n == 0:
		return ""
	case n == 1:
		return s.Pick("；其中 1 项", "; of one ") + told
	}
	return s.Pick(fmt.Sprintf("；其中 %d 项", n), fmt.Sprintf("; of %d ", n)) + told
}

// tellEach tells what each item comes to, where they are few, and the total.
func (u *accrualUnit) tellEach(r *form.Run, s *form.Story) {
	const few = 6
	all, ok := u.matters(r)
	total := r.Slots[u.amountAt]
	switch {
	case !ok:
	case !total.IsKnown():
		s.Tellf(u.part, "共 %[1]d 项，%[2]s%[3]s", "%[1]d in all, %[2]s%[3]s", len(all), u.unitWords(r.Slots[u.unitsAt].N).In(s.Lang), u.unpriced(r, s))
	case len(all) > 1 && len(all) <= few:
		sum := condition.Side{Slot: -1, Op: "+", Value: total}
		for _, a := range all {
			sum.Of = append(sum.Of, condition.Side{Slot: -1, Value: a.amount})
		}
		s.Tellf(u.part, "%[1]d 项：%[2]s", "%[1]d in all: %[2]s", len(all), s.Computed(sum))
	default:
		s.Tell(u.part, policy.Text{ZH: s.Show(total), EN: s.Show(total)})
	}
}
