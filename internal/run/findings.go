package run

import (
	"cmp"
	"maps"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// reported lists the breaches and decisions.
func reported(r *form.Run, c *conclusion) {
	b := r.Plan.Book
	order := map[string]int{}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			order[x.ID] = len(order)
		}
	}
	for _, x := range r.Plan.Reports {
		switch {
		case r.Marks[x.Mark] != form.Applied:
		case x.Article == nil:
			c.decisions = append(c.decisions, policy.Decision{Code: x.Code, Rule: x.Part.Rule.ID, Label: x.Label})
		default:
			c.breaches = append(c.breaches, policy.Breach{Article: x.Article.ID, Code: x.Code, Detail: x.Detail, Rule: x.Part.Rule.ID, Label: breachLabel(b, x)})
		}
	}
	slices.SortStableFunc(c.breaches, func(x, y policy.Breach) int {
		return cmp.Or(cmp.Compare(order[x.Article], order[y.Article]), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Detail, y.Detail))
	})
	c.breaches = slices.CompactFunc(c.breaches, func(x, y policy.Breach) bool { return x.String() == y.String() })
	slices.SortFunc(c.decisions, func(x, y policy.Decision) int {
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
func undefined(r *form.Run, c *conclusion, divided []missing) {
	for _, x := range divided {
		why := dividedByNothing(r, x)
		if c.verdict == policy.Undetermined {
			c.decisions = append(c.decisions, policy.Decision{Code: dividesByNothing, Rule: x.by, Label: why})
		} else if !slices.Contains(c.nothing, why) {
			c.nothing = append(c.nothing, why)
		}
	}
}

// dividedByNothing says what could not be computed, and why.
func dividedByNothing(r *form.Run, m missing) policy.Text {
	d := r.Plan.Divisions[m.need.Index]
	in := func(lang string) string {
		s := &form.Story{Lang: lang, Run: r}
		what, by := owner(s, m.by), s.Formula(d.By, func(x condition.Side) string { return calledInRules(s, x) }, 0)
		if d.By.Source == "0" {
			return s.Pick(what+"无法计算："+d.Source+" 以 0 作除数", what+" cannot be computed: "+d.Source+" divides by 0")
		}
		return s.Pick(what+"无法计算："+by+"为 0，不能作除数", what+" cannot be computed: "+by+" is 0, and nothing can be divided by it")
	}
	return policy.Text{ZH: in("zh"), EN: in("en")}
}

// calledInRules is what a part of an expression is called: a fact, also one of
// the elements of a list, by its label where it has but one.
func calledInRules(s *form.Story, x condition.Side) string {
	if x.Value.IsKnown() {
		return s.Show(x.Value)
	}
	fact := s.Fact(x.Slot)
	if fact == nil && x.Slot < 0 {
		for _, list := range s.Run.Plan.Question.Layout.Placed {
			field := list.ElementField(x.Source)
			switch {
			case field == nil:
			case fact != nil && fact.Label != field.Label:
				return x.Source
			default:
				fact = field
			}
		}
	}
	return s.Name(x, fact)
}

// owner is the label of a unit, question or value, by the name that missing
// facts have for it.
func owner(s *form.Story, by string) string {
	plan := s.Run.Plan
	for _, u := range plan.Units {
		if u.FullName == by {
			return u.Parts[0].Rule.Label.In(s.Lang)
		}
	}
	if i := slices.Index(plan.ValueIDs, by); i >= 0 {
		return labelOf(plan.Asked, i).In(s.Lang)
	}
	return plan.Question.Title.In(s.Lang)
}

// labelOf is the label of the value with that number; see placeValues.
func labelOf(a *form.CompiledQuestion, number int) policy.Text {
	var label policy.Text
	var find func(list []*form.CompiledValue)
	find = func(list []*form.CompiledValue) {
		for _, f := range list {
			if number == 0 {
				label = f.Label
			}
			number--
			find(f.Fields)
		}
	}
	find(a.Values)
	return label
}

func breachLabel(b *checked.Book, x form.Report) policy.Text {
	label := x.Part.Label()
	if l, ok := b.Wordings[x.Code]; ok {
		label = l
	}
	if l, ok := b.Wordings[x.Detail]; ok {
		label = diagnostic.Wording("%s：%s", "%s: %s", label, l)
	}
	return label
}

// citations lists the articles, readings and rules that the answer rests on.
func citations(r *form.Run, c *conclusion, basis *basis) {
	b := r.Plan.Book
	cited, used, did := map[string]bool{}, map[string]bool{}, map[*checked.Rule]bool{}
	for _, key := range r.Plan.Asked.Readings {
		used[key] = true
	}
	for _, key := range basis.governing() {
		used[key] = true
	}
	for _, u := range r.Plan.Asked.Units {
		for _, p := range u.Parts {
			for _, key := range basis.readings(u, p) {
				used[key] = true
			}
			rules := []*checked.Rule{p.Rule}
			switch {
			case basis.applies(u, p):
				rules = append(rules, p.Borrowed...)
				for _, rule := range rules {
					did[rule] = true
				}
			case basis.cited[u.Index] && r.GaveWay(u, p):
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
		cited[policy.ParentOf(x.Article)] = true
	}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			if cited[x.ID] {
				c.names = append(c.names, x.ID)
			}
		}
	}
	c.cites = len(c.names)
	for _, rule := range b.AllRules {
		if did[rule] {
			c.names = append(c.names, rule.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(used)) {
		c.readings = append(c.readings, policy.UsedReading{Key: key, Option: r.Plan.Option(key)})
	}
}
