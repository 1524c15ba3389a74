package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// A name and a text may name a person unless the book says otherwise, also within
// records and lists; nothing else does.
func TestPersonalFacts(t *testing.T) {
	personal := func(text string) map[string]bool {
		book, err := rulebook.Parse("library.yaml", []byte(text))
		require.NoError(t, err)
		found := map[string]bool{}
		var walk func(f *policy.Fact)
		walk = func(f *policy.Fact) {
			found[f.Path] = f.Personal
			for _, x := range f.Fields {
				walk(x)
			}
			if f.Elem != nil {
				walk(f.Elem)
			}
		}
		for _, f := range book.Rulebook().Facts {
			walk(f)
		}
		return found
	}
	const reader = "reader: {zh: 读者, en: reader, type: name"
	text := library(t)
	require.Contains(t, text, reader)
	usual := personal(text)
	assert.True(t, usual["reader"] && usual["staff[].id"], usual)
	assert.False(t, usual["staff"] || usual["staff[]"] || usual["loan.kind"] || usual["visitors"], usual)
	for value, want := range map[string]bool{"true": true, "false": false} {
		assert.Equal(t, want, personal(strings.Replace(text, reader, reader+", personal: "+value, 1))["reader"], value)
	}
}
