package console

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/live"
)

// books are the rulebook under other readings, as the switches of a page try
// them. Each takes milliseconds to make and about a megabyte to keep, so the
// ones last used are kept; they are apart from those of the interface, which
// somebody else is waiting for.
type books struct {
	mu    sync.Mutex
	rules *live.Loaded // that they were made of
	made  []variant    // the one last used first
}

type variant struct {
	key  string
	book func() (*rulebook.Book, error)
}

const keptBooks = 48

func newBooks() *books { return &books{} }

// with is the rulebook under other readings.
func (b *books) with(rules *live.Loaded, settings []live.Setting) (*rulebook.Book, error) {
	if len(settings) == 0 {
		return rules.Book, nil
	}
	var key strings.Builder
	options := make([]rulebook.Option, len(settings))
	for i, s := range settings {
		key.WriteString(s.Key + "\x00" + s.Option + "\x00")
		options[i] = rulebook.Reading(s.Key, s.Option)
	}
	return b.find(rules, key.String(), options).book()
}

func (b *books) find(rules *live.Loaded, key string, options []rulebook.Option) variant {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rules != rules {
		b.rules, b.made = rules, nil
	}
	i := slices.IndexFunc(b.made, func(v variant) bool { return v.key == key })
	if i < 0 {
		i = len(b.made)
		b.made = append(b.made, variant{key, sync.OnceValues(func() (*rulebook.Book, error) { return rules.Book.With(options...) })})
	}
	v := b.made[i]
	b.made = slices.Insert(slices.Delete(b.made, i, i+1), 0, v)
	if len(b.made) > keptBooks {
		b.made = slices.Delete(b.made, keptBooks, len(b.made))
	}
	return v
}

// turns bound how many pages try other readings at once: each asks dozens of
// times.
type turns chan struct{}

func (t turns) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turns) give() { <-t }

// former are rulebooks that decided something before, as decisions on record
// are shown with them.
type former struct {
	mu    sync.Mutex
	books []formerBook // the one last used first
}

type formerBook struct {
	sha256 string
	book   func() (*rulebook.Book, error)
}

const keptFormer = 8

func (f *former) book(sha256 string, load func() (*rulebook.Book, error)) (*rulebook.Book, error) {
	f.mu.Lock()
	i := slices.IndexFunc(f.books, func(b formerBook) bool { return b.sha256 == sha256 })
	if i < 0 {
		f.books = slices.Insert(f.books, 0, formerBook{sha256, sync.OnceValues(load)})
		i = 0
		if len(f.books) > keptFormer {
			f.books = slices.Delete(f.books, keptFormer, len(f.books))
		}
	}
	b := f.books[i]
	f.mu.Unlock()
	book, err := b.book()
	if err != nil { // not kept: it may be read another time
		f.mu.Lock()
		f.books = slices.DeleteFunc(f.books, func(x formerBook) bool { return x.sha256 == sha256 })
		f.mu.Unlock()
	}
	return book, err
}
