package analysis

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A group is rules of a unit of which at most one may apply.
type group struct {
	unit  *form.Unit
	parts []*form.Part
	when  []*condition.Program // nil for a rule that always applies
}

// exclusive are the groups that a question evaluates. Where facts choose values of
// a unit, there is one for each variant of it.
func (s *study) exclusive() []group {
	var all []group
	for _, u := range s.plan.Units {
		if u.Absent || !s.asked(u) {
			continue
		}
		variants := [][]*form.Part{u.Parts}
		if u.Variants != nil {
			variants = nil
			for _, v := range u.Variants {
				variants = append(variants, v.Parts)
			}
		}
		for _, parts := range variants {
			g := group{unit: u}
			for _, p := range parts {
				if hasField(p, "except") {
					g.parts = append(g.parts, p)
					g.when = append(g.when, s.programOf(p, "when"))
				}
			}
			if len(g.parts) > 1 {
				all = append(all, g)
			}
		}
	}
	return all
}

func hasField(p *form.Part, name string) bool {
	return slices.ContainsFunc(p.Fields, func(f policy.Field) bool { return f.Name == name })
}

// programOf is the program in a field of a rule itself, nil for none.
func (s *study) programOf(p *form.Part, field string) *condition.Program {
	for _, w := range s.written {
		if w.part == p && w.field == field {
			return w.program
		}
	}
	return nil
}

// slotsOf are the slots that programs read.
func slotsOf(programs ...*condition.Program) []int {
	var all []int
	for _, p := range programs {
		if p != nil {
			all = append(all, p.Slots()...)
		}
	}
	return all
}

// groups looks for collisions and gaps. It returns the units that have gaps.
func (a *analysis) groups(s *study) (incomplete []*form.Unit) {
	for _, g := range s.exclusive() {
		for i := range g.parts {
			for j := i + 1; j < len(g.parts); j++ {
				a.collision(s, &g, i, j)
			}
		}
		if a.gaps(s, &g) {
			incomplete = append(incomplete, g.unit)
		}
	}
	return incomplete
}

// collision looks for facts on which two rules of a group apply.
func (a *analysis) collision(s *study, g *group, i, j int) {
	first, second := g.parts[i], g.parts[j]
	if slices.ContainsFunc(g.unit.Exceptions, func(x form.Exception) bool {
		return x.General == first && x.Special == second || x.General == second && x.Special == first
	}) {
		return
	}
	var shown *asked
	wants, programs := []want{holds(g.when[i], true), holds(g.when[j], true)}, []*condition.Program{g.when[i], g.when[j]}
	for k := range j { // of several, the engine names the first two
		general := slices.ContainsFunc(g.unit.Exceptions, func(x form.Exception) bool { return x.General == g.parts[k] })
		if k != i && !general {
			wants, programs = append(wants, holds(g.when[k], false)), append(programs, g.when[k])
		}
	}
	wants = append(wants, s.inScope()...)
	units := s.closure(slotsOf(programs...), s.plan.Asked.Scope...)
	found, _ := a.find(s.classesOf(units, programs), units, wants, func(t trial) bool {
		shown = s.shown(t, func(x *asked) bool { return collides(x.Answer, first.Rule, second.Rule) })
		return shown != nil
	})
	if found == nil {
		return
	}
	one, two := called(first.Rule), called(second.Rule)
	a.add(Finding{
		Diagnostic: diagnostic.Diagnostic{
			Code: checked.CodeTwoRules, Severity: diagnostic.Warning,
			Message: diagnostic.Textf("有些事实同时适用%[1]s和%[3]s，无法判定", "some facts have both %[2]s and %[4]s apply, and nothing can be decided", one.ZH, one.EN, two.ZH, two.EN),
			Remedy:  diagnostic.Textf("让条件（when）互相排除；或在一般规定里写 except: [特别规定]，如 except: [%s]", "have their conditions (when) exclude each other; or write except: in the general rule, such as except: [%s]", second.Rule.Name),
			Related: []diagnostic.Related{{Span: first.Rule.KeyNode.Span, Message: diagnostic.Textf("另一条在此", "the other one is here")}},
		},
		About: first.Rule.Name + "+" + second.Rule.Name, Facts: shown.JSON,
	}.about(s, second.Rule, second.Rule.KeyNode))
}

// shown asks with the facts of a trial, filled in one way after the other, until
// the answer shows what was claimed.
func (s *study) shown(t trial, shows func(*asked) bool) *asked {
	for _, full := range s.completions(t.facts) {
		if x := s.ask(s.engine, full); x != nil && shows(x) {
			return x
		}
	}
	return nil
}

// collides reports whether an answer says that both rules apply.
func collides(x *policy.Answer, first, second *checked.Rule) bool {
	var why *policy.AnswerError
	return errors.As(x.Error, &why) && why.Code == policy.CodeNotComputable &&
		strings.Contains(why.Message.EN, first.ID) && strings.Contains(why.Message.EN, second.ID)
}

// gaps looks for facts that no rule of a group is for, although a change of one
// fact alone has a rule apply: to a word that the conditions speak of from one
// that they do not, or where several values have several rules apply.
func (a *analysis) gaps(s *study, g *group) (found bool) {
	if slices.Contains(g.when, nil) {
		return false // one of them always applies
	}
	units := s.closure(slotsOf(g.when...), s.plan.Asked.Scope...)
	c := s.classesOf(units, g.when)
	for i := range g.parts {
		wants := append([]want{holds(g.when[i], true)}, s.inScope()...)
		var near *asked
		a.find(c, units, wants, func(t trial) bool {
			near = s.shown(t, func(*asked) bool { return true })
			return near != nil
		})
		if near == nil {
			continue
		}
		for _, slot := range s.factsBehind(g, units) {
			found = a.gapAt(c, g, units, near, slot) || found
		}
	}
	return found
}

// factsBehind are the slots of facts that the conditions of a group read, directly
// or through other units.
func (s *study) factsBehind(g *group, units []*form.Unit) []int {
	var all []int
	add := func(slots []int) {
		for _, slot := range slots {
			if slot < s.plan.Base && !slices.Contains(all, slot) && s.facts[slot] != nil {
				all = append(all, slot)
			}
		}
	}
	add(slotsOf(g.when...))
	for _, u := range units {
		if !slices.Contains(s.plan.Asked.Scope, u) {
			for _, p := range u.Programs {
				add(p.Slots())
			}
		}
	}
	return all
}

// gapAt varies one fact of some that a rule applies to.
func (a *analysis) gapAt(of *classes, g *group, units []*form.Unit, near *asked, slot int) (found bool) {
	s := of.study
	f := s.facts[slot]
	if f.Typ.Kind == value.List || f.Typ.Kind == value.Record || slot == s.q.Layout.AsOf {
		return false
	}
	cells, _ := of.cells(variable{slot, -1, -1})
	applying := make([]int, len(cells)) // the rule; -1 for none, -2 where it cannot be said
	var rules []int
	for c, v := range cells {
		facts := slices.Clone(near.Facts)
		facts[slot] = v
		applying[c] = s.applying(g, units, facts)
		if n := applying[c]; n >= 0 && !slices.Contains(rules, n) {
			rules = append(rules, n)
		}
	}
	if len(rules) == 0 {
		return false
	}
	slices.Sort(rules)
	for c, v := range cells {
		if applying[c] != -1 || v.IsNone() {
			continue
		}
		if len(rules) < 2 && (f.Typ.Kind != value.Word || s.mentions(g, units, slot, v)) {
			continue
		}
		facts := slices.Clone(near.Facts)
		facts[slot] = v
		x := s.ask(s.engine, facts)
		if x == nil || x.Answer.Error != nil || s.applying(g, units, x.Facts) != -1 {
			continue
		}
		a.reportGap(s, g, slot, v, rules, x)
		found = true
	}
	return found
}

// applying is the rule of a group that applies on facts; -1 where none does, -2
// where that cannot be said, or the facts cannot be.
func (s *study) applying(g *group, units []*form.Unit, facts []value.Value) int {
	x := &search{classes: &classes{study: s}, units: units}
	for i := range g.parts {
		x.wants = append(x.wants[:0], holds(g.when[i], true))
		switch _, is := x.look(trial{facts: facts}); is {
		case yes:
			return i
		case open:
			return -2
		}
	}
	x.wants = s.inScope()
	if _, is := x.look(trial{facts: facts}); is != yes {
		return -2
	}
	return -1
}

// mentions reports whether a condition compares the fact with the word.
func (s *study) mentions(g *group, units []*form.Unit, slot int, word value.Value) bool {
	of := func(p *condition.Program) bool {
		if p == nil {
			return false
		}
		for _, c := range s.usesOf(p).Comparisons {
			about, says := false, false
			for _, o := range append(slices.Clone(c.Left), c.Right...) {
				about = about || o.Elem == nil && o.Slot == slot
				says = says || o.Const.IsKnown() && o.Const.S() == word.S()
			}
			if about && says {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(g.when, of) || slices.ContainsFunc(units, func(u *form.Unit) bool { return slices.ContainsFunc(u.Programs, of) })
}

func (a *analysis) reportGap(s *study, g *group, slot int, v value.Value, rules []int, x *asked) {
	f := s.facts[slot]
	r := g.parts[0].Rule
	for _, p := range g.unit.Parts {
		if p.Rule.Name == g.unit.Name {
			r = p.Rule
		}
	}
	names := policy.Text{}
	for _, i := range rules {
		other := called(g.parts[i].Rule)
		if names.ZH != "" {
			names.ZH, names.EN = names.ZH+"、", names.EN+", "
		}
		names.ZH, names.EN = names.ZH+other.ZH, names.EN+other.EN
	}
	a.add(Finding{
		Diagnostic: diagnostic.Diagnostic{
			Code: checked.CodeNoRule, Severity: diagnostic.Warning,
			Message: diagnostic.Textf("%[1]s为%[3]s时，%[5]s没有一条规则适用；别的值有：%[6]s", "where %[2]s is %[4]s, no rule of %[5]s applies; for other values there are: %[7]s",
				f.Label.ZH, f.Label.EN, s.book.DisplayAs(v, f.Typ, "zh"), s.book.DisplayAs(v, f.Typ, "en"), g.unit.Name, names.ZH, names.EN),
			Remedy: diagnostic.Textf("为它补一条规则；本来如此的，在旁边注明 # accepted: %[1]s %[2]s – 原因", "add a rule for it; where that is meant, say so beside it: # accepted: %[1]s %[2]s – why",
				checked.CodeNoRule, s.named(slot, v)),
		},
		About: s.named(slot, v), Facts: x.JSON,
	}.about(s, r, r.KeyNode))
}

// named is a value of a fact as an acceptance names it: without spaces.
func (s *study) named(slot int, v value.Value) string {
	return s.q.Layout.Paths[slot] + "=" + strings.ReplaceAll(v.Text(s.book.Zone), " ", "")
}
