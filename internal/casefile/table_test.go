package casefile_test

import (
	"context"
	"fmt"
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

// A number with a separator makes a row too long: that is what is said, where it
// stands. Numbers that are a cell each are not taken for one.
func TestNumberCutInARow(t *testing.T) {
	at := func(row string) (string, string) {
		text := "cases: [{name: a, question: loaf, table: {facts: [weight, baker], expect: [price], rows: [" + row + "]}}]"
		_, found := casefile.Parse("t.yaml", []byte(text))
		require.Len(t, found, 1, row)
		assert.Equal(t, "cells_missing", found[0].Code)
		return text[found[0].Span.Start.Column-1 : found[0].Span.End.Column-1], found[0].Remedy.EN
	}
	where, remedy := at("[1,500, b, 1]")
	assert.Equal(t, "1,500", where)
	assert.Equal(t, "write a number without separators: 1500", remedy)
	where, remedy = at("[1, b, 20,000.50 CNY]")
	assert.Equal(t, "20,000.50 CNY", where)
	assert.Equal(t, "write a number without separators: 20000.50 CNY", remedy)
	where, _ = at("[1,500, b, 1,500, 3]")
	assert.Equal(t, "[1,500, b, 1,500, 3]", where)
	where, _ = at("[1, 500, b, 1]")
	assert.Equal(t, "[1, 500, b, 1]", where)
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

// What is wrong with the heading of a column is told at the heading, the same for
// each row, so that it can be told once.
func TestWrongHeadingsOfATable(t *testing.T) {
	for name, c := range map[string]struct{ facts, expect, at string }{
		"a fact":           {"[flaws, wieght]", "[verdict]", "4:26-4:32"},
		"what is expected": {"[flaws, weight]", "[verdct]", "4:44-4:50"},
	} {
		f, found := casefile.Parse("f.yaml", []byte("cases:\n- name: n\n  question: loaf\n  table: {facts: "+c.facts+", expect: "+c.expect+", rows: [[[], 500, good], [[flat], 500, bad]]}\n"))
		require.Empty(t, found, name)
		require.Len(t, f.Cases, 2)
		for _, x := range f.Cases {
			r := casefile.Run(t.Context(), bake(t), x)
			require.Len(t, r.Findings, 1, name)
			at := r.Findings[0].Span
			assert.Equal(t, c.at, fmt.Sprintf("%d:%d-%d:%d", at.Start.Line, at.Start.Column, at.End.Line, at.End.Column), name)
		}
	}
}
