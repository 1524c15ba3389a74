package condition

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// Whoever asks for an answer wants to know what it rests on, no less and no
// more. So programs note, in Frame.Marks and in places that they are given,
// which of the slots that matter they really read; whether another option of a
// reading would have come to something else; and whether a later moment of
// asking may. What is not noted had no part in the result.

// note is where it is noted that a slot was read.
type note struct {
	slot, mark int
}

// Alternative is what a program would be under another option of a reading.
// Where it comes to something else than the program did, that is noted.
type Alternative struct {
	Program *Program // nil: it may come to anything
	Any     bool     // where it is unknown, too: an argument in it may be any
	Mark    int
}

// turning is what a program does beside computing its result.
type turning struct {
	notes        []*note
	alternatives []Alternative
	moment       int // the slot of the moment of asking, -1 where it is not read
	later        int // the mark for that a later one may change the result
	marks        []int
}

// Noted are the slots of Vars that are Noted and that the program may read,
// each once.
func (p *Program) Noted() []int {
	var slots []int
	for _, n := range p.notes {
		if !slices.Contains(slots, n.slot) {
			slots = append(slots, n.slot)
		}
	}
	return slots
}

// NoteAt gives the place in Frame.Marks where it is noted that a slot was read.
// Like all that follow, it must not be called when the program is in use.
func (p *Program) NoteAt(slot, mark int) {
	for _, n := range p.notes {
		if n.slot == slot {
			n.mark = mark
		}
	}
	p.marks = append(p.marks, mark)
}

// LaterAt gives the place where it is noted that a later moment in a slot, which
// is Noted, may change the result.
func (p *Program) LaterAt(slot, mark int) {
	p.moment, p.later = slot, mark
	p.marks = append(p.marks, mark)
}

// Compare has the program compared with an alternative whenever it is
// evaluated. What that reads counts as read by the program.
func (p *Program) Compare(a Alternative) {
	p.alternatives = append(p.alternatives, a)
	if !slices.Contains(p.marks, a.Mark) {
		p.marks = append(p.marks, a.Mark)
	}
	if a.Program == nil {
		return
	}
	p.marks = append(p.marks, a.Program.marks...)
	p.reads = distinct(append(slices.Clone(p.reads), a.Program.reads...))
	p.bound = max(p.bound, a.Program.bound)
	p.perElement = p.perElement || a.Program.perElement
}

// Marks are the places in Frame.Marks that an evaluation may write to.
func (p *Program) Marks() []int { return p.marks }

// CountsDays reports whether the program counts on the calendar of the frame.
func (p *Program) CountsDays() bool { return p.root.countsDays() }

func (n *node) countsDays() bool {
	return n.countsOnCalendar() && n.calendars == nil || slices.ContainsFunc(n.kids, (*node).countsDays)
}

// collectNotes finds the notes of all facts below a node.
func (n *node) collectNotes(into *[]*note) {
	if n.noted != nil {
		*into = append(*into, n.noted)
	}
	for _, k := range n.kids {
		k.collectNotes(into)
	}
}

// noting is a reference that notes that it was followed.
func (n *note) noting(ref func(*value.Frame) *value.Value) func(*value.Frame) *value.Value {
	return func(f *value.Frame) *value.Value {
		if f.Marks != nil && n.mark >= 0 {
			f.Marks[n.mark] = 1
		}
		return ref(f)
	}
}

// weigh notes what else there is to say of a result.
func (p *Program) weigh(f *value.Frame, v value.Value) {
	if f.Marks == nil {
		return
	}
	// Nothing that is looked at here is lacking, or fails.
	needs, err := len(f.Needs), f.Err
	f.Err = nil
	if p.later > 0 && (f.Marks[p.later] == 0 || f.Seeks) && f.Slots[p.moment].IsKnown() {
		marks := f.Marks
		f.Marks = nil
		if !p.root.lasts(f, p.moment) {
			marks[p.later] = 1
			if f.Seeks {
				f.MayChange(p.root.turns(f, p.moment))
			}
		}
		f.Marks = marks
	}
	for _, a := range p.alternatives {
		if f.Marks[a.Mark] == 0 && a.differs(f, v) {
			f.Marks[a.Mark] = 1
		}
	}
	f.Needs, f.Err = f.Needs[:needs], err
}

// differs reports whether the alternative may come to something else, or fail.
func (a *Alternative) differs(f *value.Frame, v value.Value) bool {
	if a.Program == nil {
		return true
	}
	for _, slot := range f.Broken {
		if slices.Contains(a.Program.reads, slot) {
			return true
		}
	}
	w := a.Program.Eval(f)
	failed := f.Err != nil
	f.Err = nil
	return failed || !alike(v, w) || a.Any && w.IsUnknown()
}

// alike reports whether two results are the same to the last digit; Equal does
// not tell 1/2 from 2/4.
func alike(v, w value.Value) bool {
	if v.State != w.State {
		return false
	}
	if v.State != value.Known {
		return true
	}
	switch v.K {
	case value.List, value.Record:
		return v.K == w.K && slices.EqualFunc(v.L(), w.L(), alike)
	case value.Ratio:
		return v.K == w.K && v.N == w.N && v.D == w.D
	}
	return v.K == w.K && v.Equal(w)
}
