package policy

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// outcome is what became of a rule in one evaluation.
type outcome = byte

const (
	notReached outcome = iota
	notApplicable
	applied
	undetermined
)

// Run is the state of one evaluation: facts and outputs by slot, and what
// the rules found. It belongs to one goroutine. Answers keep nothing of it, so
// that it serves one decision after the other.
type Run struct {
	value.Frame
	ed     *edition
	unit   *unit
	marks  []outcome // by rule and by Mark; see edition.newMark
	liable []Liable
	failed []failure // units whose evaluation failed

	room  value.Room // for lists of facts
	key   []byte     // room for the key of a conclusion
	bytes []byte     // room for what an answer keeps
	days  []otherDay // room for what would pick the edition under other options
}

// failure is why the evaluation of a unit failed.
type failure struct {
	unit *unit
	err  error
}

// run lends a Run in which nothing was evaluated yet, to be left. What its
// facts are is still to be said.
func (ed *edition) run() *Run {
	r, ok := ed.idle.Get().(*Run)
	if !ok {
		r = &Run{ed: ed, marks: make([]outcome, ed.marks)}
		r.Slots = make([]value.Value, ed.base+len(ed.slots))
		r.Frame.Zone, r.Calendar = ed.book.Zone, ed.counting
		r.ElemSlot, r.ElemAt = -1, -1
		r.Frame.Marks = r.marks
		return r
	}
	clear(r.Slots[ed.base:])
	clear(r.marks)
	r.Needs, r.liable, r.Err = r.Needs[:0], r.liable[:0], nil
	r.room.Clear()
	r.failed, r.Broken = r.failed[:0], r.Broken[:0]
	return r
}

// leave gives a Run back. It keeps the facts that it last had alive until it is
// used again or collected, which is soon.
func (r *Run) leave() { r.ed.idle.Put(r) }

// facts are the slots of the facts; see layout.
func (r *Run) facts() []value.Value { return r.Slots[:r.ed.base] }

// Mark is something that an evaluation may find, and that was declared when
// the unit was built: a breach, a decision to be taken, readings that count
// only in some evaluations.
type Mark int

// Mark notes that it was found.
func (r *Run) Mark(m Mark) { r.marks[m] = applied }

// readingsOf are the readings of a rule that counted.
func (r *Run) readingsOf(p *Part) []string { return r.deferredOf(p, p.Readings) }

// deferredOf appends those that count because a Run marked them.
func (r *Run) deferredOf(p *Part, keys []string) []string {
	for _, d := range r.ed.deferred {
		if d.part.Rule == p.Rule && r.marks[d.mark] == applied {
			keys = append(slices.Clip(keys), d.keys...)
		}
	}
	return keys
}

// Set gives an output of the unit its value.
func (r *Run) Set(slot int, v value.Value) { r.Slots[slot] = v }

// AsOf is the moment of asking; unknown where the caller did not say.
func (r *Run) AsOf() value.Value {
	return r.Slots[r.ed.asOf]
}

// NeedAsOf notes that the moment of asking was wanted and is not known.
func (r *Run) NeedAsOf() {
	r.Needs = append(r.Needs, value.Need{Slot: r.ed.asOf, Index: -1, Field: -1})
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
func (r *Run) Refuse(p *Part, message Text) {
	label := p.Label()
	r.Fail(&refusal{Text{ZH: label.ZH + "：" + message.ZH, EN: label.EN + ": " + message.EN}})
}

type refusal struct{ message Text }

// Error is the message in English.
func (e *refusal) Error() string { return e.message.EN }

// Quotient is Eval, but none where the result does not exist because it divides
// by nothing: for forms that say what that means.
func (r *Run) Quotient(p *condition.Program) value.Value {
	from := len(r.Needs)
	v := r.Eval(p)
	lacks := r.Needs[from:]
	if !v.IsUnknown() || len(lacks) == 0 || slices.ContainsFunc(lacks, func(n value.Need) bool { return n.Slot != value.DividedByNothing }) {
		return v
	}
	r.Needs = r.Needs[:from]
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
	if when == nil {
		r.Applied(p)
		return value.Bool(true)
	}
	holds, decided := when.Holds(&r.Frame)
	switch {
	case holds:
		r.Applied(p)
	case !decided:
		r.Undetermined(p)
		return value.UnknownOf(value.YesNo)
	default:
		r.note(p, notApplicable)
	}
	return value.Bool(holds)
}

func (r *Run) note(p *Part, o outcome) {
	if r.marks[p.mark] < o {
		r.marks[p.mark] = o
	}
}

// Applied notes that the rule applied: the answer cites its article.
func (r *Run) Applied(p *Part) { r.marks[p.mark] = applied }

// Undetermined notes that the rule could not be decided.
func (r *Run) Undetermined(p *Part) { r.marks[p.mark] = undetermined }

// NotApplied takes back an Applied of a rule that decided nothing after all.
func (r *Run) NotApplied(p *Part) { r.marks[p.mark] = notApplicable }

// DidApply reports whether the rule applied.
func (r *Run) DidApply(p *Part) bool { return r.marks[p.mark] == applied }

// Liable reports who answers for a breach. The person may be unknown.
func (r *Run) Liable(role string, person value.Value) {
	if !r.unit.listed {
		return
	}
	l := Liable{Role: role}
	if person.IsKnown() {
		l.Person = person.S()
	}
	if !slices.Contains(r.liable, l) {
		r.liable = append(r.liable, l)
	}
}

// Provisional reports that what the unit found may change with time alone, and
// with it every answer that it has a part in.
func (r *Run) Provisional() { r.Mark(r.unit.passing) }

// Zone is the rulebook's time zone.
func (r *Run) Zone() *time.Location { return r.ed.book.Zone }

// Text is a value as a person reads it, in the given language: moments to the
// second in the rulebook's zone, words by their labels.
func (r *Run) Text(v value.Value, lang string) string { return r.ed.book.display(v, lang) }

func dateIn(t time.Time, zone *time.Location) date.Date {
	y, m, d := t.In(zone).Date()
	return date.New(y, m, d)
}

// calendarOf lets expressions count working days and opening hours.
type calendarOf struct{ c *workday.Calendar }

func (c calendarOf) AddWorkingDays(day int64, n int) (int64, error) {
	d, err := c.c.Add(date.Date(day), n)
	return int64(d), err
}

func (c calendarOf) WorkingDaysBetween(from, to int64) (int, error) {
	return c.c.Between(date.Date(from), date.Date(to))
}

func (c calendarOf) OpenTime(from, to int64, zone *time.Location) (int64, error) {
	counter := sla.Counting{Zone: zone, Calendar: c.c}.Counter(sla.Clocks{})
	e, err := counter.Elapsed(sla.OpeningSecond, time.Unix(0, from).In(zone), time.Unix(0, to).In(zone), nil, sla.PauseDaysUnsaid)
	return int64(e.Time), err
}

func (calendarOf) LastDay() int64 { return int64(workday.LastDate) }

// evaluate runs units of the question in turn. The facts, and what the units
// before them set, are in their slots.
func (r *Run) evaluate(units []*unit) {
	for _, u := range units {
		if u.absent {
			for _, o := range u.outputs {
				r.Slots[o.slot] = value.NoneOf(o.typ.Kind)
			}
			continue
		}
		r.unit = u
		from := len(r.Needs)
		u.eval.Evaluate(r)
		if r.Err != nil { // it fails nobody but who looks at it: see failure
			r.failed, r.Err = append(r.failed, failure{u, r.Err}), nil
			for _, o := range u.outputs {
				r.Slots[o.slot], r.Broken = value.UnknownOf(o.typ.Kind), append(r.Broken, o.slot)
			}
		}
		if len(r.Needs) > from {
			r.Needs = append(r.Needs, ownedBy(u.index))
		}
	}
	r.unit = nil
}

// failure is why nothing can be answered, if so: because something failed that
// the answer looks at. Of several it is the first in the text, so that it is the
// same one under readings that have units evaluated in another order.
func (r *Run) failure(scope outcome) error {
	if len(r.failed) == 0 {
		return r.Err
	}
	read := r.basis(scope).read
	var first *failure
	for i := range r.failed {
		f := &r.failed[i]
		if read[f.unit.index] && (first == nil || f.unit.line() < first.unit.line()) {
			first = f
		}
	}
	if first == nil {
		return r.Err
	}
	return first.err
}

// line is where the unit stands in the text.
func (u *unit) line() int { return u.parts[0].Rule.key.Span.Start.Line }

// verdict evaluates the verdict of the question.
func (r *Run) verdict() value.Value {
	from := len(r.Needs)
	v := r.Eval(r.ed.asked.verdict)
	if len(r.Needs) > from {
		r.Needs = append(r.Needs, ownedBy(r.ed.verdictOwner()))
	}
	return v
}

// scope tells from the outputs of units whether the question applies.
func (r *Run) scope() outcome {
	scope := yesScope
	for _, u := range r.ed.asked.scope {
		if holds := r.unitHolds(u); holds.False() {
			return noScope
		} else if holds.IsUnknown() {
			scope = openScope
		}
	}
	return scope
}

// ownedBy stands in Needs behind what a unit, the verdict or a value lacked.
func ownedBy(owner int) value.Need { return value.Need{Slot: slotOfOwner, Index: owner, Field: -1} }

const slotOfOwner = -1

// verdictOwner owns what the verdict lacked; units come before it, by their
// index, and values behind.
func (ed *edition) verdictOwner() int { return len(ed.units) }

// groups are the needs by owner.
func (r *Run) groups() iter.Seq2[int, []value.Need] {
	return func(yield func(int, []value.Need) bool) {
		from := 0
		for i, n := range r.Needs {
			if n.Slot != slotOfOwner {
				continue
			}
			if !yield(n.Index, r.Needs[from:i]) {
				return
			}
			from = i + 1
		}
	}
}

// needsOf are the needs that the evaluation of a unit left.
func (r *Run) needsOf(u *unit) []value.Need {
	for owner, needs := range r.groups() {
		if owner == u.index {
			return needs
		}
	}
	return nil
}

// missing are the facts that the needs come down to.
type missing struct {
	need value.Need
	by   string
}

func (r *Run) collect(needs []value.Need, by string, into *[]missing, seen map[*unit]bool) {
	for _, n := range needs {
		if u := r.ed.owner[n.Slot]; u != nil {
			if given, ok := r.elementOfFact(u, n); ok {
				if m := (missing{given, by}); !slices.Contains(*into, m) {
					*into = append(*into, m)
				}
				continue
			}
			if !seen[u] {
				seen[u] = true
				r.collect(r.needsOf(u), u.id(), into, seen)
			}
			continue
		}
		if m := (missing{n, by}); !slices.Contains(*into, m) {
			*into = append(*into, m)
		}
	}
}

// elementOfFact finds the element of a list of facts that an element of a
// computed list is: a filtered list holds the very records that were given.
func (r *Run) elementOfFact(u *unit, n value.Need) (value.Need, bool) {
	list := r.Slots[n.Slot].L()
	if n.Index < 0 || n.Index >= len(list) || list[n.Index].K != value.Record {
		return n, false
	}
	for _, o := range u.outputs {
		if o.slot != n.Slot || o.typ == nil || o.typ.Elem == nil {
			continue
		}
		for _, f := range r.ed.question.layout.placed {
			if f.typ.Elem != o.typ.Elem {
				continue
			}
			for i, e := range r.Slots[f.slot].L() {
				if e.N == list[n.Index].N {
					return value.Need{Slot: f.slot, Index: i, Field: n.Field}, true
				}
			}
		}
	}
	return n, false
}

// id is the unit's name with its regulation.
func (u *unit) id() string { return u.fullName }

func (u *unit) findName() string {
	id := u.parts[0].Rule.ID
	return id[:len(id)-len(u.parts[0].Rule.Name)] + u.name
}

func compareMissing(a, b missing) int {
	return cmp.Or(cmp.Compare(a.need.Slot, b.need.Slot), cmp.Compare(a.need.Index, b.need.Index),
		cmp.Compare(a.need.Field, b.need.Field), cmp.Compare(a.by, b.by))
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
