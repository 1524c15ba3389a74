package mutate

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// What a rule takes over from another one, with like or by the name of a value,
// stands once in the file. It is changed there, once, and the change may be noticed
// by the questions of all rules that have it.

// takenBy are, for each rule, those that take over something that stands in it.
func takenBy(book *checked.Book) map[*checked.Rule][]*checked.Rule {
	inOrder := slices.Clone(book.AllRules)
	slices.SortFunc(inOrder, func(a, b *checked.Rule) int { return comparePlaces(a.Node, b.Node) })
	taken := map[*checked.Rule][]*checked.Rule{}
	for _, r := range book.AllRules {
		var walk func(n *source.Node)
		walk = func(n *source.Node) {
			if !n.Within(r.Node) {
				i, found := slices.BinarySearchFunc(inOrder, n, func(x *checked.Rule, n *source.Node) int { return comparePlaces(x.Node, n) })
				if !found {
					i--
				}
				if i >= 0 && n.Within(inOrder[i].Node) && !slices.Contains(taken[inOrder[i]], r) {
					taken[inOrder[i]] = append(taken[inOrder[i]], r)
				}
			}
			for _, e := range n.Entries {
				walk(e.Value)
			}
			for _, x := range n.Items {
				walk(x)
			}
		}
		walk(r.Node)
	}
	return taken
}

func comparePlaces(a, b *source.Node) int {
	return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Start, b.Start))
}

// questionsOf are the questions whose answers may rest on what stands in a rule.
func (e *enumerator) questionsOf(r *checked.Rule) []string {
	all := slices.Clone(e.reach.Questions(r.Unit()))
	for _, other := range e.takenBy[r] {
		all = append(all, e.reach.Questions(other.Unit())...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
