package policy

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/sla/workday"
)

// maxCalendars bounds the calendars of a rulebook: each is a table of a century.
const maxCalendars = 50

func (l *loader) calendars(n *source.Node) {
	pending := map[string]*source.Node{}
	for i, e := range n.Entries {
		if i == maxCalendars {
			l.fail("too_many_calendars", e.Key, textf("日历超过 %d 个", "more than %d calendars", maxCalendars),
				textf("删去不用的日历", "remove those that are not used"))
		}
		if i >= maxCalendars {
			l.broken[e.Key.Text] = true
			continue
		}
		if l.name(e.Key, snakeCase) && l.isMap(e.Value, Text{ZH: "日历", EN: "a calendar"}) {
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

// china is the base calendar that comes with the library.
const china = "china"

// calendarChoices are the names that a calendar may be chosen by.
func (b *CheckedBook) calendarChoices() []string {
	names := sortedKeys(b.Calendars)
	if _, own := b.Calendars[china]; !own {
		names = append(names, china)
	}
	return names
}

// oneCalendar reads a calendar after those that it is built on; above are
// those that are being read because they are built on it.
func (l *loader) oneCalendar(name string, n *source.Node, pending map[string]*source.Node, above []string) *workday.Calendar {
	if c := l.book.Calendars[name]; c != nil {
		return c
	}
	l.onlyKeys(n, "zh", "en", "note", "base", "weekend", "any_year", "holidays", "makeup", "closures",
		"hours", "weekday_hours", "day_hours", "years", "changes")
	label := l.label(n)
	l.note(n)
	before := len(l.found)
	config, places := l.calendarConfig(n)
	if b := n.Get("base"); b != nil && l.isScalar(b, Text{ZH: "基础日历", EN: "the base calendar"}) {
		above = append(above, name)
		switch {
		case b.Text == china:
			config.Base = workday.China()
		case slices.Contains(above, b.Text):
			l.fail("cycle", b, textf("日历互相以对方为基础：%s", "these calendars are built on one another: %s", strings.Join(append(above, b.Text), " → ")),
				textf("让其中一个以 %s 为基础", "build one of them on %s", china))
		case pending[b.Text] != nil:
			config.Base = l.oneCalendar(b.Text, pending[b.Text], pending, above)
		case !l.broken[b.Text]:
			l.fail("unknown_calendar", b, textf("没有名为 %q 的日历", "there is no calendar %q", b.Text),
				oneOf(b.Text, append(slices.Sorted(maps.Keys(pending)), china)))
		}
	}
	l.book.Calendars[name] = l.standIn()
	if len(l.found) > before {
		return l.book.Calendars[name]
	}
	calendar, err := workday.New(config)
	if err != nil {
		l.calendarErrors(n, err, places)
		return l.book.Calendars[name]
	}
	l.book.Calendars[name], l.book.calendarOf[calendar] = calendar, label
	l.checkMakeUp(n.Get("years"), calendar)
	l.checkChanges(n.Get("changes"), config.Base, calendar)
	return calendar
}

// standIn is the calendar in the place of one that has mistakes: nothing that
// is counted by it can fail.
func (l *loader) standIn() *workday.Calendar {
	if l.anyCalendar == nil {
		l.anyCalendar, _ = workday.New(workday.Config{AnyYear: true, Hours: []workday.Span{{From: 0, To: 24 * time.Hour}}})
	}
	return l.anyCalendar
}

// checkMakeUp reports days that are listed as worked instead of a day of the
// weekend, and are none.
func (l *loader) checkMakeUp(years *source.Node, c *workday.Calendar) {
	l.eachListed(years, "work", func(item *source.Node, first, last date.Date) {
		for d := first; d <= last; d++ {
			if kind, unknown := c.Kind(d); unknown == nil && kind == workday.Working {
				l.warn("calendar_work_on_weekday", item, textf("%v 不是周末，本来就上班", "%v is not of the weekend: it is worked anyway", d),
					textf("检查日期，或删去", "check the day, or remove it"))
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
	check := func(list string, already func(workday.Kind) bool, was Text, undone func(workday.Kind) bool, still, remedy Text) {
		l.eachListed(changes, list, func(item *source.Node, first, last date.Date) {
			days := first.String()
			if last > first {
				days += ".." + last.String()
			}
			switch {
			case base != nil && all(base, first, last, already):
				l.warn("calendar_change_without_effect", item, Text{ZH: days + was.ZH, EN: days + was.EN},
					textf("检查日期，或删去", "check the day, or remove it"))
			case all(changed, first, last, undone):
				l.warn("calendar_change_without_effect", item, Text{ZH: days + still.ZH, EN: days + still.EN}, remedy)
			}
		})
	}
	check("rest", func(k workday.Kind) bool { return k == workday.Holiday },
		Text{ZH: " 在基础日历里已是休息日", EN: " is a day off in the base calendar already"}, workday.Kind.Worked,
		Text{ZH: " 仍上班：这个日历不扣放假日（holidays: ignored）", EN: " is worked all the same: the calendar has holidays: ignored"},
		textf("写在 closures 下，或删去 holidays: ignored", "put it under closures, or remove holidays: ignored"))
	check("work", workday.Kind.Worked,
		Text{ZH: " 在基础日历里本来就上班", EN: " is worked in the base calendar already"}, closed,
		Text{ZH: " 仍不上班：停业日（closures）或 makeup: ignored 更优先", EN: " is not worked all the same: a closure or makeup: ignored is stronger"},
		textf("从 closures 里删去这一天，或删去 makeup: ignored", "remove the day from closures, or remove makeup: ignored"))
}

// eachListed goes through the days and ranges of what the years list.
func (l *loader) eachListed(years *source.Node, list string, see func(item *source.Node, first, last date.Date)) {
	if years == nil {
		return
	}
	for _, e := range years.Entries {
		number, err := source.Integer(e.Key.Text)
		days := e.Value.Get(list)
		if err != nil || days == nil {
			continue
		}
		for _, item := range l.items(days) {
			from, to, isRange := strings.Cut(item.Text, "..")
			if !isRange {
				to = from
			}
			first, err1 := dayOf(from, int(number))
			last, err2 := dayOf(to, int(number))
			if err1 == nil && err2 == nil {
				see(item, first, last)
			}
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
}

// calendarConfig reads all of a calendar but its base.
func (l *loader) calendarConfig(n *source.Node) (workday.Config, calendarPlaces) {
	var c workday.Config
	at := calendarPlaces{
		map[date.Date]*source.Node{}, map[time.Weekday]*source.Node{}, map[workday.Span]*source.Node{}, map[int]*source.Node{}, map[int]*source.Node{},
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
	if x := n.Get("weekday_hours"); x != nil && l.isMap(x, Text{ZH: "weekday_hours", EN: "weekday_hours"}) {
		c.WeekdayHours = map[time.Weekday][]workday.Span{}
		for _, e := range x.Entries {
			if day, ok := l.weekday(e.Key); ok {
				c.WeekdayHours[day] = l.hours(e.Value, at.hours)
			}
		}
	}
	if x := n.Get("day_hours"); x != nil && l.isMap(x, Text{ZH: "day_hours", EN: "day_hours"}) {
		c.DayHours = map[date.Date][]workday.Span{}
		for _, e := range x.Entries {
			if d := l.date(e.Key); d != 0 {
				c.DayHours[d] = l.hours(e.Value, at.hours)
				at.days[d] = e.Key
			}
		}
	}
	if y := n.Get("years"); y != nil && l.isMap(y, Text{ZH: "年份", EN: "the years"}) {
		c.Years = l.years(y, []string{"rest", "work", "no_holidays", "replaces", "note"}, at.years, at.days)
	}
	if y := n.Get("changes"); y != nil && l.isMap(y, Text{ZH: "年份", EN: "the years"}) {
		c.Changes = l.years(y, []string{"rest", "work", "note"}, at.changes, at.days)
	}
	return c, at
}

// years reads listings, or changes of them, by year.
func (l *loader) years(n *source.Node, keys []string, places map[int]*source.Node, days map[date.Date]*source.Node) map[int]workday.Year {
	all := map[int]workday.Year{}
	for _, e := range n.Entries {
		number, err := source.Integer(e.Key.Text)
		if err != nil || number < int64(workday.FirstDate.Year()) || number > int64(workday.LastDate.Year()) {
			l.fail("bad_year", e.Key, textf("%q 不是 2000 至 2100 的年份", "%q is not a year from 2000 to 2100", e.Key.Text),
				textf("写四位年份，2000 至 2100", "write four digits, from 2000 to 2100"))
			continue
		}
		if !l.isMap(e.Value, Text{ZH: "年份", EN: "a year"}) {
			continue
		}
		l.onlyKeys(e.Value, keys...)
		l.note(e.Value)
		year := int(number)
		places[year] = e.Key
		all[year] = workday.Year{
			Rest: l.days(e.Value.Get("rest"), year, days), Work: l.days(e.Value.Get("work"), year, days),
			NoHolidays: e.Value.Get("no_holidays") != nil && l.flag(e.Value.Get("no_holidays")),
			Replaces:   e.Value.Get("replaces") != nil && l.flag(e.Value.Get("replaces")),
		}
	}
	return all
}

// weekday reads the name of a weekday.
func (l *loader) weekday(n *source.Node) (time.Weekday, bool) {
	day, ok := weekdays[n.Text]
	if !ok {
		l.fail("unknown_weekday", n, textf("没有名为 %q 的星期", "there is no weekday %q", n.Text),
			oneOf(n.Text, slices.Sorted(maps.Keys(weekdays))))
	}
	return day, ok
}

// hours reads the opening hours of a day; none of them is a day that is closed.
func (l *loader) hours(n *source.Node, places map[workday.Span]*source.Node) []workday.Span {
	spans := []workday.Span{}
	for _, item := range l.items(n) {
		from, to, ok := strings.Cut(item.Text, "-")
		start, err1 := source.ClockTime(strings.TrimSpace(from))
		end, err2 := source.ClockTime(strings.TrimSpace(to))
		if !ok || err1 != nil || err2 != nil {
			l.fail("bad_hours", item, textf("%q 不是营业时段", "%q is not a span of opening hours", item.Text),
				hoursMeant(from, to, ok))
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

// hoursMeant says how to write opening hours.
func hoursMeant(from, to string, isSpan bool) Text {
	meant := func(text string) string {
		text = strings.NewReplacer("：", ":", "点", ":").Replace(strings.TrimSpace(text))
		if strings.HasSuffix(text, ":") {
			text += "00"
		}
		if len(text) == len("9:00") {
			text = "0" + text
		}
		if _, err := source.ClockTime(text); err != nil {
			return ""
		}
		return text
	}
	if first, last := meant(from), meant(to); isSpan && first != "" && last != "" {
		return textf("写成 %s-%s", "write %s-%s", first, last)
	}
	return textf("写成 HH:MM-HH:MM，从 00:00 到 24:00", "write HH:MM-HH:MM, from 00:00 to 24:00")
}

// calendarProblems words the problems of a calendar that reading it alone
// does not show.
var calendarProblems = map[workday.Problem]struct{ message, remedy Text }{
	workday.YearListed: {
		Text{ZH: "基础日历已列出这一年，再列会丢掉它的其他假日", EN: "the base calendar lists this year; listing it again would drop its other holidays"},
		Text{ZH: "增减几天写在 changes 下；要整个代替，写 replaces: true", EN: "put a few days more or less under changes; to replace the whole listing, write replaces: true"},
	},
	workday.YearEmpty: {
		Text{ZH: "这一年一天也没列", EN: "no day of this year is listed"},
		Text{ZH: "列出放假和调休的日子；安排尚未公布就删去这一年；确知没有假日，写 no_holidays: true", EN: "list the days off and make-up days; remove the year while its notice is not out; where it is known to have no holidays, write no_holidays: true"},
	},
	workday.ChangesEmpty: {
		Text{ZH: "这一年一天也没改", EN: "no day of this year is changed"},
		Text{ZH: "在 rest、work 里列出改动的日子，或删去这一年", EN: "list the days that change under rest and work, or remove the year"},
	},
	workday.YearNotEmpty: {
		Text{ZH: "列了日子，又写没有假日", EN: "days are listed of a year that is said to have no holidays"},
		Text{ZH: "删去 no_holidays 或所列的日子", EN: "remove no_holidays or the days"},
	},
	workday.YearNotListed: {
		Text{ZH: "要改的这一年没有安排", EN: "there is no listing of the year that is to be changed"},
		Text{ZH: "把这一年的全部安排写在 years 下", EN: "put the whole listing of the year under years"},
	},
	workday.DateOutOfRange: {
		Text{ZH: "日历只有 2000 年至 2100 年", EN: "calendars are of the years 2000 to 2100"},
		Text{ZH: "检查年份，或删去这一天", EN: "check the year, or remove the day"},
	},
	workday.ForeignDate: {
		Text{ZH: "这一天不属于这一年，也不在上年十二月或下年一月", EN: "the day is neither of this year nor of the December before or the January after"},
		Text{ZH: "改正日期里的年份，或移到它所属的年份下", EN: "correct the year of the day, or move it under its own year"},
	},
	workday.YearWithoutOwnDay: {
		Text{ZH: "这里列的都是别的年份的日子，这一年自己就一个假日也没有", EN: "the days listed here are all of other years: this year itself would have no holidays"},
		Text{ZH: "改正日期里的年份；日子不错，就移到它们所属的年份下，再列出这一年自己的", EN: "correct the year of the days; where they are right, move them under their own years and list those of this year"},
	},
	workday.RestTwice: {
		Text{ZH: "这一天已列为休息日", EN: "the day is listed as a day off already"}, Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.WorkTwice: {
		Text{ZH: "这一天已列为调休上班日", EN: "the day is listed as a make-up day already"}, Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.RestAndWork: {
		Text{ZH: "这一天既列为休息又列为上班", EN: "the day is listed both as a day off and as a make-up day"},
		Text{ZH: "只留一处", EN: "keep one of the two"},
	},
	workday.WeekdayTwice: {
		Text{ZH: "这个星期列了两次", EN: "the weekday is listed twice"}, Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.WeekendTooLong: {
		Text{ZH: "七天都是周末，没有工作日", EN: "all seven days are weekend: there is no working day"},
		Text{ZH: "至少留一天上班", EN: "leave at least one day to work"},
	},
	workday.SpanEmpty: {
		Text{ZH: "营业时段的开始和结束是同一时刻", EN: "the opening hours begin and end at the same time"},
		Text{ZH: "改正结束的时刻；早于开始的是过夜，整天从 00:00 到 24:00", EN: "correct the end; one before the beginning is past midnight, and all day is from 00:00 to 24:00"},
	},
	workday.SpanOutsideDay: {
		Text{ZH: "营业时段不能从 24:00 开始", EN: "opening hours cannot begin at 24:00"},
		Text{ZH: "从次日的 00:00 写起", EN: "begin at 00:00 of the next day"},
	},
	workday.SpansOverlapping: {
		Text{ZH: "营业时段互相重叠", EN: "the opening hours overlap"}, Text{ZH: "把两段分开或合并", EN: "part the two or make them one"},
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
		l.failAt("calendar_"+string(e.Problem), l.spanOf(place), words.message, words.remedy)
	}
}

func (l *loader) ignored(n *source.Node) bool {
	if n == nil || !l.isScalar(n, Text{ZH: "kept 或 ignored", EN: "kept or ignored"}) {
		return false
	}
	words := []string{"kept", "ignored"}
	if !slices.Contains(words, n.Text) {
		l.fail("unknown_word", n, textf("这里不能写 %q", "%q cannot stand here", n.Text), oneOf(n.Text, words))
	}
	return n.Text == "ignored"
}

// days reads dates and ranges `A..B`; MM-DD is a day of the year, if there is
// one.
func (l *loader) days(n *source.Node, year int, places map[date.Date]*source.Node) []date.Date {
	if n == nil {
		return nil
	}
	var all []date.Date
	seen := map[date.Date]bool{}
	for _, item := range l.items(n) {
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
			remedy := textf("写 MM-DD、YYYY-MM-DD 或两者用 .. 连接，日期须存在、由早到晚", "write MM-DD, YYYY-MM-DD or two of them joined by .., days that exist, the earlier first")
			if year == 0 {
				remedy = textf("写 YYYY-MM-DD 或两者用 .. 连接，日期须存在、由早到晚", "write YYYY-MM-DD or two of them joined by .., days that exist, the earlier first")
			}
			l.fail("bad_date", item, textf("%q 不是日期或日期区间", "%q is not a date or a range of dates", item.Text), remedy)
			continue
		}
		for d := first; d <= last; d++ {
			before := len(all)
			if all = l.addDay(all, d, item, seen); len(all) == before {
				break // one finding for a range
			}
			places[d] = item
		}
	}
	return all
}

// addDay adds a day to a list that may not have it yet.
func (l *loader) addDay(all []date.Date, d date.Date, item *source.Node, seen map[date.Date]bool) []date.Date {
	if seen[d] {
		l.fail("duplicate_item", item, textf("%v 列了两次", "%v is listed twice", d), textf("删去一个", "remove one"))
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
