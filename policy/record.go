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
	facts  bitSet        // of the edition's facts: those that differ from one not given
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
	answer6 struct {
		Answer
		cells [6]value.Value
	}
	answer12 struct {
		Answer
		cells [12]value.Value
	}
	answer20 struct {
		Answer
		cells [20]value.Value
	}
	answer32 struct {
		Answer
		cells [32]value.Value
	}
)

func newAnswer(cells int) *Answer {
	switch {
	case cells <= 6:
		a := new(answer6)
		a.rec.cells = a.cells[:0]
		return &a.Answer
	case cells <= 12:
		a := new(answer12)
		a.rec.cells = a.cells[:0]
		return &a.Answer
	case cells <= 20:
		a := new(answer20)
		a.rec.cells = a.cells[:0]
		return &a.Answer
	case cells <= 32:
		a := new(answer32)
		a.rec.cells = a.cells[:0]
		return &a.Answer
	}
	a := new(Answer)
	a.rec.cells = make([]value.Value, 0, cells)
	return a
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
	var rec record
	rec.ed, rec.blank, rec.packed = ed, blank, true
	absent := ed.question.layout.absent
	for i, slot := range ed.reads {
		if !r.Slots[slot].Same(&absent[slot]) {
			rec.facts.add(i)
		}
	}
	if !blank {
		for i, slot := range ed.figureSlots {
			switch r.Slots[slot].State {
			case value.Known:
				rec.known.add(i)
			case value.None:
				rec.none.add(i)
			}
		}
	}
	a := newAnswer(rec.facts.len() + rec.known.len())
	rec.cells = a.rec.cells
	rec.each(&rec.facts, func(i int) { rec.cells = append(rec.cells, r.Slots[ed.reads[i]]) })
	rec.each(&rec.known, func(i int) { rec.cells = append(rec.cells, r.Slots[ed.figureSlots[i]]) })
	a.rec = rec
	return a
}

// each visits the numbers of a set in order.
func (*record) each(s *bitSet, visit func(i int)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			visit(w<<6 + bits.TrailingZeros64(word))
		}
	}
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
	at := 0
	rec.each(&rec.facts, func(i int) {
		r.Slots[rec.ed.reads[i]] = rec.cells[at]
		at++
	})
	r.evaluate()
	r.Needs = nil
	return r
}
