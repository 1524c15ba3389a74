package workday

import (
	"slices"
	"time"

	"github.com/rickb777/date/v2"
)

// A Wall is what the clocks on the wall show: a day, and the time since its
// midnight, 0 to 24 hours. It belongs to no time zone; whoever knows the zone
// counts from one change of its clocks to the next with [Calendar.WallBetween]
// and [Calendar.AddWall], and so in real time.
type Wall struct {
	Date  date.Date
	Clock time.Duration
}

// before reports whether w is shown before v on a clock that is never changed.
func (w Wall) before(v Wall) bool {
	return w.Date < v.Date || w.Date == v.Date && w.Clock < v.Clock
}

// asEnd writes a midnight as the end of the day before: what ends there needs
// nothing of the day that begins, be it in a year without a listing.
func (w Wall) asEnd() Wall {
	if w.Clock <= 0 {
		return Wall{w.Date - 1, 24 * time.Hour}
	}
	return w
}

// hoursOn is the position of a day in the tables, if there are opening hours.
func (c *Calendar) hoursOn(d date.Date) (int, error) {
	i, err := c.index(d)
	if err == nil && !c.hours {
		err = ErrNoHours
	}
	return i, err
}

// WallBetween returns the opening time that goes by from a to b on a clock that
// is never changed; with b before a, the negative of it from b to a.
//
// Errors: [ErrNoCalendar], [ErrNoHours], [*YearMissingError], [*RangeError].
func (c *Calendar) WallBetween(a, b Wall) (time.Duration, error) {
	if b.before(a) {
		d, err := c.WallBetween(b, a)
		return -d, err
	}
	i, err := c.hoursOn(a.Date)
	if err != nil || a == b {
		return 0, err
	}
	b = b.asEnd()
	j, err := c.hoursOn(b.Date)
	if err != nil {
		return 0, err
	}
	if err := c.knownSince(i, a.Clock, j); err != nil {
		return 0, err
	}
	return c.passed(j, b.Clock) - c.passed(i, a.Clock), nil
}

// AddWall returns when d of opening time has gone by since a on a clock that is
// never changed: the earliest such time, so at a closing hour rather than at
// the next opening. For d = 0 it is a. For d < 0 it is the latest time from
// which |d| of opening time goes by until a.
//
// Errors: [ErrNoCalendar], [ErrNoHours], [*YearMissingError], [*RangeError] for
// a, and [*HoursRangeError], whose From is the time in UTC, for the result.
func (c *Calendar) AddWall(a Wall, d time.Duration) (Wall, error) {
	if d < 0 {
		a = a.asEnd()
	}
	i, err := c.hoursOn(a.Date)
	if err != nil || d == 0 {
		return a, err
	}
	begun := func() time.Time { return a.Date.MidnightUTC().Add(a.Clock) }
	passed := c.passed(i, a.Clock)
	if d > 0 {
		if d > c.openedBy[days]-passed {
			return Wall{}, c.beyondHours(begun(), d, c.since(i, a.Clock), days-1)
		}
		j := c.dayReaching(passed + d)
		then := clockAt(c.open(j), passed+d-c.openedBy[j], true)
		return Wall{epoch + date.Date(j), then}, c.knownSince(i, a.Clock, j)
	}
	if d < -passed {
		return Wall{}, c.beyondHours(begun(), d, i, 0)
	}
	j := c.dayReaching(passed + d + 1)
	then := clockAt(c.open(j), passed+d-c.openedBy[j], false)
	if err := c.known(i, j); err != nil {
		return Wall{}, err
	}
	return Wall{epoch + date.Date(j), then}, c.knownSince(j, then, j)
}

// Opening returns the opening hours that begin on a day, in order: none on a
// day off, and none on a working day that is closed. The caller owns them.
//
// Errors: [ErrNoCalendar], [ErrNoHours], [*YearMissingError], [*RangeError].
func (c *Calendar) Opening(d date.Date) ([]Span, error) {
	i, err := c.hoursOn(d)
	if err != nil {
		return nil, err
	}
	if err := c.known(i, i); err != nil || !c.work.has(i) {
		return nil, err
	}
	return slices.Clone(c.spans(i)), nil
}
