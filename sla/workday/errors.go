package workday

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"
)

var (
	// ErrNoCalendar is returned by the methods of a nil or zero Calendar.
	ErrNoCalendar = errors.New("workday: no calendar")
	// ErrNoHours is returned where opening hours are needed and the calendar
	// has none.
	ErrNoHours = errors.New("workday: the calendar has no opening hours")
	// ErrNoZone is returned where a time zone is needed and nil was given.
	ErrNoZone = errors.New("workday: no time zone")
)

// A YearMissingError says that the answer depends on a year without a listing
// of holidays.
type YearMissingError struct {
	Year int // the first year met that has no listing
}

// Error names the year.
func (e *YearMissingError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("workday: no listing of holidays for %d", e.Year)
}

// A RangeError says that a date, or the way from it, leaves FirstDate to
// LastDate.
type RangeError struct {
	Date date.Date // the offending date, or where the way began
	Days int       // the days to go from Date; 0 if Date itself is outside
}

// Error names the date.
func (e *RangeError) Error() string {
	if e == nil {
		return "<nil>"
	}
	if e.Days != 0 {
		return fmt.Sprintf("workday: %+d days from %s lead out of 2000-01-01 to 2100-12-31", e.Days, e.Date)
	}
	return fmt.Sprintf("workday: %s lies outside 2000-01-01 to 2100-12-31", e.Date)
}

// A HoursRangeError says that opening hours lead out of FirstDate to LastDate
// before the time asked for is up.
type HoursRangeError struct {
	From   time.Time     // where the way began
	Length time.Duration // the working time to go
}

// Error names the start and the length.
func (e *HoursRangeError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("workday: %s of opening hours from %s lead out of 2000-01-01 to 2100-12-31",
		e.Length, e.From.Format(time.RFC3339))
}

// A Problem is what is wrong with a Config.
type Problem string

// The problems of a Config; what is set in the ConfigError beside it.
const (
	YearOutOfRange    Problem = "year_out_of_range"    // Year: not within 2000 to 2100
	DateOutOfRange    Problem = "date_out_of_range"    // Date (and Year): not within FirstDate to LastDate
	ForeignDate       Problem = "foreign_date"         // Date, Year: neither of this year nor of the December before or the January after
	YearListed        Problem = "year_listed"          // Year: Base lists it, and its holidays would be dropped
	YearNotListed     Problem = "year_not_listed"      // Year: neither Base nor Years list what is to be changed
	YearEmpty         Problem = "year_empty"           // Year: no day is listed, and nothing says that there is none
	YearlyListed      Problem = "yearly_listed"        // Year: the yearly days begin in the midst of what Base lists
	YearsReversed     Problem = "years_reversed"       // Rule (0: of all), Year: from this year on is later than until
	RuleEmpty         Problem = "rule_empty"           // Rule: says no day
	RuleYear          Problem = "rule_year"            // Rule, Year: an exception in a year in which the day is not kept anyway
	RuleSubstitute    Problem = "rule_substitute"      // Rule: a short working day has no substitute; or an unknown way to find one
	RulesTooMany      Problem = "rules_too_many"       // more than 100 yearly days
	SubstituteNone    Problem = "substitute_none"      // Rule, Date: no working day within a month of the holiday
	KnownTooEarly     Problem = "known_too_early"      // Date, Year: a change is announced before the listing that it changes
	ChangesEmpty      Problem = "changes_empty"        // Year: no day is changed
	YearNotEmpty      Problem = "year_not_empty"       // Year: days are listed of a year that is said to have no holidays
	YearWithoutOwnDay Problem = "year_without_own_day" // Date, Year: it and all others listed are of the years beside this one
	RestTwice         Problem = "rest_twice"           // Date, Year: listed as a day off before
	WorkTwice         Problem = "work_twice"           // Date, Year: listed as a make-up day before
	RestAndWork       Problem = "rest_and_work"        // Date, Year: both day off and make-up day
	ClosureTwice      Problem = "closure_twice"        // Date: listed as a closure before
	UnknownWeekday    Problem = "unknown_weekday"      // Weekday: not Sunday to Saturday
	WeekdayTwice      Problem = "weekday_twice"        // Weekday: listed in the weekend before
	WeekendTooLong    Problem = "weekend_too_long"     // the weekend takes all seven days
	SpanOutsideDay    Problem = "span_outside_day"     // Span: begins outside its day, or is longer than 24 hours
	SpanEmpty         Problem = "span_empty"           // Span: ends no later than it begins
	SpansOverlapping  Problem = "spans_overlapping"    // Span: begins before the one before it ends, or ends after the first of the next day begins
)

// A ConfigError is one thing wrong with a [Config]. The fields that matter
// depend on the Problem; the others are zero.
type ConfigError struct {
	Problem Problem
	Year    int          // the listing that the date stands in, if any
	Date    date.Date    // the offending date, or the date whose hours are wrong
	Weekday time.Weekday // the offending weekday
	Span    Span         // the offending opening hours
	Rule    int          // the offending day of Yearly, the first being 1
}

// Error names the problem and the offending value.
func (e *ConfigError) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	b.WriteString("workday: " + strings.ReplaceAll(string(e.Problem), "_", " "))
	switch e.Problem {
	case UnknownWeekday, WeekdayTwice:
		b.WriteString(": " + e.Weekday.String())
	case SpanOutsideDay, SpanEmpty, SpansOverlapping:
		b.WriteString(": " + e.Span.String())
		if e.Date != 0 {
			b.WriteString(" on " + e.Date.String())
		}
		return b.String()
	default:
		if e.Date != 0 {
			b.WriteString(": " + e.Date.String())
		}
	}
	if e.Rule != 0 {
		b.WriteString(": yearly day " + strconv.Itoa(e.Rule))
		if e.Year != 0 {
			b.WriteString(", " + strconv.Itoa(e.Year))
		}
		return b.String()
	}
	if e.Year != 0 {
		b.WriteString(" (listing of " + strconv.Itoa(e.Year) + ")")
	}
	return b.String()
}
