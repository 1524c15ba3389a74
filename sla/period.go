package sla

import (
	"time"

	"github.com/rickb777/date/v2"
)

// A Period is a length of time that runs from a start, forwards or backwards,
// by the conventions that law and contracts know, and stands still in pauses.
// [Counter.Run] tells when it ends and how it stands; zone, calendar and the
// hours of the day come from the [Counting] of the Counter. Its CountFirstDay
// makes the day of the start the first; its WorkingHours means nothing here,
// because the unit says which time counts. AfterClosing moves the start of
// days forwards, not that of days counted backwards.
//
// These are the steps, in their order: the day of the start in the zone,
// counting, [Rules.LastDay], [Rules.AtLeast].
type Period struct {
	Length    Length
	Start     Start
	Backwards bool // the period ends with its start, and its other end is sought
	Rules     Rules
	Pauses    []Pause // in any order; a zero To has not ended
	Marks     []Mark  // moments on the way to be told as well

	Done   time.Time // when the matter was done; zero: not done
	Deemed bool      // it is treated as done in time
	AsOf   time.Time // the moment of asking; zero is before every other
}

// A Start is a day or a moment: one of the two is given. Where days count, a
// moment means its day in the zone. Where time counts, a day is an error:
// nobody has said at which hour.
type Start struct {
	On date.Date
	At time.Time
}

// Rules are the conventions by which a [Period] is counted, besides those of a
// [Counting]. The zero Rules are the plain ones.
type Rules struct {
	// ClearDays leave a whole period between the day of the start and the day
	// of the other end, and count neither. Backwards it is the latest day for
	// what must come before the start; forwards, the earliest for what must
	// come after, so that a status of on time tells nothing. For lengths in
	// days and longer.
	ClearDays bool

	// SkipHour does not count the hour of the clock in which the start falls:
	// the period begins at the next full hour, also if the start is exactly on
	// one; backwards it begins where that hour does. A change of clocks that
	// passes over a full hour begins an hour. For lengths of time.
	SkipHour bool

	// MonthEnd says where months end that have no day of the start's number.
	// Where the day of the start is counted, they end with the last day
	// whatever it says, unless it refuses.
	MonthEnd MonthEnd

	// ShortDays makes lengths of at most so many calendar days count working
	// days only. 0: no length is short.
	ShortDays int64

	// LastDay moves an end that falls on a day off.
	LastDay LastDay

	// AtLeast lets a period of so many days or more, that holds fewer working
	// days than that, end with the working day that makes up the number. The
	// days from the day after the start to the end are looked at, pauses or
	// not; backwards, those before the start. 0: no working day is needed.
	AtLeast int64

	// AtLeastOfTime applies AtLeast to lengths of time as well, of so many
	// times 24 hours or more. They hold a working day if they hold the whole of
	// it, so the end is that of the last one, or later.
	AtLeastOfTime bool

	// PauseDays says which days do not count because of pauses.
	PauseDays PauseDays
}

// LastDay says what becomes of an end that falls on a day off. Lengths of time
// move to the same time of the clock; where clocks show it twice on that day,
// to the first, and where they skip it, to the change of clocks.
type LastDay uint8

const (
	LastDayAsIs               LastDay = iota // it stays
	LastDayNextWorkingDay                    // it moves to the next working day
	LastDayPreviousWorkingDay                // it moves to the working day before
)

func (r *Rules) check() error {
	if r.MonthEnd > MonthEndRefuse || r.LastDay > LastDayPreviousWorkingDay || r.PauseDays > DaysAfterStop ||
		r.ShortDays < 0 || r.AtLeast < 0 {
		return UnknownRule
	}
	return nil
}

func (p *Period) check(c *Counting) error {
	isDay, isMoment := p.Start.On != date.Zero, !p.Start.At.IsZero()
	switch {
	case isDay && isMoment:
		return TwoStarts
	case !isDay && !isMoment:
		return NoStart
	case isDay && p.Length.Unit.IsTime():
		return StartOnADay
	case p.Rules.ClearDays && c.CountFirstDay:
		return ClearAndFirst
	case len(p.Pauses) > 0 && !p.Length.Unit.IsTime() && p.Rules.PauseDays == PauseDaysUnsaid:
		return NoPauseDays
	}
	return p.Rules.check()
}
