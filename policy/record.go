package policy

import "github.com/servicerules/rulebook/internal/value"

// record is what an answer keeps of its run beside its pattern: the facts that
// were not settled, so that it can be run again when somebody asks for
// reasons, and what live figures came to.
type record struct {
	of     *pattern
	cells  []value.Value // what is in pattern.others, then numbers in pairs: of pattern.numbers and pattern.counts
	states uint64        // of pattern.counts, two bits each
}

// place is where an answer keeps a figure.
type place struct {
	how keeping
	at  int // in others or counts
}

type keeping uint8

const (
	asSettled keeping = iota // by the pattern
	asValue
	asNumbers
)

// maxStates is how many states there is room for.
const maxStates = 32

// inPairs are numbers, two in a cell.
type inPairs []value.Value

func (c inPairs) put(i int, n int64) {
	if i&1 == 0 {
		c[i>>1].N = n
	} else {
		c[i>>1].D = n
	}
}

func (c inPairs) get(i int) int64 {
	if i&1 == 0 {
		return c[i>>1].N
	}
	return c[i>>1].D
}

// An answer comes with room for its cells, in one piece of memory, and where
// persons are liable now and then, with room for two.
type (
	celled[C any] struct {
		Answer
		cells C
	}
	roomy[C any] struct {
		Answer
		liable [2]Liable
		cells  C
	}
)

func newAnswer(n int) (*Answer, []value.Value) {
	switch {
	case n == 0:
		return new(Answer), nil
	case n <= 1:
		a := new(celled[[1]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 2:
		a := new(celled[[2]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 3:
		a := new(celled[[3]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 4:
		a := new(celled[[4]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 5:
		a := new(celled[[5]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 6:
		a := new(celled[[6]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 7:
		a := new(celled[[7]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 8:
		a := new(celled[[8]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 10:
		a := new(celled[[10]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 12:
		a := new(celled[[12]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 14:
		a := new(celled[[14]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 16:
		a := new(celled[[16]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 20:
		a := new(celled[[20]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 24:
		a := new(celled[[24]value.Value])
		return &a.Answer, a.cells[:n]
	case n <= 32:
		a := new(celled[[32]value.Value])
		return &a.Answer, a.cells[:n]
	}
	return new(Answer), make([]value.Value, n)
}

func newRoomyAnswer(n int) (*Answer, []value.Value) {
	switch {
	case n <= 4:
		a := new(roomy[[4]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 6:
		a := new(roomy[[6]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 8:
		a := new(roomy[[8]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 10:
		a := new(roomy[[10]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 12:
		a := new(roomy[[12]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 14:
		a := new(roomy[[14]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 16:
		a := new(roomy[[16]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 20:
		a := new(roomy[[20]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	case n <= 24:
		a := new(roomy[[24]value.Value])
		a.Liable = a.liable[:0]
		return &a.Answer, a.cells[:n]
	}
	return newAnswer(n)
}

// keep makes the answer to what was evaluated.
func (s *scratch) keep(c *Conclusion) *Answer {
	p, slots := s.of, s.run.Slots
	create := newAnswer
	if p.names.Load() {
		create = newRoomyAnswer
	}
	a, cells := create(len(p.others) + p.pairs)
	a.Conclusion, a.rec.of, a.rec.cells = c, p, cells
	others, counts := p.others, p.counts
	if c.blank {
		others, counts = others[:p.facts], nil
	}
	for i, slot := range others {
		cells[i] = slots[slot]
	}
	kept := inPairs(cells[len(p.others):])
	for i, slot := range p.numbers {
		kept.put(i, slots[slot].N)
	}
	i := len(p.numbers)
	for k, x := range counts {
		v := &slots[x.slot]
		a.rec.states |= uint64(v.State) << (2 * k)
		kept.put(i, v.N)
		i++
		if x.ratio {
			if v.K == value.Ratio {
				kept.put(i, v.D)
			}
			i++
		}
	}
	return a
}

// count is a live figure that is a number, or a ratio: two, the second 0 for a
// whole one.
type count struct {
	slot  int
	kind  value.Kind
	ratio bool
	at    int // among the numbers
}

// figure is what the i-th figure came to.
func (rec *record) figure(i int) value.Value {
	p := rec.of
	switch x := p.figureAt[i]; x.how {
	case asSettled:
		return p.slots[p.ed.figureSlots[i]]
	case asValue:
		return rec.cells[x.at]
	default:
		c := p.counts[x.at]
		v := value.NumberIn(c.kind, value.State(rec.states>>(2*x.at)&3), rec.number(c.at))
		if c.ratio {
			if v.D = rec.number(c.at + 1); v.D == 0 {
				v.K = value.Count
			}
		}
		return v
	}
}

func (rec *record) number(i int) int64 { return inPairs(rec.cells[len(rec.of.others):]).get(i) }

// again is the run that led to the answer, nil where there was none. It must
// be left.
func (rec *record) again() *scratch {
	if rec.of == nil {
		return nil
	}
	p := rec.of
	s := p.ed.whole.scratch()
	slots := s.run.Slots
	clear(slots)
	copy(slots, p.slots[:p.ed.base])
	for i, slot := range p.others[:p.facts] {
		slots[slot] = rec.cells[i]
	}
	for i, slot := range p.numbers {
		slots[slot].N = rec.number(i)
	}
	s.run.evaluate(p.ed.asked.units)
	return s
}
