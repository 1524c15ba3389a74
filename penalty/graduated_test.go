package penalty

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func whole(n int64) Exact { return Exact{n, 1} }

// The oracle pays for each unit by itself.
func TestGraduatedUnitByUnit(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 13))
	for range 10_000 {
		brackets := make([]Bracket, 1+rng.IntN(5))
		end := int64(0)
		for i := range brackets {
			end += 1 + rng.Int64N(60)
			brackets[i] = Bracket{UpTo: whole(end), Rate: Exact{rng.Int64N(50), 1 + rng.Int64N(12)}}
		}
		brackets[len(brackets)-1].UpTo = Exact{}
		value := rng.Int64N(400)
		const common = 27720 // of which all numbers to 12 are divisors
		sum := int64(0)
		counted := map[int]int64{}
		for unit := int64(1); unit <= value; unit++ {
			for i, b := range brackets {
				if b.UpTo == (Exact{}) || unit <= b.UpTo.N {
					sum += b.Rate.N * (common / b.Rate.D)
					counted[i]++
					break
				}
			}
		}
		slices, exact, err := Graduated(whole(value), brackets)
		require.NoError(t, err)
		require.Equal(t, sum*exact.D, exact.N*common)
		require.Len(t, slices, len(counted))
		for _, s := range slices {
			require.Equal(t, whole(counted[s.Bracket]), s.Part)
		}
		for rounding, want := range map[Rounding]int64{
			RoundDown: sum / common, RoundUp: (sum + common - 1) / common, RoundHalfUp: (2*sum + common) / (2 * common),
		} {
			got, err := exact.Rounded(rounding)
			require.NoError(t, err)
			require.Equal(t, want, got, rounding)
		}
	}
}

func TestGraduatedEnds(t *testing.T) {
	tax := []Bracket{{whole(36_000_00), Exact{3, 100}}, {whole(144_000_00), Exact{10, 100}}, {Exact{}, Exact{20, 100}}}
	for _, c := range []struct{ value, tax int64 }{
		{0, 0}, {1, 0}, {36_000_00, 1_080_00}, {36_000_01, 1_080_00}, {36_000_05, 1_080_01}, {144_000_00, 11_880_00}, {144_000_10, 11_880_02}, {200_000_00, 23_080_00},
	} {
		_, sum, err := Graduated(whole(c.value), tax)
		require.NoError(t, err)
		got, err := sum.Rounded(RoundHalfUp)
		require.NoError(t, err)
		assert.Equal(t, c.tax, got, c.value)
	}
	for text, c := range map[Exact]struct {
		rounding Rounding
		want     int64
	}{{1, 2}: {RoundHalfEven, 0}, {3, 2}: {RoundHalfEven, 2}, {5, 2}: {RoundHalfUp, 3}, {7, 3}: {RoundUp, 3}, {8, 3}: {RoundDown, 2}, {math.MaxInt64, 1}: {RoundUp, math.MaxInt64}} {
		got, err := text.Rounded(c.rounding)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%v %s", text, c.rounding)
	}
}

func TestGraduatedErrors(t *testing.T) {
	open := Bracket{Rate: whole(1)}
	for _, c := range []struct {
		of       Exact
		brackets []Bracket
		want     string
	}{
		{whole(-1), []Bracket{open}, "penalty: value is -1, below zero"},
		{whole(1), nil, "penalty: bracket 1 is missing"},
		{whole(1), []Bracket{open, open}, "penalty: bracket 1 has no end, and is not the last"},
		{whole(1), []Bracket{{whole(0), whole(1)}, open}, "penalty: bracket 1 does not end above the one before"},
		{whole(1), []Bracket{{whole(5), whole(1)}, {whole(5), whole(1)}, open}, "penalty: bracket 2 does not end above the one before"},
		{whole(1), []Bracket{{whole(5), whole(1)}}, "penalty: bracket 1 is the last and has an end"},
		{whole(1), []Bracket{{Rate: whole(-1)}}, "penalty: rate is -1, below zero"},
		{whole(math.MaxInt64), []Bracket{{Rate: whole(2)}}, ErrOverflow.Error()},
	} {
		_, _, err := Graduated(c.of, c.brackets)
		require.Error(t, err)
		assert.Equal(t, c.want, err.Error())
	}
	_, err := whole(1).Rounded("no")
	var word *UnknownWordError
	require.ErrorAs(t, err, &word)
	_, err = whole(-1).Rounded(RoundUp)
	var negative *NegativeError
	require.ErrorAs(t, err, &negative)
	_, err = Exact{math.MaxInt64, 1}.Rounded("")
	require.NoError(t, err)
	require.False(t, errors.Is(err, ErrOverflow))
	require.Equal(t, "<nil>", (*BracketError)(nil).Error())
}
