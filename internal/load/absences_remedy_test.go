package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/load"
)

// Of a date that may always exist it is told how to say so, and that works. Of an
// event, and where it is written what absence means, the guard alone is told.
func TestWhatAlwaysExistsIsSaidToBe(t *testing.T) {
	for _, x := range []struct{ declared, fact, blocks, path string }{
		{"lent on, type: date}", "lent on, type: date", "lent_on > 2020-01-01", "lent_on"},
		{"came, type: moment}", "came, type: moment", "any(staff, .came_at > 2020-01-01T00:00:00Z)", "staff[].came_at"},
		{"lent on, type: date}", "lent on, type: date, event: true", "lent_on > 2020-01-01", ""},
		{"lent on, type: date}", "lent on, type: date, if_absent: none", "lent_on > 2020-01-01", ""},
		{"lent on, type: date}", "lent on, type: date, if_null: none", "lent_on > 2020-01-01", ""},
	} {
		change := func(declared string) diagnostic.List {
			text := strings.Replace(library(t), x.declared, declared+"}", 1)
			text = strings.Replace(text, "blocks_if: grade == \"grave\"", "blocks_if: "+x.blocks+" and grade == \"grave\"", 1)
			book, found := parse(text)
			require.NotNil(t, book, "%v", found)
			return load.Unused(book)
		}
		found := change(x.fact)
		require.Len(t, found, 1, x.fact)
		require.Equal(t, "none_not_guarded", found[0].Code)
		if x.path == "" {
			assert.NotContains(t, found[0].Remedy.EN, "if_absent", x.fact)
			continue
		}
		assert.Contains(t, found[0].Remedy.EN, "write if_absent: unknown at the fact "+x.path)
		assert.Contains(t, found[0].Remedy.ZH, "在事实 "+x.path+" 处写 if_absent: unknown")
		assert.Empty(t, change(x.fact+", if_absent: unknown"), x.path)
	}
}
