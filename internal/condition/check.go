package condition

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

type checker struct {
	*scan
	env    *Env
	elem   *scope
	inLoop bool // a predicate is being checked

	// tail is what gives the result of the whole, where that may mix words of
	// several lists; words are those that its place has of its own.
	tail  ast.Node
	words *value.Words

	costly   int // lists that list functions take, in it or in the whole
	searched int // lists that `in` searches, in all predicates
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
		switch in := c.fieldsNamed(n.Value); {
		case len(in) == 1:
			remedy = diagnostic.Textf("是否要写 %s？", "did you mean %s?", in[0])
		case len(in) > 1 && len(in) <= 3:
			remedy = diagnostic.Textf("写明是谁的：%s", "say what it is of: %s", strings.Join(in, ", "))
		}
		if constant := otherConstants[strings.ToLower(n.Value)]; constant != "" {
			remedy = diagnostic.Textf("写 %s", "write %s", constant)
		}
		if in := numerals.In(n.Value); len(in) > 0 && in[0].From == 0 {
			if strings.Contains(in[0].Text, "分之") {
				remedy = diagnostic.Textf("写 %[1]s%%", "write %[1]s%%", in[0].Digits)
			} else if unit := n.Value[in[0].To:]; unit == "" || unit == "元" {
				remedy = diagnostic.Textf("数字用 0 到 9 写：%[1]s%[2]s", "write numbers in digits: %[1]s%[2]s", in[0].Digits, unit)
			} else if code := currencyMeant(unit); code != "" {
				remedy = diagnostic.Textf("写 %[1]s %[2]s", "write %[1]s %[2]s", in[0].Digits, code)
			}
		}
		if q, ok := source.QuantityMeant(n.Value); ok {
			remedy = inExpression(q)
		}
		if _, ok := c.env.Calendars[n.Value]; ok {
			remedy = diagnostic.Textf("它是日历；日历的名称加引号：%q", "it is a calendar, whose name is put into quotes: %q", n.Value)
		}
		if _, has := c.env.Params["parameter"]; has && slices.Contains([]string{"param", "arg", "argument", "参数"}, n.Value) {
			remedy = diagnostic.Textf("写 parameter", "write parameter")
		}
		if c.elem != nil {
			if _, t := c.elem.typ.Field(n.Value); t != nil {
				remedy = diagnostic.Textf("列表元素的字段写 .%s", "write .%s for the field of the element", n.Value)
			}
		}
		c.unknownFact(n.Value, from, to, remedy)
		return c.bad(from, to)
	}
	of := c.fact(v, nil, nil, from, to)
	if c.env.On != nil && c.env.ValuesOn != nil {
		if dated, ok := c.env.ValuesOn(n.Value); ok && len(dated) > 1 {
			return c.dated("", n.Value, dated, of, c.constant(dateType, value.DateOf(date.Date(*c.env.On)), from, to), from, to)
		}
	}
	return of
}

// fieldsNamed are the paths of what stands under that name in a record, a rule or
// an answer.
func (c *checker) fieldsNamed(name string) []string {
	var paths []string
	for _, of := range slices.Sorted(maps.Keys(c.env.Vars)) {
		if v := c.env.Vars[of]; v != nil && v.Fields[name] != nil {
			paths = append(paths, of+"."+name)
		}
	}
	return paths
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
	if part, ok := partsOfTime[field]; ok && (t.Kind == value.Moment || t.Kind == value.Date && field != "date" && field != "time") {
		of := strings.TrimRight(string(c.scan.src[from:to]), ". ")
		return diagnostic.Textf("写 %[1]s(%[2]s)", "write %[1]s(%[2]s)", part, of)
	}
	return diagnostic.Textf("只有记录才有字段", "only records have fields")
}

// partsOfTime are the functions for what people write as a field of a date or moment.
var partsOfTime = map[string]string{"year": "year_of", "quarter": "quarter_of", "month": "month_of", "date": "date_of", "weekday": "weekday_of", "time": "time_of_day"}

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
		if c.inLoop && c.env.Element != nil && c.elem != nil && of.typ == c.elem.typ {
			if _, around := c.env.Element.Field(property.Value); around != nil {
				return c.ofOuterElement(property.Value, from, token)
			}
		}
		var names []string
		for _, f := range of.typ.Fields {
			names = append(names, f.Name)
		}
		return c.noField(property.Value, names, from, token)
	}
	e := c.node(opElem, full(t), from, token.To)
	e.path, e.lastField = append(slices.Clone(of.path), k), &of.typ.Fields[k]
	e.absent = of.absent
	if of.typ.Fields[k].MayBeNone {
		e.absent = append(slices.Clone(of.absent), len(e.path))
	}
	e.field = of.field
	return e
}

// ofOuterElement reports a field of the element around the list that is gone through.
func (c *checker) ofOuterElement(name string, from int, token lexer.Token) *node {
	c.unknownFact(name, token.From, token.To, diagnostic.Textf(
		"%[1]s 是外层那一项的，逐项看里层列表时看不到；比时刻、日期、数的，在外面比：any(.items, .at > .%[1]s) 即 latest(map(.items, .at)) > .%[1]s，all 用 earliest；否则里层每项自己带上这一栏",
		"%[1]s is a field of the element around, which is not seen while its list is gone through; compare outside: any(.items, .at > .%[1]s) is latest(map(.items, .at)) > .%[1]s, all is earliest; or give the inner records this field", name))
	return c.bad(from, token.To)
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
	case ok && want.Kind == value.Money && isExact(n.typ.Kind):
		remedy = c.inCurrency(n, want, "")
	case ok:
	case n.typ == spaceType:
		remedy = diagnostic.Textf("写出其中的一个名称，如 %s.…", "name one of its parts: %s.…", text)
		if parts := c.partsOf(text, want); len(parts) > 0 {
			remedy = diagnostic.Textf("写出其中的一个名称：%s", "name one of its parts: %s", strings.Join(parts, ", "))
		}
		if want.Kind == value.Invalid {
			c.fail(code, n.from, n.to, diagnostic.Textf("%s 是一组名称，不是一个值", "%s is a group of names and not one value", text), remedy)
			return
		}
	case want.Kind == value.Invalid && n.typ.Kind == value.Record:
		c.fail(code, n.from, n.to, diagnostic.Textf("%s 是一条记录，不是一个值", "%s is a record and not one value", text),
			diagnostic.Textf("写出其中的一个字段，如 %s.…", "name one of its fields: %s.…", text))
		return
	case want.Kind == value.YesNo && n.typ.Kind == value.List:
		remedy = diagnostic.Textf("写 len(%s) > 0", "write len(%s) > 0", text)
	case want.Kind == value.YesNo:
		remedy = diagnostic.Textf("写成比较，如 %s == …", "compare it: %s == …", text)
	default:
		remedy = diagnostic.Textf("改用%s", "use a %s", wanted.ZH)
		remedy.EN = "use a " + wanted.EN
	}
	if lacks := wordsLacking(n.typ, want); lacks != "" {
		list := want
		if list.Kind == value.List {
			list = list.Elem
		}
		remedy = diagnostic.Textf("词表 %[1]s 里没有 %[2]s：加上，或检查这个词在规则里的写法", "the list %[1]s has no %[2]s: add it, or check how the word is spelt in the rules", list.Words.Name, lacks)
		if near := diagnostic.Nearest(lacks, list.Words.Each); near != "" {
			remedy = diagnostic.Textf("词表 %[1]s 里没有 %[2]s：规则里是否要写 %[3]s？否则加上", "the list %[1]s has no %[2]s: should it be %[3]s in the rules? Else add it", list.Words.Name, lacks, near)
		}
	}
	if digits := strings.Trim(text, `"'`); n.typ == openText && want.Kind == value.Count && wholeNumber.MatchString(digits) {
		remedy = diagnostic.Textf("不加引号：写 %s", "write it without quotes: %s", digits)
	}
	if path := c.factInQuotes(n, text); path != "" {
		remedy = diagnostic.Textf("事实不加引号：写 %s", "a fact stands without quotes: write %s", path)
	}
	c.fail(code, n.from, n.to, diagnostic.Text{
		ZH: "这里应为" + wanted.ZH + "，而 " + text + " 是" + have.ZH,
		EN: "a " + wanted.EN + " is wanted here, and " + text + " is a " + have.EN,
	}, remedy)
}

// partsOf are the names within a group of them: those of the wanted type, where
// there are any; a yes/no may be made of any other by a comparison.
func (c *checker) partsOf(group string, want *value.Type) []string {
	v := c.env.Vars[group]
	if v == nil {
		return nil
	}
	var all, fitting []string
	for _, name := range slices.Sorted(maps.Keys(v.Fields)) {
		all = append(all, group+"."+name)
		if t := v.Fields[name].Type; t != nil && t.Kind == want.Kind {
			fitting = append(fitting, group+"."+name)
		}
	}
	if len(fitting) > 0 || want.Kind == value.YesNo {
		return fitting
	}
	return all
}

// wholeNumber is one as it is written in an expression.
var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`)

// wordsLacking are the words of one list that another has not, where most are the
// same; "" for others.
func wordsLacking(have, want *value.Type) string {
	if have.Kind == value.List && want.Kind == value.List && have.Elem != nil && want.Elem != nil {
		have, want = have.Elem, want.Elem
	}
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

func (c *checker) ternary(n *ast.ConditionalNode) *node {
	cond := c.check(n.Cond)
	from, _ := c.outer(cond.from, cond.to)
	if n.Exp1 == n.Cond { // ?: is refused already, and shares its left side
		other := c.check(n.Exp2)
		return c.bad(from, max(from, other.to))
	}
	tail := c.tail == ast.Node(n)
	branch := func(n ast.Node) *node {
		if tail {
			c.tail = n
		}
		return c.check(n)
	}
	a, b := branch(n.Exp1), branch(n.Exp2)
	_, to := c.outer(b.from, b.to)
	to = max(from, to)
	if !n.Ternary {
		return c.bad(from, to)
	}
	ok := c.condition(cond)
	unify := c.unify
	if tail {
		unify = c.mix
	}
	t := open(unify(a, b), a.typ, b.typ)
	if t == nil && c.env.AnyCurrency {
		t = ofTwoCurrencies(a.typ, b.typ)
	}
	if t == nil {
		x, y := typeText(a.typ), typeText(b.typ)
		c.fail(CodeType, from, to, diagnostic.Text{
			ZH: "两个结果类型不同：" + x.ZH + "与" + y.ZH,
			EN: "the two results differ in type: " + x.EN + " and " + y.EN,
		}, c.resultsOfOneType(a.typ, b.typ))
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
		elem = open(elem, k.typ)
	}
	r.typ = listOf(elem)
	return r
}

// wanted checks the result of the whole expression.
func (c *checker) wanted(n *node, want Want) *node {
	if n.typ == badType {
		return n
	}
	if want.Unrounded && n.typ.Kind == value.Part && n.typ.Of == value.Money {
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
		return within(t.Words, w.Words) || w.Mixed && within(t.Words, joined(w.Words, engineWords(t.Words)))
	case w.Kind == value.List:
		return w.Elem == nil || w.Elem.accepts(t.Elem)
	}
	return true
}
