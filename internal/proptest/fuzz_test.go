package proptest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/load"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

// FuzzParse loads rules files that anybody may have written: each is a whole
// book that answers every question, or findings within the file.
func FuzzParse(f *testing.F) {
	for _, text := range smallBooks(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte("rulebook: {id: x}\nreadings: {a: {options: {}, chosen: {by: date}}}\nregulations: {r: {articles: {\"1\": {}}}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) { checkRules(t, data) })
}

// FuzzFacts asks the questions of the rulebook with bytes from anywhere.
func FuzzFacts(f *testing.F) {
	book := embedded(f)
	questions := book.Rulebook().Questions
	ids := book.Rulebook().QuestionIDs()
	for i, q := range questions {
		f.Add(uint8(i), []byte("{}"))
		g := newGenerator(uint64(i))
		data, err := json.Marshal(g.facts(q))
		require.NoError(f, err)
		f.Add(uint8(i), data)
	}
	for _, c := range givenCases(f) {
		for i, id := range ids {
			if id == c.Question {
				f.Add(uint8(i), jsonOf(nil, c.Facts))
			}
		}
	}
	for _, bad := range []string{"", "null", "[", `{"as_of":null}`, `{"as_of":"2026-06-30T12:00:00+08:00","as_of":1}`, "{}\x00", "\"\\ud800\"", `{"":{"":[[[]]]}}`} {
		f.Add(uint8(0), []byte(bad))
	}
	f.Fuzz(func(t *testing.T, n uint8, data []byte) {
		checkFacts(t, book, questions[int(n)%len(questions)], data)
	})
}

// smallBooks are whole rulebooks of a page: what can be loaded often.
func smallBooks(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/small/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	books := make([]string, len(files))
	for i, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		books[i] = string(data)
	}
	return books
}

func TestSmallBooksAreSound(t *testing.T) {
	for _, text := range smallBooks(t) {
		book, found := load.Parse("small.yaml", []byte(text))
		require.NotNil(t, book, "%v", found)
		require.Empty(t, found)
		checkRules(t, []byte(text))
	}
}

// The library of the loader's tests with each of its mistakes, and changed at
// random, is a whole book or findings within the file.
func TestHostileEdits(t *testing.T) {
	testsize.NotAtTheDesk(t)
	data, err := os.ReadFile(inTree("internal/load/testdata/library.yaml"))
	require.NoError(t, err)
	library := string(data)
	pieces := []string{"", "{}", "[]", "null", "by", "{by: date}", "{by: desk.calendar}", "\"\"", "'", "0", "-1", "1e9", "9223372036854775808", "中"}
	for _, m := range mistakes(t) {
		text := library
		for _, c := range m {
			require.Contains(t, text, c.Replace)
			text = strings.Replace(text, c.Replace, c.With, 1)
			pieces = append(pieces, c.With)
		}
		checkRules(t, []byte(text))
	}
	g := rand.New(rand.NewPCG(1, 2))
	tokens := spans(t, library)
	for range rounds(100, 400) {
		text := library
		for range 1 + g.IntN(3) {
			from, to := g.IntN(len(text)), 0
			if at := tokens[g.IntN(len(tokens))]; g.IntN(4) > 0 && at[1] < len(text) {
				from, to = at[0], at[1] // a whole value
			}
			if to == 0 {
				to = min(len(text), from+g.IntN(30))
			}
			piece := pieces[g.IntN(len(pieces))]
			if at := tokens[g.IntN(len(tokens))]; g.IntN(3) == 0 {
				piece = library[at[0]:at[1]] // one that stands elsewhere
			}
			text = text[:from] + piece + text[to:]
		}
		checkRules(t, []byte(text))
	}
}

// spans are the bytes from and to which the nodes of a file stand.
func spans(t testing.TB, text string) [][2]int {
	t.Helper()
	root, found := source.Parse("library.yaml", []byte(text))
	require.NotNil(t, root, "%v", found)
	var all [][2]int
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		all = append(all, [2]int{n.Start, n.End})
		for _, e := range n.Entries {
			walk(e.Key)
			walk(e.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	walk(root)
	return all[1:]
}

type edit struct{ Replace, With string }

// mistakes are the loader's test cases, as edits of the library.
func mistakes(t testing.TB) [][]edit {
	t.Helper()
	files, err := filepath.Glob(inTree("internal/load/testdata/mistakes/*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all [][]edit
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var list []struct {
			Replace, With string
			And           []edit
		}
		require.NoError(t, yaml.Unmarshal(data, &list), file)
		for _, m := range list {
			all = append(all, append([]edit{{m.Replace, strings.NewReplacer("«", "", "»", "").Replace(m.With)}}, m.And...))
		}
	}
	return all
}

// checkRules asserts what holds of every rules file.
func checkRules(t *testing.T, data []byte) {
	t.Helper()
	book, err := rulebook.Parse("hostile.yaml", data)
	checkParsed(t, data, book, err)
	if len(data)%4 != 0 {
		return // once is enough for most
	}
	again, errAgain := rulebook.Parse("hostile.yaml", data)
	if err != nil {
		require.EqualError(t, errAgain, err.Error())
		return
	}
	require.Equal(t, book.Rulebook().SHA256, again.Rulebook().SHA256)
	for _, q := range book.Rulebook().Questions {
		require.Equal(t, string(askNothing(t, book, q).AppendJSON(nil, true)), string(askNothing(t, again, q).AppendJSON(nil, true)))
	}
}

// checkParsed asserts that a rules file gave a whole book, or findings within
// the file.
func checkParsed(t *testing.T, data []byte, book *rulebook.Book, err error) {
	t.Helper()
	require.Equal(t, book == nil, err != nil)
	if err != nil {
		var found diagnostic.List
		require.True(t, errors.As(err, &found))
		require.True(t, found.Failed())
		require.LessOrEqual(t, len(found), source.MaxFindings+1)
		lines := strings.Split(string(data), "\n")
		for _, d := range found {
			checkFinding(t, d, lines)
		}
		return
	}
	const enough = 20
	rules := book.Rulebook()
	for _, q := range rules.Questions[:min(len(rules.Questions), enough)] {
		checkAnswer(t, askNothing(t, book, q))
	}
	for _, r := range rules.Readings[:min(len(rules.Readings), enough)] {
		for _, o := range r.Options {
			if _, err := book.With(rulebook.Reading(r.Key, o.Name)); err != nil {
				var refused *policy.ReadingError
				require.True(t, errors.As(err, &refused), "%v", err)
			}
		}
	}
}

// askNothing asks a question without any facts.
func askNothing(t *testing.T, book *rulebook.Book, q *policy.Question) *rulebook.Answer {
	t.Helper()
	answer, err := book.Ask(t.Context(), q.ID, []byte("{}"), rulebook.AsOf(time.Date(2026, 6, 30, 4, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	return answer
}

func checkFinding(t *testing.T, d diagnostic.Diagnostic, lines []string) {
	t.Helper()
	require.NotEmpty(t, d.Code)
	require.NotEmpty(t, d.Message.ZH)
	require.NotEmpty(t, d.Message.EN)
	require.NotEmpty(t, d.Remedy.ZH, "%v", d)
	require.NotEmpty(t, d.Remedy.EN, "%v", d)
	checkSpan(t, d.Span, lines)
	require.Equal(t, "hostile.yaml", d.Span.File)
	for _, r := range d.Related {
		checkSpan(t, r.Span, lines)
	}
}

// checkSpan asserts that a span is within the text.
func checkSpan(t *testing.T, s diagnostic.Span, lines []string) {
	t.Helper()
	require.LessOrEqual(t, s.Start.Compare(s.End), 0, "%+v", s)
	for _, p := range []diagnostic.Position{s.Start, s.End} {
		require.True(t, 1 <= p.Line && p.Line <= len(lines), "%+v", s)
		require.True(t, 1 <= p.Column && p.Column <= utf8.RuneCountInString(lines[p.Line-1])+1, "%+v", s)
	}
}

// checkFacts asserts what holds of every text that facts come in.
func checkFacts(t *testing.T, book *rulebook.Book, q *policy.Question, data []byte) {
	t.Helper()
	facts, err := book.Check(q.ID, data)
	if err != nil {
		var refused *policy.FactError
		require.True(t, errors.As(err, &refused), "%v", err)
		require.NotEmpty(t, refused.Code)
		require.NotEmpty(t, refused.In("zh"))
		if refused.Span != (diagnostic.Span{}) {
			checkSpan(t, refused.Span, strings.Split(string(data), "\n"))
		}
		_, again := book.Check(q.ID, data)
		require.EqualError(t, again, err.Error())
		return
	}
	require.True(t, json.Valid(data), "nothing is accepted that is no JSON")
	answer, err := book.Ask(t.Context(), q.ID, facts)
	require.NoError(t, err)
	checkAnswer(t, answer)
	again, err := book.Ask(t.Context(), q.ID, data)
	require.NoError(t, err)
	require.Equal(t, string(answer.AppendJSON(nil, false)), string(again.AppendJSON(nil, false)))
}

// checkAnswer asserts what holds of every answer: it is canonical JSON, it
// can be told in both languages, and it passes nothing that is not known.
func checkAnswer(t *testing.T, answer *rulebook.Answer) {
	t.Helper()
	data, err := answer.MarshalJSON()
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, data))
	require.True(t, utf8.Valid(data))
	again, err := answer.MarshalJSON()
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, again))
	for _, lang := range []string{"zh", "en"} {
		require.NotEmpty(t, answer.Explain(lang))
		answer.Steps(lang)
	}
	if answer.Error == nil && len(answer.MissingFacts) == 0 {
		require.NotEqual(t, policy.Undetermined, answer.Verdict)
	}
}

// givenCases are the example cases.
func givenCases(t testing.TB) []*casefile.Case {
	t.Helper()
	files, err := filepath.Glob(inTree("examples/cases/*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []*casefile.Case
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, found := casefile.Parse(file, data)
		require.NotNil(t, parsed, "%v", found)
		all = append(all, parsed.Cases...)
	}
	return all
}

// jsonOf is the JSON that says the same as a node of a case.
func jsonOf(dst []byte, n *source.Node) []byte {
	switch n.Kind {
	case source.Map:
		dst = append(dst, '{')
		for i, e := range n.Entries {
			if i > 0 {
				dst = append(dst, ',')
			}
			key, _ := json.Marshal(e.Key.Text)
			dst = jsonOf(append(append(dst, key...), ':'), e.Value)
		}
		return append(dst, '}')
	case source.Seq:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = jsonOf(dst, item)
		}
		return append(dst, ']')
	case source.Empty:
		return append(dst, "null"...)
	}
	if n.Style == source.Plain && json.Valid([]byte(n.Text)) {
		return append(dst, n.Text...)
	}
	text, _ := json.Marshal(n.Text)
	return append(dst, text...)
}
