package proptest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// Rulebooks put together at random have much that nothing uses; each finding
// has its place and its words, and is a warning.
func TestUnusedOfRandomBooks(t *testing.T) {
	valid, codes := 0, map[string]bool{}
	for seed := range uint64(40) {
		text := newRandomBook(rand.New(rand.NewPCG(seed, 9))).text()
		book, err := rulebook.Parse("random.yaml", []byte(text))
		if err != nil {
			continue
		}
		valid++
		for _, d := range book.Unused() {
			codes[d.Code] = true
			assert.Equal(t, diagnostic.Warning, d.Severity)
			assert.Positive(t, d.Span.Start.Line)
			for _, x := range []diagnostic.Text{d.Message, d.Remedy} {
				assert.NotEmpty(t, x.ZH)
				assert.NotEmpty(t, x.EN)
			}
		}
	}
	require.Greater(t, valid, 30)
	assert.True(t, codes["unused_fact"] && codes["review_missing"], "%v", codes)
}
