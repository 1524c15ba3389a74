package load

import (
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// calendarLists are the parts of a calendar that say nothing where they are empty.
var calendarLists = []string{"years", "changes", "closures", "hours", "weekday_hours", "day_hours"}

// emptyLists reports parts of calendars that list nothing.
func (u *usage) emptyLists() {
	section := u.root.Get("calendars")
	if section == nil {
		return
	}
	for _, c := range section.Entries {
		for _, e := range c.Value.Entries {
			if slices.Contains(calendarLists, e.Key.Text) && len(e.Value.Entries)+len(e.Value.Items) == 0 {
				u.warn("nothing_listed", e.Key.Span, diagnostic.Textf("%s 什么也没列，没有作用", "%s lists nothing and has no effect", e.Key.Text),
					diagnostic.Textf("列出要列的；没有就删去这一项", "list what is to be listed; where there is nothing, remove the key"))
			}
		}
	}
}

// nightsInPieces reports opening hours that look like a night cut at midnight:
// each piece is of its own day, so the night before a day off ends at midnight,
// and the one after it has a morning.
func (u *usage) nightsInPieces() {
	section := u.root.Get("calendars")
	if section == nil {
		return
	}
	for _, c := range section.Entries {
		lists := []*source.Node{c.Value.Get("hours")}
		if days := c.Value.Get("weekday_hours"); days != nil {
			for _, e := range days.Entries {
				lists = append(lists, e.Value)
			}
		}
		for _, hours := range lists {
			if hours != nil {
				u.nightInPieces(hours)
			}
		}
	}
}

// nightInPieces reports the opening hours of a day that both begin and end at
// midnight, unless they go round the clock: then there is no night to be cut.
func (u *usage) nightInPieces(hours *source.Node) {
	const midnight = 24 * time.Hour
	var morning, evening *source.Node
	var morningEnds, eveningBegins string
	open := time.Duration(0) // together; what was loaded does not overlap
	for _, x := range hours.Items {
		first, last, _ := strings.Cut(x.Text, "-")
		first, last = strings.TrimSpace(first), strings.TrimSpace(last)
		from, err1 := source.ClockTime(first)
		to, err2 := source.ClockTime(last)
		if err1 != nil || err2 != nil {
			return // it is refused
		}
		if to <= from {
			to += midnight
		}
		open += to - from
		switch {
		case from == 0 && to < midnight:
			morning, morningEnds = x, last
		case from > 0 && to == midnight:
			evening, eveningBegins = x, first
		}
	}
	if morning == nil || evening == nil || open >= midnight {
		return
	}
	u.warn("night_in_pieces", evening.Span, diagnostic.Textf("%s 与 %s 各属当天：休息日前一晚到 24:00 为止，休息日后一天却从 00:00 开始", "%s and %s are hours of one day each: the night before a day off ends at 24:00, and the day after one begins at 00:00", evening.Text, morning.Text),
		diagnostic.Textf("夜班写成一段：%s-%s", "write a night as one: %s-%s", eveningBegins, morningEnds))
}

// unusedCalendars reports those that nothing is counted by.
func (u *usage) unusedCalendars() {
	section := u.root.Get("calendars")
	if section == nil {
		return
	}
	var used func(name string)
	seen := map[string]bool{}
	used = func(name string) {
		if base := section.Get(name).Get("base"); !seen[name] {
			seen[name] = true
			if base != nil {
				used(base.Text)
			}
		}
	}
	for name := range u.calendars {
		used(name)
	}
	// Functions may be given a calendar by name, or by a word for it.
	for name := range u.spoken {
		used(name)
	}
	for _, words := range u.book.Words {
		for _, word := range words.Words {
			used(word)
		}
	}
	for _, e := range section.Entries {
		if !seen[e.Key.Text] {
			u.warn("unused_calendar", e.Key.Span, diagnostic.Textf("没有规则按日历 %s 计日", "no rule counts by the calendar %s", e.Key.Text),
				diagnostic.Textf("写 calendar: %[1]s，或以它为 base；不再需要就删去", "write calendar: %[1]s, or base another on it; remove it where it is not needed", e.Key.Text))
		}
	}
}
