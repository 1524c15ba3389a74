// Package forms holds the kinds of rule that a rules file may use: what may be
// written in a rule of each, and how it is evaluated and explained. What they
// count, they count by the packages sla, penalty and kpi.
package forms

import (
	"math"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// All are the forms, in the order of the reference.
func All() []*policy.Form {
	return append(policy.Forms(),
		clockForm(), deadlineForm(), deemingForm(), extensionForm(),
		indicatorForm(),
		ladderForm(), historyForm(), weighingForm(), factorForm(), measureForm(), jointForm(),
	)
}

func text(zh, en string) policy.Text { return policy.Text{ZH: zh, EN: en} }

// whole is n as an int, which on a machine of 32 bits goes less far.
func whole(n int64) int { return int(max(math.MinInt, min(n, math.MaxInt))) }

var (
	yesNo = &value.Type{Kind: value.YesNo}
	count = &value.Type{Kind: value.Count}
	aName = &value.Type{Kind: value.Name}
)
