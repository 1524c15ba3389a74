package main

import (
	"testing"
	"time"
)

func TestConstructs(t *testing.T) {
	all, err := constructs(1, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.measure.ns <= 0 {
			t.Errorf("%s was not timed", c.name)
		}
		t.Logf("%s: %.0f ns, %.1f allocations, %.0f bytes", c.name, c.measure.ns, c.measure.allocs, c.measure.bytes)
	}
}
