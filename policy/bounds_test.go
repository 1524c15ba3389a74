package policy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// switches is a rulebook of so many yes/no facts s0, s1, … and so many counts
// c0, c1, …, with rules and values about them.
func switches(t *testing.T, yesNo, counts, lists int, rules, values string) *policy.Rulebook {
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
	book, found := policy.Parse("switches.yaml", []byte(text), rulebook.Forms())
	require.False(t, found.Failed(), "%v", found)
	return book
}

func asked(t *testing.T, e *policy.Engine, facts string) string {
	t.Helper()
	checked, err := e.Check("q", facts)
	require.NoError(t, err)
	a, err := e.Ask(checked, time.Time{})
	require.NoError(t, err)
	return string(a.AppendJSON(nil, true))
}

// bits are the facts s0, s1, … by the bits of n.
func bits(n, count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, `"s%d":%t,`, i, n>>i&1 == 1)
	}
	return b.String()
}

// overflowing asks about sets of facts by number, each often enough to be
// remembered, with numbers that differ, and then about all of them again.
// Now and then, the answer must be that of a new engine.
func overflowing(t *testing.T, book *policy.Rulebook, sets int, facts func(set, turn int) string) *policy.Engine {
	t.Helper()
	engine := policy.NewEngine(book)
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
					require.Equal(t, asked(t, policy.NewEngine(book), given), got, given)
				}
			}
		}
	}
	return engine
}

// A rulebook may be asked about more kinds of facts than an engine remembers:
// it then answers as before.
func TestMoreThanIsRemembered(t *testing.T) {
	most := policy.MostKept
	t.Run("patterns", func(t *testing.T) {
		book := switches(t, 11, 1, 0, `        decisions: {x: {zh: 决, en: x, when: s0 or c0 > 3}}
        figures: {sum: {zh: 和, en: sum, is: "`+sum(11)+`"}}
`, "n: {zh: 数, en: n, is: sum.value}, both: {zh: 合, en: both, is: sum.value + c0}, one: {zh: 一, en: one, when: s1, is: c0}")
		engine := overflowing(t, book, 1<<11, func(set, turn int) string {
			return fmt.Sprintf(`{%s"c0":%d}`, bits(set, 11), turn*(set%5))
		})
		kept := engine.Kept("q")
		assert.Equal(t, most.Patterns, kept.Patterns)
	})
	t.Run("keys", func(t *testing.T) {
		book := switches(t, 14, 1, 0, `        decisions: {x: {zh: 决, en: x, when: c0 > 3}}
        figures: {sum: {zh: 和, en: sum, when: s0, is: "`+sum(14)+`"}}
`, "n: {zh: 数, en: n, is: sum.value}, m: {zh: 数, en: m, is: c0 * 2}")
		engine := overflowing(t, book, 1<<13+1<<10, func(set, turn int) string {
			n := set << 1
			if set >= 1<<13 {
				n = set<<1 | 1
			}
			return fmt.Sprintf(`{%s"c0":%d}`, bits(n, 14), turn*(set%5))
		})
		kept := engine.Kept("q")
		assert.Equal(t, most.Keys, kept.Keys)
		assert.Less(t, kept.Patterns, 8)
	})
	t.Run("conclusions", func(t *testing.T) {
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
		kept := engine.Kept("q")
		assert.Equal(t, most.Conclusions, kept.Conclusions)
	})
	t.Run("values", func(t *testing.T) {
		const lists = 75
		var values []string
		for i := range lists {
			values = append(values, fmt.Sprintf("v%[1]d: {zh: 值, en: v%[1]d, is: l%[1]d}", i))
		}
		book := switches(t, 11, 1, lists, "        decisions: {x: {zh: 决, en: x, when: s0 or c0 > 3}}\n        figures: {sum: {zh: 和, en: sum, is: \""+sum(11)+"\"}}\n",
			strings.Join(values, ", ")+", n: {zh: 数, en: n, is: sum.value}, both: {zh: 合, en: both, is: c0 + len(l0)}")
		engine := overflowing(t, book, 1<<10, func(set, turn int) string {
			var b strings.Builder
			for i := range lists {
				fmt.Fprintf(&b, `"l%d":[%s],`, i, []string{`"a"`, `"b"`, `"a","b"`}[(set+i)%3])
			}
			return fmt.Sprintf(`{%s%s"c0":%d}`, b.String(), bits(set, 11), turn*(set%5))
		})
		kept := engine.Kept("q")
		assert.Greater(t, kept.Values, most.Values-300)
		assert.LessOrEqual(t, kept.Values, most.Values)
		assert.Less(t, kept.Patterns, most.Patterns)
	})
}

// sum counts how many of s0, s1, … hold.
func sum(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("(s%d ? %d : 0)", i, 1<<i)
	}
	return strings.Join(all, " + ")
}
