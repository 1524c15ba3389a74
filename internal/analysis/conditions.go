package analysis

import (
	"context"
	"fmt"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A statement is something that a rule says, which some facts should make so.
type statement struct {
	node *source.Node
	code string // what is found where none does
}

// fate is what became of a condition in all questions and editions.
type fate struct {
	claim
	study *study
	alive bool     // some facts make it so
	proof coverage // of which facts it is shown that none do
}

// A claim is that some facts make something so.
type claim struct {
	statement
	rule  *checked.Rule
	what  policy.Text // what it is, in the rule
	whole bool        // it is that the rule applies
	wants []want

	programs []*condition.Program // that they look at
	slots    []int                // that these read
}

// conditions looks for facts that make each condition so, and not so.
func (a *analysis) conditions(s *study) { a.claims(s, s.claims()) }

// scopeClaims is conditions for the scope of the question alone.
func (a *analysis) scopeClaims(s *study) {
	var all []claim
	for _, c := range s.claims() {
		if slices.Contains(s.q.Scope, c.rule.Unit()) && c.code == checked.CodeConditionNever {
			all = append(all, c)
		}
	}
	a.claims(s, all)
}

func (a *analysis) claims(s *study, all []claim) {
	for _, c := range all {
		f := a.never[c.statement]
		if f == nil {
			f = &fate{claim: c, study: s}
			a.never[c.statement] = f
			a.order = append(a.order, c.statement)
		}
		if f.alive {
			continue
		}
		alive, proof := a.alive(s, &c)
		f.alive, f.proof = alive, max(f.proof, proof)
	}
}

// alive reports whether some facts make a claim so, or of which facts it is shown
// that none do. Where the facts cannot be gone through, because forms compute with
// them, what those forms come to is chosen instead: if no choice makes it so, no
// facts do.
func (a *analysis) alive(s *study, c *claim) (alive bool, proof coverage) {
	units := s.closure(c.slots, s.plan.Asked.Scope...)
	wants := slices.Clone(c.wants)
	if !slices.Contains(s.q.Scope, c.rule.Unit()) {
		wants = append(wants, s.inScope()...)
	}
	of := s.classesOf(units, c.programs)
	found, proof := a.find(of, units, wants, nil)
	if found != nil || proof == exact {
		return found != nil, proof
	}
	x := &search{classes: of, units: units, wants: wants, limit: triedInOrder, open: map[*form.Unit]bool{}}
	for _, u := range units {
		x.open[u] = of.computes(u)
	}
	_, ok := x.find()
	a.report.Evaluations += x.tried
	if !ok && x.proof() < proof {
		proof = x.proof()
	}
	return false, proof
}

// computes reports whether a unit works with facts in a way that the search does
// not see through.
func (c *classes) computes(u *form.Unit) bool {
	switch u.Parts[0].Rule.Form.Name {
	case "clock", "deadline", "accrual", "ladder", "history", "indicator", "assignment", "joint", "measure", "range":
		return true
	case "figure", "value", "table":
		return slices.ContainsFunc(u.Outputs, func(o form.OutputSlot) bool { return !finite(o.Typ) && c.at(slotPlace(o.Slot)).computed })
	}
	return false
}

// claims are those of all rules that the question evaluates.
func (s *study) claims() []claim {
	var all []claim
	tables := map[*checked.Rule]*tableCells{}
	for _, w := range s.written {
		u := w.part.Builder.Building
		if u.Absent || !s.asked(u) || w.program.Type().Kind != value.YesNo {
			continue
		}
		unseen := w.program.PerElement() || s.readsLocals(w.program)
		if w.part.Rule.Form.Name == "table" && w.field == "" {
			t := tables[w.part.Rule]
			if t == nil {
				t = &tableCells{first: w, of: map[*source.Node][]*condition.Program{}}
				tables[w.part.Rule] = t
			}
			t.unseen = t.unseen || unseen
			t.of[w.part.Item.Node] = append(t.of[w.part.Item.Node], w.program)
			continue
		}
		if unseen {
			continue
		}
		if _, fixed := w.program.Const(); fixed {
			continue // somebody wrote true, or a reading chose it
		}
		if spec := s.spec(w); spec == nil || spec.Wants != policy.KindYesNo {
			continue
		}
		all = append(all, s.conditionClaims(w)...)
	}
	for _, w := range s.written {
		if t := tables[w.part.Rule]; t != nil && !t.unseen {
			all = append(all, s.rowClaims(t)...)
			delete(tables, w.part.Rule)
		}
	}
	return all
}

// readsLocals reports whether a program reads what only its own unit knows, while
// it is evaluated, such as when a clock is due.
func (s *study) readsLocals(p *condition.Program) bool {
	return slices.ContainsFunc(p.Slots(), func(slot int) bool { return slot >= s.plan.Base && s.plan.Owner[slot] == nil })
}

// spec is the field that an expression stands in, nil where it stands in a map of
// expressions.
func (s *study) spec(w written) *policy.Field {
	for i := range w.part.Fields {
		if f := &w.part.Fields[i]; f.Name == w.field && f.Kind == policy.Expression {
			return f
		}
	}
	return nil
}

// tableCells are the cells of a table that ask something of its keys.
type tableCells struct {
	first  written
	of     map[*source.Node][]*condition.Program // by the row
	unseen bool                                  // what one of them looks at is not known outside of the table
}

// rowClaims are that each row of a table holds where the table applies: all its
// cells do, or, of the row that is for all cases left, one cell of each other row
// does not.
func (s *study) rowClaims(t *tableCells) []claim {
	rule := t.first.part.Rule
	written := rule.Node.Get("rows")
	if written == nil {
		return nil
	}
	applies := s.ruleCondition(t.first)
	var all []claim
	for _, row := range written.Items {
		c := claim{statement: statement{row, checked.CodeNeverApplies}, rule: rule, what: policy.Text{ZH: "这一行", EN: "this row"}}
		add := func(w want, programs ...*condition.Program) {
			c.wants, c.programs = append(c.wants, w), append(c.programs, programs...)
			for _, p := range programs {
				c.slots = append(c.slots, p.Slots()...)
			}
		}
		if applies != nil {
			add(holds(applies, true), applies)
		}
		switch where := row.Get("where"); {
		case where != nil && where.Kind == source.Scalar && where.Text == "otherwise":
			for _, other := range written.Items {
				if other != row {
					add(notAll(t.of[other]), t.of[other]...)
				}
			}
		case len(t.of[row]) == 0:
			continue // it is for whatever there is
		default:
			for _, p := range t.of[row] {
				add(holds(p, true), p)
			}
		}
		all = append(all, c)
	}
	return all
}

// notAll wants one of some conditions not to hold. Of none of them that is never so.
func notAll(programs []*condition.Program) want {
	return func(r *form.Run) (answer, []value.Need) {
		state, needs := no, []value.Need(nil)
		for _, p := range programs {
			switch v, lacks, ok := evaluated(r, p); {
			case !ok:
				return no, nil
			case v.IsUnknown():
				state, needs = open, append(needs, lacks...)
			case !v.True():
				return yes, nil
			}
		}
		return state, needs
	}
}

// conditionClaims are that a condition holds, and that it does not, where the rule
// that it stands in applies.
func (s *study) conditionClaims(w written) []claim {
	c := claim{rule: w.part.Rule, what: policy.Text{ZH: w.field, EN: w.field}}
	with := func(p *condition.Program, so bool) {
		if p != nil {
			c.wants = append(c.wants, holds(p, so))
			c.programs, c.slots = append(c.programs, p), append(c.slots, p.Slots()...)
		}
	}
	with(w.program, true)
	never := checked.CodeConditionNever
	nested := w.part.Item.Node != w.part.Rule.Node
	if w.field != "when" || nested {
		with(s.ruleCondition(w), true)
	}
	switch {
	case w.field == "when" && !nested:
		never = checked.CodeNeverApplies
		c.whole = true
		for _, x := range w.part.Builder.Building.Exceptions {
			if x.General == w.part {
				with(s.programOf(x.Special, "when"), false)
			}
		}
	case w.field == "when":
		never = checked.CodeNeverApplies
		c.what = policy.Text{ZH: "这一项", EN: "this item"}
	case w.part.Rule.Form.Name == "factor" && w.field == "holds":
		never = checked.CodeNeverApplies
		c.what = policy.Text{ZH: "情节", EN: "the factor"}
		with(s.programOf(w.part, "claimed"), true)
	}
	so := c
	so.wants = slices.Clone(c.wants)
	so.statement = statement{w.item.Node, never}
	if so.whole {
		so.node = w.part.Rule.KeyNode // whichever of its conditions is chosen
	}
	not := claim{statement: statement{w.item.Node, checked.CodeConditionAlways}, rule: c.rule, what: policy.Text{ZH: w.field, EN: w.field},
		wants: slices.Clone(c.wants), programs: c.programs, slots: c.slots}
	not.wants[0] = holds(w.program, false)
	return []claim{so, not}
}

// ruleCondition is the condition under which the rule applies that an expression
// stands in, nil for none.
func (s *study) ruleCondition(w written) *condition.Program {
	for _, x := range s.written {
		if x.field == "when" && x.part.Mark == w.part.Mark && x.part.Item.Node == x.part.Rule.Node {
			return x.program
		}
	}
	return nil
}

// fates reports the conditions that no facts make so, in any question or edition,
// under the readings that are chosen or with one of them changed. Of a rule that
// never applies nothing else is said.
func (a *analysis) fates(ctx context.Context) {
	dead := map[*checked.Rule]bool{}
	for _, whole := range []bool{true, false} {
		for _, key := range a.order {
			f := a.never[key]
			if f.whole != whole || f.alive || f.proof == sampled || dead[f.rule] || a.aliveOtherwise(ctx, f) {
				continue
			}
			dead[f.rule] = whole
			a.reportFate(f)
		}
	}
}

func (a *analysis) reportFate(f *fate) {
	name := called(f.rule)
	var message policy.Text
	switch {
	case f.whole:
		message = diagnostic.Textf("没有事实能使%[1]s适用", "no facts make %[2]s apply", name.ZH, name.EN)
	case f.code == checked.CodeNeverApplies:
		message = diagnostic.Textf("没有事实能用到%[1]s的%[3]s", "no facts make %[4]s of %[2]s apply", name.ZH, name.EN, f.what.ZH, f.what.EN)
	case f.code == checked.CodeConditionAlways:
		message = diagnostic.Textf("%[1]s的条件 %[3]s 总是成立，写与不写一样", "the condition %[4]s of %[2]s always holds, and might as well not be there", name.ZH, name.EN, f.what.ZH, f.what.EN)
	default:
		message = diagnostic.Textf("没有事实能使%[1]s的条件 %[3]s 成立", "no facts fulfil the condition %[4]s of %[2]s", name.ZH, name.EN, f.what.ZH, f.what.EN)
	}
	x := Finding{Diagnostic: diagnostic.Diagnostic{Code: f.code, Severity: diagnostic.Warning, Message: message,
		Remedy: diagnostic.Textf("改正条件；确属多余就删去", "correct the condition; where it is superfluous, remove it")}}.about(f.study, f.rule, f.node)
	if f.proof == bounded {
		x.LongestList = longestTried
		x.Message = policy.Text{
			ZH: x.Message.ZH + fmt.Sprintf("（试过的列表最多 %d 项，词的列表试到全部词）", longestTried),
			EN: x.Message.EN + fmt.Sprintf(" (lists of up to %d items were tried, and of words up to all words of the list)", longestTried),
		}
	}
	a.add(x)
}

// aliveOtherwise reports whether facts make a condition so under another option of
// one of the readings.
func (a *analysis) aliveOtherwise(ctx context.Context, f *fate) bool {
	s := f.study
	for _, used := range s.plan.Behind {
		r := s.book.ReadingsByKey[used.Key]
		for i := range r.Options {
			if ctx.Err() != nil {
				return true
			}
			choice := r.Options[i].Sample()
			if r.Several {
				choice = policy.Choice{Set: []string{r.Options[i].Name}}
			}
			if choice.String() == used.Option {
				continue
			}
			other, err := newStudy(s.engine, s.q, s.edition, map[string]policy.Choice{used.Key: choice})
			if err != nil {
				continue
			}
			claims := other.claims()
			at := slices.IndexFunc(claims, func(c claim) bool { return c.statement == f.statement })
			if at < 0 {
				continue
			}
			if alive, proof := a.alive(other, &claims[at]); alive || proof == sampled {
				return true
			}
		}
	}
	return false
}
