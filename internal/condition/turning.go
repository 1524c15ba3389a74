package condition

import (
	"math"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// never is later than any moment.
const never = math.MaxInt64

// Turns is a moment in the slot, which is known, before which the result is
// the same as it is now; it is later than any other where it always is.
func (p *Program) Turns(f *value.Frame, moment int) int64 {
	marks, needs, err := f.Marks, len(f.Needs), f.Err
	f.Marks, f.Err = nil, nil
	at := p.root.turns(f, moment)
	f.Marks, f.Needs, f.Err = marks, f.Needs[:needs], err
	return at
}

// turns is a moment in the slot before which, from now on, the node comes to
// the same, all else being as it is. Where the node goes one way as the moment
// grows, it is the first at which it comes to something else; never, where
// there is none. Of a node that has parts, it is the first at which one of them
// may, which is no later.
func (n *node) turns(f *value.Frame, moment int) int64 {
	if n.lasts(f, moment) {
		return never
	}
	now := f.Slots[moment].N
	switch {
	case n.op == opFact || n.op == opElem:
		return now + 1
	case n.op == opLoop:
		return n.loopTurns(f, moment)
	case n.op == opCompare && n.oneWay(f, moment):
		was := n.tri(f)
		return n.first(f, moment, func() bool { return n.tri(f) == was })
	case n.tri == nil && ordered(n.typ.Kind) && n.course(f, moment) != anyhow:
		was := n.val(f)
		return n.first(f, moment, func() bool { v := n.val(f); return v.State == was.State && v.N == was.N })
	}
	at := int64(never)
	for _, k := range n.kids {
		at = min(at, k.turns(f, moment))
	}
	if at == never { // its parts last, and yet it is not known to
		return now + 1
	}
	return at
}

// oneWay reports whether the order of the two sides of a comparison can change
// once at most. Whether they are equal may change twice.
func (n *node) oneWay(f *value.Frame, moment int) bool {
	if n.tri == nil || n.name == "==" || n.name == "!=" {
		return false
	}
	x, y := n.kids[0].course(f, moment), n.kids[1].course(f, moment)
	return x != anyhow && y != anyhow && x.with(y.turned()) != anyhow && n.kids[0].val(f).IsKnown() && n.kids[1].val(f).IsKnown()
}

// first is the first moment at which something that changes once is not the
// same any more; what fails is not.
func (n *node) first(f *value.Frame, moment int, same func() bool) int64 {
	was, err := f.Slots[moment], f.Err
	defer func() { f.Slots[moment], f.Err = was, err }()
	at := func(t int64) bool {
		f.Slots[moment], f.Err = value.NumberIn(value.Moment, value.Known, t), nil
		return same() && f.Err == nil
	}
	low, high := was.N, time.Date(source.LastYear, time.December, 31, 0, 0, 0, 0, time.UTC).UnixNano()
	if low >= high || at(high) {
		return low + 1
	}
	for high-low > 1 { // it is the same at low, and another at high
		if middle := low + (high-low)/2; at(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// loopTurns is the first moment at which what is said of an element may change.
func (n *node) loopTurns(f *value.Frame, moment int) int64 {
	list, body := n.kids[0], n.kids[1]
	at := list.turns(f, moment)
	if list.seq == nil || at != never {
		return min(at, f.Slots[moment].N+1)
	}
	l := list.seq(f)
	l.each(f, func(int) bool {
		at = min(at, body.turns(f, moment))
		return false
	})
	if at == never {
		return f.Slots[moment].N + 1
	}
	return at
}
