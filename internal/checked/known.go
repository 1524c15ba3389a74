package checked

import (
	"maps"
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// What a calendar lists may bear the day on which it became known (known_on).
// Who decides as of an earlier moment cannot have counted by it. So a rulebook
// is decided by as its calendars were known on the day of the moment of asking.

// NoticeDays are the days on which more became known of any calendar.
func (b *Book) NoticeDays() []date.Date {
	var all []date.Date
	for _, c := range b.Calendars {
		all = append(all, c.Announced()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// KnownBefore is the rulebook as it was known until the day before d: with the
// calendars as they were then, and nothing else changed.
func (b *Book) KnownBefore(d date.Date) *Book {
	then, plain := *b, *b.Rulebook
	plain.Calendars = make(map[string]*workday.Calendar, len(b.Calendars))
	then.Rulebook, then.Until, then.Announced = &plain, d, nil
	then.CalendarOf, then.Zones = map[*workday.Calendar]policy.Text{}, maps.Clone(b.Zones)
	for name, c := range b.Calendars {
		known := c.KnownOn(d - 1)
		plain.Calendars[name], then.CalendarOf[known] = known, b.CalendarOf[c]
		if zone, ok := b.Zones[c]; ok {
			then.Zones[known] = zone
		}
	}
	return &then
}
