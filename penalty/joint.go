package penalty

import (
	"fmt"
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
		part, _, err := PercentOf(fine, share.By, share.Rounding)
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

// Split divides a total of whole units among n: each has to bear so many, and
// the first so many of them one unit more.
//
// Errors: [SharesError] for an n below 1, [NegativeError] for the total.
func Split(total, n int64) (each, over int64, err error) {
	switch {
	case n < 1:
		return 0, 0, &SharesError{N: n}
	case total < 0:
		return 0, 0, &NegativeError{What: "total", Value: total}
	}
	return total / n, total % n, nil
}

// ShareOf is the share of the place-th of n, counting from 1, by [Split].
//
// Errors: those of Split, and [PlaceError] unless the place is 1 to n.
func ShareOf(total, n, place int64) (int64, error) {
	each, over, err := Split(total, n)
	switch {
	case err != nil:
		return 0, err
	case place < 1 || place > n:
		return 0, &PlaceError{Place: place, N: n}
	case place <= over:
		each++
	}
	return each, nil
}
