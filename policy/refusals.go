package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// FactErrors says why facts were refused, where there are several reasons: all
// of them, in the order of the text that the facts came in, of the fields of a
// struct or of the columns. [errors.As] finds the first as a *FactError.
type FactErrors []*FactError

// Error is the refusals in English, one a line.
func (l FactErrors) Error() string { return l.In("en") }

// In is the refusals in the given language, one a line.
func (l FactErrors) In(lang string) string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Unwrap is the refusals, for package errors.
func (l FactErrors) Unwrap() []error {
	all := make([]error, len(l))
	for i, e := range l {
		all[i] = e
	}
	return all
}

// RefusedFacts are all reasons for which facts were refused: those of
// [FactErrors], or a single *FactError; none where the error is another.
func RefusedFacts(err error) []*FactError {
	var all FactErrors
	if errors.As(err, &all) {
		return all
	}
	var one *FactError
	if errors.As(err, &one) {
		return []*FactError{one}
	}
	return nil
}

// maxRefusals is how many reasons are told: facts may be wrong in any number of
// places.
const maxRefusals = 100

// refusals are the reasons for which facts are refused, as they are found.
type refusals struct {
	list []*FactError
	more int // that are not told
}

// add adds a reason, unless it is the one before once more.
func (r *refusals) add(e *FactError) {
	if n := len(r.list); n > 0 && *r.list[n-1] == *e {
		return
	}
	if len(r.list) >= maxRefusals {
		r.more++
		return
	}
	r.list = append(r.list, e)
}

// inItem says of the reasons from the given one on that they are about an item
// of a list, whose items were all called list[] when they were found.
func (r *refusals) inItem(from int, list string, item int) {
	for _, e := range r.list[from:] {
		if rest, ok := strings.CutPrefix(e.Fact, list+"[]"); ok {
			e.Fact = fmt.Sprintf("%s[%d]%s", list, item, rest)
		}
	}
}

// err is the reasons, nil for none.
func (r *refusals) err() error {
	slices.SortStableFunc(r.list, func(a, b *FactError) int { return comparePositions(a.Span.Start, b.Span.Start) })
	if r.more > 0 {
		r.list = append(r.list, factError("too_many_errors", "", diagnostic.Textf("另有 %d 处错误未列出", "%d more are wrong", r.more), diagnostic.Textf("先改正以上各处", "mend those above first")))
	}
	switch len(r.list) {
	case 0:
		return nil
	case 1:
		return r.list[0]
	}
	return FactErrors(r.list)
}

func comparePositions(a, b diagnostic.Position) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
