package policy

import (
	"errors"
	"regexp"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
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

// groupedAmount is an amount with marks between its thousands.
var groupedAmount = regexp.MustCompile(`^[1-9][0-9]{0,2}(?:[,，' ][0-9]{3})+(?:\.[0-9]+)?`)

func moneyError(text string, in value.Currency) *FactError {
	remedy := diagnostic.Textf(`写数字、小数点和货币代码，如 "9.98 GBP"`, `write digits, a point and the code of the currency, such as "9.98 GBP"`)
	if in != 0 {
		one := string(value.MoneyOf(oneOf(in), in).AppendAmount(nil))
		remedy = diagnostic.Textf(`只写数字和小数点，如 "%[1]s" 或 "%[1]s %[2]s"，不写千分号和货币符号`, `write digits and a point, such as "%[1]s" or "%[1]s %[2]s", without separators of thousands and signs of currencies`, one, in.Code())
	}
	if m := groupedAmount.FindString(text); m != "" {
		plain := strings.NewReplacer(",", "", "，", "", " ", "", "'", "").Replace(m)
		remedy = diagnostic.Textf("不写千分号：写 %q", "write it without separators of thousands: %q", plain)
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
