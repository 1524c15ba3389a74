package checked

import (
	"fmt"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
)

// epoch is the first day of moments.
var epoch = date.New(1970, time.January, 1)

// Precision is how exactly the time of an event is given: an event of this year
// has begun, whatever day it is, and is none of the future.
type Precision uint8

const (
	NoTime Precision = iota
	toMoment
	toDay
	toMonth
	toYear
)

// PrecisionOf tells how exactly facts of a type say when something was, NoTime
// where they say nothing of it.
func PrecisionOf(f *Fact) Precision {
	switch {
	case f.Typ.Kind == value.Moment:
		return toMoment
	case f.Typ.Kind == value.Date:
		return toDay
	case f.Typ.Kind == value.Month:
		return toMonth
	case f.TypeName == "year":
		return toYear
	}
	return NoTime
}

// timedEvent is a fact that is an event, outside of lists.
type timedEvent struct {
	slot      int
	precision Precision
}

// present is a moment, and the day, month and year that it lies in; these are
// found out once they are wanted.
type present struct {
	moment           int64
	zone             *time.Location
	known            bool
	day, month, year int64
}

// until is the last number of an event that is not of the future.
func (p *present) until(g Precision) int64 {
	if g == toMoment {
		return p.moment
	}
	if !p.known {
		p.known = true
		d := DateIn(time.Unix(0, p.moment), p.zone)
		y, m, _ := d.Date()
		p.day, p.month, p.year = value.DateOf(d).N, value.MonthOf(y, m).N, int64(y)
	}
	switch g {
	case toDay:
		return p.day
	case toMonth:
		return p.month
	}
	return p.year
}

// Suspicious reports whether an event may lie after the moment of asking: it
// looks at the numbers alone, and passes over lists that hold events.
func (l *Layout) Suspicious(slots []value.Value, now int64, zone *time.Location) bool {
	is := present{moment: now, zone: zone}
	surely := int64(epoch) + now/int64(24*time.Hour) - 2 // days before it have passed in every zone
	for _, e := range l.events {
		v := &slots[e.slot]
		if v.State != value.Known || e.precision == toDay && v.N < surely {
			continue
		}
		if e.precision == toMoment && v.N > now || e.precision != toMoment && v.N > is.until(e.precision) {
			return true
		}
	}
	for _, at := range l.lists {
		if len(slots[at].L()) > 0 {
			return true
		}
	}
	return false
}

// EventAfter finds an event dated after the moment of asking.
func (q *Question) EventAfter(slots []value.Value, zone *time.Location) (string, bool) {
	is := present{moment: slots[q.Layout.AsOf].N, zone: zone}
	late := func(x *Fact, v value.Value) bool {
		return x.Event && v.IsKnown() && v.N > is.until(PrecisionOf(x))
	}
	var inside func(x *Fact, v value.Value, path string) (string, bool)
	inside = func(x *Fact, v value.Value, path string) (string, bool) {
		switch {
		case !v.IsKnown():
			return "", false
		case x.Typ.Kind == value.List:
			for i, e := range v.L() {
				at := fmt.Sprintf("%s[%d]", path, i)
				switch {
				case e.K == value.Record:
					at = fmt.Sprintf("%s[%d]", path, e.N) // where it stood in the list as given
				case !x.Ordered:
					at = path // its items have no places
				}
				if p, found := inside(x.Elem, e, at); found {
					return p, true
				}
			}
		case x.Typ.Kind == value.Record:
			for i, field := range x.Fields {
				if i < len(v.L()) {
					if p, found := inside(field, v.L()[i], path+"."+field.Name); found {
						return p, true
					}
				}
			}
		case late(x, v):
			return path, true
		}
		return "", false
	}
	var root func(x *Fact, path string) (string, bool)
	root = func(x *Fact, path string) (string, bool) {
		if x.Typ.Kind != value.Record {
			return inside(x, slots[x.Slot], path)
		}
		for _, field := range x.Fields {
			if p, found := root(field, path+"."+field.Name); found {
				return p, true
			}
		}
		return "", false
	}
	for i, f := range q.Layout.Placed {
		if p, found := root(f, q.Facts[i].Name); found {
			return p, true
		}
	}
	return "", false
}
