package source_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/source"
)

// What Join makes of files, Split takes apart again, whatever stands in them:
// a line that looks like a mark becomes one of a document, and no other.
func TestSplitUndoesJoin(t *testing.T) {
	line := rapid.SampledFrom([]string{"a: 1\n", "\n", "--- # file: b.yaml\n", "--- # rulebook of several files\n", "---\n", " --- # file: c\n", "x: >-\n  --- # file: d\n", "b: 2\r\n"})
	rapid.Check(t, func(t *rapid.T) {
		var files []source.File
		for i := range rapid.IntRange(1, 4).Draw(t, "files") {
			f := source.File{Text: []byte(strings.Join(rapid.SliceOfN(line, 0, 6).Draw(t, "lines"), ""))}
			if i > 0 {
				f.Path = fmt.Sprintf("f%d.yaml", i)
			}
			files = append(files, f)
		}
		text := source.Join(files)
		require.True(t, source.Joined(text))
		got := source.Split(text)
		require.Len(t, got, len(files))
		for i, f := range files {
			want := strings.ReplaceAll("\n"+string(f.Text), "\n--- # file: ", "\n---  # file: ")[1:]
			if !strings.HasSuffix(want, "\n") {
				want += "\n"
			}
			require.Equal(t, f.Path, got[i].Path)
			require.Equal(t, want, string(got[i].Text))
			at := source.Offsets(text, got)[i]
			require.Equal(t, want, string(text[at:at+len(want)]))
		}
		require.Equal(t, text, source.Join(got), "and joined again it is the same")
	})
}

func TestAnyOtherTextIsOneFile(t *testing.T) {
	for _, text := range []string{"", "a: 1", "---\na: 1\n", "--- # file: b.yaml\na: 1\n"} {
		assert.Equal(t, []source.File{{Text: []byte(text)}}, source.Split([]byte(text)))
	}
}

func TestPathsBelow(t *testing.T) {
	for path, want := range map[string]bool{
		"words.yaml": true, "a/b/c.yml": true, "规则/词表.yaml": true, "..words.yaml": true, "a b.yaml": true,
		"": false, ".": false, "../words.yaml": false, "a/../words.yaml": false, "./words.yaml": false, "/etc/words.yaml": false, "a//b.yaml": false,
		`a\b.yaml`: false, "c:words.yaml": false, "words.txt": false, "words.yaml/": false, "a\nb.yaml": false, "a\x00.yaml": false, ".yaml": false,
		strings.Repeat("a", 195) + ".yaml": true, strings.Repeat("a", 196) + ".yaml": false,
	} {
		assert.Equal(t, want, source.IsPathBelow(path), "%q", path)
	}
}

// Only what is named is read, once each; of what cannot be read the path is
// known, so that it can be waited for.
func TestGather(t *testing.T) {
	files := fstest.MapFS{
		"books/rules.yaml": {Data: []byte("include: [words.yaml, sub/facts.yaml, absent.yaml, ../secret.yaml, words.yaml, dir.yaml]\na: 1\n")},
		"books/words.yaml": {Data: []byte("include: [never.yaml]\n")}, "books/never.yaml": {Data: []byte("x: 1\n")},
		"books/sub/facts.yaml": {Data: []byte("facts: {}")}, "secret.yaml": {Data: []byte("s: 1\n")}, "books/dir.yaml/x.yaml": {Data: []byte("d: 1\n")},
	}
	text, paths, err := source.ReadRulesFS(files, "books/rules.yaml")
	require.NoError(t, err)
	assert.Equal(t, []string{"words.yaml", "sub/facts.yaml", "absent.yaml", "dir.yaml"}, paths)
	var names []string
	for _, f := range source.Split(text) {
		names = append(names, f.Path)
	}
	assert.Equal(t, []string{"", "words.yaml", "sub/facts.yaml"}, names)

	again, none := source.Gather(text, func(string) ([]byte, error) { panic("nothing is read") })
	assert.Equal(t, text, again)
	assert.Empty(t, none)
	alone, none := source.Gather([]byte("a: 1"), func(string) ([]byte, error) { panic("nothing is read") })
	assert.Equal(t, "a: 1", string(alone))
	assert.Empty(t, none)
}

// What is read is bounded, however much is named.
func TestGatherIsBounded(t *testing.T) {
	var main strings.Builder
	main.WriteString("include:\n")
	for i := range 2 * source.MaxFiles {
		fmt.Fprintf(&main, "  - f%d.yaml\n", i)
	}
	read := 0
	text, _ := source.Gather([]byte(main.String()), func(string) ([]byte, error) { read++; return []byte("a: 1\n"), nil })
	assert.LessOrEqual(t, read, source.MaxFiles)
	assert.Greater(t, len(source.Split(text)), source.MaxFiles, "enough to be refused")

	read = 0
	large := []byte("# " + strings.Repeat("x", source.MaxBytes/2))
	text, _ = source.Gather([]byte(main.String()), func(string) ([]byte, error) { read++; return large, nil })
	assert.LessOrEqual(t, read, 3)
	assert.Greater(t, len(text), source.MaxBytes, "enough to be refused")
}

// No link leads out of the folder of the main file; a pipe is not waited for.
func TestNoLinkLeadsOut(t *testing.T) {
	outer := t.TempDir()
	folder := filepath.Join(outer, "books")
	require.NoError(t, os.Mkdir(folder, 0o755))
	put := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	put(filepath.Join(outer, "secret.yaml"), "s: 1\n")
	put(filepath.Join(folder, "inner.yaml"), "i: 1\n")
	put(filepath.Join(folder, "rules.yaml"), "include: [out.yaml, in.yaml]\n")
	if err := os.Symlink(filepath.Join("..", "secret.yaml"), filepath.Join(folder, "out.yaml")); err != nil {
		t.Skip("this system makes no links")
	}
	require.NoError(t, os.Symlink("inner.yaml", filepath.Join(folder, "in.yaml")))
	text, paths, err := source.ReadRules(filepath.Join(folder, "rules.yaml"))
	require.NoError(t, err)
	assert.Equal(t, []string{"out.yaml", "in.yaml"}, paths)
	require.Len(t, source.Split(text), 2)
	assert.Equal(t, "i: 1\n", string(source.Split(text)[1].Text))

	_, _, err = source.ReadRules(filepath.Join(folder, "absent.yaml"))
	var path *os.PathError
	require.ErrorAs(t, err, &path)
}
