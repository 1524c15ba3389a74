package checked

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Layout is where a question keeps its facts: in slots of its own, one behind
// the other, so that deciding moves no more than the question takes.
type Layout struct {
	Placed []*Fact       // the facts of the question, in its order, with their slots
	Slots  int           // how many there are, that of as_of included
	Paths  []string      // of the facts, by slot, as the question calls them
	AsOf   int           // the slot of the moment of asking, the last
	Blank  []value.Value // of the slots where nothing is given
	asked  *Fact         // the moment of asking
	events []timedEvent  // what must not lie after as_of
	lists  []int         // slots of lists that have such moments and dates inside
	Orders []orderCheck
}

// outOfReach is added to the slots of facts that a question does not take. No
// expression that it evaluates may use one; those of rules that it is merely
// built on do.
const outOfReach = 1 << 24

// The days of the years that a moment may lie in.
var (
	FirstOfMoments = date.New(source.FirstYear, time.January, 1)
	LastOfMoments  = date.New(source.LastYear, time.December, 31)
)

// Place copies a fact, and the fields of a record, into the next slots.
func (l *Layout) Place(f *Fact) *Fact {
	x := *f
	x.Slot = l.Slots
	l.Slots++
	switch {
	case f.Typ.Kind == value.Record:
		x.Fields, x.Vars = make([]*Fact, len(f.Fields)), make(map[string]*Fact, len(f.Fields))
		for i, field := range f.Fields {
			x.Fields[i] = l.Place(field)
			x.Vars[field.Name] = x.Fields[i]
		}
	case f.Event:
		l.events = append(l.events, timedEvent{x.Slot, PrecisionOf(f)})
	case f.Typ.Kind == value.List && f.Elem.hasEvents():
		l.lists = append(l.lists, x.Slot)
	}
	if f.Typ.Kind == value.Record {
		slots := make([]value.Value, l.Slots)
		x.spread(slots, x.Null)
		x.null = SpanOf(slots, &x)
		slots[x.Slot] = value.In(value.Record, value.Known)
		for _, field := range x.Fields {
			field.PutAbsent(slots, field.Absent)
		}
		x.given = SpanOf(slots, &x)
	}
	return &x
}

// Close adds the moment of asking behind the facts that have been placed.
func (l *Layout) Close() {
	l.AsOf = l.Slots
	l.Slots++
	l.asked = &Fact{Fact: &policy.Fact{Name: "as_of", Path: "as_of", TypeName: "moment", Absent: policy.IsUnknown}, Typ: &value.Type{Kind: value.Moment}, Slot: l.AsOf}
	l.Blank = make([]value.Value, l.Slots)
	for _, f := range l.Placed {
		f.PutAbsent(l.Blank, f.Absent)
	}
}

// Placed is a fact that the question takes, or as_of, with its slots; nil where
// there is none of the name.
func (q *Question) Placed(name string) *Fact {
	if name == "as_of" {
		return q.Layout.asked
	}
	for i := range q.Facts {
		if q.Facts[i].Name == name {
			return q.Layout.Placed[i]
		}
	}
	return nil
}

// Locate is Placed for a dotted path, with the records on the way to it.
func (q *Question) Locate(path string) (f *Fact, records []*Fact) {
	head, rest, more := strings.Cut(path, ".")
	f = q.Placed(head)
	for more && f != nil {
		records = append(records, f)
		head, rest, more = strings.Cut(rest, ".")
		f = f.Vars[head]
	}
	return f, records
}

// PutAbsent has the slots of a fact, and of what is in it, hold that it is
// absent.
func (f *Fact) PutAbsent(slots []value.Value, a policy.Absence) {
	if f.Typ.Kind == value.Record && a == f.Null && f.null.values != nil {
		f.null.Put(slots)
		return
	}
	f.spread(slots, a)
}

func (f *Fact) spread(slots []value.Value, a policy.Absence) {
	slots[f.Slot] = f.AbsentValue(a)
	for _, x := range f.Fields {
		x.PutAbsent(slots, x.within(a))
	}
}

// within is how a field is absent of a record that is.
func (f *Fact) within(record policy.Absence) policy.Absence {
	if record == policy.IsUnknown && f.Absent == policy.IsDefault {
		return policy.IsDefault
	}
	return record
}

// Absence is the value of a fact, with all that is in it, that is absent.
func (f *Fact) Absence(a policy.Absence) value.Value {
	v := f.AbsentValue(a)
	if f.Typ.Kind != value.Record {
		return v
	}
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		fields[i] = x.AbsentValue(x.within(a))
	}
	return value.ListIn(v.K, v.State, fields)
}

// PutGiven has the slots of a record, and of what is in it, hold that it
// exists, and nothing more of it is given.
func (f *Fact) PutGiven(slots []value.Value) { f.given.Put(slots) }

// Name notes the path of a fact and of the fields of a record.
func (l *Layout) Name(f *Fact, path string) {
	l.Paths[f.Slot] = path
	for _, x := range f.Fields {
		l.Name(x, path+"."+x.Name)
	}
}

func (f *Fact) hasEvents() bool {
	for _, x := range f.Fields {
		if x.hasEvents() {
			return true
		}
	}
	return f.Event || f.Elem != nil && f.Elem.hasEvents()
}

// Vars are the names that the expressions of a question may use for facts.
func (q *Question) Vars(b *Book) map[string]*condition.Var {
	vars := b.FactVars()
	for _, v := range vars {
		shift(v)
	}
	for i, x := range q.Facts {
		vars[x.Fact.Name] = q.Layout.Placed[i].variable()
	}
	vars["as_of"] = asOfVar(q.Layout.AsOf)
	return vars
}

func shift(v *condition.Var) {
	v.Slot += outOfReach
	for x := range maps.Values(v.Fields) {
		shift(x)
	}
}

// SlotSpan is what the slots of a fact, and of what is in it, hold.
type SlotSpan struct {
	from   int
	values []value.Value
}

// SpanOf is what they hold among the slots of all facts.
func SpanOf(slots []value.Value, f *Fact) SlotSpan {
	return SlotSpan{f.Slot, slices.Clone(slots[f.Slot:f.End()])}
}

// Put has the slots of the fact hold it.
func (s *SlotSpan) Put(slots []value.Value) { copy(slots[s.from:], s.values) }

// End is the slot behind those of a fact.
func (f *Fact) End() int {
	if n := len(f.Fields); n > 0 {
		return f.Fields[n-1].End()
	}
	return f.Slot + 1
}
