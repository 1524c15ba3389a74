package mutate_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/run"
)

// What one rule has from another one, which may stand in another file, is changed
// once, where it is written, and asked about by the questions of both.
func TestWhatIsTakenOverIsChangedOnce(t *testing.T) {
	const main = `rulebook: {id: a, title: A, zone: UTC, in_force: {from: 2020-01-01}, languages: [en]}
include: [rules.yaml]
facts:
  first: {en: first, type: count}
  second: {en: second, type: count}
  kind: {en: kind, type: word, words: {a: a, b: b}}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: duty
        title: One
        text: Ninety-five per cent.
        indicators:
          rate2: {en: rate two, like: rate, in_place_of: {first: second}, when: second > 7}
        figures:
          share: {en: share, is: second + small}
          chosen: {en: chosen, is: {by: kind, like: usual}}
questions:
  one: {en: one, facts: [first], rules: [rate], verdict: {is: rate.result}, values: {n: {en: n, is: first}}}
  two: {en: two, facts: [second], rules: [rate2], verdict: {is: rate2.result}, values: {n: {en: n, is: second}}}
  three: {en: three, facts: [second, kind], rules: [share, chosen], verdict: {is: 'share.value > 3 ? "a" : "b"', words: {a: a, b: b}}, values: {c: {en: c, is: chosen.value}}}
`
	const rules = `regulations:
  b:
    en: B
    articles:
      "1":
        nature: duty
        title: One
        text: Ninety-five per cent.
        values:
          small: {en: small, is: 4}
          usual: {en: usual, is: {by: kind, a: 11, b: 12}}
        indicators:
          rate: {en: rate, when: first > 5, count: first, base: first + 2, at_least: 95%}
`
	book, err := rulebook.LoadFS(fstest.MapFS{"main.yaml": {Data: []byte(main)}, "rules.yaml": {Data: []byte(rules)}}, "main.yaml")
	require.NoError(t, err)
	text := book.Rulebook().Source()
	seen := map[string]bool{}
	for _, m := range mutate.Mutants(run.Of(book).Book()) {
		changed := string(m.Apply(text))
		assert.False(t, seen[changed], "%s: %s → %s twice", m.Span, m.Old, m.New)
		seen[changed] = true
		switch m.Old {
		case "95%", "2", "5":
			assert.Equal(t, []string{"one", "two"}, m.Questions(), m.Old)
			assert.Equal(t, "rules.yaml", m.Span.File)
		case "4", "11", "12":
			assert.Equal(t, []string{"three"}, m.Questions(), m.Old)
			assert.Equal(t, "rules.yaml", m.Span.File)
		case "7":
			assert.Equal(t, []string{"two"}, m.Questions())
			assert.Equal(t, "main.yaml", m.Span.File)
		}
	}
	assert.NotEmpty(t, seen)
}
