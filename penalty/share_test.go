package penalty_test

import (
	"math"
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
