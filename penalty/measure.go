package penalty

import (
	"cmp"
	"slices"
)

// Mode says how many of the options of a band apply.
type Mode string

// The values of Mode. NoMeasure is only ever an answer.
const (
	AnyOf     Mode = "any_of" // one or more, as a person chooses
	AllOf     Mode = "all_of" // every one
	OneOf     Mode = "one_of" // exactly one, as a person chooses
	NoMeasure Mode = "none"   // nothing applies
)

// An Option is one measure of a band.
type Option struct {
	Code string
	Rank int // higher is heavier
}

// A Band is the measures of one degree of severity.
type Band struct {
	Code    string
	Rank    int // higher is more severe
	Mode    Mode
	Options []Option
}

// MeasureEffect says what steps do to a measure.
type MeasureEffect string

// The values of MeasureEffect.
const (
	WithinBand  MeasureEffect = "within_band" // advise the lightest or heaviest of the band, never leave it
	BandStep    MeasureEffect = "band_step"   // go to another band
	ManualBands MeasureEffect = "manual"      // a person decides
)

// A MeasureRule chooses measures other than money.
type MeasureRule struct {
	Bands  []Band
	Effect MeasureEffect
}

// A Measure is what may be imposed.
type Measure struct {
	Mode          Mode
	Options       []string // codes, from lightest to heaviest
	Advised       string   // the option advised, or empty
	Band          string   // the band that applies
	BandChanged   bool     // it is not the band found
	NeedsDecision bool     // a person must decide
}

// Problems lists everything wrong with the rule, band by band.
func (r MeasureRule) Problems() []*MeasureError {
	var found []*MeasureError
	report := func(p Problem, band, option int) {
		found = append(found, &MeasureError{Problem: p, Band: band, Option: option})
	}
	if len(r.Bands) == 0 {
		report(NoBands, -1, -1)
	}
	if _, ok := known(r.Effect, WithinBand, BandStep, ManualBands); !ok {
		report(UnknownMeasure, -1, -1)
	}
	for b, band := range r.Bands {
		before := r.Bands[:b]
		if band.Code == "" {
			report(NoCode, b, -1)
		} else if slices.ContainsFunc(before, func(o Band) bool { return o.Code == band.Code }) {
			report(BandTwice, b, -1)
		}
		if slices.ContainsFunc(before, func(o Band) bool { return o.Rank == band.Rank }) {
			report(BandRankTwice, b, -1)
		}
		if !slices.Contains([]Mode{AnyOf, AllOf, OneOf}, band.Mode) {
			report(UnknownMode, b, -1)
		}
		if len(band.Options) == 0 {
			report(NoOptions, b, -1)
		}
		for i, option := range band.Options {
			before := band.Options[:i]
			if option.Code == "" {
				report(NoCode, b, i)
			} else if slices.ContainsFunc(before, func(o Option) bool { return o.Code == option.Code }) {
				report(OptionTwice, b, i)
			}
			if slices.ContainsFunc(before, func(o Option) bool { return o.Rank == option.Rank }) {
				report(OptionRank, b, i)
			}
		}
	}
	return found
}

// Validate is nil, or all [MeasureRule.Problems] joined; errors.As finds the
// first.
func (r MeasureRule) Validate() error { return join(r.Problems()) }

// Choose is what may be imposed for the band that a person found, after
// steps up or down.
//
//   - Exempt: nothing, and nothing to decide.
//   - A band that the rule does not have, such as an empty one where the
//     severity was not found yet, and a rule that Validate refuses: a person
//     must decide.
//   - No steps: the band as it is, without advice.
//   - WithinBand: the band as it is; where its mode leaves a choice between
//     several options, the lightest is advised for steps < 0 and the heaviest
//     for steps > 0.
//   - BandStep: as many bands away as there are steps, by rank, stopping at
//     the lightest and the most severe, without advice.
//   - ManualBands: the band as it is, and a person must decide.
func (r MeasureRule) Choose(band string, steps int, exempt bool) Measure {
	if exempt {
		return Measure{Mode: NoMeasure, Band: band}
	}
	bands := slices.Clone(r.Bands)
	slices.SortFunc(bands, func(a, b Band) int { return cmp.Compare(a.Rank, b.Rank) })
	at := slices.IndexFunc(bands, func(b Band) bool { return b.Code == band })
	if at < 0 || r.Validate() != nil {
		return Measure{Mode: NoMeasure, Band: band, NeedsDecision: true}
	}
	effect, _ := known(r.Effect, WithinBand, BandStep, ManualBands)
	to := at
	if effect == BandStep {
		to = at + min(max(steps, -at), len(bands)-1-at)
	}
	m := Measure{
		Mode:          bands[to].Mode,
		Options:       codes(bands[to].Options),
		Band:          bands[to].Code,
		BandChanged:   to != at,
		NeedsDecision: effect == ManualBands && steps != 0,
	}
	if effect == WithinBand && m.Mode != AllOf && len(m.Options) > 1 {
		switch {
		case steps < 0:
			m.Advised = m.Options[0]
		case steps > 0:
			m.Advised = m.Options[len(m.Options)-1]
		}
	}
	return m
}

func codes(options []Option) []string {
	sorted := slices.Clone(options)
	slices.SortFunc(sorted, func(a, b Option) int { return cmp.Compare(a.Rank, b.Rank) })
	out := make([]string, len(sorted))
	for i, o := range sorted {
		out[i] = o.Code
	}
	return out
}
