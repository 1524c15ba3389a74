package console

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever verifying may find has words in both languages.
func TestDamageHasWords(t *testing.T) {
	files, err := filepath.Glob("../record/*.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		all.Write(data)
	}
	found := regexp.MustCompile(`(?m)^\s+Damage\w+\s+= "(\w+)"`).FindAllStringSubmatch(all.String(), -1)
	assert.Len(t, found, len(damageTexts))
	for _, m := range found {
		assert.Regexp(t, `\p{Han}`, damageTexts[m[1]].ZH, m[1])
		assert.NotEmpty(t, damageTexts[m[1]].EN, m[1])
	}
}
