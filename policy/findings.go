package policy

import (
	"cmp"
	"maps"
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// The scope of a question, as the mark markScope has it.
const (
	noScope   = notApplicable // the regulation does not apply
	openScope = undetermined
	yesScope  = applied
)

// reported lists the breaches and decisions.
func (r *Run) reported(c *conclusion) {
	b := r.ed.book
	order := map[string]int{}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			order[x.ID] = len(order)
		}
	}
	for _, x := range r.ed.reports {
		switch {
		case r.marks[x.mark] != applied:
		case x.article == nil:
			c.decisions = append(c.decisions, Decision{x.code, x.part.Rule.ID, x.label})
		default:
			c.breaches = append(c.breaches, Breach{x.article.ID, x.code, x.detail, x.part.Rule.ID, b.breachLabel(x)})
		}
	}
	slices.SortStableFunc(c.breaches, func(x, y Breach) int {
		return cmp.Or(cmp.Compare(order[x.Article], order[y.Article]), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Detail, y.Detail))
	})
	c.breaches = slices.CompactFunc(c.breaches, func(x, y Breach) bool { return x.String() == y.String() })
	slices.SortFunc(c.decisions, func(x, y Decision) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Rule, y.Rule))
	})
	c.decisions = slices.Compact(c.decisions)
}

// dividesByNothing is the code of a decision that is left to a person because
// a rule divides by 0.
const dividesByNothing = "divides_by_nothing"

// apart tells missing facts from divisions by nothing.
func apart(lacks []missing) (facts, divided []missing) {
	for _, m := range lacks {
		if m.need.Slot == value.DividedByNothing {
			divided = append(divided, m)
		} else {
			facts = append(facts, m)
		}
	}
	return facts, divided
}

// undefined lists what could not be computed because it divides by nothing. No
// fact can settle that: where the verdict is open, a person must decide.
func (r *Run) undefined(c *conclusion, divided []missing) {
	for _, x := range divided {
		why := r.dividedByNothing(x)
		if c.verdict == Undetermined {
			c.decisions = append(c.decisions, Decision{dividesByNothing, x.by, why})
		} else if !slices.Contains(c.nothing, why) {
			c.nothing = append(c.nothing, why)
		}
	}
}

// dividedByNothing says what could not be computed, and why.
func (r *Run) dividedByNothing(m missing) Text {
	d := r.ed.divisions[m.need.Index]
	in := func(lang string) string {
		s := &Story{Lang: lang, run: r}
		what, by := s.owner(m.by), s.formula(d.By, func(x condition.Side) string { return s.calledInRules(x) }, 0)
		if d.By.Source == "0" {
			return s.Pick(what+"无法计算："+d.Source+" 以 0 作除数", what+" cannot be computed: "+d.Source+" divides by 0")
		}
		return s.Pick(what+"无法计算："+by+"为 0，不能作除数", what+" cannot be computed: "+by+" is 0, and nothing can be divided by it")
	}
	return Text{ZH: in("zh"), EN: in("en")}
}

// calledInRules is what a part of an expression is called: a fact, also one of
// the elements of a list, by its label where it has but one.
func (s *Story) calledInRules(x condition.Side) string {
	if x.Value.IsKnown() {
		return s.Show(x.Value)
	}
	fact := s.fact(x.Slot)
	if fact == nil && x.Slot < 0 {
		for _, list := range s.run.ed.question.layout.placed {
			field := list.elementField(x.Source)
			switch {
			case field == nil:
			case fact != nil && fact.Label != field.Label:
				return x.Source
			default:
				fact = field
			}
		}
	}
	return s.name(x, fact)
}

// owner is the label of a unit, question or value, by the name that missing
// facts have for it.
func (s *Story) owner(by string) string {
	ed := s.run.ed
	for _, u := range ed.units {
		if u.fullName == by {
			return u.parts[0].Rule.Label.In(s.Lang)
		}
	}
	if i := slices.Index(ed.valueIDs, by); i >= 0 {
		return ed.asked.labelOf(i).In(s.Lang)
	}
	return ed.question.Title.In(s.Lang)
}

// labelOf is the label of the value with that number; see placeValues.
func (a *asked) labelOf(number int) Text {
	var label Text
	var find func(list []*compiledValue)
	find = func(list []*compiledValue) {
		for _, f := range list {
			if number == 0 {
				label = f.Label
			}
			number--
			find(f.fields)
		}
	}
	find(a.values)
	return label
}

func (b *CheckedBook) breachLabel(x report) Text {
	label := x.part.Label()
	if l, ok := b.Wordings[x.code]; ok {
		label = l
	}
	if l, ok := b.Wordings[x.detail]; ok {
		label = Text{ZH: label.ZH + "：" + l.ZH, EN: label.EN + ": " + l.EN}
	}
	return label
}

// citations lists the articles, readings and rules that the answer rests on.
func (r *Run) citations(c *conclusion, basis *basis) {
	b := r.ed.book
	cited, used, did := map[string]bool{}, map[string]bool{}, map[*checkedRule]bool{}
	for _, key := range r.ed.asked.readings {
		used[key] = true
	}
	for _, key := range basis.governing() {
		used[key] = true
	}
	for _, u := range r.ed.asked.units {
		for _, p := range u.parts {
			for _, key := range basis.readings(u, p) {
				used[key] = true
			}
			rules := []*checkedRule{p.Rule}
			switch {
			case basis.applies(u, p):
				rules = append(rules, p.borrowed...)
				for _, rule := range rules {
					did[rule] = true
				}
			case !basis.setAside(u, p):
				continue
			}
			for _, rule := range rules {
				for _, id := range append([]string{rule.Article.ID, rule.Article.Parent()}, rule.AlsoCite...) {
					cited[id] = true
				}
			}
		}
	}
	for _, x := range c.breaches {
		cited[x.Article] = true
		cited[parentArticle(x.Article)] = true
	}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			if cited[x.ID] {
				c.cites = append(c.cites, x.ID)
			}
		}
	}
	for _, rule := range b.rules {
		if did[rule] {
			c.rules = append(c.rules, rule.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(used)) {
		c.readings = append(c.readings, UsedReading{key, r.ed.option(key)})
	}
}
