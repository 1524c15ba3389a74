package load

import (
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// What rules say of each other: articles that decide nothing, rules that are part of
// another.

// crossReferences checks what can only be known once everything is read.
func (l *loader) crossReferences() {
	b := l.book
	ids := slices.Sorted(maps.Keys(b.ArticlesByID))
	known := func(n *source.Node) {
		reg, _, _ := strings.Cut(n.Text, "/")
		if b.ArticlesByID[n.Text] == nil && !l.broken[reg] && !l.lost[reg] && !l.lost["regulations"] {
			l.fail("unknown_article", n, diagnostic.Textf("条款 %q 不存在", "there is no article %q", n.Text), diagnostic.OneOf(n.Text, checked.Nearby(n.Text, ids)))
		}
	}
	for _, n := range l.articles {
		known(n)
	}
	l.checkQuotations()
	l.placeValues()
	l.markElementChoices()
	groups := map[string]*checked.Rule{}
	for _, r := range b.AllRules {
		l.partOf(r, groups)
		l.usage(r, r.Node)
	}
	l.tooManyWords()
	if b.CalendarNode != nil {
		l.noEmpty(b.CalendarNode)
		l.usage(nil, b.CalendarNode)
	}
	for _, reg := range b.Regulations {
		l.emptyArticles(reg)
	}
	l.labels()
}

// emptyArticles checks that an article has rules, its own or its items', or
// says why it has none.
func (l *loader) emptyArticles(reg *policy.Regulation) {
	decides := map[string]bool{}
	for _, a := range reg.Articles {
		if l.decides[a.ID] {
			decides[a.ID], decides[a.Parent()] = true, true
		}
	}
	for _, a := range reg.Articles {
		switch {
		case !decides[a.ID] && a.DecidesNothing.IsZero():
			l.failAt("article_empty", a.Span, diagnostic.Textf("条款 %s 之下没有规则，也没有说明原因", "article %s has no rule and does not say why", a.ID),
				diagnostic.Textf("写规则，或写 decides_nothing: %s", "write a rule, or decides_nothing: %s", l.wordingShape("", "")))
		case decides[a.ID] && !a.DecidesNothing.IsZero():
			l.failAt("article_not_empty", a.Span, diagnostic.Textf("条款 %s 有规则，却写了 decides_nothing", "article %s has rules but says that it decides nothing", a.ID),
				diagnostic.Textf("删去 decides_nothing", "remove decides_nothing"))
		}
	}
}

// partOf checks that the rules of a unit go together. groups are the first
// rules of the groups without an owner.
func (l *loader) partOf(r *checked.Rule, groups map[string]*checked.Rule) {
	if r.PartOf == "" {
		return
	}
	n := r.Node.Get("part_of")
	before := len(l.found)
	owner, first := l.book.RulesByName[r.PartOf], groups[r.PartOf]
	switch {
	case owner != nil:
		if owner == r || !r.Form.MayBePartOf(owner.Form.Name) || owner.PartOf != "" {
			l.fail("cannot_be_part", n, diagnostic.Textf("%s 不能并入 %s", "a %s cannot be part of a %s", r.Form.Name, owner.Form.Name),
				diagnostic.OneOf(r.PartOf, l.owners(r.Form)))
		}
	case first != nil && first.Form != r.Form:
		l.fail("cannot_be_part", n, diagnostic.Textf("组 %q 里既有 %s 又有 %s", "the group %q mixes %s and %s", r.PartOf, first.Form.Name, r.Form.Name),
			diagnostic.Textf("一组只放同一种规则", "a group holds rules of one form"))
	case l.broken[r.PartOf]:
		l.unsound[r.Node] = true
	case !r.Form.MayBePartOf(r.Form.Name):
		l.fail("unknown_rule", n, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", r.PartOf), diagnostic.OneOf(r.PartOf, l.owners(r.Form)))
	default:
		groups[r.PartOf] = r
	}
	if len(l.found) > before {
		l.unsound[r.Node] = true
	}
}

// owners are the rules that a rule of the form may be part of.
func (l *loader) owners(f *policy.Form) []string {
	var names []string
	for _, r := range l.book.AllRules {
		if f.MayBePartOf(r.Form.Name) && r.PartOf == "" && r.Form != f {
			names = append(names, r.Name)
		}
	}
	return names
}
