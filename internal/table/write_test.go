package table

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Rows are written as encoding/csv writes them, and no cell as a formula.
func TestAppendRow(t *testing.T) {
	odd := []string{"", " ", `\.`, `\`, "a b", "a\rb", "2025-06-16", "=1", " =1", "\u3000=1", "+1", "-1", "-x", "@a", "\t1", "|x", "%x", "＝1", "１", "'", `"=1"`, "a=1", "\ufeff=1"}
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(odd), rapid.String()), 1, 5).Draw(t, "cells")
		neutral := make([]string, len(cells))
		for i, c := range cells {
			neutral[i] = Neutral(c)
			if neutral[i] != c {
				require.Equal(t, "'"+c, neutral[i])
			}
			require.Equal(t, neutral[i], Neutral(neutral[i]), "once is enough")
		}
		var want strings.Builder
		w := csv.NewWriter(&want)
		require.NoError(t, w.Write(neutral))
		w.Flush()
		require.Equal(t, "before"+want.String(), string(AppendRow([]byte("before"), slices.Clone(cells))))
	})
}

func TestNeutral(t *testing.T) {
	for cell, want := range map[string]string{
		`=HYPERLINK("x")`: `'=HYPERLINK("x")`, "+1": "'+1", "-1": "-1", "-1+2": "'-1+2", "@SUM(1)": "'@SUM(1)", " =1": "' =1", "\u00a0=1": "'\u00a0=1",
		"\t=1": "'\t=1", "＝1": "'＝1", "": "", "甲": "甲", "A=1": "A=1", "12": "12", "- ": "'- ",
		"S1": "S1", "4/5000 met": "4/5000 met", "-5": "-5", "a=b": "a=b", "  =1": "'  =1", "=": "'=", "|x": "'|x", "%x": "'%x",
	} {
		assert.Equal(t, want, Neutral(cell), cell)
	}
}
