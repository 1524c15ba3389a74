package run

import (
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/jsontext"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// AppendValues writes the values that are chosen.
func (e *evaluated) AppendValues(dst []byte, chosen policy.ChosenValues) []byte {
	w := valueWriter{Writer: jsontext.Writer{B: dst}, e: e}
	w.values(e.compiledValues(), chosen)
	return w.B
}

// AppendValue writes one value.
func (e *evaluated) AppendValue(dst []byte, name string) []byte {
	n, ok := e.find(name)
	if !ok {
		n.none = true
	}
	w := valueWriter{Writer: jsontext.Writer{B: dst}, e: e}
	w.named(n, nil)
	return w.B
}

type valueWriter struct {
	jsontext.Writer
	e *evaluated
}

// values writes those that are chosen; a nil choice is all of them.
func (w *valueWriter) values(list []*form.CompiledValue, chosen policy.ChosenValues) {
	w.Open('{')
	for _, f := range list {
		if below, ok := chosen.Below(f.Name); ok {
			w.Key(f.Name)
			w.named(w.e.namedValue(f), below)
		}
	}
	w.Close('}')
}

func (w *valueWriter) named(n namedValue, chosen policy.ChosenValues) {
	switch {
	case n.none:
		w.Raw("null")
	case n.fields != nil:
		w.values(n.fields, chosen)
	case n.fig != nil && n.fig.Keyed:
		w.keyed(n)
	default:
		w.value(n.v, n.typ)
	}
}

// keyed writes a list of two-field records as a map.
func (w *valueWriter) keyed(n namedValue) {
	if !n.v.IsKnown() {
		w.Raw("null")
		return
	}
	w.Open('{')
	for _, x := range n.v.L() {
		if len(x.L()) == 2 {
			w.Key(x.L()[0].S())
			w.value(x.L()[1], n.typ.Elem.Fields[1].Type)
		}
	}
	w.Close('}')
}

func (w *valueWriter) value(v value.Value, t *value.Type) {
	w.B = v.AppendJSON(w.B, t, w.e.of.book.Zone)
}
