package live

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// check loads a text, and says all that is wrong with it. The book is nil where
// it was refused.
func check(name string, text []byte) (*rulebook.Book, diagnostic.List) {
	book, err := rulebook.Parse(name, text)
	var found diagnostic.List
	if errors.As(err, &found) {
		return nil, found
	}
	return book, book.Warnings()
}
