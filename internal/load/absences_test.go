package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// What may be none is followed from the condition of a rule into its other
// expressions, and through branches.
func TestWhatIsNotGuarded(t *testing.T) {
	for holds, want := range map[string]int{
		"loan.excused":       0,
		"loan.back_at < due": 1,
		"loan.back_at != null and loan.back_at < due":       0,
		"loan.back_at == null ? false : loan.back_at < due": 0,
		"loan.back_at == null or loan.back_at < due":        0,
		"loan.back_at != null or loan.back_at < due":        1,
		"latest(loan.back_at, due) == due":                  1,
		"loan.back_at - loan.lent_at < hours(3)":            1,
		"loan.renewals < 3":                                 0, // absent is 0
	} {
		for when, guarded := range map[string]bool{"": false, "            when: loan.back_at != null and loan.lent_at != null\n": true} {
			text := strings.Replace(library(t), "            holds: loan.excused\n", when+"            holds: '"+holds+"'\n", 1)
			book, found := parse(text)
			require.NotNil(t, book, "%v", found)
			n := 0
			for _, d := range load.Unused(book) {
				if d.Code == "none_not_guarded" {
					n++
				}
			}
			if guarded {
				assert.Zero(t, n, "%s, under %s", holds, when)
			} else {
				assert.Equal(t, want, min(n, 1), holds)
			}
		}
	}
}

const computedBook = `
rulebook: {id: small, title: {zh: 小, en: small}, zone: UTC, in_force: {from: 2020-01-01}}
words: {kind: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}, said: {yes: {zh: 是, en: "yes"}, no: {zh: 否, en: "no"}}}
facts:
  kind: {zh: 类, en: kind, type: word, words: kind}
  n: {zh: 数, en: number, type: count}
  begun_at: {zh: 开始, en: begun, type: moment, event: true}
  done_at: {zh: 完成, en: done, type: moment, event: true}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        scopes:
          inside: {zh: 内, en: inside, holds: kind == "a"}
        clocks:
          clock: {zh: 时, en: time, done: done_at}
        deadlines:
          limit: {zh: 限, en: limit, part_of: clock, within: 2 hours, from: begun_at}
        figures:
          lone: {zh: 单, en: lone, when: kind == "a", is: n}
          chain: {zh: 连, en: chain, when: lone.value != null, is: n}
          first: {zh: 一, en: first, part_of: both, when: kind == "a", is: n}
          second: {zh: 二, en: second, part_of: both, when: kind == "b", is: n}
          whether: {zh: 否, en: whether, is: kind == "a"}
          tried: {zh: 试, en: tried, «when» is: '«is»'}
        tables:
          table:
            zh: 表
            en: table
            keys: {kind: kind}
            rows:
              - {where: {kind: a}, gives: {high: n, low: 'n > 3 ? n : null'}}
              - {where: {kind: b}, gives: {high: n, low: n}}
questions:
  q:
    zh: 问
    en: question
    facts: [kind, n, begun_at, done_at]
    scope: [«scope»]
    rules: [clock, lone, chain, both, whether, table, tried]
    verdict: {is: '«verdict» ? "yes" : "no"', words: said}
    values:
      some: {zh: 值, en: value, «exists» is: '«value»'}
`

// What rules compute is followed into other rules, and into the verdicts and values
// of questions, whose scope and conditions guard them.
func TestWhatIsComputedIsNotGuarded(t *testing.T) {
	for _, x := range []struct{ field, is, when, found string }{
		{"is", `lone.value > 1`, "", "lone.value"},
		{"is", `lone.value > 1`, `kind == "a"`, ""},
		{"is", `lone.value > 1`, `whether.value`, ""},
		{"is", `lone.value > 1`, `kind != "b"`, ""}, // there are but two words
		{"is", `lone.value > 1`, `kind == "b"`, "lone.value"},
		{"is", `lone.value > 1`, `chain.value != null`, ""},
		{"is", `chain.value > lone.value`, `chain.value != null`, ""},
		{"is", `chain.value > 1`, `kind == "a"`, ""},
		{"is", `both.value > 1`, "", ""}, // that one of several applies is for analyse to find
		{"is", `table.high > 1`, "", ""},
		{"is", `table.low > 1`, "", "table.low"},
		{"is", `clock.due < as_of`, "", "clock.due"},
		{"is", `clock.due < as_of`, "begun_at != null", ""},
		{"is", `clock.due != null and clock.due > begun_at`, "", ""},
		{"verdict", `lone.value > 1`, "", "lone.value"},
		{"verdict", `lone.value > 1`, "inside", ""},
		{"verdict", `done_at > begun_at`, "", "done_at begun_at"},
		{"value", `lone.value + 1`, "", "lone.value"},
		{"value", `lone.value`, "", ""},
		{"value", `lone.value + 1`, `kind == "a"`, ""},
		{"value", `clock.due > as_of`, `begun_at != null`, ""},
	} {
		fill := map[string]string{"is": "true", "verdict": "n > 3", "value": "n"}
		fill[x.field] = x.is
		when, exists, scope := "", "", ""
		switch {
		case x.when == "":
		case x.field == "is":
			when = "when: '" + x.when + "',"
		case x.field == "value":
			exists = "when: '" + x.when + "',"
		default:
			scope = x.when
		}
		text := strings.NewReplacer("«is»", fill["is"], "«verdict»", fill["verdict"], "«value»", fill["value"], "«when»", when, "«exists»", exists, "«scope»", scope).Replace(computedBook)
		book, found := parse(text)
		require.NotNil(t, book, "%s: %v", x.is, found)
		var names []string
		for _, d := range load.Unused(book) {
			if d.Code == "none_not_guarded" {
				name, _, _ := strings.Cut(d.Message.EN, " may be none")
				names = append(names, name)
			}
		}
		assert.Equal(t, x.found, strings.Join(names, " "), "%s: %s, when %s", x.field, x.is, x.when)
	}
}

const editionsBook = `
rulebook: {id: small, title: {zh: 小, en: small}, zone: UTC, in_force: {from: 2020-01-01}}
words: {kind: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}, c: {zh: 丙, en: c}}, said: {yes: {zh: 是, en: "yes"}, no: {zh: 否, en: "no"}}}
facts:
  kind: {zh: 类, en: kind, type: word, words: kind}
  n: {zh: 数, en: number, type: count}
  on: {zh: 日, en: day, type: date}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        figures:
          later: {zh: 后, en: later, in_force: {from: 2026-01-01}, is: n}
          lone: {zh: 单, en: lone, when: kind == "a", is: n}
          changed: {zh: 改, en: changed, is: {by: date, 2020-01-01: n, 2026-01-01: '«changed»'}}
          tried: {zh: 试, en: tried, is: «tried»}
          parted: {zh: 分, en: parted, part_of: group, is: «parted»}
questions:
  q:
    zh: 问
    en: question
    facts: [kind, n, on]
    governed_by: on
    rules: [later, lone, changed, tried, group]
    verdict: {is: 'n > 1 ? "yes" : "no"', words: said}
    values:
      some: {zh: 值, en: value, is: «value»}
`

// Every edition is looked at, and all that is chosen from.
func TestWhatIsNotGuardedInAnEdition(t *testing.T) {
	for _, x := range []struct{ field, is, found string }{
		{"changed", "lone.value + 1", "lone.value@20"},
		{"changed", "later.value + 1", ""}, // it is in force as long
		{"tried", "later.value + 1", "later.value@21"},
		{"tried", "'later.value == null ? 0 : later.value + 1'", ""},
		{"tried", "{by: date, 2020-01-01: n, 2026-01-01: later.value + 1}", ""},
		{"tried", "{by: date, 2020-01-01: n, 2025-12-31: later.value + 1}", "later.value@21"},
		{"value", "later.value + 1", "later.value@32"},
		{"value", "{by: kind, a: lone.value + 1, b: n, c: n}", ""},
		{"value", "{by: kind, a: n, b: lone.value + 1, c: n}", "lone.value@32"},
		{"value", "{by: kind, a: n, otherwise: lone.value + 1}", "lone.value@32"},
		{"value", "{by: kind, a: n, otherwise: 'lone.value == null ? 0 : lone.value + 1'}", ""},
		{"value", "{by: kind, a: n, b: {by: date, 2020-01-01: n, 2026-01-01: lone.value + 1}, c: n}", "lone.value@32"},
		{"tried", "{by: kind, a: lone.value + 1, b: n, c: n}", ""},
		{"tried", "{by: kind, a: n, b: lone.value + 1, c: n}", "lone.value@21"},
		{"tried", "{by: kind, b: n, c: n, otherwise: lone.value + 1}", ""}, // it is a
		{"tried", "{by: kind, c: n, otherwise: lone.value + 1}", "lone.value@21"},
	} {
		fill := map[string]string{"changed": "n", "tried": "n", "parted": "n", "value": "n"}
		fill[x.field] = x.is
		text := strings.NewReplacer("«changed»", fill["changed"], "«tried»", fill["tried"], "«parted»", fill["parted"], "«value»", fill["value"]).Replace(editionsBook)
		book, found := parse(text)
		require.NotNil(t, book, "%s: %v", x.is, found)
		var places []string
		for _, d := range load.Unused(book) {
			if d.Code == "none_not_guarded" {
				name, _, _ := strings.Cut(d.Message.EN, " may be none")
				places = append(places, fmt.Sprintf("%s@%d", name, d.Span.Start.Line))
				line := []rune(strings.Split(text, "\n")[d.Span.Start.Line-1])
				assert.Equal(t, name, string(line[d.Span.Start.Column-1:d.Span.End.Column-1]))
			}
		}
		assert.Equal(t, x.found, strings.Join(places, " "), "%s: %s", x.field, x.is)
	}
}

// Our own files are free of it.
func TestOurFilesAreGuarded(t *testing.T) {
	files, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range append(files, "testdata/library.yaml", "../../rules.yaml") {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		book, found := parse(string(data))
		require.NotNil(t, book, "%s: %v", name, found)
		for _, d := range load.Unused(book) {
			assert.NotEqual(t, "none_not_guarded", d.Code, "%s: %v", name, d)
		}
	}
}
