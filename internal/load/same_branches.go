package load

import (
	"math/big"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// Whether the branches of a choice say the same.

// branchOf is the value that a choice has for an option.
func branchOf(n *source.Node, option string) *source.Node {
	if branch := n.Get(option); branch != nil {
		return branch
	}
	return n.Get("otherwise")
}

// sameBranches reports whether all options come to the same value.
func sameBranches(r *checked.Reading, n *source.Node) bool {
	var first *source.Node
	for i := range r.Options {
		branch := branchOf(n, r.Options[i].Name)
		switch {
		case branch == nil:
			return false
		case r.Options[i].Parameter != "" && mentionsParameter(branch):
			return false
		case first == nil:
			first = branch
		case !sameNode(first, branch):
			return false
		}
	}
	return true
}

func mentionsParameter(n *source.Node) bool {
	if n == nil {
		return false
	}
	if n.Kind == source.Scalar {
		return slices.Contains(checked.References(n.Text), "parameter")
	}
	return slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return mentionsParameter(e.Value) }) ||
		slices.ContainsFunc(n.Items, mentionsParameter)
}

// sameNode reports whether two nodes say the same, in whichever style and
// spelling.
func sameNode(a, b *source.Node) bool {
	return a.Kind == b.Kind && (a.Text == b.Text || a.Kind == source.Scalar && sameText(a.Text, b.Text)) &&
		slices.EqualFunc(a.Entries, b.Entries, func(x, y source.Entry) bool {
			return x.Key.Text == y.Key.Text && sameNode(x.Value, y.Value)
		}) && slices.EqualFunc(a.Items, b.Items, sameNode)
}

// sameText reports whether two texts are the same length, percentage, number or
// time of day, such as `24 hours` and `24小时`, or the same words with other
// spaces between them.
func sameText(a, b string) bool {
	if x, err := source.ParseQuantity(a); err == nil {
		y, err := source.ParseQuantity(b)
		return err == nil && inLeast(x) == inLeast(y)
	}
	if n, d, err := source.Percent(a); err == nil {
		m, e, err := source.Percent(b)
		return err == nil && big.NewRat(n, d).Cmp(big.NewRat(m, e)) == 0
	}
	if x, err := source.ClockTime(a); err == nil {
		y, err := source.ClockTime(b)
		return err == nil && x == y
	}
	return !strings.ContainsAny(a+b, `"'`) && strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// inLeast is a length in the smallest unit that it is a whole number of: hours
// are seconds, opening hours are opening minutes, years are months.
func inLeast(q source.Quantity) source.Quantity {
	for _, unit := range []struct {
		of, in source.Unit
		n      int64
	}{
		{source.Hours, source.Minutes, 60}, {source.Minutes, source.Seconds, 60}, {source.OpeningHours, source.OpeningMinutes, 60},
		{source.Years, source.Months, 12}, {source.Quarters, source.Months, 3},
	} {
		if q.Unit == unit.of {
			q = source.Quantity{N: q.N * unit.n, Unit: unit.in}
		}
	}
	return q
}
