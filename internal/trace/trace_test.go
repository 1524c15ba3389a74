package trace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/trace"
)

func gulin(t *testing.T, old, changed string) *rulebook.Book {
	t.Helper()
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	text := strings.Replace(string(data), old, changed, 1)
	if old != "" {
		require.NotEqual(t, string(data), text, "%q is not there", old)
	}
	book, err := rulebook.Parse("rules.yaml", []byte(text))
	require.NoError(t, err)
	return book
}

// Numbers that the text has are found in it, in digits or in words; one that
// somebody changed is not.
func TestNumbersAreThoseOfTheText(t *testing.T) {
	missing := func(book *rulebook.Book, article string) (all []string) {
		for _, x := range trace.Of(book, article) {
			for _, r := range x.Rules {
				for _, n := range r.Numbers {
					if !n.InText {
						all = append(all, r.Name+"."+n.Field+" "+n.Number)
					}
				}
			}
		}
		return all
	}
	assert.NotContains(t, missing(gulin(t, "", ""), "time_limit/6"), "install_rural.within 10")
	assert.Contains(t, missing(gulin(t, "within: 10 working days", "within: 11 working days"), "time_limit/6"), "install_rural.within 11")
}

// Each rule stands at the sentence that it quotes, and nowhere else.
func TestQuotedSentences(t *testing.T) {
	book := gulin(t, "            zh: 农村装机\n", "            zh: 农村装机\n            rests_on: [材料不齐的自补齐起算, No pretexts]\n")
	found := 0
	for _, x := range trace.Of(book, "time_limit/6") {
		for _, s := range x.Sentences {
			quoted := strings.Contains(s.Text, "材料不齐的自补齐起算") || strings.Contains(s.Text, "No pretexts")
			has := strings.Contains(strings.Join(s.By, " "), "install_rural")
			assert.Equal(t, quoted, has, s.Text)
			if has {
				found++
			}
		}
	}
	assert.Positive(t, found)
}

// A rule that quotes one language alone may rest on any sentence of the other: none
// of these counts as left, until the rule quotes that language too.
func TestQuotedInAnotherLanguage(t *testing.T) {
	of := func(quotes string) trace.Article {
		return trace.Of(gulin(t, "            zh: 农村装机\n", "            zh: 农村装机\n"+quotes), "time_limit/6")[0]
	}
	x := trace.Of(gulin(t, "", ""), "time_limit/6")[0]
	assert.Nil(t, x.Elsewhere("en"))
	assert.NotEmpty(t, x.Left("en"))
	x = of("            rests_on: [材料不齐的自补齐起算]\n")
	assert.Equal(t, map[string][]string{"zh": {"time_limit.install_rural"}}, x.Elsewhere("en"))
	assert.Empty(t, x.Left("en"))
	assert.Nil(t, x.Elsewhere("zh"))
	assert.NotEmpty(t, x.Left("zh"), "in the language that is quoted, what nothing quotes is left")
	x = of("            rests_on: [材料不齐的自补齐起算, No pretexts]\n")
	assert.Nil(t, x.Elsewhere("en"))
	assert.NotEmpty(t, x.Left("en"))
}

// Every word of every text is in one of its sentences, of all example books.
func TestSentencesAreTheWholeText(t *testing.T) {
	books, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	squeezed := func(text string) string { return strings.Join(strings.Fields(text), "") }
	for _, name := range append(books, "../../rules.yaml") {
		book, err := rulebook.Load(name)
		if err != nil { // a part of a book
			continue
		}
		for _, x := range trace.Of(book) {
			for _, lang := range x.Text.Languages() {
				var all strings.Builder
				for _, s := range x.Sentences {
					if s.Lang == lang {
						all.WriteString(s.Text)
					}
				}
				assert.Equal(t, squeezed(x.Text.In(lang)), squeezed(all.String()), "%s %s", name, x.ID)
			}
			for _, left := range x.Left("zh") {
				assert.Empty(t, left.By)
			}
		}
	}
}

const finesBook = `
rulebook: {id: small, title: {zh: 小, en: small}, zone: UTC, currency: CNY, in_force: {from: 2020-01-01}}
facts:
  n: {zh: 数, en: number, type: count}
words: {said: {yes: {zh: 是, en: "yes"}, no: {zh: 否, en: "no"}}}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: "«zh»", en: "«en»"}
        figures:
          fine: {zh: 罚, en: fine, is: 'n > 3 ? «number» CNY : 0 CNY'}
questions:
  q:
    zh: 问
    en: question
    facts: [n]
    rules: [fine]
    verdict: {is: 'n > 3 ? "yes" : "no"', words: said}
    values: {fine: {zh: 罚, en: fine, is: fine.value}}
`

// Large numbers are written in words in many ways; each is the number of the rule,
// and of no other rule.
func TestLargeNumbersInWords(t *testing.T) {
	for number, texts := range map[string][][2]string{
		"200000":    {{"处二十万元罚款。", "Fined."}, {"处20万元罚款。", "Fined."}, {"罚。", "A fine of two hundred thousand yuan."}, {"罚。", "A fine of 200,000 yuan."}},
		"150":       {{"罚一百五。", "Fined."}, {"罚一百五十元。", "Fined."}, {"罚。", "A hundred and fifty yuan."}},
		"105":       {{"罚一百零五元。", "Fined."}, {"罚。", "A hundred and five yuan."}},
		"2000":      {{"罚两千元。", "Fined."}, {"罚。", "Two thousand yuan."}},
		"200":       {{"罚两百元。", "Fined."}, {"罚。", "Two hundred yuan."}},
		"100000000": {{"罚一亿元。", "Fined."}, {"罚。", "A hundred million yuan."}},
	} {
		for _, text := range texts {
			for _, other := range []string{"200000", "150", "105", "2000", "200", "100000000", "20", "100", "2", "10", "5"} {
				book, err := rulebook.Parse("small.yaml", []byte(strings.NewReplacer("«zh»", text[0], "«en»", text[1], "«number»", other).Replace(finesBook)))
				require.NoError(t, err)
				var has []bool
				for _, n := range trace.Of(book)[0].Rules[0].Numbers {
					if n.Number == other {
						has = append(has, n.InText)
					}
				}
				assert.Equal(t, []bool{other == number}, has, "%s in %v", other, text)
			}
		}
	}
}
