package load

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// checkWords reports whether a choice by a fact can be made, and what is wrong
// with it.
func (l *loader) checkWords(n, by *source.Node, f *checked.Fact) bool {
	words := checked.WordsOf(f.Typ)
	if words == nil {
		l.fail("word_expected", by, diagnostic.Textf("%s 不是词，不能由它选值", "%s is no word, and a value cannot be chosen by it", by.Text),
			diagnostic.Textf("by 之后写词类或是非类的事实、读法或 date；按数值或条件取值，在表达式里写 条件 ? 甲 : 乙，时长则写 {n: '条件 ? 48 : 12', unit: hour}",
				"write a fact that is a word or yes or no, a reading or date behind by; to choose by a number or a condition, write condition ? a : b in an expression, a length as {n: 'condition ? 48 : 12', unit: hour}"))
		return false
	}
	for _, e := range n.Entries {
		if word := e.Key.Text; word != "by" && word != "otherwise" && !slices.Contains(words, word) && l.broken[word] {
			return false // it was refused where it is declared
		}
	}
	near := checked.YesOrNoMeant
	if f.Words != nil {
		near = f.Words.Nearest
	}
	found := checked.WordsOfChoice(n, by, words, near)
	for _, d := range found {
		l.failAt(d.Code, d.Span, d.Message, d.Remedy)
	}
	return len(found) == 0
}

// nestChoices writes a choice by several as one within the other:
//
//	{by: [a, b], x: {p: 1, q: 2}, y: 3}  is  {by: a, x: {by: b, p: 1, q: 2}, y: 3}
//
// What stands where a further map of words might is the value for all of them.
func nestChoices(n *source.Node) {
	if n == nil {
		return
	}
	if at := slices.IndexFunc(n.Entries, func(e source.Entry) bool { return e.Key.Text == "by" }); at >= 0 && len(n.Entries[at].Value.Items) > 0 {
		by := n.Entries[at]
		n.Entries[at].Value = by.Value.Items[0]
		rest := *by.Value
		rest.Items = by.Value.Items[1:]
		for i := range n.Entries {
			if v := n.Entries[i].Value; i != at && len(rest.Items) > 0 && v.Kind == source.Map && v.Get("by") == nil {
				inner := *v
				inner.Entries = append([]source.Entry{{Key: by.Key, Value: &rest}}, v.Entries...)
				n.Entries[i].Value = &inner
			}
		}
	}
	for _, e := range n.Entries {
		nestChoices(e.Value)
	}
	for _, item := range n.Items {
		nestChoices(item)
	}
}

// markElementChoices notes the choices by what elements have, which become
// expressions, with the fields that they stand in.
func (l *loader) markElementChoices() {
	for _, r := range l.book.AllRules {
		owner := l.book.RulesByName[r.PartOf]
		l.markElementChoicesIn(r.Node, r.Form.Fields, r.Node.Get("each") != nil || owner != nil && owner.Node.Get("each") != nil)
	}
}

// markElementChoicesIn is markElementChoices of a part of a rule, which looks at the
// elements of a list or not.
func (l *loader) markElementChoicesIn(n *source.Node, fields []policy.Field, each bool) {
	for i := range fields {
		f := &fields[i]
		child := n.Get(f.Name)
		if child == nil {
			continue
		}
		switch {
		case f.Kind == policy.Structs || f.Kind == policy.StructMap:
			l.eachBranch(child, func(v *source.Node) {
				for _, x := range append(slices.Clone(v.Items), valuesOf(v)...) {
					l.eachBranch(x, func(x *source.Node) { l.markElementChoicesIn(x, f.Fields, each) })
				}
			})
		case f.Kind == policy.Expressions && !checked.IsBy(child):
			for _, v := range valuesOf(child) {
				l.markElementChoice(v, policy.Expression, each)
			}
		case f.Kind == policy.Expression, f.Element && f.Computed && (f.Kind == policy.Option || f.Kind == policy.Calendar || f.Kind == policy.Quantity):
			l.markElementChoice(child, f.Kind, each)
		}
		if f.Kind == policy.Quantity && f.Computed { // of a length that is computed, its parts
			parts := slices.Clone(form.FieldsOfLength)
			for k := range parts {
				parts[k].Element = f.Element
			}
			l.eachBranch(child, func(v *source.Node) { l.markElementChoicesIn(v, parts, each) })
		}
	}
}

func (l *loader) markElementChoice(n *source.Node, kind policy.FieldKind, each bool) {
	if !checked.IsBy(n) {
		return
	}
	if checked.ElementPath(n.Get("by").Text) {
		l.book.AsExpression[n] = kind
	} else if each {
		l.ofElements[n] = true
	}
	for _, v := range valuesOf(n) {
		l.markElementChoice(v, kind, each)
	}
}

// fieldMeant is the field of elements, .urgent, that a choice is probably by which
// names neither a reading nor a fact; "" for none.
func (l *loader) fieldMeant(n *source.Node, by string) string {
	if !l.ofElements[n] {
		return ""
	}
	var fields []string
	l.eachFact(func(f *checked.Fact) {
		if strings.Contains(f.Path, "[].") && (f.TypeName == "word" || f.TypeName == "yes_no") {
			_, field, _ := strings.Cut(f.Path, "[].")
			fields = append(fields, field)
		}
	})
	if near := diagnostic.Nearest(by, fields); near != "" {
		return "." + near
	}
	return ""
}

// markFactChoice is markElementChoices for an expression of a question and the
// facts that it may be by.
func (l *loader) markFactChoice(n *source.Node) {
	if !checked.IsBy(n) {
		return
	}
	if by := n.Get("by").Text; l.book.ReadingsByKey[by] == nil && l.book.WordFact(by) != nil {
		l.book.AsExpression[n] = policy.Expression
	}
	for _, v := range valuesOf(n) {
		l.markFactChoice(v)
	}
}

func valuesOf(n *source.Node) []*source.Node {
	all := make([]*source.Node, len(n.Entries))
	for i, e := range n.Entries {
		all[i] = e.Value
	}
	return all
}

// checkElementChoice reports whether a choice by a word of an element can be
// made here. Its words are checked where the elements are known.
func (l *loader) checkElementChoice(n, by *source.Node) bool {
	kind, here := l.book.AsExpression[n]
	if !here {
		message, remedy := form.NoElementToChooseBy(by.Text)
		l.fail("no_element", by, message, remedy)
		return false
	}
	if len(n.Entries) < 2 {
		l.fail("missing_option", by, diagnostic.Textf("by: %s 之下没有值", "by: %s has no values", by.Text), diagnostic.Textf("补上“词: 值”", "add word: value"))
		return false
	}
	sound := true
	if kind == policy.Quantity {
		l.eachBranch(n, func(v *source.Node) {
			var wrong *source.ScalarError
			if _, err := source.ParseQuantity(v.Text); v.Kind == source.Scalar && v.Text != "parameter" && errors.As(err, &wrong) {
				l.failAt(wrong.Code, v.SpanAt(wrong.From, wrong.To), wrong.Message, wrong.Remedy)
				sound = false
			}
		})
	}
	return sound
}

// chosenByFact notes the fact that a choice is by, and its words.
func (u *usage) chosenByFact(n *source.Node) {
	by := n.Get("by").Text
	if u.book.ReadingsByKey[by] != nil || u.book.WordFact(by) == nil && !checked.ElementPath(by) {
		return
	}
	u.names[checked.RootOf(by)] = true
	for _, name := range strings.Split(by, ".")[1:] {
		u.fields[name] = true
	}
	for _, e := range n.Entries {
		u.spoken[e.Key.Text] = true
	}
}

// tooManyWords reports units of which there would be too many variants.
func (l *loader) tooManyWords() {
	for _, g := range l.book.Groups() {
		n := 1
		for _, c := range l.book.WordChoices(g.Nodes()...) {
			if n *= len(c.Words); n <= checked.MaxWordVariants {
				continue
			}
			l.fail("too_many_words_together", c.By, diagnostic.Textf("规则 %s 的值由几个事实选，合起来超过 %d 种情形", "values of the rule %s are chosen by facts with more than %d combinations of words", g.Name, checked.MaxWordVariants),
				diagnostic.Textf("合并相同的词，写在 otherwise 下；或分成几条规则", "write words that have the same values as one, under otherwise, or make several rules of it"))
			for _, r := range g.Rules {
				l.unsound[r.Node] = true
			}
			break
		}
	}
}
