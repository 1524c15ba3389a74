package icalendar

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/sla/workday"
)

// Read reads an iCalendar file. The error is an [*Error].
func Read(data []byte) (*File, error) {
	all, err := properties(data)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].name != "BEGIN" || !strings.EqualFold(all[0].value, "VCALENDAR") {
		return nil, notICS(1)
	}
	r := reader{days: map[date.Date]listed{}}
	var inside []property // the components begun and not ended
	var event []property
	for _, p := range all {
		switch p.name {
		case "BEGIN":
			inside = append(inside, p)
			if len(inside) == 2 {
				event = []property{p}
			}
		case "END":
			n := len(inside) - 1
			if n < 0 || !strings.EqualFold(inside[n].value, p.value) {
				return nil, failf(p.line, p.value, "END:%s 没有对应的 BEGIN", "END:%s ends nothing that was begun", "检查文件是否被截断或改乱", "check whether the file was cut or edited")
			}
			if n == 1 && strings.EqualFold(p.value, "VEVENT") {
				if err := r.event(event); err != nil {
					return nil, err
				}
			}
			inside = inside[:n]
		default:
			switch {
			case len(inside) == 0:
				return nil, failf(p.line, p.name, "%s 不在任何日历里", "%s stands outside of a calendar", "检查文件是否被截断或改乱", "check whether the file was cut or edited")
			case len(inside) == 1 && p.name == "METHOD" && strings.EqualFold(p.value, "CANCEL"):
				return nil, fail(p.line, "这个文件是用来取消事件的", "the file takes events back", "给出列出放假日的文件", "give a file that lists days off")
			case len(inside) == 1 && p.name == "X-WR-CALNAME":
				r.file.Name = p.text()
			case len(inside) == 2:
				event = append(event, p)
			}
		}
	}
	if n := len(inside); n > 0 {
		return nil, failf(inside[n-1].line, inside[n-1].value, "BEGIN:%s 没有结束", "BEGIN:%s is not ended", "文件不完整：重新下载", "the file is not whole: fetch it again")
	}
	for d, l := range r.days {
		if len(l.names) == 0 {
			l.names = nil
		}
		r.file.Days = append(r.file.Days, Day{d, l.worked, l.names})
	}
	r.file.Days = sorted(r.file.Days)
	return &r.file, nil
}

// listed is a day met in the file.
type listed struct {
	worked bool
	line   int
	names  workday.Name
}

type reader struct {
	file File
	days map[date.Date]listed
}

// event reads one VEVENT; its first property is the BEGIN.
func (r *reader) event(all []property) error {
	begin := all[0].line
	by := map[string]property{}
	names := workday.Name{}
	worked := false
	var except []property
	for _, p := range all[1:] {
		switch p.name {
		case "SUMMARY", "X-RULEBOOK-NAME":
			if name := p.text(); name != "" {
				lang := languageOf(p, name)
				if _, twice := names[lang]; !twice {
					names[lang] = name
				}
			}
		case "CATEGORIES":
			for c := range strings.SplitSeq(p.value, ",") {
				worked = worked || strings.EqualFold(strings.TrimSpace(c), "WORKDAY")
			}
		case "EXDATE":
			except = append(except, p)
		case "DTSTART", "DTEND", "DURATION", "RRULE", "STATUS":
			if first, twice := by[p.name]; twice {
				return failf(p.line, p.name, "%s 在一个事件里写了两次", "%s stands twice in an event", fmt.Sprintf("只留第 %d 行或这一行", first.line), fmt.Sprintf("keep line %d or this one", first.line))
			}
			by[p.name] = p
		case "RDATE", "RECURRENCE-ID", "EXRULE":
			return failf(p.line, p.name, "不支持 %s", "%s is not supported", "每天写成单独的事件；不放的年份用 EXDATE", "write an event for each day; use EXDATE for years without it")
		}
	}
	if strings.EqualFold(by["STATUS"].value, "CANCELLED") {
		return nil
	}
	start, ok := by["DTSTART"]
	if !ok {
		return fail(begin, "事件没有 DTSTART", "the event has no DTSTART", "写上 DTSTART;VALUE=DATE:20250101 这样的一行", "add a line such as DTSTART;VALUE=DATE:20250101")
	}
	first, err := start.date()
	if err != nil {
		return err
	}
	last, err := lastDay(first, by)
	if err != nil {
		return err
	}
	for lang, name := range names {
		if name == summaries[worked][lang] {
			delete(names, lang)
		}
	}
	if rule, ok := by["RRULE"]; ok {
		if worked || last > first {
			return fail(rule.line, "每年重复的只能是一天的休息日", "only a day off of one day can come back every year", "每天写成单独的事件", "write an event for each day")
		}
		return r.yearly(rule, first, except, names)
	}
	if len(except) > 0 {
		return fail(except[0].line, "EXDATE 只用于有 RRULE 的事件", "EXDATE needs an event with RRULE", "删去这一行", "remove the line")
	}
	for d := first; d <= last; d++ {
		if err := r.list(d, listed{worked, start.line, names}); err != nil {
			return err
		}
	}
	return nil
}

// list notes a day. One that is met again in the same kind has both names.
func (r *reader) list(d date.Date, l listed) error {
	if d < workday.FirstDate || d > workday.LastDate {
		return failf(l.line, d.String(), "%s 超出 2000 至 2100 年", "%s lies outside of 2000 to 2100", "删去这个事件", "remove the event")
	}
	before, twice := r.days[d]
	if !twice {
		l.names = maps.Clone(l.names)
		r.days[d] = l
		return nil
	}
	if before.worked != l.worked {
		return failf(l.line, d.String(), "%s 既休息又上班", "%s is both a day off and a working day",
			fmt.Sprintf("只留第 %d 行或这一行的事件", before.line), fmt.Sprintf("keep the event of line %d or this one", before.line))
	}
	for lang, name := range l.names {
		switch was := before.names[lang]; {
		case was == "":
			before.names[lang] = name
		case !slices.Contains(strings.Split(was, nameSeparator), name):
			before.names[lang] = was + nameSeparator + name
		}
	}
	return nil
}

// nameSeparator stands between the names of holidays that meet.
const nameSeparator = " / "

// languageOf is the language of a name, Chinese or English: as the property
// says, or else Chinese where there are Chinese characters. Names in other
// languages stand in the place of the English one.
func languageOf(p property, name string) string {
	lang := strings.ToLower(p.params["LANGUAGE"])
	isHan := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	if strings.HasPrefix(lang, "zh") || lang == "" && strings.ContainsFunc(name, isHan) {
		return "zh"
	}
	return "en"
}

// date reads the value as a date.
func (p property) date() (date.Date, error) {
	d, ok := dateOf(p.value)
	if kind := p.params["VALUE"]; !ok || kind != "" && !strings.EqualFold(kind, "DATE") {
		return 0, failf(p.line, p.value, "%q 不是整天的日期", "%q is not the date of a whole day", "写成 "+p.name+";VALUE=DATE:20250101，或删去这个有钟点的事件", "write "+p.name+";VALUE=DATE:20250101, or remove this event of hours")
	}
	return d, nil
}

func dateOf(text string) (date.Date, bool) {
	t, err := time.Parse("20060102", text)
	if err != nil {
		return 0, false
	}
	return date.NewAt(t), true
}

// lastDay is the last day of an event. Its end is the day after.
func lastDay(first date.Date, by map[string]property) (date.Date, error) {
	end, hasEnd := by["DTEND"]
	length, hasLength := by["DURATION"]
	next, line := first+1, 0
	switch {
	case hasEnd && hasLength:
		return 0, fail(length.line, "DTEND 和 DURATION 只能写一个", "DTEND and DURATION stand in one event", "删去一个", "remove one of them")
	case hasEnd:
		d, err := end.date()
		if err != nil {
			return 0, err
		}
		next, line = d, end.line
	case hasLength:
		text, factor, ok := strings.TrimPrefix(length.value, "+"), 1, false
		if text, ok = strings.CutPrefix(text, "P"); ok {
			var weeks bool
			if text, weeks = strings.CutSuffix(text, "W"); weeks {
				factor = 7
			} else {
				text, ok = strings.CutSuffix(text, "D")
			}
		}
		n, err := strconv.Atoi(text)
		if !ok || err != nil || n < 1 || n > 366 {
			return 0, failf(length.line, length.value, "时长 %q 不是整天数", "the duration %q is no number of whole days", "写成 P1D", "write it as P1D")
		}
		next, line = first+date.Date(n*factor), length.line
	}
	if next <= first || next-first > 366 {
		return 0, fail(line, "事件结束不晚于开始，或长过一年", "the event ends no later than it begins, or is longer than a year", "DTEND 写最后一天的次日", "write the day after the last one as DTEND")
	}
	return next - 1, nil
}

// yearly reads an event that comes back.
func (r *reader) yearly(rule property, first date.Date, except []property, names workday.Name) error {
	refuse := func(zh, en string) error {
		e := fail(rule.line, zh, en, "只支持每年一次，如 RRULE:FREQ=YEARLY 或 RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO；其余每天写成单独的事件",
			"only once a year is supported, as in RRULE:FREQ=YEARLY or RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO; write the others as an event for each day")
		return e
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rule.value, ";") {
		name, value, _ := strings.Cut(strings.ToUpper(part), "=")
		if _, twice := parts[name]; twice || value == "" {
			return refuse(fmt.Sprintf("重复规则 %q 写错了", clipped(rule.value)), fmt.Sprintf("the rule %q is written wrong", clipped(rule.value)))
		}
		parts[name] = value
	}
	text, nth := first.Format("01-02"), false
	if text2, ok := nthText(parts["BYDAY"], first); ok && parts["BYMONTH"] != "" {
		text, nth = text2, true
	}
	y := Yearly{From: first.Year(), Names: names}
	y.On, _ = workday.ParseYearDay(text)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		value, ok := parts[name], false
		n, err := strconv.Atoi(value)
		whole := err == nil
		switch name {
		case "FREQ":
			ok = value == "YEARLY"
		case "INTERVAL":
			ok = value == "1"
		case "WKST":
			ok = true // says nothing of days of the year
		case "BYMONTH":
			ok = whole && time.Month(n) == first.Month()
		case "BYMONTHDAY":
			ok = whole && n == first.Day() && !nth
		case "BYDAY":
			ok = nth
		case "COUNT":
			ok = whole && n >= 1 && n <= 200 && parts["UNTIL"] == "" && text != "02-29"
			y.Until = first.Year() + n - 1
		case "UNTIL": // a date, or a moment, whose day is meant
			until, isDate := dateOf(value[:min(len(value), len("20060102"))])
			ok = isDate && until >= first
			y.Until = until.Year()
			if last, has := y.On.In(y.Until); has && last > until {
				y.Until--
			}
		}
		if !ok {
			return refuse(fmt.Sprintf("不支持重复规则里的 %s=%s", name, clipped(value)), fmt.Sprintf("%s=%s of the rule is not supported", name, clipped(value)))
		}
	}
	if parts["FREQ"] == "" {
		return refuse("重复规则没有 FREQ", "the rule has no FREQ")
	}
	if y.From < firstYear || y.From > lastYear || y.Until != 0 && y.Until < y.From {
		return failf(rule.line, strconv.Itoa(y.From), "从 %s 年起，超出 2000 至 2100 年", "from %s on: outside of 2000 to 2100", "写 2000 年以后的 DTSTART", "write a DTSTART from 2000 on")
	}
	if y.Until > lastYear {
		y.Until = 0
	}
	for _, p := range except {
		for value := range strings.SplitSeq(p.value, ",") {
			d, err := property{p.line, p.name, p.params, value}.date()
			if err != nil {
				return err
			}
			on, has := y.On.In(d.Year())
			if !has || on != d || d.Year() < y.From || y.Until != 0 && d.Year() > y.Until || d.Year() > lastYear {
				return failf(p.line, d.String(), "%s 不是这个事件的日子", "%s is no day of this event", "写事件本来所在的日子", "write a day on which the event would be")
			}
			if !slices.Contains(y.Except, d.Year()) {
				y.Except = append(y.Except, d.Year())
			}
		}
	}
	slices.Sort(y.Except)
	r.file.Yearly = append(r.file.Yearly, y)
	slices.SortStableFunc(r.file.Yearly, func(a, b Yearly) int { return cmp.Compare(a.From, b.From) })
	return nil
}

func clipped(text string) string { return diagnostic.Text{EN: text}.Clip().EN }

// nthText is "-1MO" as "last monday of may", of the month of the first day,
// which must be such a day.
func nthText(value string, first date.Date) (string, bool) {
	for n, which := range map[string]string{"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"} {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.TrimPrefix(value, "+") == n+strings.ToUpper(d.String()[:2]) {
				text := strings.ToLower(fmt.Sprintf("%s %s of %s", which, d, first.Month()))
				on, err := workday.ParseYearDay(text)
				got, ok := on.In(first.Year())
				return text, err == nil && ok && got == first
			}
		}
	}
	return "", false
}
