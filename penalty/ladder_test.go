package penalty_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/penalty"
)

func sample() penalty.Ladder {
	return penalty.Ladder{
		Tiers: []penalty.Tier{
			{Level: "low", Rank: 1, Rows: []penalty.Row{{1, 20}, {4, 50}}},
			{Level: "mid", Rank: 2, Rows: []penalty.Row{{1, 50}, {2, 80}, {3, 100}}},
			{Level: "top", Rank: 3, Rows: []penalty.Row{{1, 200}}},
		},
		Scale: []int64{0, 20, 50, 80, 100, 200},
	}
}

func TestPrice(t *testing.T) {
	retroactive := sample()
	retroactive.Repricing = penalty.Retroactive
	lowOnly := sample()
	lowOnly.Tiers[0].Repricing = penalty.Retroactive
	notLow := sample()
	notLow.Repricing = penalty.Retroactive
	notLow.Tiers[0].Repricing = penalty.Marginal
	cumulative := sample()
	cumulative.Levels = penalty.Cumulative
	both := sample()
	both.Levels = penalty.Cumulative
	both.Repricing = penalty.Retroactive

	type counts = map[string]int
	step := func(level string, nth, row int, base, total, additional int64) penalty.Step {
		return penalty.Step{Level: level, Nth: nth, Row: row, Base: base, WindowKnown: true, TotalForWindow: total, AdditionalForEarlier: additional}
	}
	tests := []struct {
		name   string
		ladder penalty.Ladder
		level  string
		prior  counts
		want   penalty.Step
	}{
		{"first", sample(), "low", nil, step("low", 1, 0, 20, 20, 0)},
		{"last of the first row", sample(), "low", counts{"low": 2}, step("low", 3, 0, 20, 60, 0)},
		{"first of the second row", sample(), "low", counts{"low": 3}, step("low", 4, 1, 50, 110, 0)},
		{"far into the last row", sample(), "mid", counts{"mid": 9}, step("mid", 10, 2, 100, 930, 0)},
		{"other levels do not count", sample(), "low", counts{"low": 1, "mid": 9, "top": 9}, step("low", 2, 0, 20, 40, 0)},

		{"retroactive, before", retroactive, "low", counts{"low": 2}, step("low", 3, 0, 20, 60, 0)},
		{"retroactive, reached", retroactive, "low", counts{"low": 3}, step("low", 4, 1, 50, 200, 90)},
		{"retroactive, after", retroactive, "low", counts{"low": 4}, step("low", 5, 1, 50, 250, 0)},
		{"retroactive, first", retroactive, "mid", nil, step("mid", 1, 0, 50, 50, 0)},
		{"retroactive, second row", retroactive, "mid", counts{"mid": 1}, step("mid", 2, 1, 80, 160, 30)},
		{"retroactive, third row", retroactive, "mid", counts{"mid": 2}, step("mid", 3, 2, 100, 300, 40)},

		{"a tier retroactive by itself", lowOnly, "low", counts{"low": 3}, step("low", 4, 1, 50, 200, 90)},
		{"the others stay marginal", lowOnly, "mid", counts{"mid": 1}, step("mid", 2, 1, 80, 130, 0)},
		{"a tier marginal by itself", notLow, "low", counts{"low": 3}, step("low", 4, 1, 50, 110, 0)},
		{"the others stay retroactive", notLow, "mid", counts{"mid": 1}, step("mid", 2, 1, 80, 160, 30)},

		{"cumulative, alone", cumulative, "low", counts{"low": 3}, step("low", 4, 1, 50, 110, 0)},
		{"cumulative, none of its own", cumulative, "low", counts{"mid": 2, "top": 1}, step("low", 4, 1, 50, 50, 0)},
		{"cumulative, every number cost the same", cumulative, "low", counts{"low": 1, "mid": 2}, step("low", 4, 1, 50, 70, 0)},
		{"cumulative, places unknown", cumulative, "low", counts{"low": 1, "mid": 3}, penalty.Step{Level: "low", Nth: 5, Row: 1, Base: 50}},
		{"cumulative and retroactive, alone", both, "low", counts{"low": 3}, step("low", 4, 1, 50, 200, 90)},
		{"cumulative and retroactive, mixed", both, "low", counts{"low": 1, "mid": 2}, step("low", 4, 1, 50, 100, 30)},
		{"cumulative and retroactive, none of its own", both, "low", counts{"mid": 3}, step("low", 4, 1, 50, 50, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.ladder.Price(tt.level, tt.prior)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestPriceErrors(t *testing.T) {
	var unknown *penalty.UnknownLevelError
	_, err := sample().Price("none", nil)
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "none", unknown.Level)
	assert.EqualError(t, err, `penalty: level "none" is not on the ladder`)

	_, err = sample().Price("low", map[string]int{"y": 1, "x": -1})
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "x", unknown.Level, "the first by name")

	var negative *penalty.NegativeError
	_, err = sample().Price("low", map[string]int{"mid": -1})
	require.ErrorAs(t, err, &negative)
	assert.EqualValues(t, -1, negative.Value)
	assert.EqualError(t, err, "penalty: prior is -1, below zero")

	var invalid *penalty.LadderError
	_, err = penalty.Ladder{}.Price("low", nil)
	require.ErrorAs(t, err, &invalid)

	_, err = sample().Price("low", map[string]int{"low": math.MaxInt})
	require.ErrorIs(t, err, penalty.ErrOverflow)

	// So dear that as many occurrences as an int of 32 bits can count are too
	// much.
	l := penalty.Ladder{Tiers: []penalty.Tier{{Level: "low", Rows: []penalty.Row{{1, 1 << 40}, {2, 1 << 41}}}}, Scale: []int64{1 << 40, 1 << 41}}
	_, err = l.Price("low", map[string]int{"low": math.MaxInt - 1})
	require.ErrorIs(t, err, penalty.ErrOverflow)
	l.Repricing = penalty.Retroactive
	_, err = l.Price("low", map[string]int{"low": math.MaxInt - 1})
	require.ErrorIs(t, err, penalty.ErrOverflow)

	l = sample()
	l.Levels = penalty.Cumulative
	_, err = l.Price("low", map[string]int{"low": math.MaxInt, "mid": 1})
	require.ErrorIs(t, err, penalty.ErrOverflow)
	_, err = l.Price("low", map[string]int{"top": math.MaxInt, "mid": 1})
	require.ErrorIs(t, err, penalty.ErrOverflow)

	// Two rows that fit, a sum that does not; then a sum that fits without
	// the present one.
	big := penalty.Ladder{
		Tiers: []penalty.Tier{{Level: "x", Rows: []penalty.Row{{1, math.MaxInt64 / 2}, {2, math.MaxInt64 / 2}, {3, 2}}}},
		Scale: []int64{2, math.MaxInt64 / 2},
	}
	step, err := big.Price("x", map[string]int{"x": 1})
	require.NoError(t, err)
	assert.Equal(t, int64(math.MaxInt64-1), step.TotalForWindow)
	_, err = big.Price("x", map[string]int{"x": 2})
	require.ErrorIs(t, err, penalty.ErrOverflow)
	_, err = big.Price("x", map[string]int{"x": 3})
	require.ErrorIs(t, err, penalty.ErrOverflow)
}

func TestLadderProblems(t *testing.T) {
	one := func(p penalty.Problem, tier, row, scale int) []*penalty.LadderError {
		return []*penalty.LadderError{{Problem: p, Tier: tier, Row: row, Scale: scale}}
	}
	tests := []struct {
		name   string
		change func(*penalty.Ladder)
		want   []*penalty.LadderError
	}{
		{"fine", func(*penalty.Ladder) {}, nil},
		{"ranks may repeat", func(l *penalty.Ladder) { l.Tiers[0].Rank = 2 }, nil},
		{"no tiers", func(l *penalty.Ladder) { l.Tiers = nil }, one(penalty.NoTiers, -1, -1, -1)},
		{"levels", func(l *penalty.Ladder) { l.Levels = "x" }, one(penalty.UnknownLevels, -1, -1, -1)},
		{"repricing", func(l *penalty.Ladder) { l.Repricing = "x" }, one(penalty.UnknownPrices, -1, -1, -1)},
		{"repricing of a tier", func(l *penalty.Ladder) { l.Tiers[1].Repricing = "x" }, one(penalty.UnknownPrices, 1, -1, -1)},
		{"no level", func(l *penalty.Ladder) { l.Tiers[1].Level = "" }, one(penalty.NoLevel, 1, -1, -1)},
		{"level twice", func(l *penalty.Ladder) { l.Tiers[2].Level = "low" }, one(penalty.LevelTwice, 2, -1, -1)},
		{"no rows", func(l *penalty.Ladder) { l.Tiers[2].Rows = nil }, one(penalty.NoRows, 2, -1, -1)},
		{"first row from 0", func(l *penalty.Ladder) { l.Tiers[0].Rows[0].From = 0 }, one(penalty.FirstRow, 0, 0, -1)},
		{"first row from 2", func(l *penalty.Ladder) { l.Tiers[0].Rows[0].From = 2 }, one(penalty.FirstRow, 0, 0, -1)},
		{"same row twice", func(l *penalty.Ladder) { l.Tiers[1].Rows[2].From = 2 }, one(penalty.RowOrder, 1, 2, -1)},
		{"row back", func(l *penalty.Ladder) { l.Tiers[1].Rows[1].From = 1 }, one(penalty.RowOrder, 1, 1, -1)},
		{"negative amount", func(l *penalty.Ladder) { l.Tiers[0].Rows[0].Amount = -1 }, one(penalty.AmountBelow0, 0, 0, -1)},
		{"amount of 0", func(l *penalty.Ladder) { l.Tiers[0].Rows[0].Amount = 0 }, nil},
		{"off the scale", func(l *penalty.Ladder) { l.Tiers[0].Rows[1].Amount = 51 }, one(penalty.NotOnScale, 0, 1, -1)},
		{"falling", func(l *penalty.Ladder) { l.Tiers[0].Rows[1].Amount = 0 }, nil},
		{"falling and retroactive", func(l *penalty.Ladder) {
			l.Repricing = penalty.Retroactive
			l.Tiers[0].Rows[1].Amount = 0
		}, one(penalty.AmountFalls, 0, 1, -1)},
		{"scale back", func(l *penalty.Ladder) { l.Scale[2], l.Scale[3] = 80, 50 }, one(penalty.ScaleOrder, -1, -1, 3)},
		{"scale twice", func(l *penalty.Ladder) { l.Scale = append(l.Scale, 200) }, one(penalty.ScaleOrder, -1, -1, 6)},
		{"scale below 0", func(l *penalty.Ladder) { l.Scale[0] = -1 }, one(penalty.ScaleBelow0, -1, -1, 0)},
		{"several", func(l *penalty.Ladder) {
			l.Scale = []int64{0}
			l.Tiers = l.Tiers[1:2]
			l.Tiers[0].Rows = []penalty.Row{{2, 0}, {2, -5}}
		}, []*penalty.LadderError{
			{Problem: penalty.FirstRow, Tier: 0, Row: 0, Scale: -1},
			{Problem: penalty.RowOrder, Tier: 0, Row: 1, Scale: -1},
			{Problem: penalty.AmountBelow0, Tier: 0, Row: 1, Scale: -1},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := sample()
			tt.change(&l)
			assert.Equal(t, tt.want, l.Problems())
			err := l.Validate()
			if tt.want == nil {
				assert.NoError(t, err)
				return
			}
			var first *penalty.LadderError
			require.ErrorAs(t, err, &first)
			assert.Equal(t, tt.want[0], first)
		})
	}
	assert.EqualError(t, one(penalty.NotOnScale, 0, 1, -1)[0], "penalty: ladder: not_on_scale, tiers[0].rows[1]")
	assert.EqualError(t, one(penalty.ScaleOrder, -1, -1, 3)[0], "penalty: ladder: scale_order, scale[3]")
}

func TestMove(t *testing.T) {
	step := penalty.Effect{Kind: penalty.ScaleStep}
	double := penalty.Effect{Kind: penalty.Multiply, By: 2}
	manual := penalty.Effect{Kind: penalty.Manual}
	done := func(n int64) penalty.Outcome { return penalty.Outcome{Final: n, Decided: true} }
	capped := func(n int64) penalty.Outcome { return penalty.Outcome{Final: n, Decided: true, Capped: true} }
	floored := func(n int64) penalty.Outcome { return penalty.Outcome{Final: n, Decided: true, Floored: true} }
	tests := []struct {
		name   string
		base   int64
		steps  int
		effect penalty.Effect
		want   penalty.Outcome
	}{
		{"none", 50, 0, step, done(50)},
		{"the zero effect is a step", 50, 1, penalty.Effect{}, done(80)},
		{"up", 20, 2, step, done(80)},
		{"up to the top", 100, 1, step, done(200)},
		{"beyond the top", 100, 2, step, capped(200)},
		{"at the top", 200, 1, step, capped(200)},
		{"as far as can be", 50, math.MaxInt, step, capped(200)},
		{"down", 100, -2, step, done(50)},
		{"down to the bottom", 20, -1, step, done(0)},
		{"below the bottom", 20, -2, step, floored(0)},
		{"at the bottom", 0, -1, step, floored(0)},
		{"down as far as can be", 200, math.MinInt, step, floored(0)},
		{"off the scale, still", 30, 0, step, done(30)},
		{"off the scale, up", 30, 1, step, done(50)},
		{"off the scale, up twice", 30, 2, step, done(80)},
		{"off the scale, down", 30, -1, step, done(20)},
		{"off the scale, down twice", 30, -2, step, done(0)},
		{"above the scale, down", 300, -1, step, done(200)},
		{"above the scale, up", 300, 1, step, capped(300)},

		{"doubled", 50, 1, double, done(100)},
		{"doubled twice", 50, 2, double, done(200)},
		{"doubled beyond the top", 80, 2, double, capped(200)},
		{"doubled beyond 64 bits", math.MaxInt64 - 1, 1, double, capped(math.MaxInt64 - 1)},
		{"nothing doubled", 0, math.MaxInt, double, done(0)},
		{"times 1", 50, math.MaxInt, penalty.Effect{Kind: penalty.Multiply, By: 1}, done(50)},
		{"halved", 50, -1, double, done(25)},
		{"halved, rounded down", 50, -2, double, done(12)},
		{"halved away", 50, -6, double, done(0)},
		{"halved as often as can be", 50, math.MinInt, double, done(0)},
		{"by 1", 50, math.MinInt, penalty.Effect{Kind: penalty.Multiply, By: 1}, done(50)},

		{"manual, none", 50, 0, manual, done(50)},
		{"manual, up", 50, 1, manual, penalty.Outcome{}},
		{"manual, down", 50, -1, manual, penalty.Outcome{}},

		{"negative", -1, 1, step, penalty.Outcome{}},
		{"times 0", 50, 1, penalty.Effect{Kind: penalty.Multiply}, penalty.Outcome{}},
		{"unknown effect", 50, 0, penalty.Effect{Kind: "x"}, penalty.Outcome{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, sample().Move(tt.base, tt.steps, false, tt.effect))
			assert.Equal(t, done(0), sample().Move(tt.base, tt.steps, true, tt.effect), "exempt")
		})
	}
	for _, scale := range [][]int64{nil, {-5, 50}, {50, 20}} {
		l := penalty.Ladder{Scale: scale}
		assert.Equal(t, penalty.Outcome{}, l.Move(50, 1, false, step))
		assert.Equal(t, penalty.Outcome{}, l.Move(50, 1, false, double))
		assert.Equal(t, done(50), l.Move(50, 0, false, step))
	}
	high := penalty.Ladder{Scale: []int64{20, 50}}
	assert.Equal(t, floored(5), high.Move(5, -1, false, step), "below the scale, down")
	assert.Equal(t, done(20), high.Move(5, 1, false, step), "below the scale, up")
	assert.Equal(t, floored(20), high.Move(20, -1, false, step))
}

func TestEffectValidate(t *testing.T) {
	assert.NoError(t, penalty.Effect{}.Validate())
	assert.NoError(t, penalty.Effect{Kind: penalty.Multiply, By: 1}.Validate())
	var factor *penalty.FactorError
	require.ErrorAs(t, penalty.Effect{Kind: penalty.Multiply, By: 0}.Validate(), &factor)
	assert.EqualError(t, factor, "penalty: a step multiplies by 0, not by 1 or more")
	var word *penalty.UnknownWordError
	require.ErrorAs(t, penalty.Effect{Kind: "x"}.Validate(), &word)
	assert.EqualError(t, word, `penalty: "x" is no effect`)
}

// anyLadder draws a valid ladder of one to three tiers, with amounts that do
// not fall, so that every repricing is valid.
func anyLadder(t *rapid.T) penalty.Ladder {
	scale := rapid.SliceOfNDistinct(rapid.Int64Range(0, 300), 1, 8, rapid.ID[int64]).Draw(t, "scale")
	slices.Sort(scale)
	l := penalty.Ladder{
		Scale:     scale,
		Levels:    rapid.SampledFrom([]penalty.Levels{"", penalty.Separate, penalty.Cumulative}).Draw(t, "levels"),
		Repricing: anyRepricing(t),
	}
	names := []string{"a", "b", "c"}
	ranks := rapid.Permutation([]int{-1, 0, 7}).Draw(t, "ranks")
	for i := range rapid.IntRange(1, 3).Draw(t, "tiers") {
		froms := rapid.SliceOfNDistinct(rapid.IntRange(2, 8), 0, 3, rapid.ID[int]).Draw(t, "froms")
		slices.Sort(froms)
		amounts := rapid.SliceOfN(rapid.SampledFrom(scale), len(froms)+1, len(froms)+1).Draw(t, "amounts")
		slices.Sort(amounts)
		tier := penalty.Tier{Level: names[i], Rank: ranks[i], Repricing: anyRepricing(t)}
		for r, from := range append([]int{1}, froms...) {
			tier.Rows = append(tier.Rows, penalty.Row{From: from, Amount: amounts[r]})
		}
		l.Tiers = append(l.Tiers, tier)
	}
	return l
}

func anyRepricing(t *rapid.T) penalty.Repricing {
	return rapid.SampledFrom([]penalty.Repricing{"", penalty.Marginal, penalty.Retroactive}).Draw(t, "repricing")
}

// scan prices the nth occurrence by counting up to it.
func scan(tier penalty.Tier, nth int) int64 {
	var price int64
	for n := 1; n <= nth; n++ {
		for _, r := range tier.Rows {
			if r.From == n {
				price = r.Amount
			}
		}
	}
	return price
}

func isRetroactive(l penalty.Ladder, tier penalty.Tier) bool {
	if tier.Repricing == "" {
		return l.Repricing == penalty.Retroactive
	}
	return tier.Repricing == penalty.Retroactive
}

func TestPriceAgainstScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLadder(t)
		tier := rapid.SampledFrom(l.Tiers).Draw(t, "tier")
		// Play a sequence of occurrences, then ask for one more.
		sequence := rapid.SliceOfN(rapid.SampledFrom(l.Tiers), 0, 12).Draw(t, "sequence")
		prior := map[string]int{}
		var charged []int64 // of the earlier ones of this level
		for i, s := range sequence {
			if s.Level == tier.Level {
				nth := prior[s.Level] + 1
				if l.Levels == penalty.Cumulative {
					nth = i + 1
				}
				charged = append(charged, scan(s, nth))
				if isRetroactive(l, tier) {
					for j := range charged {
						charged[j] = charged[len(charged)-1]
					}
				}
			}
			prior[s.Level]++
		}
		got, err := l.Price(tier.Level, prior)
		require.NoError(t, err)
		nth := len(charged) + 1
		if l.Levels == penalty.Cumulative {
			nth = len(sequence) + 1
		}
		base := scan(tier, nth)
		assert.Equal(t, nth, got.Nth)
		assert.Equal(t, base, got.Base)
		assert.Equal(t, base, tier.Rows[got.Row].Amount)
		if !got.WindowKnown {
			assert.Equal(t, penalty.Cumulative, l.Levels)
			assert.Zero(t, got.TotalForWindow)
			assert.Zero(t, got.AdditionalForEarlier)
			return
		}
		total, additional := base, int64(0)
		for _, c := range charged {
			if isRetroactive(l, tier) {
				additional += base - c
				c = base
			}
			total += c
		}
		assert.Equal(t, total, got.TotalForWindow)
		assert.Equal(t, additional, got.AdditionalForEarlier)
	})
}

func TestMoveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLadder(t)
		effect := penalty.Effect{
			Kind: rapid.SampledFrom([]penalty.EffectKind{penalty.ScaleStep, penalty.Multiply}).Draw(t, "kind"),
			By:   rapid.Int64Range(1, 5).Draw(t, "by"),
		}
		onScale := rapid.Bool().Draw(t, "on scale")
		base := rapid.Int64Range(0, 400).Draw(t, "base")
		if onScale {
			base = rapid.SampledFrom(l.Scale).Draw(t, "base on scale")
		}
		steps := rapid.IntRange(-9, 9).Draw(t, "steps")
		got := l.Move(base, steps, false, effect)
		require.True(t, got.Decided)
		if onScale {
			assert.LessOrEqual(t, got.Final, l.Scale[len(l.Scale)-1])
			assert.GreaterOrEqual(t, got.Final, int64(0))
			if effect.Kind == penalty.ScaleStep {
				assert.Contains(t, l.Scale, got.Final)
			}
		}
		switch {
		case steps > 0:
			assert.GreaterOrEqual(t, got.Final, base, "aggravating never lowers")
		case steps < 0:
			assert.LessOrEqual(t, got.Final, base, "mitigating never raises")
		default:
			assert.Equal(t, base, got.Final)
		}
		assert.False(t, got.Capped && steps <= 0)
		assert.False(t, got.Floored && steps >= 0)

		more := l.Move(base, steps+1, false, effect)
		assert.GreaterOrEqual(t, more.Final, got.Final, "one step more is never less")

		if effect.Kind == penalty.ScaleStep {
			assert.Equal(t, walk(l.Scale, base, steps), got.Final)
		}
	})
}

// walk takes the steps one by one: each to the next amount in its direction.
func walk(scale []int64, at int64, steps int) int64 {
	for ; steps > 0; steps-- {
		for _, s := range scale {
			if s > at {
				at = s
				break
			}
		}
	}
	for ; steps < 0; steps++ {
		for _, s := range slices.Backward(scale) {
			if s < at {
				at = s
				break
			}
		}
	}
	return at
}

func TestErrorsAreJoined(t *testing.T) {
	l := sample()
	l.Tiers[0].Rows[0].From = 0
	l.Tiers[1].Rows = nil
	joined, ok := l.Validate().(interface{ Unwrap() []error })
	require.True(t, ok)
	assert.Len(t, joined.Unwrap(), 2)
	assert.False(t, errors.Is(l.Validate(), penalty.ErrOverflow))
}
