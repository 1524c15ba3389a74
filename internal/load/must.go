package load

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// maxMusts bounds the conditions on facts, which every question about them
// evaluates.
const maxMusts = 200

// musts reads the conditions that facts cannot break.
func (l *loader) musts(n *source.Node) {
	for i, e := range n.Entries {
		if i == maxMusts {
			l.fail(source.CodeTooManyItems, e.Key, diagnostic.Textf("条件超过 %d 个", "more than %d conditions", maxMusts), diagnostic.Textf("合并几个", "make one of several"))
			return
		}
		if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "事实的条件", EN: "a condition on facts"}) {
			continue
		}
		l.onlyKeys(e.Value, l.withLabel("note", "that")...)
		l.note(e.Value)
		m := &checked.Must{Name: e.Key.Text, Label: l.label(e.Value), That: l.required(e.Value, "that")}
		if m.That == nil || !l.isScalar(m.That, policy.Text{ZH: "条件", EN: "the condition"}) {
			continue
		}
		if l.must(m) {
			l.book.Musts = append(l.book.Musts, m)
		}
	}
}

// must compiles a condition, and finds the facts that it is about.
func (l *loader) must(m *checked.Must) bool {
	vars := l.book.FactVars()
	delete(vars, "as_of")
	program, problems := condition.Compile(m.That.Text, &condition.Env{Vars: vars}, condition.Want{Kind: value.YesNo})
	for _, x := range problems {
		if x.Code == condition.CodeUnknownFact && slices.ContainsFunc(checked.References(m.That.Text), func(name string) bool { return l.broken[name] }) {
			continue // the fact was refused
		}
		l.found = append(l.found, diagnostic.Diagnostic{
			Code: x.Code, Severity: diagnostic.Error, Span: m.That.SpanAt(x.From, x.To), Message: x.Message, Remedy: x.Remedy,
		})
	}
	if len(problems) > 0 || program == nil {
		return false
	}
	for _, name := range checked.References(m.That.Text) {
		if l.book.FactsByName[name] != nil {
			m.Facts = append(m.Facts, name)
		}
	}
	if len(m.Facts) == 0 {
		l.fail("must_without_fact", m.That, diagnostic.Textf("条件没有用到事实", "the condition is about no fact"), diagnostic.Textf("写两个事实之间的关系", "write how two facts must stand to each other"))
	}
	return len(m.Facts) > 0
}
