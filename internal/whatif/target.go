package whatif

import (
	"cmp"
	"math/big"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// Target is what is to come out otherwise: the verdict, or a value of the answer.
type Target struct {
	Value string // its name; "" for the verdict
	To    string // what it is to become, as JSON has it without quotes, an amount with its currency or without; "" for anything else
}

// of is what an answer says there; false where it is not known.
func (t Target) of(a *rulebook.Answer) (string, bool) {
	switch {
	case a.Error != nil:
		return "", false
	case t.Value == "":
		return a.Verdict, a.Verdict != policy.Undetermined || t.To == policy.Undetermined
	}
	v, has := a.Value(t.Value)
	if m, is := v.Data.(policy.Money); is { // with its currency: that may be what becomes another
		return m.String(), has
	}
	return strings.Trim(string(v.AppendJSON(nil)), `"`), has && v.State != policy.StateUnknown
}

// reached reports whether an answer is what is looked for, and what it says;
// was is what the target was before.
func (t Target) reached(was string, a *rulebook.Answer) (now string, reached bool) {
	now, known := t.of(a)
	return now, known && now != was && (t.To == "" || same(now, t.To))
}

// same reports whether two values as JSON has them are the same, however they
// are written: 100 and 100.00, a moment in two zones.
func same(a, b string) bool {
	if a == b {
		return true
	}
	order, ok := compare(a, b)
	return ok && order == 0
}

// compare orders two numbers, two amounts of one currency or two moments or dates;
// false where they are neither. An amount without its currency is of any.
func compare(a, b string) (int, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly, yearMonth} {
		x, errA := time.Parse(layout, a)
		y, errB := time.Parse(layout, b)
		if errA == nil && errB == nil {
			return x.Compare(y), true
		}
	}
	a, inA, _ := strings.Cut(a, " ")
	b, inB, _ := strings.Cut(b, " ")
	x, okA := new(big.Rat).SetString(a)
	y, okB := new(big.Rat).SetString(b)
	if !okA || !okB || inA != "" && inB != "" && inA != inB {
		return 0, false
	}
	return x.Cmp(y), true
}

// ReadTarget reads what a value is to become, as a person writes it: an amount
// may have its currency, and has to where facts choose it; a moment of the rulebook's zone may leave that out.
// The error says what may be written.
func ReadTarget(v *policy.QuestionValue, text string, zone *time.Location) (string, error) {
	refused := func(zh, en string) error {
		return &TargetError{v.Name, text, diagnostic.Text{ZH: zh, EN: en}}
	}
	text = strings.TrimSpace(text)
	if v.Type == nil || text == "null" {
		return text, nil
	}
	switch v.Type.Kind {
	case policy.KindYesNo:
		if text != "true" && text != "false" {
			return "", refused("写 true 或 false", "write true or false")
		}
	case policy.KindWord:
		words := make([]string, len(v.Type.Words))
		for i, w := range v.Type.Words {
			if words[i] = w.Word; w.Word == text {
				return text, nil
			}
		}
		if len(words) > 0 {
			remedy := diagnostic.OneOf(text, words)
			return "", refused(remedy.ZH, remedy.EN)
		}
	case policy.KindMoney:
		m, err := policy.ReadMoney(text, v.Type.In)
		if err != nil {
			example := "9.98 " + cmp.Or(v.Type.In, "EUR")
			return "", refused("写金额，如 "+example, "write an amount, such as "+example)
		}
		if v.Type.In == "" {
			return m.String(), nil
		}
		amount, _, _ := strings.Cut(m.String(), " ")
		return amount, nil
	case policy.KindCount, policy.KindRatio:
		if _, ok := new(big.Rat).SetString(text); !ok {
			return "", refused("写一个数", "write a number")
		}
	case policy.KindMoment:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
			if t, err := time.ParseInLocation(layout, text, zone); err == nil {
				return t.Format(time.RFC3339Nano), nil
			}
		}
		return "", refused("写时刻，如 2025-06-09T09:00:00+08:00", "write a moment, such as 2025-06-09T09:00:00+08:00")
	case policy.KindDate:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return "", refused("写日期，如 2025-06-09", "write a date, such as 2025-06-09")
		}
	case policy.KindMonth:
		if _, err := time.Parse(yearMonth, text); err != nil {
			return "", refused("写月份，如 2025-06", "write a month, such as 2025-06")
		}
	}
	return text, nil
}

// TargetError says why a value cannot become what was written.
type TargetError struct {
	Value, Text string
	Remedy      diagnostic.Text
}

// Error is the refusal in English.
func (e *TargetError) Error() string {
	return e.Value + " cannot be " + e.Text + " → " + e.Remedy.EN
}
