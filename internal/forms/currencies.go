package forms

import (
	"cmp"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
)

// Of which currency an amount is, is known when a rulebook is loaded, but where a fact
// chooses it: {by: contract.currency, cny: 100 CNY, eur: 12 EUR}. Its type names no
// currency then, and amounts are looked at when they meet.

// mayBeLike reports whether values of two types are of one kind and may be of one
// currency.
func mayBeLike(a, b *value.Type) bool {
	return a.Kind == b.Kind && (a.In == b.In || a.In == 0 || b.In == 0)
}

// anyCurrency reports whether a fact chooses of which currency amounts of a type are.
func anyCurrency(t *value.Type) bool { return t.Kind == value.Money && t.In == 0 }

// sameCurrency reports whether an amount is of a currency, which is that of the first
// that is asked about; where it is of another, nothing can be computed.
func sameCurrency(r *form.Run, p *form.Part, in *value.Currency, v value.Value) bool {
	if v.In != 0 && *in != 0 && v.In != *in {
		refuseCurrencies(r, p, *in, v.In)
		return false
	}
	*in = cmp.Or(*in, v.In)
	return true
}

func refuseCurrencies(r *form.Run, p *form.Part, a, b value.Currency) {
	r.Refuse(p, diagnostic.Textf("%[1]s 与 %[2]s 的金额不能合在一起计", "amounts of %s and %s do not go together", a.Code(), b.Code()))
}
