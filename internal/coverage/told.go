package coverage

import (
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Told is the item as what no case does. What stands once and is evaluated for
// several rules is told of each by its name.
func (i *Item) Told() diagnostic.Text {
	if i.TakenOver {
		return diagnostic.Wording("规则 "+i.Rule+"：%s", "rule "+i.Rule+": %s", i.missed())
	}
	return i.missed()
}

func (i *Item) missed() diagnostic.Text {
	switch i.Kind {
	case Question:
		return diagnostic.Textf("问题 %s 没有用例", "no case asks %s", i.Name)
	case Verdict:
		q, word, _ := strings.Cut(i.Name, "=")
		return diagnostic.Textf("问题 %s 没有得出 %s 的用例", "no case of %s comes to %s", q, word)
	case Article:
		return diagnostic.Textf("没有用例引用 %s", "no case cites %s", i.Name)
	case Rule:
		return diagnostic.Textf("规则 %s 从未适用", "rule %s never applies", i.Name)
	case Row:
		return diagnostic.Textf("没有用例落在这一行：%s", "no case falls in the row %s", i.Name)
	case Value:
		return diagnostic.Textf("%s 从未求值", "%s is never evaluated", i.Name)
	case Condition:
		if i.Side == "yes" {
			return diagnostic.Textf("%s 从未成立", "%s never holds", i.Name)
		}
		return diagnostic.Textf("%s 从未不成立", "%s never fails to hold", i.Name)
	case Boundary:
		if i.cell {
			return diagnostic.Textf("没有用例正好在 %s 的界限上", "no case is exactly at an end of %s", i.Name)
		}
		return diagnostic.Textf("%s 从未正好两边相等", "the two sides of %s are never the same", i.Name)
	}
	reading, option, _ := strings.Cut(i.Name, "=")
	return diagnostic.Textf("没有用例采用读法 %s 的 %s", "no case is answered under %[2]s of reading %[1]s", reading, option)
}
