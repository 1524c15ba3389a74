package casefile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/casefile"
)

// A table is what its rows are, written out.
func TestTableIsItsRows(t *testing.T) {
	book := bake(t)
	f, found := casefile.Parse("table.yaml", []byte(`
cases:
  - name: weight
    question: loaf
    facts: {flaws: [], baker: anna, bags: [{name: a, label: true}]}
    expect: {needs_decision: false}
    table:
      facts: [weight]
      readings: [weight.least]
      expect: [verdict, breaches, scale.least]
      rows:
        - [499, grams_500, bad, ["bread/2#light"], 500]
        - [500, grams_500, good, _, 500]
        - [399, grams_400, bad, ["bread/2#light"], 400]
        - [400, _, bad, ["bread/2#light"], 500]
        - [400, grams_400, good, _, 400]
  - name: nested
    question: loaf
    table:
      facts: [bags]
      expect: [verdict]
      rows: [[[{name: a, price: true}], undetermined]]
`))
	require.Empty(t, found)
	require.Len(t, f.Cases, 6)
	assert.Equal(t, "weight / 499、grams_500", f.Cases[0].Name)
	assert.Equal(t, "weight / 400、–", f.Cases[3].Name)
	for _, c := range f.Cases {
		assert.Empty(t, casefile.Run(context.Background(), book, c).Mismatches, c.Name)
	}
	// Rows do not write into what they have in common.
	assert.Equal(t, 12, f.Cases[0].Span.Start.Line)
	assert.Nil(t, f.Cases[5].Facts.Get("weight"))
}

func TestMistakesInTables(t *testing.T) {
	for _, c := range []struct{ name, text, code string }{
		{"no rows", `{facts: [weight]}`, "missing_key"},
		{"no columns", `{rows: [[1]]}`, "missing_key"},
		{"no list", `{facts: weight, readings: [weight.least], rows: [[1]]}`, "wrong_type"},
		{"no map", `[weight]`, "wrong_type"},
		{"other key", `{facts: [weight], columns: [a], rows: [[1]]}`, "unknown_key"},
		{"cells", `{facts: [weight], expect: [verdict], rows: [[1]]}`, "cells_missing"},
		{"row", `{facts: [weight], rows: [1]}`, "wrong_type"},
		{"twice", `{facts: [weight], rows: [[1], [1]]}`, "duplicate_case"},
	} {
		_, found := casefile.Parse("t.yaml", []byte("cases: [{name: a, question: loaf, table: "+c.text+"}]"))
		require.NotEmpty(t, found, c.name)
		assert.Equal(t, c.code, found[0].Code, c.name)
		assert.NotEmpty(t, found[0].Remedy.ZH)
	}
}
