package form

import (
	"slices"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// Outcome is what became of a rule in one evaluation.
type Outcome = byte

const (
	NotReached Outcome = iota
	NotApplicable
	Applied
	Undetermined
)

// Run is the state of one evaluation: facts and outputs by slot, and what
// the rules found. It belongs to one goroutine. Answers keep nothing of it, so
// that it serves one decision after the other.
type Run struct {
	value.Frame
	Plan    *Plan
	Unit    *Unit
	Marks   []Outcome // by rule and by Mark; see Plan.NewMark
	Accused []policy.Liable
	Failed  []Failure // units whose evaluation failed

	Arena value.Arena // for lists of facts
	Key   []byte      // room for the key of a conclusion
	Bytes []byte      // room for what an answer keeps
	Days  []OtherDay  // room for what would pick the edition under other options
}

// Failure is why the evaluation of a unit failed.
type Failure struct {
	Unit *Unit
	Err  error
}

// Begin is a Run in which nothing was evaluated yet, to be given back by Leave. What its
// facts are is still to be said.
func (plan *Plan) Begin() *Run {
	r, ok := plan.Idle.Get().(*Run)
	if !ok {
		r = &Run{Plan: plan, Marks: make([]Outcome, plan.Marks)}
		r.Slots = make([]value.Value, plan.Base+len(plan.Slots))
		r.Frame.Zone, r.Calendar = plan.Book.Zone, plan.Counting
		r.ElemSlot, r.ElemAt = -1, -1
		r.Frame.Marks = r.Marks
		return r
	}
	clear(r.Slots[plan.Base:])
	clear(r.Marks)
	r.Needs, r.Accused, r.Err = r.Needs[:0], r.Accused[:0], nil
	r.Arena.Clear()
	r.Failed, r.Broken = r.Failed[:0], r.Broken[:0]
	return r
}

// Leave gives a Run back. It keeps the facts that it last had alive until it is
// used again or collected, which is soon.
func (r *Run) Leave() { r.Plan.Idle.Put(r) }

// Facts are the slots of the facts, as the layout of the question has them.
func (r *Run) Facts() []value.Value { return r.Slots[:r.Plan.Base] }

// Mark is something that an evaluation may find, and that was declared when
// the unit was built: a breach, a decision to be taken, readings that count
// only in some evaluations.
type Mark int

// Mark notes that it was found.
func (r *Run) Mark(m Mark) { r.Marks[m] = Applied }

// ReadingsOf are the readings of a rule that counted.
func (r *Run) ReadingsOf(p *Part) []string { return r.DeferredOf(p, p.Readings) }

// DeferredOf appends those that count because a Run marked them.
func (r *Run) DeferredOf(p *Part, keys []string) []string {
	for _, d := range r.Plan.deferred {
		if d.part.Rule == p.Rule && r.Marks[d.mark] == Applied {
			keys = append(slices.Clip(keys), d.keys...)
		}
	}
	return keys
}

// Set gives an output of the unit its value.
func (r *Run) Set(slot int, v value.Value) { r.Slots[slot] = v }

// AsOf is the moment of asking; unknown where the caller did not say.
func (r *Run) AsOf() value.Value {
	return r.Slots[r.Plan.AsOf]
}

// NeedAsOf notes that the moment of asking was wanted and is not known.
func (r *Run) NeedAsOf() {
	r.Needs = append(r.Needs, value.Need{Slot: r.Plan.AsOf, Index: -1, Field: -1})
}

// Need notes that what the program looks at was wanted and is not on record,
// although as such it is known not to exist.
func (r *Run) Need(p *condition.Program) {
	for _, slot := range p.Slots() {
		if was := r.Slots[slot]; was.IsNone() {
			r.Slots[slot] = value.UnknownOf(was.K)
			defer r.Set(slot, was)
		}
	}
	r.Eval(p)
}

// Refuse ends the evaluation because the facts cannot all be right, such as
// more kept than promised. The message says so to a person.
func (r *Run) Refuse(p *Part, message policy.Text) {
	r.Fail(&Refusal{diagnostic.Wording("%s：%s", "%s: %s", p.Label(), message)})
}

// Refusal ends an evaluation because the facts cannot all be right.
type Refusal struct{ Message policy.Text }

// Error is the message in English.
func (e *Refusal) Error() string { return e.Message.EN }

// Quotient is Eval, but none where the result does not exist because it divides
// by nothing: for forms that say what that means.
func (r *Run) Quotient(p *condition.Program) value.Value {
	from := r.Lacking()
	v := r.Eval(p)
	lacks := r.Needs[from:]
	if !v.IsUnknown() || len(lacks) == 0 || slices.ContainsFunc(lacks, func(n value.Need) bool { return n.Slot != value.DividedByNothing }) {
		return v
	}
	r.Ignore(from)
	return value.NoneOf(v.K)
}

// Eval evaluates a program; a nil program is unknown.
func (r *Run) Eval(p *condition.Program) value.Value {
	if p == nil {
		return value.Value{}
	}
	return p.Eval(&r.Frame)
}

// When evaluates the condition of a rule, which holds where none is given,
// and notes what becomes of the rule.
func (r *Run) When(p *Part, when *condition.Program) value.Value {
	switch r.outcome(p, when) {
	case Applied:
		return value.Bool(true)
	case NotApplicable:
		return value.Bool(false)
	}
	return value.UnknownOf(value.YesNo)
}

// outcome is what When finds, as it is noted.
func (r *Run) outcome(p *Part, when *condition.Program) Outcome {
	what := Applied
	if when != nil {
		switch holds, decided := when.Holds(&r.Frame); {
		case !decided:
			what = Undetermined
		case !holds:
			r.note(p, NotApplicable)
			return NotApplicable
		}
	}
	r.Marks[p.Mark] = what
	return what
}

func (r *Run) note(p *Part, o Outcome) {
	if r.Marks[p.Mark] < o {
		r.Marks[p.Mark] = o
	}
}

// Applied notes that the rule applied: the answer cites its article.
func (r *Run) Applied(p *Part) { r.Marks[p.Mark] = Applied }

// Undetermined notes that the rule could not be decided.
func (r *Run) Undetermined(p *Part) { r.Marks[p.Mark] = Undetermined }

// NotApplied takes back an Applied of a rule that decided nothing after all.
func (r *Run) NotApplied(p *Part) { r.Marks[p.Mark] = NotApplicable }

// DidApply reports whether the rule applied.
func (r *Run) DidApply(p *Part) bool { return r.Marks[p.Mark] == Applied }

// DidNotApply reports whether the rule was looked at and does not apply.
func (r *Run) DidNotApply(p *Part) bool { return r.Marks[p.Mark] == NotApplicable }

// Liable reports who answers for a breach. The person may be unknown.
func (r *Run) Liable(role string, person value.Value) {
	if !r.Unit.Listed {
		return
	}
	l := policy.Liable{Role: role}
	if person.IsKnown() {
		l.Person = person.S()
	}
	if !slices.Contains(r.Accused, l) {
		r.Accused = append(r.Accused, l)
	}
}

// Provisional reports that what the unit found may change with time alone, and
// with it every answer that it has a part in.
func (r *Run) Provisional() {
	r.Mark(r.Unit.Passing)
	if now := r.AsOf(); now.IsKnown() {
		r.MayChange(now.N + 1) // nobody says when
	}
}

// ProvisionalUntil is Provisional of what changes at some moments and at none
// before; those that have passed are left out.
func (r *Run) ProvisionalUntil(moments ...int64) {
	r.Mark(r.Unit.Passing)
	for _, at := range moments {
		if now := r.AsOf(); now.IsKnown() && at > now.N {
			r.MayChange(at)
		}
	}
}

// Zone is the rulebook's time zone.
func (r *Run) Zone() *time.Location { return r.Plan.Book.Zone }

// Text is a value as a person reads it, in the given language: moments to the
// second in the rulebook's zone, words by their labels.
func (r *Run) Text(v value.Value, lang string) string { return r.Plan.Book.Display(v, lang) }

// CalendarOf lets expressions count working days and opening hours.
type CalendarOf struct{ C *workday.Calendar }

// AddWorkingDays counts n working days on, or back, from a day.
func (c CalendarOf) AddWorkingDays(day int64, n int) (int64, error) {
	d, err := c.C.Add(date.Date(day), n)
	return int64(d), err
}

// WorkingDaysBetween counts the working days after one day up to another.
func (c CalendarOf) WorkingDaysBetween(from, to int64) (int, error) {
	return c.C.Between(date.Date(from), date.Date(to))
}

// OpenTime is the opening time between two moments.
func (c CalendarOf) OpenTime(from, to int64, zone *time.Location) (int64, error) {
	counter := sla.Counting{Zone: zone, Calendar: c.C}.Counter(sla.Clocks{})
	e, err := counter.Elapsed(sla.OpeningSecond, time.Unix(0, from).In(zone), time.Unix(0, to).In(zone), nil, sla.PauseDaysUnsaid)
	return int64(e.Time), err
}

// LastDay is the last day that calendars reach.
func (CalendarOf) LastDay() int64 { return int64(workday.LastDate) }

// Line is where the unit stands in the text.
func (u *Unit) Line() int { return u.Parts[0].Rule.KeyNode.Span.Start.Line }

// VerdictOwner owns what the verdict lacked; units come before it, by their
// index, and values behind.
func (plan *Plan) VerdictOwner() int { return len(plan.Units) }

// ID is the unit's name with its regulation.
func (u *Unit) ID() string { return u.FullName }

// QualifiedName is the name of the unit with its regulation.
func (u *Unit) QualifiedName() string {
	id := u.Parts[0].Rule.ID
	return id[:len(id)-len(u.Parts[0].Rule.Name)] + u.Name
}

// Num is Eval for a whole number, without the value around it. It is 0 unless
// it is known.
func (r *Run) Num(p *condition.Program) (int64, value.State) {
	if p == nil {
		return 0, value.Unknown
	}
	return p.Num(&r.Frame)
}

// Word is Eval for a word or other text, likewise.
func (r *Run) Word(p *condition.Program) (string, value.State) {
	if p == nil {
		return "", value.Unknown
	}
	return p.Text(&r.Frame)
}

// The scope of a question, as the mark markScope has it.
const (
	OutOfScope        = NotApplicable // the regulation does not apply
	ScopeUndetermined = Undetermined
	InScope           = Applied
)

// OtherDay is what would pick the edition under another option of a reading.
type OtherDay struct {
	V   value.Value
	Any bool // it cannot be said
}
