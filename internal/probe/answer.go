package probe

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/policy"
)

// Part is one part of an answer that people act on: its name, as cases write
// it, and what it says; of a value also that.
type Part struct {
	Name, Text string
	Value      policy.Value // zero where it is none of the values of the question
	in         string       // the currencies of its amounts, in their order
}

// currencies are those of the amounts of a value, which its JSON leaves out where the
// question says them: another rulebook may say others.
func currencies(v policy.Value) string {
	var all []string
	var walk func(v policy.Value)
	walk = func(v policy.Value) {
		if m, is := v.Data.(policy.Money); is {
			all = append(all, m.Currency)
		}
		for _, x := range v.Items {
			walk(x)
		}
		for _, x := range v.Fields {
			walk(x)
		}
	}
	walk(v)
	return strings.Join(all, " ")
}

// inFull is what a part says, with its currencies.
func (p Part) inFull() string {
	switch m, is := p.Value.Data.(policy.Money); {
	case is:
		return m.String()
	case p.in == "":
		return p.Text
	}
	return p.Text + " " + p.in
}

// Difference is a part that two answers do not agree on; "" is nothing.
type Difference struct {
	Part               string
	Old, New           string
	OldValue, NewValue policy.Value // as in Part
}

// PartsOf are the parts of an answer, or of a refusal to give one, without
// wording: two rulebooks that differ in labels alone give the same parts.
func PartsOf(a *policy.Answer, err error) []Part {
	if err != nil {
		if refused := policy.RefusedFacts(err); len(refused) > 0 {
			return []Part{{Name: "error", Text: refused[0].Code + " " + refused[0].Fact}}
		}
		return []Part{{Name: "error", Text: refusal(err)}}
	}
	if a.Error != nil {
		return []Part{{Name: "error", Text: a.Failure().Code}}
	}
	parts := []Part{{Name: "verdict", Text: a.Verdict}}
	add := func(name string, list []string) {
		if len(list) > 0 {
			slices.Sort(list)
			parts = append(parts, Part{Name: name, Text: strings.Join(slices.Compact(list), ", ")})
		}
	}
	for v := range a.Values() {
		if text := strings.Trim(string(v.AppendJSON(nil)), `"`); text != "null" {
			parts = append(parts, Part{v.Name, text, v, currencies(v)})
		}
	}
	add("breaches", texts(a.Breaches, policy.Breach.String))
	add("liable", texts(a.Liable, func(l policy.Liable) string { return l.Role }))
	add("missing_facts", texts(a.MissingFacts, func(m policy.MissingFact) string { return m.Fact }))
	add("decisions", texts(a.Decisions, func(d policy.Decision) string { return d.Code }))
	add("cites", slices.Clone(a.Cites))
	if a.Provisional {
		parts = append(parts, Part{Name: "provisional", Text: "true"})
	}
	return parts
}

// refusal is a code of a refusal to answer that is of no fact, and what it is about.
func refusal(err error) string {
	var question *policy.UnknownQuestionError
	var reading *policy.ReadingError
	switch {
	case errors.As(err, &question):
		return "unknown_question " + question.Question
	case errors.As(err, &reading):
		return "unknown_reading " + reading.Key + "=" + reading.Option
	}
	return err.Error()
}

func texts[T any](list []T, text func(T) string) []string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = text(x)
	}
	return all
}

// Compare lists what two answers differ in, in the order of the first.
func Compare(old, changed []Part) []Difference {
	var all []Difference
	for _, p := range old {
		is := partIn(changed, p.Name)
		was, ofMoney := p.Value.Data.(policy.Money)
		switch {
		case ofMoney && is.Value.Data == was: // with its currency in JSON, or without
		case p.in != "" && is.in != "" && p.in != is.in:
			all = append(all, Difference{p.Name, p.inFull(), is.inFull(), p.Value, is.Value})
		case is.Text != p.Text:
			all = append(all, Difference{p.Name, p.Text, is.Text, p.Value, is.Value})
		}
	}
	for _, p := range changed {
		if !slices.ContainsFunc(old, func(o Part) bool { return o.Name == p.Name }) {
			all = append(all, Difference{Part: p.Name, New: p.Text, NewValue: p.Value})
		}
	}
	return all
}

func partIn(parts []Part, name string) Part {
	for _, p := range parts {
		if p.Name == name {
			return p
		}
	}
	return Part{}
}

// wrongReading reports whether the readings were refused, rather than the facts.
func wrongReading(err error) bool {
	var reading *policy.ReadingError
	return errors.As(err, &reading)
}
