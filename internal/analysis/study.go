package analysis

import (
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A study is one question in one edition, under one set of readings, with what
// its conditions do with the facts.
type study struct {
	engine  *run.Engine
	book    *checked.Book
	q       *checked.Question
	edition int
	plan    *form.Plan
	written []written
	uses    map[*condition.Program]condition.Uses
	facts   map[int]*checked.Fact // by slot
	start   []value.Value         // nothing is known but that records exist which must
	base    time.Time             // a moment in the edition that calendars know
}

// written is an expression of a rule, as it stands in the file, and compiled.
type written struct {
	part    *form.Part
	field   string
	item    *checked.Item
	program *condition.Program
}

func newStudy(e *run.Engine, q *checked.Question, edition int, readings map[string]policy.Choice) (*study, error) {
	s := &study{engine: e, book: e.Book(), q: q, edition: edition, uses: map[*condition.Program]condition.Uses{}, facts: map[int]*checked.Fact{}}
	var err error
	s.plan, err = plan.Watched(s.book, q, checked.Selection{On: s.book.Boundaries[edition], Overrides: readings},
		func(p *form.Part, field string, i *checked.Item, program *condition.Program) {
			s.written = append(s.written, written{p, field, i, program})
		})
	if err != nil {
		return nil, err
	}
	s.base = s.baseOf()
	s.start = make([]value.Value, q.Layout.Slots)
	for _, f := range q.Layout.Placed {
		s.place(f)
	}
	s.start[q.Layout.AsOf] = value.UnknownOf(value.Moment)
	s.facts[q.Layout.AsOf] = q.Placed("as_of")
	return s, nil
}

// place notes where a fact is kept, and that nothing is known of it.
func (s *study) place(f *checked.Fact) {
	s.facts[f.Slot] = f
	s.start[f.Slot] = value.UnknownOf(f.Typ.Kind)
	if f.Typ.Kind == value.Record && !f.Optional() {
		s.start[f.Slot] = value.In(value.Record, value.Known)
	}
	for _, x := range f.Fields {
		s.place(x)
	}
}

// classesOf are the places whose values matter to some units, and to some
// programs beside.
func (s *study) classesOf(units []*form.Unit, programs []*condition.Program) *classes {
	c := &classes{study: s, of: map[place]*class{}, lists: map[int][]int64{}}
	for _, w := range s.written {
		if !slices.Contains(units, w.part.Builder.Building) {
			continue
		}
		into := s.keptIn(w)
		c.learn(w.program, into)
		if into < 0 && !finite(w.program.Type()) {
			c.sink(w.program)
		}
	}
	for _, u := range units {
		for _, o := range u.Outputs {
			if !passesOn(u) && !finite(o.Typ) {
				c.at(slotPlace(o.Slot)).computed = true
			}
		}
	}
	for i := range s.q.Musts {
		programs = append(programs, s.q.Musts[i].Holds)
	}
	for _, p := range programs {
		if p != nil {
			c.learn(p, -1)
		}
	}
	c.learnEdition()
	c.learnOrders()
	c.computing = slices.ContainsFunc(units, c.computes)
	return c
}

// learnEdition has the ends of the edition be among the values of what picks it.
func (c *classes) learnEdition() {
	s := c.study
	if len(s.book.Boundaries) == 1 && s.book.To == 0 {
		return
	}
	first, last := s.span()
	from, to := s.midnight(first), s.midnight(last+1).Add(-time.Second)
	ends := []value.Value{value.DateOf(first), value.DateOf(last), value.MomentOf(from), value.MomentOf(to), value.MonthOf(from.Year(), from.Month()), value.MonthOf(to.Year(), to.Month())}
	governing := []*class{c.at(slotPlace(s.q.Layout.AsOf))}
	if p := s.plan.Asked.Governs; p != nil {
		c.learn(p, -1)
		uses := s.usesOf(p)
		governing = append(governing, c.relate(uses.Gives, nil))
		if uses.GivesComputed {
			c.sink(p)
		}
	}
	for _, x := range governing {
		if x != nil {
			x.constants = append(x.constants, ends...)
		}
	}
}

// span is the first and the last day of the edition; the last is some day in it
// where it has no end.
func (s *study) span() (first, last date.Date) {
	b := s.book
	first, last = b.Boundaries[s.edition], b.To
	if s.edition+1 < len(b.Boundaries) {
		last = b.Boundaries[s.edition+1] - 1
	}
	if last == 0 {
		last = max(first, checked.DateIn(s.base, b.Zone))
	}
	return first, last
}

// midnight is the moment at which a day begins, as near as matters here.
func (s *study) midnight(d date.Date) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, s.book.Zone)
}

// usesOf is what a program does with what it reads.
func (s *study) usesOf(p *condition.Program) condition.Uses {
	u, known := s.uses[p]
	if !known {
		u = p.Uses()
		s.uses[p] = u
	}
	return u
}

// learnOrders joins the facts that must not lie before each other, and those
// that cannot lie after the moment of asking.
func (c *classes) learnOrders() {
	s := c.study
	asOf := c.at(slotPlace(s.q.Layout.AsOf))
	var walk func(f *checked.Fact, slots map[*policy.Fact]int)
	slots := map[*policy.Fact]int{}
	walk = func(f *checked.Fact, slots map[*policy.Fact]int) {
		slots[f.Fact] = f.Slot
		for _, x := range f.Fields {
			walk(x, slots)
		}
	}
	for _, f := range s.q.Layout.Placed {
		walk(f, slots)
	}
	var join func(f *checked.Fact)
	join = func(f *checked.Fact) {
		x := c.at(slotPlace(f.Slot))
		if f.Event && f.Typ.Kind == value.Moment {
			asOf = c.join(asOf, x)
		}
		for _, earlier := range f.NotBefore {
			if slot, ok := slots[earlier.Fact]; ok && earlier.Typ.Kind == f.Typ.Kind {
				c.join(x, c.at(slotPlace(slot)))
			}
		}
		for _, field := range f.Fields {
			join(field)
		}
	}
	for _, f := range s.q.Layout.Placed {
		join(f)
	}
}

// passesOn reports whether the outputs of a unit are what its expressions give.
func passesOn(u *form.Unit) bool {
	switch u.Parts[0].Rule.Form.Name {
	case "figure", "value", "table":
		return true
	}
	return false
}

// keptIn is the slot that what an expression gives is kept in, -1 for none.
func (s *study) keptIn(w written) int {
	u := w.part.Builder.Building
	if !passesOn(u) || w.field != "is" && w.field != "gives" {
		return -1
	}
	for _, o := range u.Outputs {
		if w.field == "is" || len(u.Outputs) == 1 {
			return o.Slot
		}
		if i := w.part.Item.Get("gives").Get(o.Name); i != nil && i.Node == w.item.Node {
			return o.Slot
		}
	}
	return -1
}

// finite reports whether there are few values of a type, each of which is tried.
func finite(t *value.Type) bool {
	if t == nil {
		return true
	}
	switch t.Kind {
	case value.YesNo, value.Word, value.Name, value.Article, value.Invalid:
		return true
	case value.List:
		return finite(t.Elem)
	}
	return false
}

// baseOf is a moment on a Monday of the edition in a year that the calendar
// knows.
func (s *study) baseOf() time.Time {
	b := s.book
	first, last := b.Boundaries[s.edition], b.To
	if s.edition+1 < len(b.Boundaries) {
		last = b.Boundaries[s.edition+1] - 1
	}
	day := first + 180
	if s.plan.Calendar != nil {
		if _, year := s.plan.Calendar.Range(); year-1 >= first.Year() {
			day = max(first, date.New(min(year-1, first.Year()+15), time.June, 1))
		}
	}
	if last != 0 {
		day = min(day, first+(last-first)/2)
	}
	for day.Weekday() != time.Monday && (last == 0 || day < last) {
		day++
	}
	y, m, d := day.Date()
	return time.Date(y, m, d, 9, 30, 0, 0, b.Zone)
}

// closure are the units that some slots depend on, in the order of the plan,
// with the given ones.
func (s *study) closure(slots []int, units ...*form.Unit) []*form.Unit {
	wanted := map[*form.Unit]bool{}
	var want func(u *form.Unit)
	want = func(u *form.Unit) {
		if u == nil || wanted[u] {
			return
		}
		wanted[u] = true
		for _, name := range u.Uses {
			want(s.plan.UnitsBy[name])
		}
	}
	for _, slot := range slots {
		want(s.plan.Owner[slot])
	}
	for _, u := range units {
		want(u)
	}
	var all []*form.Unit
	for _, u := range s.plan.Units {
		if wanted[u] {
			all = append(all, u)
		}
	}
	return all
}

// asked reports whether the question evaluates a unit.
func (s *study) asked(u *form.Unit) bool { return slices.Contains(s.plan.Asked.Units, u) }
