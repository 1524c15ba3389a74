package checked

import (
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/value"
)

// showMoney is an amount as people write it.
func showMoney(v value.Value, lang string) string {
	code := v.In.Code()
	amount := string(value.MoneyOf(v.N, v.In).AppendAmount(nil))
	if code == "CNY" && lang == "zh" {
		return amount + "元"
	}
	sign, ok := map[string]string{"CNY": "¥", "GBP": "£", "EUR": "€", "USD": "$"}[code]
	if !ok {
		return amount + " " + code
	}
	if digits, below := strings.CutPrefix(amount, "-"); below {
		return "-" + sign + digits
	}
	return sign + amount
}

// currencyOf is the code of a type's currency, "" where it has none.
func currencyOf(t *value.Type) string {
	if t.Kind != value.Money {
		return ""
	}
	return t.In.Code()
}

// Written is a value of the fact as facts write it.
func (f *Fact) Written(v value.Value) string {
	if v.K == value.Money && v.IsKnown() {
		return string(v.AppendAmount(nil))
	}
	return v.Text(time.UTC)
}
