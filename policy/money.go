package policy

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// Money is an exact amount of a currency, as facts of type money are bound to
// and answers give it. The zero Money is not given: nought is an amount of a
// currency, too.
type Money struct {
	Minor    int64  // in the minor unit of the currency: pence, fen, yen
	Currency string // its code of ISO 4217: GBP
}

// String is the amount with its currency, such as "9.98 GBP"; of a currency
// that does not exist, the number of minor units.
func (m Money) String() string {
	in, _ := value.CurrencyNamed(m.Currency)
	return strings.TrimSpace(string(value.MoneyOf(m.Minor, in).AppendAmount(nil)) + " " + m.Currency)
}

// Show is the amount as people write it in a language, zh or en: £9.98.
func (m Money) Show(lang string) string {
	in, ok := value.CurrencyNamed(m.Currency)
	if !ok {
		return m.String()
	}
	return value.MoneyOf(m.Minor, in).ShowMoney(lang)
}

// MarshalText is String, and nothing for the zero Money.
func (m Money) MarshalText() ([]byte, error) {
	if m == (Money{}) {
		return nil, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	read, err := ReadMoney(string(text), "")
	if err == nil {
		*m = read
	}
	return err
}

// ReadMoney reads an amount of a currency: digits and a point, which the code of
// the currency may follow. Where currency is "", it may be of any, and needs its
// code. The error is a *FactError of no fact.
func ReadMoney(text, currency string) (Money, error) {
	in, _ := value.CurrencyNamed(currency)
	amount, code := splitAmount(text)
	written := in
	if code != "" {
		var ok bool
		if written, ok = value.CurrencyNamed(currencyCode(code)); !ok {
			return Money{}, moneyError(text, in)
		}
	}
	switch {
	case written == 0:
		return Money{}, moneyError(text, in)
	case in != 0 && written != in:
		return Money{}, NewFactError("wrong_currency", "", diagnostic.Textf("%q 不是 %s 金额", "%[1]q is no amount of %[2]s", text, in.Code()),
			diagnostic.Textf("写 %s 金额；换算须有汇率，在规则里用 exchanged", "give the amount in %s; to convert it takes a rate, which rules do by exchanged", in.Code()))
	}
	minor, err := value.ParseAmount(amount, written)
	switch {
	case errors.Is(err, value.ErrDecimals):
		return Money{}, NewFactError("not_money", "", diagnostic.Textf("%q 的小数位多于 %s 的最小单位", "%q has more decimal places than %s has", text, written.Code()),
			diagnostic.Textf("先取整到 %s 的最小单位", "round it first, to the minor unit of %s", written.Code()))
	case errors.Is(err, value.ErrAmountRange), err == nil && (minor >= MaxCount || minor <= -MaxCount):
		return Money{}, NewFactError("out_of_range", "", diagnostic.Textf("%s 太大", "%s is too large", text),
			diagnostic.Textf("不超过 %s", "give %s at most", value.MoneyOf(MaxCount-1, written).Text(nil)))
	case err != nil:
		return Money{}, moneyError(text, written)
	}
	return Money{minor, written.Code()}, nil
}

// splitAmount parts an amount from the code that may follow it.
func splitAmount(text string) (amount, code string) {
	text = strings.TrimSpace(text)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	return text[:end], strings.TrimSpace(text[end:])
}

// currencyCode is the code that a currency is written by: 元 is the yuan.
func currencyCode(written string) string {
	if written == "元" {
		return "CNY"
	}
	return written
}

// amountMeant is the amount that a text is meant for, and what is wrong with how
// it is written; "" where that is not sure. in is the currency that it should be
// of, 0 for any.
func amountMeant(text string, in value.Currency) (string, Text) {
	plain, _ := source.InASCII(strings.TrimSpace(text))
	why := Text{ZH: "不写全角字符和千分号", EN: "write neither full-width characters nor separators of thousands"}
	number, called := splitAmount(plain)
	if m := signedAmount.FindStringSubmatch(plain); m != nil {
		number, called = m[2], m[1]
		if why = (Text{ZH: "不写货币符号", EN: "write no sign of the currency"}); in == 0 {
			why = Text{ZH: "货币写在数字后面，用代码", EN: "write the code of the currency behind the number"}
		}
	} else if rest, ok := strings.CutPrefix(called, "万"); ok { // 2万元
		found := numerals.In(plain)
		if len(found) != 1 || found[0].Text != number+"万" {
			return "", Text{}
		}
		number, called = found[0].Digits, rest
		why = Text{ZH: "写出全部数字", EN: "write all its figures"}
	}
	if m := groupedAmount.FindStringSubmatch(number); m != nil {
		number = strings.NewReplacer(",", "", " ", "", "'", "").Replace(m[1]) + m[2]
	}
	of, code := in, ""
	if called != "" {
		if code = currenciesCalled[strings.ToUpper(called)]; code == "" {
			code = currencyCode(called)
		}
		written, ok := value.CurrencyNamed(code)
		if !ok || in != 0 && written != in {
			return "", Text{}
		}
		of = written
	}
	if _, err := value.ParseAmount(number, of); err != nil || of == 0 {
		return "", Text{}
	}
	if in == 0 {
		number += " " + code
	}
	return number, why
}

var (
	// groupedAmount is an amount with marks between its thousands.
	groupedAmount = regexp.MustCompile(`^([1-9][0-9]{0,2}(?:[,' ][0-9]{3})+)(\.[0-9]+)?$`)
	// signedAmount is one with its currency in front.
	signedAmount = regexp.MustCompile(`^([^0-9.\s-]+) ?([0-9].*)$`)
)

// currenciesCalled are the codes of what people write for currencies.
var currenciesCalled = map[string]string{
	"¥": "CNY", "￥": "CNY", "RMB": "CNY", "YUAN": "CNY", "人民币": "CNY", "元": "CNY", "圆": "CNY", "块": "CNY", "块钱": "CNY", "CNY": "CNY",
	"£": "GBP", "GBP": "GBP", "€": "EUR", "EUR": "EUR", "EURO": "EUR", "EUROS": "EUR", "$": "USD", "US$": "USD", "USD": "USD",
}

func moneyError(text string, in value.Currency) *FactError {
	remedy := diagnostic.Textf(`写数字、小数点和货币代码，如 "9.98 GBP"`, `write digits, a point and the code of the currency, such as "9.98 GBP"`)
	if in != 0 {
		one := string(value.MoneyOf(oneOf(in), in).AppendAmount(nil))
		remedy = diagnostic.Textf(`只写数字和小数点，如 "%[1]s" 或 "%[1]s %[2]s"，不写千分号和货币符号`, `write digits and a point, such as "%[1]s" or "%[1]s %[2]s", without separators of thousands and signs of currencies`, one, in.Code())
	}
	if plain, why := amountMeant(text, in); plain != "" {
		remedy = diagnostic.Text{ZH: why.ZH + "：写 " + strconv.Quote(plain), EN: why.EN + ": write " + strconv.Quote(plain)}
	}
	return NewFactError("not_money", "", diagnostic.Textf("%q 不是金额", "%q is no amount of money", text), remedy)
}

// oneOf is one whole unit of a currency in minor units.
func oneOf(in value.Currency) int64 {
	n := int64(1)
	for range in.Decimals() {
		n *= 10
	}
	return n
}
