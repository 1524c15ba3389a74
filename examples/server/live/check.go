package live

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/policy/diagnostic"
)

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Check is every finding of a draft, errors and warnings; nothing is kept.
func Check(name string, text []byte) diagnostic.List {
	_, found := policy.Parse(name, text, rulebook.Forms())
	return found
}

func check(name string, text []byte) (*rulebook.Book, diagnostic.List) {
	book, err := rulebook.Parse(name, text)
	var found diagnostic.List
	if errors.As(err, &found) {
		return nil, found
	}
	return book, book.Warnings()
}
