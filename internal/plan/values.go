package plan

import (
	"strconv"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
)

// placeValues gives the values their slots. One that is but the output of a
// rule or a fact has its slot already.
func placeValues(plan *form.Plan, list []*form.CompiledValue) {
	keep := func(p *condition.Program) int {
		if p == nil {
			return -1
		}
		if slot, ok := p.Ref(); ok {
			return slot
		}
		return plan.Slot("=" + strconv.Itoa(len(plan.Slots))) // no rule is called so
	}
	for _, f := range list {
		f.At, f.WhenAt, f.ID = keep(f.Is), keep(f.When), plan.Question.ID+"#"+f.Name
		f.Owner = plan.VerdictOwner() + 1 + len(plan.ValueIDs)
		plan.ValueIDs = append(plan.ValueIDs, f.ID)
		f.IsNoted, f.WhenNoted = noteShown(plan, f.Is), noteShown(plan, f.When)
		f.KeptWhen, f.Kept = number(plan, f.WhenAt), -1
		if f.Is != nil {
			f.Kept = number(plan, f.At)
		}
		placeValues(plan, f.Fields)
	}
}

// noteShown gives a value that is no more than what is in a slot a place to
// note that it was shown.
func noteShown(plan *form.Plan, p *condition.Program) form.Mark {
	if p == nil {
		return form.MarkVoid
	}
	slot, ok := p.Ref()
	if !ok || len(p.Noted()) == 0 {
		return form.MarkVoid
	}
	m, n := plan.NewMark(), &plan.Asked.Notes
	n.Consulted = append(n.Consulted, form.Consultation{Mark: m, Slot: slot, Part: form.MarkVoid})
	if slot == plan.AsOf {
		n.Later = append(n.Later, m)
	}
	return m
}

// number gives what is in the slot a number among the values of an answer.
func number(plan *form.Plan, slot int) int {
	if slot < 0 {
		return -1
	}
	plan.ValueSlots = append(plan.ValueSlots, slot)
	return len(plan.ValueSlots) - 1
}
