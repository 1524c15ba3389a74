package load

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// A named value is a rule that says what a number, length, amount, share or time
// of day is, once, under its article. Expressions use it by its name alone. In
// fields that are read while a rule is built, such as within or below, its name
// is replaced by what stands there, before anything is resolved.

// placesOfValues are the kinds of fields in which the name of a value may stand.
var placesOfValues = []policy.FieldKind{policy.Quantity, policy.Number, policy.Numbers, policy.Percentage, policy.TimeOfDay}

// placeValues puts named values in the place of their names in fields.
func (l *loader) placeValues() {
	values := map[string]*checked.Rule{}
	for _, r := range l.book.AllRules {
		if f := forms.Named(r.Form.Name); f != nil && f.Bare && r.PartOf == "" {
			values[r.Name] = r
		}
	}
	if len(values) == 0 {
		return
	}
	for _, r := range l.book.AllRules {
		w := valuePlacer{values: values, rule: r}
		w.noteLikes(r.Node, l.likeValues)
		if n := w.rewritten(r.Node, r.Form.Fields); n != r.Node {
			l.suspect[n], l.unsound[n] = l.suspect[r.Node], l.unsound[r.Node]
			r.Node = n
		}
	}
}

// valuePlacer replaces names in one rule. It changes no node but makes others,
// because the tree of the file stays as it is written.
type valuePlacer struct {
	values map[string]*checked.Rule
	rule   *checked.Rule
}

// noteLikes notes the values that choices below a node are like; these have their
// names.
func (w *valuePlacer) noteLikes(n *source.Node, names map[*source.Node]string) {
	w.note(names[n])
	for _, e := range n.Entries {
		w.noteLikes(e.Value, names)
	}
	for _, x := range n.Items {
		w.noteLikes(x, names)
	}
}

// rewritten is a map with these fields, the same one where nothing is replaced.
func (w *valuePlacer) rewritten(n *source.Node, fields []policy.Field) *source.Node {
	return w.entries(n, func(key string, v *source.Node) *source.Node {
		i := slices.IndexFunc(fields, func(f policy.Field) bool { return f.Name == key })
		if i < 0 {
			return v
		}
		return w.field(v, &fields[i])
	})
}

// field is what stands in a field, in every branch of a choice.
func (w *valuePlacer) field(n *source.Node, f *policy.Field) *source.Node {
	if checked.IsBy(n) {
		return w.entries(n, func(key string, v *source.Node) *source.Node {
			if key == "by" {
				return v
			}
			return w.field(v, f)
		})
	}
	switch {
	case f.Kind == policy.Structs:
		return w.items(n, func(v *source.Node) *source.Node { return w.nested(v, f.Fields) })
	case f.Kind == policy.StructMap:
		return w.entries(n, func(_ string, v *source.Node) *source.Node { return w.nested(v, f.Fields) })
	case f.Kind == policy.Cells:
		for _, e := range n.Entries {
			low, high, _, _ := checked.RangeOf(e.Value.Text)
			w.note(low)
			w.note(high)
		}
	case f.Kind == policy.Numbers:
		return w.items(n, w.valueOf)
	case slices.Contains(placesOfValues, f.Kind), f.ByDay, f.Kind == policy.Expression && w.values[w.rule.Name] == w.rule: // one may be another
		return w.valueOf(n)
	}
	return n
}

// nested is a map within a list or map, in every branch of a choice.
func (w *valuePlacer) nested(n *source.Node, fields []policy.Field) *source.Node {
	if checked.IsBy(n) {
		return w.entries(n, func(key string, v *source.Node) *source.Node {
			if key == "by" {
				return v
			}
			return w.nested(v, fields)
		})
	}
	return w.rewritten(n, fields)
}

// valueOf is what the value of that name is, or the node as it stands.
func (w *valuePlacer) valueOf(n *source.Node) *source.Node {
	for range w.values { // one value may be another; a circle is found elsewhere
		v := w.values[n.Text]
		if v == nil || n.Kind != source.Scalar || n.Style != source.Plain || v.Node.Get("is") == nil {
			break
		}
		n = v.Node.Get("is")
		w.note(v.Name)
	}
	return n
}

// note notes that the rule uses a value, and so cites its article.
func (w *valuePlacer) note(name string) {
	v := w.values[name]
	if v == nil || slices.Contains(w.rule.Values, name) {
		return
	}
	w.rule.Values = append(w.rule.Values, name)
	if id := v.Article.ID; id != w.rule.Article.ID && !slices.Contains(w.rule.AlsoCite, id) {
		w.rule.AlsoCite = append(slices.Clip(w.rule.AlsoCite), id)
	}
}

func (w *valuePlacer) entries(n *source.Node, change func(key string, v *source.Node) *source.Node) *source.Node {
	out := n
	for i, e := range n.Entries {
		if v := change(e.Key.Text, e.Value); v != e.Value {
			if out == n {
				own := *n
				own.Entries = slices.Clone(n.Entries)
				out = &own
			}
			out.Entries[i].Value = v
		}
	}
	return out
}

func (w *valuePlacer) items(n *source.Node, change func(*source.Node) *source.Node) *source.Node {
	out := n
	for i, x := range n.Items {
		if v := change(x); v != x {
			if out == n {
				own := *n
				own.Items = slices.Clone(n.Items)
				out = &own
			}
			out.Items[i] = v
		}
	}
	return out
}
