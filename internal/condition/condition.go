// Package condition turns the expressions of a rules file into programs. The
// syntax is that of expr-lang/expr; the meaning is our own:
//
//   - A value is known, none (known not to exist) or unknown. Logic over
//     unknowns is Kleene's: a result is decided as soon as no missing fact
//     could change it, otherwise it is unknown and says what it needs.
//   - Arithmetic is exact. Overflow fails, ratios are unreduced fractions
//     compared by cross-multiplication, no floating point takes part.
//   - Types are strict: a moment is no date, a word comes from its list.
//
// # None
//
// `x == null` tests for none. none equals only none; an ordered comparison
// with none on either side is false, whatever the other side is; arithmetic
// and functions on none give none; `none in l` is false; a none list counts
// as empty; a none yes/no counts as no where a condition is wanted. A field
// of a none record is none, of an unknown record unknown.
//
// # Unknown
//
// and, or, not, any, all, none, one and in are decided by what is known where
// that suffices. count, filter, map, sum and the list functions need every
// element decided. latest, earliest, greatest and least skip none and need
// every other argument. c ? a : b with c unknown is decided where a and b
// agree.
//
// What is divided by nothing is unknown, whatever is divided: no such number
// exists, and so nothing can be said of it, neither that it is below a bound
// nor that it is not. What is needed then is a Division.
//
// # Bounds
//
// Source is at most 4,096 bytes and 64 levels deep; loops do not nest. The
// list functions in a predicate may take four lists together. An expression
// with Env.Element may have loops, too; its list functions may take eight lists
// together, those in its predicates none, and `in` may search two lists there.
// Lists are expected to hold at most 1,000 items. Program.CostOf tells what an
// evaluation takes with lists of a length; a rulebook bounds it for a question.
package condition

import (
	"errors"
	"slices"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// Var is a name an expression may use: a fact, a record of facts, or the
// outputs of a rule.
type Var struct {
	Type   *value.Type
	Slot   int             // of a record: the slot of its presence, -1 if it has none
	Fields map[string]*Var // of a record, flattened: each field has its own slot
	Noted  bool            // programs note that they read it: see Program.NoteAt
	// MayBeNone says that it may be none although the records around it are
	// there, or that a record may be: see Program.AbsencesAmong.
	MayBeNone bool
}

// Env is what an expression may refer to.
type Env struct {
	Vars map[string]*Var
	// Element is the type of Frame.Elem for expressions that are evaluated
	// per element of a list; `#` and `.field` then refer to it. Nil otherwise.
	Element *value.Type
	// Params are constants by name, folded at compile time. They win over
	// Vars. A word or a list of words takes its closed list from its use, as
	// a literal does.
	Params      map[string]value.Value
	HasCalendar bool // working_days_after and working_days_between may be used
	HasHours    bool // and open_time: the calendar has opening hours
	// Calendars are those that a function may be given by name, or by a fact
	// that is a word of which each names one.
	Calendars map[string]Calendar
	// ValuesOn is what a named value is from which day on, in order; false where
	// the name is none of one, or facts choose what it is.
	ValuesOn func(name string) ([]DatedValue, bool)
	// AnyCurrency says that words of facts choose between results, as in {by: .currency,
	// eur: 12 EUR, jpy: 1500 JPY}: these may be amounts of several currencies.
	AnyCurrency bool
	// On is the day that named values are of, by their names alone, where that is
	// not the day that the variables are of.
	On *int64
}

// Calendar is what a function counts on in place of Frame.Calendar and
// Frame.Zone. What is nil is taken from the frame.
type Calendar struct {
	Days     value.Calendar
	Zone     *time.Location
	HasHours bool // it has opening hours
}

// Want is the type a place in the rules file accepts. The zero Want accepts
// any. Kind Ratio accepts a count as well. Words restricts the words that the
// result can be. Elem restricts the elements of a List. A sum of money or a
// duration that is not rounded is accepted nowhere.
type Want struct {
	Kind  value.Kind
	Words *value.Words
	// Mixed lets the result be one of the engine's own words as well, whether
	// these are among Words or not.
	Mixed bool
	Elem  *Want
	In    value.Currency // of Money, where it must be of one currency
	// Unrounded lets an amount of money be one that is not rounded yet, where no
	// Kind is wanted: its place says how it is rounded.
	Unrounded bool
}

// Problem is one thing wrong with an expression. From and To are offsets into
// the source in characters (Unicode code points), From <= To.
type Problem struct {
	Code     string
	From, To int
	Message  diagnostic.Text
	Remedy   diagnostic.Text
}

// Codes of problems.
const (
	CodeEmpty           = "empty_expression"
	CodeTooLong         = "expression_too_long"
	CodeTooDeep         = "expression_too_deep"
	CodeTooCostly       = "expression_too_costly" // too many lists to go through for every element
	CodeControl         = "control_character"
	CodeSyntax          = "expression_syntax"
	CodeUnsupported     = "unsupported_syntax"
	CodeFloat           = "float_literal"
	CodeNumber          = "number_literal"  // digits written in another way than 1234, or too large
	CodeOverflow        = "number_overflow" // a constant part leaves the range
	CodeUnknownFact     = "unknown_fact"
	CodeUnknownFunction = "unknown_function"
	CodeUnknownWord     = "unknown_word"
	CodeArguments       = "wrong_arguments" // their number, or a value where only text may stand
	CodeType            = "type_mismatch"
	CodeResult          = "wrong_result" // the whole expression is not what its place wants
	CodeNestedLoop      = "nested_loop"
	CodeNoElement       = "no_element" // `#` or `.field` outside of a loop
	CodeNoCalendar      = "no_calendar"
)

// Failures of an evaluation, found with errors.Is in Frame.Err.
var (
	// ErrOutOfRange says that a month number is not 1 to 12, or that a date
	// or moment is outside of what can be represented (dates: years 1 to
	// 9999, moments: 1678 to 2262).
	ErrOutOfRange = errors.New("out of range")
	// ErrNoLength says that the days of most_within are below 1, or that its
	// duration is below 0.
	ErrNoLength = errors.New("no length")
	// ErrNoCalendar says that Frame.Calendar is nil.
	ErrNoCalendar = errors.New("no calendar")
	// ErrFrame says that the frame has fewer slots than the program reads.
	ErrFrame = errors.New("frame has too few slots")
)

// OverflowError says that a calculation left the range of 64-bit integers.
type OverflowError struct {
	Source string // the part of the expression
}

func (e *OverflowError) Error() string { return "overflow in " + e.Source }

// Program is a compiled expression. It is immutable and may be evaluated
// concurrently, each evaluation with its own Frame.
type Program struct {
	root   *node
	source string
	// The closures of root for the kinds of result that it has; else nil.
	tri  func(*value.Frame) tri
	num  func(*value.Frame) (int64, value.State)
	text func(*value.Frame) (string, value.State)

	typ        *value.Type
	slots      []int
	reads      []int // slots, and those that its alternatives read
	perElement bool  // it may refer to Frame.Elem
	element    *value.Type
	bound      int // one more than the highest slot
	logical    bool
	format     string
	divisions  []*Division
	*turning   // what it does beside; never nil
	origin     any
}

// Source is what the program was compiled from.
func (p *Program) Source() string { return p.source }

// SetOrigin notes what the program was compiled from, for whoever wants to say
// where it stands. It must not be in use yet.
func (p *Program) SetOrigin(from any) { p.origin = from }

// Origin is what SetOrigin noted.
func (p *Program) Origin() any { return p.origin }

// Division is a part of a program that divides. Where it divides by nothing,
// the result is unknown and Frame.Needs has a Need in the slot
// value.DividedByNothing, with the number of the division as its Index.
type Division struct {
	Source string // as written
	By     Side   // what it divides by; only numbers in it have a Value
	number int
}

// SetNumber gives the division the Index of its Need. It must not be in use
// yet.
func (d *Division) SetNumber(n int) { d.number = n }

// byNothing notes that the divisor is 0.
func (d *Division) byNothing(f *value.Frame) { need(f, value.DividedByNothing, d.number, -1) }

// Divisions are the divisions in the program, in no particular order.
func (p *Program) Divisions() []*Division { return p.divisions }

// Type is the type of the result, never nil. `null` alone has Kind Invalid; a
// result of literals only is a Word without a list.
func (p *Program) Type() *value.Type { return p.typ }

// Slots are the slots that Eval may read, sorted and distinct. Parts that
// constants decide are not counted.
func (p *Program) Slots() []int { return slices.Clone(p.slots) }

// ListSlot is the slot of the list that the result is, as it stands there; -1
// where it is computed, or the field of an element.
func (p *Program) ListSlot() int {
	if p.root.op == opFact && p.typ != nil && p.typ.Kind == value.List {
		return p.root.slot
	}
	return -1
}

// ElementList is the field of the element that the result is, where that is a list as
// it stands there; -1 for anything else.
func (p *Program) ElementList() int {
	if n := p.root; n.op == opElem && n.field < 0 && len(n.path) == 1 && p.typ != nil && p.typ.Kind == value.List {
		return n.path[0]
	}
	return -1
}

// Const is the result where it depends on nothing.
func (p *Program) Const() (value.Value, bool) {
	if p.root.op != opConst {
		return value.Value{}, false
	}
	return p.result(p.root.val(&value.Frame{})), true
}

// Format is the source in normalised form: one spelling for each operator,
// double quotes, no redundant parentheses. It compiles to the same program,
// unless the spaces it adds make it longer than 4,096 bytes.
func (p *Program) Format() string { return p.format }

// Eval computes the result. Where it is unknown, f.Needs has grown by the
// unknown values that it wants, or f.Err is set; immediate repetitions are
// left out, other duplicates are not. Where it is known or none, f.Needs and
// f.Err are as before; a known list may still hold unknown elements. A nil
// f.Zone is UTC. The kind of a value is taken from the declaration: slots must
// hold what their Var says.
func (p *Program) Eval(f *value.Frame) value.Value {
	if !p.enter(f) {
		return value.UnknownOf(p.typ.Kind)
	}
	m := marked(f)
	v := p.root.val(f)
	if v.State != value.Unknown {
		m.restore(f)
	}
	v = p.result(v)
	if p.weighs() {
		p.weigh(f, v)
	}
	return v
}

// Holds is Eval for a yes/no expression, without the Value around it: whether
// it is yes, and whether that is decided. Any other result does not hold.
func (p *Program) Holds(f *value.Frame) (holds, decided bool) {
	if p.tri == nil {
		return false, !p.Eval(f).IsUnknown()
	}
	if !p.enter(f) {
		return false, false
	}
	m := marked(f)
	t := p.tri(f)
	if t != unknown {
		m.restore(f)
	}
	if p.weighs() {
		p.weigh(f, p.result(t.value()))
	}
	return t == yes, t != unknown
}

// Num is Eval for an expression whose result is a whole number, without the
// Value around it: N and State of what Eval gives. N is 0 unless that is known.
func (p *Program) Num(f *value.Frame) (int64, value.State) {
	if p.num == nil {
		v := p.Eval(f)
		return v.N, v.State
	}
	if !p.enter(f) {
		return 0, value.Unknown
	}
	m := marked(f)
	n, s := p.num(f)
	if p.weighs() {
		p.weigh(f, value.NumberIn(p.typ.Kind, s, n))
	}
	switch s {
	case value.Known:
		m.restore(f)
		return n, s
	case value.None:
		m.restore(f)
	}
	return 0, s
}

// Text is Eval for an expression whose result is a Word, Name or Article,
// without the Value around it. The text is empty unless it is known.
func (p *Program) Text(f *value.Frame) (string, value.State) {
	if p.text == nil {
		v := p.Eval(f)
		return v.S(), v.State
	}
	if !p.enter(f) {
		return "", value.Unknown
	}
	m := marked(f)
	t, s := p.text(f)
	if p.weighs() {
		p.weigh(f, value.TextIn(p.typ.Kind, s, t))
	}
	switch s {
	case value.Known:
		m.restore(f)
		return t, s
	case value.None:
		m.restore(f)
	}
	return "", s
}

// weighs reports whether there may be more to say of a result than what it is.
func (p *Program) weighs() bool { return p.later > 0 || p.alternatives != nil }

// Reads are the slots that Eval, or an alternative, may read, sorted and
// distinct. They must not be written to.
func (p *Program) Reads() []int { return p.reads }

// enter begins every evaluation. It is false where the frame is too small.
func (p *Program) enter(f *value.Frame) bool {
	return p.bound <= len(f.Slots) && f.Watch == nil || p.enterWatched(f)
}

// enterWatched is enter where there is something to say.
func (p *Program) enterWatched(f *value.Frame) bool {
	if p.bound > len(f.Slots) {
		f.Fail(ErrFrame)
		return false
	}
	if f.Watch != nil {
		f.Watch(p)
	}
	return true
}

// result makes a none condition the no that it counts as.
func (p *Program) result(v value.Value) value.Value {
	if p.logical && v.State == value.None {
		return value.Bool(false)
	}
	return v
}

// Compile checks src against env and want and compiles it. It returns either
// a program or every problem found, in the order of the source.
func Compile(src string, env *Env, want Want) (*Program, []Problem) {
	if env == nil {
		env = &Env{}
	}
	c := &checker{env: env, scan: newScan(src)}
	if env.Element != nil {
		c.elem = &scope{typ: full(env.Element), field: -1}
	}
	tree := c.parse(src)
	if tree == nil {
		return nil, c.found()
	}
	if want.Mixed {
		c.tail, c.words = tree, want.Words
	}
	root := c.wanted(c.check(tree), want)
	if len(c.problems) > 0 {
		return nil, c.found()
	}
	root = c.generate(root)
	if len(c.problems) > 0 {
		return nil, c.found()
	}
	p := &Program{source: src, perElement: env.Element != nil, element: env.Element, root: root, typ: root.typ, logical: want.Kind == value.YesNo, format: c.format(tree, 0)}
	if p.typ == nullType {
		p.typ = &value.Type{}
	}
	switch k := p.typ.Kind; {
	case k == value.YesNo:
		p.tri = root.tri
	case isNumber(k):
		p.num = root.num
	case isText(k):
		p.text = root.text
	}
	root.collect(&p.slots)
	p.divisions = root.divisions(nil)
	p.slots = distinct(p.slots)
	p.reads, p.turning = p.slots, &turning{moment: -1}
	root.collectNotes(&p.notes)
	if n := len(p.slots); n > 0 {
		p.bound = p.slots[n-1] + 1
	}
	return p, nil
}

func distinct(slots []int) []int {
	slices.Sort(slots)
	return slices.Compact(slots)
}

// ElementFields are the fields of Frame.Elem that Eval may read, sorted and
// distinct.
func (p *Program) ElementFields() []int {
	if !p.perElement {
		return nil
	}
	return p.root.elementFields()
}

func (n *node) elementFields() []int {
	var fields []int
	if n.op == opElem && n.field < 0 && len(n.path) > 0 {
		fields = append(fields, n.path[0])
	}
	for _, k := range n.kids {
		fields = append(fields, k.elementFields()...)
	}
	return distinct(fields)
}

// Ref is the slot of a program that only gives what is in one, as it is.
func (p *Program) Ref() (slot int, ok bool) {
	return p.root.slot, p.root.op == opFact && len(p.root.gates) == 0 && !p.logical
}
