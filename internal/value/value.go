// Package value is the typed, three-valued data that facts, rule outputs and
// conditions are made of. A value is known, none (known not to exist: an
// event that has not happened, a record that is not there) or unknown.
package value

import (
	"slices"
	"strconv"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/internal/memory"
)

// State says how much is known of a value.
type State uint8

// The zero Value is unknown, so that a forgotten slot can never decide
// anything.
const (
	Unknown State = iota
	None          // known not to exist
	Known
)

// Kind is the type of data a value holds.
type Kind uint8

// Kinds of values. Count covers every whole number (counts, whole money,
// years); Ratio is an exact unreduced fraction.
const (
	Invalid  Kind = iota
	YesNo         // N is 0 or 1
	Count         // N
	Ratio         // N over D, D > 0
	Duration      // N nanoseconds
	Moment        // N nanoseconds since 1970-01-01T00:00:00Z
	Date          // N days, as date.Date counts them
	Month         // N = year*12 + month-1
	Word          // S, from a closed list
	Name          // S, free identifier, never interpreted
	Article       // S, "regulation/article"
	List          // L
	Record        // L, the fields in declared order
	Money         // N minor units of the currency In
	// Part is an amount of money or a length of time that was not rounded yet:
	// N over D minor units of the currency In or, without one, nanoseconds.
	Part
)

// Value is immutable: whoever holds one may keep it, and its list is never
// written to after the Value has been handed out. It is kept small, because a
// decision is mostly made of copying some; see ref.go for its text and list.
type Value struct {
	p memory.Address // to the first byte of S or the first item of L
	N int64          // of a Record in a list: the place it was given at
	D int64          // of a Ratio or Part; of a Moment see OnClocks; else the length of S or L
	Tag
	In Currency // of Money and its Part; else none
}

// Tag is the type of a value and how much is known of it.
type Tag struct {
	K     Kind
	State State
}

// In is a value without data: one that is none or unknown, or a Record whose
// fields are elsewhere.
func In(k Kind, s State) Value { return Value{Tag: Tag{k, s}} }

// NumberIn is a value of a kind that is a whole number: YesNo, Count,
// Duration, Moment, Date or Month.
func NumberIn(k Kind, s State, n int64) Value { return Value{N: n, Tag: Tag{k, s}} }

// NoneOf is the value of a kind that is known not to exist.
func NoneOf(k Kind) Value { return In(k, None) }

// UnknownOf is the unknown value of a kind.
func UnknownOf(k Kind) Value { return In(k, Unknown) }

// Bool is a known yes or no.
func Bool(b bool) Value {
	v := In(YesNo, Known)
	if b {
		v.N = 1
	}
	return v
}

// Int is a known whole number.
func Int(n int64) Value { return NumberIn(Count, Known, n) }

// RatioOf is the known exact fraction n/d, not reduced; d must be positive.
func RatioOf(n, d int64) Value { return Value{N: n, D: d, Tag: Tag{Ratio, Known}} }

// DurationOf is a known length of time.
func DurationOf(d time.Duration) Value { return NumberIn(Duration, Known, int64(d)) }

// MomentOf is a known moment; years 1678 to 2262 are representable.
func MomentOf(t time.Time) Value { return NumberIn(Moment, Known, t.UnixNano()) }

// DateOf is a known calendar day.
func DateOf(d date.Date) Value { return NumberIn(Date, Known, int64(d)) }

// MonthOf is a known month.
func MonthOf(year int, m time.Month) Value {
	return NumberIn(Month, Known, int64(year)*12+int64(m)-1)
}

// WordOf is a known word.
func WordOf(s string) Value { return TextIn(Word, Known, s) }

// NameOf is a known name.
func NameOf(s string) Value { return TextIn(Name, Known, s) }

// ArticleOf is a known article id.
func ArticleOf(s string) Value { return TextIn(Article, Known, s) }

// ListOf is a known list. It keeps l.
func ListOf(l []Value) Value { return ListIn(List, Known, l) }

// RecordOf is a known record. It keeps fields.
func RecordOf(fields []Value) Value { return ListIn(Record, Known, fields) }

// IsKnown reports whether there is data.
func (v Value) IsKnown() bool { return v.State == Known }

// IsNone reports whether the value is known not to exist.
func (v Value) IsNone() bool { return v.State == None }

// IsUnknown reports whether nothing is known.
func (v Value) IsUnknown() bool { return v.State == Unknown }

// Partial reports whether v is unknown, or has something unknown in it.
func (v Value) Partial() bool { return v.State == Unknown || slices.ContainsFunc(v.L(), Value.Partial) }

// True reports whether v is a known yes.
func (v Value) True() bool { return v.State == Known && v.K == YesNo && v.N != 0 }

// False reports whether v is a known no.
func (v Value) False() bool { return v.State == Known && v.K == YesNo && v.N == 0 }

// Time is the moment in the zone.
func (v Value) Time(zone *time.Location) time.Time { return time.Unix(0, v.N).In(zone) }

// Shown is the moment on the clocks that it is shown on: in the zone, if it does not
// say otherwise (see OnClocks).
func (v Value) Shown(zone *time.Location) time.Time {
	if ahead, ok := v.Clocks(); ok {
		return v.Time(time.FixedZone("", ahead))
	}
	return v.Time(zone)
}

// OnClocks is a moment that is shown on clocks that are so many seconds ahead of UTC,
// and is the same moment for all else.
func (v Value) OnClocks(ahead int) Value {
	v.D = int64(ahead) + ownClocks
	return v
}

// ownClocks is added to an offset, which is less than a day, so that zero is none.
const ownClocks = 1 << 20

// Clocks is what the clocks that a moment is shown on are ahead of UTC, in seconds;
// false for those of the zone.
func (v Value) Clocks() (ahead int, ok bool) {
	if v.K != Moment || v.State != Known || v.D == 0 {
		return 0, false
	}
	return int(v.D - ownClocks), true
}

// Date is the calendar day.
func (v Value) Date() date.Date { return date.Date(v.N) }

// YearMonth are the parts of a Month.
func (v Value) YearMonth() (int, time.Month) { return int(v.N / 12), time.Month(v.N%12) + 1 }

// Equal reports whether both are in the same state and hold the same data.
// Word, Name and Article compare by text; ratios by value.
func (v Value) Equal(w Value) bool {
	if v.State != w.State {
		return false
	}
	if v.State != Known {
		return true
	}
	switch {
	case v.K == Ratio && (w.K == Ratio || w.K == Count), v.K == Count && w.K == Ratio:
		return CompareRatio(v, w) == 0
	case v.isAmount() && w.isAmount():
		return v.SameUnit(w) && CompareRatio(v, w) == 0
	}
	switch v.K {
	case Word, Name, Article:
		return v.S() == w.S()
	case List, Record:
		return slices.EqualFunc(v.L(), w.L(), Value.Equal)
	default:
		return v.K == w.K && v.N == w.N
	}
}

// Text writes the value as facts and answers write it: RFC 3339 moments in
// the zone or as they say (see OnClocks), ISO dates, "4/4003" ratios, plain words.
func (v Value) Text(zone *time.Location) string {
	if v.State == Known && (v.K == Word || v.K == Name || v.K == Article) {
		return v.S()
	}
	return string(v.AppendText(nil, zone))
}

// AppendText appends the Text of the value to dst.
func (v Value) AppendText(dst []byte, zone *time.Location) []byte {
	switch {
	case v.State == None:
		return append(dst, "null"...)
	case v.State == Unknown:
		return append(dst, '?')
	}
	switch v.K {
	case YesNo:
		return strconv.AppendBool(dst, v.N != 0)
	case Count:
		return strconv.AppendInt(dst, v.N, 10)
	case Ratio:
		dst = strconv.AppendInt(dst, v.N, 10)
		return strconv.AppendInt(append(dst, '/'), v.D, 10)
	case Duration:
		return append(dst, time.Duration(v.N).String()...)
	case Money:
		dst = v.AppendAmount(dst)
		if v.In == 0 { // the sum of no amounts
			return dst
		}
		return append(append(dst, ' '), v.In.Code()...)
	case Part:
		return append(dst, v.partText()...)
	case Moment:
		return v.Shown(zone).AppendFormat(dst, time.RFC3339Nano)
	case Date:
		const four = 10_000 // digits of a year
		if day := v.Date().MidnightUTC(); day.Year() >= 0 && day.Year() < four {
			return day.AppendFormat(dst, time.DateOnly)
		}
		return append(dst, v.Date().String()...)
	case Month:
		y, m := v.YearMonth()
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).AppendFormat(dst, "2006-01")
	case List:
		return append(appendTexts(append(dst, '['), v.L(), zone), ']')
	case Record:
		return append(appendTexts(append(dst, '{'), v.L(), zone), '}')
	default:
		return append(dst, v.S()...)
	}
}

func appendTexts(dst []byte, list []Value, zone *time.Location) []byte {
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = e.AppendText(dst, zone)
	}
	return dst
}
