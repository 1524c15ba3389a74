package checked

import (
	"regexp"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// CutNumber are the two parts of a number that a comma within {…} has cut in
// two: the value before an entry, which ends with the one, and the key of the
// entry, which begins with the other.
func CutNumber(n *source.Node, at int) (before, rest *source.Node, cut bool) {
	if at == 0 || n.Entries[at].Value.Kind != source.Empty || n.Entries[at].Key.Style != source.Plain {
		return nil, nil, false
	}
	before, rest = n.Entries[at-1].Value, n.Entries[at].Key
	cut = before.Kind == source.Scalar && before.Style == source.Plain && headOfNumber.MatchString(before.Text) && restOfNumber.MatchString(rest.Text)
	return before, rest, cut
}

// CutInTwo says that a comma has cut a number in two, and what to write.
func CutInTwo(before, rest *source.Node) (message, remedy policy.Text) {
	head, tail := headOfNumber.FindStringSubmatch(before.Text)[1], restOfNumber.FindStringSubmatch(rest.Text)
	if len(tail[1]) < 3 {
		return diagnostic.Textf("逗号把数字 %s,%s 断成了两半", "the comma cuts the number %s,%s in two", head, tail[1]),
			diagnostic.Textf("小数点写 .：%s.%s", "write a point before decimals: %s.%s", head, tail[1]+tail[2])
	}
	return diagnostic.Textf("逗号把数字 %s,%s 断成了两半", "the comma cuts the number %s,%s in two", head, tail[1]),
		diagnostic.Textf("数字不加分隔符：写 %s%s", "write a number without separators: %s%s", head, tail[1]+tail[2])
}

// CutSpan is where the two parts of such a number stand.
func CutSpan(before, rest *source.Node) diagnostic.Span {
	head := utf8.RuneCountInString(headOfNumber.FindStringSubmatch(before.Text)[1])
	end := utf8.RuneCountInString(before.Text)
	span := before.SpanAt(end-head, end)
	span.End = rest.Span.End
	return span
}

var (
	headOfNumber = regexp.MustCompile(`(?:^|[\s(<>=+*/-])(-?(?:0|[1-9][0-9]{0,2}))$`)
	restOfNumber = regexp.MustCompile(`^([0-9]{1,3})([ %].*)?$`)
)

// BadName is what to write in the place of a text that cannot be a name.
func BadName(text string) policy.Text {
	if len(text) > MaxIdentifier {
		return diagnostic.Textf("名称超过 %d 个字符", "the name is longer than %d characters", MaxIdentifier)
	}
	return diagnostic.Textf("%q 不能作名称", "%q cannot be a name", text)
}

// ReservedName is why a name cannot be one of the rulebook's.
func ReservedName(name string) policy.Text {
	return diagnostic.Textf("%q 是保留词，不能作名称", "%q is reserved and cannot be a name", name)
}

// DatedValue is one value of `{by: date, 2011-05-20: …}`, or the only one.
type DatedValue struct {
	key   *source.Node // the date, nil for an undated value
	Value *source.Node
}

// DatedValues are the values of a node by the day from which they hold; one
// that is not chosen by date is a single value.
func DatedValues(n *source.Node) []DatedValue {
	if IsBy(n) && n.Get("by").Text == "date" {
		var all []DatedValue
		for _, e := range n.Entries {
			if e.Key.Text != "by" {
				all = append(all, DatedValue{e.Key, e.Value})
			}
		}
		return all
	}
	return []DatedValue{{nil, n}}
}

// IsBy reports whether a node is a choice.
func IsBy(n *source.Node) bool { return n != nil && n.Kind == source.Map && n.Get("by") != nil }
