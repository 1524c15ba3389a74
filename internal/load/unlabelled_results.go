package load

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// unlabelledResults reports results of tables that have no label: reasons would
// call them by their names.
func (u *usage) unlabelledResults() {
	told := map[diagnostic.Span]bool{} // a table that is like another has its rows
	for _, r := range u.book.AllRules {
		rows := r.Node.Get("rows")
		if r.Form.Name != "table" || rows == nil || rows.Kind != source.Seq || len(rows.Items) == 0 {
			continue
		}
		gives := rows.Items[0].Get("gives")
		if gives == nil {
			continue
		}
		for _, e := range gives.Entries {
			name := e.Key.Text
			_, labelled := u.book.ColumnLabel(r, name)
			if _, worded := u.book.Wordings[name]; labelled || worded || told[e.Key.Span] {
				continue
			}
			told[e.Key.Span] = true
			shape := "{" + name + ": " + wordingIn(u.book.Languages, "", "") + "}"
			u.warn("result_without_label", e.Key.Span, diagnostic.Textf("表的结果 %q 没有名称，理由里只能叫它 %[1]s", "the result %q of the table has no label: reasons call it %[1]s", name),
				diagnostic.Textf("在表里写 columns: %s", "write columns: %s in the table", shape))
		}
	}
}
