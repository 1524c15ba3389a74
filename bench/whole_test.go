package main

import "testing"

// TestWholeAnswers compares what everyone fills, field by field.
func TestWholeAnswers(t *testing.T) {
	s := generate(3000)
	o, err := bindAll()
	if err != nil {
		t.Fatal(err)
	}
	all, err := wholes(o, &s)
	if err != nil {
		t.Fatal(err)
	}
	if err := agreedWhole(&s, all); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkWhole is what a decision and the reading of all its values take.
func BenchmarkWhole(b *testing.B) {
	const facts = 2000
	s := generate(facts)
	o, err := bindAll()
	if err != nil {
		b.Fatal(err)
	}
	for q, ask := range wholeOurs(o, &s) {
		b.Run(questions[q], func(b *testing.B) {
			b.ReportAllocs()
			i, begun := 0, processor()
			for ; b.Loop(); i++ {
				whole = ask(i % facts)
			}
			b.ReportMetric(float64((processor()-begun).Nanoseconds())/float64(i), "cpu-ns/op")
		})
	}
}

var whole any
