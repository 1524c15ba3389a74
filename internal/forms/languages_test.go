package forms_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
)

// Rulebooks in German and English, and in German alone: columns of figures and
// conditions on facts are worded in these.
const (
	inTwoLanguages = `
rulebook: {id: x, title: {de: Buch, en: book}, zone: UTC, languages: [de, en], in_force: {from: 2020-01-01}}
words: {said: {yes_w: {de: ja, en: "yes"}, no_w: {de: nein, en: "no"}}}
facts:
  n: {de: Zahl, en: number, type: count}
  m: {de: Grenze, en: limit, type: count}
  list: {de: Liste, en: list, type: list, of: {type: record, fields: {id: {de: Nummer, en: id, type: name}, k: {de: Stück, en: pieces, type: count}}}}
must:
  fits: {de: Die Zahl passt in die Grenze, en: the number fits the limit, that: n <= m}
regulations:
  r:
    de: Regel
    en: Rule
    articles:
      "1":
        nature: duty
        title: {de: Eins, en: One}
        text: {de: Eins, en: One}
        figures:
          twice: {each: list, fields: {id: .id, two: .k * 2}, columns: {two: {de: doppelt, en: twice}}}
questions:
  q:
    de: Frage
    en: question
    facts: [n, m, list]
    rules: [twice]
    verdict: {is: 'n > 3 ? "yes_w" : "no_w"', words: said}
    values:
      t: {de: Liste, en: list, is: twice.value, columns: {two: {de: Doppeltes, en: double}}}
`
	inOneLanguage = `
rulebook: {id: x, title: Buch, zone: UTC, languages: [de], in_force: {from: 2020-01-01}}
words: {said: {yes_w: ja, no_w: nein}}
facts:
  n: {de: Zahl, type: count}
  m: {de: Grenze, type: count}
  list: {de: Liste, type: list, of: {type: record, fields: {id: {de: Nummer, type: name}, k: {de: Stück, type: count}}}}
must:
  fits: {de: Die Zahl passt in die Grenze, that: n <= m}
regulations:
  r:
    de: Regel
    articles:
      "1":
        nature: duty
        title: Eins
        text: Eins
        figures:
          twice: {each: list, fields: {id: .id, two: .k * 2}, columns: {two: doppelt}}
questions:
  q:
    de: Frage
    facts: [n, m, list]
    rules: [twice]
    verdict: {is: 'n > 3 ? "yes_w" : "no_w"', words: said}
    values:
      t: {de: Liste, is: twice.value}
`
)

func TestColumnsInTheLanguagesOfTheBook(t *testing.T) {
	for text, english := range map[string]string{inTwoLanguages: "twice: 2 × 2 = 4", inOneLanguage: "doppelt: 2 × 2 = 4"} {
		a := ask(t, parse(t, text), "q", `{"n": 4, "m": 4, "list": [{"id": "a", "k": 2}]}`)
		assert.Contains(t, a.Explain("de"), "doppelt: 2 × 2 = 4")
		assert.Contains(t, a.Explain("en"), english)
	}
}

func TestConditionsOnFactsInTheLanguagesOfTheBook(t *testing.T) {
	for text, english := range map[string]string{inTwoLanguages: "this must be so: the number fits the limit (number 5, limit 4)", inOneLanguage: "this must be so: Die Zahl passt in die Grenze (Zahl 5, Grenze 4)"} {
		_, err := parse(t, text).Ask(t.Context(), "q", `{"n": 5, "m": 4, "list": []}`)
		var refused *policy.FactError
		require.True(t, errors.As(err, &refused), "%v", err)
		assert.Equal(t, english, refused.Message.In("en"))
		assert.Equal(t, "this must be so: Die Zahl passt in die Grenze (Zahl 5, Grenze 4)", refused.Message.In("de"))
		assert.Equal(t, "须为：", refused.Message.In("zh")[:len("须为：")])
	}
}
