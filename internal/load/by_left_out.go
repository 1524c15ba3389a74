package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// A choice whose `by` is left out, or written otherwise, is a map where a value
// belongs. Everything that is read of it would be a finding: a key that is unknown,
// one that is missing, an expression that is none. What its keys are tells what it
// was to be chosen by, and that is said once, before anything is read; the choice is
// then taken for what was meant.

// chooser is what a choice can be by, and the keys that it then has.
type chooser struct {
	name string
	keys []string
}

// byLeftOut reports the choices in rules that do not say what they are by.
func (l *loader) byLeftOut(root *source.Node) {
	readings, facts := choosersIn(root)
	for _, regulation := range root.Get("regulations").Pairs() {
		for _, article := range regulation.Value.Get("articles").Pairs() {
			for _, f := range forms.All() {
				for _, rule := range article.Value.Get(f.Section).Pairs() {
					if f.Bare { // a named value, whose parts are fields of its own
						l.byLeftOutOf(rule.Value.Get("is"), 0, readings, facts)
						continue
					}
					l.byLeftOutIn(rule.Value, f.Fields, readings, facts)
				}
			}
		}
	}
}

func (l *loader) byLeftOutIn(n *source.Node, fields []policy.Field, readings, facts []chooser) {
	for i := range fields {
		f := &fields[i]
		child := n.Get(f.Name)
		if child == nil {
			continue
		}
		switch f.Kind {
		case policy.Expression, policy.Option, policy.Quantity, policy.Number, policy.Percentage, policy.TimeOfDay, policy.Flag, policy.Code, policy.Calendar:
			l.byLeftOutOf(child, 0, readings, facts)
		case policy.Structs, policy.StructMap:
			for _, x := range append(slices.Clone(child.Items), valuesOf(child)...) {
				l.byLeftOutIn(x, f.Fields, readings, facts)
			}
		}
	}
}

// byLeftOutOf looks at a value, and at those that it chooses from. A choice by several,
// {by: [a, b], …}, has maps below it, levels of them, that need no by of their own.
func (l *loader) byLeftOutOf(n *source.Node, levels int, readings, facts []chooser) {
	if n == nil || n.Kind != source.Map {
		return
	}
	if n.Get("by") == nil && levels == 0 {
		l.chooserMeant(n, readings, facts)
	}
	by := n.Get("by")
	if by == nil && levels == 0 {
		return // it is no choice
	}
	if by != nil {
		levels = max(0, len(by.Items)-1)
	} else {
		levels--
	}
	for _, e := range n.Entries {
		if e.Key.Text != "by" {
			l.byLeftOutOf(e.Value, levels, readings, facts)
		}
	}
}

// otherBys are keys that people write in place of by.
var otherBys = []string{"bye", "buy", "yb", "b", "bt", "bu", "By", "BY", "per", "按", "由", "依", "根据", "按照"}

// chooserMeant says what a map without `by` is probably to be chosen by.
func (l *loader) chooserMeant(n *source.Node, readings, facts []chooser) {
	isName := func(x *source.Node) bool {
		named := func(c chooser) bool { return c.name == x.Text }
		return x.Kind == source.Scalar && (x.Text == "date" || slices.ContainsFunc(readings, named) || slices.ContainsFunc(facts, named))
	}
	for _, e := range n.Entries {
		if slices.Contains(otherBys, e.Key.Text) && isName(e.Value) {
			l.unknownKey(e.Key, diagnostic.Textf("写 by", "write by"))
			e.Key.Text = "by"
			return
		}
	}
	names := chosenBy(n, readings, facts)
	if len(names) == 0 {
		return
	}
	remedy := diagnostic.Textf("写明由什么选：补上 by: %s", "say what it is chosen by: add by: %s", names[0])
	if len(names) > 1 {
		list := strings.Join(names[:min(len(names), diagnostic.MaxListed)], ", ")
		remedy = diagnostic.Textf("补上 by: 由什么选，如 %s", "add by: what it is chosen by, such as %s", list)
	}
	l.missing(n, "by", remedy)
	key, by := *n.Entries[0].Key, *n.Entries[0].Key
	key.Text, by.Text, by.Kind = "by", names[0], source.Scalar
	n.Entries = append(n.Entries, source.Entry{Key: &key, Value: &by})
}

// chosenBy are the names of what a map of these keys may be chosen by: the date where
// its keys are days, else readings with such options, else facts with such words.
func chosenBy(n *source.Node, readings, facts []chooser) []string {
	var keys []string
	for _, e := range n.Entries {
		if e.Key.Text != "otherwise" {
			keys = append(keys, e.Key.Text)
		}
	}
	if len(keys) == 0 || len(n.Entries) < 2 {
		return nil
	}
	if !slices.ContainsFunc(keys, func(key string) bool { _, err := source.Date(key); return err != nil }) {
		return []string{"date"}
	}
	for _, kind := range [][]chooser{readings, facts} {
		var names []string
		for _, c := range kind {
			if !slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(c.keys, key) }) {
				names = append(names, c.name)
			}
		}
		if names != nil {
			return names
		}
	}
	return nil
}

// choosersIn are the readings and the facts of a book that a choice can be by, as
// they stand in its files.
func choosersIn(root *source.Node) (readings, facts []chooser) {
	keysOf := func(n *source.Node) (keys []string) {
		for _, e := range n.Pairs() {
			keys = append(keys, e.Key.Text)
		}
		return keys
	}
	for _, r := range root.Get("readings").Pairs() {
		if keys := keysOf(r.Value.Get("options")); keys != nil {
			readings = append(readings, chooser{r.Key.Text, keys})
		}
	}
	words := root.Get("words")
	var walk func(path string, n *source.Node)
	walk = func(path string, n *source.Node) {
		list := n.Get("words")
		if list != nil && list.Kind == source.Scalar {
			list = words.Get(list.Text)
		}
		if keys := keysOf(list); keys != nil {
			facts = append(facts, chooser{path, keys})
		}
		for _, e := range n.Get("fields").Pairs() {
			walk(path+"."+e.Key.Text, e.Value)
		}
	}
	for _, f := range root.Get("facts").Pairs() {
		walk(f.Key.Text, f.Value)
	}
	return readings, facts
}
