package main

import (
	"strings"
	"testing"
)

// BenchmarkDecide is what a decision takes, and what the code written by hand
// does, in processor time as well, in which other programs on the machine do
// not count: go test -bench Decide -cpuprofile FILE shows where the time goes.
func BenchmarkDecide(b *testing.B) {
	const facts = 2000
	s := generate(facts)
	o, err := bindAll()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []*contender{o.contender(&s), hand(&s)} {
		for q, ask := range c.decide {
			b.Run(strings.ReplaceAll(c.name, " ", "_")+"/"+questions[q], func(b *testing.B) {
				b.ReportAllocs()
				i, begun := 0, processor()
				for ; b.Loop(); i++ {
					sink = ask(i % facts)
				}
				b.ReportMetric(float64((processor()-begun).Nanoseconds())/float64(i), "cpu-ns/op")
			})
		}
	}
}
