package plan

import (
	"strconv"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
)

// placeValues gives the values their slots. One that is but the output of a
// rule or a fact has its slot already.
func placeValues(ed *form.Plan, list []*form.CompiledValue) {
	keep := func(p *condition.Program) int {
		if p == nil {
			return -1
		}
		if slot, ok := p.Ref(); ok {
			return slot
		}
		return ed.Slot("=" + strconv.Itoa(len(ed.Slots))) // no rule is called so
	}
	for _, f := range list {
		f.At, f.WhenAt, f.ID = keep(f.Is), keep(f.When), ed.Question.ID+"#"+f.Name
		f.Owner = ed.VerdictOwner() + 1 + len(ed.ValueIDs)
		ed.ValueIDs = append(ed.ValueIDs, f.ID)
		f.IsNoted, f.WhenNoted = noteShown(ed, f.Is), noteShown(ed, f.When)
		f.KeptWhen, f.Kept = number(ed, f.WhenAt), -1
		if f.Is != nil {
			f.Kept = number(ed, f.At)
		}
		placeValues(ed, f.Fields)
	}
}

// noteShown gives a value that is no more than what is in a slot a place to
// note that it was shown.
func noteShown(ed *form.Plan, p *condition.Program) form.Mark {
	if p == nil {
		return form.MarkVoid
	}
	slot, ok := p.Ref()
	if !ok || len(p.Noted()) == 0 {
		return form.MarkVoid
	}
	m, n := ed.NewMark(), &ed.Asked.Notes
	n.Consulted = append(n.Consulted, form.Consultation{Mark: m, Slot: slot, Part: form.MarkVoid})
	if slot == ed.AsOf {
		n.Later = append(n.Later, m)
	}
	return m
}

// number gives what is in the slot a number among the values of an answer.
func number(ed *form.Plan, slot int) int {
	if slot < 0 {
		return -1
	}
	ed.ValueSlots = append(ed.ValueSlots, slot)
	return len(ed.ValueSlots) - 1
}
