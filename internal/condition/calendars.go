package condition

import (
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// A function that looks at the zone or the calendar may be given another one, by
// its name or by a fact that is a word for one: date_of(m, "berlin"). What it is
// given otherwise is computed on the clocks of the book.

// calendarArgument checks the last argument of such a function.
func (c *checker) calendarArgument(name string, a *apply, n *node) bool {
	names := slices.Sorted(maps.Keys(c.env.Calendars))
	switch {
	case len(names) == 0:
		c.fail(CodeNoCalendar, n.from, n.to,
			diagnostic.Textf("这里没有可按名称选用的日历", "there is no calendar here that could be named"),
			diagnostic.Textf("在 calendars 下写出日历，或删去这个参数", "write one under calendars, or leave this argument out"))
		return false
	case !a.impure:
		c.fail(CodeArguments, n.from, n.to,
			diagnostic.Textf("%s 在这里不看日历", "%s does not look at a calendar here", name),
			diagnostic.Textf("删去这个参数", "leave this argument out"))
		return false
	case n.typ.Kind != value.Word:
		c.mismatch(n, &value.Type{Kind: value.Word, Words: &value.Words{Name: "calendars", Each: names}})
		return false
	case n.typ == openText:
		before := len(c.problems)
		c.adopt(n, &value.Type{Kind: value.Word, Words: &value.Words{Name: "calendars", Each: names}})
		if len(c.problems) > before {
			return false
		}
		if n.op == opConst && n.constant.IsKnown() {
			names = []string{n.constant.S()}
		}
	case n.typ.Words == nil || slices.ContainsFunc(n.typ.Words.Each, func(w string) bool { return !slices.Contains(names, w) }):
		var lacking []string
		if n.typ.Words != nil {
			lacking = slices.DeleteFunc(slices.Clone(n.typ.Words.Each), func(w string) bool { return slices.Contains(names, w) })
		}
		c.fail(CodeUnknownWord, n.from, n.to,
			diagnostic.Textf("这些词没有同名的日历：%s", "there is no calendar for the words %s", listed(lacking)),
			diagnostic.Textf("在 calendars 下各写一个；现有：%s", "write one for each under calendars; there are %s", strings.Join(names, ", ")))
		return false
	default:
		names = n.typ.Words.Each
	}
	if a.hours && slices.ContainsFunc(names, func(x string) bool { return !c.env.Calendars[x].HasHours }) {
		c.noHours(name, n.from, n.to)
		return false
	}
	return true
}

// noHours reports a function that needs opening hours.
func (c *checker) noHours(name string, from, to int) {
	c.fail(CodeNoCalendar, from, to,
		diagnostic.Textf("%s 的日历没有开放时间", "%s counts on a calendar without opening hours", name),
		diagnostic.Textf("在 calendars 下的日历里写 hours，如 hours: [09:00-17:00]", "write hours: into the calendar under calendars, such as hours: [09:00-17:00]"))
}

// onCalendar is the function on the calendar that the last kid names.
func (n *node) onCalendar() *apply {
	calendars, name, a := n.calendars, n.kids[len(n.kids)-1].text, *n.apply
	within := func(f *value.Frame, do func() (int64, error)) (int64, error) {
		chosen, _ := name(f)
		zone, days := f.Zone, f.Calendar
		if c := calendars[chosen]; c.Zone != nil {
			f.Zone = c.Zone
		}
		if c := calendars[chosen]; c.Days != nil {
			f.Calendar = c.Days
		}
		r, err := do()
		f.Zone, f.Calendar = zone, days
		return r, err
	}
	if one := a.one; one != nil {
		a.one = func(f *value.Frame, i int64) (int64, error) {
			return within(f, func() (int64, error) { return one(f, i) })
		}
	}
	if two := a.two; two != nil {
		a.two = func(f *value.Frame, i, j int64) (int64, error) {
			return within(f, func() (int64, error) { return two(f, i, j) })
		}
	}
	return &a
}

// askCalendar has the result wait for the name of the calendar.
func (n *node) askCalendar() {
	calendars, name, counted := n.calendars, n.kids[len(n.kids)-1].text, n.num
	args := n.kids[:len(n.kids)-1]
	n.num = func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		chosen, s := name(f)
		if _, ok := calendars[chosen]; ok && s == value.Known {
			return counted(f)
		}
		if s == value.Known {
			f.Fail(ErrNoCalendar)
			return 0, value.Unknown
		}
		for _, k := range args {
			if _, t := k.num(f); t == value.None {
				s = value.None
			}
		}
		if s == value.None {
			m.restore(f)
		}
		return 0, s
	}
}
