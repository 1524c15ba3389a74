package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla/workday"
)

// edition is the rulebook as in force on one date under one set of readings:
// all choices made, all expressions compiled. It is immutable once built, but
// for the conclusions that it remembers. One that answers a question
// holds what the question reaches and nothing else.
type edition struct {
	book       *CheckedBook
	question   *checkedQuestion // nil where the edition is built only to be checked
	sel        selection
	from       date.Date
	stamp      Stamp
	calendar   *workday.Calendar
	byCalendar []string       // the readings that chose it
	countsDays bool           // something in it counts on that calendar
	counting   value.Calendar // calendar, as expressions see it
	byName     map[string]condition.Calendar
	units      []*unit // in an order in which each comes after those it uses
	unitsBy    map[string]*unit
	env        map[string]*condition.Var
	base       int // the first slot behind the facts
	asOf       int // the slot of the moment of asking
	slots      map[string]int
	owner      map[int]*unit // the unit that sets a slot
	asked      *asked
	programs   map[programKey]*condition.Program
	compiled   []*condition.Program // all of them, while it is built
	work       *work                // what checking may still cost; nil once the file is accepted
	spent      int64                // what the programs cost to evaluate, each once
	longest    int                  // the items that a list of the unit that is built may have

	valuesAt    int // the first slot of values that are computed
	marks       int // how many there are
	reports     []report
	deferred    []deferral
	reads       []int                 // the slots of facts that something may read, and that of as_of
	governedBy  []int                 // slots of asked.governs
	valueSlots  []int                 // of the values in order, that of the condition first
	valueIDs    []string              // of the values, as missing facts name them
	divisions   []*condition.Division // by number
	idle        *sync.Pool            // of *Run
	options     map[string]string     // of the readings that are used
	behind      []UsedReading         // all readings that were looked at to build it
	conclusions *memory
}

// unit is one rule, or a group of them, ready to be evaluated.
type unit struct {
	name     string
	fullName string // with its regulation
	index    int
	parts    []*Part // of all its variants
	variants []*variant
	choices  []wordChoice // that tell which of them holds
	eval     Evaluator
	outputs  []outputSlot
	bare     bool                   // expressions use its one output by its name alone
	uses     []string               // units that its expressions need evaluated
	builtOn  []string               // units that must be built before it
	absent   bool                   // none of its rules is in force
	listed   bool                   // its findings belong to the answer
	holdsAt  int                    // the slot of the output "holds", -1 if there is none
	programs []*condition.Program   // its expressions
	costs    map[*checkedRule]int64 // what each of its rules costs to evaluate
	longest  int                    // the items that a list among its outputs may have
	notes    notes
	passing  Mark // that a later moment may change what it found
	// Other options of readings may read it, which need units of their own.
	mayUse []string // units that only they would have it read
}

// asked is a question compiled in an edition.
type asked struct {
	units     []*unit // those reachable, in order
	scope     []*unit
	governs   *condition.Program // the date that picks the edition; nil for none
	otherwise []governor         // what would pick it under other options
	verdict   *condition.Program
	values    []*compiledValue
	readings  []string // used by verdict and values themselves
	notes     notes    // of verdict and values
}

// option is that of a reading in the edition.
func (ed *edition) option(key string) string {
	if o, ok := ed.options[key]; ok {
		return o
	}
	return ed.book.choiceOf(ed.book.readings[key], ed.sel).String()
}

// keepOptions finds the options of the readings that answers may name.
func (ed *edition) keepOptions() {
	options := map[string]string{}
	keep := func(keys []string) {
		for _, key := range keys {
			options[key] = ed.option(key)
		}
	}
	keep(ed.asked.readings)
	for _, u := range ed.asked.units {
		for _, p := range u.parts {
			for _, keys := range p.byField {
				keep(keys)
			}
		}
	}
	ed.options = options
}

func (ed *edition) slot(name string) int {
	if s, ok := ed.slots[name]; ok {
		return s
	}
	s := ed.base + len(ed.slots)
	ed.slots[name] = s
	return s
}

// factVars are the names that expressions may use for facts.
func (b *CheckedBook) factVars() map[string]*condition.Var {
	vars := make(map[string]*condition.Var, len(b.Facts)+1)
	for _, f := range b.Facts {
		vars[f.Name] = f.variable()
	}
	vars["as_of"] = asOfVar(b.asOfSlot)
	return vars
}

func asOfVar(slot int) *condition.Var {
	return &condition.Var{Type: &value.Type{Kind: value.Moment}, Slot: slot, Noted: true}
}

func (f *checkedFact) variable() *condition.Var {
	v := &condition.Var{Type: f.typ, Slot: f.slot}
	if len(f.Fields) > 0 {
		v.Fields = make(map[string]*condition.Var, len(f.Fields))
		for _, x := range f.Fields {
			v.Fields[x.Name] = x.variable()
		}
	}
	return v
}

func (b *CheckedBook) newEdition(s selection, w *work) *edition {
	return &edition{
		book: b, sel: s, from: s.on, work: w, slots: map[string]int{}, owner: map[int]*unit{}, unitsBy: map[string]*unit{},
		programs: map[programKey]*condition.Program{}, marks: firstMark,
	}
}

// build compiles every rule for checking; findings go to found. It is cut
// short where the allowance of work is used up.
func (b *CheckedBook) build(s selection, w *work, found *diagnostic.List) *edition {
	ed := b.newEdition(s, w)
	ed.env, ed.base, ed.asOf = b.factVars(), b.factSlots, b.asOfSlot
	ed.calendar = ed.ownCalendar(found)
	for _, group := range b.groups() {
		if !w.spend(b.builds(group)*workOfPart, group.rules[0].key.Span, found) {
			return ed
		}
		ed.units = append(ed.units, ed.newUnit(group))
	}
	ed.buildUnits(found)
	return ed
}

func (ed *edition) buildUnits(found *diagnostic.List) {
	ed.order(found)
	for i, u := range ed.units {
		u.index, u.fullName = i, u.findName()
		ed.unitsBy[u.name] = u
		ed.buildUnit(u, found)
	}
}

func (ed *edition) ownCalendar(found *diagnostic.List) *workday.Calendar {
	switch {
	case ed.book.unsound:
		return workday.China() // there is a finding already
	case ed.book.calendar == nil:
		return nil
	}
	ed.byCalendar = nil
	i := ed.book.resolve(ed.book.calendar, ed.sel, nil, &ed.byCalendar)
	c, ok := ed.book.Calendar(i.text)
	if !ok {
		*found = append(*found, diagnostic.Diagnostic{
			Code: "unknown_calendar", Severity: diagnostic.Error, Span: i.node.Span,
			Message: diagnostic.Textf("没有名为 %q 的日历", "there is no calendar %q", i.text), Remedy: diagnostic.OneOf(i.text, ed.book.calendarChoices()),
		})
		return workday.China()
	}
	return c
}

// names are what expressions may refer to.
func (ed *edition) names() *condition.Env {
	if ed.byName == nil && len(ed.book.Calendars) > 0 {
		ed.byName = make(map[string]condition.Calendar, len(ed.book.Calendars))
		for name, c := range ed.book.Calendars {
			ed.byName[name] = condition.Calendar{Days: calendarOf{c}, Zone: ed.book.zones[c].zone, HasHours: c.HasHours()}
		}
	}
	return &condition.Env{Vars: ed.env, HasCalendar: ed.calendar != nil, HasHours: ed.calendar.HasHours(), Calendars: ed.byName}
}

// group is the rules of one unit.
type group struct {
	name  string
	rules []*checkedRule
}

func (b *CheckedBook) groups() []group {
	var all []group
	at := map[string]int{}
	for _, r := range b.rules {
		i, ok := at[r.unit()]
		if !ok {
			i = len(all)
			at[r.unit()] = i
			all = append(all, group{name: r.unit()})
		}
		all[i].rules = append(all[i].rules, r)
	}
	return all
}

// partsOf resolves the rules of a unit that are in force. Where none is, all
// are taken, so that what uses them still compiles; the unit is then absent.
func (ed *edition) partsOf(g group, sel selection) []*Part {
	parts := make([]*Part, 0, len(g.rules))
	for pass := 0; pass < 2 && len(parts) == 0; pass++ {
		for _, r := range g.rules {
			if pass == 0 && !r.inForce(sel.on) {
				continue
			}
			p := &Part{Rule: r, mark: ed.newMark(), words: sel.words, chosenBy: ed.book.chosenBy(r.node, sel), fields: append(slices.Clone(r.Form.Fields), CommonFields()...)}
			p.at, p.byField = ed.book.resolveRule(r.node, sel)
			p.Deferred()
			parts = append(parts, p)
		}
	}
	return parts
}

// order puts the units so that each comes after those it uses. A cycle is a
// finding at each of its rules.
func (ed *edition) order(found *diagnostic.List) {
	byName := map[string]*unit{}
	for _, u := range ed.units {
		byName[u.name] = u
	}
	for _, u := range ed.units {
		for _, p := range u.parts {
			p.mentions(p.at, p.fields, func(name string, evaluated bool) {
				if byName[name] == nil {
					return
				}
				if evaluated && !slices.Contains(u.uses, name) {
					u.uses = append(u.uses, name)
				}
				if !slices.Contains(u.builtOn, name) {
					u.builtOn = append(u.builtOn, name)
				}
			})
		}
	}
	if ed.question != nil {
		ed.otherUses(byName)
	}
	const (
		unseen = iota
		open
		done
	)
	state := map[*unit]int{}
	var sorted []*unit
	var stack []string
	var visit func(u *unit)
	visit = func(u *unit) {
		switch state[u] {
		case done:
			return
		case open:
			cycle := append(slices.Clone(stack[slices.Index(stack, u.name):]), u.name)
			*found = append(*found, diagnostic.Diagnostic{
				Code: "cycle", Severity: diagnostic.Error, Span: u.parts[0].Rule.key.Span,
				Message: diagnostic.Textf("规则互相引用成环：%s", "these rules use one another in a circle: %s", around(cycle)),
				Remedy:  diagnostic.Textf("让其中一条不再用到另一条", "make one of them do without the other"),
			})
			return
		}
		state[u] = open
		stack = append(stack, u.name)
		for _, name := range u.builtOn {
			visit(byName[name])
		}
		for _, name := range u.mayUse {
			visit(byName[name])
		}
		stack = stack[:len(stack)-1]
		state[u] = done
		sorted = append(sorted, u)
	}
	for _, u := range ed.units {
		visit(u)
	}
	ed.units = sorted
}

// around shows a cycle, of a long one its beginning and end.
func around(cycle []string) string {
	if len(cycle) > 8 {
		cycle = append(append(slices.Clone(cycle[:6]), "…"), cycle[len(cycle)-1])
	}
	return strings.Join(cycle, " → ")
}

// mentions lists the root names in the expressions of a rule, and the rules
// that it names without having them evaluated.
func (p *Part) mentions(i *item, fields []Field, seen func(name string, evaluated bool)) {
	eachExpression(i, fields, func(x *item) {
		for _, name := range references(x.text) {
			seen(name, true)
		}
	})
	for _, f := range p.chosenBy {
		seen(rootOf(f), true)
	}
	for _, f := range fields {
		if child := i.get(f.Name); f.Kind == RuleName && f.Name != "part_of" && !child.none() {
			seen(child.text, false)
		}
	}
}

// eachExpression visits the expressions below an item.
func eachExpression(i *item, fields []Field, visit func(*item)) {
	for _, f := range fields {
		child := i.get(f.Name)
		if child.none() {
			continue
		}
		switch f.Kind {
		case Expression:
			if child.kind == source.Scalar {
				visit(child)
			}
		case Expressions:
			for _, e := range child.entries {
				visit(e.value)
			}
		case Option, Calendar, Quantity:
			if f.Computed {
				eachComputed(child, &f, visit)
			}
		case Structs:
			for _, x := range child.items {
				eachExpression(x, f.Fields, visit)
			}
		case StructMap:
			for _, e := range child.entries {
				eachExpression(e.value, f.Fields, visit)
			}
		}
	}
}

// otherMentions lists the root names that the expressions of a rule would have
// under other options of the readings that chose them.
func (ed *edition) otherMentions(p *Part, seen func(name string)) {
	sel := ed.sel
	sel.words = p.words
	eachExpression(p.at, p.fields, func(x *item) {
		for _, o := range ed.book.others(x, sel) {
			if o.item != nil && o.item.kind == source.Scalar {
				for _, name := range references(o.item.text) {
					seen(name)
				}
			}
		}
	})
}

// otherUses finds the units that expressions would read under other options.
// One that would make a circle is left out; what it comes to is not known.
func (ed *edition) otherUses(byName map[string]*unit) {
	reaches := func(from, to *unit) bool {
		seen := map[*unit]bool{}
		var search func(u *unit) bool
		search = func(u *unit) bool {
			if u == to {
				return true
			}
			if u == nil || seen[u] {
				return false
			}
			seen[u] = true
			next := func(name string) bool { return search(byName[name]) }
			return slices.ContainsFunc(u.builtOn, next) || slices.ContainsFunc(u.mayUse, next)
		}
		return search(from)
	}
	for _, u := range ed.units {
		for _, p := range u.parts {
			ed.otherMentions(p, func(name string) {
				x := byName[name]
				if x != nil && !slices.Contains(u.builtOn, name) && !slices.Contains(u.mayUse, name) && !reaches(x, u) {
					u.mayUse = append(u.mayUse, name)
				}
			})
		}
	}
}

// withTentative adds the units that only other options of readings look at.
func (ed *edition) withTentative(units []*unit) []*unit {
	wanted := map[*unit]bool{}
	var want func(u *unit)
	want = func(u *unit) {
		if u == nil || wanted[u] {
			return
		}
		wanted[u] = true
		for _, name := range u.uses {
			want(ed.unitsBy[name])
		}
		for _, name := range u.mayUse {
			want(ed.unitsBy[name])
		}
	}
	for _, u := range units {
		want(u)
	}
	var all []*unit
	for _, u := range ed.units {
		if wanted[u] {
			all = append(all, u)
		}
	}
	return all
}

func (ed *edition) buildUnit(u *unit, found *diagnostic.List) {
	u.absent = !slices.ContainsFunc(u.parts, func(p *Part) bool { return p.Rule.inForce(ed.sel.on) })
	u.passing = ed.newMark()
	u.notes.later = append(u.notes.later, u.passing)
	from := len(ed.compiled)
	ed.longest, u.costs = maxItems, map[*checkedRule]int64{}
	built := false
	if u.variants == nil {
		u.eval, u.outputs, built = ed.buildForm(u, u.parts, 0, found)
	} else {
		built = ed.buildVariants(u, found)
	}
	if !built {
		return
	}
	u.programs = ed.compiled[from:]
	u.longest = ed.longest
	u.holdsAt = -1
	v := &condition.Var{Type: &value.Type{Kind: value.Record}, Slot: -1, Fields: map[string]*condition.Var{}}
	for _, o := range u.outputs {
		v.Fields[o.name] = &condition.Var{Type: o.typ, Slot: o.slot, Noted: ed.question != nil}
		v.Type.Fields = append(v.Type.Fields, value.Field{Name: o.name, Type: o.typ})
		ed.owner[o.slot] = u
		if o.name == "holds" {
			u.holdsAt = o.slot
		}
	}
	ed.env[u.name] = v
	if u.bare && len(u.outputs) == 1 {
		ed.env[u.name] = v.Fields[u.outputs[0].name]
	}
}

// buildForm has the form of a unit make its evaluator; false where it cannot
// stand alone. The variant is the number of the unit's variant that the parts are of.
func (ed *edition) buildForm(u *unit, parts []*Part, variant int, found *diagnostic.List) (eval Evaluator, outputs []outputSlot, ok bool) {
	b := &Builder{Name: u.name, Parts: parts, ed: ed, unit: u, found: found, variant: variant}
	form := formNamed(parts[0].Rule.Form.Name)
	for _, p := range parts {
		p.b = b
		if p.Rule.Name == u.name {
			b.Owner = p
			form = formNamed(p.Rule.Form.Name)
		}
	}
	u.bare = form.Bare
	if form.Build == nil {
		p := parts[0]
		p.Fail("part_of", "must_be_part", diagnostic.Textf("%s 必须并入（part_of）另一条规则", "a %s must be part_of another rule", form.Name),
			diagnostic.Textf("补上 part_of: 规则名", "add part_of: the name of a rule"))
		return nil, nil, false
	}
	eval = form.Build(b)
	for _, name := range b.locals {
		delete(ed.env, name)
	}
	return eval, b.outputs, true
}

// ask compiles a question.
func (ed *edition) ask(q *checkedQuestion, found *diagnostic.List) *asked {
	a := &asked{}
	own := expense{}
	ed.longest = maxItems
	reach := map[string]bool{}
	var mark func(name string)
	mark = func(name string) {
		if u := ed.unitsBy[name]; u != nil && !reach[name] {
			reach[name] = true
			for _, x := range u.uses {
				mark(x)
			}
		}
	}
	for _, name := range q.Rules {
		mark(name)
	}
	for _, name := range q.scope {
		mark(name)
		a.scope = append(a.scope, ed.unitsBy[name])
	}
	compile := func(n *source.Node, want condition.Want) *condition.Program {
		if n == nil {
			return nil
		}
		i := ed.book.resolve(n, ed.sel, nil, &a.readings)
		if i.none() {
			return nil
		}
		for _, name := range references(i.text) {
			mark(name)
			if ed.book.facts[name] != nil && !q.takes(name) {
				*found = append(*found, factNotTaken(q, name, i.node.Span))
			}
		}
		before := ed.spent
		program := ed.compile(i, ed.names(), want, found)
		own.add(ed.spent-before, i.node)
		if program != nil && ed.question != nil {
			ed.note(program, markVoid, false, &a.notes)
			if program.CountsDays() {
				ed.countsDays = true
				a.readings = append(a.readings, ed.byCalendar...)
			}
		}
		return program
	}
	a.verdict = compile(q.Verdict.is, condition.Want{Kind: value.Word, Words: ed.book.wordsType(q.Verdict.Words)})
	var compileValues func(list []*checkedValue) []*compiledValue
	compileValues = func(list []*checkedValue) []*compiledValue {
		var all []*compiledValue
		for _, f := range list {
			c := &compiledValue{checkedValue: f, when: compile(f.when, condition.Want{Kind: value.YesNo})}
			if f.is != nil {
				c.is = compile(f.is, condition.Want{})
				if f.Words != nil && c.is != nil {
					c.is = compile(f.is, ed.book.wantWords(c.is.Type(), f.Words))
				}
				if c.is != nil {
					c.typ = c.is.Type()
					checkColumns(f, c.typ, found)
				}
			}
			c.fields = compileValues(f.Fields)
			all = append(all, c)
		}
		return all
	}
	a.values = compileValues(q.Values)
	for _, u := range ed.units {
		if reach[u.name] {
			a.units = append(a.units, u)
		}
	}
	ed.checkFacts(q, a, found)
	before := ed.spent
	a.governs = ed.compileGoverning(q, a, found)
	own.add(ed.spent-before, q.governedBy)
	affordable(q, a.units, own, found)
	if ed.question != nil {
		a.units = ed.withTentative(a.units)
	}
	return a
}

// checkFacts reports rules of a question that use a fact it does not take.
func (ed *edition) checkFacts(q *checkedQuestion, a *asked, found *diagnostic.List) {
	for _, u := range a.units {
		for _, p := range u.parts {
			p.mentions(p.at, p.fields, func(name string, _ bool) {
				if ed.book.facts[name] != nil && !q.takes(name) {
					*found = append(*found, factNotTaken(q, name, p.Rule.key.Span))
				}
			})
		}
	}
}

// takes reports whether the question takes the fact that is declared so.
func (q *checkedQuestion) takes(declared string) bool {
	return slices.ContainsFunc(q.Facts, func(f checkedTaken) bool { return f.Fact.Name == declared })
}

// governor is what would pick the edition under another option of a reading:
// a program or, where there is none, the moment of asking.
type governor struct {
	mark    Mark // that it would pick another
	reading string
	program *condition.Program
	any     bool // what it would be cannot be said
}

func factNotTaken(q *checkedQuestion, name string, at diagnostic.Span) diagnostic.Diagnostic {
	return diagnostic.Diagnostic{
		Code: "fact_not_taken", Severity: diagnostic.Error, Span: at,
		Message: diagnostic.Textf("这里用到事实 %[2]q，但问题 %[1]s 没有收取它", "the fact %[2]q is used here, but question %[1]s does not take it", q.ID, name),
		Remedy:  diagnostic.Textf("把 %[2]s 加入 questions.%[1]s.facts", "add %[2]s to questions.%[1]s.facts", q.ID, name),
		Related: []diagnostic.Related{{Span: q.span, Message: diagnostic.Textf("问题在此", "the question is here")}},
	}
}

// checkColumns reports labels of fields that the records do not have.
func checkColumns(f *checkedValue, t *value.Type, found *diagnostic.List) {
	if f.columns == nil {
		return
	}
	if t.Kind == value.List && t.Elem != nil {
		t = t.Elem
	}
	var names []string
	for _, field := range t.Fields {
		names = append(names, field.Name)
	}
	for _, e := range f.columns.Entries {
		if !slices.Contains(names, e.Key.Text) {
			*found = append(*found, diagnostic.Diagnostic{
				Code: "unknown_key", Severity: diagnostic.Error, Span: e.Key.Span,
				Message: diagnostic.Textf("%[2]s 的记录没有 %[1]q 这一栏", "the records of %[2]s have no field %[1]q", e.Key.Text, f.Name), Remedy: diagnostic.OneOf(e.Key.Text, names),
			})
		}
	}
}

// wantWords wants words of the list, or a list of them where the expression
// gives a list.
func (b *CheckedBook) wantWords(t *value.Type, w *WordList) condition.Want {
	words := condition.Want{Kind: value.Word, Words: b.wordsType(w)}
	if t != nil && t.Kind == value.List {
		return condition.Want{Kind: value.List, Elem: &words}
	}
	return words
}

// editionDates lists the first day of each edition in order.
func (b *CheckedBook) editionDates() []date.Date {
	days := []date.Date{b.From}
	add := func(d date.Date) {
		if d > b.From && !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	for _, r := range b.rules {
		b.dates(r.node, add)
		add(r.From)
		if r.To != 0 {
			add(r.To + 1)
		}
	}
	for _, q := range b.Questions {
		for _, n := range q.nodes() {
			b.dates(n, add)
		}
	}
	b.dates(b.calendar, add)
	slices.Sort(days)
	return days
}

// compileGoverning compiles `governed_by`. It may use facts and readings, but no
// rules, and no reading whose choice itself changes with the date.
func (ed *edition) compileGoverning(q *checkedQuestion, a *asked, found *diagnostic.List) *condition.Program {
	if q.governedBy == nil {
		return nil
	}
	var used []string
	i := ed.book.resolve(q.governedBy, ed.sel, nil, &used)
	for _, key := range used {
		if len(datedValues(ed.book.readings[key].chosen)) > 1 {
			*found = append(*found, diagnostic.Diagnostic{
				Code: "governed_by_dated", Severity: diagnostic.Error, Span: i.node.Span,
				Message: diagnostic.Textf("governed_by 用到的读法 %s 本身随日期变化", "governed_by uses the reading %s, whose choice itself depends on the date", key),
				Remedy:  diagnostic.Textf("改用不随日期变化的读法", "use a reading whose choice does not change with the date"),
			})
		}
	}
	env := map[string]*condition.Var{"as_of": ed.env["as_of"]} // no rules
	for _, f := range q.Facts {
		env[f.Fact.Name] = ed.env[f.Fact.Name]
	}
	if ed.question != nil {
		for _, o := range ed.book.others(i, ed.sel) {
			g := governor{mark: ed.newMark(), reading: o.reading, any: o.argued}
			if !o.argued && !o.item.none() {
				g.program = ed.alternative(o, "", condition.Want{}, &condition.Env{Vars: env})
				g.any = g.program == nil
			}
			a.notes.turns = append(a.notes.turns, turn{mark: g.mark, part: markVoid, reading: g.reading})
			a.otherwise = append(a.otherwise, g)
		}
	}
	if i.none() {
		return nil
	}
	p := ed.compile(i, &condition.Env{Vars: env}, condition.Want{}, found)
	if p != nil {
		switch p.Type().Kind {
		case value.Moment, value.Date, value.Month:
		default:
			*found = append(*found, diagnostic.Diagnostic{
				Code: "type_mismatch", Severity: diagnostic.Error, Span: i.node.Span,
				Message: diagnostic.Textf("governed_by 须为时刻、日期或月份", "governed_by must be a moment, a date or a month"),
				Remedy:  diagnostic.Textf("写日期类的事实", "write a fact that is a date"),
			})
		}
	}
	return p
}
