package policy

import (
	"math/bits"

	"github.com/servicerules/rulebook/internal/value"
)

// record is what an answer keeps of its run: the facts, so that it can be run
// again when somebody asks for reasons, and what the figures came to. Most
// facts are not given and most figures do not exist; those take one bit.
type record struct {
	ed     *edition
	facts  bitSet        // of the edition's facts: those that are not what they usually are
	known  bitSet        // of its figures
	none   bitSet        // likewise
	cells  []value.Value // those facts, then those known figures, in order
	blank  bool          // nothing is said in the figures
	packed bool          // else run is kept
	run    *Run
}

// bitSet is a set of small numbers.
type bitSet [2]uint64

// maxPacked is how many facts and figures a record can hold.
const maxPacked = 128

func (s *bitSet) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s *bitSet) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s *bitSet) len() int       { return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) }

// before is how many numbers of the set are below i.
func (s *bitSet) before(i int) int {
	if i < 64 {
		return bits.OnesCount64(s[0] & (1<<i - 1))
	}
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]&(1<<(i-64)-1))
}

// An answer comes with room for its cells, in one piece of memory.
type (
	answer4 struct {
		Answer
		cells [4]value.Value
	}
	answer8 struct {
		Answer
		cells [8]value.Value
	}
	answer12 struct {
		Answer
		cells [12]value.Value
	}
	answer16 struct {
		Answer
		cells [16]value.Value
	}
	answer20 struct {
		Answer
		cells [20]value.Value
	}
	answer24 struct {
		Answer
		cells [24]value.Value
	}
	answer32 struct {
		Answer
		cells [32]value.Value
	}
)

func newAnswer(n int) (*Answer, []value.Value) {
	switch {
	case n <= 4:
		a := new(answer4)
		return &a.Answer, a.cells[:n]
	case n <= 8:
		a := new(answer8)
		return &a.Answer, a.cells[:n]
	case n <= 12:
		a := new(answer12)
		return &a.Answer, a.cells[:n]
	case n <= 16:
		a := new(answer16)
		return &a.Answer, a.cells[:n]
	case n <= 20:
		a := new(answer20)
		return &a.Answer, a.cells[:n]
	case n <= 24:
		a := new(answer24)
		return &a.Answer, a.cells[:n]
	case n <= 32:
		a := new(answer32)
		return &a.Answer, a.cells[:n]
	}
	return new(Answer), make([]value.Value, n)
}

// keep makes the answer to a run that has been evaluated. With blank, nothing
// is said in the figures.
func (r *Run) keep(blank bool) *Answer {
	ed := r.ed
	if !ed.packs {
		a := new(Answer)
		a.rec.ed, a.rec.blank, a.rec.run = ed, blank, r
		return a
	}
	var from [2 * maxPacked]uint16 // the slots of the cells
	var facts, known, none bitSet
	n := 0
	usual := ed.question.layout.usual
	for i, slot := range ed.reads {
		if v := &r.Slots[slot]; !v.Same(&usual[slot]) {
			facts.add(i)
			from[n] = uint16(slot)
			n++
		}
	}
	if !blank {
		for i, slot := range ed.figureSlots {
			switch r.Slots[slot].State {
			case value.Known:
				known.add(i)
				from[n] = uint16(slot)
				n++
			case value.None:
				none.add(i)
			}
		}
	}
	a, room := newAnswer(n)
	for i := range room {
		room[i] = r.Slots[from[i]]
	}
	rec := &a.rec
	rec.ed, rec.blank, rec.packed = ed, blank, true
	rec.facts, rec.known, rec.none, rec.cells = facts, known, none, room
	return a
}

// figure is what the i-th figure came to.
func (rec *record) figure(i int) value.Value {
	switch {
	case !rec.packed:
		return rec.run.Slots[rec.ed.figureSlots[i]]
	case rec.known.has(i):
		return rec.cells[rec.facts.len()+rec.known.before(i)]
	case rec.none.has(i):
		return value.In(value.Invalid, value.None)
	}
	return value.Value{}
}

// again is the run that led to the answer: as it was kept, or run again. It
// belongs to the caller.
func (rec *record) again() *Run {
	if rec.ed == nil {
		return nil
	}
	if !rec.packed {
		run := *rec.run // evaluating must not write to what other calls read
		run.Needs = nil
		return &run
	}
	r := &rec.ed.newScratch().run
	copy(r.Slots, rec.ed.question.layout.usual)
	at := 0
	for i, slot := range rec.ed.reads {
		if rec.facts.has(i) {
			r.Slots[slot] = rec.cells[at]
			at++
		}
	}
	r.evaluate()
	r.Needs = nil
	return r
}
