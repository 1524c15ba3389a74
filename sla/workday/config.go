package workday

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rickb777/date/v2"
)

// A Config describes a calendar. What it leaves out is inherited from Base.
type Config struct {
	// Base is a calendar to build on, or nil. One built on a Provisional
	// calendar is provisional too.
	Base *Calendar

	// Weekend are the days of the week that are not worked, at most six. Nil
	// is the weekend of Base or else Saturday and Sunday; empty but not nil is
	// a seven-day working week.
	Weekend []time.Weekday

	// Years are the yearly listings, beside those of Base. A year that Base
	// lists is not listed again, which would drop its holidays: a few days more
	// go into Changes, and a listing in place of that of Base says Replaces.
	Years map[int]Year

	// Yearly are days that come back: see [Yearly].
	Yearly Yearly

	// Changes are made to the listings of Base, Years and Yearly, year by year: what
	// is added to rest is a day off, what is added to work is worked, whatever
	// the listing says of that day. A change that says the same as the listing
	// changes nothing.
	Changes map[int]Year

	// Amendments are such changes, too, made after Changes and in this order,
	// so that a year can be changed more than once.
	Amendments []Amendment

	IgnoreMakeup   bool // listed make-up days are ordinary weekend days
	IgnoreHolidays bool // listed days off are ordinary days of the week
	AnyYear        bool // years without a listing are plain weeks, and no error

	// Closures are days off of one's own, besides those of Base. A closure is
	// stronger than a make-up day.
	Closures []date.Date

	// Hours are the opening hours of a working day, in any order. WeekdayHours
	// and then DayHours, besides those of Base, are stronger: a short Friday,
	// a half day. Nil Hours are those of Base; empty but not nil is closed, as
	// is an empty list for a weekday or a day. A working day without opening
	// hours is still a working day.
	Hours        []Span
	WeekdayHours map[time.Weekday][]Span
	DayHours     map[date.Date][]Span

	names map[date.Date][]DayName // of listed days; filled in by New
}

// A Year lists the days of one year that differ from plain weeks. Days of
// December before and of January after may stand beside its own, as in public
// notices at the turn of the year; a listing without any day of its own year
// is refused, because it would make that year one without holidays. Each day
// stands in one listing only.
type Year struct {
	Rest []date.Date // days off, weekend days among them or not
	Work []date.Date // make-up days: days of the weekend that are worked

	NoHolidays bool // says of a year without any of these that it is known to have none
	Replaces   bool // takes the place of the listing in Base, or of that by Yearly, if any; not for Changes

	Names map[date.Date]Name // what listed days are called, where that is known

	// KnownOn is the day on which the listing, or the change, was announced;
	// 0 where it was known all along. See Calendar.KnownOn.
	KnownOn date.Date
}

// A Span is a stretch of opening hours, as offsets on the clock from the
// midnight with which its day begins: 0 <= From < 24 hours, and From < To <=
// From + 24 hours. A To beyond 24 hours is on the next day: a shift past
// midnight, {22h, 30h} from 22:00 to 06:00, belongs to the day on which it
// begins. So the night from Friday to Saturday is worked where Friday is, and
// none begins on a holiday. What two days have in common counts once.
type Span struct{ From, To time.Duration }

// String is for example "9h0m0s-12h0m0s".
func (s Span) String() string { return s.From.String() + "-" + s.To.String() }

// New builds a calendar. The Config is copied. Everything wrong with it is
// reported at once: the error joins one [*ConfigError] per finding, in an
// order that does not depend on chance.
func New(config Config) (*Calendar, error) {
	errs := checkListings(config)
	t := &table{editions: editionsOf(config)}
	if len(errs) == 0 { // of rules that are wrong, no days are sought
		t.config, errs = inherit(config)
	} else {
		withoutRules := config
		withoutRules.Yearly = Yearly{}
		t.config, _ = inherit(withoutRules)
	}
	errs = append(errs, t.checkWeekend(config.Weekend)...)
	listed := t.readYears(&errs)
	t.readClosures(config.Closures, &errs)
	t.readHours(&errs)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	t.markMissing(listed)
	t.count()
	t.hash = t.hasher()
	return t.calendar(config.Base != nil && config.Base.provisional), nil
}

// inherit is the config with everything that Base contributes filled in, in
// memory of its own.
func inherit(c Config) (Config, []error) {
	var base Config
	given := c
	if c.Base != nil && c.Base.table != nil {
		base = c.Base.config
	} else {
		base.Weekend = []time.Weekday{time.Saturday, time.Sunday}
	}
	c.Base = nil // all of it is in the fields below
	if c.Weekend == nil {
		c.Weekend = base.Weekend
	}
	c.Weekend = slices.Clone(c.Weekend)
	if c.Hours == nil {
		c.Hours = base.Hours
	}
	c.Hours = sorted(c.Hours)
	c.IgnoreMakeup = c.IgnoreMakeup || base.IgnoreMakeup
	c.IgnoreHolidays = c.IgnoreHolidays || base.IgnoreHolidays
	c.AnyYear = c.AnyYear || base.AnyYear
	c.Closures = append(slices.Clone(base.Closures), c.Closures...)
	c.WeekdayHours = over(base.WeekdayHours, c.WeekdayHours, sorted)
	c.DayHours = over(base.DayHours, c.DayHours, sorted)
	c.Years = over(base.Years, given.Years, func(y Year) Year {
		return Year{Rest: slices.Clone(y.Rest), Work: slices.Clone(y.Work)}
	})
	c.names = over(base.names, nil, slices.Clone[[]DayName])
	for _, year := range slices.Sorted(maps.Keys(given.Years)) {
		for _, d := range base.Years[year].Rest { // replaced
			delete(c.names, d)
		}
		c.call(given.Years[year].Names)
	}
	errs := c.expand(given)
	for _, a := range given.amendments() {
		for _, d := range a.Rest {
			c.change(a.Year, d, func(y *Year) (to, from *[]date.Date) { return &y.Rest, &y.Work })
		}
		for _, d := range a.Work {
			c.change(a.Year, d, func(y *Year) (to, from *[]date.Date) { return &y.Work, &y.Rest })
			delete(c.names, d)
		}
		c.call(a.Names)
	}
	c.Changes, c.Amendments, c.Yearly = nil, nil, Yearly{} // they are in the years
	return c, errs
}

// change lists a day in the one list of a year and in no other, unless it is
// in such a list of any year.
func (c *Config) change(year int, d date.Date, lists func(*Year) (to, from *[]date.Date)) {
	for y := d.Year() - 1; y <= d.Year()+1; y++ { // the day is in one of these at most, others are refused
		listing, listed := c.Years[y]
		if !listed {
			continue
		}
		to, from := lists(&listing)
		if slices.Contains(*to, d) {
			return
		}
		if i := slices.Index(*from, d); i >= 0 {
			*from = slices.Delete(slices.Clone(*from), i, i+1) // that of Base stays as it is
			c.Years[y] = listing
		}
	}
	listing := c.Years[year]
	to, _ := lists(&listing)
	*to = append(slices.Clip(*to), d)
	c.Years[year] = listing
}

// checkListings finds listings that would drop or invent holidays.
func checkListings(c Config) (errs []error) {
	base := map[int]Year{}
	anyYear := c.AnyYear
	if c.Base != nil && c.Base.table != nil {
		base, anyYear = c.Base.config.Years, anyYear || c.Base.config.AnyYear
	}
	errs = checkYearly(c.Yearly, base)
	for _, year := range slices.Sorted(maps.Keys(c.Years)) {
		y := c.Years[year]
		_, listed := base[year]
		listed = listed || c.Yearly.covers(year)
		switch days := len(y.Rest) + len(y.Work); {
		case year < minYear || year > maxYear: // reported when it is read
		case listed && !y.Replaces:
			errs = append(errs, &ConfigError{Problem: YearListed, Year: year})
		case days == 0 && !y.NoHolidays:
			errs = append(errs, &ConfigError{Problem: YearEmpty, Year: year})
		case days > 0 && y.NoHolidays:
			errs = append(errs, &ConfigError{Problem: YearNotEmpty, Year: year})
		case days > 0:
			if d, all := y.besideOnly(year); all {
				errs = append(errs, &ConfigError{Problem: YearWithoutOwnDay, Year: year, Date: d})
			}
		}
	}
	for _, a := range c.amendments() {
		_, listed := base[a.Year]
		own, isOwn := c.Years[a.Year]
		switch {
		case len(a.Rest)+len(a.Work) == 0:
			errs = append(errs, &ConfigError{Problem: ChangesEmpty, Year: a.Year})
		case listed || anyYear || c.Yearly.covers(a.Year):
		case !isOwn:
			errs = append(errs, &ConfigError{Problem: YearNotListed, Year: a.Year})
		case a.KnownOn != 0 && a.KnownOn < own.KnownOn:
			errs = append(errs, &ConfigError{Problem: KnownTooEarly, Year: a.Year, Date: a.KnownOn})
		}
		rest, work := map[date.Date]bool{}, map[date.Date]bool{}
		add := func(d date.Date, own, other map[date.Date]bool, twice Problem) {
			switch {
			case own[d]:
				errs = append(errs, &ConfigError{Problem: twice, Year: a.Year, Date: d})
			case other[d]:
				errs = append(errs, &ConfigError{Problem: RestAndWork, Year: a.Year, Date: d})
			}
			own[d] = true
		}
		for _, d := range a.Rest {
			add(d, rest, work, RestTwice)
		}
		for _, d := range a.Work {
			add(d, work, rest, WorkTwice)
		}
	}
	return errs
}

// beside says whether a day is of the December before a year or of the January
// after it.
func beside(d date.Date, year int) bool {
	return d.Year() == year-1 && d.Month() == time.December || d.Year() == year+1 && d.Month() == time.January
}

// besideOnly says whether all days of a listing lie beside its year, and which
// is the first that is written.
func (y Year) besideOnly(year int) (first date.Date, all bool) {
	days := slices.Concat(y.Rest, y.Work)
	for _, d := range days {
		if d < FirstDate || d > LastDate || !beside(d, year) {
			return 0, false // of the year itself, or reported when it is read
		}
	}
	return days[0], true
}

func over[K comparable, V any](base, own map[K]V, clone func(V) V) map[K]V {
	all := make(map[K]V, len(base)+len(own))
	maps.Copy(all, base) // owned by a calendar and never changed
	for k, v := range own {
		all[k] = clone(v)
	}
	return all
}

func sorted(spans []Span) []Span {
	return slices.SortedFunc(slices.Values(spans), func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
}

func (t *table) checkWeekend(weekend []time.Weekday) (errs []error) {
	seen := 0
	for _, d := range weekend {
		switch {
		case d < time.Sunday || d > time.Saturday:
			errs = append(errs, &ConfigError{Problem: UnknownWeekday, Weekday: d})
		case seen&(1<<d) != 0:
			errs = append(errs, &ConfigError{Problem: WeekdayTwice, Weekday: d})
		default:
			seen |= 1 << d
		}
	}
	if seen == 1<<7-1 {
		errs = append(errs, &ConfigError{Problem: WeekendTooLong})
	}
	return errs
}

// readYears marks the listed days and returns which years are listed.
func (t *table) readYears(errs *[]error) (listed [years]bool) {
	var rest, work daySet
	for _, year := range slices.Sorted(maps.Keys(t.config.Years)) {
		if year < minYear || year > maxYear {
			*errs = append(*errs, &ConfigError{Problem: YearOutOfRange, Year: year})
			continue
		}
		listed[year-minYear] = true
		add := func(list []date.Date, own, other *daySet, twice Problem) {
			for _, d := range list {
				i, problem := int(d-epoch), Problem("")
				switch {
				case d < FirstDate || d > LastDate:
					problem = DateOutOfRange
				case d.Year() != year && !beside(d, year):
					problem = ForeignDate
				case own.has(i):
					problem = twice
				case other.has(i):
					problem = RestAndWork
				default:
					own.add(i)
					continue
				}
				*errs = append(*errs, &ConfigError{Problem: problem, Year: year, Date: d})
			}
		}
		add(t.config.Years[year].Rest, &rest, &work, RestTwice)
		add(t.config.Years[year].Work, &work, &rest, WorkTwice)
	}
	if !t.config.IgnoreHolidays {
		t.rest = rest
	}
	if !t.config.IgnoreMakeup {
		t.work = work
	}
	return listed
}

// readClosures marks the closures; a list of one's own names none twice, but
// may repeat those of Base.
func (t *table) readClosures(own []date.Date, errs *[]error) {
	for _, d := range t.config.Closures[:len(t.config.Closures)-len(own)] {
		t.closed.add(int(d - epoch))
	}
	var seen daySet
	for _, d := range own {
		if d < FirstDate || d > LastDate {
			*errs = append(*errs, &ConfigError{Problem: DateOutOfRange, Date: d})
			continue
		}
		i := int(d - epoch)
		if seen.has(i) {
			*errs = append(*errs, &ConfigError{Problem: ClosureTwice, Date: d})
		}
		seen.add(i)
		t.closed.add(i)
	}
}

func (t *table) readHours(errs *[]error) {
	c := &t.config
	before := len(*errs)
	checkSpans(c.Hours, 0, errs)
	if n := len(c.Hours); n > 1 && len(*errs) == before && spill(c.Hours) > c.Hours[0].From { // of one working day and the next
		*errs = append(*errs, &ConfigError{Problem: SpansOverlapping, Span: c.Hours[n-1]})
	}
	for d := range t.weekday {
		t.weekday[d] = c.Hours
	}
	for _, d := range slices.Sorted(maps.Keys(c.WeekdayHours)) {
		if d < time.Sunday || d > time.Saturday {
			*errs = append(*errs, &ConfigError{Problem: UnknownWeekday, Weekday: d})
			continue
		}
		checkSpans(c.WeekdayHours[d], 0, errs)
		t.weekday[d] = c.WeekdayHours[d]
	}
	t.special = make(map[int][]Span, len(c.DayHours))
	for _, d := range slices.Sorted(maps.Keys(c.DayHours)) {
		if d < FirstDate || d > LastDate {
			*errs = append(*errs, &ConfigError{Problem: DateOutOfRange, Date: d})
			continue
		}
		checkSpans(c.DayHours[d], d, errs)
		t.special[int(d-epoch)] = c.DayHours[d]
	}
	t.hours = len(c.Hours) > 0 || len(c.WeekdayHours) > 0 || len(c.DayHours) > 0
	for _, spans := range t.weekday {
		t.nights = t.nights || spill(spans) > 0
	}
	for _, spans := range t.special {
		t.nights = t.nights || spill(spans) > 0
	}
}

// checkSpans checks sorted opening hours.
func checkSpans(spans []Span, on date.Date, errs *[]error) {
	var end time.Duration
	var last Span // of those before, which ends last
	for _, s := range spans {
		problem := Problem("")
		switch {
		case s.From < 0 || s.From >= 24*time.Hour || s.To > s.From+24*time.Hour:
			problem = SpanOutsideDay
		case s.From >= s.To:
			problem = SpanEmpty
		case s.From < end:
			problem = SpansOverlapping
		}
		at := s
		if problem == SpansOverlapping && last.To > 24*time.Hour { // it is past midnight that reaches over the others
			at = last
		}
		if problem != "" {
			*errs = append(*errs, &ConfigError{Problem: problem, Span: at, Date: on})
		}
		if s.To > end {
			end, last = s.To, s
		}
	}
}

func (t *table) markMissing(listed [years]bool) {
	if t.config.AnyYear {
		return
	}
	var near uint16
	for y := range years {
		if !listed[y] {
			near = uint16(minYear + y)
		}
		t.missingUpTo[y] = near
	}
	near = 0
	for y := years - 1; y >= 0; y-- {
		if !listed[y] {
			near = uint16(minYear + y)
		}
		t.missingFrom[y] = near
	}
}

// count settles which days are worked and numbers them.
func (t *table) count() {
	var weekend [7]bool
	for _, d := range t.config.Weekend {
		weekend[d] = true
	}
	t.at, t.worked = make([]uint16, 0, days), make([]uint16, days+1)
	today := weekdayOf(0)
	for w := range t.work {
		rest, work, closed := t.rest[w], t.work[w], t.closed[w]
		for i := w << 6; i < min(w<<6+64, days); i++ {
			t.worked[i] = uint16(len(t.at))
			bit := uint64(1) << (i & 63)
			if (work&bit != 0 || !weekend[today] && rest&bit == 0) && closed&bit == 0 {
				t.work[w] |= bit
				t.at = append(t.at, uint16(i))
			} else {
				t.work[w] &^= bit
			}
			if today++; today > time.Saturday {
				today = time.Sunday
			}
		}
	}
	t.worked[days] = uint16(len(t.at))
	t.at = slices.Clip(t.at)
	if !t.hours {
		return
	}
	if t.nights {
		t.cutAtMidnight()
	}
	t.openedBy = make([]time.Duration, 1, days+1)
	var sum time.Duration
	for i := range days {
		sum += opened(t.open(i), 24*time.Hour)
		t.openedBy = append(t.openedBy, sum)
	}
	t.indexHours()
}
