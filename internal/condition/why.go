package condition

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// Side is one side of a comparison.
type Side struct {
	Source string // as written
	Slot   int    // of the fact that it is, else -1
	Value  value.Value
	// Op is how it was computed: + - * /, "negate", or the name of a function;
	// empty where it stands for itself. Of is what it was computed from: of sum
	// and the functions that pick one, the items of the list where they are
	// given a list.
	Op string
	Of []Side
}

// Reason is one comparison, or plain yes/no, that decided a result.
type Reason struct {
	From, To int // in the source, in characters
	// Op is a comparison operator, `in` or `not in`; empty for a plain yes/no,
	// which stands on the Left. Of a loop that no single element decided it is
	// the loop's name, with the list on the Left and on the Right how many
	// elements satisfy the predicate. Of latest, earliest, greatest and least
	// it is the function's name, with the chosen argument on the Left.
	Op          string
	Left, Right Side
	// Difference is Left - Right for known counts (Count), durations and
	// moments (Duration) and dates (Count of days); none otherwise.
	Difference value.Value
	Holds      value.Value // yes/no, or unknown
	// List and Index are where the element is that the reason is about: the
	// slot of its list (-1 if that was computed) and its place there. Index
	// is -1 outside of loops.
	List, Index int
}

// Why tells which comparisons decided the result of Eval on the same frame,
// or left it undecided. It leaves f.Needs and f.Err as they are.
func (p *Program) Why(f *value.Frame) []Reason {
	if !p.enter(f) {
		return nil
	}
	// Needs appended while looking must not overwrite what a caller holds.
	saved, err := f.Needs, f.Err
	f.Needs = nil
	w := &why{f: f, p: p, list: -1, index: -1}
	w.explain(p.root)
	f.Needs, f.Err = saved, err
	return w.reasons
}

type why struct {
	f           *value.Frame
	p           *Program
	list, index int
	negated     bool // inside of an odd number of nots
	reasons     []Reason
}

func (w *why) explain(n *node) {
	switch n.op {
	case opAnd, opOr:
		w.junction(n)
	case opNot:
		w.negated = !w.negated
		w.explain(n.kids[0])
		w.negated = !w.negated
	case opTernary:
		w.ternary(n)
	case opCompare, opIn:
		op := n.name
		if n.op == opIn && w.negated {
			op = "not in"
		}
		w.add(n, op, w.side(n.kids[0]), w.side(n.kids[1]))
	case opIsNull:
		w.add(n, n.name, w.side(n.kids[0]), Side{Source: "null", Slot: -1, Value: value.NoneOf(n.kids[0].typ.Kind)})
	case opLoop:
		w.loop(n)
	case opPick:
		w.pick(n)
	case opFact, opElem, opPrefix:
		if n.typ.Kind == value.YesNo {
			w.add(n, "", w.side(n), Side{Slot: -1})
		}
	case opArith, opNegate, opApply, opRound, opRoundTo, opExchange, opWeekday, opLen, opSum, opSet, opMonths, opMostWithin, opList, opPeriods, opDated:
		for _, k := range n.kids {
			w.explainInside(k)
		}
	}
}

// explainInside goes through a calculation to the choices in it; plain values
// are no reasons.
func (w *why) explainInside(n *node) {
	if n.op != opFact && n.op != opElem {
		w.explain(n)
	}
}

func (w *why) add(n *node, op string, left, right Side) {
	holds := n.val(w.f)
	if op == "not in" {
		switch {
		case holds.True():
			holds = value.Bool(false)
		case !holds.IsUnknown():
			holds = value.Bool(true)
		}
	}
	r := Reason{From: n.from, To: n.to, Op: op, Left: left, Right: right, Holds: holds, List: w.list, Index: w.index}
	r.Difference = difference(left.Value, right.Value)
	w.reasons = append(w.reasons, r)
}

func difference(a, b value.Value) value.Value {
	kind := value.Invalid
	if a.IsKnown() && b.IsKnown() && a.K == b.K {
		switch a.K {
		case value.Count, value.Date:
			kind = value.Count
		case value.Duration, value.Moment:
			kind = value.Duration
		}
	}
	n, ok := value.Sub(a.N, b.N)
	if kind == value.Invalid || !ok {
		return value.NoneOf(kind)
	}
	return value.NumberIn(kind, value.Known, n)
}

// Side tells how the result of Eval on the same frame was computed: of a
// choice, the part that was chosen. It leaves f.Needs and f.Err as they are.
func (p *Program) Side(f *value.Frame) Side {
	if !p.enter(f) {
		return Side{Slot: -1, Value: value.UnknownOf(p.typ.Kind)}
	}
	saved, err := f.Needs, f.Err
	f.Needs = nil
	w := &why{f: f, p: p, list: -1, index: -1}
	s := w.side(p.root)
	f.Needs, f.Err = saved, err
	return s
}

func (w *why) side(n *node) Side {
	s := Side{Source: n.source, Slot: -1, Value: n.val(w.f)}
	switch n.op {
	case opFact:
		s.Slot = n.slot
	case opTernary:
		switch n.kids[0].tri(w.f) {
		case unknown:
		case yes:
			return w.side(n.kids[1])
		default:
			return w.side(n.kids[2])
		}
	case opArith, opApply, opRoundTo, opExchange, opWeekday:
		s.Op = n.name
		kids := n.kids
		if n.calendars != nil { // which is no part of the calculation
			kids = kids[:len(kids)-1]
		}
		for _, k := range kids {
			s.Of = append(s.Of, w.side(k))
		}
	case opDated, opMostWithin:
		if n.name == "" { // of a day that goes without saying
			s.Slot = n.kids[0].slot
			return s
		}
		s.Op, s.Of = n.name, []Side{w.side(n.kids[0]), w.side(n.kids[1])}
	case opPeriods:
		s.Op = n.name
		for _, k := range n.lists() {
			s.Of = append(s.Of, w.side(k))
		}
	case opNegate:
		s.Op, s.Of = "negate", []Side{w.side(n.kids[0])}
	case opRound:
		s.Op, s.Of = n.name, []Side{w.side(n.kids[0])}
	case opLen, opLoop:
		s.Op, s.Of = n.name, []Side{w.side(n.kids[0])}
		if n.op == opLen {
			s.Op = "len"
		}
	case opSum, opPick:
		s.Op = n.name
		s.Of = w.items(n)
	}
	return s
}

// items are the arguments of a function, or the items of the one list that it
// is given.
func (w *why) items(n *node) []Side {
	if k := n.kids[0]; len(n.kids) == 1 && k.typ.Kind == value.List {
		if k.op == opList {
			n = k
		} else {
			l := k.seq(w.f)
			items := make([]Side, len(l.items))
			for i, v := range l.items {
				items[i] = Side{Slot: -1, Value: v}
			}
			return items
		}
	}
	items := make([]Side, len(n.kids))
	for i, k := range n.kids {
		items[i] = w.side(k)
	}
	return items
}

// junction tells the one kid that decided, or all of those that had to agree,
// or those that are unknown.
func (w *why) junction(n *node) {
	result, decisive := n.tri(w.f), no
	if n.op == opOr {
		decisive = yes
	}
	for _, k := range n.kids {
		t := k.tri(w.f)
		switch {
		case result == unknown && t != unknown:
		case result == decisive && (t == unknown || !decides(t, decisive)):
		default:
			w.explain(k)
			if result == decisive {
				return
			}
		}
	}
}

func (w *why) ternary(n *node) {
	w.explain(n.kids[0])
	switch n.kids[0].tri(w.f) {
	case unknown:
	case yes:
		w.explain(n.kids[1])
	default:
		w.explain(n.kids[2])
	}
}

// loop tells of the element that decided any, all or none, and otherwise of
// the list as a whole.
func (w *why) loop(n *node) {
	list := n.kids[0].seq(w.f)
	if list.state == value.Unknown {
		w.add(n, n.name, w.side(n.kids[0]), Side{Slot: -1, Value: value.UnknownOf(value.Count)})
		return
	}
	p := n.kids[1]
	hits, lacking, witness := int64(0), false, -1
	decisive := map[string]tri{"any": yes, "none": yes, "all": no}[n.name]
	if p.tri == nil { // map
		return
	}
	list.each(w.f, func(i int) bool {
		switch t := p.tri(w.f); {
		case t == unknown:
			lacking = true
			return false
		case t == yes:
			hits++
			fallthrough
		default:
			if decisive != unknown && decides(t, decisive) {
				witness = i
			}
		}
		return witness >= 0
	})
	if witness < 0 {
		count := value.Int(hits)
		if lacking {
			count = value.UnknownOf(value.Count)
		}
		w.add(n, n.name, w.side(n.kids[0]), Side{Slot: -1, Value: count})
		return
	}
	list.each(w.f, func(i int) bool {
		if i != witness {
			return false
		}
		outer, at := w.list, w.index
		w.list, w.index = list.slot, list.position(i)
		if list.index >= 0 {
			w.list = -1
		}
		w.explain(p)
		w.list, w.index = outer, at
		return true
	})
}

func (w *why) pick(n *node) {
	best := n.val(w.f)
	if !best.IsKnown() || n.kids[0].typ.Kind == value.List {
		w.add(n, n.name, Side{Source: n.source, Slot: -1, Value: best}, Side{Slot: -1})
		return
	}
	i := slices.IndexFunc(n.kids, func(k *node) bool { return k.val(w.f).Equal(best) })
	w.add(n, n.name, w.side(n.kids[max(i, 0)]), Side{Slot: -1})
	w.explainInside(n.kids[max(i, 0)])
}
