package plainwords

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// How tightly what is said binds, so that brackets stand where they are needed.
const (
	bindsNot = iota
	bindsChoice
	bindsOr
	bindsAnd
	bindsCompare
	bindsAdd
	bindsMultiply
	bindsTight
)

// lookAt is what the expression at a node stands for; of a choice the first branch
// that is known.
func (t *teller) lookAt(n *source.Node) thing {
	for checked.IsBy(n) {
		var next *source.Node
		for _, e := range n.Entries {
			if e.Key.Text != "by" {
				next = e.Value
				break
			}
		}
		n = next
	}
	if n == nil || n.Kind != source.Scalar {
		return thing{}
	}
	if tree, ok := condition.TreeOf(n.Text); ok {
		return t.look(tree)
	}
	return thing{}
}

// look is what a part of an expression stands for. Rules do not use each other in
// a circle, so that this comes to an end; depth guards against a long way.
func (t *teller) look(n *condition.Tree) thing {
	if t.depth > 40 {
		return thing{}
	}
	t.depth++
	defer func() { t.depth-- }()
	switch n.Op {
	case condition.TreeName:
		return t.name(n.Text)
	case condition.TreeElement:
		return t.elementField(n.Text)
	case condition.TreeList:
		out := thing{typ: "list"}
		if len(n.Of) > 0 {
			out.words = t.look(n.Of[0]).words
		}
		return out
	case condition.TreeChoice:
		for _, k := range n.Of[1:] {
			if out := t.look(k); out.typ != "" || out.words != nil {
				out.phrase = nil
				return out
			}
		}
	case condition.TreeBinary:
		switch n.Text {
		case "+", "-", "*", "/", "of":
			return thing{typ: "count"}
		}
		return thing{typ: "yes_no"}
	case condition.TreeNot:
		return thing{typ: "yes_no"}
	case condition.TreeCall:
		return t.lookCall(n)
	}
	return thing{}
}

func (t *teller) lookCall(n *condition.Tree) thing {
	if len(n.Of) == 0 {
		return thing{}
	}
	switch n.Text {
	case "filter", "without", "both", "joined", "distinct":
		out := t.look(n.Of[0])
		out.phrase = nil
		return out
	case "map":
		out := t.inside(t.look(n.Of[0]).items).look(n.Of[1])
		return thing{typ: "list", words: out.words}
	case "latest", "earliest", "greatest", "least", "value_on":
		out := t.look(n.Of[0])
		out.phrase = nil
		if out.typ == "list" { // of moments, or numbers
			out.typ = map[string]string{"latest": "moment", "earliest": "moment"}[n.Text]
		}
		return out
	case "date_of", "days_after", "months_after", "years_after", "working_days_after", "start_of_month", "end_of_month",
		"start_of_quarter", "end_of_quarter", "start_of_year", "end_of_year":
		return thing{typ: "date"}
	case "start_of_day", "start_of_hour":
		return thing{typ: "moment"}
	case "any", "all", "none", "one", "starts_with":
		return thing{typ: "yes_no"}
	case "month_of", "month_at":
		return thing{typ: "month"}
	}
	return thing{}
}

// inside is the teller within a loop over a list.
func (t *teller) inside(items *element) *teller {
	inner := *t
	inner.elem = items
	return &inner
}

// value says what a part of an expression is; least is how tightly it must bind
// to do without brackets.
func (t *teller) value(n *condition.Tree, least int) Phrase {
	p, binds := t.said(n)
	if binds < least {
		return t.f("（%s）", "(%s)", p)
	}
	return p
}

func (t *teller) said(n *condition.Tree) (Phrase, int) {
	switch n.Op {
	case condition.TreeName, condition.TreeElement:
		return t.look(n).phrase, bindsTight
	case condition.TreeQuoted:
		if t.typed {
			return t.typedWord(n.Text), bindsTight
		}
		return t.wordIn(t.words, n.Text), bindsTight
	case condition.TreeNumber:
		return number(n.Text), bindsTight
	case condition.TreeList:
		if len(n.Of) == 0 {
			return plain(t.pick("空", "nothing")), bindsTight
		}
		return t.listed(n.Of), bindsTight
	case condition.TreeNot:
		return t.condition(&condition.Tree{Op: condition.TreeNot, Of: n.Of}), bindsCompare
	case condition.TreeNegate:
		return put("−%s", t.value(n.Of[0], bindsTight)), bindsMultiply
	case condition.TreeBinary:
		return t.binary(n)
	case condition.TreeChoice:
		return t.choice(n), bindsChoice
	case condition.TreeCall:
		return t.call(n)
	}
	return plain(n.Text), bindsTight
}

func (t *teller) listed(nodes []*condition.Tree) Phrase {
	parts := make([]Phrase, len(nodes))
	for i, k := range nodes {
		parts[i] = t.value(k, bindsOr)
	}
	return join(parts, t.pick("、", ", "))
}

func (t *teller) binary(n *condition.Tree) (Phrase, int) {
	signs := map[string]struct {
		text  string
		binds int
	}{"+": {" + ", bindsAdd}, "-": {" − ", bindsAdd}, "*": {" × ", bindsMultiply}, "/": {" ÷ ", bindsMultiply}}
	if n.Text == "of" {
		return t.f("%[2]s 的 %[1]s", "%s of %s", t.value(n.Of[0], bindsTight), t.value(n.Of[1], bindsTight)), bindsMultiply
	}
	if s, ok := signs[n.Text]; ok {
		return join([]Phrase{t.value(n.Of[0], s.binds), t.value(n.Of[1], s.binds+1)}, s.text), s.binds
	}
	binds := map[string]int{"and": bindsAnd, "or": bindsOr}[n.Text]
	if binds == 0 {
		binds = bindsCompare
	}
	return t.condition(n), binds
}

// choice says what holds in which case: one after the other.
func (t *teller) choice(n *condition.Tree) Phrase {
	var parts []Phrase
	for n.Op == condition.TreeChoice {
		parts = append(parts, t.f("%s的，为%s", "%[2]s if %[1]s", t.condition(n.Of[0]), t.value(n.Of[1], bindsOr)))
		n = n.Of[2]
	}
	parts = append(parts, t.f("其余为%s", "otherwise %s", t.value(n, bindsOr)))
	return join(parts, t.pick("；", "; "))
}

// condition says what a yes/no part of an expression demands.
func (t *teller) condition(n *condition.Tree) Phrase {
	switch n.Op {
	case condition.TreeNot:
		return t.negated(n.Of[0])
	case condition.TreeBinary:
		switch n.Text {
		case "and", "or":
			return t.junction(n)
		case "==", "!=", "<", "<=", ">", ">=", "in":
			return t.comparison(n.Text, n.Of[0], n.Of[1])
		}
	case condition.TreeName, condition.TreeElement:
		switch n.Text {
		case "true":
			return plain(t.pick("总是", "always"))
		case "false":
			return plain(t.pick("从不", "never"))
		}
		return t.yes(t.look(n), n)
	}
	return t.value(n, bindsCompare)
}

// yes says that something holds.
func (t *teller) yes(x thing, n *condition.Tree) Phrase {
	if strings.HasSuffix(n.Text, ".holds") {
		return t.f("%s成立", "%s holds", x.phrase)
	}
	return t.stated(x.phrase)
}

// questions are how a label asks in Chinese, with what states the same.
var questions = strings.NewReplacer("是否", "", "应否", "应", "能否", "能", "可否", "可", "会否", "会", "须否", "须", "有无", "有")

// stated is what a yes/no is called, as a statement: “whether it is late” is “it
// is late”.
func (t *teller) stated(p Phrase) Phrase {
	if last := len(p) - 1; last > 1 && p[last].Text == "是否违反" && p[last-1].Text == "的" {
		return put("违反%s", t.stated(p[:last-1]))
	}
	out := make(Phrase, len(p))
	for i, s := range p {
		if s.Kind == Word || s.Kind == Number {
			out[i] = s
			continue
		}
		if i > 0 && strings.HasPrefix(s.Text, "是否") && out[i-1].Text == "的" { // 阶梯的是否须由人决定
			out[i-1].Text = ""
		}
		s.Text = strings.TrimPrefix(questions.Replace(s.Text), "whether ")
		out[i] = s
	}
	return out
}

func (t *teller) negated(n *condition.Tree) Phrase {
	switch {
	case n.Op == condition.TreeNot:
		return t.condition(n.Of[0])
	case n.Op == condition.TreeBinary && n.Text == "in":
		return t.comparison("not in", n.Of[0], n.Of[1])
	case n.Op == condition.TreeBinary && n.Text == "==":
		return t.comparison("!=", n.Of[0], n.Of[1])
	case n.Op == condition.TreeBinary && n.Text == "!=":
		return t.comparison("==", n.Of[0], n.Of[1])
	case n.Op == condition.TreeName || n.Op == condition.TreeElement:
		x := t.look(n)
		if strings.HasSuffix(n.Text, ".holds") {
			return t.f("%s不成立", "%s does not hold", x.phrase)
		}
		stated := t.stated(x.phrase)
		if p, ok := t.denied(stated); ok {
			return p
		}
		return t.f("并非“%s”", "not “%s”", stated)
	}
	return t.f("并非（%s）", "not (%s)", t.condition(n))
}

// denials are how statements in Chinese begin, with what denies them, and by what
// they must not go on, for then it is another word: 能力 is not 能.
var denials = []struct{ is, isNot, unless string }{
	{"已经", "尚未", ""}, {"已", "未", ""}, {"有权", "无权", ""}, {"能够", "不能", ""}, {"能", "不能", "力耗源量效动"}, {"是", "不是", "非否"},
	{"属于", "不属于", ""}, {"属实", "不属实", ""}, {"符合", "不符合", ""}, {"可以", "不可以", ""}, {"须", "无须", "知"},
}

// denied is a statement in Chinese as people deny it, where it is simple enough.
func (t *teller) denied(p Phrase) (Phrase, bool) {
	if t.lang != "zh" || len(p) != 1 || strings.ContainsAny(p[0].Text, "或并且和、，（") {
		return nil, false
	}
	s := p[0]
	at := strings.LastIndex(s.Text, "·") + 1
	if at > 0 {
		at += len("·") - 1
	}
	for _, d := range denials {
		if rest, ok := strings.CutPrefix(s.Text[at:], d.is); ok {
			next, _ := utf8.DecodeRuneInString(rest)
			s.Text = s.Text[:at] + d.isNot + rest
			return Phrase{s}, !strings.ContainsRune(d.unless, next)
		}
	}
	if who, did, ok := strings.Cut(s.Text[at:], "已"); ok && !strings.Contains(did, "已") && !strings.HasPrefix(did, "经") { // 客户已回应
		s.Text = s.Text[:at] + who + "未" + did
		return Phrase{s}, true
	}
	return nil, false
}

// junction joins what and and or join; what is of another kind stands in brackets.
func (t *teller) junction(n *condition.Tree) Phrase {
	parts := flat(n, n.Text)
	all := make([]Phrase, len(parts))
	for i, k := range parts {
		all[i] = t.condition(k)
		if k.Op == condition.TreeBinary && (k.Text == "and" || k.Text == "or") || k.Op == condition.TreeChoice {
			all[i] = t.f("（%s）", "(%s)", all[i])
		}
	}
	if n.Text == "and" {
		return join(all, t.pick("，且", " and "))
	}
	return join(all, t.pick("，或", " or "))
}

// flat are the parts that one operator joins.
func flat(n *condition.Tree, op string) []*condition.Tree {
	if n.Op != condition.TreeBinary || n.Text != op {
		return []*condition.Tree{n}
	}
	return append(flat(n.Of[0], op), flat(n.Of[1], op)...)
}

// relations are comparisons in words: of numbers, and of times.
var relations = map[string][2]policy.Text{
	"==": {{ZH: "%s等于%s", EN: "%s is %s"}, {ZH: "%s即%s", EN: "%s is %s"}},
	"!=": {{ZH: "%s不等于%s", EN: "%s is not %s"}, {ZH: "%s不是%s", EN: "%s is not %s"}},
	"<":  {{ZH: "%s小于%s", EN: "%s is less than %s"}, {ZH: "%s早于%s", EN: "%s is before %s"}},
	"<=": {{ZH: "%s不超过%s", EN: "%s is at most %s"}, {ZH: "%s不晚于%s", EN: "%s is no later than %s"}},
	">":  {{ZH: "%s大于%s", EN: "%s is more than %s"}, {ZH: "%s晚于%s", EN: "%s is after %s"}},
	">=": {{ZH: "%s不少于%s", EN: "%s is at least %s"}, {ZH: "%s不早于%s", EN: "%s is no earlier than %s"}},
}

func isNull(n *condition.Tree) bool { return n.Op == condition.TreeName && n.Text == "null" }

func isTime(typ string) bool {
	return typ == "moment" || typ == "date" || typ == "month" || typ == "year"
}

func (t *teller) comparison(op string, a, b *condition.Tree) Phrase {
	if isNull(a) {
		a, b = b, a
	}
	if p, ok := t.truth(op, a, b); ok {
		return p
	}
	x, y := t.look(a), t.look(b)
	words := x.words
	if words == nil {
		words = y.words
	}
	side := *t
	side.words = words
	side.typed = isTyped(x) || isTyped(y)
	left, right := side.value(a, bindsAdd), side.value(b, bindsAdd)
	if op == "in" || op == "not in" {
		return t.membership(op, a, b, left, right)
	}
	if p, ok := t.emptiness(op, a, b); ok {
		return p
	}
	if isNull(b) {
		if op == "==" {
			return t.f("没有%s", "%s has no value", left)
		}
		return t.f("有%s", "%s has a value", left)
	}
	isWord := func(n *condition.Tree, x thing) bool {
		return n.Op == condition.TreeQuoted || x.words != nil || n.Op == condition.TreeName && (n.Text == "true" || n.Text == "false")
	}
	if (op == "==" || op == "!=") && (isWord(a, x) || isWord(b, y) || x.typ == "name" || y.typ == "name") {
		if a.Op == condition.TreeQuoted { // "visit" == channel reads the other way round
			left, right = right, left
		}
		if op == "==" {
			return t.f("%s为%s", "%s is %s", left, right)
		}
		if strings.HasPrefix(right.String(), "not ") { // a word such as “not applicable”
			right = put("“%s”", right)
		}
		return t.f("%s不是%s", "%s is not %s", left, right)
	}
	kind := 0
	if isTime(x.typ) || isTime(y.typ) {
		kind = 1
	}
	r := relations[op][kind]
	return t.f(r.ZH, r.EN, left, right)
}

// typedWord is what people type, behind what it is called, where it has a label.
func (t *teller) typedWord(word string) Phrase {
	code := Phrase{{Text: word, Kind: Code}}
	if label := t.wordIn(nil, word); label.String() != readable(word) {
		return t.f("%s（%s）", "%s (%s)", label, code)
	}
	return code
}

// isTyped reports whether people type a value, character by character: a name or
// a text, or a list of them.
func isTyped(x thing) bool {
	if x.items != nil && x.items.fact != nil {
		x.typ = x.items.fact.TypeName
	}
	return x.words == nil && (x.typ == "name" || x.typ == "text")
}

// truth says a comparison with true or false as what is so, or is not.
func (t *teller) truth(op string, a, b *condition.Tree) (Phrase, bool) {
	if a.Op == condition.TreeName && (a.Text == "true" || a.Text == "false") {
		a, b = b, a
	}
	if b.Op != condition.TreeName || b.Text != "true" && b.Text != "false" || op != "==" && op != "!=" {
		return nil, false
	}
	if (b.Text == "true") == (op == "==") {
		return t.condition(a), true
	}
	return t.negated(a), true
}

// emptiness says whether a list is empty, where its length is compared with 0.
func (t *teller) emptiness(op string, a, b *condition.Tree) (Phrase, bool) {
	if a.Op != condition.TreeCall || a.Text != "len" || len(a.Of) != 1 || b.Op != condition.TreeNumber || b.Text != "0" {
		return nil, false
	}
	if both := a.Of[0]; both.Op == condition.TreeCall && both.Text == "both" && len(both.Of) == 2 && both.Of[1].Op == condition.TreeList {
		side := *t
		side.words = t.look(both.Of[0]).words
		of, any := t.value(both.Of[0], bindsAdd), side.listed(both.Of[1].Of)
		switch op {
		case "==":
			return t.f("%s中没有以下任何一个：%s", "%s includes none of these: %s", of, any), true
		case "!=", ">":
			return t.f("%s中有以下之一：%s", "%s includes one of these: %s", of, any), true
		}
	}
	if rest := a.Of[0]; rest.Op == condition.TreeCall && rest.Text == "without" && len(rest.Of) == 2 {
		of, others := t.value(rest.Of[0], bindsAdd), t.value(rest.Of[1], bindsAdd)
		switch op {
		case "==":
			return t.f("%s都在%s中", "all of %s are among %s", of, others), true
		case "!=", ">":
			return t.f("%s中有不在%s中的", "some of %s are not among %s", of, others), true
		}
	}
	list := t.value(a.Of[0], bindsAdd)
	switch op {
	case "==":
		return t.f("没有%s", "there is none of %s", list), true
	case "!=", ">":
		return t.f("有%s", "there is at least one of %s", list), true
	}
	return nil, false
}

func (t *teller) membership(op string, a, b *condition.Tree, left, right Phrase) Phrase {
	switch {
	case a.Op == condition.TreeQuoted && b.Op == condition.TreeList && len(b.Of) > 1 && op == "in": // one of several values is the word
		return t.f("%[2]s之一为%[1]s", "one of %[2]s is %[1]s", left, right)
	case a.Op == condition.TreeQuoted && b.Op == condition.TreeList && len(b.Of) > 1:
		return t.f("%[2]s都不是%[1]s", "none of %[2]s is %[1]s", left, right)
	case b.Op == condition.TreeList && len(b.Of) == 1 && op == "in":
		return t.f("%s为%s", "%s is %s", left, right)
	case b.Op == condition.TreeList && len(b.Of) == 1:
		return t.f("%s不是%s", "%s is not %s", left, right)
	case b.Op == condition.TreeList && op == "in":
		return t.f("%s为以下之一：%s", "%s is one of %s", left, right)
	case b.Op == condition.TreeList:
		return t.f("%s不是以下任何一个：%s", "%s is none of %s", left, right)
	case op == "in":
		return t.f("%[2]s中有%[1]s", "%[2]s includes %[1]s", left, right)
	}
	return t.f("%[2]s中没有%[1]s", "%[2]s does not include %[1]s", left, right)
}

// calls are the functions that the table of functions has no words for.
var calls = map[string]policy.Text{
	"hours":        {ZH: "%s小时", EN: "%s hours"},
	"minutes":      {ZH: "%s分钟", EN: "%s minutes"},
	"seconds":      {ZH: "%s秒", EN: "%s seconds"},
	"time_of_day":  {ZH: "%s的钟点", EN: "the time of day of %s"},
	"month_at":     {ZH: "%s年%s月", EN: "month %[2]s of %[1]s"},
	"any":          {ZH: "%s中有符合“%s”的", EN: "there is one of %s where %s"},
	"all":          {ZH: "%s每一项都符合“%s”", EN: "all of %s are such that %s"},
	"none":         {ZH: "%s中没有符合“%s”的", EN: "there is none of %s where %s"},
	"one":          {ZH: "%s中恰有一项符合“%s”", EN: "there is exactly one of %s where %s"},
	"count":        {ZH: "%s中符合“%s”的项数", EN: "the number of those of %s where %s"},
	"filter":       {ZH: "%s中符合“%s”的", EN: "those of %s where %s"},
	"map":          {ZH: "%s各项的%s", EN: "the %[2]s of each of %[1]s"},
	"len":          {ZH: "%s的项数", EN: "the number of %s"},
	"without":      {ZH: "%s除去%s", EN: "%s without %s"},
	"both":         {ZH: "%s与%s共有的", EN: "what is both in %s and in %s"},
	"distinct":     {ZH: "%s（去掉重复）", EN: "%s (each once)"},
	"months_where": {ZH: "%s的%s中为%s的月份", EN: "the months of %s in which %s is %s"},
	"starts_with":  {ZH: "%s以%s开头", EN: "%s begins with %s"},
}

func (t *teller) call(n *condition.Tree) (Phrase, int) {
	if condition.IsLoop(n.Text) || n.Text == "sum" && len(n.Of) == 2 {
		return t.loop(n)
	}
	args := make([]Phrase, len(n.Of))
	inner := *t.unitless() // the function says the unit
	if len(n.Of) > 0 {
		if w := t.look(n.Of[0]).words; w != nil {
			inner.words = w
		} else if len(n.Of) > 1 && n.Text == "months_where" {
			inner.words = t.look(n.Of[1]).words
		}
	}
	for i, k := range n.Of {
		args[i] = inner.value(k, bindsAdd)
	}
	if format, ok := calls[n.Text]; ok {
		return t.f(format.ZH, format.EN, args...), bindsTight
	}
	f, _ := condition.FunctionNamed(n.Text)
	with := ""
	if f.Takes > 0 && len(args) == f.Takes+1 { // by a calendar of its own
		with = t.calendarNamed(n.Of[f.Takes])
		args = args[:f.Takes]
	}
	out := t.f("%s（%s）", "%s (%s)", plain(readable(n.Text)), join(args, t.pick("、", ", ")))
	switch {
	case f.Takes == len(args) && !f.Told.IsZero():
		format := f.Told
		if f.Counts > 0 && n.Of[f.Counts].Op == condition.TreeNegate {
			format.ZH = strings.Replace(format.ZH, "之后", "之前", 1)
			format.EN = strings.Replace(format.EN, "after", "before", 1)
			args[f.Counts] = inner.value(n.Of[f.Counts].Of[0], bindsAdd)
		}
		if f.Counts > 0 && args[f.Counts].String() == "1" {
			for _, unit := range []string{"days", "months", "years"} {
				format.EN = strings.Replace(format.EN, unit, unit[:len(unit)-1], 1)
			}
		}
		out = t.f(format.ZH, format.EN, args...)
	case !f.ToldAll.IsZero():
		between := t.pick("、", ", ")
		if len(args) == 2 {
			between = t.pick("与", " and ")
		}
		out = t.f(f.ToldAll.ZH, f.ToldAll.EN, join(args, between))
		if n.Text == "joined" {
			break
		}
	case n.Text == "joined":
		out = join(args, t.pick("与", " together with "))
	}
	if with != "" {
		out = t.f("%s（按%s）", "%s (by %s)", out, plain(with))
	}
	return out, bindsAdd
}

// loop says what holds of the elements of a list.
func (t *teller) loop(n *condition.Tree) (Phrase, int) {
	list := t.look(n.Of[0])
	inner := t.inside(list.items)
	if inner.elem == nil {
		inner.elem = &element{}
	}
	if w := list.words; w != nil && list.items == nil {
		inner.elem.fact = &checked.Fact{Fact: &policy.Fact{TypeName: "word", Words: w}}
	}
	of := t.value(n.Of[0], bindsAdd)
	var body Phrase
	switch n.Text {
	case "map", "sum":
		body = inner.value(n.Of[1], bindsAdd)
	default:
		body = inner.condition(n.Of[1])
		if k := n.Of[1]; t.lang != "zh" && (k.Op == condition.TreeBinary && (k.Text == "and" || k.Text == "or") || k.Op == condition.TreeChoice) {
			body = put("(%s)", body)
		}
	}
	if n.Text == "sum" {
		return t.f("%s各项%s之和", "the sum of %[2]s over %[1]s", of, body), bindsAdd
	}
	if n.Text == "map" && t.lang != "zh" && len(body) > 0 { // the format has an article
		body = slices.Clone(body)
		body[0].Text = strings.TrimPrefix(body[0].Text, "the ")
	}
	format := calls[n.Text]
	return t.f(format.ZH, format.EN, of, body), bindsAdd
}

// calendarNamed is how people call the calendar that an argument names.
func (t *teller) calendarNamed(n *condition.Tree) string {
	if n.Op == condition.TreeQuoted || n.Op == condition.TreeName {
		if c, ok := t.b.Calendar(n.Text); ok {
			if label := t.b.CalendarLabel(c); !label.IsZero() {
				return label.In(t.lang)
			}
		}
	}
	return t.value(n, bindsAdd).String()
}

// demands are what a condition demands: on one line where it is short, else one
// below the other.
func (t *teller) demands(src string) Block {
	tree, ok := condition.TreeOf(src)
	if !ok {
		return Block{Phrase: plain(src)}
	}
	return t.demand(tree)
}

func (t *teller) demand(n *condition.Tree) Block {
	line := t.condition(n)
	long := 30
	if t.lang != "zh" {
		long = 80
	}
	if len([]rune(line.String())) <= long {
		return Block{Phrase: line}
	}
	switch {
	case n.Op == condition.TreeBinary && (n.Text == "and" || n.Text == "or"):
		b := Block{Phrase: plain(t.pick("以下都成立：", "all of these hold:"))}
		if n.Text == "or" {
			b.Phrase = plain(t.pick("以下有一项成立：", "one of these holds:"))
		}
		for _, k := range flat(n, n.Text) {
			b.Parts = append(b.Parts, t.demand(k))
		}
		return b
	case n.Op == condition.TreeChoice:
		return t.branches(n, t.demand)
	}
	return Block{Phrase: line}
}

// computed says how a value is found: on one line, or the cases one below the
// other.
func (t *teller) computed(src string) Block {
	tree, ok := condition.TreeOf(src)
	if !ok {
		return Block{Phrase: plain(src)}
	}
	return t.compute(tree)
}

func (t *teller) compute(n *condition.Tree) Block {
	if n.Op == condition.TreeChoice {
		return t.branches(n, t.compute)
	}
	if t.yesNo && (n.Op == condition.TreeName || n.Op == condition.TreeElement) && n.Text != "true" && n.Text != "false" {
		return Block{Phrase: t.condition(n)}
	}
	return Block{Phrase: t.value(n, bindsNot)}
}

// branches are the cases of a choice, one below the other.
func (t *teller) branches(n *condition.Tree, tell func(*condition.Tree) Block) Block {
	out := Block{Phrase: plain(t.pick("依次看，取先适用的：", "the first of these that applies:"))}
	for n.Op == condition.TreeChoice {
		out.Parts = append(out.Parts, t.branch(t.f("%s的", "if %s", t.condition(n.Of[0])), tell(n.Of[1])))
		n = n.Of[2]
	}
	out.Parts = append(out.Parts, t.branch(plain(t.pick("其余", "otherwise")), tell(n)))
	return out
}

func (t *teller) branch(when Phrase, then Block) Block {
	then.Phrase = t.f("%s：%s", "%s: %s", when, then.Phrase)
	return then
}
