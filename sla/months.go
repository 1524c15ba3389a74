package sla

import (
	"fmt"
	"time"

	"github.com/rickb777/date/v2"
)

// MonthEnd says where months end in a month that has no day with the number of
// the start's: one month from 31 January.
type MonthEnd uint8

const (
	// MonthEndLastDay is its last day: 28 or 29 February.
	MonthEndLastDay MonthEnd = iota
	// MonthEndNextFirst is the first day of the month after it: 1 March.
	MonthEndNextFirst
	// MonthEndRefuse is a [*MonthEndError].
	MonthEndRefuse
)

// A MonthEndError says that a month has no day with the number of the start's,
// where [MonthEndRefuse] is in force.
type MonthEndError struct {
	Start date.Date
	Year  int // of the month
	Month time.Month
}

// Error names the start and the month.
func (e *MonthEndError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("sla: %s %d has no day %d, counted in months from %s", e.Month, e.Year, e.Start.Day(), e.Start)
}

// answering is the day that answers by its number to a day, n months later, or
// earlier for n < 0. Where there is none, it is the day that would come next,
// the first of the month after, and missing is true.
func answering(d date.Date, n int64) (day date.Date, missing bool, err error) {
	const farthest = 500 * 12 // months between FirstDate and LastDate, and fewer
	if n < -farthest || n > farthest {
		return 0, false, beyondRange(n)
	}
	year, month, number := d.Date()
	months := int64(year)*12 + int64(month-1) + n
	year, month = int(months/12), time.Month(months%12+1)
	first := date.New(year, month, 1)
	if day = first + date.Date(number-1); day.Month() != month {
		return date.New(year, month+1, 1), true, nil
	}
	return day, false, nil
}

// answering is the day that answers to a day by the rules of month's ends.
func (m MonthEnd) answering(d date.Date, n int64) (date.Date, error) {
	day, missing, err := answering(d, n)
	if err != nil || !missing || m == MonthEndNextFirst {
		return day, err
	}
	if day--; m == MonthEndRefuse {
		return 0, &MonthEndError{Start: d, Year: day.Year(), Month: day.Month()}
	}
	return day, nil
}

// beyondRange is the error of a way from within the range that is longer than
// the range.
func beyondRange(n int64) error {
	if n < 0 {
		return &RangeError{Date: FirstDate - 1}
	}
	return &RangeError{Date: LastDate + 1}
}
