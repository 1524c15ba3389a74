package policy

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
)

// Checking a file costs about one unit of work a microsecond: one for each
// byte of an expression that is compiled, and so many for each rule that is
// built, for every edition and every branch of a choice. The rulebook that
// comes with the library takes a fifth of the allowance; only a file that
// multiplies choices by rules runs out of it.
const (
	workAllowance = 250_000
	workOfPart    = 25
	workOfDemand  = 2
	maxEditions   = 100

	// demandsCompared is how many demands are compared for one unit.
	demandsCompared = 10
)

// work is what checking a file may still cost.
type work struct {
	left int
	said bool
}

// spend takes so many units. It reports false, and once a finding, when they
// are used up. A nil work has no limit.
func (w *work) spend(units int, at diagnostic.Span, found *diagnostic.List) bool {
	if w == nil {
		return true
	}
	w.left -= units
	if w.left >= 0 {
		return true
	}
	if !w.said {
		w.said = true
		*found = append(*found, diagnostic.Diagnostic{
			Code: "too_many_choices", Severity: diagnostic.Error, Span: at,
			Message: diagnostic.Textf("规则、表达式和选择（by）的组合太多，无法逐一核对", "there are too many combinations of rules, expressions and choices (by) to check them all"),
			Remedy:  diagnostic.Textf("拆成几个规则书，或减少同组规则里的 by", "split the rulebook, or use fewer choices within one group of rules"),
		})
	}
	return false
}

func tooManyDates(n int, at diagnostic.Span) diagnostic.Diagnostic {
	return diagnostic.Diagnostic{
		Code: "too_many_dates", Severity: diagnostic.Error, Span: at,
		Message: diagnostic.Textf("规则在 %d 个不同的日期变化，上限为 %d", "the rules change on %d different dates, the limit is %d", n, maxEditions),
		Remedy:  diagnostic.Textf("把久已失效的日期并掉", "merge the dates that are long past"),
	}
}

// An answer may cost so many units of condition.Program.Cost, which take less
// than half a second. Of the rulebook that comes with the library, one question
// takes a quarter of that, and every other a hundredth.
const (
	answerAllowance = 10_000_000
	costOfElement   = 10      // of what a form does with an element, beside its expressions
	costMost        = 1 << 30 // of one expression: beyond all bounds, and sums still fit
)

// charge notes what a program costs each time that it answers, where every
// list has as many items as it may; one that is evaluated for every element of
// a list, for all of them.
func (ed *edition) charge(p *condition.Program, element bool) {
	n := int64(ed.longest)
	for _, slot := range p.Slots() {
		if u := ed.owner[slot]; u != nil {
			n = max(n, int64(u.longest))
		}
	}
	units, items := p.Cost(n)
	if element {
		units = n * (costOfElement + units)
	}
	ed.spent += min(units, costMost)
	ed.longest = int(min(max(int64(ed.longest), items), 1<<20))
}

// ChargeFor notes what a form does beside its expressions: compares each of so
// many codes with each item of a list; of each element's list where it goes
// through elements, which have fewer items each than a list alone may.
func (p *Part) ChargeFor(codes int, each bool) {
	units := int64(codes) * maxItems
	if each {
		units *= itemsOfElement
	}
	p.b.unit.costs[p.Rule] += units
}

// itemsOfElement is how many items the lists in a thousand elements have on
// average, where the facts are as large as they may be.
const itemsOfElement = 100

// expense is what the expressions of a question itself cost: verdict, values
// and governed_by.
type expense struct {
	units   int64
	dearest int64 // of them
	at      diagnostic.Span
}

// add notes what the expression at a node costs.
func (e *expense) add(units int64, n *source.Node) {
	e.units += units
	if units > e.dearest {
		e.dearest, e.at = units, n.Span
	}
}

// affordable reports a question that would take too long to answer, and what
// of it takes longest: one of its rules, or its own expressions.
func affordable(q *checkedQuestion, units []*unit, own expense, found *diagnostic.List) {
	total, dearest, rule := own.units, own.units, (*checkedRule)(nil)
	for _, u := range units {
		for _, p := range u.each() {
			cost := u.costs[p.Rule]
			total += cost
			if cost > dearest {
				dearest, rule = cost, p.Rule
			}
		}
	}
	if total <= answerAllowance {
		return
	}
	where := diagnostic.Textf("问题自己的表达式", "its own expressions")
	most := diagnostic.Related{Span: own.at, Message: diagnostic.Textf("其中最费的在此", "the dearest of them is here")}
	if rule != nil {
		where = diagnostic.Textf("规则 %[1]s（%[2]s）", "the rule %[1]s (%[3]s)", rule.ID, rule.Label.ZH, rule.Label.EN)
		most = diagnostic.Related{Span: rule.key.Span, Message: diagnostic.Textf("最费的规则在此", "the dearest rule is here")}
	}
	*found = append(*found, diagnostic.Diagnostic{
		Code: "question_too_costly", Severity: diagnostic.Error, Span: q.span,
		Message: diagnostic.Textf("列表各有 %[3]d 项时，回答问题 %[1]s 要算约 %[2]d 步，超过 %[4]d 步；其中 %[5]d%% 用于%[6]s",
			"with lists of %[3]d items, answering %[1]s takes some %[2]d steps, more than %[4]d; %[5]d%% of them are for %[7]s",
			q.ID, total, maxItems, answerAllowance, (100*dearest+total/2)/total, where.ZH, where.EN),
		Remedy:  diagnostic.Textf("不要对列表的每一项再去处理另一个列表；先在另一条规则里算好", "do not go through another list for every item of a list: compute it once, in a rule of its own"),
		Related: []diagnostic.Related{most},
	})
}
