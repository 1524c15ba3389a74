package sla

import (
	"errors"
	"math/bits"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla/workday"
)

// course is how the counting of a period goes.
type course struct {
	*Counter
	*Period
	ruler  ruler
	pauses []block // of time
	blocks []block // what does not count, along the ruler
	// Backwards, what does not count if the pause that is open ends as soon as
	// it began.
	soonest []block
	day     date.Date // of the start
	start   int64     // the position at which counting starts
	amount  int64     // what counts up to the end
	end     int64     // the position at which that is used up, before the last day moves

	nominal     Term // the end before the last day moves
	provisional bool // the day of the start was found in a year without a listing
}

var wholeDay = []workday.Span{{From: 0, To: 24 * time.Hour}}

// farthest is further than the clocks of any zone are ahead of UTC, or behind.
const farthest = 48 * time.Hour

// course checks and prepares everything.
func (c *Counter) course(p *Period) (*course, error) {
	if err := errors.Join(p.Length.Check(), c.Check()); err != nil {
		return nil, err
	}
	if err := p.check(&c.Counting); err != nil {
		return nil, err
	}
	r := &course{Counter: c, Period: p}
	var err error
	if r.pauses, err = pauseBlocks(p.Pauses); err != nil {
		return nil, err
	}
	if p.Length.Unit.IsTime() {
		return r, r.prepareTime()
	}
	return r, r.prepareDays()
}

// prepareTime prepares a length that runs from moment to moment.
func (r *course) prepareTime() (err error) {
	if r.start, r.day, err = r.on(r.Start.At); err != nil {
		return err
	}
	if r.Rules.SkipHour {
		if r.Backwards {
			r.start = r.hourOf(r.start)
		} else {
			r.start = r.nextHour(r.start)
		}
	}
	unit := units[r.Length.Unit]
	high, low := bits.Mul64(uint64(r.Length.N), uint64(unit.time))
	if r.amount = int64(low); high != 0 || r.amount < 0 {
		return beyondRange(1)
	}
	r.ruler, r.blocks = r.timeRuler(r.Length.Unit), r.pauses
	if r.Backwards && r.hasOpen() {
		r.soonest, err = pauseBlocks(endedAfter(r.Pauses, 0))
	}
	return err
}

// prepareDays prepares a length that runs from day to day.
func (r *course) prepareDays() (err error) {
	first := r.Start.On
	counted := r.CountFirstDay
	if !r.Start.At.IsZero() {
		at, d, err := r.on(r.Start.At)
		if err != nil {
			return err
		}
		if first = d; !r.Backwards {
			effective, err := r.startDay(at)
			if err != nil {
				return err
			}
			first, r.provisional = effective.date, effective.provisional
			if counted && r.over(day{date: first}, at) { // as of any limit in days
				first++
			}
		}
	}
	if err := inRange(first); err != nil {
		return err
	}
	r.day = first
	r.start = position(first)
	if counted == r.Backwards { // the day lies on the side that is not counted
		r.start++
	}
	working := r.Length.Unit == WorkingDay || r.Length.Unit == CalendarDay && r.Rules.ShortDays > 0 && r.Length.N <= r.Rules.ShortDays
	r.ruler = r.dayRuler(working)
	if r.amount, err = r.days(); err != nil {
		return err
	}
	if len(r.pauses) > 0 {
		r.blocks = r.pausedDays(r.Rules.PauseDays, r.pauses, working)
	}
	if r.Backwards && r.hasOpen() {
		short, err := pauseBlocks(endedAfter(r.Pauses, 1)) // so that it touches a day
		r.soonest = r.pausedDays(r.Rules.PauseDays, short, working)
		return err
	}
	return nil
}

// days is how many days the length has, counted from where it starts.
func (r *course) days() (int64, error) {
	n, unit := r.Length.N, units[r.Length.Unit]
	if unit.months == 0 {
		if n > mostDays {
			return mostDays, nil // nothing holds so many
		}
		return n * unit.days, nil
	}
	n = min(n, mostDays) * unit.months
	if r.Backwards {
		n = -n
	}
	var to date.Date
	var err error
	if r.CountFirstDay {
		var missing bool
		to, missing, err = answering(r.day, n) // where the first day that is not part of it would be
		if err == nil && missing && r.Rules.MonthEnd == MonthEndRefuse {
			_, err = r.Rules.MonthEnd.answering(r.day, n)
		}
		if missing && r.Backwards {
			to--
		}
	} else {
		to, err = r.Rules.MonthEnd.answering(r.day, n)
	}
	if r.Backwards {
		return int64(r.day - to), err
	}
	return int64(to - r.day), err
}

// lastDay is the day of a position that a length in days has reached: forwards
// it is the day before the position, backwards the day at it.
func (r *course) lastDay(at int64) date.Date {
	d := date.Date(at)
	if !r.Backwards {
		d--
	}
	if r.amount == 0 {
		d = r.day // also where the day of the start is counted: it ends before nothing
	}
	if r.Rules.ClearDays {
		d += r.forth()
	}
	return d
}

// forth is the next day in the direction of the period.
func (r *course) forth() date.Date {
	if r.Backwards {
		return -1
	}
	return 1
}
