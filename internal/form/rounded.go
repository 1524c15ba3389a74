package form

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
)

// Roundings are the words for how something is rounded, the usual one first.
func Roundings() []string { return []string{"half_up", "half_even", "up", "down"} }

// RoundingFunction is the function of expressions that rounds as a word says.
func RoundingFunction(word string) string {
	if word == "half_up" {
		return "rounded"
	}
	return "rounded_" + word
}

// Rounded compiles the expression in a field with what it gives rounded as the
// word in another field says: a number to a whole one, money to its smallest
// unit, and of a list each of its elements. It is the same as writing that
// function around the expression, and is told likewise.
func (p *Part) Rounded(field, by string) *condition.Program {
	i, function := p.Item.Get(field), RoundingFunction(p.Option(by))
	if i.None() {
		return p.Expr(field)
	}
	for _, rounded := range []*checked.Item{i.Between(function+"(", ")"), i.Between("map(", ", "+function+"(#))")} {
		if p.compiles(rounded) {
			return p.compile(rounded, field, condition.Want{}, false)
		}
	}
	if is := p.Expr(field); is != nil && is.Type() != nil {
		p.Fail(by, "type_mismatch", diagnostic.Wording("取整的须是数或金额，这里是%s", "only numbers and amounts of money are rounded, and this is a %s", condition.TypeText(is.Type())), diagnostic.Textf("删去 %s", "remove %s", by))
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
