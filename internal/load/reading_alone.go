package load

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// readingsAlone writes out the choices that name a reading alone where a rule takes
// one of its own words: they are the option that is chosen.
func (l *loader) readingsAlone(readings, n *source.Node, fields []policy.Field) {
	for i := range fields {
		f, child := &fields[i], n.Get(fields[i].Name)
		if child == nil {
			continue
		}
		switch f.Kind {
		case policy.Option:
			readingAlone(readings, child)
		case policy.Structs, policy.StructMap:
			l.eachBranch(child, func(v *source.Node) {
				for _, x := range append(slices.Clone(v.Items), valuesOf(v)...) {
					l.eachBranch(x, func(x *source.Node) { l.readingsAlone(readings, x, f.Fields) })
				}
			})
		}
	}
}

func readingAlone(readings, n *source.Node) {
	if !checked.IsBy(n) {
		return
	}
	for _, e := range n.Entries {
		readingAlone(readings, e.Value)
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
