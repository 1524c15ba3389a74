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

func TestJoint(t *testing.T) {
	p, h := penalty.Party{Person: "P", Role: "doer"}, penalty.Party{Person: "H", Role: "lead"}
	paid := func(who penalty.Party, fine int64) penalty.Record { return penalty.Record{Party: who, Fine: fine} }
	tests := []struct {
		name  string
		p, h  penalty.Party
		fine  int64
		share penalty.Share
		want  []penalty.Record
	}{
		{"record only", p, h, 80, penalty.Share{Kind: penalty.RecordOnly}, []penalty.Record{paid(p, 80), {Party: h, NeedsDecision: true}}},
		{"the zero share", p, h, 0, penalty.Share{}, []penalty.Record{paid(p, 0), {Party: h, NeedsDecision: true}}},
		{"half", p, h, 80, penalty.Share{Kind: penalty.Percent, By: 50}, []penalty.Record{paid(p, 80), paid(h, 40)}},
		{"rounded down", p, h, 99, penalty.Share{Kind: penalty.Percent, By: 33}, []penalty.Record{paid(p, 99), paid(h, 32)}},
		{"more than all", p, h, 10, penalty.Share{Kind: penalty.Percent, By: 250}, []penalty.Record{paid(p, 10), paid(h, 25)}},
		{"all of the most", p, h, math.MaxInt64, penalty.Share{Kind: penalty.Percent, By: 100}, []penalty.Record{paid(p, math.MaxInt64), paid(h, math.MaxInt64)}},
		{"fixed", p, h, 80, penalty.Share{Kind: penalty.Fixed, By: 15}, []penalty.Record{paid(p, 80), paid(h, 15)}},
		{"same", p, h, 80, penalty.Share{Kind: penalty.Same}, []penalty.Record{paid(p, 80), paid(h, 80)}},
		{"the same person", p, penalty.Party{Person: "P", Role: "lead"}, 80, penalty.Share{Kind: penalty.Same}, []penalty.Record{paid(p, 80)}},
		{"nobody beside", p, penalty.Party{Role: "lead"}, 80, penalty.Share{Kind: penalty.Same}, []penalty.Record{paid(p, 80)}},
		{"no principal", penalty.Party{}, h, 80, penalty.Share{Kind: penalty.Same}, []penalty.Record{paid(h, 80)}},
		{"nobody", penalty.Party{}, penalty.Party{}, 80, penalty.Share{Kind: penalty.Same}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := penalty.Joint(tt.p, tt.h, tt.fine, tt.share)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}

	var negative *penalty.NegativeError
	_, err := penalty.Joint(p, h, -1, penalty.Share{})
	require.ErrorAs(t, err, &negative)
	assert.Equal(t, "fine", negative.What)
	_, err = penalty.Joint(p, h, 1, penalty.Share{Kind: penalty.Fixed, By: -1})
	require.ErrorAs(t, err, &negative)
	assert.Equal(t, "share", negative.What)
	_, err = penalty.Joint(p, h, 1, penalty.Share{Kind: penalty.Percent, By: -1})
	require.ErrorAs(t, err, &negative)
	var word *penalty.UnknownWordError
	_, err = penalty.Joint(p, h, 1, penalty.Share{Kind: "x"})
	require.ErrorAs(t, err, &word)
	_, err = penalty.Joint(p, h, math.MaxInt64, penalty.Share{Kind: penalty.Percent, By: 101})
	require.ErrorIs(t, err, penalty.ErrOverflow)
	_, err = penalty.Joint(p, h, 1<<62, penalty.Share{Kind: penalty.Percent, By: 400}) // 100 times 2^64
	require.ErrorIs(t, err, penalty.ErrOverflow)
	_, err = penalty.Joint(p, h, math.MaxInt64, penalty.Share{Kind: penalty.Percent, By: math.MaxInt64})
	require.ErrorIs(t, err, penalty.ErrOverflow)
}

func TestPercentAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fine, by := rapid.Int64Min(0).Draw(t, "fine"), rapid.Int64Min(0).Draw(t, "by")
		want := new(big.Int).Mul(big.NewInt(fine), big.NewInt(by))
		want.Quo(want, big.NewInt(100))
		got, err := penalty.Joint(penalty.Party{}, penalty.Party{Person: "H"}, fine, penalty.Share{Kind: penalty.Percent, By: by})
		if !want.IsInt64() {
			require.ErrorIs(t, err, penalty.ErrOverflow)
			return
		}
		require.NoError(t, err)
		assert.Equal(t, want.Int64(), got[0].Fine)
	})
}

func TestSplit(t *testing.T) {
	var shares *penalty.SharesError
	for _, n := range []int64{math.MinInt64, 0} {
		_, _, err := penalty.Split(10, n)
		require.ErrorAs(t, err, &shares)
		assert.Equal(t, n, shares.N)
	}
	assert.EqualError(t, shares, "penalty: cannot split among 0, only among 1 or more")
	var negative *penalty.NegativeError
	_, _, err := penalty.Split(-1, 1)
	require.ErrorAs(t, err, &negative)
	each, over, err := penalty.Split(1, math.MaxInt64)
	require.NoError(t, err)
	assert.EqualValues(t, 0, each)
	assert.EqualValues(t, 1, over)
}
