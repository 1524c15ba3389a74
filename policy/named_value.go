package policy

import (
	"slices"
	"strconv"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
)

// A named value is a rule that says what a number, length, amount, share or time
// of day is, once, under its article. Expressions use it by its name alone. In
// fields that are read while a rule is built, such as within or below, its name
// is replaced by what stands there, before anything is resolved.

// placesOfValues are the kinds of fields in which the name of a value may stand.
var placesOfValues = []FieldKind{Quantity, Number, Numbers, Percentage, TimeOfDay}

// placeValues puts named values in the place of their names in fields.
func (l *loader) placeValues() {
	values := map[string]*checkedRule{}
	for _, r := range l.book.rules {
		if f := formNamed(r.Form.Name); f != nil && f.Bare && r.PartOf == "" {
			values[r.Name] = r
		}
	}
	if len(values) == 0 {
		return
	}
	for _, r := range l.book.rules {
		w := valuePlacer{values: values, rule: r}
		if n := w.rewritten(r.node, r.Form.Fields); n != r.node {
			l.suspect[n], l.unsound[n] = l.suspect[r.node], l.unsound[r.node]
			r.node = n
		}
	}
}

// valuePlacer replaces names in one rule. It changes no node but makes others,
// because the tree of the file stays as it is written.
type valuePlacer struct {
	values map[string]*checkedRule
	rule   *checkedRule
}

// rewritten is a map with these fields, the same one where nothing is replaced.
func (w *valuePlacer) rewritten(n *source.Node, fields []Field) *source.Node {
	return w.entries(n, func(key string, v *source.Node) *source.Node {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == key })
		if i < 0 {
			return v
		}
		return w.field(v, &fields[i])
	})
}

// field is what stands in a field, in every branch of a choice.
func (w *valuePlacer) field(n *source.Node, f *Field) *source.Node {
	if isBy(n) {
		return w.entries(n, func(key string, v *source.Node) *source.Node {
			if key == "by" {
				return v
			}
			return w.field(v, f)
		})
	}
	switch {
	case f.Kind == Structs:
		return w.items(n, func(v *source.Node) *source.Node { return w.nested(v, f.Fields) })
	case f.Kind == StructMap:
		return w.entries(n, func(_ string, v *source.Node) *source.Node { return w.nested(v, f.Fields) })
	case f.Kind == Numbers:
		return w.items(n, w.valueOf)
	case slices.Contains(placesOfValues, f.Kind), f.Kind == Expression && w.values[w.rule.Name] == w.rule: // one may be another
		return w.valueOf(n)
	}
	return n
}

// nested is a map within a list or map, in every branch of a choice.
func (w *valuePlacer) nested(n *source.Node, fields []Field) *source.Node {
	if isBy(n) {
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
		if v == nil || n.Kind != source.Scalar || n.Style != source.Plain || v.node.Get("is") == nil {
			break
		}
		n = v.node.Get("is")
		if !slices.Contains(w.rule.values, v.Name) {
			w.rule.values = append(w.rule.values, v.Name)
			if id := v.Article.ID; id != w.rule.Article.ID && !slices.Contains(w.rule.AlsoCite, id) {
				w.rule.AlsoCite = append(slices.Clip(w.rule.AlsoCite), id)
			}
		}
	}
	return n
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

// Constant compiles the value in the field, which rests on no fact. It is nil
// where it has findings, and where it is something that only fields can hold,
// such as a length in working days or a time of day.
func (p *Part) Constant(field string) *condition.Program {
	i, ok := p.scalar(field)
	if !ok {
		return nil
	}
	written := *i
	if q, err := source.ParseQuantity(i.text); err == nil {
		d, ok := q.Duration()
		if !ok {
			return nil
		}
		written.text, written.parameter = "minutes("+strconv.FormatInt(int64(d.Minutes()), 10)+")", nil
	} else if _, err := source.ClockTime(i.text); err == nil {
		return nil
	}
	program := p.compile(&written, field, condition.Want{}, false)
	if program == nil {
		return nil
	}
	for _, slot := range program.Reads() {
		if u := p.b.ed.owner[slot]; u == nil || !u.bare {
			p.Fail(field, "value_not_constant", diagnostic.Textf("具名的值不能用到事实或其他规则", "a named value cannot use facts or other rules"),
				diagnostic.Textf("随事实算的写成 figures", "write what is computed from facts as a rule of figures"))
			return nil
		}
	}
	return program
}
