package policy

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// layout is where a question keeps its facts: in slots of its own, one behind
// the other, so that deciding moves no more than the question takes.
type layout struct {
	placed []*checkedFact // the facts of the question, in its order, with their slots
	slots  int            // how many there are, that of as_of included
	paths  []string       // of the facts, by slot, as the question calls them
	asOf   int            // the slot of the moment of asking, the last
	events []timedEvent   // what must not lie after as_of
	lists  []int          // slots of lists that have such moments and dates inside
	orders []orderCheck
}

// outOfReach is added to the slots of facts that a question does not take. No
// expression that it evaluates may use one; those of rules that it is merely
// built on do.
const outOfReach = 1 << 24

// The days of the years that a moment may lie in.
var (
	firstOfMoments = date.New(source.FirstYear, time.January, 1)
	lastOfMoments  = date.New(source.LastYear, time.December, 31)
)

// layOut gives every question its slots. They follow the order in which facts
// are declared, which is also that of missing facts in answers.
func (b *CheckedBook) layOut() {
	b.surely = [2]int64{math.MinInt64, math.MaxInt64}
	if b.From.Year() >= source.FirstYear {
		b.surely[0] = (min(b.From, lastOfMoments) + 2).MidnightUTC().UnixNano()
	}
	if b.To != 0 && b.To.Year() <= source.LastYear {
		b.surely[1] = (max(b.To, firstOfMoments) - 1).MidnightUTC().UnixNano()
	}
	for i, q := range b.Questions {
		q.index = i
		placed := map[*checkedFact]*checkedFact{}
		l := layout{}
		for _, f := range b.Facts {
			for _, x := range q.Facts {
				if x.Fact == f {
					placed[f] = l.place(f)
				}
			}
		}
		for _, x := range q.Facts {
			l.placed = append(l.placed, placed[x.Fact])
		}
		l.asOf = l.slots
		l.slots++
		l.paths = make([]string, l.slots)
		for i, f := range l.placed {
			l.name(f, q.Facts[i].Name)
		}
		l.findOrders(placed)
		q.layout = l
	}
}

// place copies a fact, and the fields of a record, into the next slots.
func (l *layout) place(f *checkedFact) *checkedFact {
	x := *f
	x.slot = l.slots
	l.slots++
	switch {
	case f.typ.Kind == value.Record:
		x.Fields, x.vars = make([]*checkedFact, len(f.Fields)), make(map[string]*checkedFact, len(f.Fields))
		for i, field := range f.Fields {
			x.Fields[i] = l.place(field)
			x.vars[field.Name] = x.Fields[i]
		}
	case f.Event:
		l.events = append(l.events, timedEvent{x.slot, grainOf(f)})
	case f.typ.Kind == value.List && f.Elem.hasEvents():
		l.lists = append(l.lists, x.slot)
	}
	return &x
}

// name notes the path of a fact and of the fields of a record.
func (l *layout) name(f *checkedFact, path string) {
	l.paths[f.slot] = path
	for _, x := range f.Fields {
		l.name(x, path+"."+x.Name)
	}
}

func (f *checkedFact) hasEvents() bool {
	for _, x := range f.Fields {
		if x.hasEvents() {
			return true
		}
	}
	return f.Event || f.Elem != nil && f.Elem.hasEvents()
}

// vars are the names that the expressions of a question may use for facts.
func (q *checkedQuestion) vars(b *CheckedBook) map[string]*condition.Var {
	vars := b.factVars()
	for _, v := range vars {
		shift(v)
	}
	for i, x := range q.Facts {
		vars[x.Fact.Name] = q.layout.placed[i].variable()
	}
	vars["as_of"] = asOfVar(q.layout.asOf)
	return vars
}

func shift(v *condition.Var) {
	v.Slot += outOfReach
	for x := range maps.Values(v.Fields) {
		shift(x)
	}
}

// slotSpan is what the slots of a fact, and of what is in it, hold.
type slotSpan struct {
	from   int
	values []value.Value
}

// spanOf is what they hold among the slots of all facts.
func spanOf(slots []value.Value, f *checkedFact) slotSpan {
	return slotSpan{f.slot, slices.Clone(slots[f.slot:f.end()])}
}

// put has the slots of the fact hold it.
func (s *slotSpan) put(slots []value.Value) { copy(slots[s.from:], s.values) }

// end is the slot behind those of a fact.
func (f *checkedFact) end() int {
	if n := len(f.Fields); n > 0 {
		return f.Fields[n-1].end()
	}
	return f.slot + 1
}
