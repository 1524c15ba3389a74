package site

import (
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/checked"
)

// usedBy are the rules, questions and readings that use a name, each once.
func (s *speaker) usedBy(name string) []link {
	var all []link
	seen := map[string]bool{}
	add := func(l link) {
		if !seen[l.Href] {
			seen[l.Href] = true
			all = append(all, l)
		}
	}
	for _, u := range s.uses[name] {
		switch u.Kind {
		case "rule":
			if r := s.b.RulesByName[u.ID]; r != nil && r.Name != name && u.Key != "part_of" {
				add(link{Text: s.text(r.Label), Href: ruleAddress(r.ID), Note: s.text(s.b.LabelOfArticle(r.Article.ID))})
			}
		case "question":
			if q := s.b.QuestionsByID[u.ID]; q != nil {
				add(link{Text: s.text(q.Title), Href: questionAddress(q.ID), Note: s.pick("问题", "question")})
			}
		case "reading":
			if r := s.b.ReadingsByKey[u.ID]; r != nil && r.Key != name {
				add(link{Text: s.text(r.Asks), Href: readingAddress(r.Key), Note: s.pick("读法", "reading")})
			}
		case "promise":
			for _, p := range s.b.Promises {
				if p.Name == u.ID {
					add(link{Text: s.text(p.Label), Href: questionAddress(p.Question) + "#promises", Note: s.pick("承诺", "promise")})
				}
			}
		}
	}
	return all
}

type usesView struct {
	Groups []usesGroup
}

type usesGroup struct {
	Anchor, Title string
	Rows          []usesRow
}

type usesRow struct {
	What   link
	UsedBy []link
}

// usesPage lists what each fact, reading and article is used by.
func (s *speaker) usesPage() error {
	facts := usesGroup{Anchor: "facts", Title: s.pick("事实", "Facts")}
	var walk func(list []*checked.Fact)
	walk = func(list []*checked.Fact) {
		for _, f := range list {
			path := checked.PlainPath(f.Path)
			if used := s.usedBy(path); len(used) > 0 {
				facts.Rows = append(facts.Rows, usesRow{link{Text: s.text(f.Label), Href: "facts.html#" + factAnchor(path), Note: path}, used})
			}
			walk(f.Fields)
		}
	}
	walk(s.b.Facts)
	rules := usesGroup{Anchor: "rules", Title: s.pick("规则", "Rules")}
	for _, r := range s.b.AllRules {
		if used := s.usedBy(r.Unit()); len(used) > 0 && r.Unit() == r.Name {
			rules.Rows = append(rules.Rows, usesRow{link{Text: s.text(r.Label), Href: ruleAddress(r.ID), Note: s.text(s.b.LabelOfArticle(r.Article.ID))}, used})
		}
	}
	readings := usesGroup{Anchor: "readings", Title: s.pick("读法", "Readings")}
	for _, r := range s.b.Readings {
		if used := s.usedBy(r.Key); len(used) > 0 {
			readings.Rows = append(readings.Rows, usesRow{link{Text: s.text(r.Asks), Href: readingAddress(r.Key), Note: r.Key}, used})
		}
	}
	articles := usesGroup{Anchor: "articles", Title: s.pick("条款", "Articles")}
	for _, reg := range s.b.Regulations {
		for _, a := range reg.Articles {
			if used := s.usedBy(a.ID); len(used) > 0 {
				articles.Rows = append(articles.Rows, usesRow{link{Text: s.text(s.b.LabelOfArticle(a.ID)), Href: articleAddress(a.ID), Note: s.text(a.Title)}, used})
			}
		}
	}
	v := usesView{}
	for _, g := range []usesGroup{rules, readings, articles, facts} {
		if len(g.Rows) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return s.write("uses.html", "uses.html", "uses", s.pick("相互引用", "Cross-references"), v)
}

// useIndex is what names are used by.
type useIndex map[string][]analysis.Use
