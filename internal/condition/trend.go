package condition

import "slices"

// Trend is how a value goes as one fact rises and everything else that is given
// stays as it is. The zero Trend is that of which nothing can be told.
//
// What is Fixed is the same before and after, and known, unknown or none in both.
// What is Rising is never less after than before, where it is neither unknown
// before nor after; what is Falling, never more. Both are none before and after or
// in neither, unless they Waver: then they may be none in one of the two.
type Trend struct {
	way    course
	wavers bool
	order  []string // of words, the least first; nil of anything else
	least0 bool     // it is never below 0
}

// Trends of values.
var (
	Fixed  = Trend{way: fixed}
	Rising = Trend{way: rising}
)

// RisingIn is Rising of words, by an order, the least first. Of words that are not of
// the order nothing is told: any may come before or after.
func RisingIn(order []string) Trend { return Trend{way: rising, order: order} }

// IsFixed, IsRising and IsFalling report what is known of it; what is fixed neither
// rises nor falls.
func (t Trend) IsFixed() bool   { return t.way == fixed }
func (t Trend) IsRising() bool  { return t.way == rising }
func (t Trend) IsFalling() bool { return t.way == falling }

// Wavers reports whether it may be none before and known after, or the other way.
func (t Trend) Wavers() bool { return t.wavers }

// NotNegative is the trend of what is never below 0.
func (t Trend) NotNegative() Trend {
	t.least0 = true
	return t
}

// Wavering is the trend of what may be none besides.
func (t Trend) Wavering() Trend {
	t.wavers = true
	return t
}

// Order is that of the words that rise or fall, the least first; nil of others.
func (t Trend) Order() []string { return t.order }

// Turned is the trend of what falls where this rises.
func (t Trend) Turned() Trend {
	t.way, t.least0 = t.way.turned(), false
	return t
}

// With is the trend of a sum, or of the one of two that is chosen before and after
// alike.
func (t Trend) With(u Trend) Trend {
	switch {
	case t.IsFixed():
		return u.with(t)
	case u.IsFixed():
		return t.with(u)
	case !slices.Equal(t.order, u.order):
		return Trend{}
	}
	return Trend{t.way.with(u.way), t.wavers || u.wavers, t.order, t.least0 && u.least0}
}

// with is the trend together with what is fixed.
func (t Trend) with(fixed Trend) Trend {
	t.least0 = t.least0 && fixed.least0
	return t
}

// Trend is that of the program's result, by those of the slots. It tells
// less than there is to tell, never anything wrong.
func (p *Program) Trend(of func(slot int) Trend) Trend {
	if !slices.ContainsFunc(p.slots, func(slot int) bool { return !of(slot).IsFixed() }) {
		return Fixed
	}
	return p.root.trend(of)
}

// moves reports whether anything below a node is not fixed.
func (n *node) moves(of func(slot int) Trend) bool {
	moving := func(slot int) bool { return !of(slot).IsFixed() }
	if n.op == opFact && (n.fields != nil || moving(n.slot) || slices.ContainsFunc(n.gates, moving)) {
		return true // of what is in a record, others look
	}
	return slices.ContainsFunc(n.kids, func(k *node) bool { return k.moves(of) })
}

func (n *node) trend(of func(slot int) Trend) Trend {
	if !n.moves(of) {
		return Fixed
	}
	kid := func(i int) Trend { return n.kids[i].trend(of) }
	switch n.op {
	case opFact:
		if n.fields == nil && !slices.ContainsFunc(n.gates, func(slot int) bool { return !of(slot).IsFixed() }) {
			return of(n.slot)
		}
	case opNegate, opNot:
		return kid(0).Turned()
	case opRound:
		return kid(0)
	case opRoundTo:
		if kid(1).IsFixed() {
			return kid(0)
		}
	case opArith:
		return n.arithTrend(kid(0), kid(1))
	case opCompare:
		return n.comparisonTrend(kid(0), kid(1))
	case opAnd, opOr:
		all := Fixed
		for _, k := range n.kids {
			all = all.With(k.trend(of))
		}
		if !all.wavers {
			return all
		}
	case opTernary:
		return n.ternaryTrend(kid(0), kid(1), kid(2))
	}
	return Trend{}
}

func (n *node) arithTrend(a, b Trend) Trend {
	switch n.name {
	case "+":
		return a.With(b)
	case "-":
		return a.With(b.Turned())
	case "*":
		if a.IsFixed() {
			return b.times(n.kids[0])
		}
		if b.IsFixed() {
			return a.times(n.kids[1])
		}
	case "/":
		if b.IsFixed() {
			return a.times(n.kids[1])
		}
	}
	return Trend{}
}

// times is the trend of a product with a number, or of a quotient by it.
func (t Trend) times(by *node) Trend {
	if by.op != opConst {
		return Trend{}
	}
	t.way = t.way.times(by.constant)
	t.least0 = t.least0 && signOf(by.constant) > 0
	return t
}

// comparisonTrend is that of a yes or no, of which yes is the greater. What may be
// none before and not after is compared with nothing here.
func (n *node) comparisonTrend(a, b Trend) Trend {
	switch {
	case a.wavers, b.wavers:
		return Trend{}
	case a.order != nil:
		return n.wordTrend(a, n.kids[0], n.kids[1])
	case b.order != nil:
		return n.wordTrend(b, n.kids[1], n.kids[0])
	}
	switch n.name {
	case "<", "<=":
		return b.With(a.Turned())
	case ">", ">=":
		return a.With(b.Turned())
	}
	return Trend{}
}

// wordTrend is that of being the last word of an order, or not the first, where a
// word rises: once it is, it stays so.
func (n *node) wordTrend(t Trend, word, other *node) Trend {
	every := word.typ.Words
	if other.op != opConst || !other.constant.IsKnown() || n.name != "==" && n.name != "!=" || every == nil ||
		slices.ContainsFunc(every.Each, func(w string) bool { return !slices.Contains(t.order, w) }) {
		return Trend{}
	}
	is := Trend{way: t.way}
	switch other.constant.S() {
	case t.order[len(t.order)-1]:
	case t.order[0]:
		is = is.Turned()
	default:
		return Trend{}
	}
	if n.name == "!=" {
		is = is.Turned()
	}
	return is
}

// ternaryTrend is that of a choice: the same one before and after, from one number
// to another, or from 0 to what is never below 0.
func (n *node) ternaryTrend(condition, yes, no Trend) Trend {
	if condition.IsFixed() {
		return yes.With(no)
	}
	a, b := n.kids[1], n.kids[2]
	if condition.IsRising() && !condition.wavers && yes.IsRising() && yes.least0 && b.op == opConst && b.constant.IsKnown() && b.constant.K == a.typ.Kind && b.constant.N == 0 {
		return yes
	}
	if condition.wavers || a.op != opConst || b.op != opConst || !ordered(a.typ.Kind) || a.typ.Kind != b.typ.Kind ||
		!a.constant.IsKnown() || !b.constant.IsKnown() || a.constant.K != b.constant.K {
		return Trend{}
	}
	if a.constant.N < b.constant.N {
		return condition.Turned()
	}
	return condition
}
