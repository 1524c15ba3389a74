package value

import "math/bits"

// Add is a+b and whether it fits.
func Add(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

// Sub is a-b and whether it fits.
func Sub(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0)
}

// Mul is a*b and whether it fits.
func Mul(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	c := a * b
	if (c < 0) != ((a < 0) != (b < 0)) || c/b != a {
		return 0, false
	}
	return c, true
}

// CompareRatio orders two fractions exactly by cross-multiplication in 128
// bits. Any number that is no Ratio or Part is a fraction over 1; denominators
// are positive. Units are not looked at: see [Value.SameUnit].
func CompareRatio(v, w Value) int {
	return compareProducts(v.N, w.denominator(), w.N, v.denominator())
}

func (v Value) denominator() int64 {
	if (v.K == Ratio || v.K == Part) && v.D > 0 {
		return v.D
	}
	return 1
}

// compareProducts orders a*b against c*d for b, d > 0 without overflow.
func compareProducts(a, b, c, d int64) int {
	switch {
	case a < 0 && c >= 0:
		return -1
	case a >= 0 && c < 0:
		return 1
	case a < 0:
		return -compareMagnitudes(a, b, c, d)
	}
	return compareMagnitudes(a, b, c, d)
}

func compareMagnitudes(a, b, c, d int64) int {
	hi1, lo1 := bits.Mul64(magnitude(a), uint64(b))
	hi2, lo2 := bits.Mul64(magnitude(c), uint64(d))
	switch {
	case hi1 != hi2:
		if hi1 < hi2 {
			return -1
		}
		return 1
	case lo1 != lo2:
		if lo1 < lo2 {
			return -1
		}
		return 1
	}
	return 0
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return uint64(-(a + 1)) + 1
	}
	return uint64(a)
}
