package policy

import (
	"iter"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// evaluated is the Evaluation of the engine.
type evaluated struct {
	of   *conclusion
	kept kept
}

// Conclusion is what the answer came to.
func (e *evaluated) Conclusion() Concluded { return e.of }

// Undefined is what divides by nothing.
func (e *evaluated) Undefined() []Text { return e.of.nothing }

// LabelOfFact is how people call a fact of the question.
func (e *evaluated) LabelOfFact(path string) Text { return e.of.question.LabelOf(path) }

// LabelOfRule is how people call a rule, or a value of the question.
func (e *evaluated) LabelOfRule(id string) Text { return e.of.book.LabelOfRule(id) }

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
func (e *evaluated) State(name string) (State, error) {
	q := e.of.question
	if _, ok := q.ValueAt(name); !ok {
		return StateUnknown, &UnknownValueError{q.ID, name, diagnostic.OneOf(name, q.valueNames())}
	}
	switch {
	case e.of.verdict == NotInScope:
		return StateNone, nil
	case e.of.blank || e.kept.ed == nil:
		return StateUnknown, nil
	}
	list := e.compiledValues()
	for {
		head, rest, more := strings.Cut(name, ".")
		f := list[slices.IndexFunc(list, func(f *compiledValue) bool { return f.Name == head })]
		if f.when != nil {
			if when := e.kept.value(f.keptWhen); !when.True() {
				return stateOf(when, StateNone), nil
			}
		}
		if !more {
			n := e.namedValue(f)
			switch {
			case n.none:
				return StateNone, nil
			case n.fields != nil:
				return StateKnown, nil
			}
			return stateOf(n.v, StateKnown), nil
		}
		name, list = rest, f.fields
	}
}

// stateOf is the state of a value, where it is known the given one.
func stateOf(v value.Value, known State) State {
	switch v.State {
	case value.Known:
		return known
	case value.None:
		return StateNone
	}
	return StateUnknown
}

type namedValue struct {
	fig    *checkedValue
	v      value.Value
	typ    *value.Type
	fields []*compiledValue // of a record built by the question
	none   bool             // the record does not exist
}

// own is the list that the rulebook names for its words, if it does.
func (n namedValue) own() *WordList {
	if n.fig == nil {
		return nil
	}
	return n.fig.Words
}

// compiledValues are those of the question that was answered; none where there is no
// answer.
func (e *evaluated) compiledValues() []*compiledValue {
	if e.kept.ed == nil {
		return nil
	}
	return e.kept.ed.asked.values
}

// namedValue is what a value came to; a blank one says nothing.
func (e *evaluated) namedValue(f *compiledValue) namedValue {
	n := namedValue{fig: f.checkedValue, typ: f.typ}
	switch {
	case !e.exists(f), f.is == nil && len(f.fields) == 0:
		n.none = true
	case f.is != nil:
		n.v = e.kept.value(f.kept)
	default:
		n.fields = f.fields
	}
	return n
}

func (e *evaluated) exists(f *compiledValue) bool {
	return !e.of.blank && (f.when == nil || e.kept.value(f.keptWhen).True())
}

// find is the value under a dotted path.
func (e *evaluated) find(path string) (namedValue, bool) {
	list := e.compiledValues()
	for {
		head, rest, more := strings.Cut(path, ".")
		i := slices.IndexFunc(list, func(f *compiledValue) bool { return f.Name == head })
		switch {
		case i < 0:
			return namedValue{}, false
		case !more:
			return e.namedValue(list[i]), true
		case !e.exists(list[i]):
			return namedValue{}, false // of a record that does not exist
		}
		path, list = rest, list[i].fields
	}
}

// Values are the values as data.
func (e *evaluated) Values() iter.Seq[Value] {
	return func(yield func(Value) bool) {
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
func (e *evaluated) Value(name string) (Value, bool) {
	list := e.compiledValues()
	for {
		head, rest, more := strings.Cut(name, ".")
		i := slices.IndexFunc(list, func(f *compiledValue) bool { return f.Name == head })
		switch {
		case i < 0:
			return Value{}, false
		case !more:
			return e.value(list[i], e.kept.value), true
		case !e.exists(list[i]):
			return Value{}, false
		}
		name, list = rest, list[i].fields
	}
}

// Data is the data of one of them.
func (e *evaluated) Data(name string) any {
	n, ok := e.find(name)
	if !ok || n.none || n.fields != nil || n.fig.Keyed {
		return nil
	}
	return dataFor(n.v, n.fig.Type, e.kept.ed.book.Zone)
}

// all are what all values of the answer's edition came to, by number.
func (e *evaluated) all() []value.Value {
	k := e.kept
	if k.ed == nil || e.of.blank {
		return nil
	}
	all := make([]value.Value, len(k.ed.valueSlots))
	for i := range all {
		all[i] = k.text.Next()
	}
	return all
}
