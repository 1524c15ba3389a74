package intake

import (
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// Place says of refusals that were found after the facts were read where in
// their text these stand, and brings them into its order. The error is otherwise
// what it was.
func (r *Reader) Place(err error) error {
	if r.of != "" || len(r.tokens) == 0 {
		return err // it has read cells, one after another
	}
	refused := policy.RefusedFacts(err)
	for _, e := range refused {
		e.Span = r.spanOf(e.Fact)
	}
	slices.SortStableFunc(refused, func(a, b *policy.FactError) int { return comparePositions(a.Span.Start, b.Span.Start) })
	return err
}

// spanOf is where a fact stands, or the record that it was left out of; nowhere
// where neither was given.
func (t *Tree) spanOf(path string) diagnostic.Span {
	at := 0
	for step := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '.' || c == '[' }) {
		inner := t.child(at, step)
		if inner < 0 {
			break
		}
		at = inner
	}
	if at == 0 {
		return diagnostic.Span{}
	}
	return t.span(at, false)
}

// child is the token of a field, or of the item "2]"; -1 where there is none.
func (t *Tree) child(at int, step string) int {
	place, isItem := strings.CutSuffix(step, "]")
	n := 0
	for i := range t.in(at) {
		if isItem && strconv.Itoa(n) == place || !isItem && t.tokens[i].key == step {
			return i
		}
		n++
	}
	return -1
}
