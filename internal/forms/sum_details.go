package forms

import (
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

// Details gives what a person's history comes to.
func (u *historyUnit) Details(r *form.Run) []policy.Detail { return sumDetails(r, u.part, u.totalAt) }

// Details gives what has accrued, where that is money: other amounts are for the
// rulebook to say what they are of.
func (u *accrualUnit) Details(r *form.Run) []policy.Detail {
	return moneyDetails(r, u.part, u.amountAt)
}

// Details gives the amount by the tariff, where that is money.
func (u *tariffUnit) Details(r *form.Run) []policy.Detail { return moneyDetails(r, u.part, u.amountAt) }

func moneyDetails(r *form.Run, p *form.Part, at int) []policy.Detail {
	if r.Slots[at].K != value.Money {
		return nil
	}
	return sumDetails(r, p, at)
}

func sumDetails(r *form.Run, p *form.Part, at int) []policy.Detail {
	v := r.Slots[at]
	if !r.DidApply(p) || !v.IsKnown() {
		return nil
	}
	sum := penalty.Sum{Amount: v.N}
	if v.K == value.Money {
		sum.Currency = v.In.Code()
	}
	return []policy.Detail{{Rule: p.Rule.Rule, Of: sum}}
}
