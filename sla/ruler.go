package sla

import (
	"errors"
	"math"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/sla/workday"
)

// A ruler measures along a line of positions. For times these are nanoseconds
// since 1970-01-01T00:00:00Z; for days, the days: the day d is what lies
// between the positions d and d+1. So both are counted by the same walk.
type ruler interface {
	// between is how much counts from a to b, a <= b.
	between(a, b int64) (int64, error)
	// add is the earliest position by which n has counted since a; for n < 0,
	// the latest since which |n| has counted until a; for 0, a.
	add(a, n int64) (int64, error)
}

// realTime counts every nanosecond.
type realTime struct{}

func (realTime) between(a, b int64) (int64, error) {
	n, ok := value.Sub(b, a)
	if !ok {
		return 0, &SpanError{From: time.Unix(0, a).UTC(), Until: time.Unix(0, b).UTC()}
	}
	return n, nil
}

func (realTime) add(a, n int64) (int64, error) {
	b, ok := value.Add(a, n)
	if !ok {
		return 0, beyondRange(n)
	}
	return b, nil
}

// openingTime counts the nanoseconds at which the clocks of a zone show an
// opening hour of the calendar. Between two changes of clocks the calendar
// itself counts; there are two changes a year, and a century of calendar.
type openingTime struct {
	zone     *walltime.Zone
	calendar *workday.Calendar
}

func wallOf(at int64, ahead time.Duration) workday.Wall {
	d, clock := walltime.Wall(at, ahead)
	return workday.Wall{Date: d, Clock: clock}
}

func (o openingTime) between(a, b int64) (int64, error) {
	var sum time.Duration
	for a < b {
		_, until, ahead := o.zone.Steady(a)
		until = min(until, b)
		n, err := o.calendar.WallBetween(wallOf(a, ahead), wallOf(until, ahead))
		if err != nil {
			return 0, err
		}
		sum += n
		a = until
	}
	return int64(sum), nil
}

func (o openingTime) add(a, n int64) (int64, error) {
	if n == 0 {
		return a, nil
	}
	begun, length := a, n
	for {
		// The time without a change of clocks that lies ahead.
		inside := a
		if n < 0 {
			inside--
		}
		from, until, ahead := o.zone.Steady(inside)
		wall := wallOf(a, ahead)
		w, err := o.calendar.AddWall(wall, time.Duration(n))
		if err == nil {
			if end := walltime.Unwall(w.Date, w.Clock, ahead); from <= end && end <= until {
				return end, nil
			}
		}
		change := until
		if n < 0 {
			change = from
		}
		if change == math.MaxInt64 || change == math.MinInt64 {
			return 0, hoursBeyond(err, begun, length)
		}
		used, gapErr := o.calendar.WallBetween(wall, wallOf(change, ahead)) // negative backwards
		if gapErr != nil {
			if err == nil {
				err = gapErr
			}
			return 0, hoursBeyond(err, begun, length)
		}
		a, n = change, n-int64(used)
	}
}

// hoursBeyond names the moment and the length that were asked for.
func hoursBeyond(err error, begun, length int64) error {
	var beyond *workday.HoursRangeError
	if errors.As(err, &beyond) {
		return &workday.HoursRangeError{From: time.Unix(0, begun).UTC(), Length: time.Duration(length)}
	}
	return err
}

// mostDays is more days than there are.
const mostDays = 1 << 20

// calendarDays counts every day.
type calendarDays struct{}

func (calendarDays) between(a, b int64) (int64, error) { return b - a, nil }

func (calendarDays) add(a, n int64) (int64, error) {
	if n < -mostDays || n > mostDays {
		return 0, beyondRange(n)
	}
	return a + n, nil
}

// workingDays counts the days worked by a calendar.
type workingDays struct{ calendar *workday.Calendar }

func (w workingDays) between(a, b int64) (int64, error) {
	if a >= b {
		return 0, nil
	}
	n, err := w.calendar.Between(date.Date(a-1), date.Date(b-1))
	return int64(n), err
}

func (w workingDays) add(a, n int64) (int64, error) {
	n = min(max(n, -mostDays), mostDays) // the calendar refuses so many
	switch {
	case n > 0:
		d, err := w.calendar.Add(date.Date(a-1), int(n))
		return int64(d) + 1, err
	case n < 0:
		d, err := w.calendar.Add(date.Date(a), int(n))
		return int64(d), err
	}
	return a, nil
}

// A block is a stretch of positions that does not count, to excluded.
type block struct{ from, to int64 }

// open is the end of a block that has not ended.
const open = math.MaxInt64

// walk counts n from a position, past blocks, which are in order and do not
// meet. It is false where that cannot be known before an open block ends.
func walk(r ruler, at, n int64, blocks []block) (int64, bool, error) {
	for _, b := range blocks {
		switch {
		case b.to <= at:
			continue
		case b.from > at:
			gap, err := r.between(at, b.from)
			if err != nil { // the block may lie where nobody can count, and the end before it
				end, endErr := r.add(at, n)
				if endErr == nil && end <= b.from {
					return end, true, nil
				}
				return 0, true, err
			}
			if gap >= n {
				end, err := r.add(at, n)
				return end, true, err
			}
			n -= gap
		case n == 0:
			return at, true, nil
		}
		if b.to == open {
			return 0, false, nil
		}
		at = b.to
	}
	end, err := r.add(at, n)
	return end, true, err
}

// walkBack is walk backwards; a block that is open reaches past the position.
func walkBack(r ruler, at, n int64, blocks []block) (int64, error) {
	for i := len(blocks) - 1; i >= 0; i-- {
		b := blocks[i]
		switch {
		case b.from >= at:
			continue
		case b.to < at:
			gap, err := r.between(b.to, at)
			if err != nil {
				end, endErr := r.add(at, -n)
				if endErr == nil && end >= b.to {
					return end, nil
				}
				return 0, err
			}
			if gap >= n {
				return r.add(at, -n)
			}
			n -= gap
		case n == 0:
			return at, nil
		}
		at = b.from
	}
	return r.add(at, -n)
}

// blocked is how much the blocks keep from counting between two positions.
func blocked(r ruler, from, to int64, blocks []block) (int64, error) {
	var sum int64
	for _, b := range blocks {
		if a, z := max(b.from, from), min(b.to, to); a < z {
			n, err := r.between(a, z)
			if err != nil {
				return 0, err
			}
			sum += n
		}
	}
	return sum, nil
}
