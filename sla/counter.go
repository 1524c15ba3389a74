package sla

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/sla/workday"
)

// counter is a Counting at work. Moments are nanoseconds since 1970 here, as
// in package walltime, and converted where they come in and go out.
type counter struct {
	Counting
	zone     walltime.Zone
	calendar *workday.Calendar // nil where there is none; its methods say so
}

// counter gets the counting ready. It must have a zone.
func (c *Counting) counter(zone walltime.Zone) counter {
	calendar := c.Calendar
	if c.Provisional {
		calendar = calendar.Provisional()
	}
	return counter{*c, zone, calendar}
}

// term is a Due: the last day of a limit in days, or the day of the last
// instant, and that instant.
type term struct {
	date        date.Date
	end         int64
	isDate      bool
	provisional bool
}

// due is the term as it is given to others.
func (c *counter) due(t term) Due {
	return Due{Date: t.date, IsDate: t.isDate, End: c.zone.Time(t.end), Provisional: t.provisional}
}

// moment is a moment that comes in; it fails for those that are centuries away.
func (c *counter) moment(t time.Time) (int64, error) {
	at, ok := walltime.MomentOf(t)
	if !ok {
		return 0, &RangeError{Date: date.NewAt(t.In(c.Zone))}
	}
	return at, nil
}

// provisionally reports whether days from a to b needed a year without a
// listing; strict counting has failed by then.
func (c *counter) provisionally(a, b date.Date) bool {
	if !c.Provisional {
		return false
	}
	_, missing := c.Calendar.MissingYear(a, b)
	return missing
}

// date is the date of a moment.
func (c *counter) date(at int64) (date.Date, error) {
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
func (c *counter) startDay(start int64) (day, error) {
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
func (c *counter) over(d day, at int64) bool { return at > c.endOf(d).end }

// firstDay is the first day that may count of a limit in days. A day that is
// over when the clock starts does not: nothing could be done on it any more.
func (c *counter) firstDay(start int64) (day, error) {
	first, err := c.startDay(start)
	if err == nil && (!c.CountFirstDay || c.over(first, start)) {
		first.date++
	}
	return first, err
}

// add counts n >= 0 days of the limit's unit from d, not counting d.
func (c *counter) add(d date.Date, n int, l *Limit) (day, error) {
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
func (c *counter) lastDay(d date.Date, start int64, l *Limit) (day, error) {
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

// endOf is the term of a limit that ends with the day d.
func (c *counter) endOf(d day) term {
	t := term{date: d.date, isDate: true, provisional: d.provisional}
	if c.DayEnds == 0 || c.DayEnds == 24*time.Hour {
		t.end = c.zone.DayStart(d.date+1) - 1
	} else {
		t.end = c.zone.Moment(d.date, c.DayEnds)
	}
	return t
}

// endAt is the term of a limit that ends at a moment.
func (c *counter) endAt(at int64, provisional bool) (term, error) {
	d, err := c.date(at)
	return term{date: d, end: at, provisional: provisional}, err
}

// run lets d of time go by since start.
func (c *counter) run(start int64, d time.Duration) (term, error) {
	from, err := c.date(start)
	if err != nil {
		return term{}, err
	}
	if !c.WorkingHours {
		end, ok := value.Add(start, int64(d))
		if !ok {
			return term{}, &RangeError{Date: LastDate + 1}
		}
		return c.endAt(end, false)
	}
	end, err := c.calendar.AddHours(time.Unix(0, start).In(c.Zone), d, c.Zone)
	if err != nil {
		return term{}, err
	}
	return c.endAt(end.UnixNano(), d > 0 && c.provisionally(from, date.NewAt(end)))
}

// term is when a limit is up that starts at start.
func (c *counter) term(start int64, l *Limit) (term, error) {
	if l.Duration != 0 {
		return c.run(start, l.Duration)
	}
	from, err := c.startDay(start)
	if err != nil {
		return term{}, err
	}
	last, err := c.lastDay(from.date, start, l)
	if err != nil {
		return term{}, err
	}
	last.provisional = last.provisional || from.provisional
	return c.endOf(last), nil
}

// resume is when a limit is up that goes on at returned.
func (c *counter) resume(l *Limit, start, stopped, returned time.Time) (term, error) {
	if l.Duration != 0 {
		return c.resumeClock(l, start, stopped, returned)
	}
	return c.resumeDays(l, start, stopped, returned)
}

func (c *counter) resumeClock(l *Limit, start, stopped, returned time.Time) (term, error) {
	began, from, err := c.on(start)
	if err != nil {
		return term{}, err
	}
	stop, to, err := c.on(stopped)
	if err != nil {
		return term{}, err
	}
	used, provisional := time.Duration(stop-began), false
	if c.WorkingHours {
		if used, err = c.calendar.HoursBetween(start, stopped, c.Zone); err != nil {
			return term{}, err
		}
		provisional = c.provisionally(from, to)
	}
	back, err := c.moment(returned)
	if err != nil {
		return term{}, err
	}
	t, err := c.run(back, max(l.Duration-used, 0))
	t.provisional = t.provisional || provisional
	return t, err
}

// resumeDays is Resume of a limit in days.
func (c *counter) resumeDays(l *Limit, start, stopped, returned time.Time) (term, error) {
	began, err := c.moment(start)
	if err != nil {
		return term{}, err
	}
	zero, err := c.firstDay(began)
	if err != nil {
		return term{}, err
	}
	zero.date-- // the day from which the limit counts
	_, stop, err := c.on(stopped)
	if err != nil {
		return term{}, err
	}
	again, back, err := c.on(returned)
	if err != nil {
		return term{}, err
	}
	left := l.WorkingDays + l.CalendarDays
	provisional := zero.provisional
	if stop > zero.date {
		used := int(stop - zero.date)
		if l.WorkingDays != 0 {
			if used, err = c.calendar.Between(zero.date, stop); err != nil {
				return term{}, err
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
		return term{}, err
	}
	last.provisional = last.provisional || provisional
	return c.endOf(last), nil
}

// on is a moment that comes in, and its date.
func (c *counter) on(t time.Time) (at int64, d date.Date, err error) {
	if at, err = c.moment(t); err != nil {
		return 0, 0, err
	}
	d, err = c.date(at)
	return at, d, err
}
