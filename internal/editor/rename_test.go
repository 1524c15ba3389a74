package editor

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
)

// Whatever has a name can be given another one in a book and its cases: the
// same cases pass, and both are the same text again when the name is given
// back. A few are refused, which changes nothing: words that the engine itself
// gives or reads, fields that alone keep one of the same name from being unused,
// and what the cases name in ways that are not followed. RULEBOOK_RENAME=all
// tries every name of the example books, which takes two minutes.
func TestRenameWithCases(t *testing.T) {
	books := []string{"../../examples/rulebooks/support-contract.yaml"}
	every := 11
	if os.Getenv("RULEBOOK_RENAME") == "all" {
		books, _ = filepath.Glob("../../examples/rulebooks/*.yaml")
		every = 1
	}
	for _, path := range books {
		renameAll(t, path, strings.TrimSuffix(path, ".yaml")+"-cases", every)
	}
}

func renameAll(t *testing.T, path, cases string, every int) {
	t.Helper()
	rules, err := os.ReadFile(path)
	require.NoError(t, err)
	p := Open(string(rules), nil, nil)
	require.NotNil(t, p.Book())
	before, err := rulebook.Parse("rules.yaml", p.All())
	require.NoError(t, err)
	files := map[string]*Text{}
	require.NoError(t, filepath.WalkDir(cases, func(name string, _ os.DirEntry, err error) error {
		if filepath.Ext(name) == ".yaml" {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			files[name] = NewText(string(data))
		}
		return err
	}))
	done, refused := 0, 0
	defer func() { assert.Less(t, refused*5, done, "%s: %d refused", path, refused) }()
	for i, s := range p.known().all {
		if !p.CanRename(s) || len(p.References(s, true)) == 0 || i%every > 0 {
			continue
		}
		if s.Kind == WordList && len(p.References(s, false)) == 0 {
			continue // the engine's own words look there, under that name alone
		}
		name := "renamed_" + strconv.Itoa(i)
		edits, err := p.Rename(s, name)
		var why *RenameError
		if errors.As(err, &why) {
			refused++
			t.Log("refused: ", s.Kind, s.ID, why)
			continue
		}
		require.NoError(t, err)
		done++
		now := p.With(edits)
		after, err := rulebook.Parse("rules.yaml", now.All())
		require.NoError(t, err)
		var again *Symbol
		for _, x := range now.known().all {
			if x.Kind == s.Kind && x.Name == name {
				again = x
			}
		}
		require.NotNil(t, again, "%s %s", s.Kind, s.ID)
		for file, text := range files {
			changed := text.Edited(p.RenameInCases(s, name, now, text))
			was, is := failing(t, before, text), failing(t, after, changed)
			if !slices.Equal(was, is) { // the command refuses it
				refused++
				break
			}
			back := changed.Edited(now.RenameInCases(again, s.Name, p, changed))
			assert.Equal(t, text.String(), back.String(), "%s: %s %s in %s", path, s.Kind, s.ID, file)
		}
	}
}

// failing are the places of cases that do not pass.
func failing(t *testing.T, book *rulebook.Book, text *Text) (places []string) {
	t.Helper()
	f, found := casefile.Parse("", []byte(text.String()))
	require.NotNil(t, f, "%v", found)
	book, err := casefile.Book(book, f)
	require.NoError(t, err)
	for _, c := range f.Cases {
		if r := casefile.Run(t.Context(), book, c); !r.Passed() {
			places = append(places, strconv.Itoa(c.Span.Start.Line)+": "+r.Mismatches[0].String())
		}
	}
	return places
}
