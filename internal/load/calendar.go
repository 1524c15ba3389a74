package load

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// maxCalendars bounds the calendars of a rulebook: each is a table of a century.
const maxCalendars = 50

func (l *loader) calendars(n *source.Node) {
	pending := map[string]*source.Node{}
	for i, e := range n.Entries {
		if i == maxCalendars {
			l.fail("too_many_calendars", e.Key, diagnostic.Textf("日历超过 %d 个", "more than %d calendars", maxCalendars),
				diagnostic.Textf("删去不用的日历", "remove those that are not used"))
		}
		if i >= maxCalendars {
			l.broken[e.Key.Text] = true
			continue
		}
		if l.name(e.Key, checked.SnakeCase) && l.isMap(e.Value, policy.Text{ZH: "日历", EN: "a calendar"}) {
			pending[e.Key.Text] = e.Value
		} else {
			l.broken[e.Key.Text] = true
		}
	}
	for _, e := range n.Entries {
		if v := pending[e.Key.Text]; v != nil {
			l.oneCalendar(e.Key.Text, v, pending, nil)
		}
	}
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

// oneCalendar reads a calendar after those that it is built on; above are
// those that are being read because they are built on it.
func (l *loader) oneCalendar(name string, n *source.Node, pending map[string]*source.Node, above []string) *workday.Calendar {
	if c := l.book.Calendars[name]; c != nil {
		return c
	}
	l.onlyKeys(n, l.labelledDay("note", "base", "weekend", "any_year", "holidays", "makeup", "closures",
		"hours", "weekday_hours", "day_hours", "years", "yearly", "changes", "zone")...)
	label := l.label(n)
	l.note(n)
	zone := l.zone(n.Get("zone")) // without it the calendar is of the rulebook's
	before := len(l.found)
	config, places := l.calendarConfig(n)
	if b := n.Get("base"); b != nil && l.isScalar(b, policy.Text{ZH: "基础日历", EN: "the base calendar"}) {
		above = append(above, name)
		switch {
		case b.Text == policy.BuiltInCalendar:
			config.Base = workday.China()
		case slices.Contains(above, b.Text):
			l.fail("cycle", b, diagnostic.Textf("日历互相以对方为基础：%s", "these calendars are built on one another: %s", strings.Join(append(above, b.Text), " → ")),
				diagnostic.Textf("让其中一个以 %s 为基础", "build one of them on %s", policy.BuiltInCalendar))
		case pending[b.Text] != nil:
			config.Base = l.oneCalendar(b.Text, pending[b.Text], pending, above)
		case !l.broken[b.Text]:
			l.fail("unknown_calendar", b, diagnostic.Textf("没有名为 %q 的日历", "there is no calendar %q", b.Text),
				diagnostic.OneOf(b.Text, append(slices.Sorted(maps.Keys(pending)), policy.BuiltInCalendar)))
		}
	}
	l.book.Calendars[name] = checked.StandIn()
	if len(l.found) > before {
		return l.book.Calendars[name]
	}
	calendar, err := workday.New(config)
	if err != nil {
		l.calendarErrors(n, err, places)
		return l.book.Calendars[name]
	}
	l.book.Calendars[name], l.book.CalendarOf[calendar] = calendar, label
	if zone == nil {
		zone = l.book.Zones[config.Base].Zone
	}
	if zone != nil {
		if l.book.Zones == nil {
			l.book.Zones = map[*workday.Calendar]checked.CalendarZone{}
		}
		l.book.Zones[calendar] = checked.CalendarZone{Zone: zone, Clocks: sla.ClocksOf(zone)}
	}
	l.checkMakeUp(n.Get("years"), calendar)
	l.checkChanges(n.Get("changes"), config.Base, calendar)
	return calendar
}

// checkMakeUp reports days that are listed as worked instead of a day of the
// weekend, and are none.
func (l *loader) checkMakeUp(years *source.Node, c *workday.Calendar) {
	l.eachListed(years, "work", func(item *source.Node, first, last date.Date) {
		for d := first; d <= last; d++ {
			if kind, unknown := c.Kind(d); unknown == nil && kind == workday.Working {
				l.warn("calendar_work_on_weekday", item, diagnostic.Textf("%v 不是周末，本来就上班", "%v is not of the weekend: it is worked anyway", d),
					diagnostic.Textf("检查日期，或删去", "check the day, or remove it"))
				return // one finding for a range
			}
		}
	})
}

// checkChanges reports changes that say what the calendar says without them,
// and changes that something stronger undoes: a closure, or a calendar that
// ignores what is listed. A range is reported where this is so of all its days.
func (l *loader) checkChanges(changes *source.Node, base, changed *workday.Calendar) {
	all := func(c *workday.Calendar, first, last date.Date, is func(workday.Kind) bool) bool {
		for d := first; d <= last; d++ {
			if kind, unknown := c.Kind(d); unknown != nil || !is(kind) {
				return false
			}
		}
		return true
	}
	closed := func(k workday.Kind) bool { return !k.Worked() }
	check := func(list string, already func(workday.Kind) bool, was policy.Text, undone func(workday.Kind) bool, still, remedy policy.Text) {
		l.eachListed(changes, list, func(item *source.Node, first, last date.Date) {
			days := first.String()
			if last > first {
				days += ".." + last.String()
			}
			switch {
			case base != nil && all(base, first, last, already):
				l.warn("calendar_change_without_effect", item, policy.Text{ZH: days + was.ZH, EN: days + was.EN},
					diagnostic.Textf("检查日期，或删去", "check the day, or remove it"))
			case all(changed, first, last, undone):
				l.warn("calendar_change_without_effect", item, policy.Text{ZH: days + still.ZH, EN: days + still.EN}, remedy)
			}
		})
	}
	check("rest", func(k workday.Kind) bool { return k == workday.Holiday },
		policy.Text{ZH: " 在基础日历里已是休息日", EN: " is a day off in the base calendar already"}, workday.Kind.Worked,
		policy.Text{ZH: " 仍上班：这个日历不扣放假日（holidays: ignored）", EN: " is worked all the same: the calendar has holidays: ignored"},
		diagnostic.Textf("写在 closures 下，或删去 holidays: ignored", "put it under closures, or remove holidays: ignored"))
	check("work", workday.Kind.Worked,
		policy.Text{ZH: " 在基础日历里本来就上班", EN: " is worked in the base calendar already"}, closed,
		policy.Text{ZH: " 仍不上班：停业日（closures）或 makeup: ignored 更优先", EN: " is not worked all the same: a closure or makeup: ignored is stronger"},
		diagnostic.Textf("从 closures 里删去这一天，或删去 makeup: ignored", "remove the day from closures, or remove makeup: ignored"))
}

// eachListed goes through the days and ranges of what the years list.
func (l *loader) eachListed(years *source.Node, list string, see func(item *source.Node, first, last date.Date)) {
	if years == nil {
		return
	}
	for _, e := range years.Entries {
		number, err := source.Integer(e.Key.Text)
		if err != nil {
			continue
		}
		for _, listing := range listingsOf(e.Value) {
			if days := listing.Get(list); days != nil {
				l.eachDay(days, int(number), see)
			}
		}
	}
}

// listingsOf are the listings of a year: one, or several changes. Changes that
// were announced on a day, and may have been taken back on another, are not
// among them.
func listingsOf(n *source.Node) []*source.Node {
	all := []*source.Node{n}
	if n.Kind == source.Seq {
		all = n.Items
	}
	return slices.DeleteFunc(slices.Clone(all), func(x *source.Node) bool { return x.Kind != source.Map || x.Get("known_on") != nil })
}

// eachDay goes through the days and ranges of one list.
func (l *loader) eachDay(days *source.Node, number int, see func(item *source.Node, first, last date.Date)) {
	for _, listed := range l.listedDays(days, false) {
		from, to, isRange := strings.Cut(listed.on.Text, "..")
		if !isRange {
			to = from
		}
		first, err1 := dayOf(from, number)
		last, err2 := dayOf(to, number)
		if err1 == nil && err2 == nil {
			see(listed.on, first, last)
		}
	}
}

// calendarPlaces are where the parts of a calendar are written.
type calendarPlaces struct {
	days     map[date.Date]*source.Node
	weekdays map[time.Weekday]*source.Node
	hours    map[workday.Span]*source.Node
	years    map[int]*source.Node // the keys of `years`, and of `changes`
	changes  map[int]*source.Node
	rules    []*source.Node // the days of `yearly`
}

// calendarConfig reads all of a calendar but its base.
func (l *loader) calendarConfig(n *source.Node) (workday.Config, calendarPlaces) {
	var c workday.Config
	at := calendarPlaces{
		map[date.Date]*source.Node{}, map[time.Weekday]*source.Node{}, map[workday.Span]*source.Node{}, map[int]*source.Node{}, map[int]*source.Node{}, nil,
	}
	if w := n.Get("weekend"); w != nil {
		c.Weekend = []time.Weekday{}
		for _, item := range l.items(w) {
			day, _ := l.weekday(item)
			c.Weekend, at.weekdays[day] = append(c.Weekend, day), item
		}
	}
	c.AnyYear = n.Get("any_year") != nil && l.flag(n.Get("any_year"))
	c.IgnoreHolidays = l.ignored(n.Get("holidays"))
	c.IgnoreMakeup = l.ignored(n.Get("makeup"))
	if x := n.Get("closures"); x != nil {
		c.Closures = l.days(x, 0, at.days)
	}
	if x := n.Get("hours"); x != nil {
		c.Hours = l.hours(x, at.hours)
	}
	if x := n.Get("weekday_hours"); x != nil && l.isMap(x, policy.Text{ZH: "weekday_hours", EN: "weekday_hours"}) {
		c.WeekdayHours = map[time.Weekday][]workday.Span{}
		for _, e := range x.Entries {
			if day, ok := l.weekday(e.Key); ok {
				c.WeekdayHours[day] = l.hours(e.Value, at.hours)
			}
		}
	}
	if x := n.Get("day_hours"); x != nil && l.isMap(x, policy.Text{ZH: "day_hours", EN: "day_hours"}) {
		c.DayHours = map[date.Date][]workday.Span{}
		for _, e := range x.Entries {
			if d := l.date(e.Key); d != 0 {
				c.DayHours[d] = l.hours(e.Value, at.hours)
				at.days[d] = e.Key
			}
		}
	}
	if y := n.Get("years"); y != nil && l.isMap(y, policy.Text{ZH: "年份", EN: "the years"}) {
		c.Years = map[int]workday.Year{}
		l.years(y, []string{"rest", "work", "no_holidays", "replaces", "known_on", "note"}, at.years, at.days, func(year int, listing workday.Year) {
			c.Years[year] = listing
		})
	}
	c.Yearly = l.yearly(n.Get("yearly"), &at)
	if y := n.Get("yearly"); y != nil && c.Yearly.From == 0 && n.Get("base") == nil && n.Get("years") == nil && !c.AnyYear && y.Get("from") == nil {
		l.fail("yearly_nowhere", y, diagnostic.Textf("每年的日子不在任何年份里：没有 from，也没有 base、years", "these days come back in no year: there is neither from nor base or years"),
			diagnostic.Textf("在 yearly 下写 from: 从哪一年起日子齐全", "write from: under yearly, the year from which the days are complete"))
	}
	if y := n.Get("changes"); y != nil && l.isMap(y, policy.Text{ZH: "年份", EN: "the years"}) {
		l.years(y, []string{"rest", "work", "known_on", "note"}, at.changes, at.days, func(year int, change workday.Year) {
			c.Amendments = append(c.Amendments, workday.Amendment{Year: year, KnownOn: change.KnownOn, Rest: change.Rest, Work: change.Work, Names: change.Names})
		})
	}
	return c, at
}

// years reads listings, or changes of them, by year. A year may have a list of
// changes, one after the other.
func (l *loader) years(n *source.Node, keys []string, places map[int]*source.Node, days map[date.Date]*source.Node, add func(year int, listing workday.Year)) {
	for _, e := range n.Entries {
		year := l.calendarYear(e.Key)
		if year == 0 {
			continue
		}
		places[year] = e.Key
		listings := []*source.Node{e.Value}
		if !slices.Contains(keys, "replaces") && e.Value.Kind == source.Seq {
			if listings = l.mapsOf(e.Value); len(e.Value.Items) == 0 {
				add(year, workday.Year{}) // which New refuses
			}
		} else if !l.isMap(e.Value, policy.Text{ZH: "年份", EN: "a year"}) {
			continue
		}
		for _, x := range listings {
			l.onlyKeys(x, keys...)
			l.note(x)
			listing := workday.Year{
				NoHolidays: x.Get("no_holidays") != nil && l.flag(x.Get("no_holidays")),
				Replaces:   x.Get("replaces") != nil && l.flag(x.Get("replaces")),
				KnownOn:    l.date(x.Get("known_on")),
				Names:      map[date.Date]workday.Name{},
			}
			listing.Rest = l.namedDays(x.Get("rest"), year, days, listing.Names)
			listing.Work = l.namedDays(x.Get("work"), year, days, listing.Names)
			add(year, listing)
		}
	}
}

// weekday reads the name of a weekday.
func (l *loader) weekday(n *source.Node) (time.Weekday, bool) {
	day, ok := weekdays[n.Text]
	if !ok {
		l.fail("unknown_weekday", n, diagnostic.Textf("没有名为 %q 的星期", "there is no weekday %q", n.Text),
			weekdayMeant(n.Text))
	}
	return day, ok
}

// weekdayMeant says what to write instead of a text that is no weekday: Sat, or
// several in one text.
func weekdayMeant(text string) policy.Text {
	names := slices.Sorted(maps.Keys(weekdays))
	one := func(text string) string {
		if i := strings.IndexAny(text, "一二三四五六日天"); i >= 0 && (strings.HasPrefix(text, "星期") || strings.HasPrefix(text, "周")) {
			return map[string]string{"一": "monday", "二": "tuesday", "三": "wednesday", "四": "thursday", "五": "friday", "六": "saturday", "日": "sunday", "天": "sunday"}[text[i:]]
		}
		lower := strings.TrimSuffix(strings.ToLower(text), ".")
		for _, name := range names {
			if len(lower) >= 2 && strings.HasPrefix(name, lower) || lower == name+"s" {
				return name
			}
		}
		return diagnostic.Nearest(text, names)
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,，、;/", r) })
	if len(parts) < 2 {
		return diagnostic.OneOfNear(one(text), names)
	}
	for i, x := range parts {
		if parts[i] = one(x); parts[i] == "" {
			return diagnostic.OneOf("", names)
		}
	}
	return diagnostic.Textf("写成列表 [%[1]s]", "write a list of them: [%[1]s]", strings.Join(parts, ", "))
}

// hours reads the opening hours of a day; none of them is a day that is closed.
func (l *loader) hours(n *source.Node, places map[workday.Span]*source.Node) []workday.Span {
	spans := []workday.Span{}
	for _, item := range l.items(n) {
		from, to, ok := strings.Cut(item.Text, "-")
		start, err1 := source.ClockTime(strings.TrimSpace(from))
		end, err2 := source.ClockTime(strings.TrimSpace(to))
		if !ok || err1 != nil || err2 != nil {
			l.fail("bad_hours", item, diagnostic.Textf("%q 不是营业时段", "%q is not a span of opening hours", item.Text),
				hoursMeant(item.Text))
			continue
		}
		if end < start || end == 0 && start > 0 {
			end += 24 * time.Hour // past midnight, or up to it
		}
		span := workday.Span{From: start, To: end}
		spans, places[span] = append(spans, span), item
	}
	return spans
}

var (
	spanJoined = regexp.MustCompile(`^(.*?) *(?:-|–|—|~|～|至|到| to | until ) *(.*)$`)
	timeWords  = regexp.MustCompile(`^(上午|早上|下午|晚上|中午)?([0-9]{1,2})(?:[:：.点时]([0-9]{2})?(半)?分?)? ?(?i:(am|a\.m\.|pm|p\.m\.))?$`)
)

// hoursMeant says how to write opening hours.
func hoursMeant(text string) policy.Text {
	if m := spanJoined.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		first, last := timeMeant(m[1]), timeMeant(m[2])
		if later := timeMeant("下午" + m[2]); later != "" && last <= first && later > first { // the half of the day is said once
			last = later
		}
		if first != "" && last != "" {
			return diagnostic.Textf("写成 %s-%s", "write %s-%s", first, last)
		}
	}
	return diagnostic.Textf("写成 HH:MM-HH:MM，从 00:00 到 24:00", "write HH:MM-HH:MM, from 00:00 to 24:00")
}

// timeMeant is a time of day as it should have been written, "" where that cannot
// be told: 9am, 下午1点半.
func timeMeant(text string) string {
	m := timeWords.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	hours, _ := strconv.Atoi(m[2])
	half := strings.ToLower(m[1] + m[5])
	afternoon, morning := strings.HasPrefix(half, "p") || m[1] == "下午" || m[1] == "晚上", strings.HasPrefix(half, "a") || m[1] == "上午" || m[1] == "早上"
	switch {
	case afternoon && hours < 12:
		hours += 12
	case strings.HasPrefix(half, "a") && hours == 12:
		hours = 0
	case morning && hours > 12:
		return ""
	}
	minutes := "00"
	if m[4] != "" {
		minutes = "30"
	} else if m[3] != "" {
		minutes = m[3]
	}
	meant := fmt.Sprintf("%02d:%s", hours, minutes)
	if _, err := source.ClockTime(meant); err != nil {
		return ""
	}
	return meant
}

// calendarProblems words the problems of a calendar that reading it alone
// does not show.
var calendarProblems = map[workday.Problem]struct{ message, remedy policy.Text }{
	workday.YearListed: {
		policy.Text{ZH: "基础日历或 yearly 已有这一年，再列会丢掉它的其他假日", EN: "the base calendar, or yearly, has this year; listing it again would drop its other holidays"},
		policy.Text{ZH: "增减几天写在 changes 下；要整个代替，写 replaces: true", EN: "put a few days more or less under changes; to replace the whole listing, write replaces: true"},
	},
	workday.YearEmpty: {
		policy.Text{ZH: "这一年一天也没列", EN: "no day of this year is listed"},
		policy.Text{ZH: "列出放假和调休的日子；安排尚未公布就删去这一年；确知没有假日，写 no_holidays: true", EN: "list the days off and make-up days; remove the year while its notice is not out; where it is known to have no holidays, write no_holidays: true"},
	},
	workday.ChangesEmpty: {
		policy.Text{ZH: "这一年一天也没改", EN: "no day of this year is changed"},
		policy.Text{ZH: "在 rest、work 里列出改动的日子，或删去这一年", EN: "list the days that change under rest and work, or remove the year"},
	},
	workday.YearNotEmpty: {
		policy.Text{ZH: "列了日子，又写没有假日", EN: "days are listed of a year that is said to have no holidays"},
		policy.Text{ZH: "删去 no_holidays 或所列的日子", EN: "remove no_holidays or the days"},
	},
	workday.YearNotListed: {
		policy.Text{ZH: "要改的这一年没有安排", EN: "there is no listing of the year that is to be changed"},
		policy.Text{ZH: "把这一年的全部安排写在 years 下", EN: "put the whole listing of the year under years"},
	},
	workday.YearlyListed: {
		policy.Text{ZH: "基础日历已列出其中的年份，每年的日子不能再从这一年算起", EN: "the base calendar lists a year from this one on"},
		policy.Text{ZH: "从基础日历最后一年的次年写起；只想在它的年份里多放几天，删去 from", EN: "begin after its last year; to add days in the years that it lists, remove from"},
	},
	workday.YearsReversed: {
		policy.Text{ZH: "from 晚于 until", EN: "from is later than until"},
		policy.Text{ZH: "对调两个年份，或删去一个", EN: "exchange the two years, or remove one"},
	},
	workday.RuleYear: {
		policy.Text{ZH: "这一天在这一年本来就不放，或列了两次", EN: "the day is not kept in this year anyway, or the year is listed twice"},
		policy.Text{ZH: "检查年份，或删去它", EN: "check the year, or remove it"},
	},
	workday.RuleSubstitute: {
		policy.Text{ZH: "有营业时段的是缩短的工作日，没有补休", EN: "a day with hours is a short working day, which has no substitute"},
		policy.Text{ZH: "hours 和 substitute 删去一个", EN: "remove hours or substitute"},
	},
	workday.RulesTooMany: {
		policy.Text{ZH: "每年的日子超过 100 个", EN: "more than 100 days that come back every year"},
		policy.Text{ZH: "删去重复的；每周的休息日写在 weekend 下，只在几年里放的写在 changes 下", EN: "remove those that are doubled; put the days off of every week under weekend, those of a few years under changes"},
	},
	workday.SubstituteNone: {
		policy.Text{ZH: "补休在一个月内找不到工作日", EN: "the substitute finds no working day within a month"},
		policy.Text{ZH: "删去 substitute，或检查其他日子是否列得过多", EN: "remove substitute, or check whether too many other days are listed"},
	},
	workday.KnownTooEarly: {
		policy.Text{ZH: "改动的 known_on 早于这一年安排的 known_on", EN: "known_on of a change is before that of the year's listing"},
		policy.Text{ZH: "检查日期；公布前就有的改动写进 years", EN: "check the days; put what was changed before the notice was out into years"},
	},
	workday.DateOutOfRange: {
		policy.Text{ZH: "日历只有 2000 年至 2100 年", EN: "calendars are of the years 2000 to 2100"},
		policy.Text{ZH: "检查年份，或删去这一天", EN: "check the year, or remove the day"},
	},
	workday.ForeignDate: {
		policy.Text{ZH: "这一天不属于这一年，也不在上年十二月或下年一月", EN: "the day is neither of this year nor of the December before or the January after"},
		policy.Text{ZH: "改正日期里的年份，或移到它所属的年份下", EN: "correct the year of the day, or move it under its own year"},
	},
	workday.YearWithoutOwnDay: {
		policy.Text{ZH: "这里列的都是别的年份的日子，这一年自己就一个假日也没有", EN: "the days listed here are all of other years: this year itself would have no holidays"},
		policy.Text{ZH: "改正日期里的年份；日子不错，就移到它们所属的年份下，再列出这一年自己的", EN: "correct the year of the days; where they are right, move them under their own years and list those of this year"},
	},
	workday.RestTwice: {
		policy.Text{ZH: "这一天已列为休息日", EN: "the day is listed as a day off already"}, policy.Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.WorkTwice: {
		policy.Text{ZH: "这一天已列为调休上班日", EN: "the day is listed as a make-up day already"}, policy.Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.RestAndWork: {
		policy.Text{ZH: "这一天既列为休息又列为上班", EN: "the day is listed both as a day off and as a make-up day"},
		policy.Text{ZH: "只留一处", EN: "keep one of the two"},
	},
	workday.WeekdayTwice: {
		policy.Text{ZH: "这个星期列了两次", EN: "the weekday is listed twice"}, policy.Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.WeekendTooLong: {
		policy.Text{ZH: "七天都是周末，没有工作日", EN: "all seven days are weekend: there is no working day"},
		policy.Text{ZH: "至少留一天上班", EN: "leave at least one day to work"},
	},
	workday.SpanEmpty: {
		policy.Text{ZH: "营业时段的开始和结束是同一时刻", EN: "the opening hours begin and end at the same time"},
		policy.Text{ZH: "改正结束的时刻；早于开始的是过夜，整天从 00:00 到 24:00", EN: "correct the end; one before the beginning is past midnight, and all day is from 00:00 to 24:00"},
	},
	workday.SpanOutsideDay: {
		policy.Text{ZH: "营业时段不能从 24:00 开始", EN: "opening hours cannot begin at 24:00"},
		policy.Text{ZH: "从次日的 00:00 写起", EN: "begin at 00:00 of the next day"},
	},
	workday.SpansOverlapping: {
		policy.Text{ZH: "营业时段互相重叠", EN: "the opening hours overlap"}, policy.Text{ZH: "把两段分开或合并", EN: "part the two or make them one"},
	},
}

// calendarErrors reports what New found, at the day, weekday or hours that it
// is about.
func (l *loader) calendarErrors(n *source.Node, err error, at calendarPlaces) {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var e *workday.ConfigError // New has no other errors
		if !errors.As(err, &e) {
			continue
		}
		place := n
		switch {
		case e.Rule > 0 && e.Rule <= len(at.rules):
			place = rulePlace(at.rules[e.Rule-1], e)
		case e.Problem == workday.YearlyListed || e.Problem == workday.YearsReversed:
			place = n.Get("yearly").Get("from")
		case e.Problem == workday.RulesTooMany:
			place = n.Get("yearly").Get("days")
		case e.Problem == workday.KnownTooEarly:
			place = at.changes[e.Year]
		case e.Problem == workday.WeekdayTwice:
			place = at.weekdays[e.Weekday]
		case e.Problem == workday.WeekendTooLong:
			place = n.Get("weekend")
		case at.hours[e.Span] != nil:
			place = at.hours[e.Span]
		case e.Date == 0 && (e.Problem == workday.YearListed || e.Problem == workday.YearNotEmpty):
			place = at.years[e.Year]
		case e.Problem == workday.YearNotListed || e.Problem == workday.ChangesEmpty:
			place = at.changes[e.Year]
		case e.Problem == workday.YearEmpty:
			place = at.years[e.Year]
		case at.days[e.Date] != nil:
			place = at.days[e.Date]
		}
		words := calendarProblems[e.Problem]
		if e.Problem == workday.SpansOverlapping && e.Span.To > 24*time.Hour {
			from, to := time.Time{}.Add(e.Span.To).Format("15:04"), time.Time{}.Add(e.Span.From).Format("15:04")
			words.remedy = diagnostic.Textf("结束早于开始的是过夜；不过夜的写 %[1]s-%[2]s", "hours that end before they begin are past midnight; where these are not, write %[1]s-%[2]s", from, to)
		}
		l.failAt("calendar_"+string(e.Problem), l.spanOf(place), words.message, words.remedy)
	}
}

func (l *loader) ignored(n *source.Node) bool {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "kept 或 ignored", EN: "kept or ignored"}) {
		return false
	}
	words := []string{"kept", "ignored"}
	if !slices.Contains(words, n.Text) {
		l.fail("unknown_word", n, diagnostic.Textf("这里不能写 %q", "%q cannot stand here", n.Text), diagnostic.OneOf(n.Text, words))
	}
	return n.Text == "ignored"
}

// days reads dates and ranges `A..B`; MM-DD is a day of the year, if there is
// one.
func (l *loader) days(n *source.Node, year int, places map[date.Date]*source.Node) []date.Date {
	return l.namedDays(n, year, places, nil)
}

// namedDays is days where they may have names, which it notes.
func (l *loader) namedDays(n *source.Node, year int, places map[date.Date]*source.Node, names map[date.Date]workday.Name) []date.Date {
	if n == nil {
		return nil
	}
	var all []date.Date
	seen := map[date.Date]bool{}
	var items []listedDay
	if names != nil {
		items = l.listedDays(n, true)
	} else {
		for _, item := range l.items(n) {
			items = append(items, listedDay{on: item})
		}
	}
	for _, listed := range items {
		item := listed.on
		from, to, isRange := strings.Cut(item.Text, "..")
		if !isRange {
			to = from
		}
		first, err1 := dayOf(from, year)
		last, err2 := dayOf(to, year)
		if year == 0 && !isRange && err1 != nil {
			l.scalarError(item, err1)
			continue
		}
		if err1 != nil || err2 != nil || last < first || last-first > 366 {
			remedy := diagnostic.Textf("写 MM-DD、YYYY-MM-DD 或两者用 .. 连接，日期须存在、由早到晚", "write MM-DD, YYYY-MM-DD or two of them joined by .., days that exist, the earlier first")
			if year == 0 {
				remedy = diagnostic.Textf("写 YYYY-MM-DD 或两者用 .. 连接，日期须存在、由早到晚", "write YYYY-MM-DD or two of them joined by .., days that exist, the earlier first")
			}
			if m := daysJoined.FindStringSubmatch(item.Text); m != nil && !isRange {
				first, last := dayMeant(m[1], year), dayMeant(m[2], year)
				if first != "" && last != "" {
					remedy = diagnostic.Textf("起止用两点连接：写 %s..%s", "join the two by two dots: write %s..%s", first, last)
				}
			} else if meant := monthAndDay(item.Text, year); meant != "" {
				remedy = diagnostic.Textf("先月后日，各两位：写 %s", "the month first, two digits each: write %s", meant)
			}
			l.fail("bad_date", item, diagnostic.Textf("%q 不是日期或日期区间", "%q is not a date or a range of dates", item.Text), remedy)
			continue
		}
		for d := first; d <= last; d++ {
			before := len(all)
			if all = l.addDay(all, d, item, seen); len(all) == before {
				break // one finding for a range
			}
			places[d] = item
			if listed.name != nil {
				names[d] = listed.name
			}
		}
	}
	return all
}

var dayWritten = regexp.MustCompile(`^([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?$`)

// daysJoined are two days that are joined otherwise than by two dots.
var daysJoined = regexp.MustCompile(`^(.*[0-9][日号]?)(?: *(?:至|到|~|～|–|—|\.\.\.|…) *| +(?:-|to|until) +)([0-9].*)$`)

// dayMeant is a day as it should have been written, "" where that cannot be told.
func dayMeant(text string, year int) string {
	if _, err := dayOf(text, year); err == nil {
		return text
	}
	return monthAndDay(text, year)
}

// monthAndDay is a day of a year as it should have been written, "" where that
// cannot be told.
func monthAndDay(text string, year int) string {
	m := dayWritten.FindStringSubmatch(text)
	if m == nil || year == 0 {
		return ""
	}
	for _, order := range [][2]string{{m[1], m[2]}, {m[2], m[1]}} {
		meant := fmt.Sprintf("%02s-%02s", order[0], order[1])
		if _, err := dayOf(meant, year); err == nil {
			return meant
		}
	}
	return ""
}

// addDay adds a day to a list that may not have it yet.
func (l *loader) addDay(all []date.Date, d date.Date, item *source.Node, seen map[date.Date]bool) []date.Date {
	if seen[d] {
		l.fail("duplicate_item", item, diagnostic.Textf("%v 列了两次", "%v is listed twice", d), diagnostic.Textf("删去一个", "remove one"))
		return all
	}
	seen[d] = true
	return append(all, d)
}

func dayOf(text string, year int) (date.Date, error) {
	if year != 0 && len(text) == len("01-02") {
		return source.Date(strconv.Itoa(year) + "-" + text)
	}
	return source.Date(text)
}
