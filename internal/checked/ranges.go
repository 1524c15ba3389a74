package checked

import (
	"regexp"
	"strings"
)

// Ranges as people write them: "from 15 below 30", "below 15", "above 60", "30",
// "15以上不满30", "超过30". Without a word it is that value alone.
var (
	rangeEnglish = regexp.MustCompile(`^(?:(from|above) (.+?))?(?:(?:^|\s+)(below|up to) (.+))?$`)
	rangeChinese = regexp.MustCompile(`^(?:(?:(超过)(.+?)|(.+?)(以上|起)))?(?:(?:[，,、]?(不满|不超过)(.+?))|(.+?)(以下))?$`)
)

// RangeOf are the ends of a range as they are written.
func RangeOf(text string) (low, high string, lowOpen, highOpen bool) {
	if m := rangeEnglish.FindStringSubmatch(text); m != nil {
		return m[2], m[4], m[1] == "above", m[3] == "below"
	}
	if m := rangeChinese.FindStringSubmatch(text); m != nil && strings.ContainsAny(text, "以超不起") {
		low, high = m[2]+m[3], m[6]+m[7]
		return strings.TrimSpace(low), strings.TrimSpace(high), m[1] != "", m[5] == "不满"
	}
	return text, text, false, false
}

// NamedValue is the rule that says what a value of that name is, or nil.
func (b *Book) NamedValue(name string) *Rule {
	if r := b.RulesByName[name]; r != nil && r.Form.Name == "value" && r.Node.Get("is") != nil {
		return r
	}
	return nil
}
