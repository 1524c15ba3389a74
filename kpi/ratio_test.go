package kpi_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/kpi"
)

func TestPercent(t *testing.T) {
	tests := []struct {
		num, den int64
		digits   int
		want     string
	}{
		{4, 4003, 2, "0.10%"},
		{4, 4003, 4, "0.0999%"},
		{991, 1001, 2, "99.00%"},
		{991, 1001, 3, "99.001%"},
		{1, 1, 0, "100%"},
		{0, 7, 2, "0.00%"},
		{1, 200, 0, "1%"},    // 0.5 rounds up
		{1, 201, 0, "0%"},    // just below
		{1, 8, 1, "12.5%"},   // exact
		{1, 8, 0, "13%"},     // 12.5 rounds up
		{1, 3, -1, "33%"},    // digits below 0
		{7, 2, 1, "350.0%"},  // more than all
		{-1, 200, 0, "-1%"},  // half away from zero
		{-1, 201, 0, "0%"},   // no minus zero
		{-1, 8, 1, "-12.5%"}, // below zero
		{999999, 1000000, 2, "100.00%"},
		{1, 3, 18, "33.333333333333333333%"},
		{1, 3, 99, "33.333333333333333333%"},
		{math.MaxInt64, 1, 1, "922337203685477580700.0%"},
		{math.MinInt64, 1, 0, "-922337203685477580800%"},
		{1, math.MaxInt64, 18, "0.000000000000000011%"},
		{1, 0, 2, ""},
		{1, -1, 2, ""},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, kpi.Ratio{Num: tt.num, Den: tt.den}.Percent(tt.digits), "%d/%d to %d", tt.num, tt.den, tt.digits)
	}
}

func TestRatioString(t *testing.T) {
	assert.Equal(t, "4/4003", kpi.Ratio{Num: 4, Den: 4003}.String())
	assert.Equal(t, "5/5000", kpi.Ratio{Num: 5, Den: 5000}.String(), "not reduced")
	assert.Equal(t, "0/0", kpi.Ratio{}.String())
	assert.Equal(t, "7/1", kpi.Whole(7).String())
}

func TestCompareInvalid(t *testing.T) {
	none, negative, least := kpi.Ratio{Num: 5}, kpi.Ratio{Num: 1, Den: -1}, kpi.Whole(math.MinInt64)
	assert.Zero(t, none.Compare(negative))
	assert.Equal(t, -1, none.Compare(least))
	assert.Equal(t, 1, least.Compare(negative))
}

// number draws int64s of every size, and often small ones.
func number(min int64) *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Min(min), rapid.Int64Range(min, 12))
}

func anyRatio(t *rapid.T) kpi.Ratio {
	least := rapid.SampledFrom([]int64{math.MinInt64, -12, 0}).Draw(t, "least")
	return kpi.Ratio{Num: number(least).Draw(t, "num"), Den: number(1).Draw(t, "den")}
}

func rat(r kpi.Ratio) *big.Rat { return big.NewRat(r.Num, r.Den) }

func TestCompareAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyRatio(t), anyRatio(t)
		assert.Equal(t, rat(a).Cmp(rat(b)), a.Compare(b))
		assert.Zero(t, a.Compare(a))
	})
}

func TestPercentAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRatio(t)
		digits := rapid.IntRange(0, kpi.MaxDigits).Draw(t, "digits")
		want := new(big.Rat).Mul(rat(r), big.NewRat(100, 1)).FloatString(digits) // rounds half away from zero
		if zero, ok := new(big.Rat).SetString(want); ok && zero.Sign() == 0 && want[0] == '-' {
			want = want[1:]
		}
		assert.Equal(t, want+"%", r.Percent(digits))
	})
}
