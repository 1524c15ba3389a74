package penalty_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/penalty"
)

func bands(effect penalty.MeasureEffect) penalty.MeasureRule {
	return penalty.MeasureRule{
		Bands: []penalty.Band{ // in no order
			{Code: "grave", Rank: 30, Mode: penalty.OneOf, Options: []penalty.Option{{"transfer", 2}, {"leave", 1}, {"end", 3}}},
			{Code: "light", Rank: 10, Mode: penalty.AnyOf, Options: []penalty.Option{{"letter", 2}, {"talk", 1}}},
			{Code: "single", Rank: 15, Mode: penalty.OneOf, Options: []penalty.Option{{"course", 1}}},
			{Code: "medium", Rank: 20, Mode: penalty.AllOf, Options: []penalty.Option{{"warning", 2}, {"no_bonus", 1}}},
		},
		Effect: effect,
	}
}

func TestChoose(t *testing.T) {
	type codes = []string
	light := penalty.Measure{Mode: penalty.AnyOf, Options: codes{"talk", "letter"}, Band: "light"}
	single := penalty.Measure{Mode: penalty.OneOf, Options: codes{"course"}, Band: "single"}
	medium := penalty.Measure{Mode: penalty.AllOf, Options: codes{"no_bonus", "warning"}, Band: "medium"}
	grave := penalty.Measure{Mode: penalty.OneOf, Options: codes{"leave", "transfer", "end"}, Band: "grave"}
	advised := func(m penalty.Measure, code string) penalty.Measure { m.Advised = code; return m }
	changed := func(m penalty.Measure) penalty.Measure { m.BandChanged = true; return m }
	undecided := func(m penalty.Measure) penalty.Measure { m.NeedsDecision = true; return m }
	tests := []struct {
		name   string
		effect penalty.MeasureEffect
		band   string
		steps  int
		want   penalty.Measure
	}{
		{"as found", penalty.WithinBand, "light", 0, light},
		{"lighter", penalty.WithinBand, "light", -1, advised(light, "talk")},
		{"heavier", penalty.WithinBand, "light", 2, advised(light, "letter")},
		{"lightest of three", "", "grave", -9, advised(grave, "leave")},
		{"heaviest of three", "", "grave", 1, advised(grave, "end")},
		{"all apply, no choice", penalty.WithinBand, "medium", 1, medium},
		{"one option, no choice", penalty.WithinBand, "single", -1, single},

		{"band, as found", penalty.BandStep, "medium", 0, medium},
		{"band up", penalty.BandStep, "medium", 1, changed(grave)},
		{"band down", penalty.BandStep, "medium", -1, changed(single)},
		{"two bands down", penalty.BandStep, "medium", -2, changed(light)},
		{"no band below", penalty.BandStep, "light", -1, light},
		{"no band above", penalty.BandStep, "grave", 1, grave},
		{"as far up as can be", penalty.BandStep, "light", math.MaxInt, changed(grave)},
		{"as far down as can be", penalty.BandStep, "grave", math.MinInt, changed(light)},

		{"manual, as found", penalty.ManualBands, "light", 0, light},
		{"manual, up", penalty.ManualBands, "light", 1, undecided(light)},
		{"manual, down", penalty.ManualBands, "light", -1, undecided(light)},

		{"not found yet", penalty.WithinBand, "", 0, penalty.Measure{Mode: penalty.NoMeasure, NeedsDecision: true}},
		{"unknown band", penalty.BandStep, "x", 1, penalty.Measure{Mode: penalty.NoMeasure, Band: "x", NeedsDecision: true}},
		{"invalid rule", "x", "light", 0, penalty.Measure{Mode: penalty.NoMeasure, Band: "light", NeedsDecision: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, bands(tt.effect).Choose(tt.band, tt.steps, false))
			assert.Equal(t, penalty.Measure{Mode: penalty.NoMeasure, Band: tt.band}, bands(tt.effect).Choose(tt.band, tt.steps, true), "exempt")
		})
	}
}

func TestMeasureProblems(t *testing.T) {
	tests := []struct {
		name   string
		change func(*penalty.MeasureRule)
		want   []*penalty.MeasureError
	}{
		{"fine", func(*penalty.MeasureRule) {}, nil},
		{"no bands", func(r *penalty.MeasureRule) { r.Bands = nil }, []*penalty.MeasureError{{penalty.NoBands, -1, -1}}},
		{"effect", func(r *penalty.MeasureRule) { r.Effect = "x" }, []*penalty.MeasureError{{penalty.UnknownMeasure, -1, -1}}},
		{"no code", func(r *penalty.MeasureRule) { r.Bands[1].Code = "" }, []*penalty.MeasureError{{penalty.NoCode, 1, -1}}},
		{"band twice", func(r *penalty.MeasureRule) { r.Bands[1].Code = "grave" }, []*penalty.MeasureError{{penalty.BandTwice, 1, -1}}},
		{"rank twice", func(r *penalty.MeasureRule) { r.Bands[3].Rank = 10 }, []*penalty.MeasureError{{penalty.BandRankTwice, 3, -1}}},
		{"no mode", func(r *penalty.MeasureRule) { r.Bands[3].Mode = "" }, []*penalty.MeasureError{{penalty.UnknownMode, 3, -1}}},
		{"none is no mode of a band", func(r *penalty.MeasureRule) { r.Bands[3].Mode = penalty.NoMeasure }, []*penalty.MeasureError{{penalty.UnknownMode, 3, -1}}},
		{"no options", func(r *penalty.MeasureRule) { r.Bands[2].Options = nil }, []*penalty.MeasureError{{penalty.NoOptions, 2, -1}}},
		{"no code of an option", func(r *penalty.MeasureRule) { r.Bands[1].Options[1].Code = "" }, []*penalty.MeasureError{{penalty.NoCode, 1, 1}}},
		{"option twice", func(r *penalty.MeasureRule) { r.Bands[1].Options[1].Code = "letter" }, []*penalty.MeasureError{{penalty.OptionTwice, 1, 1}}},
		{"option rank", func(r *penalty.MeasureRule) { r.Bands[1].Options[1].Rank = 2 }, []*penalty.MeasureError{{penalty.OptionRank, 1, 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := bands(penalty.WithinBand)
			tt.change(&r)
			assert.Equal(t, tt.want, r.Problems())
			if tt.want == nil {
				assert.NoError(t, r.Validate())
				return
			}
			var first *penalty.MeasureError
			require.ErrorAs(t, r.Validate(), &first)
			assert.Equal(t, tt.want[0], first)
		})
	}
	assert.EqualError(t, &penalty.MeasureError{Problem: penalty.OptionTwice, Band: 1, Option: 2}, "penalty: measures: option_twice, bands[1].options[2]")
	assert.EqualError(t, &penalty.MeasureError{Problem: penalty.NoBands, Band: -1, Option: -1}, "penalty: measures: no_bands")
}
