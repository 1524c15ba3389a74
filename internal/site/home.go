package site

type homeView struct {
	Regulations []homeRegulation
	Questions   []questionGroup
	Open        int // readings that are not decided
	Articles    int
	Rules       int
	Cases       int
}

type homeRegulation struct {
	link
	Articles []homeArticle
}

type homeArticle struct {
	link
	Item, Silent bool
	Decides      int // rules
}

func (s *speaker) home() error {
	v := homeView{Questions: s.questionGroups(""), Rules: len(s.b.AllRules)}
	for _, reg := range s.b.Regulations {
		x := homeRegulation{link: link{Text: s.text(reg.Title), Href: regulationAddress(reg.ID), Note: reg.ID}}
		for _, a := range reg.Articles {
			x.Articles = append(x.Articles, homeArticle{
				link: link{Text: s.text(a.Title), Href: articleAddress(a.ID), Note: s.number(a)}, Item: a.IsItem(), Silent: len(a.Rules) == 0, Decides: len(a.Rules),
			})
		}
		v.Articles += len(reg.Articles)
		v.Regulations = append(v.Regulations, x)
	}
	for _, r := range s.b.Readings {
		if r.DecidedBy == "" {
			v.Open++
		}
	}
	for _, q := range s.cases {
		v.Cases += len(q.Cases)
	}
	return s.write("index.html", "home.html", "home", s.text(s.b.Title), v)
}
