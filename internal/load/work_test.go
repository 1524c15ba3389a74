package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		_, found := load.Parse("costly.yaml", []byte(costly(x.accepted+1, x.is)))
		if x.accepted < 1_000 {
			require.NotEmpty(t, found, "%d rules of %s", x.accepted+1, x.is)
			assert.Equal(t, "question_too_costly", found[0].Code, "%v", found)
			assert.Contains(t, found[0].Message.ZH, "超过 10000000 步")
			assert.Contains(t, found[0].Message.EN, "answering q takes some ")
		}
		if x.accepted > 0 {
			_, found = load.Parse("costly.yaml", []byte(costly(x.accepted, x.is)))
			assert.Empty(t, found, "%d rules of %s", x.accepted, x.is)
		}
	}
}

// The finding says what takes longest, and where it stands: a rule, or the
// expressions of the question itself.
func TestDearestIsNamed(t *testing.T) {
	const cheap, dear, dearest = "any(a, # > 0)", "all(a, # in b)", "all(a, len(distinct(b)) > #)"
	for _, x := range []struct {
		what          string
		each          string   // of ten figures
		changes       []string // of the rulebook: what stands there, what is written
		zh, en        string
		line, related string
	}{
		{
			"a rule among small ones", "len(distinct(a)) > 0", []string{"f3: {zh: 数, en: f, is: 'len(distinct(a)) > 0", "f3: {zh: 丙, en: third, is: '" + dearest},
			"；其中 99% 用于规则 r.f3（丙）", "; 99% of them are for the rule r.f3 (third)", "f3: {", "the dearest rule is here",
		},
		{
			"one of several that take as long", dear, nil,
			"；其中 10% 用于规则 r.f0（数）", "; 10% of them are for the rule r.f0 (f)", "f0: {", "the dearest rule is here",
		},
		{
			"a rule that is part of another", cheap, []string{
				"        figures:\n", "        scopes:\n          s: {zh: 总, en: whole, holds: '" + cheap + "'}\n          p: {zh: 分, en: part, part_of: s, holds: '" + dearest + "'}\n        figures:\n",
				"rules: [", "rules: [s, ",
			},
			"；其中 100% 用于规则 r.p（分）", "; 100% of them are for the rule r.p (part)", "p: {", "the dearest rule is here",
		},
		{
			"a value of the question", cheap, []string{"values: {}", "values: {x: {zh: 值, en: x, is: '" + cheap + "'}, y: {zh: 值, en: y, is:\n    '" + dearest + "'}}"},
			"；其中 100% 用于问题自己的表达式", "; 100% of them are for its own expressions", "'all(a, len", "the dearest of them is here",
		},
		{
			"the date that governs", cheap, []string{"verdict:", "governed_by:\n      '" + dearest + " ? as_of : as_of', verdict:"},
			"；其中 100% 用于问题自己的表达式", "; 100% of them are for its own expressions", "'all(a, len", "the dearest of them is here",
		},
	} {
		t.Run(x.what, func(t *testing.T) {
			text := costly(10, x.each)
			for i := 0; i < len(x.changes); i += 2 {
				require.Equal(t, 1, strings.Count(text, x.changes[i]), x.changes[i])
				text = strings.Replace(text, x.changes[i], x.changes[i+1], 1)
			}
			_, found := load.Parse("costly.yaml", []byte(text))
			require.Len(t, found, 1, "%v", found)
			f := found[0]
			assert.Equal(t, "question_too_costly", f.Code)
			assert.True(t, strings.HasSuffix(f.Message.ZH, x.zh), f.Message.ZH)
			assert.True(t, strings.HasSuffix(f.Message.EN, x.en), f.Message.EN)
			require.Len(t, f.Related, 1)
			assert.Equal(t, x.related, f.Related[0].Message.EN)
			at := f.Related[0].Span
			line := strings.Split(text, "\n")[at.Start.Line-1]
			assert.True(t, strings.HasPrefix(line[at.Start.Column-1:], x.line), "%s: %s", at, line)
		})
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
	_, found := load.Parse("duties.yaml", []byte(rulebook(19)))
	assert.False(t, found.Failed(), "%v", found)
	_, found = load.Parse("duties.yaml", []byte(rulebook(20)))
	require.NotEmpty(t, found)
	assert.Equal(t, "question_too_costly", found[0].Code, "%v", found)
	assert.Contains(t, found[0].Message.EN, "; 5% of them are for the rule r.d0 (d)")
}

// What another reading makes too costly is refused with it.
func TestReadingsTooCostly(t *testing.T) {
	text := strings.ReplaceAll(costly(10, "REPLACED"), "'REPLACED'", "{by: way, once: 'any(b, # > 0)', each: 'all(a, # in b)'}")
	book, found := load.Parse("costly.yaml", []byte(text))
	require.NotNil(t, book, "%v", found)
	ask := func(e *run.Engine) error {
		checked, err := e.Check("q", `{"a": [1], "b": [1]}`)
		require.NoError(t, err)
		_, err = e.Ask(checked, time.Time{})
		return err
	}
	e := run.NewEngine(book)
	require.NoError(t, ask(e))
	each, err := e.WithReading("way", "each")
	require.NoError(t, err)
	var refused *policy.ReadingError
	require.ErrorAs(t, ask(each), &refused)
	assert.Equal(t, "way", refused.Key)
	assert.Contains(t, refused.Message.EN, "answering q takes some ")
	assert.Contains(t, refused.Message.ZH, "用于规则 r.f0（数）")
}

// costsOf is what each question may cost in the last edition.
func costsOf(b *checked.Book) map[string]int64 {
	costs := map[string]int64{}
	var found diagnostic.List
	ed := plan.Build(b, checked.Selection{On: b.Boundaries[len(b.Boundaries)-1]}, nil, &found)
	for _, q := range b.Questions {
		trial := *ed
		for _, u := range plan.CompileQuestion(&trial, q, &found).Units {
			for _, units := range u.Costs {
				costs[q.ID] += units
			}
		}
		costs[q.ID] += trial.Spent - ed.Spent
	}
	return costs
}

// The rulebooks that come with the library are far from it.
func TestOrdinaryRulebooksCostLittle(t *testing.T) {
	files, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range append(files, "../../rules.yaml") {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		book, found := load.Parse(name, data)
		require.NotNil(t, book, "%v", found)
		for question, units := range costsOf(book) {
			assert.Less(t, units, int64(3_000_000), "%s: %s", name, question)
		}
	}
}
