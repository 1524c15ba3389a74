package rulebook_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

const (
	mainFile = `rulebook: {id: kiosk, title: {zh: 小卖部, en: Kiosk}, zone: UTC, in_force: {from: 2020-01-01}}
include: [words.yaml, parts/rules.yaml]
facts: {cup: {zh: 杯, en: cup, type: word, words: size}}
questions:
  cup: {zh: 杯, en: cup, facts: [cup], rules: [small_cup], verdict: {is: cup, words: size}, values: {}}
`
	wordsFile = "words: {size: {small: {zh: 小, en: small}, large: {zh: 大, en: large}}, breach: {too_big: {zh: 过大, en: too big}}}\n"
	rulesFile = `regulations:
  rules:
    zh: 规则
    en: Rules
    articles:
      "1":
        nature: duty
        title: {zh: 杯, en: Cups}
        text: {zh: 用小杯, en: cups are small}
        duties: {small_cup: {zh: 小杯, en: a small cup, met: cup == "small", breach: too_big}}
`
)

// A book of several files is loaded from disk, from a file system and from its
// own text, and is the same each time.
func TestBookOfSeveralFiles(t *testing.T) {
	files := fstest.MapFS{
		"book/main.yaml": {Data: []byte(mainFile)}, "book/words.yaml": {Data: []byte(wordsFile)}, "book/parts/rules.yaml": {Data: []byte(rulesFile)},
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, files))
	path := filepath.Join(dir, "book", "main.yaml")
	disk, err := rulebook.Load(path)
	require.NoError(t, err)
	embedded, err := rulebook.LoadFS(files, "book/main.yaml")
	require.NoError(t, err)
	text, err := rulebook.Parse("kept", disk.Rulebook().Source())
	require.NoError(t, err)
	for _, b := range []*rulebook.Book{disk, embedded, text} {
		assert.Equal(t, disk.Rulebook().SHA256, b.Rulebook().SHA256)
		answer, err := b.Ask(t.Context(), "cup", `{"cup":"large"}`)
		require.NoError(t, err)
		assert.Equal(t, "large", answer.Verdict)
		require.Len(t, answer.Breaches, 1)
		assert.Equal(t, disk.Rulebook().SHA256, answer.Rulebook.SHA256)
	}
	var names []string
	for _, f := range disk.Rulebook().Files() {
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{path, filepath.Join(dir, "book", "words.yaml"), filepath.Join(dir, "book", "parts", "rules.yaml")}, names)

	_, err = rulebook.Parse("main.yaml", []byte(mainFile))
	var found diagnostic.List
	require.ErrorAs(t, err, &found)
	assert.Equal(t, "files_not_at_hand", found[0].Code)

	files["book/words.yaml"] = &fstest.MapFile{Data: []byte(wordsFile + "# changed\n")}
	changed, err := rulebook.LoadFS(files, "book/main.yaml")
	require.NoError(t, err)
	assert.NotEqual(t, disk.Rulebook().SHA256, changed.Rulebook().SHA256)

	delete(files, "book/words.yaml")
	_, err = rulebook.LoadFS(files, "book/main.yaml")
	require.ErrorAs(t, err, &found)
	require.Len(t, found, 1)
	assert.Equal(t, "file_missing", found[0].Code)
	assert.Equal(t, "book/main.yaml:2:11", filepath.ToSlash(found[0].Span.String()))
	_, err = rulebook.LoadFS(files, "absent.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
}
