// Package numerals finds the numbers in a text of people: in digits, and in words
// of Chinese and English.
package numerals

import (
	"regexp"
	"slices"
	"strings"
)

// Numeral is a number where it stands in a text.
type Numeral struct {
	From, To int    // bytes of the text
	Text     string // as it stands there
	Digits   string // in plain digits, with a point where it has decimals: 1500, 0.1
}

// In are the numerals of a text, in their order.
//
// In digits these are 1500, 1,500.50, 20 000 and ５; with what multiplies them, 1.5万,
// 2亿3000万, 2.5 million.
//
// In Chinese they are those up to 万亿 and beyond, also 一百五 for 150 and 伍佰; 百分之五
// is 5 as in 5%, 万分之五 is 0.05. Figures one after the other, 三五, are none, and
// nor is what only a manner of speaking has: 几十, 十分, 万一, 百姓.
//
// In English they are cardinals below a billion billions, a hundred and five and two
// dozen among them, ordinals, once and twice. A part of a word is none (one-way),
// except for what lasts: five-day.
func In(text string) []Numeral {
	var all []Numeral
	for at := 0; at < len(text); {
		n, ok := begins(text, at)
		if !ok {
			at = next(text, at)
			continue
		}
		n.From, n.Text = at, text[at:n.To]
		all = append(all, n)
		at = n.To
	}
	return all
}

// begins is the numeral that begins at a place of a text, if one does.
func begins(text string, at int) (Numeral, bool) {
	for _, read := range []func(string, int) (Numeral, bool){inDigits, inChinese, inEnglish} {
		if n, ok := read(text, at); ok {
			return n, true
		}
	}
	return Numeral{}, false
}

// next is where the next numeral may begin: behind a whole run of digits, of Chinese
// numerals, or of letters.
func next(text string, at int) int {
	for _, run := range []*regexp.Regexp{digitRun, chineseRun, letterRun} {
		if length := len(run.FindString(text[at:])); length > 0 {
			return at + length
		}
	}
	for at++; at < len(text) && text[at]&0xC0 == 0x80; at++ { // within a character
	}
	return at
}

// Has reports whether a text has a number, which is given in plain digits.
func Has(text, digits string) bool {
	return slices.ContainsFunc(In(text), func(n Numeral) bool { return Same(n.Digits, digits) })
}

// Same reports whether two numbers in plain digits are one: 5 and 5.0.
func Same(a, b string) bool { return plain(a) == plain(b) }

// plain is a number without noughts that say nothing.
func plain(digits string) string {
	if strings.Contains(digits, ".") {
		digits = strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" || digits[0] == '.' {
		return "0" + digits
	}
	return digits
}

// shifted is a number in plain digits times a power of ten.
func shifted(digits string, by int) string {
	whole, decimals, _ := strings.Cut(digits, ".")
	if by >= 0 {
		decimals += strings.Repeat("0", max(0, by-len(decimals)))
		whole, decimals = whole+decimals[:by], decimals[by:]
	} else {
		whole = strings.Repeat("0", max(0, 1-by-len(whole))) + whole
		cut := len(whole) + by
		whole, decimals = whole[:cut], whole[cut:]+decimals
	}
	return plain(whole + "." + decimals)
}
