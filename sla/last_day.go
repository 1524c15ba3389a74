package sla

import (
	"time"

	"github.com/rickb777/date/v2"
)

// reach is the position at which so much of the period is used up, or false
// where an open pause keeps it from being known.
func (r *course) reach(amount int64) (int64, bool, error) {
	if !r.Backwards {
		return walk(r.ruler, r.start, amount, r.blocks)
	}
	at, err := walkBack(r.ruler, r.start, amount, r.blocks)
	if !r.hasOpen() {
		return at, true, err
	}
	// It is known if it is the same whenever the pause ends.
	if soonest, err := walkBack(r.ruler, r.start, amount, r.soonest); err != nil || soonest != at {
		return 0, false, err
	}
	return at, err == nil, err
}

// due is the end of the period; false where it cannot be known while a pause is
// open.
func (r *course) due() (Term, bool, error) {
	at, known, err := r.reach(r.amount)
	if err != nil || !known {
		return Term{}, false, err
	}
	r.end = at
	if r.Length.Unit.IsTime() {
		t, err := r.dueAt(at)
		return t, err == nil, err
	}
	t, err := r.dueOn(at)
	return t, err == nil, err
}

// dueAt is the end of a length of time that is used up at a moment.
func (r *course) dueAt(at int64) (Term, error) {
	t, err := r.endAt(at, false)
	if err != nil {
		return Term{}, err
	}
	if r.Length.Unit.IsOpening() {
		t.Provisional = r.unlisted(r.dateOf(min(at, r.start)), r.dateOf(max(at, r.start)))
	}
	r.nominal = t
	rolled, provisional, err := r.roll(t.Date)
	if err != nil {
		return Term{}, err
	}
	provisional = provisional || t.Provisional
	if rolled != t.Date {
		_, clock := r.zone.Local(at)
		if t, err = r.endAt(r.shows(rolled, clock), false); err != nil {
			return Term{}, err
		}
	}
	t.Provisional = provisional
	if r.Rules.AtLeast == 0 || !r.Rules.AtLeastOfTime || r.amount/int64(24*time.Hour) < r.Rules.AtLeast {
		return t, nil
	}
	return r.atLeastWhole(t)
}

// dueOn is the end of a length in days that is used up at a position.
func (r *course) dueOn(at int64) (Term, error) {
	d := r.lastDay(at)
	if err := inRange(d); err != nil {
		return Term{}, err
	}
	_, working := r.ruler.(workingDays)
	provisional := r.provisional || working && r.unlistedPositions(at)
	r.nominal = r.endOf(day{d, provisional})
	rolled, more, err := r.roll(d)
	if err != nil {
		return Term{}, err
	}
	t := r.endOf(day{rolled, provisional || more})
	if r.Rules.AtLeast == 0 || r.amount < r.Rules.AtLeast {
		return t, nil
	}
	return r.atLeast(t)
}

// unlistedPositions is unlisted for the days between the start and a position.
func (r *course) unlistedPositions(at int64) bool {
	from, to := min(r.start, at), max(r.start, at)
	return from < to && r.unlisted(date.Date(from), date.Date(to-1))
}

// unlisted reports whether days that were counted by the calendar lie in a year
// without a listing.
func (r *course) unlisted(from, to date.Date) bool { return r.provisionally(from, to) }

// roll moves the day of an end to a working day, if the rules say so.
func (r *course) roll(d date.Date) (date.Date, bool, error) {
	if r.Rules.LastDay == LastDayAsIs {
		return d, false, nil
	}
	if r.Rules.LastDay == LastDayNextWorkingDay {
		to, err := r.calendar.Next(d)
		return to, err == nil && r.unlisted(d, to), err
	}
	worked, err := r.calendar.IsWorkday(d)
	to := d
	if err == nil && !worked {
		to, err = r.calendar.Add(d, -1)
	}
	return to, err == nil && r.unlisted(to, d), err
}

// atLeast moves the end of a length in days that holds too few working days to
// the one that makes up the number.
func (r *course) atLeast(t Term) (Term, error) {
	last := t.Date
	if r.Rules.ClearDays {
		last -= r.forth()
	}
	held, err := r.held(last)
	if err != nil {
		return Term{}, err
	}
	if held >= r.Rules.AtLeast {
		t.Provisional = t.Provisional || r.unlistedSince(last)
		return t, nil
	}
	d, err := r.workingDay()
	if err != nil {
		return Term{}, err
	}
	t.Provisional = t.Provisional || r.unlistedSince(d)
	if r.Rules.ClearDays {
		d += r.forth()
	}
	return r.endOf(day{d, t.Provisional}), inRange(d)
}

// atLeastWhole moves the end of a length of time to that of the working day
// that makes up the number, unless it is later.
func (r *course) atLeastWhole(t Term) (Term, error) {
	d, err := r.workingDay()
	if err != nil {
		return Term{}, err
	}
	provisional := t.Provisional || r.unlistedSince(d)
	whole := r.endOf(day{d, provisional})
	if r.Backwards { // to its beginning
		whole.End = r.zone.DayStart(d)
	}
	if r.Backwards == (whole.End < t.End) && whole.End != t.End {
		return whole, nil
	}
	t.Provisional = provisional
	return t, nil
}

// held is the number of working days after the day of the start up to a day, or
// before it down to the day.
func (r *course) held(last date.Date) (int64, error) {
	var n int
	var err error
	switch {
	case r.Backwards && last < r.day:
		n, err = r.calendar.Between(last-1, r.day-1)
	case !r.Backwards && last > r.day:
		n, err = r.calendar.Between(r.day, last)
	}
	return int64(n), err
}

// workingDay is the working day from the start on that makes up the number.
func (r *course) workingDay() (date.Date, error) {
	n := int(min(r.Rules.AtLeast, mostDays))
	if r.Backwards {
		n = -n
	}
	return r.calendar.Add(r.day, n)
}

// unlistedSince is unlisted for the days from the day of the start, which is
// left out, to a day.
func (r *course) unlistedSince(d date.Date) bool {
	switch {
	case d > r.day:
		return r.unlisted(r.day+1, d)
	case d < r.day:
		return r.unlisted(d, r.day-1)
	}
	return false
}
