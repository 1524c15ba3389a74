package policy

import (
	"errors"
	"strings"
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

// MaxRefusals is how many reasons are told: facts may be wrong in any number of
// places.
const MaxRefusals = 100
