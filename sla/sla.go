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
// A [Period] is what law and contracts count besides: any [Length] from seconds
// to years, forwards or backwards, with clear days, ends of months, a last day
// that moves, pauses, and marks on the way. [Counter.Run] gives its [Outcome]:
// the end, the status, and the next moment at which time alone changes it.
//
// Everything is a pure function of its arguments: nothing reads a clock or
// the local time zone. Days are counted on dates, never as 24 hours.
package sla

import (
	"errors"
	"fmt"
	"time"

	"github.com/servicerules/rulebook/internal/walltime"

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
	if e == nil {
		return "<nil>"
	}
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
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("sla: %s cannot be %s", e.Field, e.Value)
}

// A ReturnError says that a clock was to resume before it was stopped.
type ReturnError struct{ Stopped, Returned time.Time }

// Error names both moments.
func (e *ReturnError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("sla: resumed at %s, before it was stopped at %s",
		e.Returned.Format(time.RFC3339), e.Stopped.Format(time.RFC3339))
}

// FirstDate and LastDate are the first and the last day on which a clock may
// start or be due: 1700-01-01 and 2199-12-31. Where a calendar is counted by,
// the days of calendars are the limit: [workday.FirstDate] to
// [workday.LastDate].
const (
	FirstDate date.Date = 620547
	LastDate  date.Date = 803167
)

// A RangeError says that a date lies outside FirstDate to LastDate.
type RangeError struct{ Date date.Date }

// Error names the date.
func (e *RangeError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("sla: %s lies outside %s to %s", e.Date, FirstDate, LastDate)
}

// A SpanError says that two moments are further apart than a [time.Duration]
// reaches, some 292 years: lengths of time are counted no further.
type SpanError struct{ From, Until time.Time }

// Error names the moments.
func (e *SpanError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("sla: from %s to %s is more than 292 years", e.From.Format(time.RFC3339), e.Until.Format(time.RFC3339))
}

// A Limit is how long something may take: exactly one of its fields is
// positive and the others are zero.
type Limit struct {
	WorkingDays  int           // days worked by the calendar
	CalendarDays int           // days, worked or not
	Duration     time.Duration // time from the very moment of the start
}

// Check finds why nothing can be counted by the limit.
func (l *Limit) Check() error {
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
		return &LimitError{Limit: *l}
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
	// day off has the next working day as its first, either way. So has one
	// that starts when its day is over, after DayEnds: nothing is due before it
	// starts. A limit in calendar days that starts so has the next day.
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

// Check finds why nothing can be counted so.
func (c *Counting) Check() error {
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

// A Deadline is a limit and how it is counted.
type Deadline struct {
	Limit    Limit
	Counting Counting
}

// Due returns when the time is up that starts at start.
//
// Errors: [*LimitError], [*CountingError], [ErrNoZone], [ErrNoCalendar],
// [workday.ErrNoHours]; [*workday.YearMissingError], [*workday.RangeError] and
// [*workday.HoursRangeError] from the calendar, where it is counted by;
// [*RangeError].
func (d Deadline) Due(start time.Time) (Due, error) {
	if err := d.check(); err != nil {
		return Due{}, err
	}
	c := d.Counting.counter(walltime.Of(d.Counting.Zone))
	at, err := c.moment(start)
	if err != nil {
		return Due{}, err
	}
	t, err := c.Term(at, &d.Limit)
	if err != nil {
		return Due{}, err
	}
	return c.Due(t), nil
}

func (d *Deadline) check() error {
	if err := d.Limit.Check(); err != nil {
		return err
	}
	return d.Counting.Check()
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

// Resume returns when the time is up if the clock started at start, was
// stopped at stopped and went on at returned: what was unused of the limit at
// stopped runs from returned.
//
// Days used are those counted from the start up to and including the day of
// stopped, and the day of returned is not counted; so a clock that is stopped
// and resumed on one day keeps its due date. Of a Duration the time gone by
// is used. A limit used up at stopped ends with the day, or at the moment, of
// returned; with the next day of its kind where that day is over by then, after
// DayEnds. A clock stopped before it started runs from the later of start
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
	c := deadline.Counting.counter(walltime.Of(deadline.Counting.Zone))
	t, err := c.resume(&deadline.Limit, start, stopped, returned)
	if err != nil {
		return Due{}, err
	}
	return c.Due(t), nil
}
