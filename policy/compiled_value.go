package policy

import (
	"strconv"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// compiledValue is a value of an answer, compiled. What it comes to is kept in slots
// of the run, so that an answer need not be written out before it is read.
type compiledValue struct {
	*checkedValue
	is, when *condition.Program
	fields   []*compiledValue
	typ      *value.Type
	at       int    // the slot of its value
	whenAt   int    // the slot that says whether it exists, -1 where it always does
	id       string // as missing facts name it
	owner    int    // of what it lacks; see ownedBy
	kept     int    // its number among the values that an answer keeps
	keptWhen int
	// Where it is noted that a value was shown that is no more than what
	// something else came to: of is and of when.
	isNoted, whenNoted Mark
}

// placeValues gives the values their slots. One that is but the output of a
// rule or a fact has its slot already.
func (ed *edition) placeValues(list []*compiledValue) {
	keep := func(p *condition.Program) int {
		if p == nil {
			return -1
		}
		if slot, ok := p.Ref(); ok {
			return slot
		}
		return ed.slot("=" + strconv.Itoa(len(ed.slots))) // no rule is called so
	}
	for _, f := range list {
		f.at, f.whenAt, f.id = keep(f.is), keep(f.when), ed.question.ID+"#"+f.Name
		f.owner = ed.verdictOwner() + 1 + len(ed.valueIDs)
		ed.valueIDs = append(ed.valueIDs, f.id)
		f.isNoted, f.whenNoted = ed.noteShown(f.is), ed.noteShown(f.when)
		f.keptWhen, f.kept = ed.number(f.whenAt), -1
		if f.is != nil {
			f.kept = ed.number(f.at)
		}
		ed.placeValues(f.fields)
	}
}

// noteShown gives a value that is no more than what is in a slot a place to
// note that it was shown.
func (ed *edition) noteShown(p *condition.Program) Mark {
	if p == nil {
		return markVoid
	}
	slot, ok := p.Ref()
	if !ok || len(p.Noted()) == 0 {
		return markVoid
	}
	m, n := ed.newMark(), &ed.asked.notes
	n.consulted = append(n.consulted, consultation{mark: m, slot: slot, part: markVoid})
	if slot == ed.asOf {
		n.later = append(n.later, m)
	}
	return m
}

// noteOf is the place of that of one of its programs.
func (f *compiledValue) noteOf(p *condition.Program) Mark {
	switch {
	case p == nil:
		return markVoid
	case p == f.when:
		return f.whenNoted
	}
	return f.isNoted
}

// number gives what is in the slot a number among the values of an answer.
func (ed *edition) number(slot int) int {
	if slot < 0 {
		return -1
	}
	ed.valueSlots = append(ed.valueSlots, slot)
	return len(ed.valueSlots) - 1
}

// computeValues computes values.
func (r *Run) computeValues(list []*compiledValue) {
	for _, f := range list {
		if f.when != nil {
			r.computeValue(f, f.when, f.whenAt)
			if !r.Slots[f.whenAt].True() {
				continue
			}
		}
		if f.is != nil {
			r.computeValue(f, f.is, f.at)
			continue
		}
		r.computeValues(f.fields)
	}
}

func (r *Run) computeValue(f *compiledValue, p *condition.Program, at int) {
	own := at >= r.ed.valuesAt
	if m := f.noteOf(p); m != markVoid {
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
		r.Needs = append(r.Needs, ownedBy(f.owner))
	}
}
