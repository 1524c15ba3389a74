package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a branch changes in a rule, it changes in those that are like it, too, and
// each is listed under its own article; not what they say themselves, and not in
// rules that the branch adds.
func TestDeviationsOfWhatIsAlike(t *testing.T) {
	const base = `rulebook: {id: base, title: A, zone: UTC, in_force: {from: 2020-01-01}, languages: [en]}
facts:
  first: {en: first, type: record, fields: {done: {en: done, type: count}, all: {en: all, type: count}}}
  second: {en: second, type: record, fields: {done: {en: done, type: count}, all: {en: all, type: count}}}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: threshold
        title: One
        text: Ninety-five per cent.
        indicators:
          one: {en: one, count: first.done, base: first.all, at_least: 95%, empty: met, may_change: [at_least, empty]}
      "2":
        nature: threshold
        title: Two
        text: As one.
        indicators:
          two: {en: two, like: one, in_place_of: {first: second}}
          three: {en: three, like: two, empty: not_met}
questions:
  q: {en: q, facts: [first, second], rules: [one, two, three], verdict: {is: one.result}, values: {n: {en: n, is: one.percent}}}
`
	branch := branchHead + `regulations:
  a:
    articles:
      "1": {indicators: {one: {at_least: 97%, empty: not_applicable}}}
      "3": {nature: threshold, title: Three, text: As one., indicators: {four: {en: four, like: one}}}
`
	book, found := parse(branchOf(branch, base))
	require.NotNil(t, book, "%v", found)
	var told []string
	for _, d := range book.Deviations() {
		told = append(told, strings.TrimPrefix(d.Path, "regulations.a.articles.")+" "+d.Article+" "+d.Base+" "+d.Branch)
		if !d.Added {
			assert.Equal(t, 7, d.At.Start.Line, "where it is written")
		}
	}
	assert.Equal(t, []string{
		`1.indicators.one.at_least a/1 95% 97%`, `1.indicators.one.empty a/1 met not_applicable`, `3 a/3  `,
		`2.indicators.two.at_least a/2 95% 97%`, `2.indicators.two.empty a/2 met not_applicable`, `2.indicators.three.at_least a/2 95% 97%`,
	}, told)
}
