package edit

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// labelled is where the label of an entry stands, by language: in the entry
// itself or, of a reading, in what it asks.
type labelled func(n *source.Node) *source.Node

func inItself(n *source.Node) *source.Node { return n }
func inAsks(n *source.Node) *source.Node   { return n.Get("asks") }

// oneOf says what may be written where a name is expected: the entries of a map,
// in Chinese with their labels. The nearest is named: by its name, by its label,
// or as the only one whose label has the words that were written.
func oneOf(name string, entries []source.Entry, labelOf labelled) diagnostic.Text {
	var keys, zh, labels []string
	for _, e := range entries {
		label := ""
		if n := labelOf(e.Value).Get("zh"); n != nil {
			label = n.Text
		}
		keys, labels = append(keys, e.Key.Text), append(labels, label)
		if label != "" {
			label = "（" + label + "）"
		}
		zh = append(zh, e.Key.Text+label)
	}
	near := diagnostic.Nearest(name, keys)
	if near == "" && utf8.RuneCountInString(name) >= shortestMisspelt {
		if called := diagnostic.Nearest(name, labels); called != "" {
			near = keys[slices.Index(labels, called)]
		}
	}
	if near == "" {
		near = onlyWith(name, keys, labels)
	}
	nearZH := near
	if i := slices.Index(keys, near); i >= 0 {
		nearZH = zh[i]
	}
	return diagnostic.Text{ZH: diagnostic.OneOfNear(nearZH, zh).ZH, EN: diagnostic.OneOfNear(near, keys).EN}
}

// shortestMisspelt is how long a name is at least that is taken for a label
// misspelt: of two signs, every other label of two is one sign away.
const shortestMisspelt = 4

// onlyWith is the key of the only label that has the words; "" where none or
// several have them.
func onlyWith(words string, keys, labels []string) string {
	found := ""
	for i, label := range labels {
		if words != "" && strings.Contains(label, words) {
			if found != "" {
				return ""
			}
			found = keys[i]
		}
	}
	return found
}

// elsewhere says where rules stand that are called so, for a name that leaves
// out the article; else what is given.
func (f *File) elsewhere(name string, otherwise diagnostic.Text) diagnostic.Text {
	if fields := strings.Fields(name); len(fields) > 0 {
		name = fields[len(fields)-1]
	}
	name, _, _ = strings.Cut(name, ".")
	var places []string
	all := f.root.Get("regulations")
	for _, r := range all.Keys() {
		for _, number := range all.Get(r).Get("articles").Keys() {
			for _, rule := range rulesIn(all.Get(r).Get("articles").Get(number)) {
				if rule.Key.Text == name || f.isCalled(rule.Value, name) {
					places = append(places, r+"/"+number+" "+rule.Key.Text)
				}
			}
		}
	}
	switch len(places) {
	case 0:
		return otherwise
	case 1:
		return diagnostic.Textf("写明它属于哪一条：%s", "say of which article it is: %s", places[0])
	}
	return diagnostic.Textf("叫这个名称的有：%s，写其中一个", "those called so: %s; write one of them", strings.Join(places[:min(len(places), diagnostic.MaxListed)], ", "))
}

// called is the key of a reading or an option that a person names: by itself, by
// its label, or by the words that its label begins with, where no other has them.
func (f *File) called(name string, entries []source.Entry, labelOf labelled) string {
	var exact, begun []string
	for _, e := range entries {
		if e.Key.Text == name {
			return name
		}
		for _, lang := range f.labelLanguages() {
			label := labelOf(e.Value).Get(lang)
			switch {
			case label == nil || name == "":
			case label.Text == name:
				exact = append(exact, e.Key.Text)
			case strings.HasPrefix(label.Text, name):
				begun = append(begun, e.Key.Text)
			}
		}
	}
	exact, begun = slices.Compact(exact), slices.Compact(begun)
	switch {
	case len(exact) == 1:
		return exact[0]
	case len(exact) == 0 && len(begun) == 1:
		return begun[0]
	}
	return ""
}
