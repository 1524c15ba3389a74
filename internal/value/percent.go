package value

import (
	"math/big"
	"strconv"
	"strings"
)

// MaxDigits is the most decimal places that [Percent] gives.
const MaxDigits = 18

// Percent is the ratio n/d, d > 0, as a percentage with 0 to MaxDigits decimal
// places, rounded half up (half away from zero below zero); digits outside are
// taken as the nearest end.
func Percent(n, d int64, digits int) string {
	digits = min(max(digits, 0), MaxDigits)
	if s, ok := smallPercent(n, d, digits); ok {
		return s
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)+2), nil)
	a := new(big.Int).Mul(big.NewInt(n), scale)
	negative := a.Sign() < 0
	a.Abs(a)
	b := big.NewInt(d)
	// Half up: floor((2a + b) / 2b).
	a.Add(a.Lsh(a, 1), b)
	a.Quo(a, b.Lsh(b, 1))
	s := a.String()
	if len(s) <= digits {
		s = strings.Repeat("0", digits+1-len(s)) + s
	}
	if digits > 0 {
		s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	}
	if negative && a.Sign() != 0 {
		s = "-" + s
	}
	return s + "%"
}

// smallPercent is Percent where everything fits into 64 bits.
func smallPercent(n, d int64, digits int) (string, bool) {
	if digits < 1 || digits > 6 || n < 0 || n > 1<<30 || d > 1<<30 {
		return "", false
	}
	unit := int64(1)
	for range digits {
		unit *= 10
	}
	a := (2*n*100*unit + d) / (2 * d) // half up
	var arena [32]byte
	b := append(strconv.AppendInt(arena[:0], a/unit, 10), '.')
	for a %= unit; unit > 1; a %= unit {
		unit /= 10
		b = append(b, byte('0'+a/unit))
	}
	return string(append(b, '%')), true
}

// AsPercent writes a known ratio as a percentage, where its terms are those of one
// that stands in the rules file: 315/10000 is 3.15%.
func (v Value) AsPercent() (string, bool) {
	if v.K != Ratio || !v.IsKnown() || v.D < 100 {
		return "", false
	}
	digits, d := 0, v.D
	for ; d%10 == 0; d /= 10 {
		digits++
	}
	return Percent(v.N, v.D, digits-2), d == 1
}

// percentDigits are the decimal places of a percentage for display.
const percentDigits = 3

// PercentOf is the known Name that is the ratio n/d, d > 0, as a percentage
// for display, such as "0.100%". It is written out when it is read.
func PercentOf(n, d int64) Value { return Value{N: n, D: d, Tag: Tag{Name, Known}} }

// written is the text of a value that keeps none.
func (v Value) written() string {
	if v.p.IsNil() && v.K == Name && v.D > 0 {
		return Percent(v.N, v.D, percentDigits)
	}
	return ""
}
