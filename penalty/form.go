package penalty

import (
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Forms are the kinds of rule that this package gives to a rulebook: ladders
// and histories, factors and their weighing, measures and joint liability.
func Forms() []*policy.Form {
	return []*policy.Form{ladderForm(), historyForm(), weighingForm(), factorForm(), measureForm(), jointForm()}
}

func text(zh, en string) policy.Text { return policy.Text{ZH: zh, EN: en} }

var (
	yesNo  = &value.Type{Kind: value.YesNo}
	count  = &value.Type{Kind: value.Count}
	aName  = &value.Type{Kind: value.Name}
	repric = []string{string(Marginal), string(Retroactive)}
)
