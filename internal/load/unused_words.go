package load

import (
	"maps"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
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

// neverGiven reports words of verdicts that no question gives. It looks at lists
// that only verdicts have their words from, all of which are written out: a choice
// between words in quotes. Of any other what it may come to is not read off.
func (u *usage) neverGiven() {
	type list struct {
		words *source.Node
		given map[string]bool
		open  bool // it may have others
	}
	lists := map[string]*list{} // shared ones by their name, those of one question by its id
	for _, q := range u.book.Questions {
		verdict := u.root.Get("questions").Get(q.ID).Get("verdict")
		name, words := q.ID, verdict.Get("words")
		if words != nil && words.Kind == source.Scalar {
			name, words = "words "+words.Text, u.root.Get("words").Get(words.Text)
		}
		if words == nil {
			continue
		}
		if lists[name] == nil {
			lists[name] = &list{words: words, given: map[string]bool{}}
		}
		l := lists[name]
		if n := verdict.Get("if_none"); n != nil {
			l.given[n.Text] = true
		}
		u.by(verdict.Get("is"), func(n *source.Node) {
			tree, ok := condition.TreeOf(n.Text)
			l.open = l.open || !ok || !wordsOf(tree, l.given)
		})
	}
	var elsewhere func(n *source.Node, inVerdict bool)
	elsewhere = func(n *source.Node, inVerdict bool) {
		for _, e := range n.Entries {
			if l := lists["words "+e.Value.Text]; e.Key.Text == "words" && !inVerdict && l != nil {
				l.open = true
			}
			elsewhere(e.Value, e.Key.Text == "verdict")
		}
		for _, item := range n.Items {
			elsewhere(item, false)
		}
	}
	elsewhere(u.root, false)
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		l := lists[name]
		for _, e := range l.words.Entries {
			if !l.open && !l.given[e.Key.Text] && !u.spoken[e.Key.Text] {
				u.warn("unused_word", e.Key.Span, diagnostic.Textf("没有问题会得出结论 %s", "no question ever gives the verdict %s", e.Key.Text),
					diagnostic.Textf("在该得出它的 verdict 里写上；不再需要就删去", "give it in the verdict that it is for; remove it where it is not needed"))
			}
		}
	}
}

// wordsOf notes the words that a choice between words comes to; it is false of any
// other expression.
func wordsOf(t *condition.Tree, words map[string]bool) bool {
	switch {
	case t.Op == condition.TreeQuoted:
		words[t.Text] = true
		return true
	case t.Op == condition.TreeName && t.Text == "null":
		return true
	case t.Op == condition.TreeChoice && t.Of[1].Op == condition.TreeQuoted && t.Of[1].Op == t.Of[2].Op && t.Of[1].Text == t.Of[2].Text:
		return false // that both are the same is said
	case t.Op == condition.TreeChoice:
		return wordsOf(t.Of[1], words) && wordsOf(t.Of[2], words)
	}
	return false
}
