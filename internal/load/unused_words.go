package load

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
)

// unusedWords reports words that facts may be and that no rule or question names,
// though it names others of their list: a factor without its rule, or an option
// that is treated as whatever else there is. A list of which none is named is
// for people, or is only compared as a whole.
func (u *usage) unusedWords() {
	of := map[string]bool{} // lists that facts have their words from
	var note func(f *checked.Fact)
	note = func(f *checked.Fact) {
		if f.Words != nil {
			of[f.Words.Name] = true
		}
		for _, x := range f.Fields {
			note(x)
		}
		if f.Elem != nil {
			note(f.Elem)
		}
	}
	for _, f := range u.book.Facts {
		note(f)
	}
	idle := newUsage(u.book)
	for _, r := range u.book.AllRules {
		if !u.reached[r.Unit()] { // that no question uses it is reported; its words are not to blame
			idle.rule(r)
		}
	}
	named := func(word string) bool { return u.spoken[word] || idle.spoken[word] }
	for _, w := range u.book.Words {
		n := u.root.Get("words").Get(w.Name)
		if n == nil || !of[w.Name] || !slices.ContainsFunc(w.Words, named) {
			continue
		}
		for _, word := range w.Words {
			if at := n.Get(word); at != nil && !named(word) {
				u.warn("unused_word", at.Key().Span, diagnostic.Textf("没有规则或问题看 %[2]s 的词 %[1]s：它与没有写到的其他情形一样对待", "no rule or question looks at %[1]s of %[2]s: it is treated as whatever else is not named", word, w.Name),
					diagnostic.Textf("在该看它的规则里写上；就该这样，在这一行写注释 # accepted: unused_word – 原因；不再需要就删去", "name it in the rule that it is for; where it is meant so, write the comment # accepted: unused_word – why on this line; remove it where it is not needed"))
			}
		}
	}
}
