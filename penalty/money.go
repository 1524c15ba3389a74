package penalty

import (
	"math"
	"math/bits"
)

// add is a+b for a, b >= 0.
func add(a, b int64) (int64, error) {
	if a > math.MaxInt64-b {
		return 0, ErrOverflow
	}
	return a + b, nil
}

// mul is a*b for a, b >= 0.
func mul(a, b int64) (int64, error) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return int64(lo), nil
}

// PercentOf is p per cent of a, rounded, and the hundredths of a unit that the
// rounding dropped or completed.
//
// Errors: [NegativeError] for a or p below 0, [UnknownWordError] for the
// rounding, and [ErrOverflow].
func PercentOf(a, p int64, rounding Rounding) (n, hundredths int64, err error) {
	_, rounds := known(rounding, RoundDown, RoundHalfUp, RoundUp)
	switch {
	case a < 0:
		return 0, 0, &NegativeError{What: "amount", Value: a}
	case p < 0:
		return 0, 0, &NegativeError{What: "percentage", Value: p}
	case !rounds:
		return 0, 0, &UnknownWordError{What: "rounding", Word: string(rounding)}
	}
	hi, lo := bits.Mul64(uint64(a), uint64(p)) // 128 bits, even where the result fits into 64
	if hi >= 100 {                             // the quotient needs more than 64 bits
		return 0, 0, ErrOverflow
	}
	q, rest := bits.Div64(hi, lo, 100)
	if rest > 0 && rounding == RoundUp || rest >= 50 && rounding == RoundHalfUp {
		q++
	}
	if q > math.MaxInt64 {
		return 0, 0, ErrOverflow
	}
	return int64(q), int64(rest), nil
}

// known is the word itself, or the first of the words where it is empty, and
// whether it is one of them.
func known[W ~string](word W, words ...W) (W, bool) {
	if word == "" {
		return words[0], true
	}
	for _, w := range words {
		if w == word {
			return w, true
		}
	}
	return word, false
}
