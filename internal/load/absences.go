package load

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/source"
)

// absences reports where something that may be known not to exist meets an
// operation that makes nothing of it without a word: an event that did not
// happen, compared with another. The condition that a rule applies under guards
// its other expressions.
func (u *usage) absences() {
	type compiled struct {
		field   string
		node    *source.Node
		text    string
		program *condition.Program
	}
	var order []*source.Node // of the rules
	of := map[*source.Node][]compiled{}
	told := func(p *form.Part, field string, i *checked.Item, program *condition.Program) {
		if of[p.Rule.Node] == nil {
			order = append(order, p.Rule.Node)
		}
		of[p.Rule.Node] = append(of[p.Rule.Node], compiled{field, i.Node, i.Text, program})
	}
	seen := map[*source.Node]bool{}
	for _, day := range u.book.Boundaries {
		clear(of)
		order = order[:0]
		plan.Programs(u.book, checked.Selection{On: day}, told)
		for _, rule := range order {
			var given []*condition.Program
			for _, c := range of[rule] {
				if c.field == "when" {
					given = append(given, c.program)
				}
			}
			for _, c := range of[rule] {
				if seen[c.node] || c.text != c.node.Text {
					continue
				}
				seen[c.node] = true
				guards := given
				if c.field == "when" {
					guards = nil
				}
				for _, x := range c.program.Absences(guards...) {
					u.warn("none_not_guarded", c.node.SpanAt(x.From, x.To), x.Message, x.Remedy)
				}
			}
		}
	}
}
