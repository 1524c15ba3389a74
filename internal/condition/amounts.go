package condition

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// Amounts are money and lengths of time, whole or not rounded yet. They are
// computed as exact fractions of their smallest unit, the minor unit of a
// currency or a nanosecond. What need not be whole is a Part, of which only a
// rounding makes an amount again: so every rounding is written down.

// CurrencyError says that amounts of two currencies were added or compared.
type CurrencyError struct {
	Source string // the part of the expression
	A, B   value.Currency
}

func (e *CurrencyError) Error() string {
	return "amounts of " + e.A.Code() + " and " + e.B.Code() + " in " + e.Source
}

// amounts is the type of a sum, difference, product or quotient in which an
// amount takes part, or nil where there is none.
func amounts(name string, a, b *value.Type) *value.Type {
	switch name {
	case "+", "-":
		switch {
		case !oneUnit(a, b):
		case a.Kind == value.Money && b.Kind == value.Money:
			return moneyType(currencyOf(a, b))
		default:
			return partType(unitOf(a), currencyOf(a, b))
		}
	case "*":
		if unitOf(a) == value.Invalid {
			a, b = b, a
		}
		switch {
		case unitOf(a) == value.Invalid || !isExact(b.Kind):
		case a.Kind != value.Part && b.Kind == value.Count:
			return a
		default:
			return partType(unitOf(a), a.In)
		}
	case "/":
		switch {
		case oneUnit(a, b):
			return ratioType
		case unitOf(a) != value.Invalid && isExact(b.Kind):
			return partType(unitOf(a), a.In)
		}
	}
	return nil
}

// takesAmounts reports whether a calculation is one of amounts that need not be
// whole, or of money.
func (n *node) takesAmounts() bool {
	if isAmount(n.typ) {
		return true
	}
	return n.typ.Kind == value.Ratio && unitOf(n.kids[0].typ) != value.Invalid
}

// genAmounts makes sums, differences, products and quotients of amounts.
func (n *node) genAmounts(c *checker) {
	x, y, name, kind, division := n.kids[0].val, n.kids[1].val, n.name, n.typ.Kind, n.division
	overflow, source := n.overflow(c), n.source
	mixes := name != "*" && unitOf(n.kids[1].typ) != value.Invalid
	n.val = func(f *value.Frame) value.Value {
		m := marked(f)
		v, w := x(f), y(f)
		switch {
		case v.State == value.None || w.State == value.None:
			m.restore(f)
			return value.NoneOf(kind)
		case name == "/" && w.State == value.Known && w.N == 0:
			m.restore(f)
			division.byNothing(f)
			return value.UnknownOf(kind)
		case v.State == value.Unknown || w.State == value.Unknown:
			return value.UnknownOf(kind)
		case mixes && !v.SameUnit(w):
			f.Fail(&CurrencyError{source, v.In, w.In})
			return value.UnknownOf(kind)
		}
		r, ok := calculate(name, value.FractionOf(v), value.FractionOf(w))
		if !ok {
			f.Fail(overflow)
			return value.UnknownOf(kind)
		}
		return amountOf(kind, r, unit(v, w))
	}
}

func calculate(name string, a, b value.Fraction) (value.Fraction, bool) {
	switch name {
	case "+":
		return a.Plus(b)
	case "-":
		return a.Minus(b)
	case "*":
		return a.Times(b)
	}
	return a.Over(b)
}

// unit is the currency of one of two amounts of the same unit.
func unit(v, w value.Value) value.Currency {
	if v.In != 0 {
		return v.In
	}
	return w.In
}

// amountOf is a known value of a kind that is a number.
func amountOf(k value.Kind, r value.Fraction, in value.Currency) value.Value {
	switch k {
	case value.Money:
		return value.MoneyOf(r.N, in)
	case value.Part:
		return value.PartOf(r.N, r.D, in)
	case value.Ratio:
		return value.RatioOf(r.N, r.D)
	}
	return value.NumberIn(k, value.Known, r.N)
}

// compareAmounts makes comparisons of amounts by their mask: see masks.
func (n *node) compareAmounts(mask uint8, absent func(*value.Frame, mark, value.State, value.State) tri) {
	x, y, source := n.kids[0].val, n.kids[1].val, n.source
	n.tri = func(f *value.Frame) tri {
		m := marked(f)
		v, w := x(f), y(f)
		switch {
		case v.State != value.Known || w.State != value.Known:
			return absent(f, m, v.State, w.State)
		case !v.SameUnit(w):
			f.Fail(&CurrencyError{source, v.In, w.In})
			return unknown
		}
		return triOf(mask >> (value.CompareRatio(v, w) + 1) & 1)
	}
}

// negateFraction is -v for a known number that need not be whole.
func negateFraction(v value.Value) (value.Value, bool) {
	r := value.FractionOf(v)
	n, ok := value.Sub(0, r.N)
	return amountOf(v.K, value.Fraction{N: n, D: r.D}, v.In), ok
}

// genSumOfFractions makes the sum of a list of amounts.
func (n *node) genSumOfFractions(c *checker) {
	x, overflow, source, kind, in := n.kids[0].seq, n.overflow(c), n.source, n.typ.Kind, n.typ.In
	n.val = func(f *value.Frame) value.Value {
		m := marked(f)
		l := x(f)
		if l.state == value.Unknown {
			return value.UnknownOf(kind)
		}
		for i := range l.items {
			if l.items[i].State == value.None {
				m.restore(f)
				return value.NoneOf(kind)
			}
		}
		if l.lacks(f) {
			return value.UnknownOf(kind)
		}
		total := amountOf(kind, value.Fraction{N: 0, D: 1}, in)
		for _, v := range l.items {
			if !total.SameUnit(v) {
				f.Fail(&CurrencyError{source, total.In, v.In})
				return value.UnknownOf(kind)
			}
			r, ok := value.FractionOf(total).Plus(value.FractionOf(v))
			if !ok {
				f.Fail(overflow)
				return value.UnknownOf(kind)
			}
			total = amountOf(kind, r, unit(total, v))
		}
		return total
	}
}

// genPickFraction makes greatest and least of numbers that need not be whole.
func (n *node) genPickFraction() {
	most, kind, source := n.name == "greatest", n.typ.Kind, n.source
	// better is the one of two known values that is asked for.
	better := func(f *value.Frame, best, v value.Value) value.Value {
		if !best.SameUnit(v) {
			f.Fail(&CurrencyError{source, best.In, v.In})
			return value.UnknownOf(kind)
		}
		if order := value.CompareRatio(v, best); order != 0 && (order > 0) == most {
			return v
		}
		return best
	}
	all := func(f *value.Frame, count int, at func(i int) value.Value) value.Value {
		best, lacking := value.NoneOf(kind), false
		for i := range count {
			switch v := at(i); {
			case v.State == value.Unknown:
				lacking = true
			case v.State == value.None:
			case best.State != value.Known:
				best = v
			default:
				if best = better(f, best, v); best.State == value.Unknown {
					return best
				}
			}
		}
		if lacking {
			return value.UnknownOf(kind)
		}
		return best
	}
	if k := n.kids[0]; len(n.kids) == 1 && k.typ.Kind == value.List {
		x := k.seq
		n.val = func(f *value.Frame) value.Value {
			l := x(f)
			if l.state == value.Unknown {
				return value.UnknownOf(kind)
			}
			return all(f, len(l.items), func(i int) value.Value {
				if l.items[i].State == value.Unknown {
					l.need(f, i)
				}
				return l.items[i]
			})
		}
		return
	}
	xs := make([]func(*value.Frame) value.Value, len(n.kids))
	for i, k := range n.kids {
		xs[i] = k.val
	}
	n.val = func(f *value.Frame) value.Value {
		return all(f, len(xs), func(i int) value.Value { return xs[i](f) })
	}
}

// genRoundTo makes the multiple of a step that is next to a number.
func (n *node) genRoundTo(c *checker) {
	x, y, kind, round := n.kids[0].val, n.kids[1].val, n.typ.Kind, n.apply.two
	overflow, source, division := n.overflow(c), n.source, n.division
	n.val = func(f *value.Frame) value.Value {
		m := marked(f)
		v, step := x(f), y(f)
		switch {
		case v.State == value.None || step.State == value.None:
			m.restore(f)
			return value.NoneOf(kind)
		case step.State == value.Known && step.N == 0: // which has no multiples but 0
			m.restore(f)
			division.byNothing(f)
			return value.UnknownOf(kind)
		case v.State == value.Unknown || step.State == value.Unknown:
			return value.UnknownOf(kind)
		case !v.SameUnit(step):
			f.Fail(&CurrencyError{source, v.In, step.In})
			return value.UnknownOf(kind)
		}
		size, ok := value.FractionOf(step), true
		if size.N < 0 { // the multiples are the same
			size.N, ok = value.Sub(0, size.N)
		}
		steps, ok2 := value.FractionOf(v).Over(size)
		if ok && ok2 {
			whole, err := round(f, steps.N, steps.D)
			if r, ok := size.Times(value.Fraction{N: whole, D: 1}); ok && err == nil {
				return amountOf(kind, r, unit(v, step))
			}
		}
		f.Fail(overflow)
		return value.UnknownOf(kind)
	}
	if isNumber(kind) {
		z := n.val
		n.num = func(f *value.Frame) (int64, value.State) { v := z(f); return v.N, v.State }
	}
}

// roundToCall checks a rounding to multiples of a step.
func (c *checker) roundToCall(name string, a *apply, kids []*node, from, to int) *node {
	if !c.arguments(name, kids, 2, 2, from, to) {
		return c.bad(from, to)
	}
	x, step := kids[0], kids[1]
	var t *value.Type
	switch {
	case isExact(x.typ.Kind) && isExact(step.typ.Kind):
		t = step.typ
	case unitOf(x.typ) == value.Invalid && !isExact(x.typ.Kind):
		c.mismatch(x, ratioType)
		return c.bad(from, to)
	case step.typ.Kind == value.Part || !oneUnit(x.typ, step.typ):
		want := ratioType
		if u := unitOf(x.typ); u != value.Invalid {
			want = &value.Type{Kind: u, In: x.typ.In}
		}
		c.mismatch(step, want)
		return c.bad(from, to)
	default:
		t = &value.Type{Kind: step.typ.Kind, In: currencyOf(x.typ, step.typ)}
	}
	if step.op == opConst && step.constant.IsKnown() && step.constant.N <= 0 {
		c.fail(CodeArguments, step.from, step.to,
			diagnostic.Textf("取整的单位要大于 0", "the step of a rounding is more than 0"),
			diagnostic.Textf("写取整到的单位，如 1 GBP、minutes(15)、10", "write what multiples it is rounded to, such as 1 GBP, minutes(15) or 10"))
		return c.bad(from, to)
	}
	r := c.node(opRoundTo, t, from, to, kids...)
	r.name, r.apply = name, a
	return r
}

// notRounded refuses an amount that is not rounded where a value is wanted.
func (c *checker) notRounded(code string, n *node) {
	text := c.text(n.from, n.to)
	t := n.typ
	remedy := diagnostic.Textf("写 rounded(%[1]s)（四舍五入到最小单位）、rounded_down(%[1]s)、rounded_up(%[1]s) 或 rounded_half_even(%[1]s)；到别的单位写 rounded_to(%[1]s, 单位)",
		"write rounded(%[1]s), which rounds half up to the minor unit, rounded_down(%[1]s), rounded_up(%[1]s) or rounded_half_even(%[1]s); rounded_to(%[1]s, step) for another step", text)
	switch {
	case t.Kind == value.List:
		t = t.Elem
		remedy = diagnostic.Textf("每一项取整：map(列表, rounded(…))；时长用 rounded_to(…, minutes(1))", "round each: map(list, rounded(…)), a duration by rounded_to(…, minutes(1))")
	case t.Of == value.Duration:
		remedy = diagnostic.Textf("写 rounded_to(%[1]s, minutes(1))，或 rounded_down_to、rounded_up_to", "write rounded_to(%[1]s, minutes(1)), or rounded_down_to, rounded_up_to", text)
	}
	what := typeText(t)
	c.fail(code, n.from, n.to, diagnostic.Text{
		ZH: text + " 是" + what.ZH + "，没有说明怎样取整",
		EN: text + " is a " + what.EN + ": it does not say how it is rounded",
	}, remedy)
}

// exchangeCall checks exchanged(amount, rate, "USD").
func (c *checker) exchangeCall(kids []*node, from, to int) *node {
	if !c.arguments("exchanged", kids, 3, 3, from, to) {
		return c.bad(from, to)
	}
	amount, rate, code := kids[0], kids[1], kids[2]
	switch {
	case unitOf(amount.typ) != value.Money:
		c.mismatch(amount, simpleTypes[value.Money])
		return c.bad(from, to)
	case !isExact(rate.typ.Kind):
		c.mismatch(rate, ratioType)
		return c.bad(from, to)
	}
	in, ok := value.CurrencyNamed(code.constant.S())
	if !ok || code.op != opConst || code.typ != openText {
		c.fail(CodeArguments, code.from, code.to,
			diagnostic.Textf("这里应直接写出货币代码", "the code of a currency is written out here"),
			diagnostic.Textf(`写 exchanged(金额, 汇率, "USD")`, `write exchanged(amount, rate, "USD")`))
		return c.bad(from, to)
	}
	r := c.node(opExchange, partType(value.Money, in), from, to, kids[:2]...)
	r.name = "exchanged"
	return r
}

// genExchange makes an amount of another currency, at so many units of it for
// one of the amount's own.
func (n *node) genExchange(c *checker) {
	x, y, in, overflow := n.kids[0].val, n.kids[1].val, n.typ.In, n.overflow(c)
	n.val = func(f *value.Frame) value.Value {
		m := marked(f)
		v, rate := x(f), y(f)
		switch {
		case v.State == value.None || rate.State == value.None:
			m.restore(f)
			return value.NoneOf(value.Part)
		case v.State == value.Unknown || rate.State == value.Unknown:
			return value.UnknownOf(value.Part)
		}
		// The two currencies may have minor units of different size.
		size := value.Fraction{N: 1, D: 1}
		for range in.Decimals() {
			size.N *= 10
		}
		for range v.In.Decimals() {
			size.D *= 10
		}
		r, ok := value.FractionOf(v).Times(value.FractionOf(rate))
		if ok {
			r, ok = r.Times(size)
		}
		if !ok {
			f.Fail(overflow)
			return value.UnknownOf(value.Part)
		}
		return value.PartOf(r.N, r.D, in)
	}
}
