package penalty

import (
	"strconv"

	"github.com/servicerules/rulebook/internal/value"
)

// An Exact is the number N/D. D is more than 0; the zero Exact is no number.
type Exact struct{ N, D int64 }

// A Bracket is a part of a measured value that has a rate of its own.
type Bracket struct {
	// UpTo is where it ends, in the unit of the value. The last bracket has none,
	// the zero Exact, and goes on for ever.
	UpTo Exact
	Rate Exact // of each unit within it
}

// A Slice is what lies in a bracket of a measured value.
type Slice struct {
	Bracket int   // its number, from 0
	Part    Exact // how much of the value lies in it
	Amount  Exact // at the rate of the bracket
}

// A BracketError says what is wrong with a bracket, from 0.
type BracketError struct {
	Bracket int
	Problem string
}

// Error names the bracket, counting from 1.
func (e *BracketError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return "penalty: bracket " + strconv.Itoa(e.Bracket+1) + " " + e.Problem
}

// Graduated is what a measured value comes to where each bracket of it has its own
// rate: the slices that are not empty, and their exact sum. A value of 0 has no
// slices and comes to 0. To round the sum, see [Exact.Rounded].
//
// Errors: [NegativeError] for a value or rate below 0, [BracketError] for brackets
// that do not rise from 0 or do not end with an open one, and [ErrOverflow].
func Graduated(of Exact, brackets []Bracket) (slices []Slice, sum Exact, err error) {
	if of.D <= 0 || of.N < 0 {
		return nil, Exact{}, &NegativeError{What: "value", Value: of.N}
	}
	if err := CheckBrackets(brackets); err != nil {
		return nil, Exact{}, err
	}
	whole, from, total := of.fraction(), value.Fraction{N: 0, D: 1}, value.Fraction{N: 0, D: 1}
	for i, b := range brackets {
		if whole.Compare(from) <= 0 {
			break
		}
		if b.Rate.D <= 0 || b.Rate.N < 0 {
			return nil, Exact{}, &NegativeError{What: "rate", Value: b.Rate.N}
		}
		isLast := b.UpTo == (Exact{})
		to := whole
		if !isLast && whole.Compare(b.UpTo.fraction()) > 0 {
			to = b.UpTo.fraction()
		}
		part, ok := to.Minus(from)
		if !ok {
			return nil, Exact{}, ErrOverflow
		}
		amount, ok := part.Times(b.Rate.fraction())
		if !ok {
			return nil, Exact{}, ErrOverflow
		}
		if total, ok = total.Plus(amount); !ok {
			return nil, Exact{}, ErrOverflow
		}
		slices = append(slices, Slice{Bracket: i, Part: Exact(part), Amount: Exact(amount)})
		if isLast {
			break
		}
		from = b.UpTo.fraction()
	}
	return slices, Exact(total), nil
}

// CheckBrackets finds what is wrong with brackets, but for their rates: each ends
// above the one before, the first above 0, and the last is open. The error is a
// [*BracketError].
func CheckBrackets(brackets []Bracket) error {
	from := value.Fraction{N: 0, D: 1}
	for i, b := range brackets {
		isLast := i == len(brackets)-1
		switch {
		case b.UpTo == (Exact{}) && !isLast:
			return &BracketError{i, "has no end, and is not the last"}
		case b.UpTo == (Exact{}):
			return nil
		case b.UpTo.D <= 0, b.UpTo.fraction().Compare(from) <= 0:
			return &BracketError{i, "does not end above the one before"}
		case isLast:
			return &BracketError{i, "is the last and has an end"}
		}
		from = b.UpTo.fraction()
	}
	return &BracketError{0, "is missing"}
}

// Rounded is the number of 0 or more in whole units.
//
// Errors: [UnknownWordError] and [ErrOverflow].
func (e Exact) Rounded(rounding Rounding) (int64, error) {
	if _, ok := known(rounding, RoundHalfUp, RoundHalfEven, RoundUp, RoundDown); !ok {
		return 0, &UnknownWordError{What: "rounding", Word: string(rounding)}
	}
	if e.D <= 0 || e.N < 0 {
		return 0, &NegativeError{What: "amount", Value: e.N}
	}
	whole, rest := e.N/e.D, e.N%e.D
	half := 0 // whether the rest is less than half a unit, half of one, or more
	switch less := e.D - rest; {
	case rest < less:
		half = -1
	case rest > less:
		half = 1
	}
	up := false
	switch rounding {
	case RoundUp:
		up = rest > 0
	case RoundHalfEven:
		up = half > 0 || half == 0 && whole%2 == 1
	case RoundHalfUp, "":
		up = half >= 0
	}
	if up {
		return add(whole, 1)
	}
	return whole, nil
}

func (e Exact) fraction() value.Fraction { return value.Fraction{N: e.N, D: e.D} }
