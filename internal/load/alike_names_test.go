package load

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/internal/source"
)

// Names are replaced where they stand as names: not within texts, not as another
// name or a part of one, not as a function, and not behind the dot of a record.
func TestNamesInPlaceOfOthers(t *testing.T) {
	for text, want := range map[string]string{
		"first":                          "second",
		"first.done":                     "second.done",
		"first.all > 0 ? first.done : 0": "second.all > 0 ? second.done : 0",
		`first.kind == "first" and 'first' != "a"`: `second.kind == "first" and 'first' != "a"`,
		`"\"first" + first`:                        `"\"first" + second`,
		"`first` + first":                          "`first` + second",
		"firsts + the_first + first_1 + a.first":   "firsts + the_first + first_1 + a.first",
		"map(list, .first)":                        "map(list, .first)",
		"(first+first)-first":                      "(second+second)-second",
		"first(list) + first (list)":               "first(list) + first (list)",
		"latest(first, first.at)":                  "latest(second, second.at)",
		"f().first + [a][0].first + x?.first":      "f().first + [a][0].first + x?.first",
		"uptime.value":                             "log.seconds",
		"uptime.values + uptime":                   "uptime.values + uptime",
		".level.of >= .level":                      ".own.of >= .own",
		"level.of >= a.level":                      "level.of >= a.level",
		"5 first":                                  "5 second",
		"5first":                                   "5first",
		"第一 first。":                                "第一 second。",
		"":                                         "",
		`first "open`:                              `second "open`,
		"first.":                                   "second.",
	} {
		names := map[string]*source.Node{}
		for old, with := range map[string]string{"first": "second", "uptime.value": "log.seconds", ".level": ".own", "second": "third"} {
			names[old] = &source.Node{Kind: source.Scalar, Text: with}
		}
		got, parts := replaced(text, names, map[string]bool{})
		assert.Equal(t, want, got)
		assert.Equal(t, want != text, len(parts) > 0, text)
	}
}

// A short file cannot grow without bounds: what is taken over counts as if it were
// written.
func TestTakenOverIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("rulebook: {id: a, title: {zh: 甲, en: A}, zone: UTC, in_force: {from: 2020-01-01}}\nfacts:\n  n: {zh: 数, en: n, type: count}\nregulations:\n  a:\n    zh: 甲\n    en: A\n    articles:\n" +
		"      \"1\":\n        nature: duty\n        title: {zh: 一, en: one}\n        text: {zh: 一, en: one}\n        duties:\n          d0: {required: [" + strings.Repeat("x, ", 900) + "x], done: '[]'}\n")
	for i := range 300 {
		fmt.Fprintf(&b, "          d%d: {like: d%d}\n", i+1, i)
	}
	b.WriteString("questions:\n  q: {zh: 问, en: q, facts: [n], rules: [d0], verdict: {is: 'd0.broken ? \"a\" : \"b\"', words: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}}, values: {n: {is: n}}}\n")
	_, found := Parse("a.yaml", []byte(b.String()))
	var codes []string
	for _, d := range found {
		codes = append(codes, d.Code)
	}
	assert.Contains(t, codes, source.CodeTooManyNodes)
	assert.Less(t, len(codes), 100)
}
