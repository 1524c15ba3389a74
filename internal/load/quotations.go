package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// quotation is what a rule says that it rests on.
type quotation struct {
	rule *checked.Rule
	node *source.Node
}

// quotations reads the words that a rule rests on. Whether they stand in the
// text is known when all articles are read.
func (l *loader) quotations(r *checked.Rule, n *source.Node) {
	if n == nil {
		return
	}
	for _, item := range l.items(n) {
		r.RestsOn = append(r.RestsOn, item.Text)
		l.quoted = append(l.quoted, quotation{r, item})
	}
}

// checkQuotations checks that what rules quote stands in the text of their
// article, in any of its languages: of the article itself, of the one that it is
// an item of, or of one that the rule cites too.
func (l *loader) checkQuotations() {
	for _, q := range l.quoted {
		a := q.rule.Article
		stands := slices.ContainsFunc(l.book.TextsFor(q.rule.Rule), func(x *policy.Article) bool {
			return slices.ContainsFunc(checked.TextsOf(x), func(text string) bool { return checked.Quotes(text, q.node.Text) })
		})
		if !stands {
			text := a.Text
			l.fail("not_in_text", q.node, diagnostic.Textf("条款 %[2]s 的 text 里没有“%[1]s”", "the text of article %[2]s does not have “%[1]s”", strings.TrimSpace(q.node.Text), a.ID),
				diagnostic.Text{ZH: "照 text 原样抄一段：" + text.ZH, EN: "copy words as they stand there: " + text.EN})
		}
	}
}
