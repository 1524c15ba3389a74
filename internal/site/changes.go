package site

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

type changesView struct{ Days []changeDay }

// changeDay is a day from which something is otherwise than before.
type changeDay struct {
	Day     string
	Changes []changeView
}

type changeView struct {
	What, Article link
	Field         string
	Was, Is       plainwords.Block
}

// changes lists what changes on which day: values that a date chooses, readings
// that one does, rules that begin or end.
func (s *speaker) changes() error {
	days := map[string][]changeView{}
	listed := map[*source.Node]bool{}
	for _, r := range namedValuesFirst(s.b.AllRules) {
		what, article := link{Text: s.text(r.Label), Href: ruleAddress(r.ID)}, link{Text: s.text(s.b.LabelOfArticle(r.Article.ID)), Href: articleAddress(r.Article.ID)}
		for i := range r.Form.Fields {
			f := &r.Form.Fields[i]
			label := s.fieldLabel(r, f.Name)
			if r.Form.Name == "value" {
				label = "" // it is what the value is
			}
			datedIn(r.Node.Get(f.Name), func(from string, was, is *source.Node) {
				if listed[is] {
					return
				}
				listed[is] = true
				days[from] = append(days[from], changeView{what, article, label, s.plain.Dated(r, f, was), s.plain.Dated(r, f, is)})
			})
		}
		if r.From != 0 {
			days[r.From.String()] = append(days[r.From.String()], changeView{What: what, Article: article, Is: said(s.pick("开始有效", "comes into force"))})
		}
		if r.To != 0 {
			next := (r.To + 1).String()
			days[next] = append(days[next], changeView{What: what, Article: article, Is: said(s.pick("不再有效", "is no longer in force"))})
		}
	}
	for _, r := range s.b.Readings {
		datedIn(r.Chosen, func(from string, was, is *source.Node) {
			days[from] = append(days[from], changeView{
				What:    link{Text: s.text(r.Asks), Href: readingAddress(r.Key)},
				Article: link{Text: s.text(s.b.LabelOfArticle(r.Article)), Href: articleAddress(r.Article)},
				Was:     said(s.chosen(r.Reading, was)), Is: said(s.chosen(r.Reading, is)),
			})
		})
	}
	v := changesView{}
	for day, list := range days {
		v.Days = append(v.Days, changeDay{day, list})
		s.site.Changes += len(list)
	}
	slices.SortFunc(v.Days, func(a, b changeDay) int { return strings.Compare(b.Day, a.Day) })
	return s.write("changes.html", "changes.html", "changes", s.pick("按日期的变化", "Changes by date"), v)
}

// namedValuesFirst are rules with those before the others that give a value a
// name: what uses one holds the same choice by date, which is told at the name.
func namedValuesFirst(rules []*checked.Rule) []*checked.Rule {
	var named, others []*checked.Rule
	for _, r := range rules {
		if r.Form.Name == "value" {
			named = append(named, r)
		} else {
			others = append(others, r)
		}
	}
	return append(named, others...)
}

func (s *speaker) fieldLabel(r *checked.Rule, name string) string {
	for _, key := range []string{r.Form.Name + "." + name, name} {
		if label, ok := plainwords.FieldLabel(key); ok {
			return pick(s.lang, label.ZH, label.EN)
		}
	}
	return name
}

func (s *speaker) chosen(r *policy.Reading, n *source.Node) string {
	if c, err := checked.ChoiceIn(r, n); err == nil {
		return s.optionLabel(r, c)
	}
	return n.Text
}

func said(text string) plainwords.Block {
	return plainwords.Block{Phrase: plainwords.Phrase{{Text: text}}}
}

// datedIn visits the days on which a choice by date below a node changes, with
// the value before and the one from that day on.
func datedIn(n *source.Node, visit func(from string, was, is *source.Node)) {
	if n == nil {
		return
	}
	byDate := checked.IsBy(n) && n.Get("by").Text == "date"
	var before *source.Node
	for _, e := range n.Entries {
		if byDate && e.Key.Text != "by" {
			if before != nil {
				visit(e.Key.Text, before, e.Value)
			}
			before = e.Value
		}
		datedIn(e.Value, visit)
	}
	for _, x := range n.Items {
		datedIn(x, visit)
	}
}
