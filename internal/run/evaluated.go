package run

import (
	"iter"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// evaluated is the Evaluation of the engine.
type evaluated struct {
	of       *conclusion
	snapshot value.Reader // empty where the conclusion has no plan
}

// Conclusion is what the answer came to.
func (e *evaluated) Conclusion() policy.Concluded { return e.of }

// Languages are those of the rulebook.
func (e *evaluated) Languages() []string { return e.of.book.Languages }

// Undefined is what divides by nothing.
func (e *evaluated) Undefined() []policy.Text { return e.of.nothing }

// LabelOfFact is how people call a fact of the question.
func (e *evaluated) LabelOfFact(path string) policy.Text { return e.of.question.LabelOf(path) }

// LabelOfRule is how people call a rule, or a value of the question.
func (e *evaluated) LabelOfRule(id string) policy.Text { return e.of.book.LabelOfRule(id) }

// Names are the names of the values.
func (e *evaluated) Names() []string {
	values := e.compiledValues()
	names := make([]string, len(values))
	for i, f := range values {
		names[i] = f.Name
	}
	return names
}

// State is what is known of the named value; see [Answer.State].
func (e *evaluated) State(name string) (policy.State, error) {
	q := e.of.question
	if _, ok := q.ValueAt(name); !ok {
		return policy.StateUnknown, &policy.UnknownValueError{Question: q.ID, Name: name, Remedy: diagnostic.OneOf(name, q.ValueNames())}
	}
	switch {
	case e.of.verdict == policy.NotInScope:
		return policy.StateNone, nil
	case e.of.blank || e.of.plan == nil:
		return policy.StateUnknown, nil
	}
	list := e.compiledValues()
	for {
		head, rest, more := strings.Cut(name, ".")
		f := list[slices.IndexFunc(list, func(f *form.CompiledValue) bool { return f.Name == head })]
		if f.When != nil {
			if when := e.came(f.KeptWhen); !when.True() {
				return stateOf(when, policy.StateNone), nil
			}
		}
		if !more {
			n := e.namedValue(f)
			switch {
			case n.none:
				return policy.StateNone, nil
			case n.fields != nil:
				return policy.StateKnown, nil
			}
			return stateOf(n.v, policy.StateKnown), nil
		}
		name, list = rest, f.Fields
	}
}

// stateOf is the state of a value, where it is known the given one.
func stateOf(v value.Value, known policy.State) policy.State {
	switch v.State {
	case value.Known:
		return known
	case value.None:
		return policy.StateNone
	}
	return policy.StateUnknown
}

type namedValue struct {
	fig    *checked.Value
	v      value.Value
	typ    *value.Type
	fields []*form.CompiledValue // of a record built by the question
	none   bool                  // the record does not exist
}

// compiledValues are those of the question that was answered; none where there is no
// answer.
func (e *evaluated) compiledValues() []*form.CompiledValue {
	if e.of.plan == nil {
		return nil
	}
	return e.of.plan.Asked.Values
}

// namedValue is what a value came to; a blank one says nothing.
func (e *evaluated) namedValue(f *form.CompiledValue) namedValue {
	n := namedValue{fig: f.Value, typ: f.WrittenType()}
	switch {
	case !e.exists(f), f.Is == nil && len(f.Fields) == 0:
		n.none = true
	case f.Is != nil:
		n.v = e.came(f.Kept)
	default:
		n.fields = f.Fields
	}
	return n
}

func (e *evaluated) exists(f *form.CompiledValue) bool {
	return !e.of.blank && (f.When == nil || e.came(f.KeptWhen).True())
}

// find is the value under a dotted path.
func (e *evaluated) find(path string) (namedValue, bool) {
	list := e.compiledValues()
	for {
		head, rest, more := strings.Cut(path, ".")
		i := slices.IndexFunc(list, func(f *form.CompiledValue) bool { return f.Name == head })
		switch {
		case i < 0:
			return namedValue{}, false
		case !more:
			return e.namedValue(list[i]), true
		case !e.exists(list[i]):
			return namedValue{}, false // of a record that does not exist
		}
		path, list = rest, list[i].Fields
	}
}

// Values are the values as data.
func (e *evaluated) Values() iter.Seq[policy.Value] {
	return func(yield func(policy.Value) bool) {
		all := e.all()
		came := func(number int) value.Value { return all[number] }
		for _, f := range e.compiledValues() {
			if !yield(e.value(f, came)) {
				return
			}
		}
	}
}

// Value is one of them as data.
func (e *evaluated) Value(name string) (policy.Value, bool) {
	list := e.compiledValues()
	for {
		head, rest, more := strings.Cut(name, ".")
		i := slices.IndexFunc(list, func(f *form.CompiledValue) bool { return f.Name == head })
		switch {
		case i < 0:
			return policy.Value{}, false
		case !more:
			return e.value(list[i], e.came), true
		case !e.exists(list[i]):
			return policy.Value{}, false
		}
		name, list = rest, list[i].Fields
	}
}

// Data is the data of one of them.
func (e *evaluated) Data(name string) any {
	n, ok := e.find(name)
	if !ok || n.none || n.fields != nil || n.fig.Keyed {
		return nil
	}
	return dataFor(n.v, n.fig.Type, e.of.book.Zone)
}

// all are what all values of the answer's edition came to, by number.
func (e *evaluated) all() []value.Value {
	if e.of.plan == nil || e.of.blank {
		return nil
	}
	rest := e.snapshot
	all := make([]value.Value, len(e.of.plan.ValueSlots))
	for i := range all {
		all[i] = rest.Next()
	}
	return all
}
