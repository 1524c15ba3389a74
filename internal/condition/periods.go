package condition

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// Periods are records with from and to, dates or moments. Of dates both are
// included; of moments, to is not. Without to a period is not over: it lasts
// until the moment of asking, and as an exception it has no end.

// ErrPeriodReversed says that a period ends before it begins.
var ErrPeriodReversed = errors.New("a period ends before it begins")

var periodFunctions = []Function{
	{Name: "total_time", Signature: "total_time(periods[, except])", Example: "total_time([])", Result: "0s",
		Means: diagnostic.Text{ZH: "若干期间一共多久，重叠的只算一次；另给一列期间的，除去落在其中的时间。期间是有 from、to 两栏（日期或时刻）的记录：日期含首尾；时刻不含 to；没有 to 即尚未结束，算到提问时刻（除外的则没有尽头）",
			EN: "how long periods last together, where what overlaps counts once; less the time in the periods of a second list. Periods are records with from and to, dates or moments: of dates both are included; of moments, to is not; without to a period is not over and lasts until the moment of asking, and an exception has no end"},
		None:  diagnostic.Text{ZH: "没有的列表视为空；期间没有 from，则缺它", EN: "a list that is none counts as empty; a from that is none is wanted"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s除去%s的时间（重叠只算一次）", EN: "the time of %s outside of %s, overlaps counted once"},
		ToldAll: diagnostic.Text{ZH: "%s的时间（重叠只算一次）", EN: "the time of %s, overlaps counted once"}},
	{Name: "total_open_time", Signature: "total_open_time(periods[, except])", Example: "total_open_time([])", Result: "0s",
		Means: diagnostic.Text{ZH: "同 total_time，只算日历的开放时间", EN: "as total_time, of the calendar's opening hours alone"},
		None:  diagnostic.Text{ZH: "没有的列表视为空；期间没有 from，则缺它", EN: "a list that is none counts as empty; a from that is none is wanted"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s除去%s的开放时间（重叠只算一次）", EN: "the opening hours in %s outside of %s, overlaps counted once"},
		ToldAll: diagnostic.Text{ZH: "%s的开放时间（重叠只算一次）", EN: "the opening hours in %s, overlaps counted once"}},
}

// PeriodFields are the fields of periods that the functions above look at.
func PeriodFields() (functions, fields []string) {
	for _, f := range periodFunctions {
		functions = append(functions, f.Name)
	}
	return functions, []string{"from", "to"}
}

// periodsCall checks total_time and total_open_time. The moment of asking, on
// which open periods rest, becomes their last kid.
func (c *checker) periodsCall(name string, kids []*node, from, to int) *node {
	if !c.arguments(name, kids, 1, 2, from, to) {
		return c.bad(from, to)
	}
	for _, k := range kids {
		if !c.isList(k) {
			return c.bad(from, to)
		}
		if k.typ.Elem != anyType && endsOf(k.typ.Elem) == nil {
			have := typeText(k.typ)
			c.fail(CodeType, k.from, k.to,
				diagnostic.Textf("%[2]s 这里应为期间的列表：有 from 和 to 两栏（日期或时刻）的记录，而 %[1]s 是%[3]s", "%[2]s wants periods, a list of records with from and to, dates or moments, and %[1]s is a %[4]s", c.text(k.from, k.to), name, have.ZH, have.EN),
				diagnostic.Textf("给记录写上这两栏，或改用别的列表", "give its records these two fields, or write another list"))
			return c.bad(from, to)
		}
	}
	if name == "total_open_time" && !c.env.HasHours {
		c.noHours(name, from, to)
		return c.bad(from, to)
	}
	c.cost(len(kids), from, to)
	if now := c.env.Vars["as_of"]; now != nil {
		kids = append(kids, c.fact(now, nil, nil, to, to))
	}
	r := c.node(opPeriods, durationType, from, to, kids...)
	r.name = name
	return r
}

// endsOf are the places of from and to in a record; nil where it has none.
func endsOf(t *value.Type) []int {
	if t.Kind != value.Record {
		return nil
	}
	var ends []int
	for _, name := range []string{"from", "to"} {
		if i, e := t.Field(name); e != nil && (e.Kind == value.Date || e.Kind == value.Moment) {
			ends = append(ends, i)
		}
	}
	if len(ends) < 2 {
		return nil
	}
	return ends
}

// lists are the kids of opPeriods that are periods.
func (n *node) lists() []*node {
	if last := len(n.kids) - 1; n.kids[last].typ.Kind != value.List {
		return n.kids[:last]
	}
	return n.kids
}

// span is the time from one moment to another, that one excluded.
type span struct{ from, to int64 }

// forever is the end of an exception that has none.
const forever = math.MaxInt64

// genPeriods makes total_time and total_open_time.
func (n *node) genPeriods(c *checker) {
	lists, open, overflow := n.lists(), n.name == "total_open_time", n.overflow(c)
	now := func(*value.Frame) (int64, value.State) { return 0, value.Unknown }
	if len(lists) < len(n.kids) {
		now = n.kids[len(lists)].num
	}
	n.num = func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		spans, known := lists[0].spans(f, now)
		if !known {
			return 0, value.Unknown
		}
		if spans = together(spans); len(spans) > 0 && len(lists) > 1 {
			except, known := lists[1].spans(f, nil)
			if !known {
				return 0, value.Unknown
			}
			spans = less(spans, together(except))
		}
		m.restore(f)
		var total int64
		for _, s := range spans {
			length, ok := value.Sub(s.to, s.from)
			var err error
			if open {
				length, err = openTime(f, s.from, s.to)
			}
			if ok && err == nil {
				total, ok = value.Add(total, length)
			}
			switch {
			case err != nil:
				f.Fail(err)
				return 0, value.Unknown
			case !ok:
				f.Fail(overflow)
				return 0, value.Unknown
			}
		}
		return total, value.Known
	}
}

// spans are the periods of a list as spans of time, those without length left
// out; false where one is not known. One that is not over lasts until now or,
// where that is nil, for ever.
func (n *node) spans(f *value.Frame, now func(*value.Frame) (int64, value.State)) (spans []span, known bool) {
	l := n.seq(f)
	if l.state == value.Unknown {
		return nil, false
	}
	ends := endsOf(n.typ.Elem)
	known = true
	for i := range l.items {
		from, to := value.Value{}, value.Value{}
		if fields := l.items[i].L(); len(fields) > max(ends[0], ends[1]) {
			from, to = fields[ends[0]], fields[ends[1]]
		}
		switch {
		case !from.IsKnown():
			l.needField(f, i, ends[0])
			known = false
		case to.IsUnknown():
			l.needField(f, i, ends[1])
			known = false
		default:
			s, ok := spanOf(f, from, to, now)
			known = known && ok
			if ok && s.from < s.to {
				spans = append(spans, s)
			}
		}
	}
	return spans, known
}

// spanOf is a period; false where it is not known until when it lasts, or where
// it cannot be.
func spanOf(f *value.Frame, from, to value.Value, now func(*value.Frame) (int64, value.State)) (span, bool) {
	begins, err := momentOfEnd(f, from, 0)
	ends := int64(forever)
	switch {
	case err != nil:
	case to.IsKnown():
		if ends, err = momentOfEnd(f, to, 1); err == nil && ends < begins {
			err = ErrPeriodReversed
		}
	case now != nil:
		at, state := now(f)
		if state != value.Known {
			return span{}, false
		}
		ends = at
	}
	if err != nil {
		f.Fail(err)
		return span{}, false
	}
	return span{begins, ends}, true
}

// momentOfEnd is an end of a period as a moment; of a day the first moment of
// the day so many days later.
func momentOfEnd(f *value.Frame, v value.Value, later int64) (int64, error) {
	if v.K == value.Moment {
		return v.N, nil
	}
	return startOfDay(f, v.N+later)
}

// needField notes that a field of item i is wanted.
func (s *seq) needField(f *value.Frame, i, field int) {
	if s.slot >= 0 && s.index < 0 {
		need(f, s.slot, s.position(i), field)
		return
	}
	s.need(f, i)
}

// together are spans that do not touch, in order, which cover the same time.
func together(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var apart []span
	for _, s := range spans {
		if last := len(apart) - 1; last >= 0 && s.from <= apart[last].to {
			apart[last].to = max(apart[last].to, s.to)
			continue
		}
		apart = append(apart, s)
	}
	return apart
}

// less is the time of spans that is in none of others; both are in order and
// apart.
func less(spans, others []span) []span {
	var left []span
	for _, s := range spans {
		for len(others) > 0 && others[0].to <= s.from {
			others = others[1:]
		}
		for _, o := range others {
			if o.from >= s.to {
				break
			}
			if o.from > s.from {
				left = append(left, span{s.from, o.from})
			}
			s.from = min(o.to, s.to)
		}
		if s.from < s.to {
			left = append(left, s)
		}
	}
	return left
}

// periodsLast reports whether the time of periods is the same at every later
// moment of asking: none of them is open.
func (n *node) periodsLast(f *value.Frame, moment int) bool {
	lists := n.lists()
	for _, k := range lists {
		if !k.lasts(f, moment) {
			return false
		}
	}
	l, ends := lists[0].seq(f), endsOf(lists[0].typ.Elem)
	open := slices.ContainsFunc(l.items, func(v value.Value) bool {
		return ends == nil || len(v.L()) <= ends[1] || v.L()[ends[1]].IsNone()
	})
	return !open || n.stays(f, moment)
}
