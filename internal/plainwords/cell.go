package plainwords

import (
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// bounds are the words of ranges of a table, as they are written, in the order in
// which they are looked for, with what each says of the bound.
var bounds = []struct{ before, after, zh, en string }{
	{"from ", "", "%s 以上", "from %s"}, {"above ", "", "超过 %s", "above %s"}, {"below ", "", "不满 %s", "below %s"}, {"up to ", "", "至多 %s", "up to %s"},
}

// cell says what a row of a table demands of a key.
func (t *teller) cell(n *source.Node, of thing) Phrase {
	switch {
	case n == nil || n.Kind == source.Scalar && n.Text == "any" && n.Style == source.Plain:
		return plain(t.pick("任意", "any"))
	case checked.IsBy(n):
		return t.flat(t.node(n, func(t *teller, n *source.Node) Block { return Block{Phrase: t.cell(n, of)} }))
	case n.Kind == source.Seq:
		var parts []Phrase
		for _, item := range n.Items {
			parts = append(parts, t.cell(item, of))
		}
		return join(parts, t.pick("、", ", "))
	case n.Kind != source.Scalar:
		return t.flat(t.sayNumber(n))
	case n.Text == "none" && n.Style == source.Plain:
		return plain(t.pick("没有", "none"))
	case of.typ == "yes_no" || n.Text == "yes" || n.Text == "no" || n.Text == "true" || n.Text == "false":
		if n.Text == "yes" || n.Text == "true" {
			return plain(t.pick("是", "yes"))
		}
		return plain(t.pick("否", "no"))
	case of.words != nil:
		return t.wordIn(of.words, n.Text)
	}
	return t.interval(strings.Join(strings.Fields(n.Text), " "))
}

// interval says a range such as “from 15 below 30” or 15以上不满30, each bound by
// its value or the name of one.
func (t *teller) interval(text string) Phrase {
	var parts []Phrase
	rest := text
	for rest != "" {
		found := false
		for _, b := range bounds {
			after, ok := strings.CutPrefix(rest, b.before)
			if !ok {
				continue
			}
			end := len(after)
			for _, next := range bounds {
				if i := strings.Index(after, " "+next.before); i >= 0 && i < end {
					end = i
				}
			}
			parts = append(parts, t.f(b.zh, b.en, t.bound(strings.TrimSpace(after[:end]))))
			rest, found = strings.TrimSpace(after[end:]), true
			break
		}
		if !found {
			parts = append(parts, t.bound(rest))
			break
		}
	}
	return join(parts, t.pick("、", ", "))
}

// bound is a number, or a named value with what it is.
func (t *teller) bound(text string) Phrase {
	if r := t.b.RulesByName[text]; r != nil && r.Form.Name == "value" {
		return t.named(r)
	}
	return number(Quantity(text).In(t.numbers()))
}

// numbers is the language in which the engine says numbers.
func (t *teller) numbers() string {
	if t.lang == "zh" {
		return "zh"
	}
	return "en"
}
