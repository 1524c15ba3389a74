package load

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
)

// misindented reports a key of a list of rules that has nothing below it, for the
// lines that belong to it are indented as it is; what follows is not read.
func (l *loader) misindented(n *source.Node, at int) bool {
	e := n.Entries[at]
	if e.Value.Kind != source.Empty || e.Value.Text != "" || at+1 == len(n.Entries) {
		return false
	}
	next := n.Entries[at+1].Key.Text
	isSection := slices.ContainsFunc(forms.All(), func(f *form.Form) bool { return f.Section == e.Key.Text })
	if !isSection && next != "zh" && next != "en" {
		return false
	}
	remedy := diagnostic.Textf("下面属于它的各行缩进得比它深", "indent the lines that belong to it deeper than it is")
	if isSection {
		remedy = diagnostic.Textf("%s 与它上面的 %s 对齐", "align %s with %s above it", e.Key.Text, n.Key().Text)
	}
	l.failAt("map_expected", e.Key.Span, diagnostic.Textf("%s 之下没有内容：缩进不对", "there is nothing below %s: the indentation is wrong", e.Key.Text), remedy)
	for _, rest := range n.Entries[at:] {
		l.broken[rest.Key.Text] = true
		l.refuse(rest.Value)
	}
	return true
}
