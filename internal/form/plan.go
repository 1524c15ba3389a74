package form

import (
	"sync"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// Plan is the rulebook as in force on one date under one set of readings:
// all choices made, all expressions compiled. It is immutable once built, but
// for the conclusions that it remembers. One that answers a question
// holds what the question reaches and nothing else.
type Plan struct {
	Book       *checked.Book
	Question   *checked.Question // nil where the edition is built only to be checked
	Sel        checked.Selection
	From       date.Date
	Stamp      policy.Stamp
	Calendar   *workday.Calendar
	ByCalendar []string       // the readings that chose it
	CountsDays bool           // something in it counts on that calendar
	Counting   value.Calendar // calendar, as expressions see it
	byName     map[string]condition.Calendar
	Units      []*Unit // in an order in which each comes after those it uses
	UnitsBy    map[string]*Unit
	Env        map[string]*condition.Var
	Base       int // the first slot behind the facts
	AsOf       int // the slot of the moment of asking
	Slots      map[string]int
	Owner      map[int]*Unit // the unit that sets a slot
	Asked      *CompiledQuestion
	Promises   []*CompiledPromise // about the question, in a plan that is there to be looked at
	Programs   map[ProgramKey]*condition.Program
	Compiled   []*condition.Program                                                     // all of them, while it is built
	Budget     *Budget                                                                  // what checking may still cost; nil once the file is accepted
	OnCompile  func(p *Part, field string, i *checked.Item, program *condition.Program) // where not nil, told of every program of a rule
	OnAsked    func(i *checked.Item, program *condition.Program)                        // the same of the verdict and values of a question
	Spent      int64                                                                    // what the programs cost to evaluate, each once
	Longest    int                                                                      // the items that a list of the unit that is built may have

	ValuesAt int // the first slot of values that are computed
	Marks    int // how many there are
	Reports  []Report
	deferred []deferral
	records  map[string]*value.Type // that units make, by their names
	makers   map[*value.Type]*Unit
	dated    map[string]datedValue // named values on all days

	absentChoosers map[*condition.Program][]*condition.Program // see noteChoices
	described      map[int]*checked.Fact                       // slots of units that explanations call as they call facts
	Reads          []int                                       // the slots of facts that something may read, and that of as_of
	// GovernedByAsking says that the moment of asking has a part in what picks the
	// edition, where the question says what does.
	GovernedByAsking bool
	ValueSlots       []int                 // of the values in order, that of the condition first
	ValueIDs         []string              // of the values, as missing facts name them
	Divisions        []*condition.Division // by number
	Idle             *sync.Pool            // of *Run
	Options          map[string]string     // of the readings that are used
	Behind           []policy.UsedReading  // all readings that were looked at to build it
	Conclusions      *Cache
}

// Unit is one rule, or a group of them, ready to be evaluated.
type Unit struct {
	Name       string
	FullName   string // with its regulation
	Index      int
	Parts      []*Part // of all its variants
	Variants   []*Variant
	Choices    []checked.WordChoice // that tell which of them holds
	Eval       Evaluator
	Outputs    []OutputSlot
	Bare       bool                    // expressions use its one output by its name alone
	Uses       []string                // units that its expressions need evaluated
	BuiltOn    []string                // units that must be built before it
	Absent     bool                    // none of its rules is in force
	Listed     bool                    // its findings belong to the answer
	HoldsAt    int                     // the slot of the output "holds", -1 if there is none
	Programs   []*condition.Program    // its expressions
	Costs      map[*checked.Rule]int64 // what each of its rules costs to evaluate
	Longest    int                     // the items that a list among its outputs may have
	Exceptions []Exception
	Notes      Notes
	Passing    Mark // that a later moment may change what it found
	// Other options of readings may read it, which need units of their own.
	MayUse []string // units that only they would have it read
}

// CompiledQuestion is a question compiled in an edition.
type CompiledQuestion struct {
	Units     []*Unit // those reachable, in order
	Scope     []*Unit
	Governs   *condition.Program // the date that picks the edition; nil for none
	Otherwise []EditionPicker    // what would pick it under other options
	Verdict   *condition.Program
	Values    []*CompiledValue
	Readings  []string // used by verdict and values themselves
	Notes     Notes    // of verdict and values
}

// Option is that of a reading in the edition.
func (plan *Plan) Option(key string) string {
	if o, ok := plan.Options[key]; ok {
		return o
	}
	return plan.Book.ChoiceOf(plan.Book.ReadingsByKey[key], plan.Sel).String()
}

// Slot is the slot of that name; a new one the first time.
func (plan *Plan) Slot(name string) int {
	if s, ok := plan.Slots[name]; ok {
		return s
	}
	s := plan.Base + len(plan.Slots)
	plan.Slots[name] = s
	return s
}

// Names are what expressions may refer to.
func (plan *Plan) Names() *condition.Env {
	if plan.byName == nil && len(plan.Book.Calendars) > 0 {
		plan.byName = make(map[string]condition.Calendar, len(plan.Book.Calendars))
		for name, c := range plan.Book.Calendars {
			plan.byName[name] = condition.Calendar{Days: CalendarOf{c}, Zone: plan.Book.Zones[c].Zone, HasHours: c.HasHours()}
		}
	}
	return &condition.Env{Vars: plan.Env, HasCalendar: plan.Calendar != nil, HasHours: plan.Calendar.HasHours(), Calendars: plan.byName, ValuesOn: plan.valuesOn}
}

// EachExpression visits the expressions below an item.
func EachExpression(i *checked.Item, fields []policy.Field, visit func(*checked.Item)) {
	for _, f := range fields {
		child := i.Get(f.Name)
		if child.None() {
			continue
		}
		switch f.Kind {
		case policy.Expression:
			if child.Kind == source.Scalar {
				visit(child)
			}
		case policy.Expressions:
			for _, e := range child.Entries {
				visit(e.Value)
			}
		case policy.Option, policy.Calendar, policy.Quantity:
			if f.Computed {
				eachComputed(child, &f, visit)
			}
		case policy.Structs:
			for _, x := range child.Items {
				EachExpression(x, f.Fields, visit)
			}
		case policy.StructMap:
			for _, e := range child.Entries {
				EachExpression(e.Value, f.Fields, visit)
			}
		}
	}
}

// EditionPicker is what would pick the edition under another option of a reading:
// a program or, where there is none, the moment of asking.
type EditionPicker struct {
	Mark    Mark // that it would pick another
	Reading string
	Program *condition.Program
	Any     bool // what it would be cannot be said
}

// Variant is the rules of a unit as they are where the facts that values are
// chosen by have certain words.
type Variant struct {
	Words []checked.ChosenWord
	Parts []*Part
	Eval  Evaluator
}

// CompiledValue is a value of an answer, compiled. What it comes to is kept in slots
// of the run, so that an answer need not be written out before it is read.
type CompiledValue struct {
	*checked.Value
	Is, When *condition.Program
	Fields   []*CompiledValue
	Typ      *value.Type
	Of       *checked.Fact // what describes a list that a unit makes
	At       int           // the slot of its value
	WhenAt   int           // the slot that says whether it exists, -1 where it always does
	ID       string        // as missing facts name it
	Owner    int           // of what it lacks; see ownedBy
	Kept     int           // its number among the values that an answer keeps
	KeptWhen int
	// Where it is noted that a value was shown that is no more than what
	// something else came to: of is and of when.
	IsNoted, WhenNoted Mark
}

// WrittenType is its type as JSON needs it: an amount is written without its currency
// where the question says of the value which that is.
func (v *CompiledValue) WrittenType() *value.Type {
	if v.SaidAs == nil {
		return v.Typ
	}
	return checked.WithUnsaid(v.Typ, v.SaidAs)
}

// CompiledPromise is a promise about the answers of a question, compiled in an
// edition.
type CompiledPromise struct {
	*checked.Promise
	When, Then     *condition.Program // nil where the promise has none
	AsRises, Never *condition.Program // likewise
	RisesAt        int                // the slot of the fact that rises, -1 for none
	Answer         []AnswerSlot       // that these read
}

// AnswerSlot is where a promise finds a value of an answer, or its verdict.
type AnswerSlot struct {
	Name   string // verdict, or the path of a value
	Label  policy.Text
	Slot   int
	Exists []*condition.Program // all of them must hold, else the value is none
	Is     *condition.Program   // nil for a verdict that could not be compiled
	IfNone string               // of a verdict, the word where it is none; else ""
	Typ    *value.Type
}
