package checked

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// A CutNumber is a number that commas within {…} or […] have cut into parts: the
// value that ends with the first of them, and the keys or items that the others
// have become.
type CutNumber struct {
	before *source.Node
	rest   []*source.Node
}

// CutInMap is the cut number of which an entry of a map is a part that is not the
// first.
func CutInMap(n *source.Node, at int) (CutNumber, bool) {
	isRest := func(i int) bool {
		return i > 0 && n.Entries[i].Value.Kind == source.Empty && n.Entries[i].Key.Style == source.Plain && restOfNumber.MatchString(n.Entries[i].Key.Text)
	}
	if !isRest(at) {
		return CutNumber{}, false
	}
	first := at
	for isRest(first - 1) {
		first--
	}
	c := CutNumber{before: n.Entries[first-1].Value}
	for i := first; i < len(n.Entries) && isRest(i); i++ {
		c.rest = append(c.rest, n.Entries[i].Key)
	}
	return c, c.isNumber()
}

// CutInList is the number with commas between its thousands that begins with an
// item of a list, and how many items behind that one are parts of it. Where a comma
// parts items, there is mostly a blank behind it, and within a number none.
func CutInList(n *source.Node, at int) (c CutNumber, parts int, cut bool) {
	c.before = n.Items[at]
	for i := at + 1; i < len(n.Items); i++ {
		x, last := n.Items[i], n.Items[i-1]
		if x.Kind != source.Scalar || x.Style != source.Plain || !threeFigures.MatchString(x.Text) ||
			last.Span.End.Line != x.Span.Start.Line || last.Span.End.Column+1 != x.Span.Start.Column {
			break
		}
		c.rest = append(c.rest, x)
	}
	return c, len(c.rest), len(c.rest) > 0 && c.isNumber()
}

// CutNumbers are the numbers that commas have cut in a list, where the list itself
// shows it: its other commas have a blank behind them, or what is behind the comma
// is no number by itself, such as 000.
func CutNumbers(list *source.Node) []CutNumber {
	var all []CutNumber
	for i := 0; i < len(list.Items); i++ {
		cut, parts, is := CutInList(list, i)
		if !is {
			continue
		}
		sure := strings.HasPrefix(cut.rest[0].Text, "0")
		for k := 1; k < len(list.Items); k++ {
			if list.Items[k].Span.Start.Line != list.Items[k-1].Span.End.Line || list.Items[k].Span.Start.Column > list.Items[k-1].Span.End.Column+1 {
				sure = true
			}
		}
		if sure {
			all = append(all, cut)
		}
		i += parts
	}
	return all
}

// isNumber reports whether the parts make one number: all behind the first are of
// three digits, where there are several.
func (c CutNumber) isNumber() bool {
	if c.before.Kind != source.Scalar || c.before.Style != source.Plain || !headOfNumber.MatchString(c.before.Text) {
		return false
	}
	for i, x := range c.rest {
		m := restOfNumber.FindStringSubmatch(x.Text)
		if len(c.rest) > 1 && len(m[1]) < 3 || i < len(c.rest)-1 && m[2] != "" {
			return false
		}
	}
	return true
}

// Told says that a comma has cut the number in two, and what to write.
func (c CutNumber) Told() (message, remedy policy.Text) {
	head := headOfNumber.FindStringSubmatch(c.before.Text)[1]
	digits, written, behind := head, head, ""
	for _, x := range c.rest {
		m := restOfNumber.FindStringSubmatch(x.Text)
		digits, written, behind = digits+m[1], written+","+m[1], m[2]
	}
	message = diagnostic.Textf("逗号把数字 %s 断成了两半", "the comma cuts the number %s in two", written)
	if last := written[strings.LastIndexByte(written, ',')+1:]; len(last) < 3 {
		return message, diagnostic.Textf("小数点写 .：%s.%s", "write a point before decimals: %s.%s", head, last+behind)
	}
	return message, diagnostic.Textf("数字不加分隔符：写 %s", "write a number without separators: %s", digits+behind)
}

// Span is where the number stands.
func (c CutNumber) Span() diagnostic.Span {
	head := utf8.RuneCountInString(headOfNumber.FindStringSubmatch(c.before.Text)[1])
	end := utf8.RuneCountInString(c.before.Text)
	span := c.before.SpanAt(end-head, end)
	span.End = c.rest[len(c.rest)-1].Span.End
	return span
}

var (
	threeFigures = regexp.MustCompile(`^[0-9]{3}(?:[^0-9]|$)`)
	headOfNumber = regexp.MustCompile(`(?:^|[\s(<>=+*/¥￥£€$-])(-?(?:0|[1-9][0-9]{0,2}))$`)
	restOfNumber = regexp.MustCompile(`^([0-9]{1,3})((?:\.[0-9]+)?(?:[ %％\p{Han}].*)?)$`)
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
