package checked

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/policy"
)

// TextsOf are the texts of an article, one of each language that it has.
func TextsOf(a *policy.Article) []string {
	var all []string
	for _, lang := range a.Text.Languages() {
		if text := a.Text.In(lang); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// Quotes reports whether a text has the words, however either is spaced and
// broken into lines.
func Quotes(text, words string) bool {
	words = unspaced(words)
	return words != "" && strings.Contains(unspaced(text), words)
}

func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }

// TextsFor are the articles whose text a rule may quote: its own, the one that it
// is an item of, and those that it cites too.
func (b *Book) TextsFor(r *policy.Rule) []*policy.Article {
	var all []*policy.Article
	for _, id := range append([]string{r.Article.ID, r.Article.Parent()}, r.AlsoCite...) {
		if a := b.ArticlesByID[id]; a != nil && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}
