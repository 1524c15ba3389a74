package forms_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

const visitsBook = `
rulebook: {id: visits, title: {zh: 来访, en: visits}, zone: Europe/London, in_force: {from: 2020-01-01}}
facts:
  days: {zh: 日期, en: days, type: list, of: {type: date}}
  n: {zh: 天数, en: number of days, type: count}
regulations:
  v:
    zh: 规
    en: rules
    articles:
      "1":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        figures:
          most: {zh: 最多, en: most, is: "most_within(days, n)"}
questions:
  q:
    zh: 问
    en: question
    facts: [days, n]
    rules: [most]
    verdict: {is: 'most.value >= 2 ? "yes" : "no"', words: {yes: {zh: 是, en: "yes"}, no: {zh: 否, en: "no"}}}
    values: {most: {zh: 最多, en: most, is: most.value}}
`

// Days in whose number a fact says nought are told as such: no date is wrong.
func TestMostWithinNoDays(t *testing.T) {
	book, err := rulebook.Parse("visits.yaml", []byte(visitsBook))
	require.NoError(t, err)
	a := ask(t, book, "q", `{"days": ["2026-01-01", "2026-01-28"], "n": 0}`)
	require.NotNil(t, a.Error)
	var told *policy.AnswerError
	require.ErrorAs(t, a.Error, &told)
	assert.Contains(t, told.Message.EN, "fewer days than 1")
	assert.Contains(t, told.Message.ZH, "天数不到 1")
	for n, verdict := range map[string]string{"1": "no", "27": "no", "28": "yes"} {
		assert.Equal(t, verdict, ask(t, book, "q", `{"days": ["2026-01-28", "2026-01-01"], "n": `+n+`}`).Verdict, n)
	}
}
