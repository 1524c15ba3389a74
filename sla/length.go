package sla

import (
	"fmt"
	"time"
)

// A Unit is what a [Length] is counted in.
type Unit uint8

// The units. Seconds, minutes and hours are real time: a night in which clocks
// are changed has an hour more or less. The opening ones are real time too, but
// only that during which the calendar is open; [Counting.WorkingHours] and
// [workday.Calendar.AddHours] read it off the clock on the wall instead, which
// differs where clocks are changed during opening hours. Months end on the day that has
// the number of the start's; quarters, half years and years are 3, 6 and 12 of
// them.
const (
	NoUnit Unit = iota
	Second
	Minute
	Hour
	OpeningSecond
	OpeningMinute
	OpeningHour
	CalendarDay
	WorkingDay
	Week
	Month
	Quarter
	HalfYear
	Year
)

// units are the words of the units, and how long one is: as a time, or in days
// or months.
var units = [...]struct {
	word, text string
	time       time.Duration
	days       int64
	months     int64
}{
	NoUnit:        {},
	Second:        {word: "second", text: "second", time: time.Second},
	Minute:        {word: "minute", text: "minute", time: time.Minute},
	Hour:          {word: "hour", text: "hour", time: time.Hour},
	OpeningSecond: {word: "opening_second", text: "opening second", time: time.Second},
	OpeningMinute: {word: "opening_minute", text: "opening minute", time: time.Minute},
	OpeningHour:   {word: "opening_hour", text: "opening hour", time: time.Hour},
	CalendarDay:   {word: "day", text: "day", days: 1},
	WorkingDay:    {word: "working_day", text: "working day", days: 1},
	Week:          {word: "week", text: "week", days: 7},
	Month:         {word: "month", text: "month", months: 1},
	Quarter:       {word: "quarter", text: "quarter", months: 3},
	HalfYear:      {word: "half_year", text: "half year", months: 6},
	Year:          {word: "year", text: "year", months: 12},
}

// String is the word of the unit, such as "opening_hour"; "" for NoUnit and
// what is no unit.
func (u Unit) String() string {
	if u > Year {
		return ""
	}
	return units[u].word
}

// IsTime reports whether lengths of the unit run from a moment to a moment;
// those of the others run from a day to the end of a day.
func (u Unit) IsTime() bool { return u >= Second && u <= OpeningHour }

// IsOpening reports whether only opening time counts.
func (u Unit) IsOpening() bool { return u >= OpeningSecond && u <= OpeningHour }

// A Length is a number of a unit: 4 opening hours, 2 weeks, 3 months. The
// number is 0 or more; the zero Length has no unit and measures nothing.
type Length struct {
	N    int64
	Unit Unit
}

// String is for example "1 opening hour" or "3 half years".
func (l Length) String() string {
	if l.Unit == NoUnit || l.Unit > Year {
		return fmt.Sprintf("%d of no unit", l.N)
	}
	text := units[l.Unit].text
	if l.N != 1 {
		text += "s"
	}
	return fmt.Sprintf("%d %s", l.N, text)
}

// Check finds why nothing can be counted by the length: a number below 0, or no
// unit.
func (l Length) Check() error {
	if l.N < 0 || l.Unit == NoUnit || l.Unit > Year {
		return &LengthError{Length: l}
	}
	return nil
}

// Length is the limit as a length, with a Duration in hours, minutes or seconds
// that are opening time or not; false where no whole seconds say it, and where
// the limit has not one length.
func (l Limit) Length(opening bool) (Length, bool) {
	switch {
	case l.Check() != nil:
		return Length{}, false
	case l.WorkingDays != 0:
		return Length{int64(l.WorkingDays), WorkingDay}, true
	case l.CalendarDays != 0:
		return Length{int64(l.CalendarDays), CalendarDay}, true
	}
	first := Second
	if opening {
		first = OpeningSecond
	}
	for u := first + 2; u >= first; u-- {
		if l.Duration%units[u].time == 0 {
			return Length{int64(l.Duration / units[u].time), u}, true
		}
	}
	return Length{}, false
}

// A LengthError says that a length is negative or has no unit.
type LengthError struct{ Length Length }

// Error names the length.
func (e *LengthError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("sla: a length is 0 or more of a unit, not %s", e.Length)
}
