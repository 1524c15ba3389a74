package form

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// The single values that a rule says: options, numbers, lengths, times, codes.

// scalar is the text of a field that holds a single value.
func (p *Part) scalar(field string) (*checked.Item, bool) {
	i := p.Item.Get(field)
	if i.None() {
		return nil, false
	}
	if i.Kind != source.Scalar {
		p.misread(field, "value_expected", diagnostic.Textf("%s 应为一个值", "%s must be a single value", field), diagnostic.Textf("在冒号后写一个值", "write one value behind the colon"))
		return nil, false
	}
	return i, true
}

func (p *Part) scalarError(i *checked.Item, err error) {
	var se *source.ScalarError // source has no other errors
	if !errors.As(err, &se) {
		return
	}
	span := i.Node.Span
	if i.Text == i.Node.Text {
		span = i.Node.SpanAt(se.From, se.To)
	}
	p.misreadAt(span, se.Code, se.Message, se.Remedy)
}

// Option is the form's own word in the field, by default the first one.
func (p *Part) Option(field string) string {
	words := p.spec(field).Words
	i, ok := p.scalar(field)
	if !ok {
		return words[0]
	}
	if !slices.Contains(words, i.Text) {
		p.misread(field, "unknown_word", diagnostic.Textf("这里不能写 %q", "%q cannot stand here", i.Text), diagnostic.OneOf(i.Text, words))
		return words[0]
	}
	return i.Text
}

// Quantity is a length such as "5 working days".
func (p *Part) Quantity(field string) (source.Quantity, bool) {
	i, ok := p.scalar(field)
	if !ok {
		return source.Quantity{}, false
	}
	q, err := source.ParseQuantity(i.Text)
	var se *source.ScalarError
	if errors.As(err, &se) && se.Code == source.CodeNotAQuantity && computed.MatchString(i.Text) {
		se.Remedy = diagnostic.Textf("算出来的时长写成 {n: 表达式, unit: hour}，n 为几个单位", "a length that is computed is {n: expression, unit: hour}, in which n is how many units")
	}
	if err != nil {
		p.scalarError(i, err)
		return source.Quantity{}, false
	}
	return q, true
}

// computed is what is an expression rather than a length.
var computed = regexp.MustCompile(`[?()*]|^[a-z_]+\.[a-z_.]+$`)

// WorkingDays is a length of working days in the field, and of nothing else.
func (p *Part) WorkingDays(field string) (int64, bool) {
	i, ok := p.scalar(field)
	if !ok {
		return 0, false
	}
	q, err := source.ParseQuantity(i.Text)
	var se *source.ScalarError
	switch {
	case errors.As(err, &se) && se.Code == source.CodeUnitMissing:
		se.Remedy = diagnostic.Textf("写明单位：%s working days", "write the unit: %s working days", strings.TrimSpace(i.Text))
		p.scalarError(i, se)
	case errors.As(err, &se) && se.Code == source.CodeUnknownUnit && !strings.Contains(se.Remedy.EN, "working"):
		se.Remedy = inWorkingDays
		p.scalarError(i, se)
	case err != nil:
		if meant, ok := source.QuantityMeant(i.Text); ok && meant.Unit != source.WorkingDays {
			se.Remedy = inWorkingDays
		}
		p.scalarError(i, err)
	case q.Unit != source.WorkingDays:
		p.misread(field, source.CodeUnknownUnit, diagnostic.Textf("这里须以工作日计", "working days are expected here"), inWorkingDays)
	default:
		return q.N, true
	}
	return 0, false
}

// Int is the whole number in the field, or otherwise.
func (p *Part) Int(field string, otherwise int64) int64 {
	i, ok := p.scalar(field)
	if !ok {
		return otherwise
	}
	text := i.Text
	if i.Parameter != nil && text != i.Node.Text {
		text = i.Parameter.Text // the bare number, whatever its unit
	}
	n, err := source.Integer(text)
	if err != nil {
		p.scalarError(i, err)
		return otherwise
	}
	return n
}

// few reports whether a list or map is not too long to be looked at.
func (p *Part) few(field string, n int) bool {
	if n <= maxInField {
		return true
	}
	p.misread(field, source.CodeTooManyItems, diagnostic.Textf("%d 项，超过 %d 项", "%d items, more than %d", n, maxInField),
		diagnostic.Textf("拆成几条规则", "split it into several rules"))
	return false
}

// Numbers are the whole numbers of the list in the field.
func (p *Part) Numbers(field string) []int64 {
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	if i.Kind != source.Seq {
		p.misread(field, "list_expected", diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
	if !p.few(field, len(i.Items)) {
		return nil
	}
	all := make([]int64, 0, len(i.Items))
	for _, x := range i.Items {
		if x.Kind != source.Scalar {
			p.misreadAt(x.Span(), "value_expected", diagnostic.Textf("列表项应为一个值", "an item of a list must be a single value"), diagnostic.Textf("写一个整数", "write a whole number"))
			continue
		}
		n, err := source.Integer(x.Text)
		if err != nil {
			p.scalarError(x, err)
		}
		all = append(all, n)
	}
	return all
}

// Flag is the true or false in the field, or otherwise.
func (p *Part) Flag(field string, otherwise bool) bool {
	i, ok := p.scalar(field)
	if !ok {
		return otherwise
	}
	v, err := source.Boolean(i.Text)
	if err != nil {
		p.scalarError(i, err)
	}
	return v
}

// TimeOfDay is the clock time in the field, since midnight.
func (p *Part) TimeOfDay(field string) (time.Duration, bool) {
	i, ok := p.scalar(field)
	if !ok {
		return 0, false
	}
	d, err := source.ClockTime(i.Text)
	if err != nil {
		p.scalarError(i, err)
		return 0, false
	}
	return d, true
}

// Percent is the exact share in the field as a fraction.
func (p *Part) Percent(field string) (num, den int64, ok bool) {
	i, ok := p.scalar(field)
	if !ok {
		return 0, 1, false
	}
	num, den, err := source.Percent(i.Text)
	if err != nil {
		p.scalarError(i, err)
		return 0, 1, false
	}
	return num, den, true
}

// Code is the word in the field.
func (p *Part) Code(field string) string {
	i, ok := p.scalar(field)
	if !ok {
		return ""
	}
	if !checked.WordPattern.MatchString(i.Text) || len(i.Text) > checked.MaxIdentifier {
		p.misread(field, "bad_name", checked.BadName(i.Text), p.wordFor(i.Text))
	}
	return i.Text
}

// wordFor says what to write in the place of a text that cannot be a word: the
// word that it is the label of, if there is one.
func (p *Part) wordFor(text string) diagnostic.Text {
	if words := strings.Split(text, ", "); len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !checked.WordPattern.MatchString(w) }) {
		return diagnostic.Textf("写成列表 [%s]", "write a list of them: [%s]", text)
	}
	for _, list := range p.Builder.Plan.Book.Words {
		for _, word := range list.Words {
			for _, lang := range list.Labels[word].Languages() {
				if list.Labels[word].In(lang) == text {
					return diagnostic.Textf("写 %s", "write %s", word)
				}
			}
		}
	}
	return diagnostic.Textf("用小写英文字母、数字和下划线", "use lower-case letters, digits and underscores")
}

// Codes are the words of the list in the field.
func (p *Part) Codes(field string) []string {
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	if i.Kind == source.Scalar {
		return []string{p.Code(field)}
	}
	if i.Kind != source.Seq {
		p.misread(field, "list_expected", diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
	if !p.few(field, len(i.Items)) {
		return nil
	}
	all := make([]string, 0, len(i.Items))
	for _, x := range i.Items {
		if x.Kind != source.Scalar || !checked.WordPattern.MatchString(x.Text) || len(x.Text) > checked.MaxIdentifier {
			p.misreadAt(x.Span(), "bad_name", checked.BadName(x.Text), p.wordFor(x.Text))
		}
		if slices.Contains(all, x.Text) {
			p.misreadAt(x.Span(), "duplicate_item", diagnostic.Textf("%q 列了两次", "%q is listed twice", x.Text), diagnostic.Textf("删去一个", "remove one"))
		}
		all = append(all, x.Text)
	}
	return all
}

// CalendarOf is the calendar named in the field, by default the rulebook's own;
// nil where neither names one.
func (p *Part) CalendarOf(field string) *workday.Calendar {
	i, ok := p.scalar(field)
	if !ok {
		p.Builder.Plan.CountsDays = true
		p.AlsoReads(p.Builder.Plan.ByCalendar...)
		return p.Builder.Plan.Calendar
	}
	c, ok := p.Builder.Plan.Book.Calendar(i.Text)
	if !ok {
		p.misread(field, "unknown_calendar", diagnostic.Textf("没有名为 %q 的日历", "there is no calendar %q", i.Text),
			diagnostic.OneOf(i.Text, p.Builder.Plan.Book.CalendarChoices()))
		return checked.StandIn()
	}
	return c
}

// CalendarLabel is how people call a calendar of the rulebook.
func (p *Part) CalendarLabel(c *workday.Calendar) policy.Text {
	return p.Builder.Plan.Book.CalendarLabel(c)
}

// RuleName is the name of another rule in the field.
func (p *Part) RuleName(field string) string {
	i, ok := p.scalar(field)
	if !ok {
		return ""
	}
	if p.Builder.Plan.UnitsBy[i.Text] == nil {
		p.misread(field, "unknown_rule", diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", i.Text), diagnostic.OneOf(i.Text, slices.Sorted(maps.Keys(p.Builder.Plan.UnitsBy))))
	}
	return i.Text
}
