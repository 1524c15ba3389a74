package load

import (
	"errors"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// isMap reports whether n is a map, and says so where it is not.
func (l *loader) isMap(n *source.Node, what policy.Text) bool {
	return l.isMapAs(n, what, diagnostic.Textf("写成 {键: 值} 或逐行缩进的“键: 值”", "write {key: value} or indented key: value lines"))
}

func (l *loader) isMapAs(n *source.Node, what, remedy policy.Text) bool {
	if n.Kind == source.Map {
		return true
	}
	l.failAt("map_expected", l.spanOfValue(n),
		policy.Text{ZH: spaced(what.ZH) + "应为若干“键: 值”", EN: what.EN + " must be a map of key: value"}, remedy)
	return false
}

// spaced sets a key in Latin letters off from the Chinese that follows it.
func spaced(zh string) string {
	if last, _ := utf8.DecodeLastRuneInString(zh); last < utf8.RuneSelf {
		return zh + " "
	}
	return zh
}

func (l *loader) isScalar(n *source.Node, what policy.Text) bool {
	if n.Kind == source.Scalar && n.Text != "" {
		return true
	}
	l.failAt("value_expected", l.spanOfValue(n), policy.Text{ZH: spaced(what.ZH) + "应为一个值", EN: what.EN + " must be a single value"},
		diagnostic.Textf("在冒号后写一个值", "write one value behind the colon"))
	return false
}

// items are the scalars of a list, or one scalar alone.
func (l *loader) items(n *source.Node) []*source.Node {
	switch n.Kind {
	case source.Seq:
		var all []*source.Node
		for _, item := range n.Items {
			if l.isScalar(item, policy.Text{ZH: "列表项", EN: "an item of a list"}) {
				all = append(all, item)
			}
		}
		return all
	case source.Scalar:
		return []*source.Node{n}
	default:
		l.failAt("list_expected", l.spanOfValue(n), diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
}

// note checks the remark that a map may carry.
func (l *loader) note(n *source.Node) {
	if x := n.Get("note"); x != nil {
		l.text(x)
	}
}

func (l *loader) scalarError(n *source.Node, err error) {
	var se *source.ScalarError // source has no other errors
	if errors.As(err, &se) {
		l.failAt(se.Code, n.SpanAt(se.From, se.To), se.Message, se.Remedy)
	}
}

// date is what a node says, 0 where there is none.
func (l *loader) date(n *source.Node) date.Date {
	d, _ := l.day(n)
	return d
}

// day is date, and whether it is one: the first of January of the year 1 is 0.
func (l *loader) day(n *source.Node) (date.Date, bool) {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "日期", EN: "a date"}) {
		return 0, false
	}
	d, err := source.Date(n.Text)
	if err != nil {
		l.scalarError(n, err)
		return 0, false
	}
	return d, true
}

func (l *loader) flag(n *source.Node) bool {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "true 或 false", EN: "true or false"}) {
		return false
	}
	v, err := source.Boolean(n.Text)
	if err != nil {
		l.scalarError(n, err)
	}
	return v
}

// period reads {from: date, to: date}.
func (l *loader) period(n *source.Node) (from, to date.Date) {
	remedy := diagnostic.Textf("写成 {from: 日期}", "write {from: …} with a date")
	if _, err := source.Date(n.Text); err == nil {
		remedy = diagnostic.Textf("写成 {from: %s}", "write {from: %s}", n.Text)
	}
	if !l.isMapAs(n, policy.Text{ZH: "in_force", EN: "in_force"}, remedy) {
		return 0, 0
	}
	l.onlyKeys(n, "from", "to")
	from, to = l.date(n.Get("from")), l.date(n.Get("to"))
	if from != 0 && to != 0 && to < from {
		l.fail("period_reversed", n.Get("to"), diagnostic.Textf("结束日 %v 早于开始日 %v", "the end %v is before the start %v", to, from),
			diagnostic.Textf("交换两个日期，或改正其中一个", "swap the dates or correct one of them"))
		return from, 0
	}
	return from, to
}
