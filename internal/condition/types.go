package condition

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/parser/lexer"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// Types that only the checker knows. They are compared by address and never
// written to.
var (
	badType   = &value.Type{}                 // of what has a problem already
	nullType  = &value.Type{}                 // of null
	anyType   = &value.Type{}                 // of the elements of []
	spaceType = &value.Type{}                 // of a namespace: names inside, no value
	openText  = &value.Type{Kind: value.Word} // of literals: list or kind come from the use

	yesNoType    = &value.Type{Kind: value.YesNo}
	countType    = &value.Type{Kind: value.Count}
	ratioType    = &value.Type{Kind: value.Ratio}
	durationType = &value.Type{Kind: value.Duration}
	momentType   = &value.Type{Kind: value.Moment}
	dateType     = &value.Type{Kind: value.Date}
	monthType    = &value.Type{Kind: value.Month}
)

var simpleTypes = map[value.Kind]*value.Type{
	value.YesNo: yesNoType, value.Count: countType, value.Ratio: ratioType, value.Duration: durationType,
	value.Moment: momentType, value.Date: dateType, value.Month: monthType,
	value.Money: {Kind: value.Money}, value.Word: openText, value.Name: {Kind: value.Name}, value.Article: {Kind: value.Article},
}

// moneyType is that of amounts of a currency; of any where it is none.
func moneyType(in value.Currency) *value.Type { return &value.Type{Kind: value.Money, In: in} }

// partType is that of amounts of money of a currency, or of lengths of time,
// that were not rounded yet.
func partType(of value.Kind, in value.Currency) *value.Type {
	return &value.Type{Kind: value.Part, Of: of, In: in}
}

func listOf(t *value.Type) *value.Type { return &value.Type{Kind: value.List, Elem: t} }

// full fills in the type of elements where a declaration leaves it open.
func full(t *value.Type) *value.Type {
	if t == nil {
		return anyType
	}
	if t.Kind == value.List {
		if e := full(t.Elem); e != t.Elem {
			return listOf(e)
		}
	}
	return t
}

// isText is whether a kind's data is text.
func isText(k value.Kind) bool { return k == value.Word || k == value.Name || k == value.Article }

// isNumber is whether a kind's data is the whole number Value.N.
func isNumber(k value.Kind) bool {
	switch k {
	case value.Count, value.Duration, value.Moment, value.Date, value.Month:
		return true
	}
	return false
}

// isExact is whether a kind is a number that compares with ratios.
func isExact(k value.Kind) bool { return k == value.Count || k == value.Ratio }

// isAmount is whether values of a type are computed with their unit: a currency,
// or time.
func isAmount(t *value.Type) bool { return t.Kind == value.Money || t.Kind == value.Part }

// isFraction is whether a kind's data is a number that need not be whole. Its
// closure is val alone.
func isFraction(k value.Kind) bool {
	return k == value.Ratio || k == value.Money || k == value.Part
}

// unitOf is what an amount is of: Money or Duration; else Invalid.
func unitOf(t *value.Type) value.Kind {
	switch t.Kind {
	case value.Money, value.Duration:
		return t.Kind
	case value.Part:
		return t.Of
	}
	return value.Invalid
}

// oneUnit reports whether two types are amounts that can be added and compared.
// A currency that is not declared may be any; then it is looked at later.
func oneUnit(a, b *value.Type) bool {
	u := unitOf(a)
	return u != value.Invalid && u == unitOf(b) && (a.In == b.In || a.In == 0 || b.In == 0)
}

// currencyOf is the currency that one of two types of the same unit names.
func currencyOf(a, b *value.Type) value.Currency {
	if a.In != 0 {
		return a.In
	}
	return b.In
}

func sameWords(a, b *value.Words) bool {
	return a == b || a == nil || b == nil || slices.Equal(a.Each, b.Each)
}

// within is whether every word of a is one of b.
func within(a, b *value.Words) bool {
	if a == nil || b == nil || a == b {
		return true
	}
	return !slices.ContainsFunc(a.Each, func(w string) bool { return b.Index(w) < 0 })
}

// unify is the common type of two nodes, which literals on either side take
// on. It returns nil where there is none; problems of literals are reported.
func (c *checker) unify(a, b *node) *value.Type {
	t := common(a.typ, b.typ)
	if t != nil {
		c.adopt(a, t)
		c.adopt(b, t)
	}
	return t
}

// common is the type that both types can be read as, or nil.
func common(a, b *value.Type) *value.Type {
	switch {
	case a == badType || b == badType:
		return badType
	case a == spaceType || b == spaceType:
		return nil
	case a == nullType || a == anyType:
		return b
	case b == nullType || b == anyType:
		return a
	case a == openText && isText(b.Kind):
		return b
	case b == openText && isText(a.Kind):
		return a
	case isExact(a.Kind) && isExact(b.Kind):
		if a.Kind == value.Ratio {
			return a
		}
		return b
	case (isAmount(a) || isAmount(b)) && oneUnit(a, b):
		if a.Kind != b.Kind {
			return partType(unitOf(a), currencyOf(a, b))
		}
		if a.In != 0 {
			return a
		}
		return b
	case a.Kind != b.Kind, isAmount(a):
		return nil
	case a.Kind == value.Word:
		if !sameWords(a.Words, b.Words) {
			return nil
		}
		if a.Words == nil {
			return b
		}
		return a
	case a.Kind == value.List:
		e := common(a.Elem, b.Elem)
		switch e {
		case nil:
			return nil
		case a.Elem:
			return a
		case b.Elem:
			return b
		}
		return listOf(e)
	case a.Kind == value.Record && a != b:
		return nil
	}
	return a
}

// open is a type with no currency where one of the types that values of it may have
// says none: then each amount says of which it is.
func open(t *value.Type, of ...*value.Type) *value.Type {
	for _, x := range of {
		switch {
		case t == nil || x == nil || t == x:
		case t.Kind == value.List && x.Kind == value.List:
			if elem := open(t.Elem, x.Elem); elem != t.Elem {
				t = listOf(elem)
			}
		case t.In != 0 && isAmount(x) && x.In == 0:
			t = &value.Type{Kind: t.Kind, Of: t.Of}
		}
	}
	return t
}

// ofTwoCurrencies is the type of amounts that may be of either of two currencies; nil
// where the two types are none of amounts, or differ in something else.
func ofTwoCurrencies(a, b *value.Type) *value.Type {
	if unitOf(a) != value.Money || unitOf(b) != value.Money {
		return nil
	}
	return common(&value.Type{Kind: a.Kind, Of: a.Of}, &value.Type{Kind: b.Kind, Of: b.Of})
}

// adopt gives the literals in n the type that their use asks for, and reports
// those that are not in its list of words.
func (c *checker) adopt(n *node, t *value.Type) {
	elem := t
	if t.Kind == value.List && n.typ.Kind == value.List {
		for elem.Kind == value.List && elem.Elem != nil {
			elem = elem.Elem
		}
	}
	if !isText(elem.Kind) || elem == openText || !isOpen(n.typ) {
		return
	}
	n.typ = t
	switch n.op {
	case opConst:
		c.adoptConst(n, &n.constant, elem)
	case opTernary:
		c.adopt(n.kids[1], t)
		c.adopt(n.kids[2], t)
	case opList:
		for _, k := range n.kids {
			c.adopt(k, t.Elem)
		}
	case opSet:
		for _, k := range n.kids {
			if len(n.kids) == 1 && k.typ.Kind == value.List && k.typ.Elem.Kind == value.List {
				c.adopt(k, listOf(t))
			} else {
				c.adopt(k, t)
			}
		}
	case opLoop:
		if n.name == "map" {
			c.adopt(n.kids[1], t.Elem)
		} else {
			c.adopt(n.kids[0], t)
		}
	}
}

// isOpen is whether a type waits for its list of words.
func isOpen(t *value.Type) bool {
	for t.Kind == value.List && t.Elem != nil {
		t = t.Elem
	}
	return t == openText
}

// adoptConst checks and converts the words of a literal or parameter.
func (c *checker) adoptConst(n *node, v *value.Value, t *value.Type) {
	if v.K == value.List {
		l := slices.Clone(v.L())
		for i := range l {
			c.adoptConst(n, &l[i], t)
		}
		*v = value.ListIn(v.K, v.State, l)
		return
	}
	v.K = t.Kind
	if t.Kind != value.Word || t.Words == nil || v.State != value.Known || t.Words.Index(v.S()) >= 0 {
		return
	}
	remedy := meant(v.S(), t.Words.Each, oneOfWords(v.S(), t.Words))
	if path := c.fieldOfWord(v.S(), t.Words); path != "" {
		remedy = diagnostic.Textf("写明是谁的：%s", "say what it is of: %s", path)
	}
	c.fail(CodeUnknownWord, n.from, n.to,
		diagnostic.Textf("列表里没有 %q 这个词", "%q is not a word of the list", v.S()), remedy)
}

// fieldOfWord is the path of a field that has the word, and the name of a fact of
// another list that the expression mentions: the record was left out before it. It is
// "" where there is none.
func (c *checker) fieldOfWord(word string, list *value.Words) string {
	for i, t := range c.tokens {
		name := t.Value
		v := c.env.Vars[name]
		if t.Kind != lexer.Identifier || i > 0 && c.tokens[i-1].Is(lexer.Operator, ".") || v == nil || v.Type == nil || v.Type.Words != list {
			continue
		}
		for _, path := range c.fieldsNamed(name) {
			of, _, _ := strings.Cut(path, ".")
			if t := c.env.Vars[of].Fields[name].Type; t != nil && t.Words != nil && t.Words.Index(word) >= 0 {
				return path
			}
		}
	}
	return ""
}

// oneOfWords says which words there are, and where a new one is put.
func oneOfWords(word string, w *value.Words) diagnostic.Text {
	if called := w.Called(word); called != "" {
		return diagnostic.Textf("写 \"%s\"", "write \"%s\"", called)
	}
	if w.Name == "" || len(w.Engine) > 0 {
		return diagnostic.Textf("可用的词：%s", "the words are %s", listed(w.Each))
	}
	return diagnostic.Textf("可用的词：%[1]s；新的词先加进词表 %[2]s", "the words are %[1]s; a new one is added to the word list %[2]s first", listed(w.Each), w.Name)
}

// listed are the first so many words of a list.
func listed(words []string) string {
	const most = 20
	if len(words) > most {
		return strings.Join(words[:most], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}

// meant is a did-you-mean, or else the given advice.
func meant(word string, candidates []string, otherwise diagnostic.Text) diagnostic.Text {
	if near := diagnostic.Nearest(word, candidates); near != "" {
		return diagnostic.Textf("是否要写 %s？", "did you mean %s?", near)
	}
	return otherwise
}

var kindZH = map[value.Kind]string{
	value.YesNo: "“是”或“否”", value.Count: "整数", value.Ratio: "比率", value.Duration: "时长", value.Moment: "时刻",
	value.Date: "日期", value.Month: "月份", value.Word: "词", value.Name: "名称", value.Article: "条款", value.Record: "记录",
	value.Money: "金额",
}

// UnknownType names the type of what has a problem where it is computed.
var UnknownType = diagnostic.Text{ZH: "类型不明的值", EN: "value of unknown type"}

// TypeText names a type for a person.
func TypeText(t *value.Type) diagnostic.Text { return typeText(t) }

func typeText(t *value.Type) diagnostic.Text {
	switch {
	case t == nullType:
		return diagnostic.Text{ZH: "null", EN: "null"}
	case t == openText:
		return diagnostic.Text{ZH: "文字", EN: "text"}
	case t == spaceType:
		return diagnostic.Text{ZH: "一组名称", EN: "group of names"}
	case t == anyType:
		return diagnostic.Text{ZH: "任意", EN: "anything"}
	case t.Kind == value.List:
		if t.Elem == nil {
			return diagnostic.Text{ZH: "列表", EN: "list"}
		}
		e := typeText(t.Elem)
		return diagnostic.Text{ZH: e.ZH + "的列表", EN: "list of " + e.EN}
	case t.Kind == value.Money && t.In != 0:
		return diagnostic.Text{ZH: t.In.Code() + " 金额", EN: "sum of money in " + t.In.Code()}
	case t.Kind == value.Money:
		return diagnostic.Text{ZH: "金额", EN: "sum of money"}
	case t.Kind == value.Part && t.Of == value.Duration:
		return diagnostic.Text{ZH: "未取整的时长", EN: "duration that is not rounded"}
	case t.Kind == value.Part:
		return diagnostic.Text{ZH: "未取整的金额", EN: "sum of money that is not rounded"}
	case t.Kind == value.Invalid:
		return UnknownType
	case t.Kind == value.Word && t.Words != nil && t.Words.Name != "":
		return diagnostic.Text{ZH: "词（" + t.Words.Name + "）", EN: "word of " + t.Words.Name}
	}
	return kindText(t.Kind)
}

func kindText(k value.Kind) diagnostic.Text {
	zh, ok := kindZH[k]
	if !ok {
		zh = k.String()
	}
	return diagnostic.Text{ZH: zh, EN: k.String()}
}

// convert says how to make a value of one kind one of another.
func convert(from, to value.Kind, text string) (diagnostic.Text, bool) {
	f := ""
	switch {
	case from == value.Moment && to == value.Date:
		f = "date_of"
	case (from == value.Moment || from == value.Date) && to == value.Month:
		f = "month_of"
	case (from == value.Moment || from == value.Date || from == value.Month) && to == value.Count:
		f = "year_of"
	case from == value.Date && to == value.Moment:
		f = "start_of_day"
	case from == value.Month && to == value.Date:
		f = "end_of_month"
	case from == value.Moment && to == value.Duration:
		f = "time_of_day"
	case from == value.Count && to == value.Duration:
		return diagnostic.Textf("指小时写 hours(%[1]s)，指分钟写 minutes(%[1]s)", "write hours(%[1]s) if hours are meant, minutes(%[1]s) if minutes", text), true
	case from == value.Ratio && to == value.Count:
		return diagnostic.Textf("写 rounded(%[1]s)（四舍五入）、rounded_down(%[1]s) 或 rounded_up(%[1]s)", "write rounded(%[1]s), which rounds half up, rounded_down(%[1]s) or rounded_up(%[1]s)", text), true
	case (from == value.Count || from == value.Ratio) && to == value.Money:
		return diagnostic.Textf("写明货币，如 20 GBP", "write the currency too, as in 20 GBP"), true
	case from == value.Part && to == value.Money:
		return diagnostic.Textf("写 rounded(%[1]s)（四舍五入）、rounded_down(%[1]s) 或 rounded_up(%[1]s)", "write rounded(%[1]s), which rounds half up, rounded_down(%[1]s) or rounded_up(%[1]s)", text), true
	case from == value.Part && to == value.Duration:
		return diagnostic.Textf("写 rounded_to(%[1]s, minutes(1))，或 rounded_down_to、rounded_up_to", "write rounded_to(%[1]s, minutes(1)), or rounded_down_to, rounded_up_to", text), true
	case from == value.List && to == value.Count:
		f = "len"
	default:
		return diagnostic.Text{}, false
	}
	return diagnostic.Textf("写 %s(%s)", "write %s(%s)", f, text), true
}
