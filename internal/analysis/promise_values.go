package analysis

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// programsOf are the expressions of a promise.
func programsOf(p *form.CompiledPromise) []*condition.Program {
	return slices.DeleteFunc([]*condition.Program{p.When, p.Then, p.AsRises, p.Never}, func(x *condition.Program) bool { return x == nil })
}

// answered puts what the promise reads of the answer into its slots. It returns
// what each of these lacks.
func (x *promised) answered(r *form.Run) map[int][]value.Need {
	lacks := map[int][]value.Need{}
	for i := range x.promise.Answer {
		v := &x.promise.Answer[i]
		r.Slots[v.Slot], lacks[v.Slot] = valueOf(r, v)
	}
	return lacks
}

// valueOf is what a value of the answer comes to, unknown where it fails.
func valueOf(r *form.Run, v *form.AnswerSlot) (value.Value, []value.Need) {
	for _, exists := range v.Exists {
		switch e, needs, ok := evaluated(r, exists); {
		case !ok, e.IsUnknown():
			return value.UnknownOf(v.Typ.Kind), needs
		case !e.True():
			return value.NoneOf(v.Typ.Kind), nil
		}
	}
	is, needs, ok := evaluated(r, v.Is)
	switch {
	case !ok, is.IsUnknown():
		return value.UnknownOf(v.Typ.Kind), needs
	case is.IsNone() && v.IfNone != "":
		return value.WordOf(v.IfNone), nil
	}
	return is, nil
}

// evaluate is what an expression of the promise comes to, and what that lacks.
func (x *promised) evaluate(r *form.Run, p *condition.Program) (value.Value, []value.Need, bool) {
	lacks := x.answered(r)
	v, needs, ok := evaluated(r, p)
	if !ok || !v.IsUnknown() {
		return v, nil, ok
	}
	var all []value.Need
	for _, n := range needs {
		if behind, is := lacks[n.Slot]; is {
			all = append(all, behind...)
		} else {
			all = append(all, n)
		}
	}
	return v, all, true
}

// holds wants an expression of the promise to be decided so.
func (x *promised) holds(p *condition.Program, so bool) want {
	return func(r *form.Run) (answer, []value.Need) {
		v, needs, ok := x.evaluate(r, p)
		switch {
		case !ok:
			return no, nil
		case v.IsUnknown():
			return open, needs
		}
		return answerOf(v.True() == so), nil
	}
}

// order is that of the words of what never falls or rises: the one that the promise
// gives, or that of their list.
func (x *promised) order() []string {
	if x.promise.Order != nil {
		return x.promise.Order
	}
	if p := x.promise.Never; p != nil && p.Type().Kind == value.Word && p.Type().Words != nil {
		return p.Type().Words.Each
	}
	return nil
}

// breaks reports whether the promise is broken by what came to one value before
// the rise and to another after it. What is not known, or does not exist, is
// neither greater nor less.
func (x *promised) breaks(before, after value.Value) bool {
	order, ok := x.compare(before, after)
	if !ok {
		return false
	}
	if x.promise.NeverRises {
		return order < 0
	}
	return order > 0
}

// compare compares two values, words by the order of the promise; false where
// neither is the greater.
func (x *promised) compare(a, b value.Value) (int, bool) {
	if !a.IsKnown() || !b.IsKnown() {
		return 0, false
	}
	if a.K == value.Word {
		i, known := x.position[a.S()]
		k, also := x.position[b.S()]
		return cmp.Compare(i, k), known && also
	}
	return compareNumbers(a, b), true
}

func compareNumbers(a, b value.Value) int {
	if a.K == value.Ratio || b.K == value.Ratio {
		return value.CompareRatio(a, b)
	}
	return cmp.Compare(a.N, b.N)
}

// rose reports whether the second value of the fact that rises is the greater.
func (x *promised) rose(low, high value.Value) bool {
	if !low.IsKnown() || !high.IsKnown() {
		return false
	}
	if t := x.facts[x.rises].Typ; t.Kind == value.Word {
		return t.Words.Index(low.S()) < t.Words.Index(high.S())
	}
	return compareNumbers(low, high) < 0
}

// confirm asks the engine with the facts of a trial, filled in one way after the
// other, until an answer breaks the promise.
func (x *promised) confirm(t trial) bool {
	for _, full := range x.completions(t.facts) {
		given := x.ask(x.engine, full)
		if given == nil {
			continue
		}
		r, ok := x.spoken(given)
		if !ok {
			continue
		}
		if x.is(r, x.promise.When, true) && x.is(r, x.promise.Then, false) {
			x.found = &broken{facts: given.JSON, shown: Shown{Values: x.shows(r, nil)}}
		}
		r.Leave()
		if x.found != nil {
			return true
		}
	}
	return false
}

// is reports whether an expression is decided so; one that is not there is.
func (x *promised) is(r *form.Run, p *condition.Program, so bool) bool {
	if p == nil {
		return true
	}
	v, _, ok := evaluated(r, p)
	return ok && v.IsKnown() && v.True() == so
}

// spoken is a run on facts that the engine was asked with, in whose slots the
// answer stands; false where there is no answer, the question does not apply, or
// the run comes to anything else than the answer. It must be left.
func (x *promised) spoken(a *asked) (*form.Run, bool) {
	if a.Answer.Error != nil || a.Answer.Verdict == policy.NotInScope {
		return nil, false
	}
	r := x.plan.Begin()
	copy(r.Facts(), a.Facts)
	run.Evaluate(r, x.units...)
	x.answered(r)
	for i := range x.promise.Answer {
		v := &x.promise.Answer[i]
		if !x.said(a.Answer, v, r.Slots[v.Slot]) {
			r.Leave()
			return nil, false
		}
	}
	return r, true
}

// said reports whether an answer says what was found of a value.
func (x *promised) said(a *policy.Answer, v *form.AnswerSlot, is value.Value) bool {
	if v.Name == "verdict" {
		return a.Verdict == is.S() || !is.IsKnown() && a.Verdict == policy.Undetermined
	}
	given, there := a.Value(v.Name)
	switch {
	case !is.IsKnown():
		return !there || given.State != policy.StateKnown
	case !there || given.State != policy.StateKnown:
		return false
	case given.Kind == policy.KindMap:
		return true // it is written in another shape
	}
	return string(given.AppendJSON(nil)) == string(is.AppendJSON(nil, v.Typ, x.book.Zone))
}

// shows is what answers say, as a person reads it; after is the run after a rise.
func (x *promised) shows(r, after *form.Run) []ShownValue {
	var all []ShownValue
	for i := range x.promise.Answer {
		v := &x.promise.Answer[i]
		s := ShownValue{Name: checked.Answer + "." + v.Name, Label: v.Label, Value: x.display(r.Slots[v.Slot], v.Typ)}
		if after != nil {
			s.After = x.display(after.Slots[v.Slot], v.Typ)
		}
		all = append(all, s)
	}
	return all
}

func (x *promised) display(v value.Value, t *value.Type) policy.Text {
	switch {
	case v.IsNone():
		return policy.Text{ZH: "无", EN: "none"}
	case v.IsUnknown():
		return policy.Text{ZH: "不知道", EN: "unknown"}
	}
	return policy.Text{ZH: x.book.DisplayAs(v, t, "zh"), EN: x.book.DisplayAs(v, t, "en")}
}
