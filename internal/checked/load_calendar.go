package checked

import (
	"maps"
	"slices"

	"github.com/servicerules/rulebook/policy"
)

// CalendarChoices are the names that a calendar may be chosen by.
func (b *Book) CalendarChoices() []string {
	names := slices.Sorted(maps.Keys(b.Calendars))
	if _, own := b.Calendars[policy.ChinaCalendar]; !own {
		names = append(names, policy.ChinaCalendar)
	}
	return names
}
