package policy

import (
	"errors"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// FactError says why facts were refused. Code is stable; Fact is the path of
// the fact, such as "request.kind" or "complaints[2].level".
type FactError struct {
	Code    string
	Fact    string
	Message Text
	Remedy  Text
	Span    diagnostic.Span // in the text that the facts came in, if any

	must Text // the condition that facts break, in the words of the rulebook
}

// Error is the refusal in English.
func (e *FactError) Error() string {
	return e.In("en")
}

// In is the refusal in the given language, on one line.
func (e *FactError) In(lang string) string {
	if e == nil {
		return "<nil>"
	}
	text := e.Message.In(lang)
	if e.Fact != "" {
		text = e.Fact + Text{ZH: "：", EN: ": "}.In(lang) + text
	}
	if at := e.Span.String(); at != "" {
		text = at + ": " + text
	}
	text += " [" + e.Code + "]"
	if r := e.Remedy.In(lang); r != "" {
		text += " → " + r
	}
	return text
}

func NewFactError(code, fact string, message, remedy Text) *FactError {
	if len(fact) > maxFactPath {
		fact = strings.ToValidUTF8(fact[:maxFactPath], "") + "…"
	}
	return &FactError{Code: code, Fact: fact, Message: message.Clip(), Remedy: remedy.Clip()}
}

// NewImpossible is the refusal of facts that break a condition of the rulebook:
// what must be so, in its words, and what was given instead.
func NewImpossible(fact string, must, given Text) *FactError {
	must = diagnostic.Wording("须为：%s", "this must be so: %s", must)
	e := NewFactError("facts_impossible", fact, diagnostic.Wording("%s%s", "%s%s", must, given),
		Text{ZH: "核对这几项，改正写错的", EN: "check what was given, and correct what is wrong"})
	e.must = must.Clip()
	return e
}

// maxFactPath is how many bytes of a path are told: an unknown fact may have
// any name.
const maxFactPath = 300

const (
	MaxCount = 1_000_000_000_000_000 // exclusive: sums and products with thresholds stay far from overflow
	MaxName  = 200                   // characters
)

// FactErrors says why facts were refused, where there are several reasons: all
// of them, in the order of the text that the facts came in, of the fields of a
// struct or of the columns. [errors.As] finds the first as a *FactError.
type FactErrors []*FactError

// Error is the refusals in English, one a line.
func (l FactErrors) Error() string { return l.In("en") }

// In is the refusals in the given language, one a line.
func (l FactErrors) In(lang string) string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Unwrap is the refusals, for package errors.
func (l FactErrors) Unwrap() []error {
	all := make([]error, len(l))
	for i, e := range l {
		all[i] = e
	}
	return all
}

// RefusedFacts are all reasons for which facts were refused: those of
// [FactErrors], or a single *FactError; none where the error is another.
func RefusedFacts(err error) []*FactError {
	var all FactErrors
	if errors.As(err, &all) {
		return all
	}
	var one *FactError
	if errors.As(err, &one) {
		return []*FactError{one}
	}
	return nil
}

// MaxRefusals is how many reasons are told: facts may be wrong in any number of
// places.
const MaxRefusals = 100

// Discreet is the refusal without anything of what was given: no value, and
// no name but those that the rulebook declares. It is for logs and for
// messages to others than the one who gave the facts, which may hold names
// and telephone numbers. Code and place stay, and
// the remedy as far as it repeats nothing.
func (e *FactError) Discreet() *FactError {
	d := *e
	if message, ok := discreetMessages[e.Code]; !e.must.IsZero() {
		d.Message = e.must
	} else if ok {
		d.Message = message
	} else {
		d.Message = Text{ZH: "这里不能这样写", EN: "this cannot stand here"}
	}
	if remedy, ok := discreetRemedies[e.Code]; ok {
		d.Remedy = remedy
	}
	if e.Code == "unknown_fact" {
		d.Fact = e.Fact[:strings.LastIndexByte(e.Fact, '.')+1] + "…"
	}
	return &d
}

// discreetRemedies are in the place of remedies that write what was given in
// another way.
var discreetRemedies = map[string]Text{
	"not_a_clock_time": {ZH: "写成“时:分”，从 00:00 到 24:00", EN: "write hours:minutes, from 00:00 to 24:00"},
	"not_a_date":       {ZH: "写成“年-月-日”，且该日存在", EN: "write year-month-day, a day that exists"},
	"not_a_month":      {ZH: "写成“年-月”", EN: "write year-month"},
	"not_money":        {ZH: "只写数字和小数点，小数位不多于货币的最小单位", EN: "write digits and a point, with no more decimal places than the currency has"},
	"not_an_integer":   {ZH: "只用数字写整数", EN: "write a whole number in digits alone"},
}

// discreetMessages say what is wrong by its code alone.
var discreetMessages = map[string]Text{
	"facts_impossible": {ZH: "这些事实不可能同时成立", EN: "these facts cannot all be right"},
	"as_of_twice":      {ZH: "判断时间给了两次且不同", EN: "the moment of asking was given twice and differs"},
	"duplicate_key":    {ZH: "有键重复", EN: "a key stands twice"},
	"empty_name":       {ZH: "名称是空的", EN: "the name is empty"},
	"json_syntax":      {ZH: "JSON 写法有误", EN: "this is not valid JSON"},
	"name_too_long":    diagnostic.Textf("名称超过 %d 个字符", "the name is longer than %d characters", MaxName),
	"not_a_boolean":    {ZH: "不是 true 或 false", EN: "this is neither true nor false"},
	"not_a_clock_time": {ZH: "不是钟点", EN: "this is no time of day"},
	"not_a_date":       {ZH: "不是日期", EN: "this is no date"},
	"not_a_moment":     {ZH: "不是时刻", EN: "this is no moment"},
	"not_a_month":      {ZH: "不是月份", EN: "this is no month"},
	"not_an_integer":   {ZH: "不是整数", EN: "this is no whole number"},
	"not_money":        {ZH: "不是金额", EN: "this is no amount of money"},
	"not_utf8":         {ZH: "不是 UTF-8 文本", EN: "this is not UTF-8 text"},
	"nothing_given":    {ZH: "没有给出事实", EN: "no facts are given"},
	"null_item":        {ZH: "列表里不能有空项", EN: "a list cannot hold an empty item"},
	"other_question":   {ZH: "这些事实是为别的问题核对的", EN: "these facts were checked for another question"},
	"other_rulebook":   {ZH: "绑定的是另一部规则书", EN: "what is to be decided was bound to another rulebook"},
	"out_of_range":     {ZH: "超出范围", EN: "this is out of range"},
	"too_deep":         diagnostic.Textf("嵌套超过 %d 层", "nested more than %d deep", MaxDepth),
	"too_many_errors":  {ZH: "另有错误未列出", EN: "more are wrong"},
	"not_converted":    {ZH: "不能转换", EN: "it cannot be converted"},
	"too_large":        diagnostic.Textf("事实超过 %d 字节", "the facts are larger than %d bytes", MaxFactBytes),
	"too_many_items":   diagnostic.Textf("超过 %d 项", "more than %d items", MaxItems),
	"unknown_article":  {ZH: "没有这一条款", EN: "there is no such article"},
	"unknown_fact":     {ZH: "问题不收取这个事实", EN: "the question takes no such fact"},
	"unknown_word":     {ZH: "不在词表中", EN: "this is not one of the words"},
	"unreadable":       {ZH: "读取事实失败", EN: "the facts could not be read"},
	"wrong_currency":   {ZH: "这是另一种货币的金额", EN: "this is an amount of another currency"},
	"wrong_type":       {ZH: "这里应为另一种值", EN: "another kind of value is expected here"},
}
