package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
)

// An article has the source that it names, else that of its regulation; a page
// alone is one of the regulation's document.
func TestSourcesOfArticles(t *testing.T) {
	text := library(t)
	put := func(old, new string) {
		require.Equal(t, 1, strings.Count(text, old), old)
		text = strings.Replace(text, old, new, 1)
	}
	put("    en: Lending\n", "    en: Lending\n    source: {id: L/2020, version: 2nd, address: 'https://example.org/l'}\n")
	put("text: {zh: 持证读者可以借阅。, en: Readers with a card may borrow.}", "text: {zh: 持证读者可以借阅。, en: Readers with a card may borrow.}\n        source: {page: 3-5}")
	put("text: {zh: 出示证件。, en: Papers are shown.}", "text: {zh: 出示证件。, en: Papers are shown.}\n        source: https://example.org/papers?a=b#c")
	put("text: {zh: 借期若干。, en: A loan has its time.}", "text: {zh: 借期若干。, en: A loan has its time.}\n        source: 馆办〔2020〕2号")
	put("text: {zh: 喧哗的罚款。, en: Noise is fined.}", "text: {zh: 喧哗的罚款。, en: Noise is fined.}\n        source: {id: 馆办〔2020〕3号, version: 3rd, page: 1}")
	book, found := parse(text)
	require.NotNil(t, book, "%v", found)
	for _, c := range []struct {
		article string
		want    policy.Source
		zh, en  string
	}{
		{"lending/1", policy.Source{ID: "L/2020", Version: "2nd", Address: "https://example.org/l", Page: "3-5"}, "L/2020，2nd 版，第 3–5 页，https://example.org/l", "L/2020, version 2nd, pages 3–5, https://example.org/l"},
		{"lending/1.1", policy.Source{Address: "https://example.org/papers?a=b#c"}, "https://example.org/papers?a=b#c", "https://example.org/papers?a=b#c"},
		{"lending/2", policy.Source{ID: "馆办〔2020〕2号"}, "馆办〔2020〕2号", "馆办〔2020〕2号"},
		{"lending/3", policy.Source{ID: "馆办〔2020〕3号", Version: "3rd", Page: "1"}, "馆办〔2020〕3号，3rd 版，第 1 页", "馆办〔2020〕3号, version 3rd, page 1"},
		{"lending/4", policy.Source{ID: "L/2020", Version: "2nd", Address: "https://example.org/l"}, "L/2020，2nd 版，https://example.org/l", "L/2020, version 2nd, https://example.org/l"},
	} {
		a, ok := book.Article(c.article)
		require.True(t, ok)
		assert.Equal(t, c.want, a.Source, c.article)
		assert.Equal(t, policy.Text{ZH: c.zh, EN: c.en}, a.Source.Told())
	}
	none, _ := parse(library(t))
	a, _ := none.Article("lending/1")
	assert.True(t, a.Source.IsZero())
	assert.True(t, a.Source.Told().IsZero())
}
