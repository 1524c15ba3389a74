package mutate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/testsize"
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

// Of the rulebooks that come with the library, no number, comparison, condition or
// reading can be changed without a case that fails, as far as a difference is found.
func TestCasesOfTheExamplesNoticeChanges(t *testing.T) {
	testsize.NotAtTheDesk(t)
	books := map[string]string{"../../rules.yaml": "../../examples/cases"}
	others, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	for _, name := range others {
		books[name] = strings.TrimSuffix(name, ".yaml") + "-cases"
	}
	require.Greater(t, len(books), 5)
	for name, dir := range books {
		t.Run(filepath.Base(name), func(t *testing.T) {
			book, err := rulebook.Load(name)
			require.NoError(t, err)
			files := casesIn(t, dir)
			results, err := mutate.Run(t.Context(), book, files, mutate.Options{
				Kinds: []mutate.Kind{mutate.Number, mutate.Comparison, mutate.Logic, mutate.Reading}, Tries: 300,
			})
			require.NoError(t, err)
			assert.NotEmpty(t, results)
			for _, r := range results {
				if r.Fate == mutate.Survived {
					t.Errorf("%s:%d %s: %q → %q: answered differently: %s %s", name, r.Span.Start.Line, r.Path, r.Old, r.New, r.Witness.Question, r.Witness.JSON())
				}
			}
		})
	}
}
