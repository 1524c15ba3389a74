package checked

import (
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Passes reports whether it matters at all which day picks the edition.
func (b *Book) Passes() bool { return len(b.Boundaries) > 1 || b.To != 0 }

// DayOf is the day of a date or moment, and the last of a month.
func (b *Book) DayOf(v value.Value) date.Date {
	switch v.K {
	case value.Month:
		y, m := v.YearMonth()
		return date.New(y, m+1, 0)
	case value.Date:
		return v.Date()
	}
	return DateIn(v.Time(b.Zone), b.Zone)
}

// InForce says when the rulebook is in force.
func (b *Book) InForce() policy.Text {
	if b.To == 0 {
		return diagnostic.Textf("规则书自 %v 起施行：核对日期，或用当时的规则书", "it is in force from %v on: check the date, or ask the rulebook of that time", b.From)
	}
	return diagnostic.Textf("规则书自 %v 至 %v 施行：核对日期，或用当时的规则书", "it is in force from %v to %v: check the date, or ask the rulebook of that time", b.From, b.To)
}

// At is the index of the edition in force on a day.
func (b *Book) At(on date.Date) int {
	i := 0
	for k, d := range b.Boundaries[1:] {
		if d <= on {
			i = k + 1
		}
	}
	return i
}

// DateIn is the day of a moment in a zone.
func DateIn(t time.Time, zone *time.Location) date.Date {
	return date.NewAt(t.In(zone))
}
