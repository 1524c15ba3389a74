package condition

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// The types of operators: what may be compared, looked for and counted with what.

func (c *checker) binary(n *ast.BinaryNode) *node {
	token, _ := c.tokenOf(n)
	if n.Operator == "&&" && !token.Is(lexer.Operator, "&&", "and") {
		return c.chain(n, token)
	}
	a, b := c.check(n.Left), c.check(n.Right)
	from, _ := c.outer(a.from, a.to)
	_, to := c.outer(b.from, b.to)
	to = max(from, to)
	result := func(o op, t *value.Type, name string) *node {
		r := c.node(o, t, from, to, a, b)
		r.name = name
		return r
	}
	switch n.Operator {
	case "and", "&&", "or", "||":
		o := opAnd
		if n.Operator == "or" || n.Operator == "||" {
			o = opOr
		}
		left, right := c.condition(a), c.another(n.Operator, a, b)
		if !left || !right {
			return c.bad(from, to)
		}
		r := c.node(o, yesNoType, from, to)
		for _, k := range []*node{a, b} {
			if k.op == o {
				r.kids = append(r.kids, k.kids...)
			} else {
				r.kids = append(r.kids, k)
			}
		}
		return r
	case "==", "!=", "<", "<=", ">", ">=":
		if c.comparison(n.Operator, a, b, from, to) {
			if a.typ == nullType || b.typ == nullType {
				kid := a
				if a.typ == nullType {
					kid = b
				}
				r := c.node(opIsNull, yesNoType, from, to, kid)
				r.name = n.Operator
				return r
			}
			return result(opCompare, yesNoType, n.Operator)
		}
	case "in":
		if c.membership(a, b, from, to) {
			c.searches(b, from, to)
			return result(opIn, yesNoType, "in")
		}
	case "+", "-", "*", "/":
		if t := c.arithmetic(n.Operator, a, b, from, to); t != nil {
			return result(opArith, t, n.Operator)
		}
	}
	return c.bad(from, to)
}

// another is condition of what stands behind "and" or "or": a word alone is what
// the side before it is compared with, too.
func (c *checker) another(name string, before, n *node) bool {
	last := before
	if len(last.kids) > 0 && (last.op == opAnd || last.op == opOr) {
		last = last.kids[len(last.kids)-1]
	}
	if n.typ != openText || last.op != opCompare || last.name != "==" && last.name != "!=" {
		return c.condition(n)
	}
	of, word := c.text(last.kids[0].from, last.kids[0].to), c.text(n.from, n.to)
	c.fail(CodeType, n.from, n.to,
		diagnostic.Textf("%[1]s 后面应为“是”或“否”，而 %[2]s 只是一个词", "a yes/no is wanted behind %[1]s, and %[2]s is a word alone", name, word),
		diagnostic.Textf("每一边都写完整：%s %s %s", "write each side in full: %s %s %s", of, last.name, word))
	return false
}

// chain refuses a < b < c, which the parser takes apart into two comparisons
// that share b. Neither half is checked twice.
func (c *checker) chain(n *ast.BinaryNode, token lexer.Token) *node {
	a := c.check(n.Left)
	b := a
	if right, ok := n.Right.(*ast.BinaryNode); ok {
		b = c.check(right.Right)
	}
	c.unsupported(token.From, token.To, "a < b < c", diagnostic.Textf("写 a < b and b < c", "write a < b and b < c"))
	from, _ := c.outer(a.from, a.to)
	_, to := c.outer(b.from, b.to)
	return c.bad(from, max(from, to))
}

func (c *checker) comparison(name string, a, b *node, from, to int) bool {
	if a.typ == badType || b.typ == badType {
		return false
	}
	equality := name == "==" || name == "!="
	isNull := a.typ == nullType || b.typ == nullType
	t := c.unify(a, b)
	switch {
	case t == nil, isNull && !equality:
		c.incomparable(name, a, b, from, to)
		return false
	case isNull:
		return true
	case t.Kind == value.List:
		c.fail(CodeType, from, to, diagnostic.Textf("列表不能用 %s 比较", "lists cannot be compared with %s", name),
			diagnostic.Textf("写 len(without(甲, 乙)) == 0，或用 all、any", "write len(without(a, b)) == 0, or use all and any"))
		return false
	case t.Kind == value.Record, t == spaceType:
		c.fail(CodeType, from, to, diagnostic.Textf("记录不能用 %s 比较", "records cannot be compared with %s", name),
			diagnostic.Textf("比较它们的字段", "compare their fields"))
		return false
	case !equality && (isText(t.Kind) || t.Kind == value.YesNo):
		c.fail(CodeType, from, to,
			diagnostic.Textf("%[2]s没有大小，不能用 %[1]s", "a %[3]s has no order: %[1]s cannot be used", name, typeText(t).ZH, typeText(t).EN),
			diagnostic.Textf(`写 ==、!= 或 in ["…", "…"]`, `write ==, != or in ["…", "…"]`))
		return false
	}
	return true
}

// incomparable reports two sides of different types.
func (c *checker) incomparable(name string, a, b *node, from, to int) {
	x, y := typeText(a.typ), typeText(b.typ)
	var remedy diagnostic.Text
	switch {
	case a.typ == spaceType || b.typ == spaceType:
		remedy = diagnostic.Textf("写出其中的一个名称", "name one of its parts")
	case a.typ == nullType || b.typ == nullType:
		remedy = diagnostic.Textf("null 只能用 == 或 != 比较", "compare null with == or != only")
	default:
		// Prefer the conversion that loses something: a moment has a date,
		// a date has many moments.
		one, ok := convert(a.typ.Kind, b.typ.Kind, c.text(a.from, a.to))
		two, ok2 := convert(b.typ.Kind, a.typ.Kind, c.text(b.from, b.to))
		switch {
		case b.typ.Kind == value.List && a.typ.Kind != value.List && (name == "==" || name == "!="):
			remedy = c.oneOf(a, b, name == "!=")
		case a.typ.Kind == value.List && b.typ.Kind != value.List && (name == "==" || name == "!="):
			remedy = c.oneOf(b, a, name == "!=")
		case ok && b.typ.Kind == value.Money && isExact(a.typ.Kind):
			remedy = c.inCurrency(a, b.typ, c.text(b.from, b.to))
		case ok2 && a.typ.Kind == value.Money && isExact(b.typ.Kind):
			remedy = c.inCurrency(b, a.typ, c.text(a.from, a.to))
		case ok2 && (!ok || b.typ.Kind == value.Moment):
			remedy = two
		case ok:
			remedy = one
		case a.typ.Kind == value.Money && b.typ.Kind == value.Money:
			remedy = otherCurrency
		case c.isWordOf(a, b):
			remedy = diagnostic.Textf("词要加引号：%q", "quote the word: %q", c.text(b.from, b.to))
		case c.isWordOf(b, a):
			remedy = diagnostic.Textf("词要加引号：%q", "quote the word: %q", c.text(a.from, a.to))
		case isTime(a.typ.Kind) && b.typ == openText:
			remedy = unquoted(a.typ.Kind, b.constant.S())
		case isTime(b.typ.Kind) && a.typ == openText:
			remedy = unquoted(b.typ.Kind, a.constant.S())
		case a.typ == openText || b.typ == openText:
			remedy = diagnostic.Textf("去掉引号", "remove the quotes")
		case a.typ.Kind == value.Word && b.typ.Kind == value.Word:
			remedy = diagnostic.Textf("两边要用同一个词表", "both sides must be of the same list of words")
		default:
			remedy = diagnostic.Textf("两边要是同一类型", "both sides must be of the same type")
		}
	}
	c.fail(CodeType, from, to, diagnostic.Text{
		ZH: x.ZH + "不能与" + y.ZH + "用 " + name + " 比较",
		EN: "a " + x.EN + " cannot be compared with a " + y.EN + " by " + name,
	}, remedy)
}

// inCurrency says how to write a number that stands where an amount is expected:
// in the currency of that, where it is known. What the amount is, is "" where it is
// not there yet.
func (c *checker) inCurrency(number *node, amount *value.Type, what string) diagnostic.Text {
	text := c.text(number.from, number.to)
	if _, err := strconv.ParseUint(text, 10, 64); err != nil {
		text = ""
	}
	switch {
	case amount.In != 0 && text != "":
		return diagnostic.Textf("写明货币：%s %s", "write the currency too: %s %s", text, amount.In.Code())
	case amount.In != 0:
		return diagnostic.Textf("写明货币，如 20 %s", "write the currency too, as in 20 %s", amount.In.Code())
	}
	switch {
	case what != "" && text == "0":
		return diagnostic.Textf("%[1]s 是哪种货币由事实而定，它的零写 0 * (%[1]s)", "a fact chooses the currency of %[1]s: nothing of it is 0 * (%[1]s)", what)
	case what != "":
		return diagnostic.Textf("%s 是哪种货币由事实而定：写一条 figures 规则，is: {by: 同一事实, eur: 20 EUR, jpy: 3000 JPY}，这里写 规则名.value", "a fact chooses the currency of %s: write a rule of figures, is: {by: the same fact, eur: 20 EUR, jpy: 3000 JPY}, and rule.value here", what)
	}
	remedy, _ := convert(value.Count, value.Money, "")
	return remedy
}

// unquoted says how to write a time as itself; and what is meant, as a rule, by
// comparing with a day that is written into a condition.
func unquoted(k value.Kind, text string) diagnostic.Text {
	example := map[value.Kind]string{value.Moment: "2026-01-31T09:00:00+08:00", value.Date: "2026-01-31", value.Month: "month_at(2026, 1)"}[k]
	if _, err := date.ParseISO(text); err == nil && k == value.Date {
		example = text
	}
	return diagnostic.Textf("不加引号，写 %s；从某一天起改的，值写 {by: date, …}，规则写 in_force",
		"write it without quotes, %s; for a change from a day on write {by: date, …}, or in_force of a rule", example)
}

// otherCurrency says what to do about amounts of two currencies.
var otherCurrency = diagnostic.Text{
	ZH: `先换算，汇率是一项事实：rounded(exchanged(金额, 汇率, "GBP"))`,
	EN: `exchange one of them at a rate that is a fact: rounded(exchanged(amount, rate, "GBP"))`,
}

// resultsOfOneType says what to do about two results of a condition that are of two
// types.
func (c *checker) resultsOfOneType(a, b *value.Type) diagnostic.Text {
	switch {
	case a.Kind == value.Money && b.Kind == value.Money && c.env.Element != nil:
		return diagnostic.Text{
			ZH: "货币随各项自己的词而定的，这里写 {by: .那一栏, cny: 100 CNY, eur: 12 EUR}；随别的事实而定的，写一条 figures 规则，is: {by: 词类的事实, …}，这里写 规则名.value",
			EN: "where a word of the element chooses the currency, write {by: .field, cny: 100 CNY, eur: 12 EUR} here; where another fact does, write a rule of figures, is: {by: a fact that is a word, …}, and rule.value here",
		}
	case a.Kind == value.Money && b.Kind == value.Money:
		return diagnostic.Text{
			ZH: "货币随事实而定的，写一条 figures 规则，is: {by: 词类的事实, cny: 100 CNY, eur: 12 EUR}，这里写 规则名.value",
			EN: "where a fact chooses the currency, write a rule of figures, is: {by: a fact that is a word, cny: 100 CNY, eur: 12 EUR}, and rule.value here",
		}
	}
	return diagnostic.Text{ZH: "两个结果要是同一类型", EN: "both results must be of the same type"}
}

func isTime(k value.Kind) bool { return k == value.Moment || k == value.Date || k == value.Month }

// isWordOf reports whether name is written as a word of what a may be.
func (c *checker) isWordOf(a, name *node) bool {
	return a.typ.Kind == value.Word && a.typ.Words != nil && a.typ.Words.Index(c.text(name.from, name.to)) >= 0
}

func (c *checker) membership(a, b *node, from, to int) bool {
	if a.typ == badType || b.typ == badType {
		return false
	}
	if b.typ.Kind != value.List {
		c.fail(CodeType, b.from, b.to, diagnostic.Textf("in 的右边应为列表", "a list is wanted on the right of in"),
			diagnostic.Textf(`写 ["…", "…"] 或一个列表事实`, `write ["…", "…"] or a fact that is a list`))
		return false
	}
	if a.typ == spaceType || a.typ == nullType || a.typ.Kind == value.List || a.typ.Kind == value.Record {
		c.mismatch(a, b.typ.Elem)
		return false
	}
	if b.typ.Elem.Kind == value.Record && a.typ.Kind != value.Record {
		c.fail(CodeType, from, to, diagnostic.Textf("%s 的每一项是一条记录，不是一个值", "each element of %s is a record and not one value", c.text(b.from, b.to)),
			c.oneOf(a, b, strings.Contains(c.text(from, to), " not in ")))
		return false
	}
	t := common(a.typ, b.typ.Elem)
	if t == nil || t.Kind == value.List || t.Kind == value.Record || t == spaceType {
		c.incomparable("in", a, c.node(opConst, b.typ.Elem, b.from, b.to), from, to)
		return false
	}
	c.adopt(a, t)
	c.adopt(b, listOf(t))
	return true
}

// oneOf says how to ask whether a value is one of a list, or is not: of a list of
// records by a field, the first that can be it.
func (c *checker) oneOf(a, list *node, not bool) diagnostic.Text {
	one, all := c.text(a.from, a.to), c.text(list.from, list.to)
	in, any := "in", "any"
	if not {
		in, any = "not in", "none"
	}
	if list.typ.Elem.Kind != value.Record {
		asked := one + " " + in + " " + all
		if strings.HasPrefix(one, `"`) { // which YAML would take for the quotes of all of it
			asked = "(" + asked + ")"
		}
		return diagnostic.Textf("是不是其中之一，写 %s", "to ask whether it is one of them, write %s", asked)
	}
	for _, f := range list.typ.Elem.Fields {
		isWord := a.typ == openText && f.Type.Kind == value.Word && f.Type.Words != nil && f.Type.Words.Index(a.constant.S()) >= 0
		if isWord || a.typ != openText && common(a.typ, f.Type) != nil {
			return diagnostic.Textf("是不是其中之一，写 %[1]s(%[2]s, .%[3]s == %[4]s)", "to ask whether it is one of them, write %[1]s(%[2]s, .%[3]s == %[4]s)", any, all, f.Name, one)
		}
	}
	return diagnostic.Textf("指明看哪一栏：%[1]s(%[2]s, .栏 == …)", "say which field is meant: %[1]s(%[2]s, .field == …)", any, all)
}

func (c *checker) arithmetic(name string, a, b *node, from, to int) *value.Type {
	if a.typ == badType || b.typ == badType {
		return nil
	}
	x, y := a.typ.Kind, b.typ.Kind
	is := func(p, q value.Kind) bool { return x == p && y == q }
	switch name {
	case "+":
		switch {
		case is(value.Count, value.Count), is(value.Ratio, value.Ratio), is(value.Duration, value.Duration), is(value.Moment, value.Duration):
			return a.typ
		case is(value.Duration, value.Moment):
			return b.typ
		}
	case "-":
		switch {
		case is(value.Count, value.Count), is(value.Ratio, value.Ratio), is(value.Duration, value.Duration), is(value.Moment, value.Duration):
			return a.typ
		case is(value.Moment, value.Moment):
			return durationType
		case is(value.Date, value.Date):
			return countType
		}
	case "*":
		switch {
		case is(value.Count, value.Count), is(value.Duration, value.Count):
			return a.typ
		case is(value.Count, value.Duration):
			return b.typ
		case isExact(x) && isExact(y):
			return ratioType
		}
	case "/":
		if isExact(x) && isExact(y) {
			return ratioType
		}
	}
	if t := amounts(name, a.typ, b.typ); t != nil {
		return t
	}
	s, t := typeText(a.typ), typeText(b.typ)
	remedy := diagnostic.Textf("+ - * 只用于比率、整数、金额和时长", "+ - * are for ratios, counts, money and durations")
	switch {
	case is(value.Date, value.Count):
		remedy = diagnostic.Textf("写 days_after(日期, 天数)、months_after、working_days_after", "write days_after(date, n), months_after or working_days_after")
	case x == value.Money && y == value.Money && name != "*":
		remedy = otherCurrency
	case x == value.Moment && y == value.Part, x == value.Part && y == value.Moment:
		part := b
		if x == value.Part {
			part = a
		}
		remedy, _ = convert(value.Part, value.Duration, c.text(part.from, part.to))
	case x == value.Money && isExact(y):
		remedy = c.inCurrency(b, a.typ, c.text(a.from, a.to))
	case isExact(x) && y == value.Money:
		remedy = c.inCurrency(a, b.typ, c.text(b.from, b.to))
	case is(value.Moment, value.Count):
		x, n := c.text(a.from, a.to), c.text(b.from, b.to)
		remedy = diagnostic.Textf("指小时写 %[1]s %[2]s hours(%[3]s)，指分钟写 %[1]s %[2]s minutes(%[3]s)",
			"write %[1]s %[2]s hours(%[3]s) if hours are meant, %[1]s %[2]s minutes(%[3]s) if minutes", x, name, n)
	case is(value.Ratio, value.Count), is(value.Count, value.Ratio):
		number := b
		if x == value.Count {
			number = a
		}
		remedy = ratioAndNumber(number)
	case x == value.Moment && y == value.Date, x == value.Date && y == value.Moment:
		moment := a
		if y == value.Moment {
			moment = b
		}
		remedy, _ = convert(value.Moment, value.Date, c.text(moment.from, moment.to))
	case name == "/":
		remedy = diagnostic.Textf("/ 只用于整数、金额和时长", "/ is for counts, money and durations")
	}
	c.fail(CodeType, from, to, diagnostic.Text{
		ZH: s.ZH + " " + name + " " + t.ZH + " 没有意义",
		EN: s.EN + " " + name + " " + t.EN + " has no meaning",
	}, remedy)
	return nil
}

// ratioAndNumber says how a whole number is added to a ratio or taken from it: as
// a ratio too, since 8 beside 4.5% may well have been meant as 8%.
func ratioAndNumber(number *node) diagnostic.Text {
	switch n := number.constant; {
	case number.op != opConst || !n.IsKnown():
		return diagnostic.Textf("比率只与比率相加减；要从整数里减去它的一部分，先取整，如 总额 - rounded(总额 * 比率)",
			"a ratio is added to another ratio or taken from it; to take a share from a number, make it whole first, as in total - rounded(total * ratio)")
	case n.N == 1:
		return diagnostic.Textf("比率只与比率相加减：写 100%%", "a ratio is added to another ratio or taken from it: write 100%%")
	default:
		return diagnostic.Textf("比率只与比率相加减：指百分之几写 %[1]d%%，指整数写 %[1]d00%%",
			"a ratio is added to another ratio or taken from it: write %[1]d%% if per cent are meant, %[1]d00%% if the number is", n.N)
	}
}
