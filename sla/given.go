package sla

import (
	"time"

	"github.com/rickb777/date/v2"
)

// A Given is an end that is not counted: the day or the moment that somebody
// laid down, or that was computed in another way. [Counter.Given] tells how the
// matter stands that is due by it.
type Given struct {
	End     Start   // of days, the last one; a moment is the last instant in time
	From    Start   // when it begins to run; left out, it always has
	LastDay LastDay // what becomes of an end that falls on a day off
	Marks   []Mark  // lengths before the end; there is no length to have a share of

	Done   time.Time // when the matter was done; zero: not done
	Deemed bool      // it is treated as done in time
	AsOf   time.Time // the moment of asking; zero is before every other
}

// Given tells how a matter runs and stands whose end is given. Nothing pauses
// it: StillKnown of the outcome is false. Begins is zero where From is left out.
//
// Errors: [RuleError], [*CountingError], [ErrNoZone], [ErrNoCalendar] and those
// of the calendar where the end may move; [*RangeError].
func (c *Counter) Given(g *Given) (Outcome, error) {
	if err := c.Check(); err != nil {
		return Outcome{}, err
	}
	p := Period{Length: Length{1, CalendarDay}, Rules: Rules{LastDay: g.LastDay}, Marks: g.Marks, Done: g.Done, Deemed: g.Deemed, AsOf: g.AsOf}
	if err := p.Rules.check(); err != nil {
		return Outcome{}, err
	}
	for _, m := range g.Marks {
		if m.Share != (Share{}) {
			return Outcome{}, UnknownMark
		}
	}
	r := &course{Counter: c, Period: &p}
	var err error
	if p.Start.At, err = r.givenStart(g.From); err != nil {
		return Outcome{}, err
	}
	term, err := r.givenEnd(g.End)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Due: c.Due(term), Known: true, Nominal: c.Due(r.nominal)}
	if g.From != (Start{}) {
		o.Begins = p.Start.At
	}
	if o.Marks, err = r.marks(&o); err != nil {
		return Outcome{}, err
	}
	r.stand(&o)
	return o, nil
}

// givenStart is the moment from which it runs.
func (r *course) givenStart(s Start) (time.Time, error) {
	switch isDay, isMoment := s.On != date.Zero, !s.At.IsZero(); {
	case isDay && isMoment:
		return time.Time{}, TwoStarts
	case isDay:
		return r.zone.Time(r.zone.DayStart(s.On)), inRange(s.On)
	case isMoment:
		_, err := r.moment(s.At)
		return s.At, err
	}
	return time.Time{}.Add(-1), nil // before every moment of asking
}

// givenEnd is the end, which moves where it falls on a day off.
func (r *course) givenEnd(s Start) (Term, error) {
	isDay, isMoment := s.On != date.Zero, !s.At.IsZero()
	switch {
	case isDay && isMoment:
		return Term{}, TwoStarts
	case isDay:
		r.day, r.amount = s.On, 0 // which makes the day itself the last
		return r.dueOn(position(s.On))
	case !isMoment:
		return Term{}, NoStart
	}
	p := *r.Period
	p.Length = Length{1, Second}
	r.Period = &p
	at, day, err := r.on(s.At)
	if err != nil {
		return Term{}, err
	}
	r.start, r.day = at, day
	return r.dueAt(at)
}
