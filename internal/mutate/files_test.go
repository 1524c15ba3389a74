package mutate_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/run"
)

// A rulebook of two files has the changes that it has as one, each in its file.
func TestChangesInSeveralFiles(t *testing.T) {
	data, err := os.ReadFile("testdata/bakery.yaml")
	require.NoError(t, err)
	main, rules, found := strings.Cut(string(data), "\nregulations:\n")
	require.True(t, found)
	rules = "regulations:\n" + rules
	if i := strings.Index(rules, "\nreview:\n"); i >= 0 {
		main, rules = main+rules[i:], rules[:i+1]
	}
	book, err := rulebook.LoadFS(fstest.MapFS{
		"main.yaml": {Data: []byte(main + "\ninclude: [rules.yaml]\n")}, "rules.yaml": {Data: []byte(rules)},
	}, "main.yaml")
	require.NoError(t, err)
	one, _ := bakery(t)
	changes := func(b *rulebook.Book) (all []string) {
		text := b.Rulebook().Source()
		for _, m := range mutate.Mutants(run.Of(b).Book()) {
			all = append(all, m.Path+" "+m.Old+" "+m.New)
			assert.NotEqual(t, string(text), string(m.Apply(text)))
			if strings.HasPrefix(m.Path, "regulations.") && b != one {
				assert.Equal(t, "rules.yaml", m.Span.File)
			}
		}
		slices.Sort(all)
		return all
	}
	assert.Equal(t, changes(one), changes(book))
}
