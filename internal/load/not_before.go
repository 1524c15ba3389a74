package load

import (
	"cmp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// orderWritten is a `not_before` that is still to be looked up.
type orderWritten struct {
	fact *checked.Fact
	node *source.Node
}

// notBefore reads which events come before a moment or date.
func (l *loader) notBefore(f *checked.Fact, n *source.Node) {
	if n == nil {
		return
	}
	if !f.IsTime() {
		l.failAt("key_of_other_type", n.Key().Span, diagnostic.Textf("类型 %s 没有 %q", "type %s has no %q", f.TypeName, "not_before"), diagnostic.Textf("删去它", "remove it"))
		return
	}
	for _, item := range l.items(n) {
		l.orders = append(l.orders, orderWritten{f, item})
	}
}

// resolveOrders looks the events up, once all facts are read: a field beside
// the fact comes first, then any fact by its whole path.
func (l *loader) resolveOrders() {
	times := map[string]*checked.Fact{}
	var walk func(f *checked.Fact)
	walk = func(f *checked.Fact) {
		times[checked.PlainPath(f.Path)] = f
		for _, x := range f.Fields {
			walk(x)
		}
		if f.Elem != nil && (f.Elem.IsTime() || len(f.Elem.Fields) > 0) {
			walk(f.Elem)
		}
	}
	for _, f := range l.book.Facts {
		walk(f)
	}
	for _, o := range l.orders {
		own := checked.PlainPath(o.fact.Path)
		beside := own[:strings.LastIndexByte(own, '.')+1]
		root, _, _ := strings.Cut(own, ".")
		earlier := cmp.Or(times[beside+o.node.Text], times[o.node.Text])
		wanted, _, _ := strings.Cut(o.node.Text, ".")
		switch {
		case l.broken[root] || earlier == nil && l.broken[wanted]:
		case earlier == nil:
			var names []string
			for path, f := range times {
				if f.IsTime() && path != own {
					names = append(names, strings.TrimPrefix(path, beside))
				}
			}
			slices.Sort(names)
			l.fail("unknown_fact", o.node, diagnostic.Textf("没有事实 %q", "there is no fact %q", o.node.Text), diagnostic.OneOf(o.node.Text, checked.Nearby(o.node.Text, names)))
		case !earlier.IsTime():
			l.fail("type_mismatch", o.node, diagnostic.Textf("%q 不是时刻或日期，没有先后", "%q is neither a moment nor a date and cannot come first", o.node.Text),
				diagnostic.Textf("写一个时刻或日期", "name a moment or a date"))
		case earlier == o.fact:
			l.fail("cycle", o.node, diagnostic.Textf("%q 不能早于自己", "%q cannot come before itself", o.node.Text), diagnostic.Textf("写先发生的那个事实", "name the fact that happens first"))
		default:
			o.fact.NotBefore = append(o.fact.NotBefore, earlier)
		}
	}
}
