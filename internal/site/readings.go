package site

import (
	"time"

	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

type readingsView struct {
	Open, Decided []*readingView
}

type readingView struct {
	Key, Anchor, Asks, Why string
	Article                link
	Options                []optionView
	Dated                  []datedOption
	Decided                string
	UsedBy                 []link
}

type optionView struct {
	Name, Label string
	Chosen      bool
	In          []optionIn // what it gives in rules
}

type datedOption struct{ From, Label string }

// optionIn is what an option gives in a rule.
type optionIn struct {
	Rule  link
	Field string
	Block plainwords.Block
}

func (s *speaker) readings() error {
	v := &readingsView{}
	for _, r := range s.b.Readings {
		chosen, _ := s.book.Choice(r.Key, time.Time{})
		x := &readingView{
			Key: r.Key, Anchor: readingAnchor(r.Key), Asks: s.text(r.Asks), Why: s.text(r.Why),
			Article: link{Text: s.text(s.b.LabelOfArticle(r.Article)), Href: articleAddress(r.Article)},
		}
		x.Dated = s.datedOptions(r.Reading, r.Chosen)
		for _, rule := range r.UsedBy {
			x.UsedBy = append(x.UsedBy, link{Text: s.text(rule.Label), Href: ruleAddress(rule.ID), Note: s.text(s.b.LabelOfArticle(rule.Article.ID))})
		}
		for _, o := range r.Options {
			y := optionView{Name: o.Name, Label: s.text(o.Label), Chosen: wording.Chosen(chosen, o.Name)}
			if y.Chosen && chosen.Parameter != "" {
				y.Label += s.pick("（"+chosen.Parameter+"）", " ("+chosen.Parameter+")")
			}
			for _, rule := range r.UsedBy {
				for _, c := range s.told[rule.Name].Choices {
					if c.Reading != r.Reading {
						continue
					}
					for i, of := range c.Options {
						if r.Options[i].Name == o.Name {
							y.In = append(y.In, optionIn{link{Text: s.text(rule.Label), Href: ruleAddress(rule.ID)}, c.Field, of.Block})
						}
					}
				}
			}
			x.Options = append(x.Options, y)
		}
		if r.DecidedBy != "" {
			x.Decided = s.pick(r.DecidedBy+" 于 "+r.DecidedOn+" 决定", "decided by "+r.DecidedBy+" on "+r.DecidedOn)
			v.Decided = append(v.Decided, x)
		} else {
			v.Open = append(v.Open, x)
		}
		text := x.Why
		for _, o := range x.Options {
			text += " " + o.Label
		}
		s.find(x.Asks, s.pick("读法", "reading")+" · "+x.Article.Text, readingAddress(r.Key), r.Key+" "+text)
	}
	return s.write("readings.html", "readings.html", "readings", s.pick("读法", "Readings"), v)
}

// datedOptions are the options with the days from which they are chosen, where a
// date chooses them.
func (s *speaker) datedOptions(r *policy.Reading, n *source.Node) []datedOption {
	if n == nil || n.Get("by") == nil {
		return nil
	}
	var all []datedOption
	for _, e := range n.Entries {
		if e.Key.Text == "by" {
			continue
		}
		label := e.Value.Text
		if c, err := r.ParseChoice(e.Value.Text); err == nil {
			label = s.optionLabel(r, c)
		}
		all = append(all, datedOption{e.Key.Text, label})
	}
	return all
}

func (s *speaker) optionLabel(r *policy.Reading, c policy.Choice) string {
	if o := r.Option(c.Option); o != nil {
		label := s.text(o.Label)
		if c.Parameter != "" {
			label += s.pick("（"+c.Parameter+"）", " ("+c.Parameter+")")
		}
		return label
	}
	return c.String()
}
