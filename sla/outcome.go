package sla

import (
	"time"

	"github.com/rickb777/date/v2"
)

// Two statuses of clocks that can stand still or warn.
const (
	Paused Status = "paused"  // not done, and the clock stands still
	AtRisk Status = "at_risk" // running, and a mark that warns is reached
)

// An Outcome is how a [Period] runs and stands.
type Outcome struct {
	// Due is the end: of days, the last; of time, the last instant in time.
	// Backwards it is the other end: the latest day or instant, which for days
	// still runs to the end of the day.
	Due Due
	// Known reports that Due is. If it is not, the pause that began at Waits
	// has not ended, and the end depends on it.
	Known bool
	Waits time.Time

	// Nominal is the end before Rules.LastDay and Rules.AtLeast moved it, if it
	// is known.
	Nominal Due
	// Begins is when the counting begins: the start; the next full hour, where
	// the hour of the start is not counted; the beginning of the first day that
	// may count. Backwards it is where that day ends.
	Begins time.Time

	// Status at AsOf, which is the moment of asking. While the end is not
	// known the matter cannot be late.
	Status Status

	// Still is for how long, or for how many days, the clock stood still
	// between the start and the end, or AsOf where the end is not known: time,
	// opening time, days or working days, as the length counts. StillKnown is
	// false where a calendar ends before AsOf.
	Still      Elapsed
	StillKnown bool

	// Stood is when it did: the pauses as far as they lie between the start and
	// the end, in order, those that overlap or meet as one, opening time or
	// not. The last has no To while it is open and the end is not known.
	Stood []Pause

	// Marks are those of the Period, in its order.
	Marks []Reached

	// Next is the first moment after AsOf at which Status or the marks that
	// are reached change by the passing of time alone; zero if they never do.
	Next time.Time
}

// Run tells when a period ends and how it stands. It needs a time proportional
// to the number of pauses, whatever the length, apart from sorting them.
//
// Errors: [*LengthError], [RuleError], [*PauseError], [*MonthEndError],
// [*CountingError], [ErrNoZone], [ErrNoCalendar], [workday.ErrNoHours];
// [*workday.YearMissingError], [*workday.RangeError] and
// [*workday.HoursRangeError] from the calendar, where it is counted by;
// [*RangeError].
func (c *Counter) Run(p *Period) (Outcome, error) {
	r, err := c.course(p)
	if err != nil {
		return Outcome{}, err
	}
	var o Outcome
	term, known, err := r.due()
	if err != nil {
		return Outcome{}, err
	}
	if o.Known = known; known {
		o.Due, o.Nominal = c.Due(term), c.Due(r.nominal)
	} else {
		o.Waits = c.zone.Time(r.pauses[len(r.pauses)-1].from)
	}
	o.Begins = c.zone.Time(r.begins())
	if o.Marks, err = r.marks(&o); err != nil {
		return Outcome{}, err
	}
	o.Still, o.StillKnown = r.still(&o)
	r.stand(&o)
	return o, nil
}

// begins is the moment of the position at which counting starts.
func (r *course) begins() int64 {
	if r.Length.Unit.IsTime() {
		return r.start
	}
	return r.zone.DayStart(date.Date(r.start))
}

// still is what the pauses kept from counting.
func (r *course) still(o *Outcome) (Elapsed, bool) {
	if len(r.blocks) == 0 {
		return Elapsed{}, true
	}
	var end int64
	if o.Known {
		end = r.end
	} else if end = nearest(r.AsOf); !r.Length.Unit.IsTime() {
		end = int64(r.dateOf(end)) + 1
	}
	from, to := r.start, end
	if r.Backwards {
		from, to = min(r.start, end), r.start
	}
	n, err := blocked(r.ruler, from, to, r.blocks)
	return r.elapsed(n), err == nil
}

func (r *course) elapsed(n int64) Elapsed {
	if r.Length.Unit.IsTime() {
		return Elapsed{Time: time.Duration(n)}
	}
	return Elapsed{Days: n}
}
