package condition

import (
	"github.com/servicerules/rulebook/internal/value"
)

// Closures of arithmetic and rounding.

// overflow says where exact arithmetic left its range.
func (n *node) overflow(c *checker) *OverflowError {
	return &OverflowError{Source: c.text(n.from, n.to)}
}

// lift makes a partial function of two numbers one of two states: none where
// either is none, unknown where either is unknown or the function fails.
func lift(x, y func(*value.Frame) (int64, value.State), do func(*value.Frame, int64, int64) (int64, error)) func(*value.Frame) (int64, value.State) {
	return func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		a, s := x(f)
		b, t := y(f)
		if s != value.Known || t != value.Known {
			return lacking(f, m, s, t)
		}
		n, err := do(f, a, b)
		if err != nil {
			f.Fail(err)
			return 0, value.Unknown
		}
		return n, value.Known
	}
}

// lacking is the result of a function of two numbers that are not both known.
func lacking(f *value.Frame, m mark, s, t value.State) (int64, value.State) {
	if s == value.None || t == value.None {
		m.restore(f)
		return 0, value.None
	}
	return 0, value.Unknown
}

func (n *node) genArith(c *checker) {
	a, b := n.kids[0], n.kids[1]
	if n.takesAmounts() {
		n.genAmounts(c)
		return
	}
	overflow := n.overflow(c)
	if n.typ.Kind == value.Ratio {
		x, y, name, divide, division := a.val, b.val, n.name, n.name == "/", n.division
		n.val = func(f *value.Frame) value.Value {
			m := marked(f)
			v, w := x(f), y(f)
			switch {
			case v.State == value.None || w.State == value.None:
				m.restore(f)
				return value.NoneOf(value.Ratio)
			case divide && w.State == value.Known && w.N == 0:
				m.restore(f)
				division.byNothing(f)
				return value.UnknownOf(value.Ratio)
			case v.State == value.Unknown || w.State == value.Unknown:
				return value.UnknownOf(value.Ratio)
			}
			var r value.Value
			var ok bool
			if name == "+" || name == "-" {
				var sum value.Fraction
				sum, ok = calculate(name, value.FractionOf(v), value.FractionOf(w))
				r = value.RatioOf(sum.N, sum.D)
			} else {
				r, ok = product(v, w, divide)
			}
			if !ok {
				f.Fail(overflow)
				return value.UnknownOf(value.Ratio)
			}
			return r
		}
		return
	}
	x, y, op := a.num, b.num, n.name[0]
	n.num = func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		i, s := x(f)
		j, t := y(f)
		if s != value.Known || t != value.Known {
			return lacking(f, m, s, t)
		}
		var r int64
		var ok bool
		switch op {
		case '+':
			r, ok = value.Add(i, j)
		case '-':
			r, ok = value.Sub(i, j)
		default:
			r, ok = value.Mul(i, j)
		}
		if !ok {
			f.Fail(overflow)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

// product is v*w in lowest terms, a count where it is whole; or v/w for w other
// than 0, as an exact unreduced fraction.
func product(v, w value.Value, divide bool) (value.Value, bool) {
	a, b := fraction(v)
	p, q := fraction(w)
	if divide {
		if p%q == 0 { // a whole ratio divides as the count that it is
			p, q = p/q, 1
		}
		p, q = q, p
	}
	num, ok := value.Mul(a, p)
	den, ok2 := value.Mul(b, q)
	if den < 0 && ok && ok2 {
		num, ok = value.Sub(0, num)
		den, ok2 = value.Sub(0, den)
	}
	if !ok || !ok2 || den <= 0 {
		return value.Value{}, false
	}
	if divide {
		return value.RatioOf(num, den), true
	}
	g := value.GCD(num, den)
	if den == g {
		return value.Int(num / g), true
	}
	return value.RatioOf(num/g, den/g), true
}

func fraction(v value.Value) (num, den int64) {
	if v.K == value.Ratio && v.D > 0 {
		return v.N, v.D
	}
	return v.N, 1
}

// genRound makes a whole number of a ratio.
func (n *node) genRound(c *checker) {
	x, round, overflow := n.kids[0].val, n.apply.two, n.overflow(c)
	if n.typ.Kind == value.Money {
		n.val = func(f *value.Frame) value.Value {
			v := x(f)
			if v.State != value.Known {
				return value.In(value.Money, v.State)
			}
			of := value.FractionOf(v)
			r, err := round(f, of.N, of.D)
			if err != nil {
				f.Fail(overflow)
				return value.UnknownOf(value.Money)
			}
			return value.MoneyOf(r, v.In)
		}
		return
	}
	n.num = func(f *value.Frame) (int64, value.State) {
		v := x(f)
		if v.State != value.Known {
			return 0, v.State
		}
		a, b := fraction(v)
		r, err := round(f, a, b)
		if err != nil {
			f.Fail(overflow)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

func (n *node) genNegate(c *checker) {
	k, overflow := n.kids[0], n.overflow(c)
	if kind := n.typ.Kind; isFraction(kind) {
		x := k.val
		n.val = func(f *value.Frame) value.Value {
			v := x(f)
			if v.State != value.Known {
				return value.In(kind, v.State)
			}
			if v.K == value.Count { // a whole ratio
				v.K, v.D = value.Ratio, 1
			}
			r, ok := negateFraction(v)
			if !ok {
				f.Fail(overflow)
				return value.UnknownOf(kind)
			}
			return r
		}
		return
	}
	x := k.num
	n.num = func(f *value.Frame) (int64, value.State) {
		v, s := x(f)
		if s != value.Known {
			return 0, s
		}
		r, ok := value.Sub(0, v)
		if !ok {
			f.Fail(overflow)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}
