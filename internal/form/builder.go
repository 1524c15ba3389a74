package form

import (
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// Builder is what a form's Build is given: the rules of one unit with every
// choice made, and the means to declare outputs. It reports findings; it
// never fails.
type Builder struct {
	Name  string  // of the unit
	Owner *Part   // the rule that the others are part of, nil for a group
	Parts []*Part // the rules of the unit in the order of the text, the owner too where it stands alone

	Plan     *Plan
	Building *Unit
	locals   []local
	element  *value.Type
	Outputs  []OutputSlot
	Found    *diagnostic.List
	misread  map[*checked.Rule]bool // rules with a field that could not be read
	Variant  int                    // of the unit, counted from 0
}

// OutputSlot is where an output of a unit is kept.
type OutputSlot struct {
	Name string
	Typ  *value.Type
	Slot int
	From []condition.Source // what it comes from, where that says when it is none
}

// Output declares a value that the unit offers as `unit.name`, and returns
// the slot to set it in.
func (b *Builder) Output(name string, typ *value.Type, from ...condition.Source) int {
	slot := b.Plan.Slot(b.Name + "." + name)
	b.Outputs = append(b.Outputs, OutputSlot{name, typ, slot, from})
	return slot
}

// Local declares a value that only the expressions of this unit may use, and
// returns the slot to set it in before they are evaluated.
func (b *Builder) Local(name string, typ *value.Type) int {
	slot := b.Plan.Slot(b.Name + "#" + name)
	b.locals = append(b.locals, local{name, b.Plan.Env[name]})
	b.Plan.Env[name] = &condition.Var{Type: typ, Slot: slot}
	return slot
}

// local is a name that means something else in the expressions of a unit than
// elsewhere, if it means anything there.
type local struct {
	name string
	was  *condition.Var
}

// EndLocals takes back the names that only the expressions of the unit may use.
func (b *Builder) EndLocals() {
	for _, l := range slices.Backward(b.locals) {
		if l.was == nil {
			delete(b.Plan.Env, l.name)
			continue
		}
		b.Plan.Env[l.name] = l.was
	}
	b.locals = nil
}

// Each makes the following Element expressions of the unit look at the
// elements of the list that the expression gives.
func (b *Builder) Each(list *condition.Program) List {
	if list != nil && list.Type() != nil && list.Type().Kind == value.List {
		b.element = list.Type().Elem
	}
	return ListOf(list)
}

// Zone is the rulebook's time zone.
func (b *Builder) Zone() *time.Location { return b.Plan.Book.Zone }

// Clocks is that zone, for counting.
func (b *Builder) Clocks() sla.Clocks { return b.Plan.Book.Clocks }

// ZoneOf is the time zone of a calendar, the rulebook's where it has none of
// its own, and the same for counting.
func (b *Builder) ZoneOf(c *workday.Calendar) (*time.Location, sla.Clocks) {
	z := b.Plan.Book.ZoneOf(c)
	return z.Zone, z.Clocks
}

// Unit is the evaluator of another unit that this one names in a RuleName
// field, or nil.
func (b *Builder) Unit(name string) Evaluator {
	if u := b.Plan.UnitsBy[name]; u != nil {
		return u.Eval
	}
	return nil
}

// ChosenByFacts reports whether facts choose values of another unit, which is
// then not one evaluator but one for each word.
func (b *Builder) ChosenByFacts(name string) bool {
	u := b.Plan.UnitsBy[name]
	return u != nil && u.Variants != nil
}

// Editions lists the first days of the rulebook's editions, in order.
func (b *Builder) Editions() []date.Date { return b.Plan.Book.Boundaries }
