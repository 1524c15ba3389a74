package kpi_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/kpi"
)

var (
	kinds   = []kpi.BoundKind{kpi.Below, kpi.AtMost, kpi.Above, kpi.AtLeast, kpi.Exactly}
	perMill = kpi.Ratio{Num: 1, Den: 1000}
)

func TestBoundMet(t *testing.T) {
	// Whether a ratio below, at and above the limit meets the bound.
	want := map[kpi.BoundKind][3]bool{
		kpi.Below:   {true, false, false},
		kpi.AtMost:  {true, true, false},
		kpi.Above:   {false, false, true},
		kpi.AtLeast: {false, true, true},
		kpi.Exactly: {false, true, false},
		"x":         {},
		"":          {},
	}
	for kind, met := range want {
		b := kpi.Bound{Kind: kind, Limit: perMill}
		for i, r := range []kpi.Ratio{{Num: 4, Den: 4001}, {Num: 4, Den: 4000}, {Num: 4, Den: 3999}} {
			assert.Equal(t, met[i], b.Met(r), "%s %s", kind, r)
		}
		assert.False(t, b.Met(kpi.Ratio{}), kind)
		assert.False(t, kpi.Bound{Kind: kind}.Met(kpi.Ratio{Num: 0, Den: 1}), kind)
	}
}

func TestJudge(t *testing.T) {
	below := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.Below, Limit: perMill}}
	all := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.Exactly, Limit: kpi.Whole(1)}, Part: true}
	most := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.Above, Limit: kpi.Ratio{Num: 99, Den: 100}}, Part: true}
	tests := []struct {
		name      string
		indicator kpi.Indicator
		count     int64
		base      kpi.Ratio
		pending   int64
		verdict   kpi.Verdict
		ratio     kpi.Ratio
	}{
		{"none", below, 0, kpi.Whole(600), 0, kpi.Met, kpi.Ratio{Num: 0, Den: 600}},
		{"one of few", below, 1, kpi.Whole(1000), 0, kpi.NotMet, kpi.Ratio{Num: 1, Den: 1000}},
		{"one of one more", below, 1, kpi.Whole(1001), 0, kpi.Met, kpi.Ratio{Num: 1, Den: 1001}},
		{"below, but not when rounded", below, 4, kpi.Whole(4003), 0, kpi.Met, kpi.Ratio{Num: 4, Den: 4003}},
		{"more than the base", below, 9, kpi.Whole(3), 0, kpi.NotMet, kpi.Ratio{Num: 9, Den: 3}},
		{"all", all, 100, kpi.Whole(100), 0, kpi.Met, kpi.Ratio{Num: 100, Den: 100}},
		{"all but one", all, 99, kpi.Whole(100), 0, kpi.NotMet, kpi.Ratio{Num: 99, Den: 100}},
		{"all so far", all, 79, kpi.Whole(79), 1, kpi.Met, kpi.Ratio{Num: 79, Den: 79}},
		{"exactly the limit", most, 99, kpi.Whole(100), 0, kpi.NotMet, kpi.Ratio{Num: 99, Den: 100}},
		{"just above", most, 991, kpi.Whole(1001), 0, kpi.Met, kpi.Ratio{Num: 991, Den: 1001}},
		{"a mean that is whole", below, 5, kpi.Ratio{Num: 10000, Den: 2}, 0, kpi.NotMet, kpi.Ratio{Num: 5, Den: 5000}},
		{"a mean that is not", below, 5, kpi.Ratio{Num: 10001, Den: 2}, 0, kpi.Met, kpi.Ratio{Num: 10, Den: 10001}},
		{"empty", below, 0, kpi.Whole(0), 0, kpi.NotApplicable, kpi.Ratio{}},
		{"empty mean", below, 0, kpi.Ratio{Num: 0, Den: 2}, 0, kpi.NotApplicable, kpi.Ratio{}},
		{"empty, but counted", below, 3, kpi.Whole(0), 0, kpi.NotApplicable, kpi.Ratio{Num: 3}},
		{"empty, pending", all, 0, kpi.Whole(0), 5, kpi.NotApplicable, kpi.Ratio{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.indicator.Judge(tt.count, tt.base, tt.pending)
			require.NoError(t, err)
			assert.Equal(t, kpi.Result{Verdict: tt.verdict, Ratio: tt.ratio, Provisional: tt.pending > 0}, got)
		})
	}
	for empty, want := range map[kpi.Empty]kpi.Verdict{
		"": kpi.NotApplicable, kpi.NotApplicableIfEmpty: kpi.NotApplicable, kpi.MetIfEmpty: kpi.Met, kpi.NotMetIfEmpty: kpi.NotMet,
	} {
		below.Empty = empty
		got, err := below.Judge(0, kpi.Whole(0), 0)
		require.NoError(t, err)
		assert.Equal(t, want, got.Verdict)
		got, err = below.Judge(1, kpi.Whole(5000), 0)
		require.NoError(t, err)
		assert.Equal(t, kpi.Met, got.Verdict, "only for an empty base")
	}
}

func TestJudgeErrors(t *testing.T) {
	i := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.Below, Limit: perMill}, Part: true}
	var negative *kpi.NegativeError
	for what, call := range map[string]func() error{
		"count":   func() error { _, err := i.Judge(-1, kpi.Whole(5), 0); return err },
		"base":    func() error { _, err := i.Judge(0, kpi.Whole(-1), 0); return err },
		"pending": func() error { _, err := i.Judge(0, kpi.Whole(5), -1); return err },
	} {
		err := call()
		require.ErrorAs(t, err, &negative)
		assert.Equal(t, kpi.NegativeError{What: what, Value: -1}, *negative)
		assert.EqualError(t, err, "kpi: "+what+" is -1, below zero")
	}
	for _, base := range []kpi.Ratio{{}, {Num: 5, Den: -1}, {Num: 5}} {
		_, err := i.Judge(0, base, 0)
		require.ErrorIs(t, err, kpi.ErrNotANumber)
	}

	var excess *kpi.ExcessError
	_, err := i.Judge(6, kpi.Whole(5), 0)
	require.ErrorAs(t, err, &excess)
	assert.EqualError(t, err, "kpi: count 6 is more than its base 5")
	_, err = i.Judge(1, kpi.Whole(0), 0)
	require.ErrorAs(t, err, &excess)
	_, err = i.Judge(6, kpi.Ratio{Num: 11, Den: 2}, 0)
	require.ErrorAs(t, err, &excess)
	assert.EqualError(t, err, "kpi: count 6 is more than its base 11/2")
	_, err = i.Judge(5, kpi.Ratio{Num: 11, Den: 2}, 0)
	require.NoError(t, err)

	i.Part = false
	_, err = i.Judge(math.MaxInt64/2+1, kpi.Ratio{Num: 5, Den: 2}, 0)
	require.ErrorIs(t, err, kpi.ErrOverflow)
	_, err = i.Judge(math.MaxInt64/2, kpi.Ratio{Num: 5, Den: 2}, 0)
	require.NoError(t, err)
	_, err = i.Judge(math.MaxInt64/7, kpi.Ratio{Num: 5, Den: 7}, 0) // 7 divides MaxInt64
	require.NoError(t, err)
	_, err = i.Judge(math.MaxInt64, kpi.Ratio{Num: 5, Den: math.MaxInt64}, 0)
	require.ErrorIs(t, err, kpi.ErrOverflow)

	var word *kpi.UnknownWordError
	i.Empty = "x"
	_, err = i.Judge(0, kpi.Whole(1), 0)
	require.ErrorAs(t, err, &word)
	assert.EqualError(t, err, `kpi: "x" is no empty`)
	i.Empty, i.Bound.Kind = "", ""
	_, err = i.Judge(0, kpi.Whole(1), 0)
	require.ErrorAs(t, err, &word)
	assert.Equal(t, "bound", word.What)
	i.Bound = kpi.Bound{Kind: kpi.Below}
	_, err = i.Judge(0, kpi.Whole(1), 0)
	require.ErrorIs(t, err, kpi.ErrNotANumber)
}

func TestJudgeAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		limit := kpi.Ratio{Num: number(0).Draw(t, "limit"), Den: number(1).Draw(t, "of")}
		count := number(0).Draw(t, "count")
		base := kpi.Ratio{Num: number(1).Draw(t, "base"), Den: rapid.Int64Range(1, 4).Draw(t, "over")}
		got, err := kpi.Indicator{Bound: kpi.Bound{Kind: kind, Limit: limit}}.Judge(count, base, 0)
		if err != nil {
			require.ErrorIs(t, err, kpi.ErrOverflow)
			return
		}
		want := new(big.Rat).Quo(big.NewRat(count, 1), rat(base))
		assert.Zero(t, want.Cmp(rat(got.Ratio)), "the ratio is exact")
		c := want.Cmp(rat(limit))
		met := map[kpi.BoundKind]bool{kpi.Below: c < 0, kpi.AtMost: c <= 0, kpi.Above: c > 0, kpi.AtLeast: c >= 0, kpi.Exactly: c == 0}[kind]
		assert.Equal(t, met, got.Verdict == kpi.Met)
	})
}

func TestMoreBaseNeverWorsens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := kpi.Indicator{Bound: kpi.Bound{Kind: kpi.Below, Limit: kpi.Ratio{Num: number(0).Draw(t, "limit"), Den: number(1).Draw(t, "of")}}}
		count := number(0).Draw(t, "count")
		base := rapid.Int64Range(1, math.MaxInt64/2).Draw(t, "base")
		more := rapid.Int64Range(0, math.MaxInt64/2).Draw(t, "more")
		before, err := i.Judge(count, kpi.Whole(base), 0)
		require.NoError(t, err)
		after, err := i.Judge(count, kpi.Whole(base+more), 0)
		require.NoError(t, err)
		assert.False(t, before.Verdict == kpi.Met && after.Verdict != kpi.Met)
	})
}

func TestRange(t *testing.T) {
	inclusive := kpi.Range{From: kpi.Whole(4000), To: kpi.Whole(6000)}
	exclusive := inclusive
	exclusive.ExcludeFrom, exclusive.ExcludeTo = true, true
	tests := []struct {
		r    kpi.Range
		x    kpi.Ratio
		want kpi.Place
	}{
		{inclusive, kpi.Ratio{Num: 7999, Den: 2}, kpi.Under},
		{inclusive, kpi.Whole(4000), kpi.Within},
		{inclusive, kpi.Whole(6000), kpi.Within},
		{inclusive, kpi.Ratio{Num: 12001, Den: 2}, kpi.Over},
		{exclusive, kpi.Whole(4000), kpi.Under},
		{exclusive, kpi.Ratio{Num: 8001, Den: 2}, kpi.Within},
		{exclusive, kpi.Ratio{Num: 11999, Den: 2}, kpi.Within},
		{exclusive, kpi.Whole(6000), kpi.Over},
		{kpi.Range{From: kpi.Whole(3), To: kpi.Ratio{Num: 6, Den: 2}}, kpi.Whole(3), kpi.Within},
	}
	for _, tt := range tests {
		got, err := tt.r.Place(tt.x)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got, "%s", tt.x)
	}

	_, err := inclusive.Place(kpi.Ratio{})
	require.ErrorIs(t, err, kpi.ErrNotANumber)
	_, err = kpi.Range{From: kpi.Whole(1)}.Place(kpi.Whole(1))
	require.ErrorIs(t, err, kpi.ErrNotANumber)
	require.ErrorIs(t, kpi.Range{To: kpi.Whole(1)}.Validate(), kpi.ErrNotANumber)
	for _, empty := range []kpi.Range{
		{From: kpi.Whole(2), To: kpi.Whole(1)},
		{From: kpi.Whole(1), To: kpi.Whole(1), ExcludeFrom: true},
		{From: kpi.Whole(1), To: kpi.Whole(1), ExcludeTo: true},
	} {
		require.ErrorIs(t, empty.Validate(), kpi.ErrEmptyRange)
	}
}
