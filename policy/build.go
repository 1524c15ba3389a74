package policy

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// Builder is what a form's Build is given: the rules of one unit with every
// choice made, and the means to declare outputs. It reports findings; it
// never fails.
type Builder struct {
	Name  string  // of the unit
	Owner *Part   // the rule that the others are part of, nil for a group
	Parts []*Part // the rules of the unit in the order of the text, the owner too where it stands alone

	ed      *edition
	unit    *unit
	locals  []string
	element *value.Type
	outputs []outputSlot
	found   *diagnostic.List
	misread map[*checkedRule]bool // rules with a field that could not be read
	variant int                   // of the unit, counted from 0
}

type outputSlot struct {
	name string
	typ  *value.Type
	slot int
}

// Output declares a value that the unit offers as `unit.name`, and returns
// the slot to set it in.
func (b *Builder) Output(name string, typ *value.Type) int {
	slot := b.ed.slot(b.Name + "." + name)
	b.outputs = append(b.outputs, outputSlot{name, typ, slot})
	return slot
}

// Local declares a value that only the expressions of this unit may use, and
// returns the slot to set it in before they are evaluated.
func (b *Builder) Local(name string, typ *value.Type) int {
	slot := b.ed.slot(b.Name + "#" + name)
	b.ed.env[name] = &condition.Var{Type: typ, Slot: slot}
	b.locals = append(b.locals, name)
	return slot
}

// Each makes the following Element expressions of the unit look at the
// elements of the list that the expression gives.
func (b *Builder) Each(list *condition.Program) {
	if list != nil && list.Type() != nil && list.Type().Kind == value.List {
		b.element = list.Type().Elem
	}
}

// Zone is the rulebook's time zone.
func (b *Builder) Zone() *time.Location { return b.ed.book.Zone }

// Clocks is that zone, for counting.
func (b *Builder) Clocks() sla.Clocks { return b.ed.book.clocks }

// ZoneOf is the time zone of a calendar, the rulebook's where it has none of
// its own, and the same for counting.
func (b *Builder) ZoneOf(c *workday.Calendar) (*time.Location, sla.Clocks) {
	z := b.ed.book.zoneOf(c)
	return z.zone, z.clocks
}

// Part is one rule, or one of the maps nested in a rule.
type Part struct {
	Rule     *checkedRule
	Readings []string // that it rests on whenever it applies

	mark     Mark // what became of it
	at       *item
	fields   []Field
	b        *Builder
	byField  map[string][]string // the readings that each field uses
	later    []string            // the fields whose readings count only when marked
	borrowed []*checkedRule      // that apply whenever it does
	lent     []string            // readings that it rests on beside its own
	words    []chosenWord        // that the values of its unit are chosen by
	chosenBy []string            // the facts that its own are chosen by
}

// Label is the rule's wording.
func (p *Part) Label() Text { return p.Rule.Label }

// Has reports whether the field is given, with something other than `none`.
func (p *Part) Has(field string) bool { return !p.at.get(field).none() }

// Fail reports a finding at the field, or at the rule where it is not given.
// It is left out where something in the rule could not be read: it may be but
// a consequence.
func (p *Part) Fail(field, code string, message, remedy Text) {
	if !p.b.misread[p.Rule] {
		p.report(p.placeOf(field), code, message, remedy)
	}
}

// FailItem is Fail at an item of the list in the field.
func (p *Part) FailItem(field string, item int, code string, message, remedy Text) {
	i := p.at.get(field)
	if i == nil || item >= len(i.items) || p.b.misread[p.Rule] {
		p.Fail(field, code, message, remedy)
		return
	}
	p.report(i.items[item].span(), code, message, remedy)
}

// misread reports that the field cannot be read as what it should be.
func (p *Part) misread(field, code string, message, remedy Text) {
	p.misreadAt(p.placeOf(field), code, message, remedy)
}

func (p *Part) misreadAt(span diagnostic.Span, code string, message, remedy Text) {
	if p.b.misread == nil {
		p.b.misread = map[*checkedRule]bool{}
	}
	p.b.misread[p.Rule] = true
	p.report(span, code, message, remedy)
}

func (p *Part) report(span diagnostic.Span, code string, message, remedy Text) {
	*p.b.found = append(*p.b.found, diagnostic.Diagnostic{
		Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy,
	})
}

// placeOf is where a field is written: its value, or its key where the value
// takes several lines. Where it is not given, it is the map that lacks it.
func (p *Part) placeOf(field string) diagnostic.Span {
	for _, e := range p.at.entries {
		if e.key.Text != field {
			continue
		}
		if n := e.value.node; n.Kind == source.Scalar || n.Span.Start.Line == n.Span.End.Line {
			return n.Span
		}
		return e.key.Span
	}
	if p.at.node != p.Rule.node {
		return p.at.span()
	}
	return p.Rule.key.Span
}

func (p *Part) spec(field string) Field {
	for _, f := range p.fields {
		if f.Name == field {
			return f
		}
	}
	return Field{Name: field}
}

// Expr compiles the expression in the field; nil where none is given or it
// has findings.
func (p *Part) Expr(field string) *condition.Program {
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	f := p.spec(field)
	return p.compile(i, field, condition.Want{Kind: kindWanted(f.Wants)}, f.Element)
}

// ExprOf compiles the expression in the field and wants words of the list.
func (p *Part) ExprOf(field string, words *value.Words) *condition.Program {
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	return p.compile(i, field, condition.Want{Kind: value.Word, Words: words}, p.spec(field).Element)
}

// WordList is the list of words named in the field, nil where none is.
func (p *Part) WordList(field string) *value.Words {
	i, ok := p.scalar(field)
	if !ok {
		return nil
	}
	w := p.b.ed.book.words[i.text]
	if w == nil {
		p.misread(field, "unknown_word_list", diagnostic.Textf("没有名为 %q 的词表", "there is no word list %q", i.text), diagnostic.OneOf(i.text, slices.Sorted(maps.Keys(p.b.ed.book.words))))
		return nil
	}
	return p.b.ed.book.wordsType(w)
}

// ArticleIn is the article named in the field, by default the rule's own.
func (p *Part) ArticleIn(field string) *Article {
	i := p.at.get(field)
	if i.none() {
		return p.Rule.Article
	}
	articles := p.b.ed.book.articles
	a := articles[i.text]
	if a == nil {
		p.Fail(field, "unknown_article", diagnostic.Textf("条款 %q 不存在", "there is no article %q", i.text), diagnostic.OneOf(i.text, nearby(i.text, slices.Sorted(maps.Keys(articles)))))
		return p.Rule.Article
	}
	return a
}

// NamedExpr is one expression of a map of them.
type NamedExpr struct {
	Name string
	Expr *condition.Program
}

// Exprs compiles the expressions of a map, in the order of the file.
func (p *Part) Exprs(field string) []NamedExpr {
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	if i.kind != source.Map {
		p.misread(field, "map_expected", diagnostic.Textf("%s 应为若干“键: 值”", "%s must be a map of key: value", field), diagnostic.Textf("写成 {键: 表达式}", "write {key: expression}"))
		return nil
	}
	f := p.spec(field)
	all := make([]NamedExpr, 0, len(i.entries))
	for _, e := range i.entries {
		if !e.value.none() {
			all = append(all, NamedExpr{e.key.Text, p.compile(e.value, field, condition.Want{Kind: kindWanted(f.Wants)}, f.Element)})
		}
	}
	return all
}

func (p *Part) compile(i *item, field string, want condition.Want, element bool) *condition.Program {
	b := p.b
	env := b.ed.names()
	if element {
		env.Element = b.element
	}
	key := programKey{unit: b.Name, variant: b.variant, node: i.node, text: i.text, want: want.Kind, words: want.Words, element: env.Element}
	if i.parameter != nil {
		key.parameter = i.parameter.text
	}
	if program, ok := b.ed.programs[key]; ok {
		return program
	}
	before := b.ed.spent
	program := b.ed.compile(i, env, want, b.found)
	b.unit.costs[p.Rule] += b.ed.spent - before
	if program != nil {
		b.ed.programs[key] = program
		if b.ed.question != nil {
			p.watch(program, field, i, want, env)
		}
	}
	return program
}

// programKey is what an expression's program depends on within one edition
// and the trials of its other branches, which share names and types.
type programKey struct {
	unit, text, parameter string
	variant               int
	node                  *source.Node
	want                  value.Kind
	words                 *value.Words
	element               *value.Type
}

// compile turns an item into a program, and the problems into findings.
func (ed *edition) compile(i *item, env *condition.Env, want condition.Want, found *diagnostic.List) *condition.Program {
	if i.kind == source.Seq {
		return ed.constant(i, want, found)
	}
	if i.kind != source.Scalar {
		return ed.expected(i, found)
	}
	if i.parameter != nil {
		v, err := parameterValue(i.parameter.kind, i.parameter.text)
		if err == nil {
			env.Params = map[string]value.Value{"parameter": v}
		}
	}
	if i.node.LineComment != "" && i.node.Style == source.Plain {
		*found = append(*found, diagnostic.Diagnostic{
			Code: "comment_after_expression", Severity: diagnostic.Warning, Span: i.node.Span,
			Message: diagnostic.Textf("表达式后紧跟 # 注释，# 之后不属于表达式", "a # comment follows the expression; what is behind # is not part of it"),
			Remedy:  diagnostic.Textf("把注释另起一行，或给表达式加引号", "put the comment on a line of its own, or quote the expression"),
		})
	}
	text := i.expression()
	if len(*found) >= enough || !ed.work.spend(len(text), i.node.Span, found) {
		return nil
	}
	program, problems := condition.Compile(text, env, want)
	for _, x := range problems[:min(len(problems), enough)] {
		span := i.node.Span
		if text == i.node.Text {
			span = i.node.SpanAt(x.From, x.To)
		}
		*found = append(*found, diagnostic.Diagnostic{
			Code: x.Code, Severity: diagnostic.Error, Span: span, Message: x.Message, Remedy: x.Remedy,
		})
	}
	if len(problems) > 0 {
		return nil
	}
	ed.compiled = append(ed.compiled, program)
	ed.charge(program, env.Element != nil)
	return program
}

// constant is a set of words, as a reading with several options gives it.
func (ed *edition) constant(i *item, want condition.Want, found *diagnostic.List) *condition.Program {
	words := make([]value.Value, 0, len(i.items))
	for _, x := range i.items {
		if x.kind != source.Scalar {
			return ed.expected(x, found)
		}
		words = append(words, value.WordOf(x.text))
	}
	program, problems := condition.Compile("parameter", &condition.Env{
		Params: map[string]value.Value{"parameter": value.ListOf(words)},
	}, want)
	for _, x := range problems {
		if x.Code == condition.CodeResult {
			x.Message = diagnostic.Textf("这里不能是一组词", "a list of words cannot stand here")
			x.Remedy = diagnostic.Textf("写一行表达式", "write an expression on one line")
		}
		*found = append(*found, diagnostic.Diagnostic{
			Code: x.Code, Severity: diagnostic.Error, Span: i.span(), Message: x.Message, Remedy: x.Remedy,
		})
	}
	return program
}

// expected reports that something else stands where an expression should.
func (ed *edition) expected(i *item, found *diagnostic.List) *condition.Program {
	*found = append(*found, diagnostic.Diagnostic{
		Code: "expression_expected", Severity: diagnostic.Error, Span: i.span(),
		Message: diagnostic.Textf("这里应为表达式", "an expression is expected here"), Remedy: diagnostic.Textf("写一行表达式", "write an expression on one line"),
	})
	return nil
}

// scalar is the text of a field that holds a single value.
func (p *Part) scalar(field string) (*item, bool) {
	i := p.at.get(field)
	if i.none() {
		return nil, false
	}
	if i.kind != source.Scalar {
		p.misread(field, "value_expected", diagnostic.Textf("%s 应为一个值", "%s must be a single value", field), diagnostic.Textf("在冒号后写一个值", "write one value behind the colon"))
		return nil, false
	}
	return i, true
}

func (p *Part) scalarError(i *item, err error) {
	var se *source.ScalarError // source has no other errors
	if !errors.As(err, &se) {
		return
	}
	span := i.node.Span
	if i.text == i.node.Text {
		span = i.node.SpanAt(se.From, se.To)
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
	if !slices.Contains(words, i.text) {
		p.misread(field, "unknown_word", diagnostic.Textf("这里不能写 %q", "%q cannot stand here", i.text), diagnostic.OneOf(i.text, words))
		return words[0]
	}
	return i.text
}

// Quantity is a length such as "5 working days".
func (p *Part) Quantity(field string) (source.Quantity, bool) {
	i, ok := p.scalar(field)
	if !ok {
		return source.Quantity{}, false
	}
	text := i.text
	q, err := source.ParseQuantity(text)
	if err != nil {
		p.scalarError(i, err)
		return source.Quantity{}, false
	}
	return q, true
}

// WorkingDays is a length of working days in the field, and of nothing else.
func (p *Part) WorkingDays(field string) (int64, bool) {
	i, ok := p.scalar(field)
	if !ok {
		return 0, false
	}
	q, err := source.ParseQuantity(i.text)
	var se *source.ScalarError
	switch {
	case errors.As(err, &se) && se.Code == source.CodeUnitMissing:
		se.Remedy = diagnostic.Textf("写明单位：%s working days", "write the unit: %s working days", strings.TrimSpace(i.text))
		p.scalarError(i, se)
	case errors.As(err, &se) && se.Code == source.CodeUnknownUnit && !strings.Contains(se.Remedy.EN, "working"):
		se.Remedy = inWorkingDays
		p.scalarError(i, se)
	case err != nil:
		p.scalarError(i, err)
	case q.Unit != source.WorkingDays:
		p.misread(field, source.CodeUnknownUnit, diagnostic.Textf("这里须以工作日计", "working days are expected here"), inWorkingDays)
	default:
		return q.N, true
	}
	return 0, false
}

var inWorkingDays = Text{ZH: "写明多少个工作日，如实换算", EN: "say how many working days it is, which is another number than of days or hours"}

// Int is the whole number in the field, or otherwise.
func (p *Part) Int(field string, otherwise int64) int64 {
	i, ok := p.scalar(field)
	if !ok {
		return otherwise
	}
	text := i.text
	if i.parameter != nil && text != i.node.Text {
		text = i.parameter.text // the bare number, whatever its unit
	}
	n, err := source.Integer(text)
	if err != nil {
		p.scalarError(i, err)
		return otherwise
	}
	return n
}

// maxInField bounds a list or map in a field: forms compare its items with
// each other.
const maxInField = 500

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
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	if i.kind != source.Seq {
		p.misread(field, "list_expected", diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
	if !p.few(field, len(i.items)) {
		return nil
	}
	all := make([]int64, 0, len(i.items))
	for _, x := range i.items {
		if x.kind != source.Scalar {
			p.misreadAt(x.span(), "value_expected", diagnostic.Textf("列表项应为一个值", "an item of a list must be a single value"), diagnostic.Textf("写一个整数", "write a whole number"))
			continue
		}
		n, err := source.Integer(x.text)
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
	v, err := source.Boolean(i.text)
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
	d, err := source.ClockTime(i.text)
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
	num, den, err := source.Percent(i.text)
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
	if !wordPattern.MatchString(i.text) || len(i.text) > maxIdentifier {
		p.misread(field, "bad_name", badName(i.text),
			diagnostic.Textf("用小写英文字母、数字和下划线", "use lower-case letters, digits and underscores"))
	}
	return i.text
}

// Codes are the words of the list in the field.
func (p *Part) Codes(field string) []string {
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	if i.kind == source.Scalar {
		return []string{p.Code(field)}
	}
	if i.kind != source.Seq {
		p.misread(field, "list_expected", diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
	if !p.few(field, len(i.items)) {
		return nil
	}
	all := make([]string, 0, len(i.items))
	for _, x := range i.items {
		if x.kind != source.Scalar || !wordPattern.MatchString(x.text) || len(x.text) > maxIdentifier {
			p.misreadAt(x.span(), "bad_name", badName(x.text), diagnostic.Textf("用小写英文字母、数字和下划线", "use lower-case letters, digits and underscores"))
		}
		if slices.Contains(all, x.text) {
			p.misreadAt(x.span(), "duplicate_item", diagnostic.Textf("%q 列了两次", "%q is listed twice", x.text), diagnostic.Textf("删去一个", "remove one"))
		}
		all = append(all, x.text)
	}
	return all
}

// CalendarOf is the calendar named in the field, by default the rulebook's own;
// nil where neither names one.
func (p *Part) CalendarOf(field string) *workday.Calendar {
	i, ok := p.scalar(field)
	if !ok {
		p.b.ed.countsDays = true
		p.AlsoReads(p.b.ed.byCalendar...)
		return p.b.ed.calendar
	}
	c, ok := p.b.ed.book.Calendar(i.text)
	if !ok {
		p.misread(field, "unknown_calendar", diagnostic.Textf("没有名为 %q 的日历", "there is no calendar %q", i.text),
			diagnostic.OneOf(i.text, p.b.ed.book.calendarChoices()))
		return cmp.Or(p.b.ed.calendar, workday.China())
	}
	return c
}

// CalendarLabel is how people call a calendar of the rulebook.
func (p *Part) CalendarLabel(c *workday.Calendar) Text { return p.b.ed.book.calendarLabel(c) }

// Structs are the maps of the list in the field.
func (p *Part) Structs(field string) []*Part {
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	if i.kind != source.Seq {
		p.misread(field, "list_expected", diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
	if !p.few(field, len(i.items)) {
		return nil
	}
	all := make([]*Part, 0, len(i.items))
	for _, x := range i.items {
		all = append(all, p.nested(x, p.spec(field).Fields))
	}
	return all
}

// NamedPart is one of the maps of a map.
type NamedPart struct {
	Name string
	*Part
}

// StructMap are the maps of the map in the field, in the order of the file.
func (p *Part) StructMap(field string) []NamedPart {
	i := p.at.get(field)
	if i.none() {
		return nil
	}
	if i.kind != source.Map {
		p.misread(field, "map_expected", diagnostic.Textf("%s 应为若干“键: 值”", "%s must be a map of key: value", field), diagnostic.Textf("写成 {键: {…}}", "write {key: {…}}"))
		return nil
	}
	if !p.few(field, len(i.entries)) {
		return nil
	}
	all := make([]NamedPart, 0, len(i.entries))
	for _, e := range i.entries {
		if !e.value.none() {
			all = append(all, NamedPart{e.key.Text, p.nested(e.value, p.spec(field).Fields)})
		}
	}
	return all
}

func (p *Part) nested(i *item, fields []Field) *Part {
	return &Part{Rule: p.Rule, mark: p.mark, Readings: p.Readings, at: i, fields: fields, b: p.b, words: p.words}
}

// WordsOf is the closed list of words that a program's result is from, if any.
func WordsOf(program *condition.Program) *value.Words {
	if program == nil || program.Type() == nil {
		return nil
	}
	t := program.Type()
	if t.Kind == value.List && t.Elem != nil {
		t = t.Elem
	}
	return t.Words
}

// CheckWords reports codes that are not in the closed list of words that the
// field is compared with.
func (p *Part) CheckWords(field string, codes []string, words *value.Words) {
	if words == nil || len(words.Each) == 0 {
		return
	}
	i := p.at.get(field)
	for n, c := range codes {
		if words.Index(c) >= 0 || !wordPattern.MatchString(c) {
			continue
		}
		if len(*p.b.found) >= enough {
			return
		}
		span := i.span()
		if i.kind == source.Seq && n < len(i.items) {
			span = i.items[n].span()
		} else if i.kind == source.Map && n < len(i.entries) {
			span = i.entries[n].key.Span
		}
		*p.b.found = append(*p.b.found, diagnostic.Diagnostic{
			Code: "unknown_word", Severity: diagnostic.Error, Span: span,
			Message: diagnostic.Textf("词表里没有 %q", "%q is not in the word list", c), Remedy: diagnostic.OneOf(c, words.Each),
		})
	}
}

// Unit is the evaluator of another unit that this one names in a RuleName
// field, or nil.
func (b *Builder) Unit(name string) Evaluator {
	if u := b.ed.unitsBy[name]; u != nil {
		return u.eval
	}
	return nil
}

// Editions lists the first days of the rulebook's editions, in order.
func (b *Builder) Editions() []date.Date { return b.ed.book.boundaries }

// On is the rule as it is in the edition of another day. What it depends on
// other rules for is still taken from this edition.
func (p *Part) On(day date.Date) *Part {
	sel := p.b.ed.sel
	sel.on, sel.words = day, p.words
	q := *p
	q.at, q.byField = p.b.ed.book.resolveRule(p.Rule.node, sel)
	return &q
}

// RuleName is the name of another rule in the field.
func (p *Part) RuleName(field string) string {
	i, ok := p.scalar(field)
	if !ok {
		return ""
	}
	if p.b.ed.unitsBy[i.text] == nil {
		p.misread(field, "unknown_rule", diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", i.text), diagnostic.OneOf(i.text, slices.Sorted(maps.Keys(p.b.ed.unitsBy))))
	}
	return i.text
}
