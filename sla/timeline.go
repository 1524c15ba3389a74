package sla

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/sla/workday"
)

// A Timeline is how the clock of one matter ran. An answer gives it among its
// Details, under the rule of the deadline that applied.
type Timeline struct {
	Deadline Deadline  // zero of a [Period]: no one Deadline says how it runs
	Start    time.Time // zero: not started
	Due      Due       // what counts in the end; zero where it is not known
	Limit    Due       // what the limit alone gives; Due differs where it was extended
	Done     time.Time // zero: not done, or not known
	AsOf     time.Time // the moment of asking; zero: nobody said
	Status   Status    // "" where it is not known
	Pauses   []Pause   // while it stood still, in order
	Again    bool      // the clock ran a second time: the customer came back
}

// A Pause is a time during which a clock stood still, To excluded. A zero To:
// it has not ended.
type Pause struct{ From, To time.Time }

// A Day is one day of a Timeline.
type Day struct {
	Date date.Date
	// Kind is what the calendar calls the day. Without a calendar, and in a
	// year that it has no listing of, days are plain ones of the week.
	Kind workday.Kind
	// Nth numbers the days that a limit in days counts, from 1; 0 is a day
	// that is not counted. Limits of a Duration count no days.
	Nth int
	// Paused reports that the clock stood still, all day or from some time on.
	Paused bool
}

// Days are the days from one date to another, both included, as the clock saw
// them. Days after the due date are not numbered. At most a thousand are
// given. It is empty where the clock has not started, and without a Deadline.
//
// Errors: [*RangeError], and those of the calendar.
func (t Timeline) Days(from, to date.Date) ([]Day, error) {
	const atMost = 1000
	c := t.Deadline.Counting
	if t.Start.IsZero() || c.Zone == nil || to < from {
		return nil, nil
	}
	first, err := t.firstCounted()
	if err != nil {
		return nil, err
	}
	if err := inRange(from); err != nil {
		return nil, err
	}
	to = min(to, from+atMost-1, LastDate)
	last := t.Due.Date
	if t.Limit.Date > last {
		last = t.Limit.Date
	}
	var days []Day
	nth := 0
	for d := min(first, from); d <= to; d++ {
		day := Day{Date: d, Kind: c.kind(d), Paused: t.pausedOn(d)}
		counts := t.Deadline.Limit.CalendarDays != 0 || t.Deadline.Limit.WorkingDays != 0 && day.Kind.Worked()
		if counts && d >= first && d <= last && !day.Paused {
			nth++
			day.Nth = nth
		}
		if d >= from {
			days = append(days, day)
		}
	}
	return days, nil
}

// firstCounted is the first day that may count.
func (t Timeline) firstCounted() (date.Date, error) {
	c := t.Deadline.Counting.counter(walltime.Of(t.Deadline.Counting.Zone))
	start, err := c.moment(t.Start)
	if err != nil {
		return 0, err
	}
	first, err := c.firstDay(start)
	return first.date, err
}

// pausedOn reports whether the day does not count because the clock stood
// still: the day on which it stopped still counts, that on which it goes on
// does not, as in [Resume].
func (t Timeline) pausedOn(d date.Date) bool {
	for _, p := range t.Pauses {
		from, to := date.NewAt(p.From.In(t.Deadline.Counting.Zone)), date.NewAt(p.To.In(t.Deadline.Counting.Zone))
		if d > from && (d <= to || p.To.IsZero()) {
			return true
		}
	}
	return false
}

// kind is what the calendar calls a day.
func (c Counting) kind(d date.Date) workday.Kind {
	if c.Calendar != nil {
		if k, err := c.Calendar.Provisional().Kind(d); err == nil {
			return k
		}
	}
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return workday.Weekend
	}
	return workday.Working
}
