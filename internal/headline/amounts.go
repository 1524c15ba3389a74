package headline

import (
	"slices"
	"strconv"

	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

// Amount is money that an answer proposes.
type Amount struct {
	Number int64  // in minor units of the currency; in whole units where it has none
	Code   string // of the currency, as "GBP"; "" for a number of the rulebook's own unit
	Unit   policy.Text
}

// Text is the amount with its unit, as people write it: "200 yuan", "£27.99".
func (a Amount) Text(lang string) string {
	if a.Code != "" {
		return policy.Money{Minor: a.Number, Currency: a.Code}.Show(lang)
	}
	text := strconv.FormatInt(a.Number, 10)
	if unit := a.Unit.In(lang); unit != "" {
		text += " " + unit
	}
	return text
}

// Proposed is the money that an answer comes to, above nought: what its ladders,
// histories, accruals and tariffs price, and where none of them speaks, the first
// amount of a currency among its values. An answer that is undetermined, or
// that does not apply, proposes nothing.
func Proposed(q *policy.Question, a *policy.Answer) []Amount {
	if a.Error != nil || a.Verdict == policy.Undetermined || a.Verdict == policy.NotInScope {
		return nil
	}
	var all []Amount
	add := func(x Amount) {
		if x.Number > 0 && !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	priced := false
	for _, d := range a.Details() {
		switch of := d.Of.(type) {
		case penalty.Climb:
			if of.Decided {
				priced = true
				add(Amount{Number: of.Final, Unit: unitOf(q, a, of.Final)})
			}
		case penalty.Sum:
			priced = true
			x := Amount{Number: of.Amount, Code: of.Currency}
			if x.Code == "" {
				x.Unit = unitOf(q, a, x.Number)
			}
			add(x)
		}
	}
	if len(all) > 1 {
		all = totalled(a, all)
	}
	for v := range a.Values() {
		if m, ok := v.Data.(policy.Money); ok && !priced && len(all) == 0 && v.State == policy.StateKnown {
			add(Amount{Number: m.Minor, Code: m.Currency})
		}
	}
	return all
}

// totalled is the one value that several amounts add up to, where the answer has
// it; else the amounts.
func totalled(a *policy.Answer, parts []Amount) []Amount {
	total := Amount{Code: parts[0].Code, Unit: parts[0].Unit}
	for _, x := range parts {
		if x.Code != total.Code || x.Number > 1<<62-total.Number {
			return parts
		}
		total.Number += x.Number
	}
	for v := range a.Values() {
		switch data := v.Data.(type) {
		case policy.Money:
			if data.Minor == total.Number && data.Currency == total.Code {
				return []Amount{total}
			}
		case int64:
			if data == total.Number && total.Code == "" {
				return []Amount{total}
			}
		}
	}
	return parts
}

// unitOf is the unit that a question says of a value which has a number; where
// none has it, that of its first value with a unit.
func unitOf(q *policy.Question, a *policy.Answer, n int64) policy.Text {
	for x := range a.Values() {
		of, ok := q.ValueAt(x.Name)
		if got, isNumber := x.Data.(int64); ok && isNumber && got == n && !of.Unit.IsZero() {
			return of.Unit
		}
	}
	for _, of := range q.Values {
		if !of.Unit.IsZero() {
			return of.Unit
		}
	}
	return policy.Text{}
}
