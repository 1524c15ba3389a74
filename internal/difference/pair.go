package difference

import (
	"context"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/probe"
)

// Pair is two books that are asked the same, one asking after the other.
type Pair struct{ before, after *variants }

// PairOf is for the book that was asked and another one beside it.
func PairOf(old, changed *rulebook.Book) *Pair {
	return &Pair{variantsOf(old), variantsOf(changed)}
}

// Ask asks both books, as of the moment and under the readings of the asking, and
// tells what differs in their answers; nothing where they are alike. asked is false
// where neither takes the facts, or the context has ended.
func (p *Pair) Ask(ctx context.Context, a Asking) (differences []probe.Difference, asked bool) {
	was, is := p.before.ask(ctx, a), p.after.ask(ctx, a)
	if was.refused && is.refused || ctx.Err() != nil {
		return nil, false
	}
	return probe.Compare(was.parts, is.parts), true
}

// Outcomes are those of some differences that say how the verdict differs, or why
// there is none: what may be told to who may not see what answers say of people.
func Outcomes(all []probe.Difference) (outcomes []probe.Difference) {
	for _, d := range all {
		if d.Part == "verdict" || d.Part == "error" {
			outcomes = append(outcomes, d)
		}
	}
	return outcomes
}
