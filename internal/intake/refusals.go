package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// Refusals are the reasons for which facts are refused, as they are found.
type Refusals struct {
	list []*policy.FactError
	more int // that are not told
}

// add adds a reason, unless it is the one before once more.
func (r *Refusals) add(e *policy.FactError) {
	if n := len(r.list); n > 0 && *r.list[n-1] == *e {
		return
	}
	if len(r.list) >= policy.MaxRefusals {
		r.more++
		return
	}
	r.list = append(r.list, e)
}

// None reports whether there is no reason.
func (r *Refusals) None() bool { return len(r.list) == 0 }

// inItem says of the reasons from the given one on that they are about an item
// of a list, whose items were all called list[] when they were found.
func (r *Refusals) inItem(from int, list string, item int) {
	for _, e := range r.list[from:] {
		if rest, ok := strings.CutPrefix(e.Fact, list+"[]"); ok {
			e.Fact = fmt.Sprintf("%s[%d]%s", list, item, rest)
		}
	}
}

// Err is the reasons, nil for none.
func (r *Refusals) Err() error {
	slices.SortStableFunc(r.list, func(a, b *policy.FactError) int { return comparePositions(a.Span.Start, b.Span.Start) })
	if r.more > 0 {
		r.list = append(r.list, policy.NewFactError("too_many_errors", "", diagnostic.Textf("另有 %d 处错误未列出", "%d more are wrong", r.more), diagnostic.Textf("先改正以上各处", "mend those above first")))
	}
	switch len(r.list) {
	case 0:
		return nil
	case 1:
		return r.list[0]
	}
	return policy.FactErrors(r.list)
}

func comparePositions(a, b diagnostic.Position) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
