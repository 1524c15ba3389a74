package workday

import (
	"sort"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/walltime"
)

// spans are the opening hours of the day i, should it be a working day.
func (t *table) spans(i int) []Span {
	if len(t.special) > 0 {
		if s, ok := t.special[i]; ok {
			return s
		}
	}
	return t.weekday[weekdayOf(i)]
}

// open is when the day i is open, from its midnight to the next.
func (t *table) open(i int) []Span {
	switch {
	case t.nights:
		return t.cut[t.cutOf[i]]
	case t.work.has(i):
		return t.spans(i)
	}
	return nil
}

// spill is the time of the next day until which sorted hours go on.
func spill(spans []Span) time.Duration {
	var end time.Duration
	for _, s := range spans {
		end = max(end, s.To-24*time.Hour)
	}
	return end
}

// cutAtMidnight finds for every day when it is open: what is left of the day
// before, and its own hours up to midnight. There are few that differ.
func (t *table) cutAtMidnight() {
	t.cut, t.cutOf = [][]Span{nil}, make([]uint16, days)
	type pair struct{ before, own *Span } // days share their lists
	known := map[pair]uint16{{}: 0}
	var before []Span // of the day before
	for i := range days {
		var own []Span
		if t.work.has(i) {
			own = t.spans(i)
		}
		key := pair{first(before), first(own)}
		at, ok := known[key]
		if !ok {
			at = uint16(len(t.cut))
			known[key] = at
			t.cut = append(t.cut, cutDay(before, own))
		}
		t.cutOf[i], before = at, own
	}
}

func first(spans []Span) *Span {
	if len(spans) == 0 {
		return nil
	}
	return &spans[0]
}

// cutDay is what is left of the day before, and a day's own hours up to
// midnight.
func cutDay(before, own []Span) []Span {
	const midnight = 24 * time.Hour
	var open []Span
	for _, s := range before {
		if s.To > midnight {
			open = append(open, Span{0, s.To - midnight})
		}
	}
	for _, s := range own {
		open = append(open, Span{s.From, min(s.To, midnight)})
	}
	return joined(open)
}

// joined are the spans in order, those that overlap or meet as one.
func joined(spans []Span) []Span {
	var all []Span
	for _, s := range sorted(spans) {
		if n := len(all); n > 0 && s.From <= all[n-1].To {
			all[n-1].To = max(all[n-1].To, s.To)
		} else {
			all = append(all, s)
		}
	}
	return all
}

// since is the first day that counting from a time of the day i looks at: the
// day before, if hours of that may still go on. It is -1 before the tables.
func (t *table) since(i int, clock time.Duration) int {
	if t.nights && (i == 0 && clock < spill(t.weekday[weekdayOf(6)]) || i > 0 && clock < spill(t.spans(i-1))) {
		return i - 1
	}
	return i
}

// knownSince is known from the day before i, where that is looked at.
func (c *Calendar) knownSince(i int, clock time.Duration, j int) error {
	from := c.since(i, clock)
	if from < 0 {
		return &RangeError{Date: FirstDate - 1}
	}
	return c.known(from, j)
}

// opened is the opening time before the given time of day.
func opened(spans []Span, clock time.Duration) (sum time.Duration) {
	for _, s := range spans {
		if clock <= s.From {
			break
		}
		sum += min(clock, s.To) - s.From
	}
	return sum
}

// HasHours reports whether the calendar was given opening hours.
func (c *Calendar) HasHours() bool { return c != nil && c.table != nil && c.hours }

// AddHours returns the moment at which d of working time has gone by since t,
// in the given zone. Time runs only during the opening hours of working days:
// outside them it stands still until the next opening. If the time is up just
// at a closing hour, the result is that closing hour, not the next opening.
// For d = 0 it is t. For d < 0 it is the latest moment from which |d| of
// working time goes by until t.
//
// Hours past midnight belong to the day on which they begin: see [Span].
//
// Opening hours are read off the clock on the wall: where clocks change
// during them, three hours by that clock count as three.
//
// Errors: [ErrNoHours], [ErrNoZone], [*YearMissingError], [*RangeError] if t
// lies outside 2000 to 2100, [*HoursRangeError] if the result would.
func (c *Calendar) AddHours(t time.Time, d time.Duration, zone *time.Location) (time.Time, error) {
	i, clock, err := c.locate(t, zone)
	if err != nil {
		return time.Time{}, err
	}
	if d == 0 {
		return t.Round(0).In(zone), nil // without the monotonic clock
	}
	passed := c.passed(i, clock)
	last := len(c.openedBy) - 1
	var j int // the day that the result lies on
	if d > 0 {
		if d > c.openedBy[last]-passed {
			return time.Time{}, c.beyondHours(t, d, c.since(i, clock), days-1)
		}
		passed += d
		j = c.dayReaching(passed)
	} else {
		if d < -passed {
			return time.Time{}, c.beyondHours(t, d, i, 0)
		}
		passed += d
		j = c.dayReaching(passed + 1)
	}
	then := clockAt(c.open(j), passed-c.openedBy[j], d > 0)
	if d > 0 {
		err = c.knownSince(i, clock, j)
	} else if err = c.known(i, j); err == nil {
		err = c.knownSince(j, then, j)
	}
	if err != nil {
		return time.Time{}, err
	}
	return onClock(j, then, t, d > 0, zone), nil
}

// indexHours prepares dayReaching: opening time is cut into as many stretches
// as there are days, so that about one of them ends in each.
func (t *table) indexHours() {
	last := len(t.openedBy) - 1
	t.stretch = t.openedBy[last]/time.Duration(max(last, 1)) + 1
	t.reached = make([]uint16, 0, last+2)
	n := 0
	for end := time.Duration(0); end <= t.openedBy[last]+t.stretch; end += t.stretch {
		for n < last && t.openedBy[n+1] < end {
			n++
		}
		t.reached = append(t.reached, uint16(n))
	}
}

// dayReaching is the day on which so much opening time has gone by
// since FirstDate, counted from 0; their number where it never has.
func (t *table) dayReaching(passed time.Duration) int {
	last := len(t.openedBy) - 1
	if passed > t.openedBy[last] {
		return last
	}
	i := int(passed / t.stretch)
	n, end := int(t.reached[i]), min(int(t.reached[i+1]), last)
	for steps := 0; n < end && t.openedBy[n+1] < passed; steps++ {
		if steps == 4 { // only where days differ much in length
			return n + sort.Search(end-n, func(k int) bool { return t.openedBy[n+k+1] >= passed })
		}
		n++
	}
	return n
}

// HoursBetween returns the working time that goes by from a to b, in the
// given zone; with b before a, the negative of it from b to a. Errors as for
// [Calendar.AddHours]; a missing year named is the earliest one.
func (c *Calendar) HoursBetween(a, b time.Time, zone *time.Location) (time.Duration, error) {
	if a.After(b) {
		d, err := c.HoursBetween(b, a, zone)
		return -d, err
	}
	i, from, err := c.locate(a, zone)
	if err != nil {
		return 0, err
	}
	j, to, err := c.locate(b, zone)
	if err != nil || a.Equal(b) {
		return 0, err
	}
	if err := c.knownSince(i, from, j); err != nil {
		return 0, err
	}
	return max(c.passed(j, to)-c.passed(i, from), 0), nil // 0 where clocks went back
}

// locate is the day and the time of day of t on the clock of the zone.
func (c *Calendar) locate(t time.Time, zone *time.Location) (day int, clock time.Duration, err error) {
	if zone == nil {
		return 0, 0, ErrNoZone
	}
	at, near := walltime.MomentOf(t)
	var on date.Date
	if near {
		z := walltime.Of(zone)
		on, clock = z.Local(at)
	} else {
		on = date.NewAt(t.In(zone))
	}
	day, err = c.index(on)
	switch {
	case err != nil:
		return 0, 0, err
	case !near:
		return 0, 0, &RangeError{Date: on}
	case !c.hours:
		return 0, 0, ErrNoHours
	}
	return day, clock, nil
}

// passed is the working time since FirstDate.
func (t *table) passed(day int, clock time.Duration) time.Duration {
	return t.openedBy[day] + opened(t.open(day), clock)
}

// beyondHours is the error of a walk that leaves the tables.
func (c *Calendar) beyondHours(t time.Time, d time.Duration, from, to int) error {
	if err := c.known(max(from, 0), to); err != nil {
		return err
	}
	return &HoursRangeError{From: t, Length: d}
}

// clockAt is the time of day at which the opening time is used up to rest: the
// earliest such time, or the latest.
func clockAt(spans []Span, rest time.Duration, earliest bool) time.Duration {
	for _, s := range spans {
		length := s.To - s.From
		if rest < length || earliest && rest == length {
			return s.From + rest
		}
		rest -= length
	}
	return 24 * time.Hour // not reached: the caller found the day that has it
}

// onClock is the moment at which the clock in the zone shows the given time of
// the day, but never one on the wrong side of from: clocks that go back show a
// time twice, and clocks put forward skip some.
func onClock(day int, clock time.Duration, from time.Time, forward bool, zone *time.Location) time.Time {
	z := walltime.Of(zone)
	begun, at := from.UnixNano(), z.Moment(epoch+date.Date(day), clock)
	wrong := func() bool { return forward && at < begun || !forward && at > begun }
	if wrong() {
		_, was := from.In(zone).Zone()
		_, is := z.Time(at).Zone()
		at += int64(is-was) * int64(time.Second)
	}
	if wrong() {
		at = begun
	}
	return z.Time(at)
}
