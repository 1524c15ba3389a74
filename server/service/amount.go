package service

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/policy"
)

// Amount is money that an answer proposes.
type Amount = headline.Amount

// DecidedAmount reads an amount that somebody decided in the place of those
// proposed, as it is to be kept: with its unit, in words of a language, zh or en.
// "10元", "10 yuan" and "10" are the same where yuan were proposed. A unit that
// was not proposed is refused; where nothing was proposed, it may be any. The
// error is a *StepRefusedError.
func DecidedAmount(text string, proposed []Amount, lang string) (string, error) {
	number, unit, ok := splitAmount(text)
	if !ok {
		return "", noAmount()
	}
	if len(proposed) == 0 {
		return strings.TrimSpace(number + " " + unit), nil
	}
	of := slices.IndexFunc(proposed, func(a Amount) bool { return unit == "" || slices.Contains(unitsOf(a), unit) })
	several := slices.ContainsFunc(proposed, func(a Amount) bool { return a.Code != proposed[0].Code || a.Unit != proposed[0].Unit })
	if of < 0 || unit == "" && several {
		example := proposed[0]
		return "", refuseStep("other_unit", "amount", "金额的单位应是建议的单位", "the unit of an amount is one of those proposed", "写成如 "+example.Text("zh")+"；是别的处理的，选“另行决定”，写进理由", "write it like "+example.Text("en")+"; where it is something else, choose “otherwise” and say it in the reason")
	}
	if proposed[of].Code == "" {
		return strings.TrimSpace(number + " " + proposed[of].Unit.In(lang)), nil
	}
	money, err := policy.ReadMoney(number, proposed[of].Code)
	if wrong := (*policy.FactError)(nil); errors.As(err, &wrong) {
		return "", &StepRefusedError{Code: wrong.Code, Member: "amount", Message: wrong.Message, Remedy: wrong.Remedy}
	}
	return money.Show(lang), err
}

func noAmount() *StepRefusedError {
	return refuseStep("no_amount", "amount", "金额应写成数，如 30 或 27.50", "an amount is written as digits, such as 30 or 27.50", "填所决定的金额，不写千分号和正负号", "fill in the amount that was decided, without signs and without separators of thousands")
}

// unitsOf are how the unit of an amount may be written; none is "".
func unitsOf(a Amount) []string {
	if a.Code == "" {
		return []string{a.Unit.ZH, a.Unit.EN}
	}
	all := []string{a.Code}
	for _, lang := range []string{"zh", "en"} {
		all = append(all, strings.Trim(policy.Money{Minor: a.Number, Currency: a.Code}.Show(lang), "-0123456789. "))
	}
	return all
}

// signs of currencies may stand before an amount.
const signs = "¥£€$"

// wide are the digits and marks of Chinese typing.
var wide = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9", "．", ".", "￥", "¥", "\u3000", " ")

// splitAmount parts a number, digits that a point and more digits may follow, from
// the unit behind it or the sign before it.
func splitAmount(text string) (number, unit string, ok bool) {
	text = strings.TrimSpace(wide.Replace(text))
	for _, sign := range signs {
		if rest, found := strings.CutPrefix(text, string(sign)); found {
			text, unit = strings.TrimSpace(rest), string(sign)
			break
		}
	}
	end := len(text) - len(strings.TrimLeft(text, "0123456789."))
	number, behind := text[:end], strings.TrimSpace(text[end:])
	if unit != "" && behind != "" || strings.ContainsAny(behind, "0123456789") || strings.HasPrefix(behind, ",") || strings.HasPrefix(behind, "，") {
		return "", "", false
	}
	if unit == "" {
		unit = behind
	}
	whole, part, pointed := strings.Cut(number, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return number, unit, digits(whole) && (!pointed || digits(part))
}
