package load

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// options writes out the choices that name a reading alone where a rule takes one
// of its own words: they are the option that is chosen.
func (a *likeness) options(readings, n *source.Node, fields []policy.Field) {
	for i := range fields {
		f, child := &fields[i], n.Get(fields[i].Name)
		if child == nil {
			continue
		}
		a.eachBranch(child, func(v *source.Node) {
			switch f.Kind {
			case policy.Structs, policy.StructMap:
				for _, x := range append(slices.Clone(v.Items), valuesOf(v)...) {
					a.eachBranch(x, func(x *source.Node) { a.options(readings, x, f.Fields) })
				}
			}
		})
		if f.Kind == policy.Option {
			a.option(readings, child)
		}
	}
}

func (a *likeness) option(readings, n *source.Node) {
	if !checked.IsBy(n) {
		return
	}
	for _, e := range n.Entries {
		a.option(readings, e.Value)
	}
	by := n.Get("by")
	options := readings.Get(by.Text).Get("options")
	if len(n.Entries) > 1 || options == nil || slices.ContainsFunc(options.Entries, func(e source.Entry) bool { return e.Value.Get("parameter") != nil }) {
		return // what is missing, is told of all choices
	}
	n.Entries = slices.Clone(n.Entries)
	for _, e := range options.Entries {
		word := *by
		word.Text, word.Style = e.Key.Text, source.Plain
		n.Entries = append(n.Entries, source.Entry{Key: &word, Value: &word})
	}
}
