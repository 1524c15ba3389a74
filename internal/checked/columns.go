package checked

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// ColumnLabel is the label that a rule gives, under `columns`, to a field of the
// records that it makes, or to a key or result of a table; false where it gives none.
func (b *Book) ColumnLabel(r *Rule, name string) (policy.Text, bool) {
	n := r.Node.Get("columns").Get(name)
	if n == nil {
		return policy.Text{}, false
	}
	return diagnostic.TextIn(b.Languages, func(lang string) string {
		if len(b.Languages) == 1 && n.Kind == source.Scalar {
			return n.Text // the wording alone
		}
		if w := n.Get(lang); w != nil {
			return w.Text
		}
		return ""
	}), true
}
