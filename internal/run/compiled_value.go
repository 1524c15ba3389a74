package run

import (
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
)

// computeValues computes values.
func computeValues(r *form.Run, list []*form.CompiledValue) {
	for _, f := range list {
		if f.When != nil {
			computeValue(r, f, f.When, f.WhenAt)
			if !r.Slots[f.WhenAt].True() {
				continue
			}
		}
		if f.Is != nil {
			computeValue(r, f, f.Is, f.At)
			continue
		}
		computeValues(r, f.Fields)
	}
}

func computeValue(r *form.Run, f *form.CompiledValue, p *condition.Program, at int) {
	own := at >= r.Plan.ValuesAt
	if m := f.NoteOf(p); m != form.MarkVoid {
		r.Mark(m)
	}
	if !own && !r.Slots[at].IsUnknown() {
		return
	}
	from := len(r.Needs)
	if v := p.Eval(&r.Frame); own {
		r.Slots[at] = v
	}
	if len(r.Needs) > from {
		r.Needs = append(r.Needs, ownedBy(f.Owner))
	}
}
