package plainwords

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A name that ends in 的 is not followed by another one.
func TestNamesThatEndAsTheyAreGoneOnWith(t *testing.T) {
	name := func(text string) Phrase { return Phrase{{Text: text}} }
	for want, got := range map[string]Phrase{
		"处理中按时的项数": put("%s的项数", name("处理中按时的")),
		"投诉的项数":    put("%s的项数", name("投诉")),
		"按时的和迟的":   put("%s和%s", name("按时的"), name("迟的")),
		"的项数":      put("的项数"),
	} {
		assert.Equal(t, want, got.String())
	}
}
