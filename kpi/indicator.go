package kpi

import (
	"fmt"
	"math"
	"math/bits"
)

// BoundKind says on which side of its limit a bound is met.
type BoundKind string

// The values of BoundKind. It has no zero value.
const (
	Below   BoundKind = "below"    // less than the limit
	AtMost  BoundKind = "at_most"  // the limit or less
	Above   BoundKind = "above"    // more than the limit
	AtLeast BoundKind = "at_least" // the limit or more
	Exactly BoundKind = "exactly"  // the limit itself
)

// A Bound is what a ratio must be.
type Bound struct {
	Kind  BoundKind
	Limit Ratio
}

// Met reports whether a ratio meets the bound, exactly. A ratio or a limit
// that is not valid, and an unknown kind, meet nothing.
func (b Bound) Met(r Ratio) bool {
	if !r.Valid() || !b.Limit.Valid() {
		return false
	}
	c := r.Compare(b.Limit)
	switch b.Kind {
	case Below:
		return c < 0
	case AtMost:
		return c <= 0
	case Above:
		return c > 0
	case AtLeast:
		return c >= 0
	case Exactly:
		return c == 0
	}
	return false
}

// Validate is nil, an [UnknownWordError], or wraps [ErrNotANumber] where the
// limit is not valid.
func (b Bound) Validate() error {
	switch b.Kind {
	case Below, AtMost, Above, AtLeast, Exactly:
	default:
		return &UnknownWordError{What: "bound", Word: string(b.Kind)}
	}
	if !b.Limit.Valid() {
		return fmt.Errorf("limit %s: %w", b.Limit, ErrNotANumber)
	}
	return nil
}

// Empty says how to judge where the base is 0.
type Empty string

// The values of Empty. The zero value is NotApplicableIfEmpty.
const (
	NotApplicableIfEmpty Empty = "not_applicable"
	MetIfEmpty           Empty = "met"
	NotMetIfEmpty        Empty = "not_met"
)

// Verdict is the word of a result.
type Verdict string

// The values of Verdict.
const (
	Met           Verdict = "met"
	NotMet        Verdict = "not_met"
	NotApplicable Verdict = "not_applicable"
)

// An Indicator judges a count against a base.
type Indicator struct {
	Bound Bound
	Empty Empty

	// Part says that the count is part of the base, such as those satisfied
	// among those asked; then a count greater than the base is refused.
	// Where the count is of another kind, such as calls per customer, it may
	// be greater.
	Part bool
}

// A Result is how an indicator was judged.
type Result struct {
	Verdict Verdict

	// Ratio is what was compared with the bound, exact and unreduced. It is
	// not valid where the base is 0.
	Ratio Ratio

	// Provisional says that something is pending, so that the result may
	// change with time alone.
	Provisional bool
}

// Validate is nil, or what Bound.Validate reports, or an [UnknownWordError]
// for Empty.
func (i Indicator) Validate() error {
	switch i.Empty {
	case "", NotApplicableIfEmpty, MetIfEmpty, NotMetIfEmpty:
		return i.Bound.Validate()
	}
	return &UnknownWordError{What: "empty", Word: string(i.Empty)}
}

// Judge judges a count against a base. The base is a count, [Whole], or an
// exact fraction such as a mean; a fraction that is a whole number
// becomes that number (5 against 10000/2 is 5/5000), any other is multiplied
// through (5 against 10001/2 is 10/10001).
//
// Pending is the number of items that are neither in the count nor in the
// base because they cannot be judged yet; more than 0 makes the result
// provisional.
//
// Errors: what Validate reports; [NegativeError] for count, base or pending;
// an error that wraps [ErrNotANumber] where the base is not valid;
// [ExcessError]; ErrOverflow where the multiplied ratio does not fit.
func (i Indicator) Judge(count int64, base Ratio, pending int64) (Result, error) {
	if err := i.Validate(); err != nil {
		return Result{}, err
	}
	return i.judge(count, base, pending)
}

// judge is Judge of an indicator that is valid.
func (i *Indicator) judge(count int64, base Ratio, pending int64) (Result, error) {
	switch {
	case !base.Valid():
		return Result{}, fmt.Errorf("base %s: %w", base, ErrNotANumber)
	case count < 0:
		return Result{}, &NegativeError{What: "count", Value: count}
	case base.Num < 0:
		return Result{}, &NegativeError{What: "base", Value: base.Num}
	case pending < 0:
		return Result{}, &NegativeError{What: "pending", Value: pending}
	case i.Part && Whole(count).Compare(base) > 0:
		return Result{}, &ExcessError{Count: count, Base: base}
	}
	result := Result{Provisional: pending > 0}
	if base.Num == 0 {
		result.Ratio.Num = count
		result.Verdict = NotApplicable
		if i.Empty != "" {
			result.Verdict = Verdict(i.Empty) // the same words
		}
		return result, nil
	}
	if base.Num%base.Den == 0 {
		result.Ratio = Ratio{Num: count, Den: base.Num / base.Den}
	} else {
		hi, lo := bits.Mul64(uint64(count), uint64(base.Den))
		if hi != 0 || lo > math.MaxInt64 {
			return Result{}, fmt.Errorf("count %d of base %s: %w", count, base, ErrOverflow)
		}
		result.Ratio = Ratio{Num: int64(lo), Den: base.Num}
	}
	result.Verdict = NotMet
	if i.Bound.Met(result.Ratio) {
		result.Verdict = Met
	}
	return result, nil
}

// Place is where a ratio lies.
type Place string

// The values of Place.
const (
	Under  Place = "below"
	Within Place = "within"
	Over   Place = "above"
)

// A Range is a stretch of numbers. Both ends belong to it unless excluded.
type Range struct {
	From, To               Ratio
	ExcludeFrom, ExcludeTo bool
}

// Validate is nil, wraps [ErrNotANumber] where an end is not valid, or is
// [ErrEmptyRange].
func (r Range) Validate() error {
	for _, end := range []Ratio{r.From, r.To} {
		if !end.Valid() {
			return fmt.Errorf("end %s of the range: %w", end, ErrNotANumber)
		}
	}
	if c := r.From.Compare(r.To); c > 0 || c == 0 && (r.ExcludeFrom || r.ExcludeTo) {
		return ErrEmptyRange
	}
	return nil
}

// Place says where a ratio lies, exactly; an excluded end lies outside.
// Errors: what Validate reports, and one that wraps [ErrNotANumber] where the
// ratio is not valid.
func (r Range) Place(x Ratio) (Place, error) {
	if err := r.Validate(); err != nil {
		return "", err
	}
	if !x.Valid() {
		return "", fmt.Errorf("%s: %w", x, ErrNotANumber)
	}
	if c := x.Compare(r.From); c < 0 || c == 0 && r.ExcludeFrom {
		return Under, nil
	}
	if c := x.Compare(r.To); c > 0 || c == 0 && r.ExcludeTo {
		return Over, nil
	}
	return Within, nil
}
