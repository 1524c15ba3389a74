package penalty_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/penalty"
)

// Shares add up to the amount and differ by one unit at most, whatever the
// amount and however many share.
func TestShareOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total, n := rapid.Int64Min(0).Draw(t, "total"), rapid.Int64Range(1, 60).Draw(t, "n")
		each, over, err := penalty.Split(total, n)
		require.NoError(t, err)
		require.True(t, 0 <= over && over < n)
		left := total
		for i := range n {
			share, err := penalty.ShareOf(total, n, i+1)
			require.NoError(t, err)
			want := each
			if i < over {
				want++
			}
			require.Equal(t, want, share)
			left -= share
		}
		require.Zero(t, left)
	})
	share, err := penalty.ShareOf(math.MaxInt64, math.MaxInt64-1, 1)
	require.NoError(t, err)
	assert.EqualValues(t, 2, share)

	var place *penalty.PlaceError
	for _, p := range []int64{math.MinInt64, 0, 4} {
		_, err := penalty.ShareOf(20, 3, p)
		require.ErrorAs(t, err, &place)
	}
	assert.EqualError(t, place, "penalty: there is no place 4 among 3")
	var shares *penalty.SharesError
	_, err = penalty.ShareOf(20, math.MinInt64, 1)
	require.ErrorAs(t, err, &shares)
	var negative *penalty.NegativeError
	_, err = penalty.ShareOf(-20, 2, 1)
	require.ErrorAs(t, err, &negative)
}

// A percentage is that of whole numbers, and to the hundredth; what is no
// percentage is refused, and never some number.
func TestPercentOf(t *testing.T) {
	number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3000), rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 50, 100, math.MaxInt64}))
	rapid.Check(t, func(t *rapid.T) {
		a, p := number.Draw(t, "a"), number.Draw(t, "p")
		rounding := rapid.SampledFrom([]penalty.Rounding{"", penalty.RoundDown, penalty.RoundHalfUp, penalty.RoundUp, "sideways"}).Draw(t, "rounding")
		n, hundredths, err := penalty.PercentOf(a, p, rounding)
		exact := new(big.Int).Mul(big.NewInt(a), big.NewInt(p))
		want, rest := exact.QuoRem(exact, big.NewInt(100), new(big.Int))
		if rest.Sign() > 0 && rounding == penalty.RoundUp || rest.Int64() >= 50 && rounding == penalty.RoundHalfUp {
			want.Add(want, big.NewInt(1))
		}
		var negative *penalty.NegativeError
		var word *penalty.UnknownWordError
		switch {
		case a < 0 || p < 0:
			require.ErrorAs(t, err, &negative)
		case rounding == "sideways":
			require.ErrorAs(t, err, &word)
		case !want.IsInt64():
			require.ErrorIs(t, err, penalty.ErrOverflow)
		default:
			require.NoError(t, err)
			require.Equal(t, want.Int64(), n)
			require.Equal(t, rest.Int64(), hundredths)
			return
		}
		require.Zero(t, n)
		require.Zero(t, hundredths)
	})
}

// A count below 0 prices nothing.
func TestPriceTierOfNegativeCounts(t *testing.T) {
	l := penalty.Ladder{Tiers: []penalty.Tier{{Level: "a", Rows: []penalty.Row{{From: 1, Amount: 20}, {From: 2, Amount: 50}}}}, Scale: []int64{0, 20, 50}}
	for _, levels := range []penalty.Levels{penalty.Separate, penalty.Cumulative} {
		l.Levels = levels
		for _, x := range [][2]int{{-1, 0}, {0, -1}, {math.MinInt, 5}} {
			step, err := l.PriceTier(0, x[0], x[1])
			var negative *penalty.NegativeError
			require.ErrorAs(t, err, &negative)
			require.Zero(t, step)
		}
	}
	step, err := l.PriceTier(0, 1, 0)
	require.NoError(t, err)
	assert.EqualValues(t, 50, step.Base)
}

// A percentage is exact, rounded as the rule says, and told.
func TestJointRounding(t *testing.T) {
	h := penalty.Party{Person: "H"}
	for _, x := range []struct {
		rounding penalty.Rounding
		by, want int64
	}{{"", 33, 6}, {penalty.RoundDown, 33, 6}, {penalty.RoundUp, 33, 7}, {penalty.RoundHalfUp, 33, 7}, {penalty.RoundHalfUp, 32, 6}, {penalty.RoundUp, 50, 10}, {penalty.RoundUp, 1, 1}, {penalty.RoundHalfUp, 1, 0}} {
		got, err := penalty.Joint(penalty.Party{}, h, 20, penalty.Share{Kind: penalty.Percent, By: x.by, Rounding: x.rounding})
		require.NoError(t, err)
		assert.Equal(t, x.want, got[0].Fine, "%d %% of 20, %s", x.by, x.rounding)
	}
	var word *penalty.UnknownWordError
	_, err := penalty.Joint(penalty.Party{}, h, 20, penalty.Share{Kind: penalty.Percent, By: 1, Rounding: "x"})
	require.ErrorAs(t, err, &word)
}
