package load

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// yearly reads the days of a calendar that come back every year.
func (l *loader) yearly(n *source.Node, at *calendarPlaces) (y workday.Yearly) {
	if n == nil || !l.isMap(n, policy.Text{ZH: "yearly", EN: "yearly"}) {
		return y
	}
	l.onlyKeys(n, "from", "until", "days", "note")
	l.note(n)
	y.From, y.Until = l.calendarYear(n.Get("from")), l.calendarYear(n.Get("until"))
	if until := n.Get("until"); until != nil && n.Get("from") == nil {
		l.fail("yearly_until_alone", until, diagnostic.Textf("写了 until，没有写 from", "until stands without from"),
			diagnostic.Textf("补上 from: 从哪一年起齐全；或删去 until，把终止年份写在各个日子下", "add from:, the year from which the days are complete; or remove until and write the last year at each day"))
	}
	if days := l.required(n, "days"); days != nil {
		for _, item := range l.mapsOf(days) {
			y.Days = append(y.Days, l.yearlyDay(item, at))
			at.rules = append(at.rules, item)
		}
	}
	return y
}

var substitutes = []string{string(workday.NextDay), string(workday.NearestDay), string(workday.SundayNext)}

func (l *loader) yearlyDay(n *source.Node, at *calendarPlaces) (d workday.YearlyDay) {
	l.onlyKeys(n, l.labelledDay("on", "from", "until", "except", "moved", "substitute", "hours", "note")...)
	l.note(n)
	d.Name = l.dayName(n)
	if on := l.required(n, "on"); on != nil && l.isScalar(on, policy.Text{ZH: "on", EN: "on"}) {
		var err error
		if d.On, err = workday.ParseYearDay(on.Text); err != nil {
			l.fail("bad_yearly_day", on, diagnostic.Textf("%q 不是每年的一天", "%q is no day of the year", on.Text),
				diagnostic.Textf("可写：12-25、easter+1、orthodox easter-2、last monday of may、first monday of september、wednesday before 11-23、复活节+1、5月最后一个星期一、11-23之前的星期三",
					"allowed: 12-25, easter+1, orthodox easter-2, last monday of may, first monday of september, wednesday before 11-23"))
		}
	}
	d.From, d.Until = l.calendarYear(n.Get("from")), l.calendarYear(n.Get("until"))
	if x := n.Get("except"); x != nil {
		for _, item := range l.items(x) {
			d.Except = append(d.Except, l.calendarYear(item))
		}
	}
	if x := n.Get("moved"); x != nil && l.isMap(x, policy.Text{ZH: "moved", EN: "moved"}) {
		d.Moved = map[int]date.Date{}
		for _, e := range x.Entries {
			year := l.calendarYear(e.Key)
			if days := l.days(e.Value, year, at.days); len(days) > 0 {
				d.Moved[year] = days[0]
			}
		}
	}
	if x := n.Get("substitute"); x != nil && l.isScalar(x, policy.Text{ZH: "substitute", EN: "substitute"}) {
		if !slices.Contains(substitutes, x.Text) {
			l.fail("unknown_word", x, diagnostic.Textf("这里不能写 %q", "%q cannot stand here", x.Text), diagnostic.OneOf(x.Text, substitutes))
		}
		d.Substitute = workday.Substitute(x.Text)
	}
	if x := n.Get("hours"); x != nil {
		d.Hours = l.hours(x, at.hours)
	}
	return d
}

// mapsOf are the items of a list of maps.
func (l *loader) mapsOf(n *source.Node) (all []*source.Node) {
	if n.Kind != source.Seq {
		l.failAt("list_expected", l.spanOfValue(n), diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [{…}, {…}]，或逐行以 - 开头", "write [{…}, {…}], or lines that begin with -"))
		return nil
	}
	for _, item := range n.Items {
		if l.isMap(item, policy.Text{ZH: "列表项", EN: "an item of the list"}) {
			all = append(all, item)
		}
	}
	return all
}

// calendarYear reads a year that calendars know; 0 if there is none.
func (l *loader) calendarYear(n *source.Node) int {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "年份", EN: "a year"}) {
		return 0
	}
	number, err := source.Integer(n.Text)
	if err != nil || number < int64(workday.FirstDate.Year()) || number > int64(workday.LastDate.Year()) {
		l.fail("bad_year", n, diagnostic.Textf("%q 不是 2000 至 2100 的年份", "%q is not a year from 2000 to 2100", n.Text),
			diagnostic.Textf("写四位年份，2000 至 2100", "write four digits, from 2000 to 2100"))
		return 0
	}
	return int(number)
}

// dayName is what a day is called; unlike a label it need not be given.
func (l *loader) dayName(n *source.Node) workday.Name {
	name := workday.Name{}
	for _, lang := range l.labelledDay() {
		if x := n.Get(lang); x != nil && l.isScalar(x, policy.Text{ZH: "名称", EN: "the name"}) {
			name[lang] = strings.TrimSpace(x.Text)
		}
	}
	if len(name) == 0 {
		return nil
	}
	return name
}

// A listedDay is an item of a list of days: a date or range as it is written,
// and what it is called.
type listedDay struct {
	on   *source.Node
	name workday.Name
}

// listedDays are the items of a list of days: dates and ranges, or
// {on: …, zh: …, en: …}.
func (l *loader) listedDays(n *source.Node, told bool) (all []listedDay) {
	if n.Kind != source.Seq {
		for _, item := range l.items(n) {
			all = append(all, listedDay{on: item})
		}
		return all
	}
	for _, item := range n.Items {
		if item.Kind != source.Map {
			if item.Kind == source.Scalar && item.Text != "" || told && l.isScalar(item, policy.Text{ZH: "列表项", EN: "an item of a list"}) {
				all = append(all, listedDay{on: item})
			}
			continue
		}
		on := item.Get("on")
		if told {
			l.onlyKeys(item, l.labelledDay("on")...)
			on = l.required(item, "on")
			if on != nil && !l.isScalar(on, policy.Text{ZH: "on", EN: "on"}) {
				on = nil
			}
		}
		if on == nil || on.Kind != source.Scalar {
			continue
		}
		d := listedDay{on: on}
		if told {
			d.name = l.dayName(item)
		}
		all = append(all, d)
	}
	return all
}

// rulePlace is where the mistake of a yearly day is written.
func rulePlace(n *source.Node, e *workday.ConfigError) *source.Node {
	inside := func(key string) *source.Node {
		if x := n.Get(key); x != nil {
			return x
		}
		return n
	}
	switch e.Problem {
	case workday.YearsReversed:
		return inside("from")
	case workday.RuleSubstitute, workday.SubstituteNone:
		return inside("substitute")
	case workday.DateOutOfRange, workday.ForeignDate, workday.RuleYear:
		for _, entry := range inside("moved").Entries {
			if entry.Key.Text == strconv.Itoa(e.Year) {
				return entry.Key
			}
		}
		for _, item := range inside("except").Items {
			if item.Text == strconv.Itoa(e.Year) {
				return item
			}
		}
	}
	return n
}
