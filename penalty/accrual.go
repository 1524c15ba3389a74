package penalty

import "github.com/servicerules/rulebook/internal/value"

// RoundHalfEven rounds to the nearest unit; exactly half of one, to the even one.
const RoundHalfEven Rounding = "half_even"

// AccruedAt is how many units of time were counted at one rate, such as days at
// so much a day.
type AccruedAt struct {
	Rate  int64 // of a unit, in minor units of a currency
	Units int64
	Parts int64 // twenty-fourths of a unit, further than the whole ones
}

// partsOfUnit are the parts that a unit is counted in.
const partsOfUnit = 24

// An Accrual is how many units of time were counted at one rate that need not be
// whole, such as days at 1/365 of 12% of a debt.
type Accrual struct {
	Rate  Exact // of a unit, in minor units of a currency
	Units int64
	Parts int64 // twenty-fourths of a unit, further than the whole ones
}

// SumAccruals is the exact amount that comes of units of time, each at its rate.
// To round it, see [Exact.Rounded].
//
// Errors: [NegativeError] for a rate or number below 0, or for a rate that is the
// zero Exact, which is no number, and [ErrOverflow].
func SumAccruals(all []Accrual) (Exact, error) {
	total := value.Fraction{N: 0, D: 1}
	for _, x := range all {
		if x.Rate.D <= 0 || x.Rate.N < 0 {
			return Exact{}, &NegativeError{What: "rate", Value: x.Rate.N}
		}
		for _, n := range []struct {
			what  string
			value int64
		}{{"units", x.Units}, {"parts", x.Parts}} {
			if n.value < 0 {
				return Exact{}, &NegativeError{What: n.what, Value: n.value}
			}
		}
		parts, err := mul(x.Units, partsOfUnit)
		if err != nil {
			return Exact{}, err
		}
		if parts, err = add(parts, x.Parts); err != nil {
			return Exact{}, err
		}
		cost, ok := x.Rate.fraction().Times(value.Fraction{N: parts, D: partsOfUnit})
		if !ok {
			return Exact{}, ErrOverflow
		}
		if total, ok = total.Plus(cost); !ok {
			return Exact{}, ErrOverflow
		}
	}
	return Exact(total), nil
}

// Accrued is the amount that comes of units of time, each at its rate: the exact
// sum, rounded once. The exact sum is exact twenty-fourths of a minor unit.
//
// Errors: [NegativeError] for a rate or number below 0, [UnknownWordError] for
// the rounding, and [ErrOverflow].
func Accrued(all []AccruedAt, rounding Rounding) (amount, exact int64, err error) {
	exactly := make([]Accrual, len(all))
	for i, x := range all {
		exactly[i] = Accrual{Rate: Exact{N: x.Rate, D: 1}, Units: x.Units, Parts: x.Parts}
	}
	sum, err := SumAccruals(exactly)
	if err != nil {
		return 0, 0, err
	}
	if amount, err = sum.Rounded(rounding); err != nil {
		return 0, 0, err
	}
	exact, err = mul(sum.N, partsOfUnit/sum.D)
	return amount, exact, err
}
