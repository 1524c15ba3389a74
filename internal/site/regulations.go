package site

import (
	"html/template"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/trace"
	"github.com/servicerules/rulebook/policy"
)

// link is a link with what it is called.
type link struct{ Text, Href, Note string }

// caseLink leads to a case.
type caseLink struct {
	ofCase
	Href string
}

type regulationView struct {
	ID, Title    string
	Source       sourceView
	Articles     []*articleView
	Before, Next *link
}

type sourceView struct{ Text, Href string }

type articleView struct {
	ID, Anchor, Number, Title, Nature string
	Item                              bool
	Sentences                         []sentenceView
	Note, DecidesNothing              string
	ByItems                           []link // the items that decide it
	Source                            sourceView
	Rules                             []*ruleView
	Readings                          []link
	Cases                             []caseLink
	MoreCases                         int
}

// sentenceView is a sentence of a text, with the anchors of the rules that rest on it.
type sentenceView struct{ Text, Rules string }

type ruleView struct {
	Name, Anchor, Label, Form string
	Aside                     bool // only for other rules
	Told                      plainwords.Told
	Pictures                  []template.HTML
	RestsOn                   []string
	AlsoCites                 []link
	PartOf                    *link
	InForce, Note             string
	UsedBy                    []link
}

func (s *speaker) regulations() error {
	traced := map[string]trace.Article{}
	for _, a := range trace.Of(s.book) {
		traced[a.ID] = a
	}
	list := s.b.Regulations
	for i, reg := range list {
		v := &regulationView{ID: reg.ID, Title: s.text(reg.Title), Source: s.source(reg.Source)}
		if i > 0 {
			v.Before = &link{Text: s.text(list[i-1].Title), Href: list[i-1].ID + ".html"}
		}
		if i+1 < len(list) {
			v.Next = &link{Text: s.text(list[i+1].Title), Href: list[i+1].ID + ".html"}
		}
		for _, a := range reg.Articles {
			v.Articles = append(v.Articles, s.article(reg, a, traced[a.ID]))
		}
		if err := s.write(regulationAddress(reg.ID), "regulation.html", "home", v.Title, v); err != nil {
			return err
		}
	}
	return nil
}

func (s *speaker) source(x policy.Source) sourceView {
	if x.IsZero() {
		return sourceView{}
	}
	v := sourceView{Text: s.text(x.Place())}
	if strings.HasPrefix(x.Address, "https://") || strings.HasPrefix(x.Address, "http://") {
		v.Href = x.Address
	}
	if v.Text == "" {
		v.Text = x.Address
	}
	return v
}

// number is how an article or item is called within its regulation.
func (s *speaker) number(a *policy.Article) string {
	if a.IsItem() {
		return s.pick("第 "+a.Number+" 项", "Item "+a.Number)
	}
	return s.pick("第 "+a.Number+" 条", "Article "+a.Number)
}

func (s *speaker) article(reg *policy.Regulation, a *policy.Article, traced trace.Article) *articleView {
	v := &articleView{
		ID: a.ID, Anchor: articleAnchor(a.Number), Number: s.number(a), Title: s.text(a.Title), Nature: s.words.Nature(a.Nature), Item: a.IsItem(),
		Note: s.text(a.Note), DecidesNothing: s.text(a.DecidesNothing),
	}
	if a.Source != reg.Source {
		v.Source = s.source(a.Source)
	}
	for _, x := range traced.Sentences {
		if x.Lang != s.lang {
			continue
		}
		var rules []string
		for _, id := range x.By {
			_, name, _ := strings.Cut(id, ".")
			rules = append(rules, ruleAnchor(name))
		}
		v.Sentences = append(v.Sentences, sentenceView{x.Text, strings.Join(rules, " ")})
	}
	for _, r := range s.b.AllRules {
		if r.Article == a {
			v.Rules = append(v.Rules, s.rule(r))
		}
	}
	if len(v.Rules) == 0 && v.DecidesNothing == "" {
		for _, item := range reg.Articles {
			if item.Parent() == a.ID {
				v.ByItems = append(v.ByItems, link{Text: s.number(item), Href: "#" + articleAnchor(item.Number)})
			}
		}
	}
	for _, r := range s.b.Readings {
		if r.Article == a.ID {
			v.Readings = append(v.Readings, link{Text: s.text(r.Asks), Href: readingAddress(r.Key)})
		}
	}
	const most = 6
	for _, q := range s.cases {
		for _, c := range q.Cases {
			if slices.Contains(c.articles, a.ID) {
				if len(v.Cases) < most {
					v.Cases = append(v.Cases, caseLink{s.ofCase(c.Name), casesAddress(q.ID) + "#" + caseAnchor(c.Name)})
				} else {
					v.MoreCases++
				}
			}
		}
	}
	s.find(v.Number+" "+v.Title, s.text(reg.Title), articleAddress(a.ID), s.text(a.Text)+" "+v.Note)
	return v
}

func (s *speaker) rule(r *checked.Rule) *ruleView {
	v := &ruleView{
		Name: r.Name, Anchor: ruleAnchor(r.Name), Label: s.text(r.Label), Form: s.text(formLabels[r.Form.Name]), Told: s.told[r.Name], Pictures: s.pictures(r),
		RestsOn: r.RestsOn, UsedBy: s.usedBy(r.Unit()),
	}
	if n := r.Node.Get("quiet"); n != nil && n.Text == "true" {
		v.Aside = true
		v.Told.Lines = slices.DeleteFunc(slices.Clone(v.Told.Lines), func(l plainwords.Line) bool { return l.Field == "quiet" })
	}
	for _, id := range r.AlsoCite {
		v.AlsoCites = append(v.AlsoCites, link{Text: s.text(s.b.LabelOfArticle(id)), Href: articleAddress(id)})
	}
	if owner := s.b.RulesByName[r.PartOf]; owner != nil && owner != r {
		v.PartOf = &link{Text: s.text(owner.Label), Href: ruleAddress(owner.ID)}
	}
	switch {
	case r.From != 0 && r.To != 0:
		v.InForce = s.pick(r.From.String()+" 至 "+r.To.String()+" 有效", "in force from "+r.From.String()+" to "+r.To.String())
	case r.From != 0:
		v.InForce = s.pick("自 "+r.From.String()+" 起有效", "in force from "+r.From.String())
	case r.To != 0:
		v.InForce = s.pick("至 "+r.To.String()+" 有效", "in force until "+r.To.String())
	}
	if n := r.Node.Get("note"); n != nil {
		if x := n.Get(s.lang); x != nil {
			v.Note = x.Text
		}
	}
	var said []string
	for _, b := range v.Told.Says {
		said = append(said, b.String())
	}
	for _, l := range v.Told.Lines {
		said = append(said, l.Label+" "+l.Block.String())
	}
	s.find(v.Label, v.Form+" · "+s.text(s.b.LabelOfArticle(r.Article.ID)), ruleAddress(r.ID), r.Name+" "+strings.Join(said, " "))
	return v
}

// formLabels are what kinds of rules are called.
var formLabels = map[string]policy.Text{
	"scope": {ZH: "适用范围", EN: "scope"}, "value": {ZH: "定值", EN: "value"}, "table": {ZH: "表", EN: "table"}, "figure": {ZH: "计算", EN: "figure"},
	"decision": {ZH: "由人决定", EN: "decision"}, "duty": {ZH: "义务", EN: "duty"}, "checklist": {ZH: "清单", EN: "checklist"}, "assignment": {ZH: "确定责任人", EN: "assignment"},
	"guard": {ZH: "关口", EN: "guard"}, "range": {ZH: "范围", EN: "range"}, "clock": {ZH: "计时", EN: "clock"}, "deadline": {ZH: "期限", EN: "deadline"},
	"deeming": {ZH: "视同", EN: "deeming"}, "extension": {ZH: "延期", EN: "extension"}, "pause": {ZH: "中止", EN: "pause"}, "agenda": {ZH: "待办", EN: "agenda"},
	"indicator": {ZH: "指标", EN: "indicator"}, "accrual": {ZH: "按时累计", EN: "accrual"}, "tariff": {ZH: "分段计价", EN: "tariff"}, "ladder": {ZH: "阶梯", EN: "ladder"},
	"history": {ZH: "历次计罚", EN: "history"}, "weighing": {ZH: "情节合计", EN: "weighing"}, "factor": {ZH: "情节", EN: "factor"}, "measure": {ZH: "措施", EN: "measure"}, "joint": {ZH: "连带", EN: "joint liability"},
}
