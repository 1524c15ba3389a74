package forms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook"
)

// BenchmarkConstructs asks of facts that are checked already. The first of them
// is a question with one limit of hours: what the others take is told as so many
// times that.
func BenchmarkConstructs(b *testing.B) {
	now := time.Date(2025, 6, 11, 14, 0, 0, 0, time.UTC)
	plain := strings.NewReplacer("CLOCK", "hours_run: continuous", "DEADLINE", "within: 30 hours, from: from_at").Replace(strings.Replace(repairs,
		", nominal: {zh: 届满, en: nominal, is: repair.nominal}, days: {zh: 天, en: days, is: repair.paused_days}, time: {zh: 时, en: time, is: repair.paused_time}, begins: {zh: 始, en: begins, is: repair.begins}", "", 1))
	paused := strings.NewReplacer("CLOCK", "first_day: not_counted", "DEADLINE", "within: 30 opening hours, from: from_at").Replace(repairs) + strings.TrimPrefix(stopped, "\n")
	const stops = `"stops": [{"from": "2025-06-09T10:00:00+02:00", "to": "2025-06-09T11:00:00+02:00", "why": "customer"}, {"from": "2025-06-09T10:30:00+02:00", "to": "2025-06-09T15:30:00+02:00", "why": "customer"}, {"from": "2025-06-10T13:00:00+02:00", "to": "2025-06-10T16:00:00+02:00", "why": "customer"}]`
	for _, x := range []struct{ name, rules, question, facts string }{
		{"hours", plain, "repair", `{"from_at": "2025-06-09T09:00:00+02:00"}`},
		{"pauses", paused, "repair", `{"from_at": "2025-06-09T09:00:00+02:00", ` + stops + `}`},
		{"agenda", ticketAgenda, "ticket", `{"opened": "2025-06-11T08:00:00+08:00", "promised": "2025-06-13T08:00:00+08:00"}`},
		{"table", train(trainRows...), "pay", `{"minutes_late": 61, "ticket": "season"}`},
		{"tariff", metered, "bill", `{"used": 350, "income": "200000.00", "peak": "0.80"}`},
	} {
		b.Run(x.name, func(b *testing.B) {
			book := parse(b, x.rules)
			facts, err := book.Check(x.question, x.facts)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := book.Ask(b.Context(), x.question, facts, rulebook.AsOf(now)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
