package forms_test

import (
	"testing"

	"github.com/servicerules/rulebook"
)

// BenchmarkAccrual is a question about sixty days over the first of April, each
// at the rate of its own day, without two periods that overlap; the facts are
// checked already.
func BenchmarkAccrual(b *testing.B) {
	book := parse(b, delay)
	facts, err := book.Check("delay.pay", `{"from_day": "2025-03-10", "ended": "2025-06-13T09:30:00+01:00", "most": 60,
		"breaks": [{"from": "2025-03-14", "to": "2025-03-15"}, {"from": "2025-03-15", "to": "2025-03-18"}]}`)
	if err != nil {
		b.Fatal(err)
	}
	book, err = book.With(rulebook.Reading("over_april", "each"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := book.Ask(b.Context(), "delay.pay", facts); err != nil {
			b.Fatal(err)
		}
	}
}
