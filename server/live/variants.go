package live

import (
	"slices"
	"strings"
	"sync"

	"github.com/servicerules/rulebook"
)

// Setting is the option of a reading that is asked for.
type Setting struct{ Key, Option string }

// variants are the books under other readings. Making one compiles rules,
// which takes milliseconds; those last used are kept.
type variants struct {
	mu    sync.Mutex
	books []variant // the latest first
}

type variant struct {
	key  string
	book *rulebook.Book
}

const keptVariants = 32

// With is the book under other readings; with none it is Book. The error is a
// *policy.ReadingError.
func (l *Loaded) With(settings []Setting) (*rulebook.Book, error) {
	if len(settings) == 0 {
		return l.Book, nil
	}
	key := keyOf(settings)
	l.variants.mu.Lock()
	defer l.variants.mu.Unlock()
	if i := slices.IndexFunc(l.variants.books, func(v variant) bool { return v.key == key }); i >= 0 {
		v := l.variants.books[i]
		copy(l.variants.books[1:i+1], l.variants.books[:i])
		l.variants.books[0] = v
		return v.book, nil
	}
	options := make([]rulebook.Option, len(settings))
	for i, s := range settings {
		options[i] = rulebook.Reading(s.Key, s.Option)
	}
	book, err := l.Book.With(options...)
	if err != nil {
		return nil, err
	}
	l.variants.books = slices.Insert(l.variants.books, 0, variant{key, book})
	if len(l.variants.books) > keptVariants {
		l.variants.books = slices.Delete(l.variants.books, keptVariants, len(l.variants.books))
	}
	return book, nil
}

func keyOf(settings []Setting) string {
	parts := make([]string, len(settings))
	for i, s := range settings {
		parts[i] = s.Key + "\x00" + s.Option
	}
	return strings.Join(parts, "\x01")
}
