package form

import (
	"slices"
	"strconv"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// datedValue is what a named value is, and the readings that it rests on.
type datedValue struct {
	values   []condition.DatedValue
	readings []string
}

// valuesOn is what a named value is from which day on, whatever day the plan is
// of; false where the name is none of one that is the same for all facts.
func (plan *Plan) valuesOn(name string) ([]condition.DatedValue, bool) {
	if was, ok := plan.dated[name]; ok {
		return was.values, was.values != nil
	}
	var d datedValue
	if r := plan.Book.NamedValue(name); r != nil && len(plan.Book.WordChoices(r.Node)) == 0 {
		days := plan.datesOf(r, nil)
		if len(days) == 0 {
			days = []date.Date{date.Date(condition.Always)}
		}
		for _, day := range days {
			v, ok := plan.valueOn(name, day, &d.readings, nil)
			if !ok {
				d.values = nil
				break
			}
			d.values = append(d.values, condition.DatedValue{From: int64(day), Value: v})
		}
	}
	// What is the same on all days has no first one.
	if same := func(x condition.DatedValue) bool { return x.Value.Equal(d.values[0].Value) }; len(d.values) > 0 && !slices.ContainsFunc(d.values, func(x condition.DatedValue) bool { return !same(x) }) {
		d.values = []condition.DatedValue{{From: condition.Always, Value: d.values[0].Value}}
	}
	if plan.dated == nil {
		plan.dated = map[string]datedValue{}
	}
	plan.dated[name] = d
	return d.values, d.values != nil
}

// datesOf are the days on which a named value, or one that it is computed from,
// may become another.
func (plan *Plan) datesOf(r *checked.Rule, seen []*checked.Rule) []date.Date {
	if slices.Contains(seen, r) {
		return nil
	}
	seen = append(seen, r)
	var days []date.Date
	plan.Book.Dates(r.Node, func(d date.Date) { days = append(days, d) })
	if r.From != 0 {
		days = append(days, r.From)
	}
	if r.To != 0 {
		days = append(days, r.To+1)
	}
	eachScalar(r.Node.Get("is"), func(text string) {
		for _, name := range checked.References(text) {
			if other := plan.Book.NamedValue(name); other != nil {
				days = append(days, plan.datesOf(other, seen)...)
			}
		}
	})
	slices.Sort(days)
	return slices.Compact(days)
}

func eachScalar(n *source.Node, visit func(text string)) {
	if n == nil {
		return
	}
	if n.Kind == source.Scalar {
		visit(n.Text)
	}
	for _, e := range n.Entries {
		eachScalar(e.Value, visit)
	}
}

// valueOn is a named value on a day; none where it is not in force. It is not ok
// where it cannot be told, and there is a finding for it elsewhere.
func (plan *Plan) valueOn(name string, day date.Date, used *[]string, around []string) (v value.Value, ok bool) {
	r := plan.Book.NamedValue(name)
	if r == nil || slices.Contains(around, name) {
		return v, false
	}
	if !r.InForce(day) {
		return value.NoneOf(value.Invalid), true
	}
	sel := plan.Sel
	sel.On = day
	i := plan.Book.Resolve(r.Node.Get("is"), sel, nil, used)
	if i.None() || i.Kind != source.Scalar {
		return v, false
	}
	text, env := i.Expression(), &condition.Env{Params: map[string]value.Value{}}
	if q, err := source.ParseQuantity(i.Text); err == nil {
		d, ok := q.Duration()
		if !ok {
			return v, false
		}
		text = "seconds(" + strconv.FormatInt(int64(d.Seconds()), 10) + ")"
	}
	if i.Parameter != nil {
		p, err := checked.ParameterValue(i.Parameter.Kind, i.Parameter.Text)
		if err != nil {
			return v, false
		}
		env.Params["parameter"] = p
	}
	for _, other := range checked.References(text) {
		if plan.Book.NamedValue(other) == nil {
			continue
		}
		x, ok := plan.valueOn(other, day, used, append(slices.Clip(around), name))
		if !ok || !x.IsKnown() {
			return v, false
		}
		env.Params[other] = x
	}
	program, problems := condition.Compile(text, env, condition.Want{})
	if len(problems) > 0 {
		return v, false
	}
	return program.Const()
}

// ReadingsOn are the readings that named values rest on which a program looks at
// on other days.
func (plan *Plan) ReadingsOn(p *condition.Program) []string {
	var keys []string
	for _, name := range p.ValuesOn() {
		keys = append(keys, plan.dated[name].readings...)
	}
	return keys
}
