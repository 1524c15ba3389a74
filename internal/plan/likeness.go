package plan

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
)

// noteLikeness says of what is found in a text that a rule has from another one
// which rule has it: by itself it may be right where it is written.
func noteLikeness(u *form.Unit, found diagnostic.List) {
	for i := range found {
		if slices.ContainsFunc(u.Parts, func(p *form.Part) bool { return p.Rule.Node.Covers(found[i].Span) }) {
			continue
		}
		for _, p := range u.Parts {
			if like := p.Rule.Like; like != nil && hasPlace(p.Rule.Node, found[i].Span) {
				found[i].Related = append(slices.Clip(found[i].Related), diagnostic.Related{
					Span: like.Span, Message: diagnostic.Textf("在照它写的规则 %s 里", "in the rule %s, which is like it", p.Rule.Name),
				})
				break
			}
		}
	}
}

// hasPlace reports whether a place lies in one of the texts below a node.
func hasPlace(n *source.Node, at diagnostic.Span) bool {
	return n.Kind == source.Scalar && n.Covers(at) ||
		slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return hasPlace(e.Value, at) || e.Key.Covers(at) }) ||
		slices.ContainsFunc(n.Items, func(x *source.Node) bool { return hasPlace(x, at) })
}
