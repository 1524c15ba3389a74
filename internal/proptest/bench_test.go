package proptest_test

import (
	"context"
	"testing"
	"time"

	"github.com/servicerules/rulebook"
)

// What asking costs, part by part: reading facts, deciding, and the
// explanation on top.
var benchQuestions = []struct{ question, facts string }{
	{"time_limit.request", `{"request":{"kind":"install","area_type":"urban","received_at":"2025-06-09T09:30:00+08:00","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-18T09:00:00+08:00"}}`},
	{"accountability.fine", `{"person":"S1","complaint":{"received_at":"2025-06-09T09:30:00+08:00","level":"hall","form":"complaint","substantiated":true,"cause":"service"},"prior_in_window":{"hall":3,"branch":0,"county_or_above":0},"mitigating":[],"aggravating":[]}`},
	{"contracting.kpi", `{"area":{"id":"A1","type":"urban"},"month":"2025-06","households_month_end":4003,"complaint_calls_recorded_by_branch":4,"tickets":{"received":100,"replied_within_72h":100,"not_yet_due":0},"satisfaction":{"valid_responses":200,"satisfied":200}}`},
	{"contracting.load", `{"area":{"id":"A1","type":"urban"},"households":5200,"staff":2}`},
	{"disclosure.hall_audit", `{"hall":"H1","present":["service_commitment","price_policy"]}`},
}

func BenchmarkParts(b *testing.B) {
	book, err := rulebook.Default()
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2025, 7, 1, 9, 0, 0, 0, time.UTC)
	with, err := book.With(rulebook.AsOf(now))
	if err != nil {
		b.Fatal(err)
	}
	for _, x := range benchQuestions {
		b.Run(x.question, func(b *testing.B) {
			data := []byte(x.facts)
			b.Run("check", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := book.Check(x.question, data); err != nil {
						b.Fatal(err)
					}
				}
			})
			facts, err := book.Check(x.question, data)
			if err != nil {
				b.Fatal(err)
			}
			b.Run("decide", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := with.Ask(context.Background(), x.question, facts); err != nil {
						b.Fatal(err)
					}
				}
			})
			a, err := with.Ask(context.Background(), x.question, facts)
			if err != nil {
				b.Fatal(err)
			}
			b.Logf("%s", a.AppendJSON(nil, true))
			b.Run("explain", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = a.Explain("en")
				}
			})
			b.Run("json", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = a.AppendJSON(nil, false)
				}
			})
		})
	}
}

// BenchmarkBound is what deciding about a struct costs, copying included.
func BenchmarkBound(b *testing.B) {
	book, err := rulebook.Default()
	if err != nil {
		b.Fatal(err)
	}
	ask, err := rulebook.Bind[ticket](book, "time_limit.request")
	if err != nil {
		b.Fatal(err)
	}
	x, now := install(), rulebook.AsOf(day(30, 9))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ask.Decide(x, now); err != nil {
			b.Fatal(err)
		}
	}
}
