package kpi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxNameBytes is the longest name of an indicator or a counter.
const MaxNameBytes = 256

// Counts is what is counted for one indicator; each number is 0 or more.
type Counts struct {
	Base    int64 `json:"base"`
	Count   int64 `json:"count"`
	Pending int64 `json:"pending"` // in neither Base nor Count
}

// A Tally counts by name, for indicators and in plain counters. The zero
// Tally is empty and ready for use; it is not safe for concurrent use, and a
// copy shares its numbers with the original (see [Tally.Clone]).
//
// Numbers are never negative, so merging tallies gives the same numbers, or
// the same overflow, in whatever order and grouping: a month can be counted
// in pieces.
type Tally struct {
	indicators map[string]Counts
	counters   map[string]int64
}

// Add adds to the counts of an indicator. Adding zeros makes the name known.
// On an error the tally is unchanged. Errors: [NameError], [NegativeError],
// ErrOverflow.
func (t *Tally) Add(indicator string, c Counts) error {
	if err := checkName(indicator); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	sum, err := t.indicators[indicator].plus(c)
	if err != nil {
		return err
	}
	if t.indicators == nil {
		t.indicators = map[string]Counts{}
	}
	t.indicators[indicator] = sum
	return nil
}

// Count adds to a plain counter. Adding 0 makes the name known. On an error
// the tally is unchanged. Errors: [NameError], [NegativeError], ErrOverflow.
func (t *Tally) Count(counter string, n int64) error {
	if err := checkName(counter); err != nil {
		return err
	}
	if n < 0 {
		return &NegativeError{What: counter, Value: n}
	}
	sum, err := plus(t.counters[counter], n)
	if err != nil {
		return err
	}
	if t.counters == nil {
		t.counters = map[string]int64{}
	}
	t.counters[counter] = sum
	return nil
}

// Merge adds all of another tally, which may be the same one. On an error the
// tally is unchanged. Errors: ErrOverflow.
func (t *Tally) Merge(other Tally) error {
	sum := t.Clone()
	for name, c := range other.indicators {
		if err := sum.Add(name, c); err != nil {
			return err
		}
	}
	for name, n := range other.counters {
		if err := sum.Count(name, n); err != nil {
			return err
		}
	}
	*t = sum
	return nil
}

// Clone is a tally of its own with the same numbers.
func (t *Tally) Clone() Tally {
	return Tally{indicators: maps.Clone(t.indicators), counters: maps.Clone(t.counters)}
}

// Equal reports whether both have the same names with the same numbers.
func (t *Tally) Equal(other Tally) bool {
	return maps.Equal(t.indicators, other.indicators) && maps.Equal(t.counters, other.counters)
}

// Counts is what was counted for an indicator, and whether it is known.
func (t *Tally) Counts(indicator string) (Counts, bool) {
	c, ok := t.indicators[indicator]
	return c, ok
}

// Counter is the value of a plain counter, and whether it is known.
func (t *Tally) Counter(name string) (int64, bool) {
	n, ok := t.counters[name]
	return n, ok
}

// Indicators is the names of the indicators, sorted.
func (t *Tally) Indicators() []string { return slices.Sorted(maps.Keys(t.indicators)) }

// Counters is the names of the plain counters, sorted.
func (t *Tally) Counters() []string { return slices.Sorted(maps.Keys(t.counters)) }

// MarshalJSON gives the same bytes for equal tallies:
//
//	{"counters":{"calls":3},"indicators":{"punctual":{"base":9,"count":8,"pending":1}}}
//
// with the names in the order of their bytes.
func (t Tally) MarshalJSON() ([]byte, error) {
	shape := struct {
		Counters   map[string]int64  `json:"counters"`
		Indicators map[string]Counts `json:"indicators"`
	}{t.counters, t.indicators}
	if shape.Counters == nil {
		shape.Counters = map[string]int64{}
	}
	if shape.Indicators == nil {
		shape.Indicators = map[string]Counts{}
	}
	return json.Marshal(shape)
}

// UnmarshalJSON reads what MarshalJSON writes, in any order and spacing, and
// replaces the tally; on an error it is unchanged. It is strict: an unknown
// or missing key, a key twice, a number that is not a plain integer of 0 or
// more, null, and text that is not UTF-8 are refused. Errors: [SyntaxError],
// [NameError].
func (t *Tally) UnmarshalJSON(data []byte) error {
	if !utf8.Valid(data) {
		return &SyntaxError{Message: "not UTF-8"}
	}
	r := reader{json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	var read Tally
	err := r.object("", []string{"counters", "indicators"}, func(section, path string) error {
		return r.object(path, nil, func(name, path string) error {
			if err := checkName(name); err != nil {
				return err
			}
			if section == "counters" {
				n, err := r.number(path)
				if err != nil {
					return err
				}
				return read.Count(name, n)
			}
			var c Counts
			fields := map[string]*int64{"base": &c.Base, "count": &c.Count, "pending": &c.Pending}
			err := r.object(path, []string{"base", "count", "pending"}, func(field, path string) (err error) {
				*fields[field], err = r.number(path)
				return err
			})
			if err != nil {
				return err
			}
			return read.Add(name, c)
		})
	})
	if err != nil {
		return err
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return &SyntaxError{Message: "more than one value"}
	}
	*t = read
	return nil
}

// reader reads JSON token by token, as encoding/json by itself takes the last
// of two equal keys and ignores case.
type reader struct{ *json.Decoder }

// object reads an object with exactly the given keys, or any if there are
// none given, and hands each key and its path to read.
func (r reader) object(path string, keys []string, read func(key, path string) error) error {
	token, err := r.token(path)
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return &SyntaxError{Path: path, Message: "not an object"}
	}
	seen := map[string]bool{}
	for r.More() {
		token, err := r.token(path)
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return &SyntaxError{Path: path, Message: "a key is not a string"}
		}
		below := key
		if path != "" {
			below = path + "." + key
		}
		switch {
		case seen[key]:
			return &SyntaxError{Path: below, Message: "given twice"}
		case keys != nil && !slices.Contains(keys, key):
			return &SyntaxError{Path: below, Message: "unknown key"}
		}
		seen[key] = true
		if err := read(key, below); err != nil {
			return err
		}
	}
	if _, err := r.token(path); err != nil {
		return err
	}
	for _, key := range keys {
		if !seen[key] {
			return &SyntaxError{Path: path, Message: "without " + key}
		}
	}
	return nil
}

func (r reader) number(path string) (int64, error) {
	token, err := r.token(path)
	if err != nil {
		return 0, err
	}
	text, _ := token.(json.Number) // anything else has no digits
	n, err := strconv.ParseUint(text.String(), 10, 63)
	if err != nil {
		return 0, &SyntaxError{Path: path, Message: "not a whole number from 0 to 2^63-1"}
	}
	return int64(n), nil
}

func (r reader) token(path string) (json.Token, error) {
	token, err := r.Token()
	if err != nil {
		return nil, &SyntaxError{Path: path, Message: err.Error()}
	}
	return token, nil
}

func checkName(name string) error {
	if name == "" || len(name) > MaxNameBytes || !utf8.ValidString(name) {
		return &NameError{Name: name}
	}
	return nil
}

func (c Counts) check() error {
	switch {
	case c.Base < 0:
		return &NegativeError{What: "base", Value: c.Base}
	case c.Count < 0:
		return &NegativeError{What: "count", Value: c.Count}
	case c.Pending < 0:
		return &NegativeError{What: "pending", Value: c.Pending}
	}
	return nil
}

func (c Counts) plus(d Counts) (sum Counts, err error) {
	if sum.Base, err = plus(c.Base, d.Base); err != nil {
		return Counts{}, err
	}
	if sum.Count, err = plus(c.Count, d.Count); err != nil {
		return Counts{}, err
	}
	sum.Pending, err = plus(c.Pending, d.Pending)
	return sum, err
}

// plus is a+b for a, b >= 0.
func plus(a, b int64) (int64, error) {
	if a > math.MaxInt64-b {
		return 0, ErrOverflow
	}
	return a + b, nil
}
