package walltime

import "time"

// No zone of this world is two days away from UTC.
const farthest = 48 * time.Hour

// Read is the moment at which the clocks of a zone show what wall shows on its
// own clock; false where they show it more than once, or never: see [Choices].
func Read(wall time.Time, zone *time.Location) (time.Time, bool) {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	from, until := at.ZoneBounds()
	if (from.IsZero() || at.Sub(from) > farthest) && (until.IsZero() || until.Sub(at) > farthest) {
		return at, true // the usual case
	}
	all := Shown(wall, zone)
	if len(all) != 1 {
		return time.Time{}, false
	}
	return all[0], true
}

// Shown are the moments at which the clocks of a zone show what wall shows on
// its own clock, in order: one as a rule, two or more where clocks were put
// back over that time, none where they were put forward over it. The shift may
// be of any length, from seconds to a whole day.
func Shown(wall time.Time, zone *time.Location) []time.Time {
	wall = onItsClock(wall)
	all, _ := shown(wall, zone)
	return all
}

// Choices are what somebody may have meant who wrote a time that clocks show
// not once: the moments at which they show it or, where they never do, those
// at which they would have, had they been put forward later or sooner.
func Choices(wall time.Time, zone *time.Location) []time.Time {
	wall = onItsClock(wall)
	all, offsets := shown(wall, zone)
	if len(all) > 0 {
		return all
	}
	for _, offset := range offsets {
		all = append(all, wall.Add(-offset).In(zone))
	}
	return all
}

// Twice reports whether the clocks of a moment's zone show its time more than
// once, so that the time alone does not tell the moment.
func Twice(at time.Time) bool {
	from, until := at.ZoneBounds()
	if (from.IsZero() || at.Sub(from) > farthest) && (until.IsZero() || until.Sub(at) > farthest) {
		return false // the usual case
	}
	return len(Shown(at, at.Location())) > 1
}

// Told is a moment as a person reads it. The last one of a day is 24:00; a time
// that clocks show twice has its offset.
func Told(t time.Time) string {
	layout := "2006-01-02 15:04"
	switch {
	case t.Nanosecond() != 0 && t.Hour() == 23 && t.Minute() == 59:
		return t.Format(time.DateOnly) + " 24:00"
	case t.Second() != 0:
		layout += ":05"
	}
	if Twice(t) {
		layout += " -07:00"
	}
	return t.Format(layout)
}

// Text writes a moment as somebody who wrote wall for it would have with an
// offset: 2025-10-26T01:30:00+01:00. Where the offset is not of whole minutes,
// as before standard time, it is written in UTC.
func Text(at, wall time.Time) string {
	wall = onItsClock(wall)
	offset := wall.Sub(at)
	if offset == 0 || offset%time.Minute != 0 || offset >= 24*time.Hour || offset <= -24*time.Hour {
		return at.UTC().Format(time.RFC3339Nano)
	}
	return at.In(time.FixedZone("", int(offset/time.Second))).Format(time.RFC3339Nano)
}

// onItsClock is what the clock shows, as a moment in UTC.
func onItsClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// shown goes through the times between two changes of clocks that may have
// shown wall. Where none has, offsets are those on both sides of the change
// that skipped it, so that the earlier moment comes first.
func shown(wall time.Time, zone *time.Location) (all []time.Time, offsets []time.Duration) {
	var before, after time.Duration
	skipped := false
	for t := wall.Add(-farthest).In(zone); ; {
		_, seconds := t.Zone()
		offset := time.Duration(seconds) * time.Second
		from, until := t.ZoneBounds()
		at := wall.Add(-offset).In(zone)
		switch {
		case !from.IsZero() && at.Before(from):
			if !skipped {
				after, skipped = offset, true
			}
		case until.IsZero() || at.Before(until):
			all = append(all, at)
		case !skipped:
			before = offset
		}
		if until.IsZero() || until.After(wall.Add(farthest)) {
			return all, []time.Duration{after, before}
		}
		t = until
	}
}
