package load

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// sound is the rulebook without the rules that cannot be resolved, and with
// them their units. Questions are asked one by one.
func (l *loader) sound() *checked.Book {
	b := *l.book
	b.Questions = nil
	if b.CalendarNode != nil && (l.unsound[b.CalendarNode] || l.broken[b.CalendarNode.Text]) {
		b.CalendarNode, b.Unsound = nil, true
	}
	refused := map[string]bool{}
	for _, r := range b.AllRules {
		if l.unsound[r.Node] {
			refused[r.Unit()] = true
		}
	}
	maps.Copy(l.broken, refused)
	b.AllRules = slices.DeleteFunc(slices.Clone(b.AllRules), func(r *checked.Rule) bool { return refused[r.Unit()] })
	return &b
}

// checkEditions compiles every edition, and every branch of every choice.
// Where the file has mistakes already, it checks what it still can. It stops
// where the context ends.
func (l *loader) checkEditions(ctx context.Context) {
	if len(l.book.FactsByName) == 0 || l.book.Zone == nil || l.full() {
		return
	}
	l.book.Boundaries, l.book.Announced = plan.EditionDates(l.book), l.book.NoticeDays()
	if n := len(l.book.Boundaries); n > checked.MaxEditions {
		l.found = append(l.found, form.TooManyDates(n, l.spanOf(l.root)))
		return
	}
	c := &editionCheck{loader: l, book: l.sound(), work: &form.Budget{Left: checked.WorkAllowance, Ended: ctx.Done()}, failed: maps.Clone(l.broken)}
	for _, r := range c.book.AllRules {
		if l.suspect[r.Node] {
			c.failed[r.Unit()] = true
		}
	}
	for i, on := range append(slices.Clone(l.book.Boundaries), plan.PastDates(l.book)...) {
		c.edition(on, i == 0)
		if c.work.Over || l.full() {
			return
		}
	}
}

// editionCheck checks the expressions of a rulebook.
type editionCheck struct {
	*loader
	book   *checked.Book // what of it can be resolved
	work   *form.Budget
	failed map[string]bool // units and names that findings were made about
}

func (c *editionCheck) edition(on date.Date, first bool) {
	var found diagnostic.List
	compiled := plan.Build(c.book, checked.Selection{On: on}, c.work, &found)
	c.keepRules(compiled, found)
	c.relabels(compiled)
	if c.work.Over {
		return
	}
	if first && c.book.CalendarNode != nil {
		for _, overrides := range c.combinations([]*source.Node{c.book.CalendarNode}, on, c.book.CalendarNode.Span) {
			c.keep(c.explained(func(overrides map[string]policy.Choice) diagnostic.List {
				var found diagnostic.List
				trial := *compiled
				trial.Sel.Overrides = overrides
				plan.OwnCalendar(&trial, &found)
				return found
			}, overrides), nil)
		}
	}
	for _, q := range c.loader.book.Questions {
		if n := c.questionNodes[q]; !c.unsound[n] && q.Verdict != nil {
			c.question(compiled, q, first)
		}
	}
	for _, g := range c.book.Groups() {
		if first || plan.ChangesOn(c.book, g, on) {
			c.branches(compiled, g)
		}
		if c.work.Over || c.full() {
			return
		}
	}
}

// combinations are the choices to try below some nodes; none, and a finding,
// where there are too many.
func (c *editionCheck) combinations(nodes []*source.Node, on date.Date, at diagnostic.Span) []plan.Demand {
	var found diagnostic.List
	all := plan.Combinations(c.book, nodes, on, func(units int) bool { return c.work.Spend(units, at, &found) })
	c.keep(found, nil)
	return all
}

// question checks a question under each of the choices in it.
func (c *editionCheck) question(compiled *form.Plan, q *checked.Question, first bool) {
	ask := func(overrides map[string]policy.Choice) diagnostic.List {
		var found diagnostic.List
		if !compiled.Budget.Spend(checked.WorkOfPart+len(compiled.Units)/4, q.Span, &found) {
			return found
		}
		trial := *compiled
		trial.Sel.Overrides = overrides
		asked := plan.CompileQuestion(&trial, q, &found)
		c.learnQuestion(q, asked)
		if overrides == nil { // promises hold under the readings that the rulebook chooses
			plan.CompilePromises(&trial, q, asked, &found)
		}
		return found
	}
	c.keep(ask(nil), c.questionNodes[q])
	if !first {
		return
	}
	for _, overrides := range c.combinations(q.Nodes(), compiled.Sel.On, q.Span) {
		c.keep(c.explained(ask, overrides), c.questionNodes[q])
	}
}

// branches checks the rules of a unit under each of the choices in it.
func (c *editionCheck) branches(compiled *form.Plan, g checked.Group) {
	nodes := make([]*source.Node, 0, len(g.Rules))
	for _, r := range g.Rules {
		nodes = append(nodes, r.Node)
	}
	try := func(overrides map[string]policy.Choice) diagnostic.List { return c.branch(compiled, g, overrides) }
	for _, overrides := range c.combinations(nodes, compiled.Sel.On, g.Rules[0].KeyNode.Span) {
		for _, f := range c.explained(try, overrides) {
			n := (*source.Node)(nil)
			if r := c.ruleAt(f.Span); r != nil {
				n = r.Node
			}
			c.keep(diagnostic.List{f}, n)
		}
		if c.work.Over || c.full() {
			return
		}
	}
}

// branch builds a unit again under other choices. Where these give it outputs
// of other types, what uses them is built again, too.
func (c *editionCheck) branch(compiled *form.Plan, g checked.Group, overrides map[string]policy.Choice) diagnostic.List {
	var found diagnostic.List
	trial := *compiled
	trial.Sel.Overrides = overrides
	trial.Owner = map[int]*form.Unit{}
	before := map[string]*condition.Var{}
	again := func(g checked.Group) bool {
		if !compiled.Budget.Spend(c.book.Builds(g)*checked.WorkOfPart, g.Rules[0].KeyNode.Span, &found) {
			return false
		}
		before[g.Name] = compiled.Env[g.Name]
		delete(compiled.Env, g.Name) // a unit does not see itself
		plan.BuildUnit(&trial, plan.NewUnit(&trial, g), &found)
		return !sameOutputs(before[g.Name], compiled.Env[g.Name], true)
	}
	if again(g) && !found.Failed() {
		told := len(found)
		others := !sameOutputs(before[g.Name], compiled.Env[g.Name], false)
		trial.Programs = map[form.ProgramKey]*condition.Program{} // those kept have the types of the edition
		c.dependents(compiled, again, g.Name)
		for _, q := range c.loader.book.Questions {
			if n := c.questionNodes[q]; !c.suspect[n] && !c.unsound[n] && q.Verdict != nil && !compiled.Budget.Over {
				c.learnQuestion(q, plan.CompileQuestion(&trial, q, &found))
			}
		}
		if !others { // of other currencies alone: what they meet with is told where they meet
			found = found[:told]
		}
	}
	maps.Copy(compiled.Env, before)
	return found
}

// dependents builds again what uses a unit whose outputs have other types,
// directly or not.
func (c *editionCheck) dependents(compiled *form.Plan, again func(checked.Group) bool, name string) {
	changed := map[string]bool{name: true}
	groups := map[string]checked.Group{}
	for _, g := range c.book.Groups() {
		groups[g.Name] = g
	}
	for _, u := range compiled.Units {
		if u.Name != name && slices.ContainsFunc(u.BuiltOn, func(x string) bool { return changed[x] }) && again(groups[u.Name]) {
			changed[u.Name] = true
		}
	}
}

// explained are the findings under other choices than the rulebook's own,
// each with the choices that it takes.
func (c *editionCheck) explained(try func(map[string]policy.Choice) diagnostic.List, overrides map[string]policy.Choice) diagnostic.List {
	found := try(overrides)
	for i := range found {
		f := &found[i]
		known := slices.ContainsFunc(c.found, func(d diagnostic.Diagnostic) bool { return d.Code == f.Code && d.Span == f.Span })
		if known || i >= maxExplained {
			continue
		}
		needed := maps.Clone(overrides)
		for _, key := range slices.Sorted(maps.Keys(overrides)) {
			choice := needed[key]
			delete(needed, key)
			if !slices.ContainsFunc(try(needed), func(d diagnostic.Diagnostic) bool { return d.Code == f.Code && d.Span == f.Span }) {
				needed[key] = choice
			}
		}
		for _, key := range slices.Sorted(maps.Keys(needed)) {
			f.Related = append(f.Related, diagnostic.Related{
				Span:    c.book.ReadingsByKey[key].Span,
				Message: diagnostic.Textf("在读法 %s 选 %s 时", "where the reading %s is %s", key, needed[key]),
			})
		}
	}
	return found
}

// maxExplained is how many findings of one trial are explained.
const maxExplained = 5

// keepRules keeps the findings about rules unit by unit, in the order in
// which they use one another, so that what follows from a finding is known to.
func (c *editionCheck) keepRules(compiled *form.Plan, found diagnostic.List) {
	byUnit := map[string]diagnostic.List{}
	nodes := map[diagnostic.Span]*source.Node{}
	var order []string
	listed := map[string]bool{}
	list := func(unit string) {
		if !listed[unit] {
			listed[unit] = true
			order = append(order, unit)
		}
	}
	for _, u := range compiled.Units {
		list(u.Name)
	}
	list("") // what is not about a rule
	for _, f := range found {
		unit := ""
		if r := c.ruleAt(f.Span); r != nil {
			unit, nodes[f.Span] = r.Unit(), r.Node
		}
		if f.Code == "cycle" {
			c.failed[unit] = true // those before it in the order use it, too
		}
		list(unit) // it may be one that checking did not get to
		byUnit[unit] = append(byUnit[unit], f)
	}
	for _, unit := range order {
		for _, f := range withoutElements(byUnit[unit]) {
			c.keep(diagnostic.List{f}, nodes[f.Span])
		}
		if byUnit[unit].Failed() && unit != "" {
			c.failed[unit] = true
		}
	}
}

// withoutElements leaves out what is said about the elements of a list where
// something is wrong with the unit, for it may be the list.
func withoutElements(found diagnostic.List) diagnostic.List {
	other := slices.ContainsFunc(found, func(d diagnostic.Diagnostic) bool {
		return d.Severity == diagnostic.Error && d.Code != condition.CodeNoElement
	})
	if !other {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(d diagnostic.Diagnostic) bool { return d.Code == condition.CodeNoElement })
}

// keep notes the findings about a rule or question that do not merely follow
// from others: from a name in the same expression that was found fault with,
// or from the way in which the rule is written.
func (c *editionCheck) keep(found diagnostic.List, n *source.Node) {
	for _, f := range found {
		if f.Code == "fact_not_taken" { // it may be no fact that was meant
			if r := c.ruleAt(f.Span); r != nil && c.failed[r.Unit()] {
				continue
			}
		}
		if c.full() {
			return
		}
		if f.Severity == diagnostic.Error && f.Code != "cycle" && f.Code != "too_many_choices" {
			if n != nil && c.suspect[n] && !slices.Contains(expressionCodes, f.Code) {
				continue
			}
			if at := c.scalarAt(f.Span); at != nil && (c.broken[at.Text] || c.mentionsFailed(at.Text)) {
				continue
			}
			text := strings.Trim(c.textAt(f.Span), `"'`)
			if c.broken[text] || f.Code == condition.CodeUnknownFact && c.broken["."+strings.TrimPrefix(text, ".")] {
				continue
			}
		}
		c.found = append(c.found, f)
	}
}

func (c *editionCheck) mentionsFailed(expression string) bool {
	return slices.ContainsFunc(checked.References(expression), func(name string) bool { return c.failed[name] })
}

// expressionCodes are the findings about expressions alone.
var expressionCodes = []string{
	condition.CodeEmpty, condition.CodeTooLong, condition.CodeTooDeep, condition.CodeTooCostly, condition.CodeControl,
	condition.CodeSyntax, condition.CodeUnsupported, condition.CodeFloat, condition.CodeNumber, condition.CodeOverflow,
	condition.CodeUnknownFact, condition.CodeUnknownFunction, condition.CodeUnknownWord, condition.CodeArguments,
	condition.CodeType, condition.CodeResult, condition.CodeNestedLoop, condition.CodeNoCalendar,
}

func sameOutputs(a, b *condition.Var, currencies bool) bool {
	return a == nil || b == nil || sameType(a.Type, b.Type, currencies)
}

// sameType reports whether two types are the same, but for the currencies of amounts
// where these do not matter.
func sameType(a, b *value.Type, currencies bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	words := func(t *value.Type) string {
		if t.Words == nil {
			return "*"
		}
		return strings.Join(t.Words.Each, " ")
	}
	return a.Kind == b.Kind && (a.In == b.In || !currencies) && words(a) == words(b) && sameType(a.Elem, b.Elem, currencies) &&
		slices.EqualFunc(a.Fields, b.Fields, func(x, y value.Field) bool { return x.Name == y.Name && sameType(x.Type, y.Type, currencies) })
}
