package workday

import (
	"maps"
	"slices"
	"sync"

	"github.com/rickb777/date/v2"
)

// An Amendment changes the listing of a year: what is added to Rest is a day
// off, what is added to Work is worked, whatever the listing says of that day.
type Amendment struct {
	Year       int
	KnownOn    date.Date // the day on which it was announced; 0 where it was known all along
	Rest, Work []date.Date
	Names      map[date.Date]Name // what days off are called, where that is known
}

// amendments are Changes and Amendments in the order in which they are made.
func (c *Config) amendments() []Amendment {
	all := make([]Amendment, 0, len(c.Changes)+len(c.Amendments))
	for _, year := range slices.Sorted(maps.Keys(c.Changes)) {
		y := c.Changes[year]
		all = append(all, Amendment{year, y.KnownOn, y.Rest, y.Work, y.Names})
	}
	return append(all, c.Amendments...)
}

// earlier is a calendar as it was before an announcement.
type earlier struct {
	until date.Date // the day of the announcement
	build func() *Calendar
}

// KnownOn is the calendar as it was known at the end of the day d: without
// the listings, changes and amendments whose own KnownOn is later. It serves
// to reproduce a decision of that time. The calendars that it is built on are
// taken as they were known then. Of [China] see [ChinaKnownOn]: its
// amendments bear no such day, so that they are in all calendars built on it.
func (c *Calendar) KnownOn(d date.Date) *Calendar {
	if c == nil || c.table == nil {
		return c
	}
	for _, e := range c.editions {
		if d < e.until {
			if then := e.build(); c.provisional {
				return then.Provisional()
			} else {
				return then
			}
		}
	}
	return c
}

// Announced are the days on which listings, changes and amendments became known
// that bear such a day, in order: from each of them on, [Calendar.KnownOn] may
// be another calendar.
func (c *Calendar) Announced() []date.Date {
	if c == nil {
		return nil
	}
	days := make([]date.Date, len(c.editions))
	for i, e := range c.editions {
		days[i] = e.until
	}
	return days
}

// editionsOf are the earlier states of a calendar, by date. They are built
// when they are asked for.
func editionsOf(c Config) []*earlier {
	var days []date.Date
	if c.Base != nil && c.Base.table != nil {
		for _, e := range c.Base.editions {
			days = append(days, e.until)
		}
	}
	for _, y := range c.Years {
		days = append(days, y.KnownOn)
	}
	for _, a := range c.amendments() {
		days = append(days, a.KnownOn)
	}
	slices.Sort(days)
	days = slices.DeleteFunc(slices.Compact(days), func(d date.Date) bool { return d == 0 })
	if len(days) == 0 {
		return nil
	}
	c = c.clone()
	var all []*earlier
	for _, d := range days {
		all = append(all, &earlier{d, sync.OnceValue(func() *Calendar { return c.knownBefore(d) })})
	}
	return all
}

// knownBefore builds what was known until the day before d.
func (c Config) knownBefore(d date.Date) *Calendar {
	listed := map[int]Year{}
	if c.Base != nil && c.Base.table != nil {
		c.Base = c.Base.KnownOn(d - 1)
		listed = c.Base.config.Years
		c.AnyYear = c.AnyYear || c.Base.config.AnyYear
	}
	amendments := c.amendments()
	c.Years = maps.Clone(c.Years)
	maps.DeleteFunc(c.Years, func(_ int, y Year) bool { return y.KnownOn >= d })
	c.Changes, c.Amendments = nil, nil
	for _, a := range amendments {
		_, inBase := listed[a.Year]
		_, own := c.Years[a.Year]
		if a.KnownOn < d && (inBase || own || c.AnyYear || c.Yearly.covers(a.Year)) {
			c.Amendments = append(c.Amendments, a)
		}
	}
	then, err := New(c)
	if err != nil {
		return &Calendar{} // answers ErrNoCalendar; what is left out of a sound Config leaves a sound one
	}
	return then
}

// clone is a copy that shares nothing with what the caller has.
func (c Config) clone() Config {
	c.Weekend = slices.Clone(c.Weekend)
	c.Closures = slices.Clone(c.Closures)
	c.Hours = slices.Clone(c.Hours)
	c.WeekdayHours = cloneMap(c.WeekdayHours, slices.Clone[[]Span])
	c.DayHours = cloneMap(c.DayHours, slices.Clone[[]Span])
	years := func(y Year) Year {
		y.Rest, y.Work, y.Names = slices.Clone(y.Rest), slices.Clone(y.Work), maps.Clone(y.Names)
		return y
	}
	c.Years, c.Changes = cloneMap(c.Years, years), cloneMap(c.Changes, years)
	c.Amendments = slices.Clone(c.Amendments)
	for i := range c.Amendments {
		a := &c.Amendments[i]
		a.Rest, a.Work, a.Names = slices.Clone(a.Rest), slices.Clone(a.Work), maps.Clone(a.Names)
	}
	c.Yearly.Days = slices.Clone(c.Yearly.Days)
	for i := range c.Yearly.Days {
		y := &c.Yearly.Days[i]
		y.Name, y.Except, y.Moved = maps.Clone(y.Name), slices.Clone(y.Except), maps.Clone(y.Moved)
		y.Hours = slices.Clone(y.Hours)
	}
	return c
}

func cloneMap[K comparable, V any](m map[K]V, clone func(V) V) map[K]V {
	if m == nil {
		return nil
	}
	all := make(map[K]V, len(m))
	for k, v := range m {
		all[k] = clone(v)
	}
	return all
}
