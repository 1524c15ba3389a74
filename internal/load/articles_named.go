package load

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

var articleText = regexp.MustCompile(`["']([a-z][a-z0-9_]*)/([0-9]+(?:\.[0-9]+)*)["']`)

// namedArticle is an article that an expression names and that does not exist.
type namedArticle struct {
	id string
	at diagnostic.Span
}

// wrongArticles are the articles of the rulebook's own regulations that
// expressions name and that do not exist: nothing is ever equal to them.
func wrongArticles(b *checked.Book, top *source.Node) []namedArticle {
	var all []namedArticle
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		for _, e := range n.Entries {
			if !isWordingKey(b, e.Key.Text) {
				walk(e.Value)
			}
		}
		for _, item := range n.Items {
			walk(item)
		}
		if n.Kind != source.Scalar || !strings.Contains(n.Text, "/") {
			return
		}
		for _, m := range articleText.FindAllStringSubmatchIndex(n.Text, -1) {
			id := n.Text[m[2]:m[5]]
			ours := slices.ContainsFunc(b.Regulations, func(r *policy.Regulation) bool { return r.ID == n.Text[m[2]:m[3]] })
			if _, ok := b.Article(id); !ok && ours {
				all = append(all, namedArticle{id, n.SpanAt(utf8.RuneCountInString(n.Text[:m[0]]), utf8.RuneCountInString(n.Text[:m[1]]))})
			}
		}
	}
	for _, section := range []string{"regulations", "questions", "promises"} {
		if n := top.Get(section); n != nil {
			walk(n)
		}
	}
	return all
}

// articlesNamed refuses those that are not accepted.
func (l *loader) articlesNamed() {
	var ids []string
	for _, r := range l.book.Regulations {
		for _, a := range r.Articles {
			ids = append(ids, a.ID)
		}
	}
	for _, x := range wrongArticles(l.book, l.root) {
		if checked.AcceptanceOf(l.sourceLines()[x.at.File], x.at.Start.Line, "unknown_article") == 0 {
			l.failAt("unknown_article", x.at, diagnostic.Textf("条款 %q 不存在", "there is no article %q", x.id), diagnostic.OneOf(x.id, checked.Nearby(x.id, ids)))
		}
	}
}
