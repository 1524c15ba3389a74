package plan

import (
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// keepOptions finds the options of the readings that answers may name.
func keepOptions(plan *form.Plan) {
	options := map[string]string{}
	keep := func(keys []string) {
		for _, key := range keys {
			options[key] = plan.Option(key)
		}
	}
	keep(plan.Asked.Readings)
	for _, u := range plan.Asked.Units {
		for _, p := range u.Parts {
			for _, keys := range p.ReadingsByField {
				keep(keys)
			}
		}
	}
	plan.Options = options
}

func newEdition(b *checked.Book, s checked.Selection, w *form.Budget) *form.Plan {
	return &form.Plan{
		Book: b, Sel: s, From: s.On, Budget: w, Slots: map[string]int{}, Owner: map[int]*form.Unit{}, UnitsBy: map[string]*form.Unit{},
		Programs: map[form.ProgramKey]*condition.Program{}, Marks: form.FirstMark,
	}
}

// Build compiles every rule for checking; findings go to found. It is cut
// short where the allowance of work is used up.
func Build(b *checked.Book, s checked.Selection, w *form.Budget, found *diagnostic.List) *form.Plan {
	return build(newEdition(b, s, w), b, s, w, found)
}

// Programs compiles every rule, and tells of each program of a rule. With the plan,
// questions can be compiled.
func Programs(b *checked.Book, s checked.Selection, told func(p *form.Part, field string, i *checked.Item, program *condition.Program)) *form.Plan {
	plan := newEdition(b, s, nil)
	plan.OnCompile = told
	return build(plan, b, s, nil, new(diagnostic.List))
}

func build(plan *form.Plan, b *checked.Book, s checked.Selection, w *form.Budget, found *diagnostic.List) *form.Plan {
	plan.Env, plan.Base, plan.AsOf = b.FactVars(), b.FactSlots, b.AsOfSlot
	plan.Calendar = OwnCalendar(plan, found)
	for _, group := range b.Groups() {
		if !w.Spend(b.Builds(group)*checked.WorkOfPart, group.Rules[0].KeyNode.Span, found) {
			return plan
		}
		plan.Units = append(plan.Units, NewUnit(plan, group))
	}
	buildUnits(plan, found)
	return plan
}

func buildUnits(plan *form.Plan, found *diagnostic.List) {
	order(plan, found)
	for i, u := range plan.Units {
		u.Index, u.FullName = i, u.QualifiedName()
		plan.UnitsBy[u.Name] = u
		BuildUnit(plan, u, found)
	}
}

// OwnCalendar is the calendar of the rulebook under the choices of the plan; nil
// where it names none.
func OwnCalendar(plan *form.Plan, found *diagnostic.List) *workday.Calendar {
	switch {
	case plan.Book.Unsound:
		return checked.StandIn() // there is a finding already
	case plan.Book.CalendarNode == nil:
		return nil
	}
	plan.ByCalendar = nil
	i := plan.Book.Resolve(plan.Book.CalendarNode, plan.Sel, nil, &plan.ByCalendar)
	c, ok := plan.Book.Calendar(i.Text)
	if !ok {
		*found = append(*found, diagnostic.Diagnostic{
			Code: "unknown_calendar", Severity: diagnostic.Error, Span: i.Node.Span,
			Message: diagnostic.Textf("没有名为 %q 的日历", "there is no calendar %q", i.Text), Remedy: diagnostic.OneOf(i.Text, plan.Book.CalendarChoices()),
		})
		return checked.StandIn()
	}
	return c
}

// partsOf resolves the rules of a unit that are in force. Where none is, all
// are taken, so that what uses them still compiles; the unit is then absent.
func partsOf(plan *form.Plan, g checked.Group, sel checked.Selection) []*form.Part {
	parts := make([]*form.Part, 0, len(g.Rules))
	for pass := 0; pass < 2 && len(parts) == 0; pass++ {
		for _, r := range g.Rules {
			if pass == 0 && !r.InForce(sel.On) {
				continue
			}
			p := &form.Part{Rule: r, Mark: plan.NewMark(), Words: sel.Words, ChosenBy: plan.Book.ChosenBy(r.Node, sel), Fields: append(slices.Clone(r.Form.Fields), policy.CommonFields()...)}
			p.Item, p.ReadingsByField = plan.Book.ResolveRule(r.Node, sel)
			p.FindReadings()
			parts = append(parts, p)
		}
	}
	return parts
}

// order puts the units so that each comes after those it uses. A cycle is a
// finding at each of its rules.
func order(plan *form.Plan, found *diagnostic.List) {
	byName := map[string]*form.Unit{}
	for _, u := range plan.Units {
		byName[u.Name] = u
	}
	for _, u := range plan.Units {
		for _, p := range u.Parts {
			mentions(p, p.Item, p.Fields, func(name string, evaluated bool) {
				if byName[name] == nil {
					return
				}
				if evaluated && !slices.Contains(u.Uses, name) {
					u.Uses = append(u.Uses, name)
				}
				if !slices.Contains(u.BuiltOn, name) {
					u.BuiltOn = append(u.BuiltOn, name)
				}
			})
		}
	}
	if plan.Question != nil {
		otherUses(plan, byName)
	}
	const (
		unseen = iota
		open
		done
	)
	state := map[*form.Unit]int{}
	var sorted []*form.Unit
	var stack []string
	var visit func(u *form.Unit)
	visit = func(u *form.Unit) {
		switch state[u] {
		case done:
			return
		case open:
			cycle := append(slices.Clone(stack[slices.Index(stack, u.Name):]), u.Name)
			*found = append(*found, diagnostic.Diagnostic{
				Code: "cycle", Severity: diagnostic.Error, Span: u.Parts[0].Rule.KeyNode.Span,
				Message: diagnostic.Textf("规则互相引用成环：%s", "these rules use one another in a circle: %s", around(cycle)),
				Remedy:  diagnostic.Textf("让其中一条不再用到另一条", "make one of them do without the other"),
			})
			return
		}
		state[u] = open
		stack = append(stack, u.Name)
		for _, name := range u.BuiltOn {
			visit(byName[name])
		}
		for _, name := range u.MayUse {
			visit(byName[name])
		}
		stack = stack[:len(stack)-1]
		state[u] = done
		sorted = append(sorted, u)
	}
	for _, u := range plan.Units {
		visit(u)
	}
	plan.Units = sorted
}

// around shows a cycle, of a long one its beginning and end.
func around(cycle []string) string {
	if len(cycle) > 8 {
		cycle = append(append(slices.Clone(cycle[:6]), "…"), cycle[len(cycle)-1])
	}
	return strings.Join(cycle, " → ")
}

// mentions lists the root names in the expressions of a rule, the rules of a
// list of them, and those that it names without having them evaluated.
func mentions(p *form.Part, i *checked.Item, fields []policy.Field, seen func(name string, evaluated bool)) {
	form.EachExpression(i, fields, func(x *checked.Item) {
		for _, name := range checked.References(x.Text) {
			seen(name, true)
		}
	})
	for _, f := range p.ChosenBy {
		seen(checked.RootOf(f), true)
	}
	for _, f := range fields {
		if child := i.Get(f.Name); f.Kind == policy.RuleName && f.Name != "part_of" && !child.None() {
			seen(child.Text, false)
		} else if f.Kind == policy.RuleNames && !child.None() {
			for _, name := range child.Items {
				seen(name.Text, true)
			}
		}
	}
}

// otherMentions lists the root names that the expressions of a rule would have
// under other options of the readings that chose them.
func otherMentions(plan *form.Plan, p *form.Part, seen func(name string)) {
	sel := plan.Sel
	sel.Words = p.Words
	form.EachExpression(p.Item, p.Fields, func(x *checked.Item) {
		for _, o := range form.OtherItems(plan.Book, x, sel) {
			if o.Item != nil && o.Item.Kind == source.Scalar {
				for _, name := range checked.References(o.Item.Text) {
					seen(name)
				}
			}
		}
	})
}

// otherUses finds the units that expressions would read under other options.
// One that would make a circle is left out; what it comes to is not known.
func otherUses(plan *form.Plan, byName map[string]*form.Unit) {
	reaches := func(from, to *form.Unit) bool {
		seen := map[*form.Unit]bool{}
		var search func(u *form.Unit) bool
		search = func(u *form.Unit) bool {
			if u == to {
				return true
			}
			if u == nil || seen[u] {
				return false
			}
			seen[u] = true
			next := func(name string) bool { return search(byName[name]) }
			return slices.ContainsFunc(u.BuiltOn, next) || slices.ContainsFunc(u.MayUse, next)
		}
		return search(from)
	}
	for _, u := range plan.Units {
		for _, p := range u.Parts {
			otherMentions(plan, p, func(name string) {
				x := byName[name]
				if x != nil && !slices.Contains(u.BuiltOn, name) && !slices.Contains(u.MayUse, name) && !reaches(x, u) {
					u.MayUse = append(u.MayUse, name)
				}
			})
		}
	}
}

// withTentative adds the units that only other options of readings look at.
func withTentative(plan *form.Plan, units []*form.Unit) []*form.Unit {
	wanted := map[*form.Unit]bool{}
	var want func(u *form.Unit)
	want = func(u *form.Unit) {
		if u == nil || wanted[u] {
			return
		}
		wanted[u] = true
		for _, name := range u.Uses {
			want(plan.UnitsBy[name])
		}
		for _, name := range u.MayUse {
			want(plan.UnitsBy[name])
		}
	}
	for _, u := range units {
		want(u)
	}
	var all []*form.Unit
	for _, u := range plan.Units {
		if wanted[u] {
			all = append(all, u)
		}
	}
	return all
}

// BuildUnit has the form of a unit build it, and makes its outputs known.
func BuildUnit(plan *form.Plan, u *form.Unit, found *diagnostic.List) {
	before := len(*found)
	defer func() { noteLikeness(u, (*found)[before:]) }()
	u.Absent = !slices.ContainsFunc(u.Parts, func(p *form.Part) bool { return p.Rule.InForce(plan.Sel.On) })
	u.Passing = plan.NewMark()
	u.Notes.Later = append(u.Notes.Later, u.Passing)
	from := len(plan.Compiled)
	plan.Longest, u.Costs = policy.MaxItems, map[*checked.Rule]int64{}
	built := false
	if u.Variants == nil {
		u.Eval, u.Outputs, built = buildForm(plan, u, u.Parts, 0, found)
	} else {
		built = buildVariants(plan, u, found)
	}
	if !built {
		return
	}
	u.Programs = plan.Compiled[from:]
	u.Longest = plan.Longest
	u.HoldsAt = -1
	v := &condition.Var{Type: &value.Type{Kind: value.Record}, Slot: -1, Fields: map[string]*condition.Var{}}
	for _, o := range u.Outputs {
		v.Fields[o.Name] = &condition.Var{Type: o.Typ, Slot: o.Slot, Noted: plan.Question != nil}
		v.Type.Fields = append(v.Type.Fields, value.Field{Name: o.Name, Type: o.Typ})
		plan.Owner[o.Slot] = u
		if o.Name == "holds" {
			u.HoldsAt = o.Slot
		}
	}
	plan.Env[u.Name] = v
	if u.Bare && len(u.Outputs) == 1 {
		plan.Env[u.Name] = v.Fields[u.Outputs[0].Name]
	}
}

// buildForm has the form of a unit make its evaluator; false where it cannot
// stand alone. The variant is the number of the unit's variant that the parts are of.
func buildForm(plan *form.Plan, u *form.Unit, parts []*form.Part, variant int, found *diagnostic.List) (eval form.Evaluator, outputs []form.OutputSlot, ok bool) {
	b := &form.Builder{Name: u.Name, Parts: parts, Plan: plan, Building: u, Found: found, Variant: variant}
	kind := forms.Named(parts[0].Rule.Form.Name)
	for _, p := range parts {
		p.Builder = b
		if p.Rule.Name == u.Name {
			b.Owner = p
			kind = forms.Named(p.Rule.Form.Name)
		}
	}
	u.Bare = kind.Bare
	if kind.Build == nil {
		p := parts[0]
		p.Fail("part_of", "must_be_part", diagnostic.Textf("%s 必须并入（part_of）另一条规则", "a %s must be part_of another rule", kind.Name),
			diagnostic.Textf("补上 part_of: 规则名", "add part_of: the name of a rule"))
		return nil, nil, false
	}
	eval = kind.Build(b)
	b.EndLocals()
	return eval, b.Outputs, true
}

// CompileQuestion compiles a question.
func CompileQuestion(plan *form.Plan, q *checked.Question, found *diagnostic.List) *form.CompiledQuestion {
	a := &form.CompiledQuestion{}
	own := expense{}
	plan.Longest = policy.MaxItems
	reach := map[string]bool{}
	var mark func(name string)
	mark = func(name string) {
		if u := plan.UnitsBy[name]; u != nil && !reach[name] {
			reach[name] = true
			for _, x := range u.Uses {
				mark(x)
			}
		}
	}
	for _, name := range q.Rules {
		mark(name)
	}
	for _, name := range q.Scope {
		mark(name)
		a.Scope = append(a.Scope, plan.UnitsBy[name])
	}
	compile := func(n *source.Node, want condition.Want) *condition.Program {
		if n == nil {
			return nil
		}
		i := plan.Book.Resolve(n, plan.Sel, nil, &a.Readings)
		if i.None() {
			return nil
		}
		for _, name := range checked.References(i.Text) {
			mark(name)
			if plan.Book.FactsByName[name] != nil && !q.Takes(name) {
				*found = append(*found, factNotTaken(q, name, i.Node.Span))
			}
		}
		before := plan.Spent
		program := plan.Compile(i, plan.Names(), want, found)
		own.add(plan.Spent-before, i.Node)
		if program != nil && plan.OnAsked != nil {
			plan.OnAsked(i, program)
		}
		if program != nil && plan.Question != nil {
			plan.Note(program, form.MarkVoid, false, &a.Notes)
			a.Readings = append(a.Readings, plan.ReadingsOn(program)...)
			if program.CountsDays() {
				plan.CountsDays = true
				a.Readings = append(a.Readings, plan.ByCalendar...)
			}
		}
		return program
	}
	a.Verdict = compile(q.Verdict.IsNode, condition.Want{Kind: value.Word, Words: plan.Book.WordsType(q.Verdict.Words), Mixed: true})
	var compileValues func(list []*checked.Value) []*form.CompiledValue
	compileValues = func(list []*checked.Value) []*form.CompiledValue {
		var all []*form.CompiledValue
		for _, f := range list {
			c := &form.CompiledValue{Value: f, When: compile(f.WhenNode, condition.Want{Kind: value.YesNo})}
			if f.IsNode != nil {
				c.Is = compile(f.IsNode, condition.Want{Words: plan.Book.WordsType(f.Words), Mixed: f.Words != nil})
				if f.Words != nil && c.Is != nil {
					c.Is = compile(f.IsNode, plan.Book.WantWords(c.Is.Type(), f.Words))
				}
				if c.Is != nil {
					c.Typ = c.Is.Type()
					checkColumns(f, c.Typ, found)
					c.Of = plan.DescribedList(c.Typ)
				}
			}
			c.Fields = compileValues(f.Fields)
			all = append(all, c)
		}
		return all
	}
	a.Values = compileValues(q.Values)
	for _, u := range plan.Units {
		if reach[u.Name] {
			a.Units = append(a.Units, u)
		}
	}
	checkFacts(plan, q, a, found)
	before := plan.Spent
	a.Governs = compileGoverning(plan, q, a, found)
	own.add(plan.Spent-before, q.GovernedBy)
	affordable(q, a.Units, own, found)
	if plan.Question != nil {
		a.Units = withTentative(plan, a.Units)
	}
	return a
}

// checkFacts reports rules of a question that use a fact it does not take.
func checkFacts(plan *form.Plan, q *checked.Question, a *form.CompiledQuestion, found *diagnostic.List) {
	for _, u := range a.Units {
		for _, p := range u.Parts {
			mentions(p, p.Item, p.Fields, func(name string, _ bool) {
				if plan.Book.FactsByName[name] != nil && !q.Takes(name) {
					*found = append(*found, factNotTaken(q, name, p.Rule.KeyNode.Span))
				}
			})
		}
	}
}

func factNotTaken(q *checked.Question, name string, at diagnostic.Span) diagnostic.Diagnostic {
	return diagnostic.Diagnostic{
		Code: "fact_not_taken", Severity: diagnostic.Error, Span: at,
		Message: diagnostic.Textf("这里用到事实 %[2]q，但问题 %[1]s 没有收取它", "the fact %[2]q is used here, but question %[1]s does not take it", q.ID, name),
		Remedy:  diagnostic.Textf("把 %[2]s 加入 questions.%[1]s.facts", "add %[2]s to questions.%[1]s.facts", q.ID, name),
		Related: []diagnostic.Related{{Span: q.Span, Message: diagnostic.Textf("问题在此", "the question is here")}},
	}
}

// checkColumns reports labels of fields that the records do not have.
func checkColumns(f *checked.Value, t *value.Type, found *diagnostic.List) {
	if f.ColumnsNode == nil {
		return
	}
	if t.Kind == value.List && t.Elem != nil {
		t = t.Elem
	}
	var names []string
	for _, field := range t.Fields {
		names = append(names, field.Name)
	}
	for _, e := range f.ColumnsNode.Entries {
		if !slices.Contains(names, e.Key.Text) {
			*found = append(*found, diagnostic.Diagnostic{
				Code: "unknown_key", Severity: diagnostic.Error, Span: e.Key.Span,
				Message: diagnostic.Textf("%[2]s 的记录没有 %[1]q 这一栏", "the records of %[2]s have no field %[1]q", e.Key.Text, f.Name), Remedy: diagnostic.OneOf(e.Key.Text, names),
			})
		}
	}
}

// EditionDates lists the first day of each edition in order.
func EditionDates(b *checked.Book) []date.Date {
	days := []date.Date{b.From}
	add := func(d date.Date) {
		if d > b.From && !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	for _, r := range b.AllRules {
		b.Dates(r.Node, add)
		add(r.From)
		if r.To != 0 {
			add(r.To + 1)
		}
	}
	for _, q := range b.Questions {
		for _, n := range q.Nodes() {
			b.Dates(n, add)
		}
	}
	b.Dates(b.CalendarNode, add)
	slices.Sort(days)
	return days
}

// compileGoverning compiles `governed_by`. It may use facts and readings, but no
// rules, and no reading whose choice itself changes with the date.
func compileGoverning(plan *form.Plan, q *checked.Question, a *form.CompiledQuestion, found *diagnostic.List) *condition.Program {
	if q.GovernedBy == nil {
		return nil
	}
	var used []string
	i := plan.Book.Resolve(q.GovernedBy, plan.Sel, nil, &used)
	for _, key := range used {
		if len(checked.DatedValues(plan.Book.ReadingsByKey[key].Chosen)) > 1 {
			*found = append(*found, diagnostic.Diagnostic{
				Code: "governed_by_dated", Severity: diagnostic.Error, Span: i.Node.Span,
				Message: diagnostic.Textf("governed_by 用到的读法 %s 本身随日期变化", "governed_by uses the reading %s, whose choice itself depends on the date", key),
				Remedy:  diagnostic.Textf("改用不随日期变化的读法", "use a reading whose choice does not change with the date"),
			})
		}
	}
	env := map[string]*condition.Var{"as_of": plan.Env["as_of"]} // no rules
	for _, f := range q.Facts {
		env[f.Fact.Name] = plan.Env[f.Fact.Name]
	}
	if plan.Question != nil {
		for _, o := range form.OtherItems(plan.Book, i, plan.Sel) {
			g := form.EditionPicker{Mark: plan.NewMark(), Reading: o.Reading, Any: o.Argued}
			if !o.Argued && !o.Item.None() {
				g.Program = plan.Alternative(o, "", condition.Want{}, &condition.Env{Vars: env})
				g.Any = g.Program == nil
			}
			a.Notes.Turns = append(a.Notes.Turns, form.Turn{Mark: g.Mark, Part: form.MarkVoid, Reading: g.Reading})
			a.Otherwise = append(a.Otherwise, g)
		}
	}
	if i.None() {
		return nil
	}
	p := plan.Compile(i, &condition.Env{Vars: env}, condition.Want{}, found)
	if p != nil {
		switch p.Type().Kind {
		case value.Moment, value.Date, value.Month:
		default:
			*found = append(*found, diagnostic.Diagnostic{
				Code: "type_mismatch", Severity: diagnostic.Error, Span: i.Node.Span,
				Message: diagnostic.Textf("governed_by 须为时刻、日期或月份", "governed_by must be a moment, a date or a month"),
				Remedy:  diagnostic.Textf("写日期类的事实", "write a fact that is a date"),
			})
		}
	}
	return p
}
