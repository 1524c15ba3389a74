package workday

import (
	"time"

	"github.com/rickb777/date/v2"
)

// The years for which the rules of Easter are those of today's calendar.
const (
	firstEaster = 1583
	lastEaster  = 9999
)

// easter is Easter Sunday of the western churches: the first Sunday after the
// full moon, as the church reckons it, on or after 21 March. The steps are
// those of Meeus, Jones and Butcher.
func easter(year int) date.Date {
	golden := year % 19
	century, ofCentury := year/100, year%100
	moon := (century - (century-(century+8)/25+1)/3) // leap days and months left out so far
	epact := (19*golden + moon - century/4 + 15) % 30
	toSunday := (32 + 2*(century%4) + 2*(ofCentury/4) - epact - ofCentury%4) % 7
	late := (golden + 11*epact + 22*toSunday) / 451
	n := epact + toSunday - 7*late + 114
	return date.New(year, time.Month(n/31), n%31+1)
}

// orthodoxEaster is Easter Sunday of the orthodox churches, as a day of
// today's calendar: the same rule by the calendar of Julius Caesar.
func orthodoxEaster(year int) date.Date {
	moon := (19*(year%19) + 15) % 30
	toSunday := (2*(year%4) + 4*(year%7) - moon + 34) % 7
	n := moon + toSunday + 114
	behind := year/100 - year/400 - 2 // days between the two calendars in March and later
	return date.New(year, time.Month(n/31), n%31+1) + date.Date(behind)
}
