package checked

import (
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// Nodes are the expressions of a question.
func (q *Question) Nodes() []*source.Node {
	var all []*source.Node
	var add func(values []*Value)
	add = func(values []*Value) {
		for _, f := range values {
			for _, n := range []*source.Node{f.IsNode, f.WhenNode} {
				if n != nil {
					all = append(all, n)
				}
			}
			add(f.Fields)
		}
	}
	if q.GovernedBy != nil {
		all = append(all, q.GovernedBy)
	}
	if q.Verdict != nil {
		add([]*Value{q.Verdict})
	}
	add(q.Values)
	return all
}

// Nearby are the ids of the same regulation; all of them where it has none.
func Nearby(id string, ids []string) []string {
	reg, _, _ := strings.Cut(id, "/")
	var near []string
	for _, i := range ids {
		if strings.HasPrefix(i, reg+"/") {
			near = append(near, i)
		}
	}
	if near == nil {
		return ids
	}
	return near
}
