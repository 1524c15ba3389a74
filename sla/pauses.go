package sla

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/walltime"
)

// PauseDays says which days do not count because of pauses. Limits in days,
// weeks, months and years with pauses need one of them.
type PauseDays uint8

const (
	// PauseDaysUnsaid is none; pauses are an error then.
	PauseDaysUnsaid PauseDays = iota
	// WholeDays are days that lie in pauses as a whole, of which several may
	// fill one. Of a working day it is the opening hours that begin on it that
	// must be filled, where the calendar has any for it that clocks show; else,
	// and of a calendar day, 0:00 to 24:00.
	WholeDays
	// TouchedDays are days of which a pause covers any part from 0:00 to 24:00,
	// opening hours or not.
	TouchedDays
	// DaysAfterStop are the days after the one on which a pause began, up to
	// and including the one on which it ended, as [Resume] counts.
	DaysAfterStop
)

// A PauseError says what is wrong with one of the pauses.
type PauseError struct {
	Index int // its place in the list
	Pause Pause
}

// Error names the pause.
func (e *PauseError) Error() string {
	if e == nil {
		return "<nil>"
	}
	if e.Pause.From.IsZero() {
		return fmt.Sprintf("sla: pause %d has no beginning", e.Index+1)
	}
	return fmt.Sprintf("sla: pause %d ends at %s, before it begins at %s", e.Index+1,
		e.Pause.To.Format(time.RFC3339Nano), e.Pause.From.Format(time.RFC3339Nano))
}

// pauseBlocks are pauses as stretches of nanoseconds, in order, those that
// overlap or meet as one. Pauses of no length are left out.
func pauseBlocks(pauses []Pause) ([]block, error) {
	blocks := make([]block, 0, len(pauses))
	for i, p := range pauses {
		if p.From.IsZero() || !p.To.IsZero() && p.To.Before(p.From) {
			return nil, &PauseError{Index: i, Pause: p}
		}
		b := block{nearest(p.From), open}
		if !p.To.IsZero() {
			b.to = nearest(p.To)
		}
		blocks = append(blocks, b)
	}
	return merged(blocks), nil
}

// endedAfter are pauses of which the open ones ended so long after they began.
func endedAfter(pauses []Pause, d time.Duration) []Pause {
	ended := slices.Clone(pauses)
	for i, p := range ended {
		if p.To.IsZero() {
			ended[i].To = p.From.Add(d)
		}
	}
	return ended
}

// hasOpen reports whether a pause has not ended.
func (r *course) hasOpen() bool {
	n := len(r.pauses)
	return n > 0 && r.pauses[n-1].to == open
}

// nearest is a moment in nanoseconds, or the end of what can be counted for
// one that is centuries away: further than any clock runs.
func nearest(t time.Time) int64 {
	at, ok := walltime.MomentOf(t)
	switch {
	case ok:
		return at
	case t.Unix() < 0:
		return walltime.Earliest
	}
	return walltime.Latest
}

// merged sorts blocks, joins those that overlap or meet, and drops empty ones.
func merged(blocks []block) []block {
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.from, b.from) })
	all := blocks[:0]
	for _, b := range blocks {
		switch n := len(all); {
		case b.from >= b.to:
		case n > 0 && b.from <= all[n-1].to:
			all[n-1].to = max(all[n-1].to, b.to)
		default:
			all = append(all, b)
		}
	}
	return all
}

// pausedDays are the days that do not count because of pauses, working days or
// all days.
func (c *Counter) pausedDays(by PauseDays, pauses []block, working bool) []block {
	var days []block
	for _, p := range pauses {
		first, last := c.dateOf(p.from), date.Date(0) // last day touched
		if p.to != open {
			last = c.dateOf(p.to - 1)
		}
		switch by {
		case TouchedDays:
			days = append(days, dayBlock(first, last+1, p.to == open))
		case DaysAfterStop:
			days = append(days, dayBlock(first+1, c.dateOf(min(p.to, walltime.Latest))+1, p.to == open))
		case WholeDays:
			// Between the first day and the one before the last all are filled.
			// That one need not be, because night shifts go on on the last day.
			days = append(days, dayBlock(first+1, last-1, p.to == open))
			look := []date.Date{first, last - 1, last}
			if p.to == open {
				look = look[:1]
			}
			for _, d := range look {
				if c.filled(d, pauses, working) {
					days = append(days, dayBlock(d, d+1, false))
				}
			}
		}
	}
	return merged(days)
}

func dayBlock(from, to date.Date, isOpen bool) block {
	if isOpen {
		return block{int64(from), open}
	}
	return block{int64(from), int64(to)}
}

// dateOf is the date of any moment.
func (c *Counter) dateOf(at int64) date.Date {
	d, _ := c.zone.Local(at)
	return d
}

// filled reports whether pauses fill a day. Days off, and those of which the
// calendar does not know, are not filled: nobody counts them.
func (c *Counter) filled(d date.Date, pauses []block, working bool) bool {
	spans := wholeDay
	if working {
		if worked, err := c.calendar.IsWorkday(d); err != nil || !worked {
			return false
		}
		if c.calendar.HasHours() {
			if own, err := c.calendar.Opening(d); err == nil && len(own) > 0 {
				spans = own
			}
		}
	}
	shown := false
	for _, s := range spans {
		covered, any := c.covered(d, s.From, s.To, pauses)
		if !covered {
			return false
		}
		shown = shown || any
	}
	if !shown { // clocks skip all of its opening hours
		covered, _ := c.covered(d, 0, 24*time.Hour, pauses)
		return covered
	}
	return true
}

// covered reports whether pauses cover all moments at which clocks show from
// one time to another, counted from the midnight of a day, and whether there
// are any.
func (c *Counter) covered(d date.Date, from, to time.Duration, pauses []block) (covered, any bool) {
	at := walltime.Unwall(d, from, farthest)
	end := walltime.Unwall(d, to, -farthest)
	for at < end {
		_, until, ahead := c.zone.Steady(at)
		until = min(until, end)
		a, z := max(at, walltime.Unwall(d, from, ahead)), min(until, walltime.Unwall(d, to, ahead))
		if a < z {
			if any = true; !within(a, z, pauses) {
				return false, true
			}
		}
		at = until
	}
	return true, any
}

// within reports whether one of the blocks holds all from a to z.
func within(a, z int64, blocks []block) bool {
	i, _ := slices.BinarySearchFunc(blocks, a, func(b block, a int64) int {
		if b.to > a {
			return 1
		}
		return -1
	})
	return i < len(blocks) && blocks[i].from <= a && z <= blocks[i].to
}
