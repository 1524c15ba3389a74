package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// costly is a rulebook whose question goes through lists for every item of a
// list, so many times, in as many rules.
func costly(rules int, is string) string {
	var b, names strings.Builder
	for i := range rules {
		fmt.Fprintf(&b, "          f%d: {zh: 数, en: f, is: '%s'}\n", i, is)
		fmt.Fprintf(&names, "f%d, ", i)
	}
	return `
rulebook: {id: a, title: {zh: 甲, en: A}, zone: UTC, in_force: {from: 2010-01-01}}
facts:
  a: {zh: 列, en: a, type: list, of: {type: count}}
  b: {zh: 列, en: b, type: list, of: {type: count}}
readings:
  way: {article: r/1, asks: {zh: 怎样, en: which way}, options: {once: {zh: 一次, en: once}, each: {zh: 逐项, en: for each}}, chosen: once}
regulations:
  r:
    zh: 规
    en: R
    articles:
      "1":
        nature: duty
        title: {zh: 一, en: one}
        text: {zh: 文, en: text}
        figures:
` + b.String() + `questions:
  q: {zh: 问, en: q, facts: [a, b], rules: [` + names.String() + `], verdict: {is: '"x"', words: {x: {zh: 甲, en: x}}}, values: {}}
`
}

// A file is accepted as long as its dearest question can be answered in time.
func TestQuestionsTooCostly(t *testing.T) {
	for _, x := range []struct {
		is       string
		accepted int // how many rules of it
	}{
		{"all(a, # in b)", 9},                       // a million comparisons each
		{"all(a, len(distinct(b)) > 0)", 0},         // a million hashes
		{"len(distinct(a)) > 0", 370},               // once
		{"any(a, len(b) > # or sum(b) > #)", 4},     // the length costs nothing much
		{"all(joined(a, b), # in joined(a, b))", 0}, // two thousand times two thousand, and hashes
		{"all(a, # > 0)", 1_000},
	} {
		_, found := policy.Parse("costly.yaml", []byte(costly(x.accepted+1, x.is)), policy.Forms())
		if x.accepted < 1_000 {
			require.NotEmpty(t, found, "%d rules of %s", x.accepted+1, x.is)
			assert.Equal(t, "question_too_costly", found[0].Code, "%v", found)
			assert.Contains(t, found[0].Message.ZH, "超过 10000000 步")
			assert.Contains(t, found[0].Message.EN, "answering q takes some ")
		}
		if x.accepted > 0 {
			_, found = policy.Parse("costly.yaml", []byte(costly(x.accepted, x.is)), policy.Forms())
			assert.Empty(t, found, "%d rules of %s", x.accepted, x.is)
		}
	}
}

// Forms compare the codes that they name with every item of a list.
func TestFormsTooCostly(t *testing.T) {
	words, duties, names := "", "", ""
	for i := range 500 {
		words += fmt.Sprintf("w%03d: {zh: 词, en: w}, ", i)
		names += fmt.Sprintf("w%03d, ", i)
	}
	rulebook := func(n int) string {
		duties = ""
		text := costly(0, "")
		var rules []string
		for i := range n {
			duties += fmt.Sprintf("          d%d: {zh: 义, en: d, observed: found, prohibited: [%s]}\n", i, names)
			rules = append(rules, fmt.Sprintf("d%d", i))
		}
		text = strings.Replace(text, "        figures:\n", "        duties:\n"+duties, 1)
		text = strings.Replace(text, "facts:\n", "words:\n  w: {"+words+"}\nfacts:\n  found: {zh: 所见, en: found, type: list, of: {type: word, words: w}}\n", 1)
		return strings.Replace(text, "facts: [a, b], rules: []", "facts: [found], rules: ["+strings.Join(rules, ", ")+"]", 1)
	}
	_, found := policy.Parse("duties.yaml", []byte(rulebook(19)), policy.Forms())
	assert.False(t, found.Failed(), "%v", found)
	_, found = policy.Parse("duties.yaml", []byte(rulebook(20)), policy.Forms())
	require.NotEmpty(t, found)
	assert.Equal(t, "question_too_costly", found[0].Code, "%v", found)
}

// What another reading makes too costly is refused with it.
func TestReadingsTooCostly(t *testing.T) {
	text := strings.ReplaceAll(costly(10, "REPLACED"), "'REPLACED'", "{by: way, once: 'any(b, # > 0)', each: 'all(a, # in b)'}")
	book, found := policy.Parse("costly.yaml", []byte(text), policy.Forms())
	require.NotNil(t, book, "%v", found)
	ask := func(e *policy.Engine) error {
		checked, err := e.Check("q", `{"a": [1], "b": [1]}`)
		require.NoError(t, err)
		_, err = e.Ask(checked, time.Time{})
		return err
	}
	e := policy.NewEngine(book)
	require.NoError(t, ask(e))
	each, err := e.WithReading("way", "each")
	require.NoError(t, err)
	var refused *policy.ReadingError
	require.ErrorAs(t, ask(each), &refused)
	assert.Equal(t, "way", refused.Key)
	assert.Contains(t, refused.Message.EN, "answering q takes some ")
}

// The rulebooks that come with the library are far from it.
func TestOrdinaryRulebooksCostLittle(t *testing.T) {
	files, err := filepath.Glob("../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range append(files, "../rules.yaml") {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		book, found := policy.Parse(name, data, rulebook.Forms())
		require.NotNil(t, book, "%v", found)
		for question, units := range policy.Costs(book) {
			assert.Less(t, units, 3_000_000, "%s: %s", name, question)
		}
	}
}
