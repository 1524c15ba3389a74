package workday

import (
	"maps"
	"slices"
	"time"

	"github.com/rickb777/date/v2"
)

// Yearly are the days that come back every year by a rule, so that nobody has
// to list them.
//
// With From they are the listings of the years From to Until: these years are
// known, and a listing of such a year under Years says Replaces, which then
// has all days of that year. Base may not list them as well.
//
// Without From they are days more: in the years that Base or Years list, or in
// all years of a calendar built with AnyYear. So a state adds to the holidays
// of the nation, and an office its own day to public holidays.
//
// A calendar built on this one has the days as they fall here: its own weekend
// moves none of them.
type Yearly struct {
	From, Until int // 2000 to 2100; Until 0 is 2100
	Days        []YearlyDay
}

// A YearlyDay is one day off that comes back, or one short working day.
type YearlyDay struct {
	On   YearDay
	Name Name

	From, Until int               // the years in which it is kept, both included; 0 leaves that side open
	Except      []int             // years in which it is not kept
	Moved       map[int]date.Date // years in which it is kept on this day instead

	Substitute Substitute // the day that is off as well where it falls on the weekend
	Hours      []Span     // not nil: a working day with these opening hours, and no day off
}

// Substitute says which day is off where a holiday falls on the weekend. The
// holiday itself stays a day off.
type Substitute string

// The ways to find a substitute. The days that are passed over are the
// weekend of the calendar and all other days off.
const (
	NoSubstitute Substitute = ""
	NextDay      Substitute = "next"        // the next day that is not off
	NearestDay   Substitute = "nearest"     // from the first day of the weekend the day before it that is not off, from others the next
	SundayNext   Substitute = "sunday_next" // from a Sunday the next day that is not off, from other days none
)

const (
	maxYearlyDays = 100 // far more than any law has
	maxToNextDay  = 31  // from a holiday to its substitute
)

// A Name is what a day is called, by language: "zh", "en".
type Name map[string]string

// A DayName is a name of one day.
type DayName struct {
	Name Name
	For  date.Date // where the day is a substitute, the holiday that it stands for; else 0
}

// Names are what the day d is called: nothing where no name is known, more
// than one where holidays meet. The caller owns the list but not the Names.
func (c *Calendar) Names(d date.Date) []DayName {
	if c == nil || c.table == nil {
		return nil
	}
	return slices.Clone(c.config.names[d])
}

// covers reports whether the year is listed by these days.
func (y Yearly) covers(year int) bool {
	return y.From != 0 && year >= y.From && year <= y.lastYear()
}

func (y Yearly) lastYear() int {
	if y.Until == 0 {
		return maxYear
	}
	return y.Until
}

// keeps reports whether the day is kept in the year, moved or not.
func (y *YearlyDay) keeps(year int) bool {
	return (y.From == 0 || year >= y.From) && (y.Until == 0 || year <= y.Until) && !slices.Contains(y.Except, year)
}

// in is the day in one year.
func (y *YearlyDay) in(year int) (date.Date, bool) {
	if !y.keeps(year) {
		return 0, false
	}
	if on, moved := y.Moved[year]; moved {
		return on, true
	}
	return y.On.In(year)
}

func checkYearly(y Yearly, base map[int]Year) (errs []error) {
	fail := func(e ConfigError) { errs = append(errs, &e) }
	outside := func(year int) bool { return year != 0 && (year < minYear || year > maxYear) }
	switch {
	case outside(y.From):
		fail(ConfigError{Problem: YearOutOfRange, Year: y.From})
	case outside(y.Until):
		fail(ConfigError{Problem: YearOutOfRange, Year: y.Until})
	case y.Until != 0 && y.From > y.Until || y.Until != 0 && y.From == 0:
		fail(ConfigError{Problem: YearsReversed, Year: y.From})
	case y.From != 0:
		for _, year := range slices.Sorted(maps.Keys(base)) {
			if y.covers(year) {
				fail(ConfigError{Problem: YearlyListed, Year: year})
				break // the others are of the same kind
			}
		}
	}
	for i := range y.Days {
		day, rule := &y.Days[i], i+1
		if day.On.IsZero() {
			fail(ConfigError{Problem: RuleEmpty, Rule: rule})
		}
		if day.Until != 0 && day.From > day.Until {
			fail(ConfigError{Problem: YearsReversed, Rule: rule, Year: day.From})
			continue
		}
		switch day.Substitute {
		case NoSubstitute:
		case NextDay, NearestDay, SundayNext:
			if day.Hours != nil {
				fail(ConfigError{Problem: RuleSubstitute, Rule: rule})
			}
		default:
			fail(ConfigError{Problem: RuleSubstitute, Rule: rule})
		}
		for n, year := range day.Except {
			if before := (&YearlyDay{From: day.From, Until: day.Until, Except: day.Except[:n]}); year < minYear || year > maxYear || !before.keeps(year) {
				fail(ConfigError{Problem: RuleYear, Rule: rule, Year: year})
			}
		}
		for _, year := range slices.Sorted(maps.Keys(day.Moved)) {
			switch to := day.Moved[year]; {
			case year < minYear || year > maxYear || !day.keeps(year):
				fail(ConfigError{Problem: RuleYear, Rule: rule, Year: year})
			case to < FirstDate || to > LastDate:
				fail(ConfigError{Problem: DateOutOfRange, Rule: rule, Year: year, Date: to})
			case max(to.Year()-year, year-to.Year()) > 1:
				fail(ConfigError{Problem: ForeignDate, Rule: rule, Year: year, Date: to})
			}
		}
		checkSpans(sorted(day.Hours), 0, &errs)
	}
	if len(y.Days) > maxYearlyDays {
		fail(ConfigError{Problem: RulesTooMany})
	}
	return errs
}

// call gives listed days their names.
func (c *Config) call(names map[date.Date]Name) {
	for d, name := range names {
		c.names[d] = append(slices.Clip(c.names[d]), DayName{Name: maps.Clone(name)})
	}
}

// expand writes the yearly days into the listings, which have those of Base
// and the calendar's own already. Given is the config before inheriting.
func (c *Config) expand(given Config) (errs []error) {
	if c.Yearly.From == 0 && len(c.Yearly.Days) == 0 {
		return nil
	}
	in := c.yearsOf(given.Years)
	e := expansion{config: c, off: map[date.Date]bool{}, in: in}
	for year, listing := range c.Years {
		for _, d := range listing.Rest {
			e.off[d] = true
		}
		if in[year] { // written to: a list of this calendar's own, as that of base stays as it is
			c.Years[year] = Year{Rest: slices.Clone(listing.Rest), Work: slices.Clone(listing.Work)}
		}
	}
	for year := range in {
		if _, listed := c.Years[year]; !listed {
			c.Years[year] = Year{}
		}
	}
	falls := e.falls()
	for _, f := range falls {
		if f.day.Hours != nil {
			e.shorten(f, given.DayHours)
		} else {
			e.off[f.on] = true
		}
	}
	for _, f := range falls {
		if f.day.Hours == nil {
			e.rest(f.on, DayName{Name: f.day.Name})
		}
	}
	failed := map[*YearlyDay]bool{}
	for _, f := range falls { // after the holidays themselves, which no substitute falls on
		step := e.toSubstitute(f)
		if step == 0 {
			continue
		}
		on := f.on + step
		for e.isOff(on) && on-f.on <= maxToNextDay && f.on-on <= maxToNextDay {
			on += step
		}
		switch {
		case !e.isOff(on):
			e.off[on] = true
			e.rest(on, DayName{Name: f.day.Name, For: f.on})
		case !failed[f.day]: // once for all years
			failed[f.day] = true
			errs = append(errs, &ConfigError{Problem: SubstituteNone, Rule: f.rule, Date: f.on})
		}
	}
	return errs
}

// yearsOf are the years that the yearly days are of.
func (c *Config) yearsOf(own map[int]Year) map[int]bool {
	in := map[int]bool{}
	for year := minYear; year <= maxYear; year++ {
		_, listed := c.Years[year]
		if c.Yearly.From == 0 {
			in[year] = listed || c.AnyYear
		} else {
			_, replaced := own[year]
			in[year] = c.Yearly.covers(year) && !replaced
		}
	}
	maps.DeleteFunc(in, func(_ int, is bool) bool { return !is })
	return in
}

// expansion is the work of writing yearly days into listings.
type expansion struct {
	config *Config
	off    map[date.Date]bool // listed days off and those of the rules
	in     map[int]bool       // the years that are written to
}

// fall is a yearly day as it falls in one year.
type fall struct {
	on   date.Date
	day  *YearlyDay
	rule int // the first is 1
}

// falls are all yearly days as they fall, by date; also those of the years
// before and after, whose substitutes may lie within.
func (e *expansion) falls() []fall {
	var all []fall
	for i := range e.config.Yearly.Days {
		day := &e.config.Yearly.Days[i]
		for year := minYear - 1; year <= maxYear+1; year++ {
			if !e.in[year-1] && !e.in[year] && !e.in[year+1] {
				continue
			}
			if on, ok := day.in(year); ok {
				all = append(all, fall{on, day, i + 1})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b fall) int { return int(a.on - b.on) })
	return all
}

// rest lists a day off, if it is in a year that is written to.
func (e *expansion) rest(d date.Date, name DayName) {
	c := e.config
	if !e.in[d.Year()] {
		return
	}
	e.name(d, name)
	c.change(d.Year(), d, func(y *Year) (to, from *[]date.Date) { return &y.Rest, &y.Work })
}

func (e *expansion) name(d date.Date, name DayName) {
	if len(name.Name) > 0 {
		name.Name = maps.Clone(name.Name)
		e.config.names[d] = append(slices.Clip(e.config.names[d]), name)
	}
}

// shorten gives a day its opening hours, unless the calendar names those of
// this day itself.
func (e *expansion) shorten(f fall, own map[date.Date][]Span) {
	if _, named := own[f.on]; !named && e.in[f.on.Year()] {
		e.name(f.on, DayName{Name: f.day.Name})
		e.config.DayHours[f.on] = sorted(f.day.Hours)
	}
}

func (e *expansion) isWeekend(d date.Date) bool {
	return slices.Contains(e.config.Weekend, d.Weekday())
}

func (e *expansion) isOff(d date.Date) bool { return e.off[d] || e.isWeekend(d) }

// toSubstitute is in which direction the substitute of a holiday lies; 0 where
// it has none.
func (e *expansion) toSubstitute(f fall) date.Date {
	switch {
	case f.day.Substitute == NoSubstitute || f.day.Hours != nil || !e.isWeekend(f.on):
	case f.day.Substitute == SundayNext && f.on.Weekday() != time.Sunday:
	case f.day.Substitute == NearestDay && e.isWeekend(f.on+1) && !e.isWeekend(f.on-1):
		return -1
	default:
		return 1
	}
	return 0
}
