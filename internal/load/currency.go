package load

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// currency reads the currency of a fact of type money: its own, or else that of
// the rulebook.
func (l *loader) currency(f *checked.Fact, n *source.Node) bool {
	at, code := n.Get("type"), l.book.Currency
	if own := n.Get("currency"); own != nil {
		if !l.isScalar(own, policy.Text{ZH: "货币", EN: "the currency"}) {
			return false
		}
		at, code = own, own.Text
	}
	in, ok := value.CurrencyNamed(code)
	switch {
	case ok:
		f.Typ.In, f.Currency = in, in.Code()
	case code == "":
		l.fail("currency_missing", at, diagnostic.Textf("没有说明金额的货币", "it is not said of what currency the amount is"),
			diagnostic.Textf("在 rulebook 下写 currency，或在这里写，如 currency: CNY", "write currency under rulebook, or here, as in currency: GBP"))
	default:
		f.Typ.In, ok = value.CurrencyNamed(value.CurrencyMeant(code))
		if n.Get("currency") == nil { // that of the rulebook is wrong, and told once
			if at = l.root.Get("rulebook").Get("currency"); l.currencyTold {
				return ok
			}
			l.currencyTold = true
		}
		message, remedy := noCurrency(code)
		l.fail("unknown_currency", at, message, remedy)
	}
	return ok
}

// usualCurrency reports, of a rulebook in which no fact is an amount of money, that
// its currency is none: else its facts say so.
func (l *loader) usualCurrency() {
	c := l.root.Get("rulebook").Get("currency")
	if c == nil || c.Kind != source.Scalar || c.Text == "" || l.currencyTold {
		return
	}
	if _, ok := value.CurrencyNamed(c.Text); ok {
		return
	}
	message, remedy := noCurrency(c.Text)
	l.warn("unknown_currency", c, message, remedy)
}

// noCurrency says that there is no currency with a code, and what to write.
func noCurrency(code string) (message, remedy policy.Text) {
	remedy = diagnostic.Textf("写通用的货币代码，三个大写字母，如 CNY、EUR", "write its standard code of three capital letters, such as GBP or EUR")
	if meant := value.CurrencyMeant(code); meant != "" {
		remedy = diagnostic.Textf("写 %s", "write %s", meant)
	}
	return diagnostic.Textf("没有代码为 %q 的货币", "there is no currency with the code %q", code), remedy
}
