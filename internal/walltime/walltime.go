// Package walltime converts between moments and what the clocks of a time
// zone show, exactly as package time does, for those who convert often.
//
// A moment is a number of nanoseconds since 1970-01-01T00:00:00Z. A day is a
// [date.Date], a time of day the time on the clock since midnight.
package walltime

import (
	"math"
	"time"

	"github.com/rickb777/date/v2"
)

const (
	secondsOfDay           = 24 * 60 * 60
	epoch        date.Date = 719162 // 1970-01-01

	// Tables are made for 2000 to 2100, and for a week around, so that the
	// first and the last day are not near their ends.
	tableFrom  = 946684800 - 7*secondsOfDay  // before 2000-01-01
	tableUntil = 4133980800 + 7*secondsOfDay // after 2100-12-31

	// All times of a day are shown once where clocks are not changed for so
	// long before and after it begins: no zone is two days away from UTC.
	near = 3 * secondsOfDay

	bucket = 1 << 22 // seconds, about 48 days
)

// Zone is a time zone. It never changes, and is safe for concurrent use.
type Zone struct {
	loc     *time.Location
	spans   []span   // in order; between them, package time is asked
	buckets []uint16 // the span in which each bucket of seconds since tableFrom begins, or the one before
}

// span is a time without a change of clocks.
type span struct {
	from, until int64 // seconds since 1970, until excluded
	offset      int64 // seconds east of UTC
}

// ends that never come, with room for a sum
const (
	always = math.MinInt64 / 2
	never  = math.MaxInt64 / 2
)

// Of is a zone that is used once: package time is asked for everything.
func Of(loc *time.Location) Zone { return Zone{loc: loc} }

// Tabulate is a zone that is kept: it knows all changes of clocks from 2000 to
// 2100. It takes microseconds where there are few.
func Tabulate(loc *time.Location) Zone {
	z := Of(loc)
	for sec := int64(tableFrom); sec < tableUntil; {
		s := ask(loc, sec)
		if s.until <= sec || ask(loc, s.until-1).offset != s.offset {
			sec += secondsOfDay // no answer that can be relied on
			continue
		}
		if n := len(z.spans); n > 0 && z.spans[n-1].until >= s.from && z.spans[n-1].offset == s.offset {
			z.spans[n-1].until = s.until // such as the turn of a year
		} else {
			s.from = max(s.from, z.end())
			z.spans = append(z.spans, s)
		}
		sec = s.until
	}
	if len(z.spans) > math.MaxUint16 {
		return Of(loc) // no zone of this world
	}
	for at, i := int64(tableFrom), 0; len(z.spans) > 1 && at < tableUntil; at += bucket {
		for i+1 < len(z.spans) && z.spans[i+1].from <= at {
			i++
		}
		z.buckets = append(z.buckets, uint16(i))
	}
	return z
}

// end is where the table ends as far as it is made.
func (z *Zone) end() int64 {
	if n := len(z.spans); n > 0 {
		return z.spans[n-1].until
	}
	return always
}

// ask finds the span around a second.
func ask(loc *time.Location, sec int64) span {
	t := time.Unix(sec, 0).In(loc)
	_, offset := t.Zone()
	from, until := t.ZoneBounds()
	s := span{always, never, int64(offset)}
	if !from.IsZero() {
		s.from = from.Unix()
	}
	if !until.IsZero() {
		s.until = until.Unix()
	}
	return s
}

// at is the span around a second.
func (z *Zone) at(sec int64) span {
	i := 0
	if b := uint64(sec-tableFrom) / bucket; b < uint64(len(z.buckets)) {
		i = int(z.buckets[b])
		for i+1 < len(z.spans) && z.spans[i+1].from <= sec {
			i++
		}
	}
	if i < len(z.spans) {
		if s := z.spans[i]; s.from <= sec && sec < s.until {
			return s
		}
	}
	return ask(z.loc, sec)
}

// MomentOf is a moment of package time; false for those that are centuries
// away from any calendar and cannot be counted in nanoseconds.
func MomentOf(t time.Time) (int64, bool) {
	sec := t.Unix()
	return t.UnixNano(), -far <= sec && sec <= far
}

// Location is the zone as package time knows it.
func (z *Zone) Location() *time.Location { return z.loc }

// Time is the moment as package time knows it, in the zone.
func (z *Zone) Time(moment int64) time.Time { return time.Unix(0, moment).In(z.loc) }

// Local is the day and the time of day that clocks show at a moment.
func (z *Zone) Local(moment int64) (day date.Date, clock time.Duration) {
	sec, nano := floor(moment, 1e9)
	if len(z.spans) == 0 { // where they end is not wanted
		_, offset := time.Unix(sec, 0).In(z.loc).Zone()
		sec += int64(offset)
	} else {
		sec += z.at(sec).offset
	}
	days, sec := floor(sec, secondsOfDay)
	return epoch + date.Date(days), time.Duration(sec)*time.Second + time.Duration(nano)
}

// Moment is when clocks show a time of a day, 0 to 24 hours. Where they show
// it twice or never, it is what [time.Date] makes of it. The day must lie in
// the years 1700 to 2200.
func (z *Zone) Moment(day date.Date, clock time.Duration) int64 {
	if m, ok := z.plain(day, clock); ok {
		return m
	}
	return z.date(day, clock).UnixNano()
}

// plain is the moment of a time that clocks show once.
func (z *Zone) plain(day date.Date, clock time.Duration) (int64, bool) {
	sec := int64(day-epoch) * secondsOfDay
	s := z.at(sec)
	if sec < s.from+near || sec >= s.until-near {
		return 0, false
	}
	return (sec-s.offset)*1e9 + int64(clock), true
}

func (z *Zone) date(day date.Date, clock time.Duration) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, int(clock/time.Second), int(clock%time.Second), z.loc)
}

// DayStart is the first moment of a day, also where clocks skip midnight on
// that day or strike it twice; of a day that is skipped, the first moment
// after it. The day must lie in the years 1700 to 2200.
func (z *Zone) DayStart(day date.Date) int64 {
	if m, ok := z.plain(day, 0); ok {
		return m
	}
	t := z.date(day, 0)
	h, m, s := t.Clock()
	from, until := t.ZoneBounds()
	switch {
	case date.NewAt(t) < day: // there is no midnight, or no such day
		return until.UnixNano()
	case h+m+s > 0:
		return from.UnixNano()
	}
	// Where clocks are put back just after midnight, it strikes twice.
	if t.Sub(from) < 24*time.Hour {
		_, is := t.Zone()
		_, was := from.Add(-1).Zone()
		if first := t.Add(time.Duration(is-was) * time.Second); first.Before(from) {
			return first.UnixNano()
		}
	}
	return t.UnixNano()
}

// floor divides by a positive number and rounds down.
func floor(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		return quotient - 1, rest + b
	}
	return quotient, rest
}
