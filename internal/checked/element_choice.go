package checked

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A value may be chosen by a word, or a yes or no, of the element of a list that a
// rule looks at, or, in a question, by a fact that is one:
//
//	within: {by: .priority, p1: 4 hours, otherwise: 2 working days}
//	within: {by: .urgent, yes: 4 hours, no: 2 working days}
//
// Elements differ within one answer, so nothing is built once for each word.
// The choice becomes an expression instead, .priority == "p1" ? … : …, and a
// length becomes one of its number and one of its unit.

// ElementPath reports whether a choice is by a field of an element.
func ElementPath(by string) bool { return strings.HasPrefix(by, ".") }

// WordsAsked is a choice that an item is made of, for its words to be checked
// where the type of what it is by is known.
type WordsAsked struct {
	By        *source.Node
	Node      *source.Node // the choice
	YesNo     bool         // what it is by is yes or no
	Otherwise bool         // it says what holds for all other words
}

// Branch is a part of an expression that is written by itself, such as what stands
// for a word.
type Branch struct {
	Item *Item
	Text string // as an expression
	// Where it begins in the text of the choice and in its IfNone, in bytes.
	at, atIfNone int
}

// nested is what stands for the branch in IfNone.
func (b Branch) nested() string {
	if b.Item.IfNone != "" {
		return b.Item.IfNone
	}
	return b.Text
}

// WrittenAt is where the characters from..to of the item, as an expression, are
// written: the node, and those of its text. Text is the item's Text or IfNone. It
// is false where they are written nowhere, as what a choice is made into.
func (i *Item) WrittenAt(text string, from, to int) (node *source.Node, first, last int, ok bool) {
	if len(i.Branches) == 0 {
		return i.Node, from, to, text == i.Node.Text
	}
	for _, b := range i.Branches {
		at, branch := b.at, b.Text
		if text == i.IfNone {
			at, branch = b.atIfNone, b.nested()
		}
		at = utf8.RuneCountInString(text[:at])
		if from >= at && to <= at+utf8.RuneCountInString(branch) {
			return b.Item.WrittenAt(branch, from-at, to-at)
		}
	}
	return nil, 0, 0, false
}

// chooseByWords makes an expression of a choice, or a length of two.
func (b *Book) chooseByWords(n *source.Node, kind policy.FieldKind, s Selection, p *parameter, used *[]string) *Item {
	by := n.Get("by")
	f := b.WordFact(by.Text)
	asked := WordsAsked{By: by, Node: n, YesNo: f != nil && f.Typ.Kind == value.YesNo, Otherwise: n.Get("otherwise") != nil}
	var words []string
	var items []*Item
	for _, e := range n.Entries {
		if w := e.Key.Text; w != "by" && w != "otherwise" {
			words, items = append(words, w), append(items, b.Resolve(e.Value, s, p, used))
		}
	}
	if other := n.Get("otherwise"); other != nil {
		words, items = append(words, ""), append(items, b.Resolve(other, s, p, used))
	}
	if kind != policy.Quantity {
		return combined(choiceOfItems{asked, words, items, kind})
	}
	out := &Item{Node: by, Kind: source.Map}
	for _, part := range []string{"n", "unit"} {
		parts := make([]*Item, len(items))
		for i, x := range items {
			parts[i] = partOfLength(x, part)
		}
		one := combined(choiceOfItems{asked, words, parts, policy.Expression})
		out.Entries = append(out.Entries, Entry{&source.Node{Kind: source.Scalar, Text: part, Span: by.Span}, one})
	}
	return out
}

// partOfLength is the number or the unit of a length, as an expression.
func partOfLength(x *Item, part string) *Item {
	if x.Kind == source.Map {
		y := x.Get(part)
		if y == nil {
			return &Item{Node: x.Node}
		}
		if part == "unit" && len(y.Asked) == 0 && SnakeCase.MatchString(y.Text) {
			y = y.With(strconv.Quote(y.Text), y)
		}
		return y
	}
	q, err := source.ParseQuantity(x.Text)
	if err != nil {
		return &Item{Node: x.Node} // there is a finding
	}
	if part == "n" {
		return &Item{Node: x.Node, Kind: source.Scalar, Text: strconv.FormatInt(q.N, 10)}
	}
	return &Item{Node: x.Node, Kind: source.Scalar, Text: strconv.Quote(q.Unit.Word())}
}

// choiceOfItems is what an expression that chooses between items is made of.
type choiceOfItems struct {
	asked WordsAsked
	words []string
	items []*Item
	kind  policy.FieldKind
}

// KnowingTypes is the item where it is known of each choice below it whether what
// it is by is yes or no rather than a word: those of elements are known only where
// the elements are. The item itself is left as it is.
func (i *Item) KnowingTypes(yesNo func(WordsAsked) bool) *Item {
	if i == nil || i.choice == nil || !slices.ContainsFunc(i.Asked, func(a WordsAsked) bool { return yesNo(a) != a.YesNo }) {
		return i
	}
	c := *i.choice
	c.asked.YesNo = yesNo(c.asked)
	c.items = make([]*Item, len(i.choice.items))
	for k, x := range i.choice.items {
		c.items[k] = x.KnowingTypes(yesNo)
	}
	out := combined(c)
	out.Origin, out.Around = i.Origin, i.Around
	return out
}

// combined is the expression that chooses between items.
func combined(c choiceOfItems) *Item {
	asked, words, items, kind := c.asked, c.words, c.items, c.kind
	out := &Item{Node: asked.By, Kind: source.Scalar, Asked: []WordsAsked{asked}, choice: &c}
	var text, strict strings.Builder
	for i, x := range items {
		branch := x.Expression()
		if x.None() {
			branch = "null"
		}
		if branchIsWord := kind != policy.Expression && kind != policy.Expressions && len(x.Asked) == 0; branchIsWord && SnakeCase.MatchString(branch) {
			branch = strconv.Quote(branch) // a calendar, or a word of the form's own
		}
		if x.Parameter != nil && slices.Contains(References(branch), "parameter") {
			out.meansParameterOf(x)
		}
		out.Asked = append(out.Asked, x.Asked...)
		b := Branch{Item: x, Text: branch}
		last := i == len(items)-1
		isWord := asked.By.Text + " == " + wordIn(words[i], asked.YesNo) + " ? "
		if !last {
			text.WriteString(isWord)
		}
		if !last || !asked.Otherwise {
			strict.WriteString(isWord)
		}
		b.at, b.atIfNone = text.Len()+len("("), strict.Len()+len("(")
		text.WriteString("(" + branch + ")")
		strict.WriteString("(" + b.nested() + ")")
		if !last {
			text.WriteString(" : ")
			strict.WriteString(" : ")
		} else if !asked.Otherwise {
			strict.WriteString(" : null")
		}
		out.Branches = append(out.Branches, b)
	}
	out.Text, out.IfNone = text.String(), strict.String()
	return out
}

// meansParameterOf has an expression mean the argument that one of its branches
// means, and notes where another branch means that of another reading. A reading
// has one argument at a time, however often it is named.
func (i *Item) meansParameterOf(branch *Item) {
	switch {
	case i.SecondParameter != nil:
	case branch.SecondParameter != nil:
		i.SecondParameter = branch.SecondParameter
	case i.Parameter != nil && i.Parameter.by.Text != branch.Parameter.by.Text:
		i.SecondParameter = branch.Parameter.by
	}
	if i.Parameter == nil {
		i.Parameter = branch.Parameter
	}
}

// WordsOfChoice reports words of a choice that are none of the given ones, and
// given ones for which nothing is said. Near is the word that another is
// probably meant as.
func WordsOfChoice(n, by *source.Node, words []string, near func(string) string) diagnostic.List {
	var found diagnostic.List
	fail := func(code string, span diagnostic.Span, message, remedy policy.Text) {
		found = append(found, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy})
	}
	given := map[string]bool{}
	for _, e := range n.Entries {
		word := e.Key.Text
		if word == "by" {
			continue
		}
		if word != "otherwise" && !slices.Contains(words, word) {
			meant := near(word)
			remedy := diagnostic.OneOfNear(meant, words)
			switch strings.ToLower(word) {
			case "other", "else", "default", "others", "_", "*", "其他", "其它", "其余":
				remedy = diagnostic.Textf("其余的词写 otherwise", "write otherwise for all other words")
			}
			fail("unknown_word", e.Key.Span, diagnostic.Textf("事实 %s 没有 %q 这个词", "%[2]q is none of the words of the fact %[1]s", by.Text, word), remedy)
			if meant != "" {
				given[meant] = true
			}
		}
		given[word] = true
	}
	missing := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return given[w] })
	switch {
	case len(n.Entries) < 2:
		fail("missing_option", by.Span, diagnostic.Textf("by: %s 之下没有值", "by: %s has no values", by.Text), diagnostic.Textf("补上“词: 值”", "add word: value"))
	case len(missing) > 0 && !given["otherwise"] && len(found) == 0:
		fail("missing_option", by.Span, diagnostic.Textf("事实 %s 为 %s 时没有对应的值", "no value for where the fact %s is %s", by.Text, Some(missing)),
			diagnostic.Textf("补上 %s: …，或 otherwise: …", "add %s: …, or otherwise: …", missing[0]))
	}
	return found
}

// Some names up to three of a list.
func Some(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
