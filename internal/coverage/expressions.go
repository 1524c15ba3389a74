package coverage

import (
	"context"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// expression is what cases come to of one expression of the file.
type expression struct {
	whole *Item
	told  bool                      // that it is evaluated says something: it is no mere name or constant
	conds map[[2]int]*conditionSeen // by where they stand in it
}

// conditionSeen is what was seen of one condition.
type conditionSeen struct {
	yes, no *Item // nil of the end of a range in a table, whose rows tell as much
	equal   *Item // nil where it does not compare by order
}

func (x *expression) items() []*Item {
	var all []*Item
	if x.told {
		all = append(all, x.whole)
	}
	for _, c := range x.conds {
		for _, i := range []*Item{c.yes, c.no, c.equal} {
			if i != nil {
				all = append(all, i)
			}
		}
	}
	return all
}

// universe finds the expressions of rules, under every option of every reading
// and in every edition. Those of questions are found when they are asked.
func (m *meter) universe() {
	b := m.book
	reached := reachedRules(b)
	told := func(p *form.Part, field string, i *checked.Item, program *condition.Program) {
		if reached[p.Rule.Unit()] {
			row := rowAround(p)
			if key, ok := cellKey(row, i.Node); ok {
				m.cell(i.Node, program, p.Rule, key)
				return
			}
			x := m.expression(i.Node, program, p.Rule, field)
			switch {
			case row == nil || x.whole.Kind != Row || x.whole == m.rows[row]:
			case m.rows[row] == nil:
				x.whole.Name = short(written(row))
				m.rows[row] = x.whole
			default: // whichever result is evaluated, on whichever day, it is the row that is picked
				x.whole, x.told = m.rows[row], false
			}
		}
	}
	for _, on := range b.Boundaries {
		plan.Programs(b, checked.Selection{On: on}, told)
		for _, r := range b.Readings {
			for _, o := range r.Options {
				if r.Several {
					continue
				}
				text := o.Name
				if o.Parameter != "" {
					text += ":" + map[bool]string{true: "17:00", false: "2"}[o.Parameter == "clock_time"]
				}
				if c, err := r.ParseChoice(text); err == nil && !b.ChoiceOf(r, checked.Selection{On: on}).Same(c) {
					plan.Programs(b, checked.Selection{On: on, Overrides: map[string]policy.Choice{r.Key: c}}, told)
				}
			}
		}
	}
}

// rowAround is the row of a table that a part is; nil where it is none.
func rowAround(p *form.Part) *source.Node {
	if n := p.Item.Node; p.Rule.Form.Name == "table" && n != nil && n.Kind == source.Map && n.Get("where") != nil {
		return n
	}
	return nil
}

// cellKey is the key of the table whose cell in the row a node is part of.
func cellKey(row, n *source.Node) (string, bool) {
	if row == nil || !n.Within(row.Get("where")) {
		return "", false
	}
	for _, e := range row.Get("where").Entries {
		if n.Within(e.Value) {
			return e.Key.Text, true
		}
	}
	return "", true
}

// cell is the entry of a cell of a table. That it holds or does not is told of
// its row; what its key is, of the key. So the ends of a range are left.
func (m *meter) cell(n *source.Node, program *condition.Program, r *checked.Rule, key string) {
	if m.expressions[n] != nil && len(m.expressions[n].conds) > 0 {
		return
	}
	at := Item{Kind: Boundary, Name: key + ": " + short(written(n)), Span: n.Span, Rule: r.ID, Article: r.Article.ID, TakenOver: !n.Within(r.Node), cell: true}
	x := &expression{whole: &Item{}, conds: map[[2]int]*conditionSeen{}}
	m.expressions[n] = x
	end := 0
	for _, c := range program.Conditions() {
		if c.From < end {
			continue // it is in the key, not in what the cell says of it
		}
		switch end = c.To; c.Op {
		case "<", "<=", ">", ">=":
			one := at
			x.conds[[2]int{c.From, c.To}] = &conditionSeen{equal: &one}
		}
	}
}

// written is what stands in a node, on one line.
func written(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Map:
		for _, e := range n.Entries {
			parts = append(parts, e.Key.Text+": "+written(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Seq:
		for _, item := range n.Items {
			parts = append(parts, written(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return n.Text
}

// ruleAround is the rule that a node stands in; nil where it is in none.
func (m *meter) ruleAround(n *source.Node) *checked.Rule {
	for _, r := range m.book.AllRules {
		if n.Within(r.Node) {
			return r
		}
	}
	return nil
}

// expression is the entry of an expression; a new one the first time.
func (m *meter) expression(n *source.Node, program *condition.Program, r *checked.Rule, field string) *expression {
	x := m.expressions[n]
	if x != nil {
		return x
	}
	if r == nil {
		r = m.ruleAround(n)
	}
	kind := Value
	if r != nil && field == "gives" && r.Form.Name == "table" {
		kind = Row
	}
	at := Item{Kind: kind, Name: short(written(n)), Span: n.Span}
	if r != nil {
		at.Rule, at.Article, at.TakenOver = r.ID, r.Article.ID, !n.Within(r.Node)
	}
	x = &expression{whole: &at, conds: map[[2]int]*conditionSeen{}}
	m.expressions[n] = x
	_, named := program.Ref()
	_, fixed := program.Const()
	x.told = n.Kind == source.Scalar && (kind == Row || !named && !fixed)
	conditions := program.Conditions()
	if named && r == nil {
		conditions = nil // a question reports the fact, and decides nothing by it
	}
	for _, c := range conditions {
		one := at
		one.Kind = Condition
		text := []rune(n.Text)
		if c.To <= len(text) {
			one.Name, one.Span = string(text[c.From:c.To]), n.SpanAt(c.From, c.To)
		}
		yes, no := one, one
		yes.Side, no.Side = "yes", "no"
		seen := &conditionSeen{yes: &yes, no: &no}
		switch c.Op {
		case "<", "<=", ">", ">=":
			equal := one
			equal.Kind = Boundary
			seen.equal = &equal
		}
		x.conds[[2]int{c.From, c.To}] = seen
	}
	return x
}

func short(text string) string {
	const most = 80
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// ask asks a question and notes all that it comes to. The answer is nil where
// the facts were refused.
func (m *meter) ask(ctx context.Context, e *run.Engine, question string, facts any, c *casefile.Case, name string) *policy.Answer {
	if ctx.Err() != nil {
		return nil
	}
	m.by = name
	var asOf time.Time
	if c != nil {
		asOf = c.AsOf
		for _, s := range c.Readings {
			with, err := e.WithReading(s.Key, s.Option)
			if err != nil {
				return nil
			}
			e = with
		}
	}
	f, err := e.Check(question, facts)
	if err != nil {
		m.meet(Question, question)
		return nil
	}
	seen := map[*Item]bool{} // once a case
	note := func(i *Item) {
		if i != nil && !seen[i] {
			seen[i] = true
			m.count(i)
		}
	}
	watched := e.Watched(func(p *condition.Program, frame *value.Frame) {
		n, _ := p.Origin().(*source.Node)
		if n == nil || e.Book() != m.book {
			return
		}
		x := m.expression(n, p, nil, "")
		note(x.whole)
		p.Watch(frame, func(s condition.Seen) {
			c := x.conds[[2]int{s.From, s.To}]
			switch {
			case c == nil:
				return
			case s.Holds.True():
				note(c.yes)
			case !s.Holds.IsUnknown():
				note(c.no)
			}
			if s.Equal {
				note(c.equal)
			}
		})
	})
	a, err := watched.Ask(f, asOf)
	if err != nil {
		return nil
	}
	m.answered(a)
	return a
}
