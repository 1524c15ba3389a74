package rulebook_test

import (
	"os"
	"testing"

	"github.com/servicerules/rulebook"
)

func BenchmarkLoad(b *testing.B) {
	data, err := os.ReadFile("rules.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := rulebook.Parse("rules.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAsk(b *testing.B) {
	book, err := rulebook.Default()
	if err != nil {
		b.Fatal(err)
	}
	facts, err := book.Check("time_limit.request", []byte(`{"request":{"kind":"install","area_type":"urban",
		"papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-16T10:00:00+08:00"}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := book.Ask(b.Context(), "time_limit.request", facts); err != nil {
			b.Fatal(err)
		}
	}
}
