package penalty

import (
	"fmt"
	"math"
)

// ShareKind says what the person who answers beside the principal pays.
type ShareKind string

// The values of ShareKind.
const (
	RecordOnly ShareKind = "record_only" // nothing yet: a person decides the amount
	Percent    ShareKind = "percent"     // By hundredths of the principal's fine, rounded
	Fixed      ShareKind = "fixed"       // By whole units
	Same       ShareKind = "same"        // as much as the principal
)

// Rounding says what becomes of a part of a unit.
type Rounding string

// The values of Rounding.
const (
	RoundDown   Rounding = "down"    // it is dropped
	RoundHalfUp Rounding = "half_up" // half a unit or more is a whole one
	RoundUp     Rounding = "up"      // it is a whole one
)

// A Share is what the person who answers beside the principal pays.
type Share struct {
	Kind     ShareKind
	By       int64    // for Percent and Fixed: 0 or more
	Rounding Rounding // for Percent
}

// Validate is nil, an [UnknownWordError] or a [NegativeError].
func (s Share) Validate() error {
	kind, ok := known(s.Kind, RecordOnly, Percent, Fixed, Same)
	_, rounds := known(s.Rounding, RoundDown, RoundHalfUp, RoundUp)
	switch {
	case !ok:
		return &UnknownWordError{What: "share", Word: string(s.Kind)}
	case !rounds:
		return &UnknownWordError{What: "rounding", Word: string(s.Rounding)}
	case (kind == Percent || kind == Fixed) && s.By < 0:
		return &NegativeError{What: "share", Value: s.By}
	}
	return nil
}

// A Party is a person in a role.
type Party struct {
	Person string
	Role   string
}

// A Record says what one person answers with.
type Record struct {
	Party
	Fine          int64
	NeedsDecision bool // a person must decide the amount; Fine is 0
}

// Joint is the records of a principal, who pays the fine in full, and of the
// one who answers beside, who pays the share. Nobody is recorded twice: where
// both are the same person, only the principal's record remains. A party
// without a person has no record.
//
// Errors: what Share.Validate reports, [NegativeError] for the fine, and
// ErrOverflow.
func Joint(principal, beside Party, fine int64, share Share) ([]Record, error) {
	if err := share.Validate(); err != nil {
		return nil, err
	}
	if fine < 0 {
		return nil, &NegativeError{What: "fine", Value: fine}
	}
	var records []Record
	if principal.Person != "" {
		records = append(records, Record{Party: principal, Fine: fine})
	}
	if beside.Person == "" || beside.Person == principal.Person {
		return records, nil
	}
	r := Record{Party: beside}
	switch share.Kind {
	case Percent:
		part, _, err := percent(fine, share.By, share.Rounding)
		if err != nil {
			return nil, fmt.Errorf("share of the fine: %w", err)
		}
		r.Fine = part
	case Fixed:
		r.Fine = share.By
	case Same:
		r.Fine = fine
	default:
		r.NeedsDecision = true
	}
	return append(records, r), nil
}

// MaxShares is the most shares that [Split] makes.
const MaxShares = 100_000

// ShareOf is the share of the place-th of n people, counting from 1, of those
// that [Split] makes; n may be above MaxShares.
//
// Errors: [SharesError] for an n below 1, [PlaceError] unless the place is 1
// to n, [NegativeError] for the total.
func ShareOf(total, n, place int64) (int64, error) {
	switch {
	case n < 1:
		return 0, &SharesError{N: int(max(n, math.MinInt32))}
	case place < 1 || place > n:
		return 0, &PlaceError{Place: place, N: n}
	case total < 0:
		return 0, &NegativeError{What: "total", Value: total}
	}
	each, over := split(total, n)
	if place <= over {
		each++
	}
	return each, nil
}

// Split divides a total of whole units into n shares that add up to it and
// differ by at most one unit; the larger ones come first, so that a caller
// who sorts the people first gets the same shares every time.
//
// Errors: [SharesError] unless n is 1 to MaxShares, [NegativeError] for the
// total.
func Split(total int64, n int) ([]int64, error) {
	if n < 1 || n > MaxShares {
		return nil, &SharesError{N: n}
	}
	if total < 0 {
		return nil, &NegativeError{What: "total", Value: total}
	}
	shares := make([]int64, n)
	each, over := split(total, int64(n))
	for i := range shares {
		shares[i] = each
		if int64(i) < over {
			shares[i]++
		}
	}
	return shares, nil
}
