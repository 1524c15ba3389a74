// Package sla computes deadlines and judges whether they were kept, without
// any rules file: "five working days from complete papers", "24 hours, day and
// night", "eight opening hours".
//
// A [Deadline] is a [Limit] and a way of [Counting]. Its [Due] is the last
// instant still in time, so that done is in time exactly if !done.After(End):
// equality is in time. [Judge] turns a Due and what happened into a [Status],
// [ExtensionRule] checks a prolongation, and [Resume] continues a clock that
// was stopped.
//
// Everything is a pure function of its arguments: nothing reads a clock or
// the local time zone. Days are counted on dates, never as 24 hours.
package sla

import (
	"errors"
	"fmt"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla/workday"
)

var (
	// ErrNoCalendar is returned where working days or opening hours are to be
	// counted and the Counting has no calendar.
	ErrNoCalendar = workday.ErrNoCalendar
	// ErrNoZone is returned where the Counting has no time zone.
	ErrNoZone = workday.ErrNoZone
	// ErrTwoNewDues is returned for an extension with both a new date and a
	// new time.
	ErrTwoNewDues = errors.New("sla: an extension to both a date and a time")
)

// A LimitError says that a limit does not have exactly one positive length.
type LimitError struct{ Limit Limit }

// Error names the lengths.
func (e *LimitError) Error() string {
	return fmt.Sprintf("sla: a limit has exactly one positive length, not %d working days, %d calendar days, %s",
		e.Limit.WorkingDays, e.Limit.CalendarDays, e.Limit.Duration)
}

// A CountingError says that a field of a [Counting] has an impossible value.
type CountingError struct {
	Field string // "DayEnds", "AfterClosing" or "Closes"
	Value time.Duration
}

// Error names the field and its value.
func (e *CountingError) Error() string {
	return fmt.Sprintf("sla: %s cannot be %s", e.Field, e.Value)
}

// A ReturnError says that a clock was to resume before it was stopped.
type ReturnError struct{ Stopped, Returned time.Time }

// Error names both moments.
func (e *ReturnError) Error() string {
	return fmt.Sprintf("sla: resumed at %s, before it was stopped at %s",
		e.Returned.Format(time.RFC3339), e.Stopped.Format(time.RFC3339))
}

// A Limit is how long something may take: exactly one of its fields is
// positive and the others are zero.
type Limit struct {
	WorkingDays  int           // days worked by the calendar
	CalendarDays int           // days, worked or not
	Duration     time.Duration // time from the very moment of the start
}

func (l Limit) check() error {
	set := 0
	if l.WorkingDays != 0 {
		set++
	}
	if l.CalendarDays != 0 {
		set++
	}
	if l.Duration != 0 {
		set++
	}
	if set != 1 || l.WorkingDays < 0 || l.CalendarDays < 0 || l.Duration < 0 {
		return &LimitError{Limit: l}
	}
	return nil
}

// String is for example "5 working days", "15 calendar days" or "24h0m0s".
func (l Limit) String() string {
	n, unit := l.WorkingDays, "working day"
	switch {
	case l.Duration != 0:
		return l.Duration.String()
	case l.CalendarDays != 0:
		n, unit = l.CalendarDays, "calendar day"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// AfterClosing says what a start after the closing hour means for a limit in
// days.
type AfterClosing uint8

const (
	// AfterClosingSameDay lets the start count on its own day, at any hour.
	AfterClosingSameDay AfterClosing = iota
	// AfterClosingNextWorkday treats a start later than Closes, or on a day
	// off, as if it had been made on the next working day, so that a later
	// start never has an earlier due date.
	AfterClosingNextWorkday
)

// Counting is how time is counted. The zero value lacks a zone; everything
// else is optional.
type Counting struct {
	// Zone is where the days begin and end. Needed always.
	Zone *time.Location

	// Calendar knows the working days and opening hours. Needed for limits in
	// working days, WorkingHours and AfterClosingNextWorkday.
	Calendar *workday.Calendar

	// CountFirstDay makes the day of the start the first of a limit in days.
	// Otherwise the first is the day after it: papers complete on Monday and
	// one working day are due on Tuesday. A working-day limit that starts on a
	// day off has the next working day as its first, either way.
	CountFirstDay bool

	// DayEnds is the time of day at which the last day of a limit ends, over 0
	// and up to 24 hours; 0 means 24 hours, midnight. 18 hours: 18:00:00 is in
	// time, a nanosecond later is not.
	DayEnds time.Duration

	// AfterClosing and Closes, the time of day over 0 and up to 24 hours after
	// which the rule holds; a start at Closes exactly is before it. Limits of
	// a Duration run from the moment of the start in any case.
	AfterClosing AfterClosing
	Closes       time.Duration

	// WorkingHours lets a Duration run only during the opening hours of the
	// calendar, as [workday.Calendar.AddHours] does.
	WorkingHours bool

	// Provisional counts years without a listing as plain weeks, and says so
	// in the result, instead of returning an error.
	Provisional bool
}

func (c Counting) check() error {
	switch {
	case c.Zone == nil:
		return ErrNoZone
	case c.DayEnds < 0 || c.DayEnds > 24*time.Hour:
		return &CountingError{Field: "DayEnds", Value: c.DayEnds}
	case c.AfterClosing > AfterClosingNextWorkday:
		return &CountingError{Field: "AfterClosing", Value: time.Duration(c.AfterClosing)}
	case c.Closes < 0 || c.Closes > 24*time.Hour || c.Closes == 0 && c.AfterClosing != AfterClosingSameDay:
		return &CountingError{Field: "Closes", Value: c.Closes}
	}
	return nil
}

// calendar is the calendar to count with; methods of a nil one say that there
// is none.
func (c Counting) calendar() *workday.Calendar {
	if c.Provisional {
		return c.Calendar.Provisional()
	}
	return c.Calendar
}

// provisional reports whether days from a to b needed a year without a
// listing; strict counting has failed by then.
func (c Counting) provisional(a, b date.Date) bool {
	if !c.Provisional {
		return false
	}
	_, missing := c.Calendar.MissingYear(a, b)
	return missing
}

// date is the date of t in the zone.
func (c Counting) date(t time.Time) (date.Date, error) {
	d := date.NewAt(t.In(c.Zone))
	return d, inRange(d)
}

func inRange(d date.Date) error {
	if d < workday.FirstDate || d > workday.LastDate {
		return &workday.RangeError{Date: d}
	}
	return nil
}

// A day reached by counting, and whether a year without a listing was needed.
type day struct {
	date        date.Date
	provisional bool
}

// startDay is the day on which a start counts.
func (c Counting) startDay(start time.Time) (day, error) {
	d, err := c.date(start)
	if err != nil || c.AfterClosing == AfterClosingSameDay {
		return day{date: d}, err
	}
	late := start.After(clockTime(d, c.Closes, c.Zone))
	from := d
	if late {
		from++
	}
	next, err := c.calendar().Next(from)
	if err != nil {
		return day{}, err
	}
	return day{next, c.provisional(from, next)}, nil
}

// add counts n >= 0 days of the limit's unit from d, not counting d.
func (c Counting) add(d date.Date, n int, l Limit) (day, error) {
	if l.CalendarDays != 0 {
		if n > int(workday.LastDate-workday.FirstDate) { // before the sum can overflow
			return day{}, &workday.RangeError{Date: d, Days: n}
		}
		return day{date: d + date.Date(n)}, inRange(d + date.Date(n))
	}
	due, err := c.calendar().Add(d, n)
	if err != nil {
		return day{}, err
	}
	return day{due, n > 0 && c.provisional(d+1, due)}, nil
}

// lastDay is the last day of a limit in days that starts on d.
func (c Counting) lastDay(d date.Date, l Limit) (day, error) {
	n := l.WorkingDays + l.CalendarDays
	if !c.CountFirstDay {
		return c.add(d, n, l)
	}
	first := day{date: d}
	if l.WorkingDays != 0 {
		next, err := c.calendar().Next(d)
		if err != nil {
			return day{}, err
		}
		first = day{next, c.provisional(d, next)}
	}
	last, err := c.add(first.date, n-1, l)
	last.provisional = last.provisional || first.provisional
	return last, err
}

// dueOn is the Due of a limit that ends with the day d.
func (c Counting) dueOn(d day) Due {
	end := c.DayEnds
	due := Due{Date: d.date, IsDate: true, Provisional: d.provisional}
	if end == 0 || end == 24*time.Hour {
		due.End = dayStart(d.date+1, c.Zone).Add(-1)
	} else {
		due.End = clockTime(d.date, end, c.Zone)
	}
	return due
}

// dueAt is the Due of a limit that ends at a moment.
func (c Counting) dueAt(t time.Time, provisional bool) (Due, error) {
	d, err := c.date(t)
	if err != nil {
		return Due{}, err
	}
	return Due{Date: d, End: t.Round(0).In(c.Zone), Provisional: provisional}, nil
}

// run lets d of time go by since start.
func (c Counting) run(start time.Time, d time.Duration) (Due, error) {
	from, err := c.date(start)
	if err != nil {
		return Due{}, err
	}
	if !c.WorkingHours {
		return c.dueAt(start.Add(d), false)
	}
	end, err := c.calendar().AddHours(start, d, c.Zone)
	if err != nil {
		return Due{}, err
	}
	return c.dueAt(end, d > 0 && c.provisional(from, date.NewAt(end)))
}

// clockTime is the moment at which the clock in the zone shows the given time
// of the day d.
func clockTime(d date.Date, clock time.Duration, zone *time.Location) time.Time {
	y, m, dd := d.Date()
	return time.Date(y, m, dd, 0, 0, int(clock/time.Second), int(clock%time.Second), zone)
}

// dayStart is the first moment of the day d, also in a zone whose clocks skip
// midnight on that day.
func dayStart(d date.Date, zone *time.Location) time.Time {
	t := clockTime(d, 0, zone)
	h, m, s := t.Clock()
	if h+m+s == 0 {
		// Where clocks are put back just after midnight, it strikes twice.
		if before, _ := t.ZoneBounds(); t.Sub(before) < 24*time.Hour {
			_, is := t.Zone()
			_, was := before.Add(-1).Zone()
			if first := t.Add(time.Duration(is-was) * time.Second); first.Before(before) {
				return first
			}
		}
		return t
	}
	from, to := t.ZoneBounds()
	if date.NewAt(t) < d {
		return to
	}
	return from
}

// A Deadline is a limit and how it is counted.
type Deadline struct {
	Limit    Limit
	Counting Counting
}

// Due returns when the time is up that starts at start.
//
// Errors: [*LimitError], [*CountingError], [ErrNoZone], [ErrNoCalendar],
// [workday.ErrNoHours], [*workday.YearMissingError], and
// [*workday.RangeError] or [*workday.HoursRangeError] outside the years 2000
// to 2100.
func (d Deadline) Due(start time.Time) (Due, error) {
	if err := d.check(); err != nil {
		return Due{}, err
	}
	if d.Limit.Duration != 0 {
		return d.Counting.run(start, d.Limit.Duration)
	}
	from, err := d.Counting.startDay(start)
	if err != nil {
		return Due{}, err
	}
	last, err := d.Counting.lastDay(from.date, d.Limit)
	if err != nil {
		return Due{}, err
	}
	last.provisional = last.provisional || from.provisional
	return d.Counting.dueOn(last), nil
}

func (d Deadline) check() error {
	if err := d.Limit.check(); err != nil {
		return err
	}
	return d.Counting.check()
}

// A Due is when the time is up. The zero Due stands for a clock that has not
// started.
type Due struct {
	// Date is the last day of a limit in days, or the day of End.
	Date date.Date
	// IsDate reports that the limit ends with the day: Date is the answer, and
	// End only where that day ends.
	IsDate bool
	// End is the last instant still in time: for a day that ends at midnight
	// its last nanosecond.
	End time.Time
	// Provisional reports that a year without a listing of holidays was
	// counted as plain weeks: the result may change.
	Provisional bool
}

// InTime reports whether something done at the given moment is in time. At
// End exactly it is.
func (d Due) InTime(done time.Time) bool { return !done.After(d.End) }

// String is the date, or the moment as in RFC 3339, or "" for the zero Due.
func (d Due) String() string {
	switch {
	case d.IsDate:
		return d.Date.String()
	case d.End.IsZero():
		return ""
	}
	return d.End.Format(time.RFC3339Nano)
}

// Later returns the one that ends later, a if both end together.
func Later(a, b Due) Due {
	if b.End.After(a.End) {
		return b
	}
	return a
}

// Sooner returns the one that ends sooner, a if both end together.
func Sooner(a, b Due) Due {
	if b.End.Before(a.End) {
		return b
	}
	return a
}

// Resume returns when the time is up if the clock started at start, was
// stopped at stopped and went on at returned: what was unused of the limit at
// stopped runs from returned.
//
// Days used are those counted from the start up to and including the day of
// stopped, and the day of returned is not counted; so a clock that is stopped
// and resumed on one day keeps its due date. Of a Duration the time gone by
// is used. A limit used up at stopped ends with the day, or at the moment, of
// returned. A clock stopped before it started runs from the later of start
// and returned, as if it had not run before.
//
// Errors as for [Deadline.Due], and [*ReturnError] if returned is before
// stopped.
func Resume(deadline Deadline, start, stopped, returned time.Time) (Due, error) {
	if err := deadline.check(); err != nil {
		return Due{}, err
	}
	// Without monotonic clocks, which would make the answer depend on where
	// the moments come from.
	start, stopped, returned = start.Round(0), stopped.Round(0), returned.Round(0)
	if returned.Before(stopped) {
		return Due{}, &ReturnError{Stopped: stopped, Returned: returned}
	}
	if stopped.Before(start) {
		if returned.After(start) {
			start = returned
		}
		return deadline.Due(start)
	}
	if deadline.Limit.Duration != 0 {
		return deadline.resumeClock(start, stopped, returned)
	}
	return deadline.resumeDays(start, stopped, returned)
}

func (d Deadline) resumeClock(start, stopped, returned time.Time) (Due, error) {
	c := d.Counting
	from, err := c.date(start)
	if err != nil {
		return Due{}, err
	}
	to, err := c.date(stopped)
	if err != nil {
		return Due{}, err
	}
	used, provisional := stopped.Sub(start), false
	if c.WorkingHours {
		if used, err = c.calendar().HoursBetween(start, stopped, c.Zone); err != nil {
			return Due{}, err
		}
		provisional = c.provisional(from, to)
	}
	due, err := c.run(returned, max(d.Limit.Duration-used, 0))
	if err != nil {
		return Due{}, err
	}
	due.Provisional = due.Provisional || provisional
	return due, nil
}

func (d Deadline) resumeDays(start, stopped, returned time.Time) (Due, error) {
	c := d.Counting
	zero, err := c.startDay(start) // the day from which the limit counts
	if err != nil {
		return Due{}, err
	}
	if c.CountFirstDay {
		zero.date--
	}
	stop, err := c.date(stopped)
	if err != nil {
		return Due{}, err
	}
	back, err := c.date(returned)
	if err != nil {
		return Due{}, err
	}
	left := d.Limit.WorkingDays + d.Limit.CalendarDays
	provisional := zero.provisional
	if stop > zero.date {
		used := int(stop - zero.date)
		if d.Limit.WorkingDays != 0 {
			if used, err = c.calendar().Between(zero.date, stop); err != nil {
				return Due{}, err
			}
			provisional = provisional || c.provisional(zero.date+1, stop)
		}
		left = max(left-used, 0)
	}
	last, err := c.add(max(back, zero.date), left, d.Limit)
	if err != nil {
		return Due{}, err
	}
	last.provisional = last.provisional || provisional
	return c.dueOn(last), nil
}
