package penalty_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/penalty"
)

func TestAccrued(t *testing.T) {
	for _, x := range []struct {
		all      []penalty.AccruedAt
		rounding penalty.Rounding
		amount   int64
	}{
		{nil, "", 0},
		{[]penalty.AccruedAt{{998, 60, 0}}, "", 59880},
		{[]penalty.AccruedAt{{998, 1, 9}}, penalty.RoundHalfUp, 1372}, // 998 + 374.25
		{[]penalty.AccruedAt{{998, 1, 5}}, penalty.RoundHalfUp, 1206}, // 998 + 207.9166…
		{[]penalty.AccruedAt{{998, 1, 5}}, penalty.RoundDown, 1205},
		{[]penalty.AccruedAt{{998, 1, 9}}, penalty.RoundUp, 1373},
		{[]penalty.AccruedAt{{1, 0, 12}}, penalty.RoundHalfUp, 1},
		{[]penalty.AccruedAt{{1, 0, 12}}, penalty.RoundHalfEven, 0},
		{[]penalty.AccruedAt{{3, 0, 12}}, penalty.RoundHalfEven, 2},
		{[]penalty.AccruedAt{{976, 2, 0}, {998, 4, 0}}, "", 5944},
	} {
		amount, _, err := penalty.Accrued(x.all, x.rounding)
		require.NoError(t, err)
		assert.Equal(t, x.amount, amount, "%+v %s", x.all, x.rounding)
	}
}

func TestAccruedRefuses(t *testing.T) {
	for _, all := range [][]penalty.AccruedAt{{{-1, 1, 0}}, {{1, -1, 0}}, {{1, 1, -1}}} {
		_, _, err := penalty.Accrued(all, "")
		var negative *penalty.NegativeError
		assert.ErrorAs(t, err, &negative)
	}
	_, _, err := penalty.Accrued(nil, "sideways")
	var word *penalty.UnknownWordError
	assert.ErrorAs(t, err, &word)
	for _, all := range [][]penalty.AccruedAt{{{math.MaxInt64, 1, 0}}, {{1, math.MaxInt64, 0}}, {{1, math.MaxInt64 / 24, 24}}, {{1, math.MaxInt64 / 24, 0}, {1, 1, 0}}} {
		_, _, err := penalty.Accrued(all, "")
		assert.ErrorIs(t, err, penalty.ErrOverflow, "%+v", all)
	}
}

// The exact sum, and what each rounding makes of it, by big fractions.
func TestAccruedAgainstFractions(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		all := make([]penalty.AccruedAt, random.IntN(4))
		sum := new(big.Rat)
		for i := range all {
			all[i] = penalty.AccruedAt{Rate: random.Int64N(2000), Units: random.Int64N(400), Parts: random.Int64N(48)}
			parts := big.NewRat(all[i].Units*24+all[i].Parts, 24)
			sum.Add(sum, parts.Mul(parts, big.NewRat(all[i].Rate, 1)))
		}
		floor := new(big.Int).Quo(sum.Num(), sum.Denom()).Int64()
		rest := new(big.Rat).Sub(sum, big.NewRat(floor, 1))
		half := rest.Cmp(big.NewRat(1, 2))
		want := map[penalty.Rounding]bool{
			penalty.RoundDown: false, penalty.RoundUp: rest.Sign() > 0,
			penalty.RoundHalfUp: half >= 0, penalty.RoundHalfEven: half > 0 || half == 0 && floor%2 == 1,
		}
		for rounding, up := range want {
			amount, exact, err := penalty.Accrued(all, rounding)
			require.NoError(t, err)
			require.Zero(t, sum.Cmp(big.NewRat(exact, 24)))
			if up {
				require.Equal(t, floor+1, amount, "%+v %s", all, rounding)
			} else {
				require.Equal(t, floor, amount, "%+v %s", all, rounding)
			}
		}
	}
}

// Rates that are not whole are added up exactly, too.
func TestSumAccrualsAgainstFractions(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		all := make([]penalty.Accrual, random.IntN(4))
		sum := new(big.Rat)
		for i := range all {
			x := &all[i]
			x.Rate.N, x.Rate.D, x.Units, x.Parts = random.Int64N(200_000), 1+random.Int64N(400), random.Int64N(400), random.Int64N(48)
			parts := big.NewRat(x.Units*24+x.Parts, 24)
			sum.Add(sum, parts.Mul(parts, big.NewRat(x.Rate.N, x.Rate.D)))
		}
		got, err := penalty.SumAccruals(all)
		require.NoError(t, err)
		require.Zero(t, sum.Cmp(big.NewRat(got.N, got.D)), "%+v", all)
	}
	for _, x := range []penalty.Accrual{{Rate: penalty.Exact{N: -1, D: 3}}, {}, {Rate: penalty.Exact{N: 1, D: 3}, Units: -1}, {Rate: penalty.Exact{N: 1, D: 3}, Parts: -1}} {
		_, err := penalty.SumAccruals([]penalty.Accrual{x})
		var negative *penalty.NegativeError
		assert.ErrorAs(t, err, &negative)
	}
	_, err := penalty.SumAccruals([]penalty.Accrual{{Rate: penalty.Exact{N: math.MaxInt64, D: 2}, Units: 3}})
	assert.ErrorIs(t, err, penalty.ErrOverflow)
}
