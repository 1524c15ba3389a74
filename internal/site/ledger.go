package site

import (
	"strings"

	"github.com/servicerules/rulebook/internal/trace"
	"github.com/servicerules/rulebook/policy"
)

type ledgerView struct {
	Regulations      []ledgerRegulation
	Extends          string
	Changed, Added   []deviationView
	Unruled, Without int // sentences no rule rests on; articles with rules and no case
}

type ledgerRegulation struct {
	link
	Rows []ledgerRow
}

type ledgerRow struct {
	Article        link
	Nature         string
	Rules          []link
	DecidesNothing string
	Readings       int
	Cases          int
	Left           int // sentences that no rule was found to rest on
	Bare           bool
}

type deviationView struct {
	Path, Label  string
	Article      *link
	Base, Branch string
}

// ledger lists what was made of every article, and where the book differs from
// the one that it extends.
func (s *speaker) ledger() error {
	v := ledgerView{Extends: s.b.Extends()}
	cases := map[string]int{}
	for _, q := range s.cases {
		for _, c := range q.Cases {
			for _, id := range c.articles {
				cases[id]++
			}
		}
	}
	left := map[string]int{}
	for _, a := range trace.Of(s.book) {
		left[a.ID] = len(a.Left(s.lang))
	}
	for _, reg := range s.b.Regulations {
		x := ledgerRegulation{link: link{Text: s.text(reg.Title), Href: regulationAddress(reg.ID)}}
		for _, a := range reg.Articles {
			row := ledgerRow{
				Article: link{Text: s.number(a), Href: articleAddress(a.ID), Note: s.text(a.Title)}, Nature: s.words.Nature(a.Nature),
				DecidesNothing: s.text(a.DecidesNothing), Cases: cases[a.ID], Left: left[a.ID],
			}
			for _, r := range a.Rules {
				row.Rules = append(row.Rules, link{Text: s.text(r.Label), Href: ruleAddress(r.ID)})
			}
			for _, r := range s.b.Readings {
				if r.Article == a.ID {
					row.Readings++
				}
			}
			row.Bare = len(row.Rules) > 0 && row.Cases == 0 && len(s.cases) > 0
			if row.Bare {
				v.Without++
			}
			v.Unruled += row.Left
			x.Rows = append(x.Rows, row)
		}
		v.Regulations = append(v.Regulations, x)
	}
	for _, d := range s.b.Deviations() {
		y := deviationView{Path: d.Path, Label: s.text(d.Label), Base: d.Base, Branch: d.Branch}
		if strings.Contains(d.Article, "/") {
			if _, known := s.b.ArticlesByID[d.Article]; known {
				y.Article = &link{Text: s.text(policy.Text(s.b.LabelOfArticle(d.Article))), Href: articleAddress(d.Article)}
			}
		}
		if d.Added {
			v.Added = append(v.Added, y)
		} else {
			v.Changed = append(v.Changed, y)
		}
	}
	return s.write("ledger.html", "ledger.html", "ledger", s.pick("条款台账", "Ledger of articles"), v)
}
