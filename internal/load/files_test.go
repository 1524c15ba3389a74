package load_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
)

var topLevel = regexp.MustCompile(`(?m)^(calendars|words|facts|must|readings|regulations|questions):`)

// spread moves the sections of a file into files of their own, and says where
// each line went.
func spread(text string) (files []beside, where func(diagnostic.Position) (string, int)) {
	type piece struct {
		path        string
		first, last int // lines in the text
		moved       int // line in the file
	}
	lines := strings.SplitAfter(text, "\n")
	var pieces []piece
	files = []beside{{}}
	at, now, end := map[string]int{}, 0, ""
	for i, line := range lines {
		if strings.HasPrefix(line, "# accepted: review_missing") { // it is about the end of the main file
			end, line = line, ""
		}
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			now = 0
			if m := topLevel.FindStringSubmatch(line); m != nil {
				path := "parts/" + m[1] + ".yaml"
				if _, known := at[path]; !known {
					at[path] = len(files)
					files = append(files, beside{Path: path})
				}
				now = at[path]
			}
		}
		f := &files[now]
		pieces = append(pieces, piece{f.Path, i + 1, i + 1, strings.Count(f.Text, "\n") + 1})
		f.Text += line
	}
	var include []string
	for _, f := range files[1:] {
		include = append(include, f.Path)
	}
	files[0].Text += fmt.Sprintf("\ninclude: [%s]\n", strings.Join(include, ", ")) + end
	return files, func(p diagnostic.Position) (string, int) {
		x := pieces[min(max(p.Line, 1), len(pieces))-1]
		return source.NameOf("library.yaml", x.path), x.moved
	}
}

// A rulebook of several files is the same as that of one: the same rules in the
// same order, and their text.
func TestSeveralFilesAreOneBook(t *testing.T) {
	one, found := parse(library(t))
	require.NotNil(t, one, "%v", found)
	files, _ := spread(library(t))
	require.Greater(t, len(files), 5)
	several, found := parse(joined(files))
	require.NotNil(t, several, "%v", found)
	require.Empty(t, found)
	assert.NotEqual(t, one.SHA256, several.SHA256)
	require.Len(t, several.AllRules, len(one.AllRules))
	for i, r := range one.AllRules {
		assert.Equal(t, r.ID, several.AllRules[i].ID)
		assert.Equal(t, one.Excerpt(r.Rule), several.Excerpt(several.AllRules[i].Rule))
	}
	assert.Equal(t, one.QuestionIDs(), several.QuestionIDs())
	assert.Equal(t, one.CalendarNames(), several.CalendarNames())
	assert.Len(t, several.Files(), len(files))

	again, found := load.Parse("other.yaml", several.Source())
	require.NotNil(t, again, "%v", found)
	assert.Equal(t, several.SHA256, again.SHA256, "its text loads as it does")
	files[1].Text += "# a remark\n"
	changed, _ := parse(joined(files))
	assert.NotEqual(t, several.SHA256, changed.SHA256, "the hash covers every file")
}

// Every mistake is found in a file of its own as it is in one file: the same
// finding, in the file and on the line to which its text was moved.
func TestMistakesInSeveralFiles(t *testing.T) {
	rules, tried := library(t), 0
	for i, m := range mistakes(t) {
		text, _ := m.apply(t, rules)
		if i%sample() > 0 || len(m.Files) > 0 || strings.Contains(m.With, "include:") || m.code == "review_missing" {
			continue
		}
		if root, _ := source.Parse("", []byte(text)); root == nil {
			continue // it is no YAML, and files of it would be other files
		}
		files, where := spread(text)
		want := all(parse(text))
		if slices.ContainsFunc(want, func(d diagnostic.Diagnostic) bool { return d.Code == "file_cut_off" }) {
			continue // where there are several files, there is no telling
		}
		for i := range want {
			var line int
			s := &want[i].Span
			s.File, line = where(s.Start)
			s.End.Line += line - s.Start.Line
			s.Start.Line = line
		}
		got := all(parse(joined(files)))
		tried++
		assert.Equal(t, told(want), told(got), "%s/%s", m.code, m.What)
	}
	assert.Greater(t, tried, testsize.Pick(8, 40, 40))
}

// sample is of how many mistakes one is tried in other files than its own: each of
// them is tried in its own, and RULEBOOK_TESTS=all tries all here, too.
func sample() int { return testsize.Pick(15, 3, 1) }

// all is everything that is found in a book.
func all(book *checked.Book, found diagnostic.List) diagnostic.List {
	if book != nil {
		found = append(found, load.Unused(book)...)
	}
	return found
}

// told are findings in an order that does not depend on the names of files.
func told(found diagnostic.List) []string {
	lines := make([]string, len(found))
	for i, d := range found {
		lines[i] = fmt.Sprint(d.In("en"), d.Span.End)
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(a, b) })
	return lines
}

// Files together are bounded as one is.
func TestFilesTogetherAreBounded(t *testing.T) {
	main := beside{"", library(t) + "\ninclude: [a.yaml, b.yaml]\n"}
	filler := "# " + strings.Repeat("x", source.MaxBytes/2) + "\n"
	for code, files := range map[string][]beside{
		"file_too_large": {main, {"a.yaml", filler + "words: {}\n"}, {"b.yaml", filler + "words: {}\n"}},
		"too_many_nodes": {main, {"a.yaml", "a: [" + strings.Repeat("1,", 60_000) + "]\n"}, {"b.yaml", "b: [" + strings.Repeat("1,", 60_000) + "]\n"}},
		"too_many_keys": {main, {"a.yaml", "words: {" + list(1_500, "w%d: {a: {zh: 词, en: w}}") + "}\n"},
			{"b.yaml", "words: {" + list(1_500, "v%d: {a: {zh: 词, en: w}}") + "}\n"}},
	} {
		book, found := parse(joined(files))
		require.Nil(t, book, code)
		require.Len(t, found, 1, "%s: %v", code, found)
		assert.Equal(t, code, found[0].Code)
		checkWording(t, found[0])
	}
}
