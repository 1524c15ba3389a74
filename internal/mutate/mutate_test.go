package mutate_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/run"
)

func bakery(t testing.TB) (*rulebook.Book, []*casefile.File) {
	t.Helper()
	book, err := rulebook.Load("testdata/bakery.yaml")
	require.NoError(t, err)
	return book, casesIn(t, "testdata/cases")
}

// casesIn are the cases of a directory and of those below.
func casesIn(t testing.TB, dir string) []*casefile.File {
	t.Helper()
	var files []*casefile.File
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, found := casefile.Parse(name, data)
		require.Empty(t, found)
		files = append(files, f)
		return nil
	}))
	require.NotEmpty(t, files)
	return files
}

// What becomes of each of these is plain from the cases.
func TestPlantedChanges(t *testing.T) {
	book, files := bakery(t)
	results, err := mutate.Run(context.Background(), book, files, mutate.Options{Workers: 2, Tries: 3000})
	require.NoError(t, err)
	for _, want := range []struct {
		path, old, changed string
		fate               mutate.Fate
		by                 string
	}{
		{`full.met.grams_500`, "500", "501", mutate.Killed, "正好五百克是足量"},
		{`full.met.grams_500`, "500", "499", mutate.Killed, "少一克不是足量"},
		{`full.met.grams_500`, ">=", ">", mutate.Killed, "正好五百克是足量"},
		{`full.met.grams_400`, "400", "401", mutate.Survived, ""}, // no case has that reading
		{`weight.least".chosen`, "grams_500", "grams_400", mutate.Killed, "正好五百克是足量"},
		{`recall.when`, "100", "101", mutate.Survived, ""},
		{`recall.when`, "<", "<=", mutate.Survived, ""},
		{`sound.prohibited[0]`, "burnt", "", mutate.Killed, "烤焦"},
		{`sound.prohibited[1]`, "flat", "", mutate.Survived, ""},
		{`rows[0]`, "{where: {weight: below 500}, gives: {yuan: 5}}", "", mutate.Refused, "table_gap"},
		{`rows[1].gives.yuan`, "8", "9", mutate.Killed, "正好五百克是足量"},
		{`loaf.verdict.is`, "or", "and", mutate.Killed, "少一克不是足量"},
		{`size.is`, ">", ">=", mutate.Survived, ""},
		{`loaf.rules[0]`, "sound", "", mutate.Killed, "烤焦"},
		{`bagged.items.label`, "label: {done: .label}", "", mutate.Survived, ""},
		{`in_force.from`, "2020-01-01", "2020-01-02", mutate.Same, ""}, // the question is governed by no day
	} {
		found := false
		for _, r := range results {
			if strings.HasSuffix(r.Path, want.path) && r.Old == want.old && r.New == want.changed {
				found = true
				assert.Equal(t, want.fate, r.Fate, "%s %s → %s (%s)", want.path, want.old, want.changed, r.By)
				if want.by != "" {
					assert.Equal(t, want.by, r.By, want.path)
				}
			}
		}
		assert.True(t, found, "%s %s → %s was not planted", want.path, want.old, want.changed)
	}
}

// Ranks say an order alone: a change that leaves it is none.
func TestRanksThatKeepTheirOrder(t *testing.T) {
	book, err := rulebook.Load("../load/testdata/library.yaml")
	require.NoError(t, err)
	var changed []string
	for _, m := range mutate.Mutants(run.Of(book).Book()) {
		if path, ok := strings.CutSuffix(m.Path, ".rank"); ok {
			changed = append(changed, path[strings.LastIndex(path, ".")+1:]+" "+m.New)
		}
	}
	assert.Equal(t, []string{"slight 2", "grave 1", "slight 2", "warning 2", "letter 1", "grave 1"}, changed)
}

// A witness is asked again, and each side answers as was said.
func TestWitnessesAreTrue(t *testing.T) {
	book, files := bakery(t)
	results, err := mutate.Run(context.Background(), book, files, mutate.Options{})
	require.NoError(t, err)
	witnesses := 0
	for _, r := range results {
		if r.Witness == nil {
			continue
		}
		witnesses++
		changed, err := rulebook.Parse("changed", r.Apply(book.Rulebook().Source()))
		require.NoError(t, err)
		var options []rulebook.Option
		for _, s := range r.Witness.Readings {
			options = append(options, rulebook.Reading(s.Key, s.Option))
		}
		options = append(options, rulebook.AsOf(r.Witness.AsOf))
		a, errA := book.Ask(context.Background(), r.Witness.Question, r.Witness.JSON(), options...)
		b, errB := changed.Ask(context.Background(), r.Witness.Question, r.Witness.JSON(), options...)
		same := errA == nil && errB == nil && strings.Split(string(a.AppendJSON(nil, false)), `"rulebook"`)[0] == strings.Split(string(b.AppendJSON(nil, false)), `"rulebook"`)[0]
		assert.False(t, same, "%s %s → %s: %s", r.Path, r.Old, r.New, r.Witness.JSON())
	}
	assert.Positive(t, witnesses)
}

// Every change replaces what it says it does, and all of the rest stays.
func TestChangesAreMadeWhereTheySay(t *testing.T) {
	for _, name := range []string{"testdata/bakery.yaml", "../../rules.yaml"} {
		book, err := rulebook.Load(name)
		require.NoError(t, err)
		data := book.Rulebook().Source()
		mutants := mutate.Mutants(run.Of(book).Book())
		assert.NotEmpty(t, mutants)
		for _, m := range mutants {
			changed := m.Apply(data)
			assert.NotEqual(t, string(data), string(changed), "%s %s → %s", m.Path, m.Old, m.New)
			if m.New != "" && m.Within != "" {
				assert.Equal(t, len(data)-len(m.Old)+len(m.New), len(changed), "%s %s → %s", m.Path, m.Old, m.New)
			}
			assert.NotEmpty(t, m.Questions())
		}
	}
}

func TestCasesThatFailAlready(t *testing.T) {
	book, files := bakery(t)
	other, err := book.With(rulebook.Reading("weight.least", "grams_400"))
	require.NoError(t, err)
	_, err = mutate.Run(context.Background(), other, files, mutate.Options{})
	var fail *mutate.CasesFailError
	require.ErrorAs(t, err, &fail)
	assert.Contains(t, fail.Names, "少一克不是足量")
}
