package editor

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
)

const withEngineWords = `rulebook: {id: a, title: A, zone: UTC, in_force: {from: 2020-01-01}, languages: [en]}
facts:
  opened: {en: opened, type: moment}
  closed: {en: closed, type: moment}
words:
  status: {not_started: not begun, running: open, overdue: overdue, on_time: in time, late: too late, deemed_on_time: as if in time}
readings:
  a.which: {article: a/1, asks: which one, options: {one: One, other: Other}, chosen: one}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: deadline
        title: One
        text: In a day.
        clocks:
          run: {en: run, done: closed, breach: late}
          walk: {en: walk, done: closed, breach: late}
        deadlines:
          day: {en: day, part_of: run, from: opened, within: {by: a.which, one: 24 hours, other: 25 hours}}
          days: {en: days, part_of: walk, from: opened, within: 48 hours}
questions:
  q:
    en: q
    facts: [opened, closed]
    rules: [run, walk]
    verdict: {is: run.status, words: {on_time: done, no_run: none}, if_none: no_run}
    values: {w: {en: w, is: walk.status}}
`

// Words that rules give keep their names, and so do those of the language; what
// can be done in their place is said. Of a name alone it is said what it may mean.
func TestEngineWordsAreNotRenamed(t *testing.T) {
	p := Open(withEngineWords, nil, nil)
	require.NotNil(t, p.Book(), "%v", p.Findings())
	refused := func(place, name string) string {
		s, err := p.Named(place)
		if err == nil {
			_, err = p.Rename(s, name)
		}
		var d diagnostic.Diagnostic
		if errors.As(err, &d) {
			return d.Message.EN + " → " + d.Remedy.EN
		}
		var no *RenameError
		if errors.As(err, &no) {
			return no.Message.EN + " → " + no.Remedy.EN
		}
		require.NoError(t, err)
		return ""
	}
	const kept = "on_time is a word of the engine's own, which rules give, and cannot be renamed → what people call it can be changed: rulebook set "
	assert.Equal(t, kept+"'words.status.on_time' LABEL", refused("words.status.on_time", "done"))
	assert.Equal(t, kept+"'questions.q.verdict.words.on_time' LABEL", refused("questions.q.verdict.words.on_time", "done"))
	assert.Empty(t, refused("questions.q.verdict.words.no_run", "nothing"))
	assert.Equal(t, `"in" is reserved and cannot be a name → choose another name`, refused("opened", "in"))
	assert.Contains(t, refused("opened", "In"), "use lower-case letters")
	assert.Contains(t, refused("on_time", "done"), "say which one: words.status.on_time, questions.q.verdict.words.on_time")
	assert.Contains(t, refused("which", "what"), `say which one: readings."a.which"`)
	assert.Contains(t, refused("working_days_between", "x"), "is a name of the engine's own and cannot be renamed")
	assert.Contains(t, refused("due_at", "x"), "is a name of the engine's own and cannot be renamed")
	assert.Contains(t, refused("oppened", "x"), "did you mean opened?")
	assert.Contains(t, refused("xyz", "x"), "xyz is no name that the rulebook has given → name a fact")
}
