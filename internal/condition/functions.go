package condition

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
)

// apply is a function of one or two whole numbers (counts, dates, moments, …).
type apply struct {
	takes    []value.Kind
	gives    value.Kind
	impure   bool // uses the zone or the calendar, so cannot be folded
	calendar bool
	divides  bool // by the second; there is no result where that is 0
	one      func(f *value.Frame, a int64) (int64, error)
	two      func(f *value.Frame, a, b int64) (int64, error)
}

// applies are the functions by name, each with its overloads.
var applies = map[string][]apply{
	"hours":   {{takes: []value.Kind{value.Count}, gives: value.Duration, one: lengthOf(time.Hour)}},
	"minutes": {{takes: []value.Kind{value.Count}, gives: value.Duration, one: lengthOf(time.Minute)}},
	"date_of": {{takes: []value.Kind{value.Moment}, gives: value.Date, impure: true, one: dateOf}},
	"month_of": {
		{takes: []value.Kind{value.Moment}, gives: value.Month, impure: true, one: func(f *value.Frame, a int64) (int64, error) {
			return monthOf(at(f, a).Date()), nil
		}},
		{takes: []value.Kind{value.Date}, gives: value.Month, one: func(_ *value.Frame, a int64) (int64, error) {
			return monthOf(date.Date(a).Date()), nil
		}},
	},
	"year_of": {
		{takes: []value.Kind{value.Moment}, gives: value.Count, impure: true, one: func(f *value.Frame, a int64) (int64, error) {
			return int64(at(f, a).Year()), nil
		}},
		{takes: []value.Kind{value.Date}, gives: value.Count, one: func(_ *value.Frame, a int64) (int64, error) {
			return int64(date.Date(a).Year()), nil
		}},
		{takes: []value.Kind{value.Month}, gives: value.Count, one: func(_ *value.Frame, a int64) (int64, error) {
			return a / 12, nil
		}},
	},
	"time_of_day": {{takes: []value.Kind{value.Moment}, gives: value.Duration, impure: true, one: timeOfDay}},
	"days_between": {{takes: []value.Kind{value.Date, value.Date}, gives: value.Count, two: func(_ *value.Frame, a, b int64) (int64, error) {
		return checked(value.Sub(b, a))
	}}},
	"days_after": {{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, two: func(_ *value.Frame, a, n int64) (int64, error) {
		d, ok := value.Add(a, n)
		if !ok || d < firstDay || d > lastDay {
			return 0, ErrOutOfRange
		}
		return d, nil
	}}},
	"months_after": {{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, two: monthsAfter}},
	"years_after": {{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, two: func(f *value.Frame, a, n int64) (int64, error) {
		if n > 9999 || n < -9999 {
			return 0, ErrOutOfRange
		}
		return monthsAfter(f, a, 12*n)
	}}},
	"working_days_after": {{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, impure: true, calendar: true, two: workingDaysAfter}},
	"working_days_between": {{takes: []value.Kind{value.Date, value.Date}, gives: value.Count, impure: true, calendar: true,
		two: func(f *value.Frame, a, b int64) (int64, error) {
			if f.Calendar == nil {
				return 0, ErrNoCalendar
			}
			n, err := f.Calendar.WorkingDaysBetween(a, b)
			return int64(n), err
		}}},
	"rounded_down": {{takes: []value.Kind{value.Count, value.Count}, gives: value.Count, divides: true, two: roundedDown}},
	"rounded_up":   {{takes: []value.Kind{value.Count, value.Count}, gives: value.Count, divides: true, two: roundedUp}},
	"rounded":      {{takes: []value.Kind{value.Count, value.Count}, gives: value.Count, divides: true, two: rounded}},
	"start_of_day": {{takes: []value.Kind{value.Date}, gives: value.Moment, impure: true, one: startOfDay}},
	"end_of_month": {{takes: []value.Kind{value.Month}, gives: value.Date, one: func(_ *value.Frame, a int64) (int64, error) {
		if a < 12 || a >= 12*10000 {
			return 0, ErrOutOfRange
		}
		return int64(date.New(int(a/12), time.Month(a%12)+2, 0)), nil
	}}},
	"month_at": {{takes: []value.Kind{value.Count, value.Count}, gives: value.Month, two: func(_ *value.Frame, y, m int64) (int64, error) {
		if y < 1 || y > 9999 || m < 1 || m > 12 {
			return 0, ErrOutOfRange
		}
		return y*12 + m - 1, nil
	}}},
}

// The dates that functions may give: years 1 to 9999.
var (
	firstDay = int64(date.New(1, time.January, 1))
	lastDay  = int64(date.New(9999, time.December, 31))
)

func lengthOf(unit time.Duration) func(*value.Frame, int64) (int64, error) {
	return func(_ *value.Frame, n int64) (int64, error) { return checked(value.Mul(n, int64(unit))) }
}

// checked makes the overflow of exact arithmetic an error; the place of it is
// added by whoever knows it.
func checked(n int64, ok bool) (int64, error) {
	if !ok {
		return 0, &OverflowError{}
	}
	return n, nil
}

func zone(f *value.Frame) *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

func at(f *value.Frame, nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).In(zone(f)) }

func monthOf(y int, m time.Month, _ int) int64 { return int64(y)*12 + int64(m) - 1 }

func dateOf(f *value.Frame, a int64) (int64, error) { return int64(date.NewAt(at(f, a))), nil }

// timeOfDay is what the clock on the wall shows, as time since midnight.
func timeOfDay(f *value.Frame, a int64) (int64, error) {
	t := at(f, a)
	return int64(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())), nil
}

// monthsAfter keeps the day of the month, or takes the last where the month
// is too short.
func monthsAfter(_ *value.Frame, a, n int64) (int64, error) {
	if a < firstDay || a > lastDay || n > 12*9999 || n < -12*9999 {
		return 0, ErrOutOfRange
	}
	y, m, d := date.Date(a).Date()
	month := monthOf(y, m, d) + n
	if month < 12 || month >= 12*10000 {
		return 0, ErrOutOfRange
	}
	y, m = int(month/12), time.Month(month%12)+1
	return int64(date.New(y, m, min(d, date.New(y, m+1, 0).Day()))), nil
}

func workingDaysAfter(f *value.Frame, a, n int64) (int64, error) {
	if f.Calendar == nil {
		return 0, ErrNoCalendar
	}
	if n != int64(int32(n)) {
		return 0, ErrOutOfRange
	}
	return f.Calendar.AddWorkingDays(a, int(n))
}

// roundedDown is the greatest whole number that is not above a/b.
func roundedDown(_ *value.Frame, a, b int64) (int64, error) {
	if a == math.MinInt64 && b == -1 {
		return 0, &OverflowError{}
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q, nil
}

// roundedUp is the least whole number that is not below a/b.
func roundedUp(f *value.Frame, a, b int64) (int64, error) {
	q, err := roundedDown(f, a, b)
	if err == nil && a%b != 0 {
		q++
	}
	return q, err
}

// rounded is the whole number that is nearest to a/b; of two that are as near,
// the one that is farther from 0.
func rounded(_ *value.Frame, a, b int64) (int64, error) {
	if a == math.MinInt64 && b == -1 {
		return 0, &OverflowError{}
	}
	q, rest, of := a/b, magnitude(a%b), magnitude(b)
	switch {
	case rest < of-rest:
	case (a < 0) == (b < 0):
		q++
	default:
		q--
	}
	return q, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func startOfDay(f *value.Frame, a int64) (int64, error) {
	if a < firstDay || a > lastDay {
		return 0, ErrOutOfRange
	}
	if y := date.Date(a).Year(); y < 1700 || y >= 2200 {
		return 0, ErrOutOfRange
	}
	clocks := walltime.Of(zone(f))
	return clocks.DayStart(date.Date(a)), nil
}

var loops = []string{"all", "any", "count", "filter", "map", "none", "one"}

var others = []string{
	"both", "distinct", "earliest", "greatest", "joined", "latest", "least", "len", "months_where", "starts_with", "sum", "without",
}

// functionNames are all functions of the language, sorted.
func functionNames() []string {
	names := slices.Concat(loops, others, slices.Collect(maps.Keys(applies)))
	slices.Sort(names)
	return names
}

// functions of expr, spreadsheets and other languages, in lower case, and how
// to say here what they do.
var renamed = map[string]diagnostic.Text{
	"max":       {ZH: "写 greatest(…)；时间用 latest(…)", EN: "write greatest(…), or latest(…) for times"},
	"min":       {ZH: "写 least(…)；时间用 earliest(…)", EN: "write least(…), or earliest(…) for times"},
	"now":       {ZH: "把时刻作为事实给出", EN: "give the moment as a fact"},
	"date":      {ZH: "把日期作为事实给出", EN: "give the date as a fact"},
	"duration":  {ZH: "写 hours(…) 或 minutes(…)", EN: "write hours(…) or minutes(…)"},
	"days":      {ZH: "写 days_after(日期, 天数)；时长写 hours(…)，一天为 24 小时", EN: "write days_after(date, n); a length of time as hours(…), 24 of them a day"},
	"uniq":      {ZH: "写 distinct(列表)", EN: "write distinct(list)"},
	"concat":    {ZH: "写 joined(列表, 列表)", EN: "write joined(list, list)"},
	"flatten":   {ZH: "写 joined(列表的列表)", EN: "write joined(list of lists)"},
	"reduce":    {ZH: "写 sum(列表) 或 count(列表, …)", EN: "write sum(list) or count(list, …)"},
	"find":      {ZH: "写 filter(列表, …) 或 any(列表, …)", EN: "write filter(list, …) or any(list, …)"},
	"hasprefix": {ZH: `写 starts_with(名称, "前缀")`, EN: `write starts_with(name, "prefix")`},
	"floor":     {ZH: "甲除以乙向下取整：写 rounded_down(甲, 乙)", EN: "for a / b rounded down write rounded_down(a, b)"},
	"rounddown": {ZH: "甲除以乙向下取整：写 rounded_down(甲, 乙)", EN: "for a / b rounded down write rounded_down(a, b)"},
	"ceil":      {ZH: "甲除以乙向上取整：写 rounded_up(甲, 乙)", EN: "for a / b rounded up write rounded_up(a, b)"},
	"roundup":   {ZH: "甲除以乙向上取整：写 rounded_up(甲, 乙)", EN: "for a / b rounded up write rounded_up(a, b)"},
	"round":     {ZH: "四舍五入写 rounded(甲) 或 rounded(甲, 乙)", EN: "for half up write rounded(a), or rounded(a, b) of a / b"},
	"abs":       {ZH: "写 greatest(甲, -甲)", EN: "write greatest(a, -a)"},
	"average":   {ZH: "写 sum(列表) / len(列表)", EN: "write sum(list) / len(list)"},
	"mean":      {ZH: "写 sum(列表) / len(列表)", EN: "write sum(list) / len(list)"},
	"today":     {ZH: "把日期作为事实给出", EN: "give the date as a fact"},
	"countif":   {ZH: "写 count(列表, …)", EN: "write count(list, …)"},
	"sumif":     {ZH: "写 sum(filter(列表, …), .字段)", EN: "write sum(filter(list, …), .field)"},
	"datedif":   {ZH: "写 days_between(起, 止)", EN: "write days_between(from, to)"},
	"iif":       {ZH: "写 条件 ? 甲 : 乙", EN: "write condition ? a : b"},
	"not":       {ZH: "写 not (条件)", EN: "write not (condition)"},
	"and":       {ZH: "写 甲 and 乙", EN: "write a and b"},
	"or":        {ZH: "写 甲 or 乙", EN: "write a or b"},
	"isnull":    {ZH: "写 甲 == null", EN: "write a == null"},
	"isblank":   {ZH: "写 甲 == null", EN: "write a == null"},
	"exists":    {ZH: "写 any(列表, …)", EN: "write any(list, …)"},
}

func (c *checker) call(n ast.Node, name string, args []ast.Node) *node {
	token, i := c.tokenOf(n)
	from, to := token.From, token.To
	if i >= 0 {
		to = max(to, c.callEnd(i+1))
	} else {
		from, to = 0, len(c.src)
	}
	if slices.Contains(loops, name) {
		return c.loopCall(name, args, from, to)
	}
	if name == "sum" && len(args) == 2 {
		list := c.loopCall("map", args, from, to)
		return c.others("sum", []*node{list}, from, to)
	}
	overloads, isApply := applies[name]
	if !isApply && !slices.Contains(others, name) {
		remedy, ok := renamed[strings.ToLower(name)]
		if !ok {
			names := functionNames()
			remedy = meant(name, names, diagnostic.Textf("可用的函数：%s", "the functions are %s", strings.Join(names, ", ")))
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
	if isApply && overloads[0].divides && (len(kids) == 1 || len(kids) == 2 && slices.ContainsFunc(kids, func(k *node) bool { return k.typ.Kind == value.Ratio })) {
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
	if !c.arguments(name, kids, len(takes), len(takes), from, to) {
		return c.bad(from, to)
	}
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
	if a.calendar && !c.env.HasCalendar {
		c.fail(CodeNoCalendar, from, to,
			diagnostic.Textf("这里没有工作日历，不能用 %s", "there is no calendar of working days here for %s", name),
			diagnostic.Textf("在 rulebook 下写 calendar（中国大陆写 calendar: china），或改用 days_after、days_between", "write calendar: under rulebook (calendar: china for mainland China), or use days_after or days_between"))
		return c.bad(from, to)
	}
	r := c.node(opApply, simpleTypes[a.gives], from, to, kids...)
	r.name, r.apply = name, a
	return r
}

// roundCall checks a rounding of one number, or of the quotient of two of
// which one is a ratio.
func (c *checker) roundCall(name string, a *apply, kids []*node, from, to int) *node {
	for _, k := range kids {
		if !isExact(k.typ.Kind) {
			c.mismatch(k, ratioType)
			return c.bad(from, to)
		}
	}
	of := kids[0]
	if len(kids) == 2 {
		of = c.node(opArith, ratioType, from, to, kids...)
		of.name = "/"
	}
	r := c.node(opRound, countType, from, to, of)
	r.name, r.apply = name, a
	return r
}

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
		r.op, r.typ = opPick, c.pick(kids, countType)
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
			case e.Kind == value.Count, e.Kind == value.Duration:
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
