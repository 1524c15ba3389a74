package rulebook_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

func BenchmarkLoad(b *testing.B) {
	data, err := os.ReadFile("rules.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := rulebook.Parse("rules.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAsk(b *testing.B) {
	book, err := rulebook.Default()
	if err != nil {
		b.Fatal(err)
	}
	facts, err := book.Check("time_limit.request", []byte(`{"request":{"kind":"install","area_type":"urban",
		"papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-16T10:00:00+08:00"}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := book.Ask(b.Context(), "time_limit.request", facts); err != nil {
			b.Fatal(err)
		}
	}
}

// An argument of a reading that its rules cannot use is refused before
// anything is asked, and says why.
func TestReadingWithAnImpossibleArgument(t *testing.T) {
	book := mustDefault()
	for option, want := range map[string]string{
		"factors.fine_effect multiply:0":         "the factor 0 is less than 1",
		"factors.fine_effect multiply":           "option multiply needs an argument",
		"factors.fine_effect scale_step:2":       "option scale_step takes no argument",
		"period.end_of_day business_close:00:00": "a day cannot be over at 00:00",
		"period.end_of_day business_close:25:00": "cannot be the argument of option business_close",
		"extension.max working_days:0":           "0 is less than 1",
		"extension.max times:0":                  "0 is less than 1",
		"extension.max times:1000001":            "cannot be the argument of option times",
		"extension.approver hall_manager,clerk":  `there is no option "clerk"`,
		"extension.approvers hall_manager":       `there is no reading "extension.approvers"`,
		"ladder.hall_boundary ge4":               `there is no option "ge4"`,
	} {
		key, option, _ := strings.Cut(option, " ")
		with, err := book.With(rulebook.Reading(key, option))
		var refused *policy.ReadingError
		require.ErrorAs(t, err, &refused, option)
		assert.Nil(t, with)
		assert.Equal(t, key+" "+option, refused.Key+" "+refused.Option)
		assert.Contains(t, err.Error(), want)
		assert.NotEmpty(t, refused.Message.ZH)
		assert.NotEmpty(t, refused.Remedy.ZH)
		_, err = book.Ask(t.Context(), "accountability.fine", []byte("{}"), rulebook.Reading(key, option))
		assert.ErrorAs(t, err, &refused)
	}
}

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
