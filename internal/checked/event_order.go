package checked

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// IsTime reports a moment or a date.
func (f *Fact) IsTime() bool { return f.Typ.Kind == value.Moment || f.Typ.Kind == value.Date }

// PlainPath is a path without the marks of lists.
func PlainPath(path string) string { return strings.ReplaceAll(path, "[]", "") }

// orderCheck is an order of two facts of a question.
type orderCheck struct{ earlier, later whereabouts }

// whereabouts is where the values of a fact are: in a slot or, with inList, in
// every element of the list there.
type whereabouts struct {
	fact   *Fact
	slot   int
	inList bool
	fields []int // in an element, the way to the field
}

// FindEventOrders finds the orders among the facts of a question.
func (l *Layout) FindEventOrders(placed map[*Fact]*Fact) {
	at := map[*Fact]whereabouts{}
	var order []*Fact // so that what is told does not depend on chance
	note := func(w whereabouts) {
		at[w.fact] = w
		order = append(order, w.fact)
	}
	var inside func(f *Fact, slot int, fields []int)
	inside = func(f *Fact, slot int, fields []int) {
		note(whereabouts{f, slot, true, fields})
		for i, x := range f.Fields {
			inside(x, slot, append(slices.Clone(fields), i))
		}
	}
	var walk func(f, placed *Fact)
	walk = func(f, placed *Fact) {
		note(whereabouts{fact: f, slot: placed.Slot})
		for i, x := range f.Fields {
			walk(x, placed.Fields[i])
		}
		if f.Elem != nil {
			inside(f.Elem, placed.Slot, nil)
		}
	}
	for _, f := range sortedBySlot(placed) {
		walk(f, placed[f])
	}
	for _, f := range order {
		for _, earlier := range f.NotBefore {
			if e, ok := at[earlier]; ok {
				l.Orders = append(l.Orders, orderCheck{e, at[f]})
			}
		}
	}
}

func sortedBySlot(placed map[*Fact]*Fact) []*Fact {
	all := make([]*Fact, 0, len(placed))
	for f := range placed {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Fact) int { return cmp.Compare(placed[a].Slot, placed[b].Slot) })
	return all
}

// Event is a point in time that was given.
type Event struct {
	Label policy.Text
	Path  string // as the question calls it
	V     value.Value
}

// Before reports whether a lies before b. Of a moment and a date the days
// are compared: on the same day neither is before the other.
func Before(a, b value.Value, zone *time.Location) bool {
	if a.K == b.K {
		return a.N < b.N
	}
	return DayOfValue(a, zone) < DayOfValue(b, zone)
}

// DayOfValue is the day of a date, or of a moment in the zone.
func DayOfValue(v value.Value, zone *time.Location) date.Date {
	if v.K == value.Moment {
		return DateIn(v.Time(zone), zone)
	}
	return v.Date()
}

// Disordered finds two events of the facts that contradict each other.
func (q *Question) Disordered(slots []value.Value, zone *time.Location) (earlier, later Event, found bool) {
	l := &q.Layout
	for i := range l.Orders {
		o := &l.Orders[i]
		switch {
		case !o.earlier.inList && !o.later.inList:
			if a, b := &slots[o.earlier.slot], &slots[o.later.slot]; a.State == value.Known && b.State == value.Known && Before(*b, *a, zone) {
				return q.eventAt(slots, o.earlier, -1, *a), q.eventAt(slots, o.later, -1, *b), true
			}
		case o.earlier.inList && o.later.inList && o.earlier.slot == o.later.slot: // of the same element
			for i, e := range slots[o.later.slot].L() {
				a, b := o.earlier.in(e), o.later.in(e)
				if a.IsKnown() && b.IsKnown() && Before(b, a, zone) {
					return q.eventAt(slots, o.earlier, i, a), q.eventAt(slots, o.later, i, b), true
				}
			}
		default: // the latest of the earlier ones, and the earliest of the later ones
			last, i := o.earlier.extreme(slots, 1)
			first, j := o.later.extreme(slots, -1)
			if last.IsKnown() && first.IsKnown() && Before(first, last, zone) {
				return q.eventAt(slots, o.earlier, i, last), q.eventAt(slots, o.later, j, first), true
			}
		}
	}
	return Event{}, Event{}, false
}

// in is the value in an element.
func (w *whereabouts) in(e value.Value) value.Value {
	for _, i := range w.fields {
		if !e.IsKnown() || i >= len(e.L()) {
			return value.UnknownOf(w.fact.Typ.Kind)
		}
		e = e.L()[i]
	}
	return e
}

// extreme is the latest of the known values, or the earliest with sign -1, and
// the element that it is in.
func (w *whereabouts) extreme(slots []value.Value, sign int) (v value.Value, at int) {
	if !w.inList {
		return slots[w.slot], -1
	}
	for i, e := range slots[w.slot].L() {
		if x := w.in(e); x.IsKnown() && (!v.IsKnown() || cmp.Compare(x.N, v.N) == sign) {
			v, at = x, i
		}
	}
	return v, at
}

// eventAt names an event; elem is the element of its list, else -1.
func (q *Question) eventAt(slots []value.Value, w whereabouts, elem int, v value.Value) Event {
	path := q.Layout.Paths[w.slot]
	if elem >= 0 {
		list := slots[w.slot].L()
		if list[elem].K == value.Record {
			elem = int(list[elem].N) // where it stood in the list as given
		}
		path = fmt.Sprintf("%s[%d]%s", path, elem, strings.TrimPrefix(w.fact.Path, w.listPath()))
	}
	return Event{w.fact.Label, path, v}
}

// listPath is the path of an element of the list that the fact is in.
func (w *whereabouts) listPath() string {
	return w.fact.Path[:strings.LastIndex(w.fact.Path, "[]")+len("[]")]
}

// OutOfOrder words the contradiction of two events.
func (b *Book) OutOfOrder(earlier, later Event) *policy.AnswerError {
	say := func(lang string) [4]any {
		a, z := b.Display(earlier.V, lang), b.Display(later.V, lang)
		if b.OffsetsDiffer(earlier.V, later.V) {
			a, z = b.DisplayWithOffset(earlier.V), b.DisplayWithOffset(later.V)
		}
		if a == z { // as where clocks were put back, or within a second
			a, z = exactly(earlier.V, b.Zone), exactly(later.V, b.Zone)
		}
		return [4]any{later.Named(lang), z, earlier.Named(lang), a}
	}
	zh, en := say("zh"), say("en")
	return &policy.AnswerError{Code: policy.CodeOutOfOrder, Fact: later.Path, Message: policy.Text{
		ZH: fmt.Sprintf("先后矛盾，不予判定：%s为 %s，早于%s的 %s", zh[:]...),
		EN: fmt.Sprintf("not judged, since two events contradict each other: %s was %s, before %s %s", en[:]...),
	}, Remedy: diagnostic.Textf("请核对这两项，改正写错的，再提问", "check both, correct the wrong one and ask again")}
}

func exactly(v value.Value, zone *time.Location) string {
	if v.K != value.Moment {
		return v.Date().String()
	}
	return v.Time(zone).Format(time.RFC3339Nano)
}

// Named is the label with the name that the question has for it.
func (e *Event) Named(lang string) string {
	switch label := e.Label.In(lang); {
	case e.Path == "":
		return label
	case label == "":
		return e.Path
	default:
		return label + policy.Text{ZH: "（" + e.Path + "）", EN: " (" + e.Path + ")"}.In(lang)
	}
}

// DaysOf bounds the day of an event that is not known itself: it is not later
// than the moment of asking, and in order with the events that are known. A zero
// date is no bound.
func (b *Book) DaysOf(q *Question, slot int, slots []value.Value) (first, last date.Date) {
	l := &q.Layout
	notLater := func(d date.Date) {
		if last == 0 || d < last {
			last = d
		}
	}
	if asOf := slots[l.AsOf]; asOf.IsKnown() {
		for _, e := range l.events {
			switch {
			case e.slot != slot:
			case e.precision == toMonth: // the month of asking has begun
				y, m, _ := DateIn(asOf.Time(b.Zone), b.Zone).Date()
				notLater(b.DayOf(value.MonthOf(y, m)))
			default:
				notLater(b.DayOf(asOf))
			}
		}
	}
	for i := range l.Orders {
		o := &l.Orders[i]
		if !o.later.inList && o.later.slot == slot {
			if v, _ := o.earlier.extreme(slots, 1); v.IsKnown() {
				first = max(first, b.DayOf(v))
			}
		}
		if !o.earlier.inList && o.earlier.slot == slot {
			if v, _ := o.later.extreme(slots, -1); v.IsKnown() {
				notLater(b.DayOf(v))
			}
		}
	}
	return first, last
}

// FactAt is the fact in a slot.
func (l *Layout) FactAt(slot int) *Fact {
	var find func(list []*Fact) *Fact
	find = func(list []*Fact) *Fact {
		for _, f := range list {
			if f.Slot == slot {
				return f
			}
			if x := find(f.Fields); x != nil {
				return x
			}
		}
		return nil
	}
	return find(l.Placed)
}
