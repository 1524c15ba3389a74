package editor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The help at a rule says what is in force. Where a word of the facts chooses,
// that is what holds for each of them, also where it is taken over from a value or
// from another rule.
func TestHelpShowsWhatEachWordHas(t *testing.T) {
	const text = `rulebook: {id: a, title: A, zone: UTC, in_force: {from: 2020-01-01}, languages: [en]}
facts:
  kind: {en: kind, type: word, words: {a: a, b: b}}
  opened: {en: opened, type: moment}
  other: {en: other, type: moment}
  closed: {en: closed, type: moment}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: duty
        title: One
        text: Four hours.
        values:
          limit: {en: limit, is: {by: kind, a: {by: date, 2020-01-01: 4 hours, 2025-01-01: 3 hours}, otherwise: 2 days}}
        clocks:
          run: {en: run, done: closed, breach: late}
          run2: {en: run two, like: run}
        deadlines:
          one: {en: one, part_of: run, from: opened, within: limit}
          two: {en: two, like: one, part_of: run2, in_place_of: {opened: other}}
questions:
  q: {en: q, facts: [kind, opened, other, closed], rules: [run, run2], verdict: {is: run.status}, values: {d: {en: d, is: run2.due}}}
`
	p := Open(text, nil, nil)
	require.NotNil(t, p.Book(), "%v", p.Findings())
	for _, mark := range []string{"one: {en", "like: one", "two: {en"} {
		h, ok := p.HoverAt("", strings.Index(text, mark)+len(mark)-1-4*strings.Count(mark, "{"), "en", today)
		require.True(t, ok, mark)
		assert.Contains(t, h.Text, "within: {by: kind, a: 3 hours, otherwise: 2 days}", mark)
	}

	at := strings.Index(text, "like: one") + len("like: ")
	var offered []string
	for _, c := range p.Complete("", at, "en", today) {
		offered = append(offered, c.Label)
	}
	assert.Equal(t, []string{"one"}, offered, "only rules of the same kind, and not the rule itself")

	at = strings.Index(text, "in_place_of: {opened") + len("in_place_of: {")
	var names []string
	for _, c := range p.Complete("", at, "en", today) {
		names = append(names, c.Insert)
	}
	assert.Equal(t, []string{"opened: ", "limit: ", "run: "}, names, "only what stands in the rule that it is like")
}
