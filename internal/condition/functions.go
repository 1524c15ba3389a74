package condition

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// Function is what there is to know of a function of the language. All of them
// stand in one table, from which the checker, the compiler, the reference page
// and whoever shows help take what they need.
type Function struct {
	Name      string
	Signature string // with the names of the arguments; what is in [ ] may be left out
	Means     diagnostic.Text
	// None says what becomes of arguments that are none; it is empty where the
	// result is none if one of them is.
	None diagnostic.Text
	// Example is a call that needs no facts, and Result what it comes to. The
	// calendar in it works from Monday to Friday, open from 09:00 to 17:00, in
	// a zone eight hours ahead of UTC.
	Example, Result string
	// Told is how a reason tells the function with what it was given, as a
	// format of so many arguments as Takes; empty where it tells its result
	// alone. ToldAll is that of any other number of them, listed. Counts is the
	// argument, if any, that is a number of days, months or years.
	Told, ToldAll diagnostic.Text
	Takes, Counts int

	applies []apply // its overloads, of a function of whole numbers
	loop    bool    // it looks at every element of a list
	step    string  // the rounding that it does to multiples of a step
}

// apply is a function of one or two whole numbers (counts, dates, moments, …).
type apply struct {
	takes    []value.Kind
	gives    value.Kind
	impure   bool // uses the zone or the calendar, so cannot be folded
	calendar bool
	hours    bool // of the calendar are looked at
	divides  bool // by the second; there is no result where that is 0
	one      func(f *value.Frame, a int64) (int64, error)
	two      func(f *value.Frame, a, b int64) (int64, error)
}

// functions is the table, in the order of the reference page.
var functions = slices.Concat(lengthFunctions, partFunctions, countingFunctions, boundFunctions, numberFunctions, choiceFunctions, datedFunctions, periodFunctions, listFunctions, textFunctions)

// functionNamed finds a function in the table.
var functionNamed = func() map[string]*Function {
	all := make(map[string]*Function, len(functions))
	for i := range functions {
		all[functions[i].Name] = &functions[i]
	}
	return all
}()

// Functions are all functions of the language, grouped as people look for them.
func Functions() []Function { return slices.Clone(functions) }

// functionNames are all functions of the language, sorted.
func functionNames() []string {
	names := make([]string, len(functions))
	for i := range functions {
		names[i] = functions[i].Name
	}
	slices.Sort(names)
	return names
}

func (c *checker) call(n ast.Node, name string, args []ast.Node) *node {
	token, i := c.tokenOf(n)
	from, to := token.From, token.To
	if i >= 0 {
		to = max(to, c.callEnd(i+1))
	} else {
		from, to = 0, len(c.src)
	}
	function := functionNamed[name]
	if function != nil && function.loop {
		return c.loopCall(name, args, from, to)
	}
	if name == "value_on" {
		return c.valueOnCall(args, from, to)
	}
	if name == "sum" && len(args) == 2 {
		list := c.loopCall("map", args, from, to)
		return c.others("sum", []*node{list}, from, to)
	}
	if function == nil {
		remedy, ok := renamed[strings.ToLower(name)]
		if !ok {
			names := functionNames()
			remedy = meant(name, names, diagnostic.Textf("可用的函数：%s，全部见 docs/expressions.md", "the functions are %s; all of them stand in docs/expressions.md", listed(names)))
		}
		c.fail(CodeUnknownFunction, token.From, token.To,
			diagnostic.Textf("没有函数 %s", "there is no function %s", name), remedy)
		for _, a := range args {
			if _, ok := a.(*ast.PredicateNode); !ok {
				c.check(a)
			}
		}
		return c.bad(from, to)
	}
	kids := make([]*node, 0, len(args))
	for _, a := range args {
		if _, ok := a.(*ast.PredicateNode); !ok {
			kids = append(kids, c.check(a))
		}
	}
	overloads := function.applies
	isApply := overloads != nil
	if function.step != "" {
		return c.roundToCall(name, &functionNamed[function.step].applies[0], kids, from, to)
	}
	if isApply && overloads[0].divides && (len(kids) == 1 || len(kids) == 2 && slices.ContainsFunc(kids, needNotBeWhole)) {
		return c.roundCall(name, &overloads[0], kids, from, to)
	}
	if isApply {
		return c.applyCall(name, overloads, kids, from, to)
	}
	return c.others(name, kids, from, to)
}

func (c *checker) arguments(name string, kids []*node, least, most, from, to int) bool {
	if len(kids) >= least && len(kids) <= most {
		return !slices.ContainsFunc(kids, func(k *node) bool { return k.typ == badType })
	}
	c.wrongNumber(name, len(kids), least, from, to)
	return false
}

func (c *checker) wrongNumber(name string, got, want, from, to int) {
	c.fail(CodeArguments, from, to,
		diagnostic.Textf("%s 的参数个数不对：写了 %d 个", "%s has the wrong number of arguments: %d", name, got),
		diagnostic.Textf("写 %d 个参数", "give it %d", want))
}

func (c *checker) applyCall(name string, overloads []apply, kids []*node, from, to int) *node {
	takes := overloads[0].takes
	most := len(takes)
	if slices.ContainsFunc(overloads, func(o apply) bool { return o.impure }) {
		most++ // its calendar
	}
	if !c.arguments(name, kids, len(takes), most, from, to) {
		return c.bad(from, to)
	}
	all := kids
	kids = kids[:len(takes)]
	pick := slices.IndexFunc(overloads, func(o apply) bool { return o.takes[0] == kids[0].typ.Kind })
	if name == "hours" && kids[0].typ.Kind == value.Ratio { // rounding to hours would be another length
		text := c.text(kids[0].from, kids[0].to)
		c.fail(CodeType, from, to,
			diagnostic.Textf("小时只能是整数，而 %s 是比率", "hours are a whole number, and %s is a ratio", text),
			diagnostic.Textf("写 minutes(rounded((%s) * 60))", "write minutes(rounded((%s) * 60))", text))
		return c.bad(from, to)
	}
	if kids[0].typ == nullType || pick < 0 {
		c.mismatch(kids[0], simpleTypes[takes[0]])
		return c.bad(from, to)
	}
	a := &overloads[pick]
	for i, k := range kids[1:] {
		if k.typ.Kind != a.takes[i+1] {
			c.mismatch(k, simpleTypes[a.takes[i+1]])
			return c.bad(from, to)
		}
	}
	named := len(all) > len(kids)
	if named && !c.calendarArgument(name, a, all[len(kids)]) {
		return c.bad(from, to)
	}
	if a.calendar && !named && !c.env.HasCalendar {
		c.fail(CodeNoCalendar, from, to,
			diagnostic.Textf("这里没有工作日历，不能用 %s", "there is no calendar of working days here for %s", name),
			diagnostic.Textf("在 rulebook 下写 calendar（中国大陆写 calendar: china），或改用 days_after、days_between", "write calendar: under rulebook (calendar: china for mainland China), or use days_after or days_between"))
		return c.bad(from, to)
	}
	if a.hours && !named && !c.env.HasHours {
		c.noHours(name, from, to)
		return c.bad(from, to)
	}
	r := c.node(opApply, simpleTypes[a.gives], from, to, all...)
	r.name, r.apply = name, a
	if named {
		r.calendars = c.env.Calendars
	}
	return r
}

// roundCall checks a rounding of one number, or of the quotient of two of
// which one is a ratio.
func (c *checker) roundCall(name string, a *apply, kids []*node, from, to int) *node {
	of, t := kids[0], countType
	switch {
	case len(kids) == 2 && oneUnit(kids[0].typ, kids[1].typ):
	case len(kids) == 1 && unitOf(of.typ) == value.Money:
		t = moneyType(of.typ.In)
	case len(kids) == 1 && unitOf(of.typ) == value.Duration:
		c.fail(CodeArguments, from, to,
			diagnostic.Textf("时长取整要说明到什么单位", "a rounding of a duration needs its step"),
			diagnostic.Textf("写 %s_to(%s, minutes(1))", "write %s_to(%s, minutes(1))", name, c.text(of.from, of.to)))
		return c.bad(from, to)
	default:
		for _, k := range kids {
			if !isExact(k.typ.Kind) {
				c.mismatch(k, ratioType)
				return c.bad(from, to)
			}
		}
	}
	if len(kids) == 2 {
		of = c.node(opArith, ratioType, from, to, kids...)
		of.name = "/"
	}
	r := c.node(opRound, t, from, to, of)
	r.name, r.apply = name, a
	return r
}

func needNotBeWhole(k *node) bool { return k.typ.Kind == value.Ratio || unitOf(k.typ) != value.Invalid }

// loopCall checks all, any, none, one, count, filter and map.
func (c *checker) loopCall(name string, args []ast.Node, from, to int) *node {
	if len(args) == 0 {
		c.wrongNumber(name, 0, 2, from, to)
		return c.bad(from, to)
	}
	list := c.check(args[0])
	if list.typ != badType && list.typ.Kind != value.List {
		c.mismatch(list, listOf(anyType))
		list = c.bad(list.from, list.to)
	}
	if c.inLoop {
		c.fail(CodeNestedLoop, from, to,
			diagnostic.Textf("循环里不能再有循环 %s", "the loop %s stands inside of a loop", name),
			diagnostic.Textf("里层另立一条规则", "make the inner loop a rule of its own"))
		return c.bad(from, to)
	}
	if len(args) != 2 {
		c.fail(CodeArguments, from, to,
			diagnostic.Textf("%s 缺条件", "%s has no predicate", name),
			diagnostic.Textf("写 %s(列表, .字段 == …)；个数用 len(列表)", "write %s(list, .field == …); for the length len(list)", name))
		return c.bad(from, to)
	}
	predicate, ok := args[1].(*ast.PredicateNode)
	if !ok || list.typ == badType {
		// Without a type for the element, its fields cannot be checked.
		return c.bad(from, to)
	}
	elem, costly := c.elem, c.costly
	c.elem, c.inLoop, c.costly = &scope{list.typ.Elem, list.inside()}, true, 0
	body := c.check(predicate.Node)
	c.elem, c.inLoop, c.costly = elem, false, costly
	if body.typ == badType {
		return c.bad(from, to)
	}
	r := c.node(opLoop, yesNoType, from, to, list, body)
	r.name = name
	if name == "map" {
		if body.typ == spaceType || body.typ == nullType || body.typ.Kind == value.Record {
			c.mismatch(body, openText)
			return c.bad(from, to)
		}
		r.typ = listOf(body.typ)
		return r
	}
	if !c.condition(body) {
		return c.bad(from, to)
	}
	switch name {
	case "count":
		r.typ = countType
	case "filter":
		r.typ, r.field = list.typ, list.inside()
	}
	return r
}

// cost bounds the work that is done for every element: how many lists the
// list functions there may take, and inside of a loop for an element of
// Env.Element how often `in` may search a list that is not constant.
func (c *checker) cost(lists, from, to int) {
	limit := 4
	switch {
	case !c.inLoop && c.env.Element == nil:
		return
	case !c.inLoop:
		limit = 8
	case c.env.Element != nil:
		limit = 0
	}
	c.spend(&c.costly, lists, limit, from, to)
}

func (c *checker) searches(list *node, from, to int) {
	if c.inLoop && c.env.Element != nil && list.op != opConst && list.op != opList {
		c.spend(&c.searched, 1, 2, from, to)
	}
}

func (c *checker) spend(spent *int, n, limit, from, to int) {
	over := *spent > limit
	if *spent += n; *spent <= limit || over { // said once
		return
	}
	c.fail(CodeTooCostly, from, to,
		diagnostic.Textf("对每个元素要处理的列表太多（此处最多 %d 个）", "too many lists are gone through for every element (at most %d here)", limit),
		diagnostic.Textf("先在另一条规则里算好列表", "compute the list in a rule of its own"))
}

// others checks the functions whose arguments are of various types.
func (c *checker) others(name string, kids []*node, from, to int) *node {
	switch name {
	case "exchanged":
		return c.exchangeCall(kids, from, to)
	case "weekday_of":
		return c.weekdayCall(kids, from, to)
	case "most_within":
		return c.mostWithinCall(kids, from, to)
	case "total_time", "total_open_time":
		return c.periodsCall(name, kids, from, to)
	}
	limits := map[string][2]int{
		"both": {2, 2}, "without": {2, 2}, "distinct": {1, 1}, "len": {1, 1}, "sum": {1, 1},
		"months_where": {3, 3}, "starts_with": {2, 2},
	}
	limit, ok := limits[name]
	if !ok {
		limit = [2]int{1, maxBytes}
	}
	if !c.arguments(name, kids, limit[0], limit[1], from, to) {
		return c.bad(from, to)
	}
	r := c.node(opSet, nil, from, to, kids...)
	r.name = name
	switch name {
	case "latest", "earliest":
		r.op, r.typ = opPick, c.pick(kids, momentType, dateType)
	case "greatest", "least":
		r.op, r.typ = opPick, c.greatest(kids)
	case "both", "without", "distinct", "joined":
		c.cost(len(kids), from, to)
		r.typ = c.set(name, kids)
	case "len":
		r.op, r.typ = opLen, countType
		if !c.isList(kids[0]) {
			r.typ = nil
		}
	case "sum":
		c.cost(1, from, to)
		r.op = opSum
		if c.isList(kids[0]) {
			e := kids[0].typ.Elem
			switch {
			case e == anyType:
				r.typ = countType
			case e.Kind == value.Count, e.Kind == value.Ratio, e.Kind == value.Duration, isAmount(e):
				r.typ = e
			default:
				c.mismatch(kids[0], listOf(countType))
			}
		}
	case "months_where":
		c.cost(1, from, to)
		r.op = opMonths
		if c.monthsWhere(kids) {
			r.typ = listOf(monthType)
		}
	case "starts_with":
		r.op = opPrefix
		if c.prefix(kids) {
			r.typ = yesNoType
		}
	}
	if r.typ == nil {
		return c.bad(from, to)
	}
	return r
}

func (c *checker) isList(n *node) bool {
	if n.typ.Kind != value.List {
		c.mismatch(n, listOf(anyType))
		return false
	}
	return true
}

// pick types latest(a, b, …) or latest(list).
func (c *checker) pick(kids []*node, types ...*value.Type) *value.Type {
	if len(kids) == 1 && kids[0].typ.Kind == value.List {
		e := kids[0].typ.Elem
		for _, t := range types {
			if e.Kind == t.Kind || e == anyType {
				c.cost(1, kids[0].from, kids[0].to)
				return t
			}
		}
		c.mismatch(kids[0], listOf(types[0]))
		return nil
	}
	var typ *value.Type
	for _, k := range kids {
		if k.typ == nullType {
			continue
		}
		if typ == nil {
			for _, t := range types {
				if k.typ.Kind == t.Kind {
					typ = t
				}
			}
			if typ == nil {
				c.mismatch(k, types[0])
				return nil
			}
		}
		if k.typ.Kind != typ.Kind {
			c.mismatch(k, typ)
			return nil
		}
	}
	if typ == nil { // of null alone
		typ = types[0]
	}
	return typ
}

// greatest types greatest(a, b, …), greatest(list) and least: of whole numbers,
// and of amounts and ratios, of which one that need not be whole makes all so.
func (c *checker) greatest(kids []*node) *value.Type {
	all := kids
	if len(kids) == 1 && kids[0].typ.Kind == value.List {
		c.cost(1, kids[0].from, kids[0].to)
		all = []*node{c.node(opConst, kids[0].typ.Elem, kids[0].from, kids[0].to)}
	}
	typ := nullType
	for _, k := range all {
		t := common(typ, k.typ)
		if t == nil || t != nullType && t != anyType && !isExact(t.Kind) && unitOf(t) == value.Invalid {
			want := countType
			if typ != nullType {
				want = typ
			}
			c.mismatch(k, want)
			return nil
		}
		typ = t
	}
	if typ == nullType || typ == anyType {
		return countType
	}
	for _, k := range all {
		typ = open(typ, k.typ)
	}
	return typ
}

// set types the functions that treat lists as sets.
func (c *checker) set(name string, kids []*node) *value.Type {
	for _, k := range kids {
		if !c.isList(k) {
			return nil
		}
	}
	if name == "joined" && len(kids) == 1 && kids[0].typ.Elem.Kind == value.List { // joined(list of lists)
		return c.ofScalars(kids[0], kids[0].typ.Elem)
	}
	t := kids[0].typ
	for _, k := range kids[1:] {
		u := common(t, k.typ)
		if u == nil {
			c.mismatch(k, t)
			return nil
		}
		t = u
	}
	for _, k := range kids {
		c.adopt(k, t)
		t = open(t, k.typ)
	}
	return c.ofScalars(kids[0], t)
}

func (c *checker) ofScalars(n *node, t *value.Type) *value.Type {
	if t.Elem.Kind == value.Record || t.Elem.Kind == value.List {
		c.mismatch(n, listOf(openText))
		return nil
	}
	return t
}

func (c *checker) monthsWhere(kids []*node) bool {
	year, list, word := kids[0], kids[1], kids[2]
	if year.typ.Kind != value.Count {
		c.mismatch(year, countType)
		return false
	}
	if !c.isList(list) {
		return false
	}
	t := common(list.typ.Elem, word.typ)
	if t == nil || t.Kind != value.Word || word.typ == nullType {
		c.mismatch(word, list.typ.Elem)
		return false
	}
	c.adopt(list, listOf(t))
	c.adopt(word, t)
	return true
}

func (c *checker) prefix(kids []*node) bool {
	switch {
	case kids[0].typ.Kind != value.Name && kids[0].typ.Kind != value.Article && kids[0].typ != openText:
		c.mismatch(kids[0], simpleTypes[value.Name])
		return false
	case kids[1].op != opConst || kids[1].typ != openText:
		c.fail(CodeArguments, kids[1].from, kids[1].to,
			diagnostic.Textf("starts_with 的前缀应直接写出", "the prefix of starts_with must be written out"),
			diagnostic.Textf(`写 starts_with(名称, "前缀")`, `write starts_with(name, "prefix")`))
		return false
	}
	return true
}
