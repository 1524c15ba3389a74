package analysis_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
)

const idleBook = `
rulebook: {id: small, title: {zh: 小, en: small}, zone: UTC, in_force: {from: 2020-01-01}}
facts:
  n: {zh: 数, en: number, type: count}
  m: {zh: 量, en: amount, type: count}
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
          dated: {zh: 改过, en: dated, is: {by: date, 2020-01-01: n, 2022-01-01: m}}
          steady: {zh: 没改, en: steady, is: m}
questions:
  q:
    zh: 问
    en: question
    facts: [n, m]
    rules: [dated, steady]
    verdict: {is: 'n > 3 ? "high" : "low"', words: {high: {zh: 高, en: high}, low: {zh: 低, en: low}}}
    values:
      dated: {zh: 改过, en: dated, is: dated.value}
      steady: {zh: 没改, en: steady, is: steady.value}
promises:
  p: {zh: 承诺, en: promise, article: r/1, question: q, %s}
`

// A promise that promises nothing is told with what is the matter: nothing meets
// its condition, or what rises does not matter, whether or not it has a condition
// that facts meet.
func TestWhyPromisesAreIdle(t *testing.T) {
	const unfulfilled, unturned = "no facts fulfil the condition", "does not depend on n, and nothing is promised"
	for _, x := range []struct{ promise, told, remedy string }{
		{`as_rises: n, never_falls: answer.steady`, unturned, "correct as_rises or never_falls"},
		{`as_rises: n, never_rises: answer.steady`, unturned, "correct as_rises or never_rises"},
		{`when: m > 3, as_rises: n, never_falls: answer.steady`, unturned, "correct as_rises or never_falls"},
		{`when: n > 3, as_rises: n, never_falls: answer.steady`, unturned, "correct as_rises or never_falls"},
		{`when: answer.dated > 3, as_rises: n, never_falls: answer.steady`, unturned, "correct as_rises or never_falls"},
		{`when: n > 3 and n < 3, as_rises: n, never_falls: answer.steady`, unturned, "correct as_rises or never_falls"},
		{`when: n > 3 and n < 3, as_rises: m, never_falls: answer.steady`, unfulfilled, "correct when"},
		{`when: n > 3 and n < 3, then: answer.steady == m`, unfulfilled, "correct when"},
		{`when: n > 3 and n < 3, as_rises: n, never_falls: answer.dated`, "in some editions, and no facts fulfil the condition in the others", "correct as_rises, never_falls or when"},
		{`when: m > 3 and n < m, as_rises: n, never_falls: answer.dated`, "", ""},
		{`as_rises: n, never_falls: answer.dated`, "", ""},
		{`as_rises: n, never_falls: answer.verdict, order: [low, high]`, "", ""},
	} {
		book, err := rulebook.Parse("small.yaml", []byte(fmt.Sprintf(idleBook, x.promise)))
		require.NoError(t, err, x.promise)
		r, err := analysis.Promises(context.Background(), run.Of(book), analysis.Options{})
		require.NoError(t, err)
		if x.told == "" {
			assert.Empty(t, r.Standing(), x.promise)
			continue
		}
		require.Len(t, r.Standing(), 1, x.promise)
		f := r.Standing()[0]
		assert.Equal(t, "promise_idle", f.Code)
		assert.Contains(t, f.Message.EN, x.told, x.promise)
		assert.Equal(t, x.remedy, f.Remedy.EN, x.promise)
		assert.True(t, f.AboutPromise())
		assert.Equal(t, analysis.PromiseCount{Proven: 1}, r.CountPromises(), x.promise)
	}
}
