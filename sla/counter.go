package sla

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/sla/workday"
)

// A Counter is a Counting made ready to time many matters quickly: moments are
// nanoseconds since 1970-01-01T00:00:00Z.
type Counter struct {
	Counting
	zone     walltime.Zone
	calendar *workday.Calendar // nil where there is none; its methods say so
}

// Clocks are what the clocks of a time zone show. They know when clocks are
// changed, so that a Counter need not ask. To make them takes up to a
// millisecond, so they are made once and kept.
type Clocks struct{ zone walltime.Zone }

// ClocksOf are the clocks of a zone.
func ClocksOf(zone *time.Location) Clocks { return Clocks{walltime.Tabulate(zone)} }

// Counter gets the counting ready, by the clocks of its zone; by others, and by
// the zero Clocks, it counts as well, but slower. What it counts is
// wrong unless [Counting.Check] finds nothing, nor [Limit.Check].
func (c Counting) Counter(clocks Clocks) Counter {
	if clocks.zone.Location() != c.Zone {
		return c.counter(walltime.Of(c.Zone))
	}
	return c.counter(clocks.zone)
}

func (c Counting) counter(zone walltime.Zone) Counter {
	calendar := c.Calendar
	if c.Provisional {
		calendar = calendar.Provisional()
	}
	return Counter{c, zone, calendar}
}

// A Term is a [Due] in numbers.
type Term struct {
	Date        date.Date // the last day of a limit in days, else the day of End
	End         int64     // the last instant, in nanoseconds since 1970-01-01T00:00:00Z
	IsDate      bool      // the limit is in days
	Provisional bool      // a year without a listing was needed
}

// Due is the term with a moment in the zone of the counting.
func (c *Counter) Due(t Term) Due {
	return Due{Date: t.Date, IsDate: t.IsDate, End: c.zone.Time(t.End), Provisional: t.Provisional}
}

// moment is a moment that comes in; it fails for those that are centuries away.
func (c *Counter) moment(t time.Time) (int64, error) {
	at, ok := walltime.MomentOf(t)
	if !ok {
		return 0, &RangeError{Date: date.NewAt(t.In(c.Zone))}
	}
	return at, nil
}

// provisionally reports whether days from a to b needed a year without a
// listing; strict counting has failed by then.
func (c *Counter) provisionally(a, b date.Date) bool {
	if !c.Provisional {
		return false
	}
	_, missing := c.Calendar.MissingYear(a, b)
	return missing
}

// date is the date of a moment.
func (c *Counter) date(at int64) (date.Date, error) {
	d, _ := c.zone.Local(at)
	return d, inRange(d)
}

func inRange(d date.Date) error {
	if d < FirstDate || d > LastDate {
		return &RangeError{Date: d}
	}
	return nil
}

// A day reached by counting, and whether a year without a listing was needed.
type day struct {
	date        date.Date
	provisional bool
}

// startDay is the day on which a start counts.
func (c *Counter) startDay(start int64) (day, error) {
	d, err := c.date(start)
	if err != nil || c.AfterClosing == AfterClosingSameDay {
		return day{date: d}, err
	}
	from := d
	if start > c.zone.Moment(d, c.Closes) {
		from++
	}
	next, err := c.calendar.Next(from)
	if err != nil {
		return day{}, err
	}
	return day{next, c.provisionally(from, next)}, nil
}

// over reports whether a day that the limit could end with is over by then.
func (c *Counter) over(d day, at int64) bool { return at > c.endOf(d).End }

// firstDay is the first day that may count of a limit in days. A day that is
// over when the clock starts does not: nothing could be done on it any more.
func (c *Counter) firstDay(start int64) (day, error) {
	first, err := c.startDay(start)
	if err == nil && (!c.CountFirstDay || c.over(first, start)) {
		first.date++
	}
	return first, err
}

// add counts n >= 0 days of the limit's unit from d, not counting d.
func (c *Counter) add(d date.Date, n int, l *Limit) (day, error) {
	if l.CalendarDays != 0 {
		if n > int(LastDate-FirstDate) { // before the sum can overflow
			return day{}, &RangeError{Date: LastDate + 1}
		}
		return day{date: d + date.Date(n)}, inRange(d + date.Date(n))
	}
	due, err := c.calendar.Add(d, n)
	if err != nil {
		return day{}, err
	}
	return day{due, n > 0 && c.provisionally(d+1, due)}, nil
}

// lastDay is the last day of a limit in days that starts at a moment of the
// day d.
func (c *Counter) lastDay(d date.Date, start int64, l *Limit) (day, error) {
	n := l.WorkingDays + l.CalendarDays
	if !c.CountFirstDay {
		return c.add(d, n, l)
	}
	if c.over(day{date: d}, start) {
		d++
	}
	first := day{date: d}
	if l.WorkingDays != 0 {
		next, err := c.calendar.Next(d)
		if err != nil {
			return day{}, err
		}
		first = day{next, c.provisionally(d, next)}
	}
	last, err := c.add(first.date, n-1, l)
	last.provisional = last.provisional || first.provisional
	return last, err
}

// LastDay is the term of a limit in days whose last day is given.
func (c *Counter) LastDay(last date.Date) Term { return c.endOf(day{date: last}) }

// LastInstant is the term of a limit of time whose last instant is given.
func (c *Counter) LastInstant(end int64) Term {
	d, _ := c.zone.Local(end)
	return Term{Date: d, End: end}
}

// endOf is the term of a limit that ends with the day d.
func (c *Counter) endOf(d day) Term {
	t := Term{Date: d.date, IsDate: true, Provisional: d.provisional}
	if c.DayEnds == 0 || c.DayEnds == 24*time.Hour {
		t.End = c.zone.DayStart(d.date+1) - 1
	} else {
		t.End = c.zone.Moment(d.date, c.DayEnds)
	}
	return t
}

// endAt is the term of a limit that ends at a moment.
func (c *Counter) endAt(at int64, provisional bool) (Term, error) {
	d, err := c.date(at)
	return Term{Date: d, End: at, Provisional: provisional}, err
}

// run lets d of time go by since start.
func (c *Counter) run(start int64, d time.Duration) (Term, error) {
	from, err := c.date(start)
	if err != nil {
		return Term{}, err
	}
	if !c.WorkingHours {
		end, ok := value.Add(start, int64(d))
		if !ok {
			return Term{}, &RangeError{Date: LastDate + 1}
		}
		return c.endAt(end, false)
	}
	end, err := c.calendar.AddHours(time.Unix(0, start).In(c.Zone), d, c.Zone)
	if err != nil {
		return Term{}, err
	}
	return c.endAt(end.UnixNano(), d > 0 && c.provisionally(from, date.NewAt(end)))
}

// Term is when a limit is up that starts at start.
//
// Errors: [*RangeError], and those of the calendar.
func (c *Counter) Term(start int64, l *Limit) (Term, error) {
	if l.Duration != 0 {
		return c.run(start, l.Duration)
	}
	from, err := c.startDay(start)
	if err != nil {
		return Term{}, err
	}
	last, err := c.lastDay(from.date, start, l)
	if err != nil {
		return Term{}, err
	}
	last.provisional = last.provisional || from.provisional
	return c.endOf(last), nil
}

// resume is when a limit is up that goes on at returned.
func (c *Counter) resume(l *Limit, start, stopped, returned time.Time) (Term, error) {
	if l.Duration != 0 {
		return c.resumeClock(l, start, stopped, returned)
	}
	return c.resumeDays(l, start, stopped, returned)
}

func (c *Counter) resumeClock(l *Limit, start, stopped, returned time.Time) (Term, error) {
	began, from, err := c.on(start)
	if err != nil {
		return Term{}, err
	}
	stop, to, err := c.on(stopped)
	if err != nil {
		return Term{}, err
	}
	used, provisional := time.Duration(stop-began), false
	if c.WorkingHours {
		if used, err = c.calendar.HoursBetween(start, stopped, c.Zone); err != nil {
			return Term{}, err
		}
		provisional = c.provisionally(from, to)
	}
	back, err := c.moment(returned)
	if err != nil {
		return Term{}, err
	}
	t, err := c.run(back, max(l.Duration-used, 0))
	t.Provisional = t.Provisional || provisional
	return t, err
}

// resumeDays is Resume of a limit in days.
func (c *Counter) resumeDays(l *Limit, start, stopped, returned time.Time) (Term, error) {
	began, err := c.moment(start)
	if err != nil {
		return Term{}, err
	}
	zero, err := c.firstDay(began)
	if err != nil {
		return Term{}, err
	}
	zero.date-- // the day from which the limit counts
	_, stop, err := c.on(stopped)
	if err != nil {
		return Term{}, err
	}
	again, back, err := c.on(returned)
	if err != nil {
		return Term{}, err
	}
	left := l.WorkingDays + l.CalendarDays
	provisional := zero.provisional
	if stop > zero.date {
		used := int(stop - zero.date)
		if l.WorkingDays != 0 {
			if used, err = c.calendar.Between(zero.date, stop); err != nil {
				return Term{}, err
			}
			provisional = provisional || c.provisionally(zero.date+1, stop)
		}
		left = max(left-used, 0)
	}
	last, err := c.add(max(back, zero.date), left, l)
	if err == nil && c.over(last, again) {
		over := last.provisional
		last, err = c.add(last.date, 1, l)
		last.provisional = last.provisional || over
	}
	if err != nil {
		return Term{}, err
	}
	last.provisional = last.provisional || provisional
	return c.endOf(last), nil
}

// on is a moment that comes in, and its date.
func (c *Counter) on(t time.Time) (at int64, d date.Date, err error) {
	if at, err = c.moment(t); err != nil {
		return 0, 0, err
	}
	d, err = c.date(at)
	return at, d, err
}
