package value

// A Fraction is N over D, D > 0: an exact number. Its results are in lowest
// terms, and false where they leave the range of 64 bits.
type Fraction struct{ N, D int64 }

// FractionOf is the number that a known value is: of a Ratio or Part its
// fraction, of anything else its N over 1.
func FractionOf(v Value) Fraction { return Fraction{v.N, v.denominator()} }

// Plus is a+b.
func (a Fraction) Plus(b Fraction) (Fraction, bool) { return a.join(b, Add) }

// Minus is a-b.
func (a Fraction) Minus(b Fraction) (Fraction, bool) { return a.join(b, Sub) }

func (a Fraction) join(b Fraction, do func(x, y int64) (int64, bool)) (Fraction, bool) {
	a, b = a.lowest(), b.lowest()
	g := GCD(a.D, b.D)
	x, ok1 := Mul(a.N, b.D/g)
	y, ok2 := Mul(b.N, a.D/g)
	n, ok3 := do(x, y)
	d, ok4 := Mul(a.D/g, b.D)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return Fraction{}, false
	}
	return Fraction{n, d}.lowest(), true
}

// Times is a*b.
func (a Fraction) Times(b Fraction) (Fraction, bool) {
	a, b = a.lowest(), b.lowest()
	g, h := GCD(a.N, b.D), GCD(b.N, a.D)
	n, ok := Mul(a.N/g, b.N/h)
	d, ok2 := Mul(a.D/h, b.D/g)
	if !ok || !ok2 {
		return Fraction{}, false
	}
	return Fraction{n, d}, true
}

// Over is a/b, for b other than 0.
func (a Fraction) Over(b Fraction) (Fraction, bool) {
	if b.N > 0 {
		return a.Times(Fraction{b.D, b.N})
	}
	n, ok := Sub(0, b.N)
	m, ok2 := Sub(0, b.D)
	if !ok || !ok2 || n == 0 {
		return Fraction{}, false
	}
	return a.Times(Fraction{m, n})
}

// Compare is -1, 0 or 1 where a is less than b, equal to it, or more.
func (a Fraction) Compare(b Fraction) int { return CompareRatio(RatioOf(a.N, a.D), RatioOf(b.N, b.D)) }

func (a Fraction) lowest() Fraction {
	if a.D == 1 {
		return a
	}
	g := GCD(a.N, a.D)
	return Fraction{a.N / g, a.D / g}
}

// GCD is the greatest common divisor of n and d > 0.
func GCD(n, d int64) int64 {
	a, b := magnitude(n), uint64(d)
	for b != 0 {
		a, b = b, a%b
	}
	return int64(a) // it divides d, so it fits
}
