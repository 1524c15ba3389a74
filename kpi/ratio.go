// Package kpi judges indicators: a count against a base, compared with a
// bound, exactly.
//
//   - A [Ratio] is an exact fraction; nothing is rounded before a comparison.
//   - An [Indicator] judges a count and a base.
//   - A [Range] places a ratio below, within or above two ends.
//   - A [Tally] counts in pieces that can be merged in any order.
//
// All numbers are int64. Comparisons multiply crosswise in 128 bits and
// cannot overflow; where a number that must be kept does not fit, the error
// wraps [ErrOverflow].
package kpi

import (
	"math/bits"
	"strconv"

	"github.com/servicerules/rulebook/internal/value"
)

// A Ratio is the exact fraction Num/Den, unreduced. It is a number only if
// Den is 1 or more; see [Ratio.Valid].
type Ratio struct {
	Num int64
	Den int64
}

// Whole is the ratio n/1.
func Whole(n int64) Ratio { return Ratio{Num: n, Den: 1} }

// Valid reports whether the ratio is a number: Den is 1 or more.
func (r Ratio) Valid() bool { return r.Den >= 1 }

// String is the fraction as it stands, such as "4/4003". It is never reduced,
// so that the numbers that were counted stay visible.
func (r Ratio) String() string {
	return strconv.FormatInt(r.Num, 10) + "/" + strconv.FormatInt(r.Den, 10)
}

// MaxDigits is the most decimal places that [Ratio.Percent] gives.
const MaxDigits = value.MaxDigits

// Percent is the ratio as a percentage with 0 to MaxDigits decimal places,
// such as "0.10%"; digits outside are taken as the nearest end. It is rounded
// half up (half away from zero below zero) and therefore only for display. A
// ratio that is not valid gives "".
func (r Ratio) Percent(digits int) string {
	if !r.Valid() {
		return ""
	}
	return value.Percent(r.Num, r.Den, digits)
}

// Compare is -1 if r is less than s, 0 if they are the same number, as 1/2
// and 2/4 are, and 1 if r is greater. Ratios that are not valid are equal to
// each other and less than every valid one.
func (r Ratio) Compare(s Ratio) int {
	switch {
	case !r.Valid() && !s.Valid():
		return 0
	case !r.Valid():
		return -1
	case !s.Valid():
		return 1
	case r.Num < 0 && s.Num < 0:
		return -compareProducts(r.Num, s.Den, s.Num, r.Den)
	case r.Num < 0:
		return -1
	case s.Num < 0:
		return 1
	}
	return compareProducts(r.Num, s.Den, s.Num, r.Den)
}

// compareProducts orders |a|*b against |c|*d for b, d > 0, in 128 bits.
func compareProducts(a, b, c, d int64) int {
	hi1, lo1 := bits.Mul64(magnitude(a), uint64(b))
	hi2, lo2 := bits.Mul64(magnitude(c), uint64(d))
	switch {
	case hi1 != hi2 && hi1 < hi2, hi1 == hi2 && lo1 < lo2:
		return -1
	case hi1 == hi2 && lo1 == lo2:
		return 0
	}
	return 1
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}
