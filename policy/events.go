package policy

import (
	"fmt"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
)

// epoch is the first day of moments.
var epoch = date.New(1970, time.January, 1)

// suspicious reports whether an event may lie after the moment of asking: it
// looks at the numbers alone, and passes over lists that hold events.
func (l *layout) suspicious(k *sketch, now int64, zone *time.Location) bool {
	today := int64(0)                                    // found out once it is wanted
	surely := int64(epoch) + now/int64(24*time.Hour) - 2 // days before it have passed in every zone
	for _, at := range l.events {
		switch {
		case k.codes[at] != codeKnown:
		case l.traits[at].kind == value.Date:
			if k.nums[at] < surely {
				continue
			}
			if today == 0 {
				today = int64(dateIn(time.Unix(0, now), zone))
			}
			if k.nums[at] > today {
				return true
			}
		case k.nums[at] > now:
			return true
		}
	}
	for _, at := range l.lists {
		if k.codes[at] == codeKnown {
			return true
		}
	}
	return false
}

// eventAfter finds an event dated after the moment of asking.
func (q *Question) eventAfter(k *sketch, zone *time.Location) (string, bool) {
	slots := make([]value.Value, q.layout.slots)
	k.expand(slots)
	now := slots[q.layout.asOf]
	asOf := now.Time(zone)
	today := value.DateOf(dateIn(asOf, zone))
	late := func(x *Fact, v value.Value) bool {
		if !x.Event || !v.IsKnown() {
			return false
		}
		if x.typ.Kind == value.Moment {
			return v.N > now.N
		}
		return v.N > today.N
	}
	var inside func(x *Fact, v value.Value, path string) (string, bool)
	inside = func(x *Fact, v value.Value, path string) (string, bool) {
		switch {
		case !v.IsKnown():
			return "", false
		case x.typ.Kind == value.List:
			for i, e := range v.L() {
				if e.K == value.Record {
					i = int(e.N) // where it stood in the list as given
				}
				if p, found := inside(x.Elem, e, fmt.Sprintf("%s[%d]", path, i)); found {
					return p, true
				}
			}
		case x.typ.Kind == value.Record:
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
		if x.typ.Kind != value.Record {
			return inside(x, slots[x.slot], path)
		}
		for _, field := range x.Fields {
			if p, found := root(field, path+"."+field.Name); found {
				return p, true
			}
		}
		return "", false
	}
	for i, f := range q.layout.placed {
		if p, found := root(f, q.Facts[i].Name); found {
			return p, true
		}
	}
	return "", false
}
