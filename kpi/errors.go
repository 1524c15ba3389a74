package kpi

import (
	"errors"
	"fmt"
)

var (
	// ErrOverflow is wrapped by every error that says a number does not fit
	// in 64 bits.
	ErrOverflow = errors.New("kpi: number too large")
	// ErrNotANumber is wrapped by every error that says a ratio has a
	// denominator below 1.
	ErrNotANumber = errors.New("kpi: not a ratio")
	// ErrEmptyRange says that no number lies within a range.
	ErrEmptyRange = errors.New("kpi: the range is empty")
)

// A NegativeError says that a number is below zero that may not be.
type NegativeError struct {
	What  string // "count", "base", "pending", or the name of a counter
	Value int64  // for a base, its numerator
}

// Error names the number and its value.
func (e *NegativeError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("kpi: %s is %d, below zero", e.What, e.Value)
}

// An ExcessError says that a count is greater than the base it is part of.
type ExcessError struct {
	Count int64
	Base  Ratio
}

// Error names both.
func (e *ExcessError) Error() string {
	if e == nil {
		return "<nil>"
	}
	if e.Base.Den == 1 {
		return fmt.Sprintf("kpi: count %d is more than its base %d", e.Count, e.Base.Num)
	}
	return fmt.Sprintf("kpi: count %d is more than its base %s", e.Count, e.Base)
}

// An UnknownWordError says that a setting is none of its named values.
type UnknownWordError struct {
	What string // which setting: "bound" or "empty"
	Word string
}

// Error names the setting and the word.
func (e *UnknownWordError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("kpi: %q is no %s", e.Word, e.What)
}

// A NameError says that a name in a tally is empty, longer than
// [MaxNameBytes] or not UTF-8.
type NameError struct {
	Name string
}

// Error quotes the name, shortened.
func (e *NameError) Error() string {
	if e == nil {
		return "<nil>"
	}
	if len(e.Name) > MaxNameBytes {
		return fmt.Sprintf("kpi: the name %.20q… is too long", e.Name)
	}
	return fmt.Sprintf("kpi: %q is no name", e.Name)
}

// A SyntaxError says that JSON is not a tally.
type SyntaxError struct {
	Path    string // where in the tally, such as "indicators.punctual.base"; empty: at the top
	Message string
}

// Error names the place and what is wrong there.
func (e *SyntaxError) Error() string {
	if e == nil {
		return "<nil>"
	}
	if e.Path == "" {
		return "kpi: tally: " + e.Message
	}
	return "kpi: tally: " + e.Path + ": " + e.Message
}
