package site

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

type factsView struct {
	Facts     []*factView
	Words     []wordsView
	Calendars []calendarView
}

type factView struct {
	Anchor, Path, Label, Note, Type, Absent string
	Words                                   []string
	Fields                                  []*factView
	UsedBy                                  []link
}

type wordsView struct {
	Name  string
	Words []link // label, and the word
}

type calendarView struct{ Name, Label string }

// facts lists what is asked for, the lists of words and the calendars.
func (s *speaker) facts() error {
	v := &factsView{}
	for _, f := range s.b.Facts {
		v.Facts = append(v.Facts, s.fact(f, true))
	}
	for _, w := range s.b.Words {
		if w.Name == "" || s.b.WordsByName[w.Name] != w {
			continue
		}
		x := wordsView{Name: w.Name}
		for _, word := range w.Words {
			x.Words = append(x.Words, link{Text: s.text(w.Labels[word]), Note: word})
		}
		v.Words = append(v.Words, x)
	}
	for _, name := range s.b.CalendarNames() {
		v.Calendars = append(v.Calendars, calendarView{name, s.text(s.b.CalendarLabel(s.b.Calendars[name]))})
	}
	if len(v.Calendars) == 0 && s.b.UsualCalendar == policy.BuiltInCalendar {
		v.Calendars = append(v.Calendars, calendarView{policy.BuiltInCalendar, s.text(s.b.CalendarLabel(workday.China()))})
	}
	return s.write("facts.html", "facts.html", "facts", s.pick("事实与用词", "Facts and words"), v)
}

// typeNames are what types are called.
var typeNames = map[string]policy.Text{
	"moment": {ZH: "时刻", EN: "moment"}, "date": {ZH: "日期", EN: "date"}, "month": {ZH: "月份", EN: "month"}, "year": {ZH: "年份", EN: "year"},
	"word": {ZH: "选一个词", EN: "one of the words"}, "name": {ZH: "编号或名称", EN: "an id or name"}, "text": {ZH: "文字", EN: "text"}, "article": {ZH: "条款", EN: "an article"},
	"yes_no": {ZH: "是或否", EN: "yes or no"}, "count": {ZH: "数（不小于 0 的整数）", EN: "a whole number from 0"}, "number": {ZH: "整数", EN: "a whole number"},
	"money": {ZH: "金额", EN: "an amount of money"}, "list": {ZH: "列表", EN: "a list"}, "record": {ZH: "若干栏", EN: "several fields"},
}

// typeOf says what a fact is, with its unit.
func (s *speaker) typeOf(f *checked.Fact) string {
	name := s.text(typeNames[f.TypeName])
	if name == "" {
		name = f.TypeName
	}
	if f.Elem != nil {
		of := s.text(typeNames[f.Elem.TypeName])
		name = s.pick("列表，每项为"+of, "a list, each "+of)
		if f.Elem.TypeName == "record" {
			name = s.pick("列表，每项有以下各栏", "a list, each with these fields")
		}
	}
	unit := s.text(f.Unit)
	if unit == "" {
		unit = f.Currency
	}
	if unit != "" {
		name += s.pick("，单位："+unit, ", in "+unit)
	}
	return name
}

// absence says what it means that a fact is not given.
func (s *speaker) absence(f *checked.Fact) string {
	switch f.Absent {
	case policy.IsNone:
		return s.pick("不填即没有", "not given: there is none")
	case policy.IsDefault:
		def := strings.Trim(f.Fact.Default, `"`)
		switch def {
		case "true":
			def = s.pick("是", "yes")
		case "false":
			def = s.pick("否", "no")
		case "[]":
			return s.pick("不填视为空", "not given: empty")
		}
		if f.Words != nil && !f.Words.Labels[def].IsZero() {
			def = s.text(f.Words.Labels[def])
		}
		return s.pick("不填视为“"+def+"”", "not given: "+def)
	}
	return s.pick("不填即不清楚", "not given: not known")
}

// fact is a fact with its fields; wide tells where it is used, too.
func (s *speaker) fact(f *checked.Fact, wide bool) *factView {
	path := checked.PlainPath(f.Path)
	v := &factView{Anchor: factAnchor(path), Path: path, Label: s.text(f.Label), Note: s.text(f.Note), Type: s.typeOf(f), Absent: s.absence(f)}
	words, fields := f.Words, f.Fields
	if f.Elem != nil {
		fields = f.Elem.Fields
		if words == nil {
			words = f.Elem.Words
		}
	}
	if words != nil {
		for _, w := range words.Words {
			v.Words = append(v.Words, s.text(words.Labels[w]))
		}
	}
	for _, x := range fields {
		v.Fields = append(v.Fields, s.fact(x, wide))
	}
	if wide {
		v.UsedBy = s.usedBy(path)
		s.find(v.Label, s.pick("事实", "fact"), "facts.html#"+v.Anchor, strings.Join(slices.Concat([]string{path, v.Note}, v.Words), " "))
	}
	return v
}
