package explain_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/explain"
)

// Every section of the page can be told in either language.
func TestPages(t *testing.T) {
	pages := explain.Pages()
	require.Greater(t, len(pages), 150)
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	before := ""
	for _, p := range pages {
		t.Run(p.Code, func(t *testing.T) {
			assert.Regexp(t, `^[a-z][a-z0-9_]*$`, p.Code)
			assert.Less(t, before, p.Code, "in order, each once")
			before = p.Code
			require.NotEmpty(t, len(p.Examples)+len(p.Said))
			for _, x := range p.Examples {
				assert.NotEmpty(t, x.Wrong)
				assert.NotEmpty(t, x.Right)
				assert.Contains(t, x.Said.EN, "["+p.Code+"]")
				assert.Contains(t, x.Said.ZH, "["+p.Code+"]")
				assert.Condition(t, func() bool { return contains(x.What.ZH, han) && !contains(x.What.EN, han) }, "%v", x.What)
			}
			for _, x := range append(p.Also, p.Said...) {
				assert.True(t, contains(x.ZH, han), "%v", x)
				assert.NotEmpty(t, x.EN)
			}
		})
	}
	_, ok := explain.Find("no_such_code")
	assert.False(t, ok)
	assert.Len(t, explain.Codes(), len(pages))
}

func contains(s string, is func(rune) bool) bool {
	for _, r := range s {
		if is(r) {
			return true
		}
	}
	return false
}
