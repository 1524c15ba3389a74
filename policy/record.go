package policy

import (
	"slices"
	"unsafe"

	"github.com/servicerules/rulebook/internal/value"
)

// record is what an answer keeps of its run beside its pattern: the facts that
// were not settled, so that it can be run again when somebody asks for
// reasons, and what live figures came to. It keeps pattern.nums numbers and
// pattern.refs texts and lists.
type record struct {
	of   *pattern
	nums *int64
	refs *value.Ref
}

// kept is where an answer keeps what was in a slot.
type kept struct {
	slot     int32
	num, ref int32 // the first of its numbers, and its text or list
	how      keeping
	kind     value.Kind
}

type keeping uint8

const (
	asFlag   keeping = iota // in its state: yes or no, or that there is a record
	asNumber                // one
	asRatio                 // two numbers, the second 0 of a whole one
	asRef                   // a text or list
	asName                  // a text, or a percentage that is not written out yet: see value.PercentOf
)

// keptFigure is how an answer keeps a figure.
func keptFigure(k value.Kind) kept {
	switch k {
	case value.YesNo:
		return kept{kind: k, how: asFlag}
	case value.Count, value.Moment, value.Date, value.Month, value.Duration:
		return kept{kind: k, how: asNumber}
	case value.Ratio:
		return kept{kind: k, how: asRatio}
	case value.Name:
		return kept{kind: k, how: asName}
	}
	return kept{kind: k, how: asRef}
}

// kept is how an answer keeps the fact.
func (t *trait) kept() kept {
	switch t.how {
	case inState, inYesNo:
		return kept{kind: t.kind, how: asFlag}
	case inNumber:
		return kept{kind: t.kind, how: asNumber}
	}
	return kept{kind: t.kind, how: asRef}
}

// keep has answers keep what is in a slot.
func (p *pattern) keep(slot int, x kept) {
	x.slot, x.num, x.ref = int32(slot), int32(p.nums), int32(p.refs)
	switch x.how {
	case asNumber:
		p.nums++
	case asRatio:
		p.nums += 2
	case asRef:
		p.refs++
	case asName:
		p.nums += 2
		p.refs++
	}
	p.kept = append(p.kept, x)
}

// The state of what is kept takes two bits, and those of a yes/no say all.
const (
	bitsOfState = 2
	statesInOne = 64 / bitsOfState
	maskOfState = 1<<bitsOfState - 1
	codeOfKnown = uint64(value.Known)
)

// house makes room for the states in front of the numbers.
func (p *pattern) house() {
	states := (len(p.kept) + statesInOne - 1) / statesInOne
	for i := range p.kept {
		p.kept[i].num += int32(states)
	}
	p.nums += states
	p.kept = slices.Clip(p.kept)
}

// keep makes the answer to what was evaluated.
func (s *scratch) keep(c *conclusion) *Answer {
	p, slots, liable := s.run.of, s.run.Slots, s.run.liable
	a, nums, refs := newAnswer(p.nums, p.refs, len(liable))
	a.say(c)
	a.rec.of = p
	if len(liable) > 0 {
		a.Liable = append(a.Liable, liable...)
	}
	if len(nums) == 0 {
		return a
	}
	a.rec.nums = &nums[0]
	if len(refs) > 0 {
		a.rec.refs = &refs[0]
	}
	all := p.kept
	if c.blank {
		all = all[:p.facts]
	}
	var states uint64
	for i := range all {
		x := &all[i]
		v := &slots[x.slot]
		code := uint64(v.State)
		switch x.how {
		case asFlag:
			if v.State == value.Known {
				code += uint64(v.N)
			}
		case asNumber:
			nums[x.num] = v.N
		case asRatio:
			nums[x.num] = v.N
			if v.K == value.Ratio {
				nums[x.num+1] = v.D
			}
		case asRef:
			refs[x.ref] = v.Ref()
		case asName:
			nums[x.num], nums[x.num+1], refs[x.ref] = v.N, v.D, v.Ref()
		}
		states |= code << (i % statesInOne * bitsOfState)
		if i%statesInOne == statesInOne-1 || i == len(all)-1 {
			nums[i/statesInOne], states = int64(states), 0
		}
	}
	return a
}

// value is the i-th of what is kept.
func (rec *record) value(i int) value.Value {
	p := rec.of
	x, nums := &p.kept[i], unsafe.Slice(rec.nums, p.nums)
	code := uint64(nums[i/statesInOne]) >> (i % statesInOne * bitsOfState) & maskOfState
	state := value.State(min(code, codeOfKnown))
	switch x.how {
	case asFlag:
		return value.NumberIn(x.kind, state, int64(max(code, codeOfKnown)-codeOfKnown))
	case asNumber:
		return value.NumberIn(x.kind, state, nums[x.num])
	case asRatio:
		v := value.NumberIn(x.kind, state, nums[x.num])
		if v.D = nums[x.num+1]; v.D == 0 {
			v.K = value.Count
		}
		return v
	}
	v := unsafe.Slice(rec.refs, p.refs)[x.ref].In(x.kind, state)
	if x.how == asName {
		v.N, v.D = nums[x.num], nums[x.num+1]
	}
	return v
}

// figure is what the i-th figure came to.
func (rec *record) figure(i int) value.Value {
	p := rec.of
	if at := p.figureAt[i]; at >= 0 {
		return rec.value(int(at))
	}
	return p.value(p.ed.figureSlots[i])
}

// again is the run that led to the answer, nil where there was none. It must
// be left.
func (rec *record) again() *scratch {
	if rec.of == nil {
		return nil
	}
	p := rec.of
	s := p.ed.scratch()
	s.begin(p.ed.whole)
	slots := s.run.Slots
	clear(slots)
	if !p.whole {
		for slot := range slots[:p.ed.base] {
			slots[slot] = p.value(slot)
		}
	}
	for i, x := range p.kept[:p.facts] {
		slots[x.slot] = rec.value(i)
	}
	s.run.evaluate(p.ed.asked.units)
	scope := s.run.scope()
	s.run.marks[markScope] = scope
	s.run.verdict()
	if scope != noScope {
		s.run.figures(p.ed.asked.values)
	}
	return s
}
