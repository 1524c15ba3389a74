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
)

// absences reports where something that may be known not to exist meets an
// operation that makes nothing of it without a word: an event that did not
// happen, or the deadline of what never began, compared with another. The
// condition that a rule applies under guards its other expressions; the scope of a
// question, and the condition of a value, guard what the question answers.
func (u *usage) absences() {
	a := &absenceFinder{usage: u, seen: map[*source.Node]bool{}}
	for _, day := range u.book.Boundaries {
		a.rules(day)
	}
}

// absenceFinder looks for absences in one edition after another. What is written
// once is looked at once.
type absenceFinder struct {
	*usage
	seen map[*source.Node]bool
}

// compiled is an expression of a rule.
type compiled struct {
	field   string
	item    *checked.Item
	program *condition.Program
}

func (a *absenceFinder) rules(day date.Date) {
	var order []*source.Node // of the rules
	of := map[*source.Node][]compiled{}
	edition := plan.Programs(a.book, checked.Selection{On: day}, func(p *form.Part, field string, i *checked.Item, program *condition.Program) {
		if of[p.Rule.Node] == nil {
			order = append(order, p.Rule.Node)
		}
		of[p.Rule.Node] = append(of[p.Rule.Node], compiled{field, i, program})
	})
	outputs := condition.Outputs{}
	for _, unit := range edition.Units {
		for _, o := range unit.Outputs {
			if unit.Variants == nil { // else each of these has its own
				outputs[o.Slot] = o.From
			}
		}
	}
	for _, rule := range order {
		given := programsOf(of[rule], "when")
		for _, c := range of[rule] {
			guards := given
			if c.field == "when" {
				guards = nil
			}
			a.expression(c.item, c.program, outputs, guards)
		}
	}
	for _, q := range a.book.Questions {
		var scope []*condition.Program
		for _, name := range q.Scope {
			if unit := edition.UnitsBy[name]; unit != nil && len(unit.Parts) == 1 {
				scope = append(scope, programsOf(of[unit.Parts[0].Rule.Node], "when", "holds")...)
			}
		}
		a.question(edition, q, outputs, scope)
	}
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

// expression looks at one expression, as it is written.
func (a *absenceFinder) expression(i *checked.Item, program *condition.Program, outputs condition.Outputs, given []*condition.Program) {
	if a.seen[i.Node] || i.Text != i.Node.Text {
		return
	}
	a.seen[i.Node] = true
	for _, x := range program.AbsencesAmong(outputs, given...) {
		a.warn("none_not_guarded", i.Node.SpanAt(x.From, x.To), x.Message, x.Remedy)
	}
}
