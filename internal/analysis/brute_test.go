package analysis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// smallBook writes a rulebook over a few facts with few values, at random.
type smallBook struct {
	*rand.Rand
	special bool // a rule gives way to another
}

func (b *smallBook) one(of ...string) string { return of[b.IntN(len(of))] }

func (b *smallBook) leaf() string {
	k := strconv.Itoa(b.IntN(4))
	return b.one(
		`kind == "a"`, `kind != "b"`, `kind in ["a", "c"]`, `way == null`, `way == "x"`, `way != "y"`, "flag", "not flag",
		"n > "+k, "n <= "+k, "n == "+k, "n < m", "n == m", "m >= "+k, `high.value == "up"`, `high.value != "down"`,
		"any(items, # == \"x\")", "len(items) > 1",
	)
}

func (b *smallBook) condition(depth int) string {
	if depth == 0 || b.IntN(3) == 0 {
		return b.leaf()
	}
	return fmt.Sprintf("%s(%s %s %s)", b.one("", "", "not "), b.condition(depth-1), b.one("and", "or"), b.condition(depth-1))
}

func (b *smallBook) text() string {
	var t strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&t, format+"\n", args...) }
	line("rulebook: {id: small, title: {zh: 小, en: small}, zone: UTC, in_force: {from: 2020-01-01}}")
	line("words: {kind: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}, c: {zh: 丙, en: c}}, way: {x: {zh: 子, en: x}, y: {zh: 丑, en: y}}, high: {up: {zh: 上, en: up}, down: {zh: 下, en: down}}}")
	if b.IntN(3) == 0 {
		line("must: {bound: {zh: 界, en: bound, that: n <= m + 2}}")
	}
	line("facts:\n  kind: {zh: 类, en: kind, type: word, words: kind}\n  way: {zh: 路, en: way, type: word, words: way, if_absent: none}\n  flag: {zh: 旗, en: flag, type: yes_no}")
	line("  n: {zh: 数, en: number, type: count}\n  m: {zh: 量, en: amount, type: count}\n  items: {zh: 项, en: items, type: list, of: {type: word, words: way}}")
	line("regulations:\n  r:\n    zh: 规\n    en: rules\n    articles:\n      \"1\":\n        nature: duty\n        title: {zh: 题, en: title}\n        text: {zh: 文, en: text}")
	scope := b.IntN(3) == 0
	if scope {
		line("        scopes:\n          inside: {zh: 内, en: inside, holds: '%s'}", b.condition(1))
	}
	line("        figures:\n          high: {zh: 高, en: high, is: '%s ? \"up\" : \"down\"', words: high}", b.one("n > 1", "m < 2 and flag", `kind == "b"`))
	for i := range 2 + b.IntN(2) {
		except := ""
		if i == 0 && b.IntN(4) == 0 {
			except, b.special = ", except: [f1]", true
		}
		line("          f%d: {zh: 算%d, en: figure %d, part_of: group, when: '%s'%s, is: '\"up\"', words: high}", i, i, i, b.condition(2), except)
	}
	line("        duties:")
	for i := range 3 {
		line("          d%d: {zh: 责%d, en: duty %d, when: '%s', met: flag, breach: broken}", i, i, i, b.condition(2))
	}
	line("questions:\n  q:\n    zh: 问\n    en: question\n    facts: [kind, way, flag, n, m, items]")
	if scope {
		line("    scope: [inside]")
	}
	line("    rules: [group, d0, d1, d2, high]\n    verdict: {is: group.value, words: high}\n    values:\n      v: {zh: 值, en: value, is: high.value}")
	return t.String()
}

// allFacts are all facts of the small domain.
func allFacts() []map[string]any {
	var all []map[string]any
	for _, kind := range []string{"a", "b", "c"} {
		for _, way := range []any{nil, "x", "y"} {
			for _, flag := range []bool{true, false} {
				for n := range 5 {
					for m := range 5 {
						for _, items := range [][]string{{}, {"x"}, {"y"}, {"x", "y"}, {"y", "y"}} {
							facts := map[string]any{"kind": kind, "flag": flag, "n": n, "m": m, "items": items}
							if way != nil {
								facts["way"] = way
							}
							all = append(all, facts)
						}
					}
				}
			}
		}
	}
	return all
}

// What an analysis finds and does not find is what going through all facts finds:
// collisions, facts without a verdict, and rules that never apply.
func TestFindingsAreThoseOfAllFacts(t *testing.T) {
	books, first := 12, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("SMALL_BOOKS")); err == nil {
		books = n
	}
	valid := 0
	for seed := first; seed < first+uint64(books); seed++ {
		b := &smallBook{Rand: rand.New(rand.NewPCG(seed, 3))}
		text := b.text()
		book, err := rulebook.Parse("small.yaml", []byte(text))
		if err != nil {
			t.Log(err)
			continue
		}
		valid++
		if !t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { likeAllFacts(t, book) }) {
			t.Log(text)
		}
	}
	require.Greater(t, valid, books*3/4)
}

func likeAllFacts(t *testing.T, book *rulebook.Book) {
	ctx := context.Background()
	collide, open, applied := map[string]bool{}, false, map[string]bool{}
	ask := func(facts map[string]any) *policy.Answer {
		data, err := json.Marshal(facts)
		require.NoError(t, err)
		answer, err := book.Ask(ctx, "q", data)
		var impossible *policy.FactError
		if errors.As(err, &impossible) {
			return nil
		}
		require.NoError(t, err)
		return answer
	}
	for _, facts := range allFacts() {
		answer := ask(facts)
		if answer == nil {
			continue
		}
		var why *policy.AnswerError
		if errors.As(errorOf(answer), &why) {
			for _, pair := range []string{"f0+f1", "f0+f2", "f1+f2"} {
				one, two, _ := strings.Cut(pair, "+")
				if strings.Contains(why.Message.EN, one+" and ") && strings.Contains(why.Message.EN, two+" apply") {
					collide[pair] = true
				}
			}
			continue
		}
		open = open || answer.Verdict == policy.Undetermined
		for _, id := range answer.Rules {
			applied[id] = true
		}
	}
	r, err := analysis.Analyse(ctx, run.Of(book), analysis.Options{})
	require.NoError(t, err)
	never, gap := map[string]bool{}, false
	found := map[string]bool{}
	for _, f := range r.Findings {
		switch f.Code {
		case "two_rules_apply":
			found[f.About] = true
		case "no_verdict", "no_rule_applies":
			gap = true
		case "never_applies":
			never[f.Rule] = true
		}
		isShown(t, book, f)
	}
	// Where three rules apply, the engine names the first two.
	for pair := range collide {
		require.True(t, found[pair], "%s collides", pair)
	}
	for pair := range found {
		require.True(t, collide[pair], "%s does not collide", pair)
	}
	require.Equal(t, open, gap, "without a verdict")
	for _, rule := range book.Rulebook().Rules() {
		if slices.Contains([]string{"inside", "high"}, rule.Name) {
			continue
		}
		if !never[rule.ID] && (len(collide) > 0 || strings.Contains(string(book.Rulebook().Source()), "must:")) {
			continue // it may apply only where others collide; or is computed with
		}
		require.Equal(t, !applied[rule.ID], never[rule.ID], rule.ID)
	}
}
