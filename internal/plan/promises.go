package plan

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// CompilePromises compiles what is promised of the answers of a question, which
// has been compiled. Those with mistakes are left out.
func CompilePromises(plan *form.Plan, q *checked.Question, asked *form.CompiledQuestion, found *diagnostic.List) []*form.CompiledPromise {
	all := plan.Book.PromisesOf(q)
	if len(all) == 0 || asked.Verdict == nil {
		return nil
	}
	answer := &answerNames{plan: plan, prefix: q.ID + " " + checked.Answer}
	env := plan.Names()
	env.Vars = map[string]*condition.Var{"as_of": plan.Env["as_of"], checked.Answer: answer.of(asked, q)}
	for _, f := range q.Facts {
		if f.Fact.Name != checked.Answer {
			env.Vars[f.Fact.Name] = plan.Env[f.Fact.Name]
		}
	}
	var compiled []*form.CompiledPromise
	for _, p := range all {
		c := &promiseCompiler{plan: plan, question: q, env: env, found: found, of: &form.CompiledPromise{Promise: p, RisesAt: -1}}
		before := len(*found)
		c.compile(answer.slots)
		if !(*found)[before:].Failed() {
			compiled = append(compiled, c.of)
		}
	}
	return compiled
}

// answerNames gives names and slots to what a question answers.
type answerNames struct {
	plan   *form.Plan
	prefix string
	slots  []form.AnswerSlot
}

func (n *answerNames) of(asked *form.CompiledQuestion, q *checked.Question) *condition.Var {
	record := n.record(asked.Values, "", nil)
	verdict := n.withWords(asked.Verdict.Type(), q.Verdict.Words)
	if q.IfNone != "" && verdict.Words != nil {
		verdict = &value.Type{Kind: value.Word, Words: verdict.Words.With(&value.Words{Each: []string{q.IfNone}})}
	}
	n.add(record, "verdict", form.AnswerSlot{Name: "verdict", Label: diagnostic.Text{ZH: "结论", EN: "verdict"}, Is: asked.Verdict, IfNone: q.IfNone, Typ: verdict})
	return record
}

// withWords is the type of a word that may be any that the question declares: on
// another day, or under another reading, it may come to more of them than here.
func (n *answerNames) withWords(t *value.Type, declared *policy.WordList) *value.Type {
	more := n.plan.Book.WordsType(declared)
	if declared == nil || more == nil || t == nil || t.Kind != value.Word || t.Words == nil {
		return t
	}
	return &value.Type{Kind: value.Word, Words: t.Words.With(more)}
}

func (n *answerNames) record(list []*form.CompiledValue, path string, exists []*condition.Program) *condition.Var {
	record := &condition.Var{Type: &value.Type{Kind: value.Record}, Slot: -1, Fields: map[string]*condition.Var{}}
	for _, f := range list {
		there := exists
		if f.When != nil {
			there = append(slices.Clone(exists), f.When)
		}
		switch {
		case f.Is != nil:
			n.add(record, f.Name, form.AnswerSlot{Name: path + f.Name, Label: f.Label, Exists: there, Is: f.Is, Typ: n.withWords(f.Typ, f.Words)})
		case len(f.Fields) > 0:
			inner := n.record(f.Fields, path+f.Name+".", there)
			record.Fields[f.Name] = inner
			record.Type.Fields = append(record.Type.Fields, value.Field{Name: f.Name, Type: inner.Type})
		}
	}
	return record
}

func (n *answerNames) add(record *condition.Var, name string, s form.AnswerSlot) {
	s.Slot = n.plan.Slot(n.prefix + "." + s.Name) // no rule is called so
	n.slots = append(n.slots, s)
	record.Fields[name] = &condition.Var{Type: s.Typ, Slot: s.Slot}
	record.Type.Fields = append(record.Type.Fields, value.Field{Name: name, Type: s.Typ})
}

type promiseCompiler struct {
	plan     *form.Plan
	question *checked.Question
	env      *condition.Env
	found    *diagnostic.List
	of       *form.CompiledPromise
}

func (c *promiseCompiler) compile(answer []form.AnswerSlot) {
	p := c.of
	yes := condition.Want{Kind: value.YesNo}
	p.When, p.Then = c.program(p.Promise.When, yes), c.program(p.Promise.Then, yes)
	p.AsRises, p.Never = c.program(p.Promise.AsRises, condition.Want{}), c.program(p.Promise.Never, condition.Want{})
	c.rises()
	c.never()
	c.aboutAnswers()
	var read []int
	for _, program := range []*condition.Program{p.When, p.Then, p.AsRises, p.Never} {
		if program != nil {
			read = append(read, program.Slots()...)
		}
	}
	for _, s := range answer {
		if slices.Contains(read, s.Slot) {
			p.Answer = append(p.Answer, s)
		}
	}
}

// program compiles one of the expressions of a promise; nil for none, or where
// it has mistakes.
func (c *promiseCompiler) program(n *source.Node, want condition.Want) *condition.Program {
	if n == nil {
		return nil
	}
	wrong := false
	for _, name := range checked.References(n.Text) {
		if c.env.Vars[name] == nil && c.plan.Book.FactsByName[name] != nil {
			wrong = true
			*c.found = append(*c.found, factNotTaken(c.question, name, n.Span))
		}
	}
	if wrong {
		return nil
	}
	before := len(*c.found)
	p := c.plan.Compile(&checked.Item{Node: n, Kind: source.Scalar, Text: n.Text}, c.env, want, c.found)
	for i := before; i < len(*c.found); i++ {
		c.noSuchValue(&(*c.found)[i], n)
	}
	return p
}

// noSuchValue says of a name behind answer that it is no value of it, rather than
// no fact.
func (c *promiseCompiler) noSuchValue(d *diagnostic.Diagnostic, n *source.Node) {
	text := []rune(n.Text)
	from, to := d.Span.Start.Column-n.Span.Start.Column, d.Span.End.Column-n.Span.Start.Column
	if n.Style != source.Plain || d.Span.Start.Line != n.Span.Start.Line || d.Code != condition.CodeUnknownFact || from <= 0 || to > len(text) {
		return
	}
	if before := string(text[:from]); strings.HasSuffix(before, checked.Answer+".") {
		d.Message = diagnostic.Textf("问题 %[1]s 的答复没有取值 %[2]q", "the answers of %[1]s have no value %[2]q", c.question.ID, string(text[from:to]))
	}
}

// rises reports what is no fact that can rise.
func (c *promiseCompiler) rises() {
	p := c.of.AsRises
	if p == nil {
		return
	}
	if gives := p.Uses().Gives; len(gives) == 1 && !p.Uses().GivesComputed && gives[0].Elem == nil && gives[0].Slot >= 0 && gives[0].Slot < c.plan.Base && hasOrder(p.Type()) {
		c.of.RisesAt = gives[0].Slot
		return
	}
	c.of.AsRises = nil
	c.notOrdered(c.of.Promise.AsRises, diagnostic.Textf("%[1]s 不是一个能增大的事实", "%[1]s is no fact that can rise", c.of.Promise.AsRises.Text),
		diagnostic.Textf("写一个事实：数、金额、时长、时刻、日期、月份、是否，或词（按词表次序）", "write one fact: a number, an amount, a length of time, a moment, a date, a month, yes or no, or a word (in the order of its list)"))
}

// never reports what cannot fall or rise, and words of an order that it cannot be.
func (c *promiseCompiler) never() {
	p := c.of.Never
	if p == nil {
		return
	}
	at := c.of.Promise.Never
	switch t := p.Type(); {
	case !hasOrder(t):
		c.of.Never = nil
		c.notOrdered(at, diagnostic.Textf("%[1]s 不能增大或减小", "%[1]s can neither rise nor fall", at.Text),
			diagnostic.Textf("写一个取值：数、金额、时长、时刻、日期、月份、是否，或词（按词表或 order 的次序）", "write a value: a number, an amount, a length of time, a moment, a date, a month, yes or no, or a word (in the order of its list, or of order)"))
	case c.of.Order == nil:
	case t.Kind != value.Word || t.Words == nil:
		c.notOrdered(at, diagnostic.Textf("%[1]s 不是词，不能用 order 排次序", "%[1]s is no word, and order has none to put in order", at.Text), diagnostic.Textf("删去 order", "remove order"))
	default:
		c.order(at, t.Words)
	}
}

func (c *promiseCompiler) order(at *source.Node, words *value.Words) {
	for _, item := range orderItems(c.of.Promise) {
		if words.Index(item.Text) < 0 {
			*c.found = append(*c.found, diagnostic.Diagnostic{
				Code: condition.CodeUnknownWord, Severity: diagnostic.Error, Span: item.Span,
				Message: diagnostic.Textf("%[2]s 不会是 %[1]q", "%[2]s is never %[1]q", item.Text, at.Text), Remedy: diagnostic.OneOf(item.Text, words.Each),
			})
		}
	}
}

// orderItems are the nodes of the order of a promise.
func orderItems(p *checked.Promise) []*source.Node {
	n := p.OrderNode
	if n.Kind == source.Seq {
		return n.Items
	}
	return []*source.Node{n}
}

func (c *promiseCompiler) notOrdered(n *source.Node, message, remedy diagnostic.Text) {
	*c.found = append(*c.found, diagnostic.Diagnostic{Code: "promise_not_ordered", Severity: diagnostic.Error, Span: n.Span, Message: message, Remedy: remedy})
}

// hasOrder reports whether of two values of a type one is the greater.
func hasOrder(t *value.Type) bool {
	switch t.Kind {
	case value.YesNo, value.Count, value.Ratio, value.Duration, value.Moment, value.Date, value.Month, value.Money:
		return true
	case value.Word:
		return t.Words != nil
	}
	return false
}

// aboutAnswers reports a promise that no answer could break or keep: it says
// something of facts alone.
func (c *promiseCompiler) aboutAnswers() {
	n := c.of.Promise.Then
	if n == nil {
		n = c.of.Promise.Never
	}
	p := c.of.Then
	if p == nil {
		p = c.of.Never
	}
	if n == nil || p == nil || slices.Contains(checked.References(n.Text), checked.Answer) {
		return
	}
	names := []string{checked.Answer + ".verdict"}
	for _, v := range c.question.Values {
		names = append(names, checked.Answer+"."+v.Name)
	}
	*c.found = append(*c.found, diagnostic.Diagnostic{
		Code: "promise_without_answer", Severity: diagnostic.Error, Span: n.Span,
		Message: diagnostic.Textf("承诺没有用到答复", "the promise says nothing of answers"),
		Remedy:  diagnostic.Textf("用答复的取值：%s", "use what is answered: %s", strings.Join(names, ", ")),
	})
}
