package analysis

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// A Use is a place of a rules file that speaks of a name.
type Use struct {
	Kind    string // rule, question, reading, fact, must, calendar or review
	ID      string // of the rule, question and so on
	Article string // of a rule; else ""
	Key     string // the key under which it stands there
	Span    diagnostic.Span
}

// told are the keys whose text is for people.
var told = []string{"zh", "en", "note", "title", "text", "why", "asks", "rests_on"}

// UsesOf lists where a rulebook speaks of a fact or one of its fields, a word, a
// reading, a rule or an article, in the order of its files. It reports false where
// the rulebook declares nothing of that name.
func UsesOf(b *checked.Book, name string) ([]Use, bool) {
	mentions := regexp.MustCompile(`(?:^|[^\pL\pN_.])` + regexp.QuoteMeta(name) + `(?:$|[^\pL\pN_])`)
	var all []Use
	w := &usesWalk{found: func(text string, whole bool, u Use) {
		if match := mentions.FindString(text); match != "" && (!whole || match == text) {
			all = addUse(all, u)
		}
	}}
	for _, file := range source.Split(b.Source()) {
		root, _ := source.Parse(source.NameOf(b.FileName, file.Path), file.Text)
		if root == nil {
			return nil, false
		}
		for _, e := range root.Entries {
			w.walk(e.Value, []string{e.Key.Text})
		}
	}
	return all, slices.Contains(Names(b), name)
}

// Names are those that uses can be asked for.
func Names(b *checked.Book) []string {
	var all []string
	var facts func(list []*checked.Fact)
	facts = func(list []*checked.Fact) {
		for _, f := range list {
			all = append(all, checked.PlainPath(f.Path))
			facts(f.Fields)
			if f.Elem != nil {
				facts(f.Elem.Fields)
			}
		}
	}
	facts(b.Facts)
	for _, list := range b.WordsByName {
		all = append(all, list.Words...)
	}
	for _, r := range b.Readings {
		all = append(all, r.Key)
	}
	for _, r := range b.AllRules {
		all = append(all, r.Name, r.Unit())
	}
	for id := range b.ArticlesByID {
		all = append(all, id)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// usesWalk goes through a rules file.
type usesWalk struct {
	// found is told each text that may mention a name, and the place; whole says
	// that only the whole text is a name.
	found func(text string, whole bool, u Use)
}

// walk goes through what stands under a path of keys.
func (w *usesWalk) walk(n *source.Node, path []string) {
	if n == nil || slices.Contains(told, path[len(path)-1]) {
		return
	}
	if n.Kind == source.Scalar {
		w.note(n, false, path)
	}
	for _, e := range n.Entries {
		below := append(slices.Clone(path), e.Key.Text)
		if len(path) > 5 && path[0] == "regulations" {
			w.note(e.Key, true, below) // as a word that a value is chosen by, or an item
		}
		w.walk(e.Value, below)
	}
	for _, item := range n.Items {
		w.walk(item, path)
	}
}

func (w *usesWalk) note(n *source.Node, whole bool, path []string) {
	u := Use{Kind: path[0], ID: path[0], Span: n.Span, Key: strings.Join(path[1:], ".")}
	switch {
	case path[0] == "regulations" && len(path) > 6 && path[2] == "articles":
		u.Kind, u.Article, u.ID, u.Key = "rule", path[1]+"/"+path[3], path[5], strings.Join(path[6:], ".")
	case path[0] == "words" || len(path) < 3:
		return
	default:
		u.Kind, u.ID, u.Key = strings.TrimSuffix(path[0], "s"), path[1], strings.Join(path[2:], ".")
	}
	w.found(n.Text, whole, u)
}

// addUse adds a use that is not there yet.
func addUse(all []Use, u Use) []Use {
	if slices.ContainsFunc(all, func(x Use) bool { return x.Kind == u.Kind && x.ID == u.ID && x.Key == u.Key }) {
		return all
	}
	return append(all, u)
}
