package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// facts reports those that no question takes, or that nothing looks at. Names
// and free text are for the people who tell records apart by them.
func (u *usage) facts() {
	u.orders(u.root.Get("facts"))
	if r := u.book.Review; r != nil {
		for _, s := range r.Sections {
			u.path(s.Month)
			u.path(s.Until)
			for _, c := range s.Columns {
				for _, show := range c.Show {
					if path, ok := strings.CutPrefix(show, policy.FactsPrefix); ok {
						u.path(path)
					}
				}
			}
		}
	}
	for _, f := range u.book.Facts {
		taken := slices.ContainsFunc(u.book.Questions, func(q *checked.Question) bool { return q.Takes(f.Name) })
		switch {
		case !taken:
			u.warn("unused_fact", f.Span, diagnostic.Textf("没有问题收取事实 %s", "no question takes the fact %s", f.Name),
				diagnostic.Textf("列入某个问题的 facts；不再需要就删去", "list it under the facts of a question; remove it where it is not needed"))
		case !u.names[f.Name] && !u.fields[f.Name]:
			u.unusedFact(f)
		default:
			u.inside(f)
		}
	}
}

// orders notes the facts that others are held against.
func (u *usage) orders(n *source.Node) {
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		if e.Key.Text == "not_before" {
			u.path(e.Value.Text)
			for _, item := range e.Value.Items {
				u.path(item.Text)
			}
		}
		u.orders(e.Value)
	}
}

// path notes the names of a dotted path.
func (u *usage) path(path string) {
	for _, name := range strings.Split(path, ".") {
		u.fields[name] = true
	}
}

func (u *usage) inside(f *checked.Fact) {
	for _, x := range f.Fields {
		if !u.fields[x.Name] {
			u.unusedFact(x)
			continue
		}
		u.inside(x)
	}
	if f.Elem != nil {
		u.inside(f.Elem)
	}
}

func (u *usage) unusedFact(f *checked.Fact) {
	if f.Typ.Kind == value.Name {
		return
	}
	u.warn("unused_fact", f.Span, diagnostic.Textf("没有规则、问题或审查用到事实 %s", "no rule, question or review looks at the fact %s", f.Path),
		diagnostic.Textf("在表达式里用到它；不再需要就删去", "use it in an expression; remove it where it is not needed"))
}
