package form

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
)

// roundings are the functions of expressions that round as a word says.
var roundings = map[string]string{"half_up": "rounded", "half_even": "rounded_half_even", "up": "rounded_up", "down": "rounded_down"}

// Roundings are the words for how something is rounded, the usual one first.
func Roundings() []string { return []string{"half_up", "half_even", "up", "down"} }

// Rounded compiles the expression in a field with what it gives rounded as the
// word in another field says: a number to a whole one, money to its smallest
// unit, and of a list each of its elements. It is the same as writing that
// function around the expression, and is told likewise.
func (p *Part) Rounded(field, by string) *condition.Program {
	i, way := p.Item.Get(field), roundings[p.Option(by)]
	if i.None() || way == "" {
		return p.Expr(field)
	}
	text := i.Expression()
	for _, around := range []string{way + "(" + text + ")", "map(" + text + ", " + way + "(#))"} {
		if rounded := i.With(around, i); p.compiles(rounded) {
			return p.compile(rounded, field, condition.Want{}, false)
		}
	}
	if is := p.Expr(field); is != nil && is.Type() != nil {
		p.Fail(by, "type_mismatch", diagnostic.Textf("取整的须是数或金额，这里是%s", "only numbers and amounts of money are rounded, and this is a %s", is.Type()), diagnostic.Textf("删去 %s", "remove %s", by))
	}
	return nil
}

// compiles tries an expression without keeping it.
func (p *Part) compiles(i *checked.Item) bool {
	plan := p.Builder.Plan
	compiled, spent, longest := len(plan.Compiled), plan.Spent, plan.Longest
	var found diagnostic.List
	program := plan.Compile(i, plan.Names(), condition.Want{}, &found)
	plan.Compiled, plan.Spent, plan.Longest = plan.Compiled[:compiled], spent, longest
	return program != nil && !found.Failed()
}
