package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// What may be none is followed from the condition of a rule into its other
// expressions, and through branches.
func TestWhatIsNotGuarded(t *testing.T) {
	for holds, want := range map[string]int{
		"loan.excused":       0,
		"loan.back_at < due": 1,
		"loan.back_at != null and loan.back_at < due":       0,
		"loan.back_at == null ? false : loan.back_at < due": 0,
		"loan.back_at == null or loan.back_at < due":        0,
		"loan.back_at != null or loan.back_at < due":        1,
		"latest(loan.back_at, due) == due":                  1,
		"loan.back_at - loan.lent_at < hours(3)":            1,
		"loan.renewals < 3":                                 0, // absent is 0
	} {
		for when, guarded := range map[string]bool{"": false, "            when: loan.back_at != null and loan.lent_at != null\n": true} {
			text := strings.Replace(library(t), "            holds: loan.excused\n", when+"            holds: '"+holds+"'\n", 1)
			book, found := parse(text)
			require.NotNil(t, book, "%v", found)
			n := 0
			for _, d := range load.Unused(book) {
				if d.Code == "none_not_guarded" {
					n++
				}
			}
			if guarded {
				assert.Zero(t, n, "%s, under %s", holds, when)
			} else {
				assert.Equal(t, want, min(n, 1), holds)
			}
		}
	}
}

// Our own files are free of it.
func TestOurFilesAreGuarded(t *testing.T) {
	book, found := parse(library(t))
	require.NotNil(t, book, "%v", found)
	for _, d := range load.Unused(book) {
		assert.NotEqual(t, "none_not_guarded", d.Code, d)
	}
}
