package sla

import (
	"time"

	"github.com/rickb777/date/v2"
)

// Elapsed is an amount of time, or of days; the other is 0.
type Elapsed struct {
	Time time.Duration
	Days int64
}

// Elapsed is how much goes by from one moment to another, less pauses, as a
// length of the unit counts it: time; opening time; working days; or days, for
// weeks and longer units too. Days are those after the day of from, up to and
// including the day of to; days that pauses take are those that by says. An
// open pause is taken to last. With to before from it is the negative of what
// goes by from to to from.
//
// Errors: as for [Counter.Run], where they can occur.
func (c *Counter) Elapsed(unit Unit, from, to time.Time, pauses []Pause, by PauseDays) (Elapsed, error) {
	if err := (Length{0, unit}).Check(); err != nil {
		return Elapsed{}, err
	}
	if err := c.Check(); err != nil {
		return Elapsed{}, err
	}
	switch {
	case by > DaysAfterStop:
		return Elapsed{}, UnknownRule
	case len(pauses) > 0 && !unit.IsTime() && by == PauseDaysUnsaid:
		return Elapsed{}, NoPauseDays
	case from.After(to):
		e, err := c.Elapsed(unit, to, from, pauses, by)
		return Elapsed{-e.Time, -e.Days}, err
	}
	blocks, err := pauseBlocks(pauses)
	if err != nil {
		return Elapsed{}, err
	}
	a, first, err := c.on(from)
	if err != nil {
		return Elapsed{}, err
	}
	z, last, err := c.on(to)
	if err != nil {
		return Elapsed{}, err
	}
	if unit.IsTime() {
		n, err := counted(c.timeRuler(unit), a, z, blocks)
		return Elapsed{Time: time.Duration(n)}, err
	}
	if len(blocks) > 0 {
		blocks = c.pausedDays(by, blocks, unit == WorkingDay)
	}
	n, err := counted(c.dayRuler(unit == WorkingDay), position(first)+1, position(last)+1, blocks)
	return Elapsed{Days: n}, err
}

// counted is what counts between two positions, less blocks.
func counted(r ruler, from, to int64, blocks []block) (int64, error) {
	all, err := r.between(from, to)
	if err != nil {
		return 0, err
	}
	less, err := blocked(r, from, to, blocks)
	return all - less, err
}

// position is where a day begins on the line of days.
func position(d date.Date) int64 { return int64(d) }

func (c *Counter) timeRuler(unit Unit) ruler {
	if unit.IsOpening() {
		return openingTime{&c.zone, c.calendar}
	}
	return realTime{}
}

func (c *Counter) dayRuler(working bool) ruler {
	if working {
		return workingDays{c.calendar}
	}
	return calendarDays{}
}
