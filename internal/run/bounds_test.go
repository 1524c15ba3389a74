package run_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// switches is a rulebook of so many yes/no facts s0, s1, … and so many counts
// c0, c1, …, with rules and values about them.
func switches(t *testing.T, yesNo, counts, lists int, rules, values string) *checked.Book {
	t.Helper()
	var facts, names strings.Builder
	declare := func(prefix string, n int, is string) {
		for i := range n {
			fmt.Fprintf(&facts, "  %[1]s%[2]d: {zh: %[1]s%[2]d, en: %[1]s%[2]d, type: %[3]s}\n", prefix, i, is)
			fmt.Fprintf(&names, "%s%d, ", prefix, i)
		}
	}
	declare("s", yesNo, "yes_no")
	declare("c", counts, "count")
	declare("l", lists, "list, of: {type: word, words: w}")
	text := "rulebook: {id: a, title: {zh: 甲, en: A}, zone: UTC, currency: CNY, in_force: {from: 2020-01-01}}\n" +
		"words:\n  w: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}\nfacts:\n" + facts.String() + "readings: {}\n" +
		"regulations:\n  r:\n    zh: 规\n    en: R\n    articles:\n      \"1\":\n        nature: duty\n        title: {zh: 一, en: one}\n        text: {zh: 文, en: text}\n" + rules +
		"questions:\n  q: {zh: 问, en: q, facts: [" + strings.TrimSuffix(names.String(), ", ") + "], rules: [x], verdict: {is: 'x.needed ? \"a\" : \"b\"', words: w}, values: {" + values + "}}\n"
	book, found := load.Parse("switches.yaml", []byte(text))
	require.False(t, found.Failed(), "%v", found)
	return book
}

func asked(t *testing.T, e *run.Engine, facts string) string {
	t.Helper()
	checked, err := e.Check("q", facts)
	require.NoError(t, err)
	a, err := e.Ask(checked, time.Time{})
	require.NoError(t, err)
	return string(a.AppendJSON(nil, true))
}

// overflowing asks about sets of facts by number, each often enough to be
// remembered, with numbers that differ, and then about all of them again.
// Now and then, the answer must be that of a new engine.
func overflowing(t *testing.T, book *checked.Book, sets int, facts func(set, turn int) string) *run.Engine {
	t.Helper()
	engine := run.NewEngine(book)
	for turn := range 2 {
		for set := range sets {
			again := 1
			if turn == 0 {
				again = 3
			}
			for k := range again {
				given := facts(set, turn+k)
				got := asked(t, engine, given)
				if (set+turn+k)%(sets/40) == 0 {
					require.Equal(t, asked(t, run.NewEngine(book), given), got, given)
				}
			}
		}
	}
	return engine
}

// A rulebook may be asked about more kinds of facts than an engine remembers
// what they came to: it then answers as before.
func TestMoreThanIsRemembered(t *testing.T) {
	var rules strings.Builder
	rules.WriteString("        decisions:\n          x: {zh: 决, en: x, when: s0}\n        guards:\n")
	var values string
	for i := range 13 {
		fmt.Fprintf(&rules, "          g%d: {zh: 关, en: g%d, part_of: g, when: c%d > 3, blocks_if: s0, blocker: a}\n", i, i, i)
	}
	values = "ok: {zh: 可, en: ok, is: g.allowed}, n: {zh: 数, en: n, is: c0 + c12}"
	book := switches(t, 1, 13, 0, rules.String(), values)
	engine := overflowing(t, book, 1<<13, func(set, turn int) string {
		var b strings.Builder
		for i := range 13 {
			fmt.Fprintf(&b, `"c%d":%d,`, i, 3*(set>>i&1)+1+turn*(set>>i&1))
		}
		return fmt.Sprintf(`{%s"s0":%t}`, b.String(), set%3 == 0)
	})
	assert.Equal(t, form.MaxCached, run.Conclusions(engine, "q"))
}
