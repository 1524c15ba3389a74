package condition

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

type op uint8

const (
	opConst    op = iota
	opFact        // slot, behind the presence of its records
	opElem        // the element of a loop, or a field of it
	opAnd         // any number of kids
	opOr          //
	opNot         //
	opCompare     // name is == != < <= > >=
	opIsNull      // kid == null
	opIn          //
	opArith       // name is + - * /
	opNegate      //
	opTernary     //
	opList        // a list literal
	opLoop        // list and predicate
	opApply       // a function of whole numbers
	opPick        // latest, earliest, greatest, least
	opSet         // without, both, joined, distinct
	opLen         //
	opSum         //
	opMonths      // months_where
	opPrefix      // starts_with
	opRound       // rounded, rounded_down and rounded_up of one number
	opWeekday     // weekday_of
	opExchange    // exchanged: an amount and a rate
	opRoundTo     // rounded_to and the like: a number and a step
)

// node is a checked part of an expression, with the closures that compute it.
type node struct {
	op       op
	typ      *value.Type
	name     string
	from, to int // in the source, without parentheses around it
	source   string
	kids     []*node
	constant value.Value

	slot  int   // opFact
	noted *note // opFact, where it is to be noted that it was read
	gates []int // opFact: slots of the presence of the records around it
	path  []int // opElem: field of the element, field of that field, …
	// absent is what may be none of it: of opFact slots, its own and those of
	// gates; of opElem how many fields of the path lead there.
	absent []int
	field  int // opElem, or of a list: the field of the record that the elements are inside of, else -1
	apply  *apply
	// calendars are those that the last kid chooses from, where there is one
	// more than the function takes.
	calendars map[string]Calendar
	// division is set of what divides.
	division *Division

	fields map[string]*Var // opFact of a record or namespace: what is in it
	inner  []int           // and the gates of that
	within []int           // those of inner that may be none

	// Which of these are set depends on the kind of typ; val always is.
	tri  func(*value.Frame) tri
	num  func(*value.Frame) (int64, value.State)
	text func(*value.Frame) (string, value.State)
	seq  func(*value.Frame) seq
	val  func(*value.Frame) value.Value
}

// scope is what `#` refers to.
type scope struct {
	typ   *value.Type
	field int // see node.field
}

type checker struct {
	*scan
	env    *Env
	elem   *scope
	inLoop bool // a predicate is being checked

	costly   int // lists that list functions take, in it or in the whole
	searched int // lists that `in` searches, in all predicates
}

// inside is the field of a record of a list that the elements of n are inside
// of, or that n itself is inside of; -1 for none.
func (n *node) inside() int {
	if n.op == opElem && n.field < 0 && len(n.path) > 0 {
		return n.path[0]
	}
	return n.field
}

func (c *checker) node(o op, t *value.Type, from, to int, kids ...*node) *node {
	return &node{op: o, typ: t, from: from, to: to, kids: kids, slot: -1, field: -1}
}

func (c *checker) bad(from, to int) *node { return c.node(opConst, badType, from, to) }

func (c *checker) constant(t *value.Type, v value.Value, from, to int) *node {
	n := c.node(opConst, t, from, to)
	n.constant = v
	return n
}

// check types a node of the syntax tree. Problems are reported once, where
// they are; what contains them is of badType.
func (c *checker) check(n ast.Node) *node {
	from, to := place(n)
	switch n := n.(type) {
	case *ast.BoolNode:
		return c.constant(yesNoType, value.Bool(n.Value), from, to)
	case *ast.IntegerNode:
		return c.constant(countType, value.Int(int64(n.Value)), from, to)
	case *ast.StringNode:
		if !utf8.ValidString(n.Value) { // by an escape such as "\U80000080"
			c.fail(CodeControl, from, to,
				diagnostic.Textf("引号里的转义不是一个字符", "an escape in this text stands for no character"),
				diagnostic.Textf("直接写出文字", "write the text itself"))
			return c.bad(from, to)
		}
		return c.constant(openText, value.WordOf(n.Value), from, to)
	case *ast.IdentifierNode:
		return c.name(n, from, to)
	case *ast.PointerNode:
		return c.pointer(n, from, to)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.ternary(n)
	case *ast.ArrayNode:
		return c.list(n)
	case *ast.BuiltinNode:
		return c.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(n, callee.Value, n.Arguments)
		}
		c.unsupported(from, to, "x.f()", diagnostic.Textf("写 函数(x)", "write function(x)"))
	case *ast.NilNode:
		c.unsupported(from, to, "nil", diagnostic.Textf("写 null", "write null"))
	case *ast.MapNode:
		end := to
		if _, i := c.tokenOf(n); i >= 0 {
			end = c.callEnd(i)
		}
		c.unsupported(from, end, "{…}", diagnostic.Textf("列表写 […]", "write a list as […]"))
	case *ast.SliceNode:
		c.unsupported(from, c.indexEnd(n), "[:]", diagnostic.Textf("用 any、all、filter 等", "use any, all, filter and so on"))
	case *ast.ChainNode:
		return c.check(n.Node)
	}
	// The rest was refused by its token: floats, bytes, let and sequences.
	return c.bad(from, max(from, to))
}

func (c *checker) indexEnd(n ast.Node) int {
	_, i := c.tokenOf(n)
	return c.callEnd(i)
}

// name resolves a plain name.
func (c *checker) name(n *ast.IdentifierNode, from, to int) *node {
	if l := c.literals[from]; l != nil {
		return c.literal(l, from, to)
	}
	if n.Value == "null" {
		return c.constant(nullType, value.NoneOf(value.Invalid), from, to)
	}
	if v, ok := c.env.Params[n.Value]; ok {
		return c.constant(paramType(v), v, from, to)
	}
	v := c.env.Vars[n.Value]
	if v == nil {
		names := slices.Sorted(maps.Keys(c.env.Vars))
		names = append(names, slices.Sorted(maps.Keys(c.env.Params))...)
		remedy := meant(n.Value, names, diagnostic.Textf("先在 facts 里声明；文字要加引号", "declare it under facts; put text into quotes"))
		if constant := otherConstants[strings.ToLower(n.Value)]; constant != "" {
			remedy = diagnostic.Textf("写 %s", "write %s", constant)
		}
		if c.elem != nil {
			if _, t := c.elem.typ.Field(n.Value); t != nil {
				remedy = diagnostic.Textf("列表元素的字段写 .%s", "write .%s for the field of the element", n.Value)
			}
		}
		c.unknownFact(n.Value, from, to, remedy)
		return c.bad(from, to)
	}
	return c.fact(v, nil, nil, from, to)
}

// otherConstants are the names that other languages, and people, have for the
// constants of expressions.
var otherConstants = map[string]string{
	"null": "null", "none": "null", "nothing": "null", "undefined": "null", "空": "null", "无": "null",
	"true": "true", "yes": "true", "是": "true", "真": "true",
	"false": "false", "no": "false", "否": "false", "假": "false",
}

func (c *checker) unknownFact(name string, from, to int, remedy diagnostic.Text) {
	c.fail(CodeUnknownFact, from, to, diagnostic.Textf("没有名为 %s 的事实", "there is no fact %s", name), remedy)
}

// fact is the node of a variable behind the presence of the records around it.
// Some of those may be none.
func (c *checker) fact(v *Var, gates, absent []int, from, to int) *node {
	t := v.Type
	isRecord := t == nil || t.Kind == value.Record
	switch {
	case t == nil || v.Slot < 0:
		t = spaceType
	default:
		t = full(t)
	}
	n := c.node(opFact, t, from, to)
	n.slot, n.gates = v.Slot, gates
	if v.Noted && v.Slot >= 0 {
		n.noted = &note{slot: v.Slot, mark: -1}
	}
	n.fields, n.inner = v.Fields, gates
	n.absent = absent
	if v.MayBeNone && v.Slot >= 0 {
		n.absent = append(slices.Clone(absent), v.Slot)
	}
	n.within = n.absent
	if isRecord && v.Slot >= 0 {
		n.inner = append(slices.Clone(gates), v.Slot)
	}
	return n
}

// paramType is the type of a parameter; its words take their list from use.
func paramType(v value.Value) *value.Type {
	if v.K != value.List {
		if t, ok := simpleTypes[v.K]; ok {
			return t
		}
		return spaceType
	}
	if len(v.L()) == 0 {
		return listOf(anyType)
	}
	return listOf(paramType(v.L()[0]))
}

// pointer is `#` or the start of `.field`.
func (c *checker) pointer(n *ast.PointerNode, from, to int) *node {
	if n.Name != "" {
		to += len([]rune(n.Name))
		c.unsupported(from, to, "#"+n.Name, diagnostic.Textf("写 # 或 .字段", "write # or .field"))
		return c.bad(from, to)
	}
	if c.elem == nil {
		c.fail(CodeNoElement, from, to,
			diagnostic.Textf("这里没有列表元素", "there is no list element here"),
			diagnostic.Textf("写在 any(列表, …) 之类的函数里", "use it inside of any(list, …) or the like"))
		return c.bad(from, to)
	}
	e := c.node(opElem, c.elem.typ, from, to)
	e.field = c.elem.field
	return e
}

// insteadOfField says how to come by a field of what is no record. The list or
// value stands from one place to another.
func (c *checker) insteadOfField(t *value.Type, from, to int, field string) diagnostic.Text {
	if t.Kind == value.List && t.Elem != nil && t.Elem.Kind == value.Record {
		if _, f := t.Elem.Field(field); f != nil {
			list := strings.TrimRight(string(c.scan.src[from:to]), ". ")
			if f.Kind == value.YesNo {
				return diagnostic.Textf("列表要说哪一项：写 any(%[1]s, .%[2]s) 或 all(%[1]s, .%[2]s)", "of a list, say of which element: write any(%[1]s, .%[2]s) or all(%[1]s, .%[2]s)", list, field)
			}
			return diagnostic.Textf("列表要说哪一项：写 map(%[1]s, .%[2]s) 取各项的，或 any(%[1]s, .%[2]s == …)", "of a list, say of which element: write map(%[1]s, .%[2]s) for that of each, or any(%[1]s, .%[2]s == …)", list, field)
		}
	}
	return diagnostic.Textf("只有记录才有字段", "only records have fields")
}

func (c *checker) member(n *ast.MemberNode) *node {
	token, i := c.tokenOf(n)
	of := c.check(n.Node)
	from, _ := c.outer(of.from, of.to)
	if token.Is(lexer.Bracket, "[") {
		if p, ok := n.Property.(*ast.StringNode); ok {
			c.unsupported(token.From, c.callEnd(i), "[…]", diagnostic.Textf("写 .%s", "write .%s", p.Value))
		} else {
			c.check(n.Property)
			c.unsupported(token.From, c.callEnd(i), "[…]", diagnostic.Textf("用 any、all、filter 等", "use any, all, filter and so on"))
		}
		return c.bad(from, c.callEnd(i))
	}
	property, ok := n.Property.(*ast.StringNode)
	if !ok || of.typ == badType {
		return c.bad(from, max(from, token.To))
	}
	if of.fields != nil {
		if v := of.fields[property.Value]; v != nil {
			return c.fact(v, of.inner, of.within, from, token.To)
		}
		return c.noField(property.Value, slices.Sorted(maps.Keys(of.fields)), from, token)
	}
	if of.typ.Kind != value.Record || of.op != opElem {
		c.fail(CodeType, token.From, token.To,
			diagnostic.Textf("%[2]s没有字段 %[1]s", "a %[3]s has no field %[1]s", property.Value, typeText(of.typ).ZH, typeText(of.typ).EN),
			c.insteadOfField(of.typ, from, token.From, property.Value))
		return c.bad(from, token.To)
	}
	k, t := of.typ.Field(property.Value)
	if t == nil {
		var names []string
		for _, f := range of.typ.Fields {
			names = append(names, f.Name)
		}
		return c.noField(property.Value, names, from, token)
	}
	e := c.node(opElem, full(t), from, token.To)
	e.path = append(slices.Clone(of.path), k)
	e.absent = of.absent
	if of.typ.Fields[k].MayBeNone {
		e.absent = append(slices.Clone(of.absent), len(e.path))
	}
	e.field = of.field
	return e
}

func (c *checker) noField(name string, names []string, from int, token lexer.Token) *node {
	c.unknownFact(name, token.From, token.To, meant(name, names,
		diagnostic.Textf("可用的字段：%s", "the fields are %s", listed(names))))
	return c.bad(from, token.To)
}

func (c *checker) unary(n *ast.UnaryNode) *node {
	token, _ := c.tokenOf(n)
	kid := c.check(n.Node)
	from, to := token.From, token.To
	if kid.from < from { // `not in`, whose operator stands in the middle
		from = kid.from
	}
	_, end := c.outer(kid.from, kid.to)
	to = max(to, end)
	switch {
	case n.Operator == "+":
		c.unsupported(token.From, token.To, "+", diagnostic.Textf("删去 +", "remove the +"))
	case kid.typ == badType:
	case n.Operator == "-":
		switch kid.typ.Kind {
		case value.Count, value.Duration, value.Ratio, value.Money, value.Part:
			return c.node(opNegate, kid.typ, from, to, kid)
		}
		c.mismatch(kid, countType)
	case c.condition(kid):
		return c.node(opNot, yesNoType, from, to, kid)
	}
	return c.bad(from, to)
}

// condition reports whether a node can be asked for yes or no.
func (c *checker) condition(n *node) bool {
	if n.typ != badType && n.typ.Kind != value.YesNo {
		c.mismatch(n, yesNoType)
	}
	return n.typ.Kind == value.YesNo
}

// mismatch reports a node that is not of the type its place wants.
func (c *checker) mismatch(n *node, want *value.Type) {
	c.mistyped(CodeType, n, want)
}

func (c *checker) mistyped(code string, n *node, want *value.Type) {
	if n.typ == badType {
		return
	}
	have, wanted := typeText(n.typ), typeText(want)
	text := c.text(n.from, n.to)
	remedy, ok := convert(n.typ.Kind, want.Kind, text)
	switch {
	case ok:
	case want.Kind == value.YesNo && n.typ == spaceType:
		remedy = diagnostic.Textf("写出其中的一个名称，如 %s.…", "name one of its parts: %s.…", text)
	case want.Kind == value.YesNo && n.typ.Kind == value.List:
		remedy = diagnostic.Textf("写 len(%s) > 0", "write len(%s) > 0", text)
	case want.Kind == value.YesNo:
		remedy = diagnostic.Textf("写成比较，如 %s == …", "compare it: %s == …", text)
	default:
		remedy = diagnostic.Textf("改用%s", "use a %s", wanted.ZH)
		remedy.EN = "use a " + wanted.EN
	}
	if lacks := wordsLacking(n.typ, want); lacks != "" {
		remedy = diagnostic.Textf("词表 %[1]s 里没有 %[2]s：加上，或改用另一个词表", "the list %[1]s has no %[2]s: add it, or name another list", want.Words.Name, lacks)
	}
	if path := c.factInQuotes(n, text); path != "" {
		remedy = diagnostic.Textf("事实不加引号：写 %s", "a fact stands without quotes: write %s", path)
	}
	c.fail(code, n.from, n.to, diagnostic.Text{
		ZH: "这里应为" + wanted.ZH + "，而 " + text + " 是" + have.ZH,
		EN: "a " + wanted.EN + " is wanted here, and " + text + " is a " + have.EN,
	}, remedy)
}

// wordsLacking are the words of one list that another has not, where most are the
// same; "" for others.
func wordsLacking(have, want *value.Type) string {
	if have.Kind != value.Word || want.Kind != value.Word || have.Words == nil || want.Words == nil {
		return ""
	}
	var lacks []string
	for _, w := range have.Words.Each {
		if want.Words.Index(w) < 0 {
			lacks = append(lacks, w)
		}
	}
	if len(lacks) == len(have.Words.Each) {
		return ""
	}
	return strings.Join(lacks[:min(len(lacks), diagnostic.MaxListed)], ", ")
}

// factInQuotes is the fact whose path a text in quotes is, or "".
func (c *checker) factInQuotes(n *node, text string) string {
	path := strings.Trim(text, `"'`)
	root, _, _ := strings.Cut(path, ".")
	if len(path) != len(text)-2 || n.typ != openText || c.env.Vars[root] == nil {
		return ""
	}
	return path
}

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
		left, right := c.condition(a), c.condition(b)
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
	t := common(a.typ, b.typ.Elem)
	if t == nil || t.Kind == value.List || t.Kind == value.Record || t == spaceType {
		c.incomparable("in", a, c.node(opConst, b.typ.Elem, b.from, b.to), from, to)
		return false
	}
	c.adopt(a, t)
	c.adopt(b, listOf(t))
	return true
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
		case is(value.Count, value.Count), is(value.Duration, value.Duration), is(value.Moment, value.Duration):
			return a.typ
		case is(value.Duration, value.Moment):
			return b.typ
		}
	case "-":
		switch {
		case is(value.Count, value.Count), is(value.Duration, value.Duration), is(value.Moment, value.Duration):
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
	remedy := diagnostic.Textf("+ - * 只用于整数、金额和时长", "+ - * are for counts, money and durations")
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
	case x == value.Money && isExact(y), isExact(x) && y == value.Money:
		remedy, _ = convert(value.Count, value.Money, "")
	case is(value.Moment, value.Count):
		x, n := c.text(a.from, a.to), c.text(b.from, b.to)
		remedy = diagnostic.Textf("指小时写 %[1]s %[2]s hours(%[3]s)，指分钟写 %[1]s %[2]s minutes(%[3]s)",
			"write %[1]s %[2]s hours(%[3]s) if hours are meant, %[1]s %[2]s minutes(%[3]s) if minutes", x, name, n)
	case name != "*" && name != "/" && isExact(x) && isExact(y):
		remedy = diagnostic.Textf("比率只能乘、除和比较；先取整，如 总额 - rounded(总额 * 比率)", "a ratio can be multiplied, divided and compared; make it whole first, as in total - rounded(total * ratio)")
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

func (c *checker) ternary(n *ast.ConditionalNode) *node {
	cond := c.check(n.Cond)
	from, _ := c.outer(cond.from, cond.to)
	if n.Exp1 == n.Cond { // ?: is refused already, and shares its left side
		other := c.check(n.Exp2)
		return c.bad(from, max(from, other.to))
	}
	a, b := c.check(n.Exp1), c.check(n.Exp2)
	_, to := c.outer(b.from, b.to)
	to = max(from, to)
	if !n.Ternary {
		return c.bad(from, to)
	}
	ok := c.condition(cond)
	t := c.unify(a, b)
	if t == nil {
		x, y := typeText(a.typ), typeText(b.typ)
		c.fail(CodeType, from, to, diagnostic.Text{
			ZH: "两个结果类型不同：" + x.ZH + "与" + y.ZH,
			EN: "the two results differ in type: " + x.EN + " and " + y.EN,
		}, diagnostic.Textf("两个结果要是同一类型", "both results must be of the same type"))
	}
	if t == nil || t == badType || !ok {
		return c.bad(from, to)
	}
	if t == nullType { // whatever the condition
		return c.constant(nullType, value.NoneOf(value.Invalid), from, to)
	}
	r := c.node(opTernary, t, from, to, cond, a, b)
	if a.inside() == b.inside() {
		r.field = a.inside()
	}
	return r
}

func (c *checker) list(n *ast.ArrayNode) *node {
	token, i := c.tokenOf(n)
	r := c.node(opList, nil, token.From, c.callEnd(i))
	elem := anyType
	for _, x := range n.Nodes {
		r.kids = append(r.kids, c.check(x))
	}
	for _, k := range r.kids {
		if k.typ == badType {
			elem = badType
			continue
		}
		if k.typ == spaceType || k.typ == nullType || k.typ.Kind == value.Record {
			c.mismatch(k, openText)
			elem = badType
			continue
		}
		t := common(elem, k.typ)
		if t == nil {
			x, y := typeText(elem), typeText(k.typ)
			c.fail(CodeType, k.from, k.to, diagnostic.Text{
				ZH: "列表里混有" + x.ZH + "与" + y.ZH,
				EN: "the list mixes " + x.EN + " and " + y.EN,
			}, diagnostic.Textf("一个列表只放一种类型", "a list holds one type only"))
			elem = badType
			continue
		}
		elem = t
	}
	if elem == badType {
		return c.bad(r.from, r.to)
	}
	for _, k := range r.kids {
		c.adopt(k, elem)
	}
	r.typ = listOf(elem)
	return r
}

// wanted checks the result of the whole expression.
func (c *checker) wanted(n *node, want Want) *node {
	if n.typ == badType {
		return n
	}
	if n.typ.Kind == value.Part || n.typ.Kind == value.List && n.typ.Elem.Kind == value.Part {
		c.notRounded(CodeResult, n)
		return n
	}
	// A record of facts is spread over slots: it has no value to give.
	spread := n.typ == spaceType || n.typ.Kind == value.Record && n.op != opElem
	if spread || !want.accepts(n.typ) {
		c.mistyped(CodeResult, n, want.typ())
		return n
	}
	if want.Kind != value.Invalid {
		c.adopt(n, want.typ())
		if n.typ == nullType || n.typ == anyType {
			n.typ = want.typ()
			n.constant.K = want.Kind
		}
	}
	return n
}

func (w Want) typ() *value.Type {
	switch w.Kind {
	case value.Word:
		return &value.Type{Kind: value.Word, Words: w.Words}
	case value.List:
		if w.Elem == nil || w.Elem.Kind == value.Invalid {
			return &value.Type{Kind: value.List, Elem: anyType}
		}
		return listOf(w.Elem.typ())
	}
	return &value.Type{Kind: w.Kind, In: w.In}
}

func (w Want) accepts(t *value.Type) bool {
	switch {
	case w.Kind == value.Invalid, t == nullType, t == anyType:
		return true
	case t == openText:
		return isText(w.Kind)
	case w.Kind == value.Ratio:
		return isExact(t.Kind)
	case w.Kind != t.Kind, w.In != 0 && t.In != 0 && w.In != t.In:
		return false
	case w.Kind == value.Word:
		return within(t.Words, w.Words)
	case w.Kind == value.List:
		return w.Elem == nil || w.Elem.accepts(t.Elem)
	}
	return true
}
