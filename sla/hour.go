package sla

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/walltime"
)

// nextHour is the first moment after another at which clocks show a full hour
// or are put forward over one.
func (c *Counter) nextHour(at int64) int64 {
	for {
		_, until, ahead := c.zone.Steady(at)
		hour := hourShown(at, ahead)
		if next := (hour+1)*int64(time.Hour) - int64(ahead); next < until {
			return next
		}
		_, _, then := c.zone.Steady(until)
		if shown := until + int64(then); shown%int64(time.Hour) == 0 || hourShown(until, then) > hour {
			return until
		}
		at = until
	}
}

// hourOf is the last moment up to another at which clocks show a full hour or
// are put forward over one.
func (c *Counter) hourOf(at int64) int64 {
	for {
		from, _, ahead := c.zone.Steady(at)
		hour := hourShown(at, ahead)
		if begun := hour*int64(time.Hour) - int64(ahead); begun >= from {
			return begun
		}
		_, _, before := c.zone.Steady(from - 1)
		if hourShown(from-1, before) < hour {
			return from
		}
		at = from - 1
	}
}

// hourShown numbers the hours of a clock that is so far ahead of UTC.
func hourShown(at int64, ahead time.Duration) int64 {
	shown := at + int64(ahead)
	hour := shown / int64(time.Hour)
	if shown%int64(time.Hour) < 0 {
		hour--
	}
	return hour
}

// shows is the first moment of a day at which clocks show a time, or the change
// of clocks that skips it.
func (c *Counter) shows(d date.Date, clock time.Duration) int64 {
	at := walltime.Unwall(d, clock, farthest)
	for {
		_, until, ahead := c.zone.Steady(at)
		if shown := walltime.Unwall(d, clock, ahead); shown < until {
			return max(shown, at) // before it, the time was passed over by the change at it
		}
		at = until
	}
}
