package penalty

import (
	"errors"
	"fmt"
)

var (
	// ErrOverflow is wrapped by every error that says an amount or a count
	// does not fit in 64 bits.
	ErrOverflow = errors.New("penalty: number too large")
	// ErrNoZone says that a window of local dates has no time zone.
	ErrNoZone = errors.New("penalty: no time zone")
)

// An UnknownLevelError says that a level is not one of the ladder's tiers.
type UnknownLevelError struct {
	Level string
}

// Error names the level.
func (e *UnknownLevelError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("penalty: level %q is not on the ladder", e.Level)
}

// A NegativeError says that a number is below zero that may not be.
type NegativeError struct {
	What  string // which number: "prior", "already fined", "fine", "share", "total"
	Value int64
}

// Error names the number and its value.
func (e *NegativeError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("penalty: %s is %d, below zero", e.What, e.Value)
}

// A FactorError says that an effect multiplies by less than 1, which would
// turn steps up into steps down.
type FactorError struct {
	By int64
}

// Error names the factor.
func (e *FactorError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("penalty: a step multiplies by %d, not by 1 or more", e.By)
}

// An UnknownWordError says that a setting is none of its named values.
type UnknownWordError struct {
	What string // which setting: "levels", "repricing", "window", …
	Word string
}

// Error names the setting and the word.
func (e *UnknownWordError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("penalty: %q is no %s", e.Word, e.What)
}

// A Problem is what is wrong with a [Ladder] or a [MeasureRule].
type Problem string

// The problems of a Ladder, and which indexes of the LadderError are set.
const (
	NoTiers       Problem = "no_tiers"       // nothing
	NoLevel       Problem = "no_level"       // Tier: its level has no name
	LevelTwice    Problem = "level_twice"    // Tier: an earlier tier has this level
	RankTwice     Problem = "rank_twice"     // Tier: an earlier tier has this rank
	NoRows        Problem = "no_rows"        // Tier
	FirstRow      Problem = "first_row"      // Tier, Row: the first row is not from 1
	RowOrder      Problem = "row_order"      // Tier, Row: From is not above the row before
	AmountBelow0  Problem = "amount_below_0" // Tier, Row
	AmountFalls   Problem = "amount_falls"   // Tier, Row: less than the row before, in a retroactive tier
	NotOnScale    Problem = "not_on_scale"   // Tier, Row: the amount is missing in the scale
	ScaleBelow0   Problem = "scale_below_0"  // Scale
	ScaleOrder    Problem = "scale_order"    // Scale: not above the amount before
	UnknownLevels Problem = "unknown_levels" // nothing: Levels is no known word
	UnknownPrices Problem = "unknown_prices" // Tier, or nothing: Repricing is no known word
)

// A LadderError is one thing wrong with a [Ladder]. Indexes count from 0 and
// are -1 where the problem is not about one.
type LadderError struct {
	Problem Problem
	Tier    int // index in Ladder.Tiers
	Row     int // index in Tier.Rows
	Scale   int // index in Ladder.Scale
}

// Error names the problem and its place, counting from 0 as the fields do.
func (e *LadderError) Error() string {
	if e == nil {
		return "<nil>"
	}
	s := "penalty: ladder: " + string(e.Problem)
	if e.Tier >= 0 {
		s += fmt.Sprintf(", tiers[%d]", e.Tier)
	}
	if e.Row >= 0 {
		s += fmt.Sprintf(".rows[%d]", e.Row)
	}
	if e.Scale >= 0 {
		s += fmt.Sprintf(", scale[%d]", e.Scale)
	}
	return s
}

// The problems of a MeasureRule, and which indexes of the MeasureError are
// set.
const (
	NoBands        Problem = "no_bands"        // nothing
	NoCode         Problem = "no_code"         // Band, or Band and Option
	BandTwice      Problem = "band_twice"      // Band: an earlier band has this code
	BandRankTwice  Problem = "band_rank_twice" // Band: an earlier band has this rank
	UnknownMode    Problem = "unknown_mode"    // Band
	NoOptions      Problem = "no_options"      // Band
	OptionTwice    Problem = "option_twice"    // Band, Option: an earlier option has this code
	OptionRank     Problem = "option_rank"     // Band, Option: an earlier option has this rank
	UnknownMeasure Problem = "unknown_effect"  // nothing: Effect is no known word
)

// A MeasureError is one thing wrong with a [MeasureRule]. Indexes count from
// 0 and are -1 where the problem is not about one.
type MeasureError struct {
	Problem Problem
	Band    int // index in MeasureRule.Bands
	Option  int // index in Band.Options
}

// Error names the problem and its place, counting from 0 as the fields do.
func (e *MeasureError) Error() string {
	if e == nil {
		return "<nil>"
	}
	s := "penalty: measures: " + string(e.Problem)
	if e.Band >= 0 {
		s += fmt.Sprintf(", bands[%d]", e.Band)
	}
	if e.Option >= 0 {
		s += fmt.Sprintf(".options[%d]", e.Option)
	}
	return s
}

// An EventProblem is what is wrong with one [Event].
type EventProblem string

// The problems of an Event.
const (
	NoID        EventProblem = "no_id"
	DuplicateID EventProblem = "duplicate_id"
	NoTime      EventProblem = "no_time" // an event that counts has the zero time
	BadLevel    EventProblem = "bad_level"
	BadFine     EventProblem = "bad_fine" // AlreadyFined is below zero
)

// An EventError is what is wrong with one event of a history. Where Problem
// is BadLevel or BadFine, it wraps an [UnknownLevelError] or a
// [NegativeError].
type EventError struct {
	ID      string
	Problem EventProblem
	Err     error // the cause, if there is more to say
}

// Error names the event and the problem.
func (e *EventError) Error() string {
	if e == nil {
		return "<nil>"
	}
	s := fmt.Sprintf("penalty: event %q: %s", e.ID, e.Problem)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap is the cause.
func (e *EventError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// A PlaceError says that somebody has a place that none of those who share
// has.
type PlaceError struct {
	Place, N int64
}

// Error names the place and how many share.
func (e *PlaceError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("penalty: there is no place %d among %d", e.Place, e.N)
}

// A SharesError says that nothing can be split among so many.
type SharesError struct {
	N int64
}

// Error names the number.
func (e *SharesError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("penalty: cannot split among %d, only among 1 or more", e.N)
}
