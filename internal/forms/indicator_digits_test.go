package forms

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/kpi"
)

// As many decimal places show a ratio exactly as it takes when they are tried
// one after the other.
func TestExactDigits(t *testing.T) {
	tried := func(r kpi.Ratio) int {
		n := new(big.Rat).Mul(big.NewRat(r.Num, r.Den), big.NewRat(100, 1))
		for d := range value.MaxDigits + 1 {
			if shown, ok := new(big.Rat).SetString(n.FloatString(d)); ok && shown.Cmp(n) == 0 {
				return d
			}
		}
		return value.MaxDigits + 1
	}
	rapid.Check(t, func(t *rapid.T) {
		r := kpi.Ratio{Num: rapid.Int64().Draw(t, "num"), Den: rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			r.Num, r.Den = r.Num%1000, 1+r.Den%1000
		case 1:
			r.Den = int64(math.Pow10(int(r.Den % 19)))
		}
		require.Equal(t, tried(r), exactDigits(r), "%v", r)
	})
	for _, r := range []kpi.Ratio{{Num: 0, Den: 7}, {Num: math.MinInt64, Den: 1}, {Num: 1, Den: 1 << 62}, {Num: 1, Den: 1_220_703_125}} {
		require.Equal(t, tried(r), exactDigits(r), "%v", r)
	}
}
