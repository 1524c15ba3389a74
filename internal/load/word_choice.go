package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// checkWords reports whether a choice by a fact can be made, and what is wrong
// with it.
func (l *loader) checkWords(n, by *source.Node, f *checked.Fact) bool {
	if f.Typ.Kind != value.Word || f.Typ.Words == nil || f.Words == nil {
		l.fail("word_expected", by, diagnostic.Textf("%s 不是词，不能由它选值", "%s is no word, and a value cannot be chosen by it", by.Text),
			diagnostic.Textf("by 之后写词类的事实、读法或 date；按数值或条件取值，在表达式里写 条件 ? 甲 : 乙",
				"write a fact that is a word, a reading or date behind by; to choose by a number or a condition, write condition ? a : b in an expression"))
		return false
	}
	before := len(l.found)
	given := map[string]bool{}
	for _, e := range n.Entries {
		word := e.Key.Text
		if word == "by" {
			continue
		}
		if word != "otherwise" && f.Typ.Words.Index(word) < 0 && l.broken[word] {
			return false // it was refused where it is declared
		}
		if word != "otherwise" && f.Typ.Words.Index(word) < 0 {
			remedy := diagnostic.OneOf(word, f.Typ.Words.Each)
			switch strings.ToLower(word) {
			case "other", "else", "default", "others", "_", "*", "其他", "其它", "其余":
				remedy = diagnostic.Textf("其余的词写 otherwise", "write otherwise for all other words")
			}
			l.fail("unknown_word", e.Key, diagnostic.Textf("事实 %s 没有 %q 这个词", "%[2]q is none of the words of the fact %[1]s", by.Text, word), remedy)
			if near := f.Words.Nearest(word); near != "" {
				given[near] = true
			}
		}
		given[word] = true
	}
	missing := slices.DeleteFunc(slices.Clone(f.Typ.Words.Each), func(w string) bool { return given[w] })
	switch {
	case len(n.Entries) < 2:
		l.fail("missing_option", by, diagnostic.Textf("by: %s 之下没有值", "by: %s has no values", by.Text), diagnostic.Textf("补上“词: 值”", "add word: value"))
	case len(missing) > 0 && !given["otherwise"] && len(l.found) == before:
		l.fail("missing_option", by, diagnostic.Textf("事实 %s 为 %s 时没有对应的值", "no value for where the fact %s is %s", by.Text, some(missing)),
			diagnostic.Textf("补上 %s: …，或 otherwise: …", "add %s: …, or otherwise: …", missing[0]))
	}
	return len(l.found) == before
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

// chosenByFact notes the fact that a choice is by, and its words.
func (u *usage) chosenByFact(n *source.Node) {
	by := n.Get("by").Text
	if u.book.ReadingsByKey[by] != nil || u.book.WordFact(by) == nil {
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
