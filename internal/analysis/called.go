package analysis

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/policy"
)

// Called are the names, of those that uses can be asked for, of what people call
// so in any language of the rulebook, or of the rule of that id (regulation.rule).
func Called(b *checked.Book, label string) []string {
	var all []string
	add := func(name string, called policy.Text) {
		for _, lang := range b.Languages {
			if called.In(lang) == label && !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	var facts func(list []*checked.Fact)
	facts = func(list []*checked.Fact) {
		for _, f := range list {
			add(checked.PlainPath(f.Path), f.Label)
			facts(f.Fields)
			if f.Elem != nil {
				facts(f.Elem.Fields)
			}
		}
	}
	facts(b.Facts)
	for _, list := range b.Words {
		for _, word := range list.Words {
			add(word, list.Labels[word])
		}
	}
	for _, r := range b.Readings {
		add(r.Key, r.Asks)
	}
	for _, r := range b.AllRules {
		add(r.Name, r.Label)
		if r.ID == label && !slices.Contains(all, r.Name) {
			all = append(all, r.Name)
		}
	}
	for id, a := range b.ArticlesByID {
		add(id, a.Title)
	}
	slices.Sort(all)
	return all
}
