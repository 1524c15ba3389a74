package load

import (
	"slices"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// absences reports where something that may be known not to exist meets an
// operation that makes nothing of it without a word: an event that did not
// happen, or the deadline of what never began, compared with another. The
// condition that a rule applies under guards its other expressions; the scope of a
// question, and the condition of a value, guard what the question answers.
func (u *usage) absences() {
	a := &absenceFinder{usage: u, told: map[toldAbsence]bool{}}
	for _, day := range u.book.Boundaries {
		a.rules(day)
	}
}

// absenceFinder looks for absences in one edition after another. What several
// have is told once.
type absenceFinder struct {
	*usage
	told map[toldAbsence]bool
}

// toldAbsence is where an absence is written.
type toldAbsence struct {
	node     *source.Node
	from, to int
}

// compiled is an expression of a rule.
type compiled struct {
	field   string
	item    *checked.Item
	program *condition.Program
}

// built is a rule as it is built for some words of facts.
type built struct {
	rule    *source.Node
	variant int
}

func (a *absenceFinder) rules(day date.Date) {
	var order []built
	of := map[built][]compiled{}
	words := map[built][]*condition.Program{} // that hold where it is built so
	edition := plan.Programs(a.book, checked.Selection{On: day}, func(p *form.Part, field string, i *checked.Item, program *condition.Program) {
		if !p.Rule.InForce(day) { // it is built only so that others can be
			return
		}
		key := built{p.Rule.Node, p.Builder.Variant}
		if of[key] == nil {
			order, words[key] = append(order, key), chosenWords(p)
		}
		of[key] = append(of[key], compiled{field: field, item: i, program: program})
	})
	outputs := condition.Outputs{}
	never, _ := condition.Compile("false", &condition.Env{}, condition.Want{Kind: value.YesNo})
	for _, unit := range edition.Units {
		for _, o := range unit.Outputs {
			switch {
			case unit.Absent:
				outputs[o.Slot] = []condition.Source{{When: never}}
			case unit.Variants == nil: // else each of these has its own
				outputs[o.Slot] = o.From
			}
		}
	}
	for _, rule := range order {
		given := append(words[rule], programsOf(of[rule], "when")...)
		for _, c := range of[rule] {
			guards := given
			if c.field == "when" {
				guards = words[rule]
			}
			a.expression(c.item, c.program, outputs, guards)
		}
	}
	for _, q := range a.book.Questions {
		var scope []*condition.Program
		for _, name := range q.Scope {
			if unit := edition.UnitsBy[name]; unit != nil && !unit.Absent && len(unit.Parts) == 1 {
				scope = append(scope, programsOf(of[built{rule: unit.Parts[0].Rule.Node}], "when", "holds")...)
			}
		}
		a.question(edition, q, outputs, scope)
	}
}

// chosenWords are conditions that hold where a part is built for words of facts.
func chosenWords(p *form.Part) []*condition.Program {
	var all []*condition.Program
	for i, w := range p.Words {
		holds, problems := condition.Compile(w.Condition(p.Builder.Building.Choices[i]), p.Builder.Plan.Names(), condition.Want{Kind: value.YesNo})
		if holds != nil && len(problems) == 0 {
			all = append(all, holds)
		}
	}
	return all
}

// programsOf are the expressions in some fields of a rule.
func programsOf(all []compiled, fields ...string) []*condition.Program {
	var programs []*condition.Program
	for _, c := range all {
		if slices.Contains(fields, c.field) {
			programs = append(programs, c.program)
		}
	}
	return programs
}

// question looks at the verdict and the values of a question.
func (a *absenceFinder) question(edition *form.Plan, q *checked.Question, outputs condition.Outputs, scope []*condition.Program) {
	items := map[*condition.Program]*checked.Item{}
	edition.OnAsked = func(i *checked.Item, program *condition.Program) { items[program] = i }
	asked := plan.CompileQuestion(edition, q, new(diagnostic.List))
	look := func(p *condition.Program, given []*condition.Program) {
		if i := items[p]; i != nil {
			a.expression(i, p, outputs, given)
		}
	}
	look(asked.Verdict, scope)
	var values func(list []*form.CompiledValue, given []*condition.Program)
	values = func(list []*form.CompiledValue, given []*condition.Program) {
		for _, v := range list {
			there := given
			if look(v.When, given); v.When != nil {
				there = append(slices.Clone(given), v.When)
			}
			look(v.Is, there)
			values(v.Fields, there)
		}
	}
	values(asked.Values, scope)
}

// expression looks at one expression, as it is written; of a choice by a word, at
// all that is chosen from.
func (a *absenceFinder) expression(i *checked.Item, program *condition.Program, outputs condition.Outputs, given []*condition.Program) {
	for _, x := range program.AbsencesAmong(outputs, given...) {
		node, from, to, ok := i.WrittenAt(program.Source(), x.From, x.To)
		if key := (toldAbsence{node, from, to}); ok && !a.told[key] {
			a.told[key] = true
			a.warn("none_not_guarded", node.SpanAt(from, to), x.Message, a.remedy(x))
		}
	}
}

// remedy is that of an absence. Of a moment or date that nobody called an event,
// and of which nobody said what it means that it is not given, the likeliest cause
// is that it always exists and is only not known.
func (a *absenceFinder) remedy(x condition.Absence) diagnostic.Text {
	f := factAt(a.book.Facts, x)
	if f == nil || f.Event || f.SaysAbsent {
		return x.Remedy
	}
	return diagnostic.Text{
		ZH: x.Remedy.ZH + "；如果它总是有的，在事实 " + f.Path + " 处写 if_absent: unknown（没填是不知道）",
		EN: x.Remedy.EN + "; if it always exists, write if_absent: unknown at the fact " + f.Path,
	}
}

// factAt is the fact that an absence is of, among some, their fields and those of
// what they list; nil where it is of no fact.
func factAt(facts []*checked.Fact, x condition.Absence) *checked.Fact {
	for _, f := range facts {
		if x.Slot >= 0 && f.Slot == x.Slot {
			return f
		}
		for i, field := range f.Fields {
			if x.Field == &f.Typ.Fields[i] {
				return field
			}
		}
		within := f.Fields
		if f.Elem != nil {
			within = []*checked.Fact{f.Elem}
		}
		if found := factAt(within, x); found != nil {
			return found
		}
	}
	return nil
}
