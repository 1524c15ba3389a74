package load

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// clarify says what people cannot see, or are not told by the finding itself:
// that a character is full-width, of another alphabet or invisible, that a word
// lacks its quotes, that a label is not the name.
func (l *loader) clarify(found diagnostic.List) {
	for i := range found {
		d := &found[i]
		if d.Severity != diagnostic.Error || d.Code == source.CodeDuplicateKey {
			continue
		}
		text := l.textAt(d.Span)
		if remedy := l.nameMeant(*d, text); !remedy.IsZero() {
			d.Remedy = remedy
		}
		if d.Code == "bad_name" && strings.Contains(d.Remedy.EN, "not its label") {
			d.Code = "unknown_rule" // a name was wanted, not made
		}
		if d.Code == condition.CodeFloat && l.book.Currency != "" && amountWritten.MatchString(text) {
			d.Remedy = policy.Text{
				ZH: "金额要写货币：" + text + " " + l.book.Currency + "；否则" + d.Remedy.ZH, EN: "an amount has its currency, " + text + " " + l.book.Currency + "; else " + d.Remedy.EN,
			}
		}
		if text == "" || len(text) > 200 || l.isWording(d.Span) || d.Remedy == belongsBefore || strings.HasPrefix(d.Remedy.EN, "only the length") {
			continue
		}
		plain, what := source.InASCII(text)
		if digits := strings.ReplaceAll(plain, ",", ""); digits != plain && strings.Contains(d.Remedy.ZH, digits) { // a number with separators
			plain = digits
		}
		switch spoken := speaksOfWidth.MatchString(d.Message.ZH + d.Remedy.ZH); {
		case what.IsZero(), spoken && strings.Contains(d.Remedy.ZH, plain), strings.Contains(d.Remedy.ZH, "看不见"):
			continue
		case spoken:
			d.Remedy = policy.Text{ZH: what.ZH + "：写 " + plain, EN: what.EN + ": write " + plain}
			continue
		case strings.Contains(d.Remedy.ZH, plain) && strings.Contains(d.Remedy.EN, plain): // it says what to write, and not why
			d.Remedy = policy.Text{ZH: what.ZH + "：" + d.Remedy.ZH, EN: what.EN + ": " + d.Remedy.EN}
			continue
		}
		d.Remedy = policy.Text{
			ZH: what.ZH + "：写 " + plain + "；否则" + d.Remedy.ZH,
			EN: what.EN + ": write " + plain + "; else " + d.Remedy.EN,
		}
	}
}

var amountWritten = regexp.MustCompile(`^[0-9]+\.[0-9]{2}$`)

var speaksOfWidth = regexp.MustCompile(`[半全]角`)

// isWording reports whether a place is in a wording, which may hold anything.
func (l *loader) isWording(at diagnostic.Span) bool {
	n := l.scalarAt(at)
	if n == nil {
		return false
	}
	key := n.Key()
	return key != nil && isWordingKey(l.book, key.Text)
}

// nameMeant is the remedy for an unknown name that is a word without its
// quotes, or the label of what was meant; none for others.
func (l *loader) nameMeant(d diagnostic.Diagnostic, text string) policy.Text {
	if text == "" {
		return policy.Text{}
	}
	if n := l.scalarAt(d.Span); d.Code == "unknown_fact" && n != nil && n.Span != d.Span {
		if _, ok := l.book.Wordings[text]; ok && checked.SnakeCase.MatchString(text) && !strings.HasPrefix(d.Remedy.EN, "did you mean") {
			return diagnostic.Textf("词要加引号：%q", "quote the word: %q", text)
		}
	}
	names := l.called(d, strings.Trim(text, `"'`))
	if len(names) == 0 {
		return policy.Text{}
	}
	list := strings.Join(names[:min(len(names), 5)], ", ")
	return diagnostic.Textf("写名称，不写它的标签：写 %s", "write the name, not its label: write %s", list)
}

// withoutInvisible is a name without the characters that nobody sees.
func withoutInvisible(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || source.IsWideSpace(r) {
			return -1
		}
		return r
	}, name)
}

// invisible names the first character of a text that nobody sees, or "".
func invisible(text string) string {
	for _, r := range text {
		if unicode.Is(unicode.Cf, r) {
			return fmt.Sprintf("%U", r)
		}
	}
	return ""
}
