package casefile

import (
	"context"

	"github.com/servicerules/rulebook"
)

// Ready is a case with the rulebook that it is run against.
type Ready struct {
	Book *rulebook.Book
	*Case
}

// Run runs the case.
func (c Ready) Run(ctx context.Context) *Result { return Run(ctx, c.Book, c.Case) }

// ReadyOf are the cases of a file, about a rulebook; none of a file that is not
// sound. The error is that of Book.
func ReadyOf(name string, book *rulebook.Book, data []byte) ([]Ready, error) {
	f, _ := Parse(name, data)
	if f == nil {
		return nil, nil
	}
	book, err := Book(book, f)
	if err != nil {
		return nil, err
	}
	all := make([]Ready, len(f.Cases))
	for i, c := range f.Cases {
		all[i] = Ready{book, c}
	}
	return all, nil
}
