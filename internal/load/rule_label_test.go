package load_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// A rule without a label is called as its article is titled; with one language
// of two it is a mistake.
func TestRuleWithoutLabel(t *testing.T) {
	data, err := os.ReadFile("testdata/library.yaml")
	require.NoError(t, err)
	const labelled = "          apology:\n            zh: 已道歉\n            en: apologised\n"
	require.Contains(t, string(data), labelled)
	book, found := load.Parse("library.yaml", []byte(strings.Replace(string(data), labelled, "          apology:\n", 1)))
	require.NotNil(t, book, found)
	rule := book.RulesByName["apology"]
	assert.Equal(t, rule.Article.Title, rule.Label)
	book, _ = load.Parse("library.yaml", []byte(strings.Replace(string(data), "            zh: 已道歉\n", "", 1)))
	assert.Nil(t, book)
}
