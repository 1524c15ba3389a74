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
