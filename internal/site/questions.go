package site

import (
	"encoding/json"
	"html/template"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/reach"
)

type questionView struct {
	ID, Title string
	Verdict   []link // words with their labels
	VerdictIs plainwords.Block
	Facts     []*factView
	Values    []valueView
	Rules     []rulesOf
	Readings  []link
	Promises  []promiseView
	Musts     []promiseView
	Cases     int
	Href      string // of its cases

	AskData template.JS // what the page asks with, as JSON
}

type valueView struct {
	Label, Unit string
	When, Is    plainwords.Block
	Fields      []valueView
}

// rulesOf are the rules of an article that answer a question.
type rulesOf struct {
	Article link
	Rules   []link
}

type promiseView struct {
	Label   string
	Article *link
	Block   plainwords.Block
}

type questionsView struct{ Groups []questionGroup }

type questionGroup struct {
	Title     string
	Questions []link
}

func (s *speaker) questions() error {
	r := reach.Of(s.b, s.b.Root)
	for _, q := range s.b.Questions {
		v := &questionView{ID: q.ID, Title: s.text(q.Title)}
		if q.Verdict != nil {
			v.VerdictIs = s.plain.Value(q.Verdict.IsNode, q, q.Question.Verdict.Words)
			if w := q.Question.Verdict.Words; w != nil {
				for _, word := range w.Words {
					v.Verdict = append(v.Verdict, link{Text: s.text(w.Labels[word]), Note: word})
				}
			}
		}
		for _, f := range q.Facts {
			x := s.fact(f.Fact, false)
			v.Facts = append(v.Facts, x)
		}
		v.Values = s.values(q, q.Values)
		for _, reg := range s.b.Regulations {
			for _, a := range reg.Articles {
				of := rulesOf{Article: link{Text: s.text(s.b.LabelOfArticle(a.ID)), Href: articleAddress(a.ID), Note: s.text(a.Title)}}
				for _, rule := range s.b.AllRules {
					if rule.Article == a && slices.Contains(r.Questions(rule.Unit()), q.ID) {
						of.Rules = append(of.Rules, link{Text: s.text(rule.Label), Href: ruleAddress(rule.ID)})
					}
				}
				if len(of.Rules) > 0 {
					v.Rules = append(v.Rules, of)
				}
			}
		}
		for _, x := range s.b.Readings {
			if slices.Contains(r.QuestionsOfReading(x.Key), q.ID) {
				v.Readings = append(v.Readings, link{Text: s.text(x.Asks), Href: readingAddress(x.Key)})
			}
		}
		for _, p := range s.b.PromisesOf(q) {
			x := promiseView{Label: s.text(p.Label), Article: &link{Text: s.text(s.b.LabelOfArticle(p.Article)), Href: articleAddress(p.Article)}}
			if p.Then != nil {
				x.Block = s.plain.Condition(p.Then, q)
			}
			v.Promises = append(v.Promises, x)
		}
		for _, m := range q.Musts {
			v.Musts = append(v.Musts, promiseView{Label: s.text(m.Label), Block: s.plain.Condition(m.That, q)})
		}
		for _, c := range s.cases {
			if c.ID == q.ID {
				v.Cases, v.Href = len(c.Cases), casesAddress(q.ID)
			}
		}
		data, err := json.Marshal(s.askData(v))
		if err != nil {
			return err
		}
		v.AskData = template.JS(data) //nolint:gosec // encoding/json escapes <, > and & itself
		if err := s.write(questionAddress(q.ID), "question.html", "questions", v.Title, v); err != nil {
			return err
		}
		s.find(v.Title, s.pick("问题", "question"), questionAddress(q.ID), q.ID)
	}
	return s.write("questions/index.html", "questions.html", "questions", s.pick("可以问什么", "Questions"), questionsView{s.questionGroups("")})
}

// values are the values of answers, and how each is found.
func (s *speaker) values(q *checked.Question, list []*checked.Value) []valueView {
	var all []valueView
	for _, value := range list {
		x := valueView{Label: s.text(value.Label), Unit: s.text(value.Unit), Fields: s.values(q, value.Fields)}
		if value.IsNode != nil {
			x.Is = s.plain.Value(value.IsNode, q, value.Words)
		}
		if value.WhenNode != nil {
			x.When = s.plain.Condition(value.WhenNode, q)
		}
		all = append(all, x)
	}
	return all
}

// questionGroups are the questions by the regulation that their ids begin with.
func (s *speaker) questionGroups(prefix string) []questionGroup {
	var groups []questionGroup
	for _, q := range s.b.Questions {
		title := s.text(s.b.Title)
		for _, reg := range s.b.Regulations {
			if len(q.ID) > len(reg.ID) && q.ID[:len(reg.ID)+1] == reg.ID+"." {
				title = s.text(reg.Title)
			}
		}
		i := slices.IndexFunc(groups, func(g questionGroup) bool { return g.Title == title })
		if i < 0 {
			groups = append(groups, questionGroup{Title: title})
			i = len(groups) - 1
		}
		groups[i].Questions = append(groups[i].Questions, link{Text: s.text(q.Title), Href: prefix + questionAddress(q.ID), Note: q.ID})
	}
	return groups
}
