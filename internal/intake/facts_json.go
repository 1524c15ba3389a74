package intake

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/jsontext"
	"github.com/servicerules/rulebook/internal/value"
)

// AppendJSON appends the canonical JSON of the facts; see [Facts.AppendJSON].
func (f *FactSet) AppendJSON(dst []byte) []byte {
	w := &factWriter{Writer: jsontext.Writer{B: dst}, book: f.Book}
	w.Open('{')
	for i, x := range f.Asked.Layout.Placed {
		w.root(x, f.Asked.Facts[i].Name, f.Slots)
	}
	if asOf := f.Slots[f.Asked.Layout.AsOf]; asOf.IsKnown() {
		w.Key("as_of").Str(asOf.Text(f.Book.Zone))
	}
	w.Close('}')
	return w.B
}

type factWriter struct {
	jsontext.Writer
	book *checked.Book
}

// root writes a fact whose value, or whose fields, have slots.
func (w *factWriter) root(f *checked.Fact, name string, slots []value.Value) {
	v := slots[f.Slot]
	if f.Typ.Kind != value.Record || !v.IsKnown() {
		w.member(f, name, v)
		return
	}
	w.Key(name).Open('{')
	for _, x := range f.Fields {
		w.root(x, x.Name, slots)
	}
	w.Close('}')
}

// member writes a value under its name. What means the same as saying nothing
// is left out, unless it is a value.
func (w *factWriter) member(f *checked.Fact, name string, v value.Value) {
	switch {
	case v.IsKnown():
		w.Key(name)
		w.fact(f, v)
	case v.State == f.AbsentValue(f.Absent).State:
	case f.TypeName == "text" && v.IsNone():
		w.Key(name).Str("")
	default:
		w.Key(name).Raw("null")
	}
}

func (w *factWriter) fact(f *checked.Fact, v value.Value) {
	switch f.Typ.Kind {
	case value.Record:
		w.Open('{')
		for i, x := range f.Fields {
			w.member(x, x.Name, v.L()[i])
		}
		w.Close('}')
	case value.List:
		items := v.L()
		if f.Elem.Typ.Kind == value.Record {
			items = slices.Clone(items)
			slices.SortStableFunc(items, func(a, b value.Value) int { return cmp.Compare(a.N, b.N) })
		}
		w.Open('[')
		for _, item := range items {
			w.Item()
			w.fact(f.Elem, item)
		}
		w.Close(']')
	default:
		w.B = v.AppendJSON(w.B, f.Typ, w.book.Zone)
	}
}
