package source

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

var percentForm = regexp.MustCompile(`^(0|[1-9][0-9]*)(?:\.([0-9]+))? ?[%\x{FF05}]$`)

// Percent reads a percentage as `0.1%` or `99 %`, the sign also full-width
// (U+FF05), exactly: the fraction in
// lowest terms, 1/1000 and 99/100. It has at most nine digits before and nine
// behind the point; it may be above 100 %, not below 0.
func Percent(text string) (num, den int64, err error) {
	m := percentForm.FindStringSubmatch(text)
	if m == nil {
		e := refusal(CodeNotAPercent, text, "不是百分比", " is not a percentage", "", "")
		e.Remedy = percentMeant(text)
		return 0, 0, e
	}
	if len(m[1]) > 9 || len(m[2]) > 9 {
		return 0, 0, refusal(CodeOutOfRange, text, "位数太多", " has too many digits",
			"小数点前后各不超过 9 位", "use at most nine digits before and nine behind the point")
	}
	num, _ = strconv.ParseInt(m[1]+m[2], 10, 64) // at most 18 digits
	den = 100
	for range m[2] {
		den *= 10
	}
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return num / a, den / a, nil
}

var (
	plainDecimal = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?$`)
	// percentInWords are 0,1% with a decimal comma, 0.1 percent and 百分之0.1.
	percentInWords = regexp.MustCompile(`^(?:((?:0|[1-9][0-9]{0,8})(?:[.,][0-9]{1,2})?) ?(?:%|percent|per cent|pct)|百分之 ?((?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?))$`)
	perMille       = regexp.MustCompile(`^((?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?) ?‰$`)
)

// percentMeant says what to write instead of something that is no percentage.
// A number without a sign may be the percentage or the share itself, so that
// both are named.
func percentMeant(text string) diagnostic.Text {
	text = narrow(text)
	if m := perMille.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("写成百分比：%s%%", "write it as a percentage: %s%%", shifted(m[1], -1))
	}
	if m := percentInWords.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("写成百分比：%s%%", "write it as a percentage: %s%%", strings.Replace(m[1]+m[2], ",", ".", 1))
	}
	if !plainDecimal.MatchString(text) {
		return diagnostic.Text{
			ZH: "写成数字加百分号，不为负，只用数字和小数点", EN: "write digits and a percent sign, not below zero, with a point before decimals",
		}
	}
	if strings.HasPrefix(text, "0.") || text == "1" {
		return diagnostic.Textf("写上百分号：百分之 %[1]s 写 %[1]s%%，占比 %[1]s 写 %[2]s%%",
			"write the sign: %[1]s%% for %[1]s in a hundred, %[2]s%% for a share of %[1]s", text, shifted(text, 2))
	}
	return diagnostic.Textf("写上百分号：%s%%", "write the sign: %s%%", text)
}

// shifted moves the point of a decimal some places to the right, or to the left.
func shifted(decimal string, places int) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	for ; places > 0; places-- {
		next := "0"
		if fraction != "" {
			next, fraction = fraction[:1], fraction[1:]
		}
		whole += next
	}
	for ; places < 0; places++ {
		fraction, whole = whole[len(whole)-1:]+fraction, whole[:len(whole)-1]
		if whole == "" {
			whole = "0"
		}
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		whole += "." + fraction
	}
	return whole
}
