package condition

import (
	"math"
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// DatedValue is what a named value is from a day on, until that of the next.
type DatedValue struct {
	From  int64 // days, as value.Date counts them; Always for one that has no first day
	Value value.Value
}

// Always is before every day.
const Always = math.MinInt64

var datedFunctions = []Function{
	{Name: "value_on", Signature: "value_on(named value, date)", Example: "value_on(fee, 2025-06-01)", Result: "9.98 GBP",
		Means: diagnostic.Text{ZH: "具名的值在某一天是多少；直接写它的名称，则是按问题所依的那一天", EN: "what a named value is on a day; its name alone is what it is on the day that governs the question"},
		None:  diagnostic.Text{ZH: "日期没有，或早于该值的第一天，则没有", EN: "none where the date is none, or before the first day of the value"},
		Takes: 2, Told: diagnostic.Text{ZH: "%[2]s 时的%[1]s", EN: "%[1]s on %[2]s"}},
}

// valueOnCall checks value_on(name, date).
func (c *checker) valueOnCall(args []ast.Node, from, to int) *node {
	if len(args) != 2 {
		c.wrongNumber("value_on", len(args), 2, from, to)
		return c.bad(from, to)
	}
	of, day := c.check(args[0]), c.check(args[1])
	if of.typ == badType || day.typ == badType {
		return c.bad(from, to)
	}
	if day.typ.Kind != value.Date {
		c.mismatch(day, dateType)
		return c.bad(from, to)
	}
	name, isName := args[0].(*ast.IdentifierNode)
	var dated []DatedValue
	if isName && c.env.ValuesOn != nil {
		dated, isName = c.env.ValuesOn(name.Value)
	}
	if !isName || dated == nil {
		c.fail(CodeArguments, of.from, of.to,
			diagnostic.Textf("%s 不是具名的值", "%s is no named value", c.text(of.from, of.to)),
			diagnostic.Textf("写 values 下一个不由事实选的值的名称：value_on(名称, 日期)", "write the name of a rule under values that no fact chooses: value_on(name, date)"))
		return c.bad(from, to)
	}
	return c.dated("value_on", name.Value, dated, of, day, from, to)
}

// dated is what a named value is on a day. By its function value_on it is told
// with that day, by its name alone as the value is told on any other day.
func (c *checker) dated(function, name string, dated []DatedValue, of, day *node, from, to int) *node {
	typ := of.typ
	for _, d := range dated {
		k := d.Value.K
		if d.Value.IsKnown() && k == value.Ratio && typ.Kind == value.Count {
			typ = ratioType
			k = typ.Kind
		}
		if d.Value.IsKnown() && k != typ.Kind && !(isExact(k) && isExact(typ.Kind)) {
			c.fail(CodeType, of.from, of.to, diagnostic.Textf("%s 在不同日期类型不一", "%s is of another type on other days", name),
				diagnostic.Textf("让各日期的值都是同一类型", "give it values of one type for all dates"))
			return c.bad(from, to)
		}
	}
	r := c.node(opDated, typ, from, to, of, day)
	r.name, r.dated, r.datedName = function, dated, name
	return r
}

// ValuesOn are the named values that the program looks at on other days.
func (p *Program) ValuesOn() []string { return distinctNames(p.root.valuesOn(nil)) }

func distinctNames(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func (n *node) valuesOn(names []string) []string {
	if n.op == opDated {
		names = append(names, n.datedName)
	}
	for _, k := range n.kids {
		names = k.valuesOn(names)
	}
	return names
}

// genDated makes value_on. That the value was looked at is noted as where it is
// read by its name.
func (n *node) genDated() {
	of, day, dated, kind := n.kids[0].val, n.kids[1].num, n.dated, n.typ.Kind
	n.val = func(f *value.Frame) value.Value {
		m := marked(f)
		of(f)
		m.restore(f) // it is constant
		on, s := day(f)
		if s != value.Known {
			return value.In(kind, s)
		}
		v := value.NoneOf(kind)
		for _, d := range dated {
			if d.From <= on {
				v = d.Value
			}
		}
		return v
	}
	n.open()
}
