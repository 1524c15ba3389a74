package form

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Budget is what checking a file may still cost.
type Budget struct {
	Left int
	Over bool // nothing more may be spent
	// Ended is closed once nobody wants the result any more; nil for never.
	Ended <-chan struct{}
}

// Spend takes so many units. It reports false, and once a finding, when they
// are used up; false and no finding where nobody wants the result any more. A
// nil budget has no limit.
func (b *Budget) Spend(units int, at diagnostic.Span, found *diagnostic.List) bool {
	if b == nil {
		return true
	}
	select {
	case <-b.Ended:
		b.Over = true
		return false
	default:
	}
	b.Left -= units
	if b.Left >= 0 {
		return true
	}
	if !b.Over {
		b.Over = true
		*found = append(*found, diagnostic.Diagnostic{
			Code: "too_many_choices", Severity: diagnostic.Error, Span: at,
			Message: diagnostic.Textf("规则、表达式和选择（by）的组合太多，无法逐一核对", "there are too many combinations of rules, expressions and choices (by) to check them all"),
			Remedy:  diagnostic.Textf("拆成几个规则书，或减少同组规则里的 by", "split the rulebook, or use fewer choices within one group of rules"),
		})
	}
	return false
}

// TooManyDates reports that a file changes on more days than are tried.
func TooManyDates(n int, at diagnostic.Span) diagnostic.Diagnostic {
	return diagnostic.Diagnostic{
		Code: "too_many_dates", Severity: diagnostic.Error, Span: at,
		Message: diagnostic.Textf("规则在 %d 个不同的日期变化，上限为 %d", "the rules change on %d different dates, the limit is %d", n, checked.MaxEditions),
		Remedy:  diagnostic.Textf("把久已失效的日期并掉", "merge the dates that are long past"),
	}
}

// An answer may cost so many units of condition.Program.Cost, which take less
// than half a second. Of the rulebook that comes with the library, one question
// takes a quarter of that, and every other a hundredth.
const (
	AnswerAllowance = 10_000_000
	costOfElement   = 10      // of what a form does with an element, beside its expressions
	costMost        = 1 << 30 // of one expression: beyond all bounds, and sums still fit
)

// charge notes what a program costs each time that it answers, where every
// list has as many items as it may; one that is evaluated for every element of
// a list, for all of them.
func (plan *Plan) charge(p *condition.Program, element *value.Type) {
	n := plan.longestOf(p)
	inner := n
	if plan.ofFacts(element) {
		inner = itemsOfElement
	}
	units, items := p.CostOf(condition.Lengths{List: n, Inner: inner, Slot: -1})
	if element != nil {
		units = n * (costOfElement + units)
	}
	plan.Spent += min(units, costMost)
	plan.Longest = int(min(max(int64(plan.Longest), items), 1<<20))
}

// ChargeGroups notes what a program costs that is evaluated for each of as many
// groups as a list may have elements, which are in the slot, beside what it costs
// where all of them are in one. A list among its results is kept for each.
func (p *Part) ChargeGroups(program *condition.Program, slot int) {
	if program == nil {
		return
	}
	n := p.Builder.Plan.longestOf(program)
	units, items := program.CostOf(condition.Lengths{List: n, Inner: n, Slot: slot, InSlot: 1})
	p.Builder.Building.Costs[p.Rule] += min(n*(costOfElement+units+costOfKept*items), costMost)
}

// ChargeKept notes that lists which a program gives are kept for every element of
// a list.
func (p *Part) ChargeKept(program *condition.Program) {
	if program == nil || program.Type() == nil || program.Type().Kind != value.List {
		return
	}
	n := p.Builder.Plan.longestOf(program)
	_, items := program.CostOf(condition.Lengths{List: n, Inner: itemsOfElement, Slot: -1})
	p.Builder.Building.Costs[p.Rule] += min(n*costOfKept*items, costMost)
}

// costOfKept is for an item of a list that is kept: it takes memory.
const costOfKept = 10

// ofFacts reports whether a list of facts has elements of the type: there are so
// many in all that the lists in them are short.
func (plan *Plan) ofFacts(element *value.Type) bool {
	var is func(f *checked.Fact) bool
	is = func(f *checked.Fact) bool {
		return f.Typ.Kind == value.List && f.Typ.Elem == element || slices.ContainsFunc(f.Fields, is)
	}
	return element != nil && slices.ContainsFunc(plan.Book.Facts, is)
}

// longestOf is how many items a list that a program reads may have.
func (plan *Plan) longestOf(p *condition.Program) int64 {
	n := int64(plan.Longest)
	for _, slot := range p.Slots() {
		if u := plan.Owner[slot]; u != nil {
			n = max(n, int64(u.Longest))
		}
	}
	return n
}

// ChargeFor notes what a form does beside its expressions: compares each of so
// many codes with each item of a list; of each element's list where it goes
// through elements, which have fewer items each than a list alone may.
func (p *Part) ChargeFor(codes int, each bool) {
	units := int64(codes) * policy.MaxItems
	if each {
		units *= itemsOfElement
	}
	p.Builder.Building.Costs[p.Rule] += units
}

// itemsOfElement is how many items the lists in a thousand elements have on
// average, where the facts are as large as they may be.
const itemsOfElement = 100

// MaxCollected is how many findings are collected before reading on is a waste;
// source.MaxFindings of them are reported.
const MaxCollected = 2 * source.MaxFindings
