package checked

import (
	"maps"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// Layout is where a question keeps its facts: in slots of its own, one behind
// the other, so that deciding moves no more than the question takes.
type Layout struct {
	Placed []*Fact      // the facts of the question, in its order, with their slots
	Slots  int          // how many there are, that of as_of included
	Paths  []string     // of the facts, by slot, as the question calls them
	AsOf   int          // the slot of the moment of asking, the last
	events []timedEvent // what must not lie after as_of
	lists  []int        // slots of lists that have such moments and dates inside
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
		l.events = append(l.events, timedEvent{x.Slot, GrainOf(f)})
	case f.Typ.Kind == value.List && f.Elem.hasEvents():
		l.lists = append(l.lists, x.Slot)
	}
	return &x
}

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
