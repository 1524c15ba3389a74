package form

import (
	"maps"
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Part is one rule, or one of the maps nested in a rule.
type Part struct {
	Rule     *checked.Rule
	Readings []string // that it rests on whenever it applies

	Mark            Mark // what became of it
	Item            *checked.Item
	Fields          []policy.Field
	Builder         *Builder
	ReadingsByField map[string][]string  // the readings that each field uses
	later           []string             // the fields whose readings count only when marked
	Borrowed        []*checked.Rule      // that apply whenever it does
	Lent            []string             // readings that it rests on beside its own
	on              *int64               // the day of another edition whose part it is
	Words           []checked.ChosenWord // that the values of its unit are chosen by
	ChosenBy        []string             // the facts that its own are chosen by
}

// unit is the one that it is built for, nil where there is none.
func (p *Part) unit() *Unit {
	if p.Builder == nil {
		return nil
	}
	return p.Builder.Building
}

// Label is the rule's wording.
func (p *Part) Label() policy.Text { return p.Rule.Label }

// Has reports whether the field is given, with something other than `none`.
func (p *Part) Has(field string) bool { return !p.Item.Get(field).None() }

// Fail reports a finding at the field, or at the rule where it is not given.
// It is left out where something in the rule could not be read: it may be but
// a consequence.
func (p *Part) Fail(field, code string, message, remedy policy.Text) {
	if !p.Builder.misread[p.Rule] {
		p.report(p.placeOf(field), code, message, remedy)
	}
}

// FailKey is Fail at the key of the field, for what is wrong whatever its value.
func (p *Part) FailKey(field, code string, message, remedy policy.Text) {
	if p.Builder.misread[p.Rule] {
		return
	}
	at := p.placeOf(field)
	for _, e := range p.Item.Entries {
		if e.Key.Text == field {
			at = e.Key.Span
		}
	}
	p.report(at, code, message, remedy)
}

// FailItem is Fail at an item of the list in the field.
func (p *Part) FailItem(field string, item int, code string, message, remedy policy.Text) {
	i := p.Item.Get(field)
	if i == nil || item >= len(i.Items) || p.Builder.misread[p.Rule] {
		p.Fail(field, code, message, remedy)
		return
	}
	p.report(i.Items[item].Span(), code, message, remedy)
}

// misread reports that the field cannot be read as what it should be.
func (p *Part) misread(field, code string, message, remedy policy.Text) {
	p.misreadAt(p.placeOf(field), code, message, remedy)
}

func (p *Part) misreadAt(span diagnostic.Span, code string, message, remedy policy.Text) {
	if p.Builder.misread == nil {
		p.Builder.misread = map[*checked.Rule]bool{}
	}
	p.Builder.misread[p.Rule] = true
	p.report(span, code, message, remedy)
}

func (p *Part) report(span diagnostic.Span, code string, message, remedy policy.Text) {
	*p.Builder.Found = append(*p.Builder.Found, diagnostic.Diagnostic{
		Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy,
	})
}

// placeOf is where a field is written: its value, or its key where the value
// takes several lines. Where it is not given, it is the map that lacks it.
func (p *Part) placeOf(field string) diagnostic.Span {
	for _, e := range p.Item.Entries {
		if e.Key.Text != field {
			continue
		}
		if n := e.Value.Node; n.Kind == source.Scalar || n.Span.Start.Line == n.Span.End.Line {
			return n.Span
		}
		return e.Key.Span
	}
	if p.Item.Node != p.Rule.Node {
		return p.Item.Span()
	}
	return p.Rule.KeyNode.Span
}

func (p *Part) spec(field string) policy.Field {
	for _, f := range p.Fields {
		if f.Name == field {
			return f
		}
	}
	return policy.Field{Name: field}
}

// Expr compiles the expression in the field; nil where none is given or it
// has findings.
func (p *Part) Expr(field string) *condition.Program {
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	f := p.spec(field)
	return p.compile(i, field, condition.Want{Kind: checked.KindWanted(f.Wants), Unrounded: f.Unrounded}, f.Element)
}

// IsOneOf compiles the expression under is, which gives words of the list.
func (p *Part) IsOneOf(words *value.Words) *condition.Program {
	const field = "is"
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	return p.compile(i, field, condition.Want{Kind: value.Word, Words: words, Mixed: true}, p.spec(field).Element)
}

// WordList is the list of words named in the field, nil where none is.
func (p *Part) WordList(field string) *value.Words {
	i, ok := p.scalar(field)
	if !ok {
		return nil
	}
	w := p.Builder.Plan.Book.WordsByName[i.Text]
	if w == nil {
		p.misread(field, "unknown_word_list", diagnostic.Textf("没有名为 %q 的词表", "there is no word list %q", i.Text), diagnostic.OneOf(i.Text, slices.Sorted(maps.Keys(p.Builder.Plan.Book.WordsByName))))
		return nil
	}
	return p.Builder.Plan.Book.WordsType(w)
}

// ArticleIn is the article named in the field, by default the rule's own.
func (p *Part) ArticleIn(field string) *policy.Article {
	i := p.Item.Get(field)
	if i.None() {
		return p.Rule.Article
	}
	articles := p.Builder.Plan.Book.ArticlesByID
	a := articles[i.Text]
	if a == nil {
		p.Fail(field, "unknown_article", diagnostic.Textf("条款 %q 不存在", "there is no article %q", i.Text), diagnostic.OneOf(i.Text, checked.Nearby(i.Text, slices.Sorted(maps.Keys(articles)))))
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
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	if i.Kind != source.Map {
		p.misread(field, "map_expected", diagnostic.Textf("%s 应为若干“键: 值”", "%s must be a map of key: value", field), diagnostic.Textf("写成 {键: 表达式}", "write {key: expression}"))
		return nil
	}
	f := p.spec(field)
	all := make([]NamedExpr, 0, len(i.Entries))
	for _, e := range i.Entries {
		if !e.Value.None() {
			all = append(all, NamedExpr{e.Key.Text, p.compile(e.Value, field, condition.Want{Kind: checked.KindWanted(f.Wants)}, f.Element)})
		}
	}
	return all
}

func (p *Part) compile(i *checked.Item, field string, want condition.Want, element bool) *condition.Program {
	b := p.Builder
	env := b.Plan.Names()
	if element {
		env.Element = b.element
	}
	i = knowingTypes(i, env)
	env.AnyCurrency = len(i.Asked) > 0
	key := ProgramKey{unit: b.Name, variant: b.Variant, node: i.Node, text: i.Text, want: want.Kind, words: want.Words, element: env.Element}
	if i.Parameter != nil {
		key.parameter = i.Parameter.Text
	}
	if p.on != nil {
		env.On, key.dated, key.on = p.on, true, *p.on
	}
	if program, ok := b.Plan.Programs[key]; ok && i.SecondParameter == nil {
		return program
	}
	before := b.Plan.Spent
	program := b.Plan.Compile(i, env, want, b.Found)
	b.Building.Costs[p.Rule] += b.Plan.Spent - before
	if program != nil {
		b.Plan.Programs[key] = program
		b.Plan.noteChoices(program, i, env)
		p.AlsoReads(b.Plan.ReadingsOn(program)...)
		if b.Plan.OnCompile != nil {
			b.Plan.OnCompile(p, field, i, program)
		}
		if b.Plan.Question != nil {
			p.watch(program, field, i, want, env)
		}
	}
	return program
}

// ProgramKey is what an expression's program depends on within one edition
// and the trials of its other branches, which share names and types.
type ProgramKey struct {
	unit, text, parameter string
	variant               int
	node                  *source.Node
	want                  value.Kind
	words                 *value.Words
	element               *value.Type
	dated                 bool  // named values are those of a day
	on                    int64 // that day
}

// Compile turns an item into a program, and the problems into findings.
func (plan *Plan) Compile(i *checked.Item, env *condition.Env, want condition.Want, found *diagnostic.List) *condition.Program {
	if i.Kind == source.Seq {
		return plan.constant(i, want, found)
	}
	if i.Kind != source.Scalar {
		return plan.expected(i, found)
	}
	if i.Parameter != nil {
		v, err := checked.ParameterValue(i.Parameter.Kind, i.Parameter.Text)
		if err == nil {
			env.Params = map[string]value.Value{"parameter": v}
		}
	}
	if i.Node.LineComment != "" && i.Node.Style == source.Plain {
		*found = append(*found, diagnostic.Diagnostic{
			Code: "comment_after_expression", Severity: diagnostic.Warning, Span: i.Node.CommentSpan(),
			Message: diagnostic.Textf("表达式后紧跟 # 注释，# 之后不属于表达式", "a # comment follows the expression; what is behind # is not part of it"),
			Remedy:  diagnostic.Textf("把注释另起一行，或给表达式加引号", "put the comment on a line of its own, or quote the expression"),
		})
	}
	if !plan.checkAsked(i, env, found) {
		return nil
	}
	text := plan.expressionOf(i, env)
	if len(*found) >= MaxCollected || !plan.Budget.Spend(len(text), i.Node.Span, found) {
		return nil
	}
	program, problems := condition.Compile(text, env, want)
	if program != nil {
		program.SetOrigin(i.Node)
	}
	if len(problems) > 0 && plan.wrongBranch(i, env, want, found) {
		return nil
	}
	for _, x := range problems[:min(len(problems), MaxCollected)] {
		span := i.Node.Span
		if text == i.Node.Text {
			span = i.Node.SpanAt(x.From, x.To)
		}
		*found = append(*found, diagnostic.Diagnostic{
			Code: x.Code, Severity: diagnostic.Error, Span: span, Message: x.Message, Remedy: x.Remedy,
		})
	}
	if len(problems) > 0 {
		return nil
	}
	plan.Compiled = append(plan.Compiled, program)
	plan.charge(program, env.Element)
	return program
}

// constant is a set of words, as a reading with several options gives it.
func (plan *Plan) constant(i *checked.Item, want condition.Want, found *diagnostic.List) *condition.Program {
	words := make([]value.Value, 0, len(i.Items))
	for _, x := range i.Items {
		if x.Kind != source.Scalar {
			return plan.expected(x, found)
		}
		words = append(words, value.WordOf(x.Text))
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
			Code: x.Code, Severity: diagnostic.Error, Span: i.Span(), Message: x.Message, Remedy: x.Remedy,
		})
	}
	return program
}

// expected reports that something else stands where an expression should.
func (plan *Plan) expected(i *checked.Item, found *diagnostic.List) *condition.Program {
	*found = append(*found, diagnostic.Diagnostic{
		Code: "expression_expected", Severity: diagnostic.Error, Span: i.Span(),
		Message: diagnostic.Textf("这里应为表达式", "an expression is expected here"), Remedy: diagnostic.Textf("写一行表达式", "write an expression on one line"),
	})
	return nil
}

var inWorkingDays = policy.Text{ZH: "写明多少个工作日，如实换算", EN: "say how many working days it is, which is another number than of days or hours"}

// maxInField bounds a list or map in a field: forms compare its items with
// each other.
const maxInField = 500

// Structs are the maps of the list in the field.
func (p *Part) Structs(field string) []*Part {
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
	all := make([]*Part, 0, len(i.Items))
	for _, x := range i.Items {
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
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	if i.Kind != source.Map {
		p.misread(field, "map_expected", diagnostic.Textf("%s 应为若干“键: 值”", "%s must be a map of key: value", field), diagnostic.Textf("写成 {键: {…}}", "write {key: {…}}"))
		return nil
	}
	if !p.few(field, len(i.Entries)) {
		return nil
	}
	all := make([]NamedPart, 0, len(i.Entries))
	for _, e := range i.Entries {
		if !e.Value.None() {
			all = append(all, NamedPart{e.Key.Text, p.nested(e.Value, p.spec(field).Fields)})
		}
	}
	return all
}

func (p *Part) nested(i *checked.Item, fields []policy.Field) *Part {
	return &Part{Rule: p.Rule, Mark: p.Mark, Readings: p.Readings, Item: i, Fields: fields, Builder: p.Builder, Words: p.Words}
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
	i := p.Item.Get(field)
	for n, c := range codes {
		if words.Index(c) >= 0 || !checked.WordPattern.MatchString(c) {
			continue
		}
		if len(*p.Builder.Found) >= MaxCollected {
			return
		}
		span := i.Span()
		if i.Kind == source.Seq && n < len(i.Items) {
			span = i.Items[n].Span()
		} else if i.Kind == source.Map && n < len(i.Entries) {
			span = i.Entries[n].Key.Span
		}
		*p.Builder.Found = append(*p.Builder.Found, diagnostic.Diagnostic{
			Code: "unknown_word", Severity: diagnostic.Error, Span: span,
			Message: diagnostic.Textf("词表里没有 %q", "%q is not in the word list", c), Remedy: oneOfWords(c, words),
		})
	}
}

// oneOfWords says which words there are and, where none of them is like the one
// that was written, where a new one is put.
func oneOfWords(word string, words *value.Words) diagnostic.Text {
	remedy := diagnostic.OneOf(word, words.Each)
	if called := words.Called(word); called != "" {
		return diagnostic.OneOfNear(called, words.Each)
	}
	if words.Name == "" || len(words.Engine) > 0 || diagnostic.Nearest(word, words.Each) != "" {
		return remedy
	}
	return diagnostic.Wording("%s；新的词先加进词表 %s", "%s; a new one is added to the word list %s first", remedy, diagnostic.Text{ZH: words.Name, EN: words.Name})
}

// On is the rule as it is in the edition of another day, with the named values of
// that day. What it depends on other rules for is still taken from this edition.
func (p *Part) On(day date.Date) *Part {
	sel := p.Builder.Plan.Sel
	sel.On, sel.Words = day, p.Words
	q := *p
	q.on = new(int64)
	*q.on = int64(day)
	q.Item, q.ReadingsByField = p.Builder.Plan.Book.ResolveRule(p.Rule.Node, sel)
	return &q
}
