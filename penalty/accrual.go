package penalty

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

// Accrued is the amount that comes of units of time, each at its rate: the exact
// sum, rounded once. The exact sum is exact twenty-fourths of a minor unit.
//
// Errors: [NegativeError] for a rate or number below 0, [UnknownWordError] for
// the rounding, and [ErrOverflow].
func Accrued(all []AccruedAt, rounding Rounding) (amount, exact int64, err error) {
	if _, ok := known(rounding, RoundHalfUp, RoundHalfEven, RoundUp, RoundDown); !ok {
		return 0, 0, &UnknownWordError{What: "rounding", Word: string(rounding)}
	}
	for _, x := range all {
		for _, n := range []struct {
			what  string
			value int64
		}{{"rate", x.Rate}, {"units", x.Units}, {"parts", x.Parts}} {
			if n.value < 0 {
				return 0, 0, &NegativeError{What: n.what, Value: n.value}
			}
		}
		parts, err := mul(x.Units, partsOfUnit)
		if err != nil {
			return 0, 0, err
		}
		if parts, err = add(parts, x.Parts); err != nil {
			return 0, 0, err
		}
		cost, err := mul(parts, x.Rate)
		if err != nil {
			return 0, 0, err
		}
		if exact, err = add(exact, cost); err != nil {
			return 0, 0, err
		}
	}
	whole, rest := exact/partsOfUnit, exact%partsOfUnit
	up := false
	switch rounding {
	case RoundUp:
		up = rest > 0
	case RoundHalfEven:
		up = 2*rest > partsOfUnit || 2*rest == partsOfUnit && whole%2 == 1
	case RoundHalfUp, "":
		up = 2*rest >= partsOfUnit
	}
	if up {
		whole++
	}
	return whole, exact, nil
}
