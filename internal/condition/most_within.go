package condition

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

var mostWithin = Function{
	Name: "most_within", Signature: "most_within(dates, days) or most_within(moments, duration)", Example: "most_within([2026-01-01, 2026-01-28, 2026-03-01], 28)", Result: "2",
	Means: diagnostic.Text{ZH: "一列日期里，最多有几个落在连续这么多天之内；一列时刻里，最多有几个首尾相隔不超过这一时长：“28天内两次”写 most_within(map(记录, .日期), 28) >= 2",
		EN: "how many of some dates lie within so many days in a row, at most; of moments, how many are no further apart than the duration: twice in 28 days is most_within(map(list, .on), 28) >= 2"},
	None:  diagnostic.Text{ZH: "没有的列表视为空；有一项没有，则结果也没有", EN: "a list that is none counts as empty; none where an element is none"},
	Takes: 2, Told: diagnostic.Text{ZH: "%s中落在%s之内的最多个数", EN: "the most of %s within %s"},
}

// mostWithinCall checks most_within.
func (c *checker) mostWithinCall(kids []*node, from, to int) *node {
	if !c.arguments("most_within", kids, 2, 2, from, to) || !c.isList(kids[0]) {
		return c.bad(from, to)
	}
	length := durationType
	switch e := kids[0].typ.Elem; {
	case e.Kind == value.Date:
		length = countType
	case e.Kind == value.Moment:
	case e == anyType: // of no elements
		length = kids[1].typ
	default:
		c.mismatch(kids[0], listOf(dateType))
		return c.bad(from, to)
	}
	if kids[1].typ.Kind != length.Kind || length.Kind != value.Count && length.Kind != value.Duration {
		c.mismatch(kids[1], length)
		return c.bad(from, to)
	}
	c.cost(1, from, to)
	r := c.node(opMostWithin, countType, from, to, kids...)
	r.name = "most_within"
	return r
}

// genMostWithin makes most_within.
func (n *node) genMostWithin() {
	list, length, days := n.kids[0].seq, n.kids[1].num, n.kids[1].typ.Kind == value.Count
	n.num = func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		l := list(f)
		most, state := length(f)
		isNone := func(v value.Value) bool { return v.State == value.None }
		switch {
		case state == value.None || slices.ContainsFunc(l.items, isNone):
			m.restore(f)
			return 0, value.None
		case l.lacks(f) || l.state == value.Unknown || state == value.Unknown:
			return 0, value.Unknown
		case most < 0 || days && most == 0:
			f.Fail(ErrNoLength)
			return 0, value.Unknown
		}
		if days {
			most-- // from the first of so many days to the last
		}
		return mostApart(l.items, most), value.Known
	}
}

// mostApart is how many of the times are no further apart than most.
func mostApart(times []value.Value, most int64) int64 {
	at := make([]int64, len(times))
	for i, v := range times {
		at[i] = v.N
	}
	slices.Sort(at)
	found, first := 0, 0
	for last := range at {
		for uint64(at[last])-uint64(at[first]) > uint64(most) { // which holds beyond the range of int64, too
			first++
		}
		found = max(found, last-first+1)
	}
	return int64(found)
}
