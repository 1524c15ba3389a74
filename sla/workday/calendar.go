// Package workday counts working days and opening hours.
//
// A [Calendar] knows which days are worked: a weekend, the holidays and
// make-up working days listed year by year, the days that come back by a rule
// ([Yearly]), and closures of one's own.
// [China] holds the public arrangements of mainland China for 2004 to 2026,
// every later change included; [New] builds any other calendar, from nothing
// or on top of an existing one.
//
// A year without a listing or rules is an error, never a guess: where public
// holidays are announced a year at a time, a due date computed without them is wrong.
// [Calendar.Provisional] and [Config.AnyYear] are the two ways to say
// otherwise.
//
// Every lookup costs the same whatever the distance. Dates run from
// 2000-01-01 to 2100-12-31.
package workday

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"sync"
	"time"

	"github.com/rickb777/date/v2"
)

const (
	minYear = 2000
	maxYear = 2100
	years   = maxYear - minYear + 1

	epoch    date.Date = 730119             // 2000-01-01
	days               = 100*365 + 25 + 365 // to 2100-12-31; 2100 is no leap year
	setWords           = (days + 63) / 64
)

// FirstDate and LastDate are the first and the last day that a calendar can
// answer for: 2000-01-01 and 2100-12-31.
const (
	FirstDate = epoch
	LastDate  = epoch + days - 1
)

// A Calendar knows the working days and, if it was given any, the opening
// hours. It never changes and is safe for concurrent use. Build it with
// [China], [ChinaKnownOn] or [New]; the methods of a nil or zero Calendar
// return [ErrNoCalendar].
type Calendar struct {
	*table
	provisional bool
	sure        stretch
}

// stretch is a run of days on which counting meets no error, so that it is
// looked up and nothing else: the longest run without a missing year. The
// first and the last day of the tables are left to the long way, which knows
// of the ends.
type stretch struct {
	before date.Date // the day before the first
	worked []uint16  // working days before each day of it, and before the day after it
	at     []uint16  // its working days
	skip   int       // working days before its first day
}

// table is what a Calendar shares with its Provisional copy.
type table struct {
	config Config // everything inherited and set, owned by the table

	editions []*earlier // what the calendar was before each announcement

	work   daySet   // the working days, unlisted years as plain weeks
	rest   daySet   // the listed days off
	closed daySet   // own closures
	worked []uint16 // working days before each day, and before the day after the last
	at     []uint16 // the i-th working day

	// The nearest year without a listing at or after, and at or before, each
	// year; 0 is none.
	missingFrom, missingUpTo [years]uint16

	hours    bool            // opening hours are known
	weekday  [7][]Span       // opening hours by weekday
	special  map[int][]Span  // opening hours of single days
	nights   bool            // some of them end on the next day
	cut      [][]Span        // then, what days are open, cut at midnight
	cutOf    []uint16        // and by day, which of these it is
	openedBy []time.Duration // opening time of the first i days
	stretch  time.Duration   // of opening time: about a day
	reached  []uint16        // the day on which i stretches are reached

	hash func(provisional bool) string
}

// daySet is a set of days, one bit each, counted from epoch.
type daySet [setWords]uint64

func (s *daySet) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s *daySet) add(i int)      { s[i>>6] |= 1 << (i & 63) }

// weekdayOf is the weekday of the day i; 2000-01-01 was a Saturday.
func weekdayOf(i int) time.Weekday { return time.Weekday((i + 6) % 7) }

// yearOf is the year of the day i, counted from minYear: 2000 starts a cycle
// of four years, and the missing leap day of 2100 shortens only the last year.
func yearOf(i int) int { return i * 4 / 1461 }

// firstOf is the first day of a year counted from minYear; up to years.
func firstOf(year int) int { return (year*1461 + 3) / 4 }

// index is the position of d in the tables.
func (c *Calendar) index(d date.Date) (int, error) {
	if c == nil || c.table == nil {
		return 0, ErrNoCalendar
	}
	if d < FirstDate || d > LastDate {
		return 0, &RangeError{Date: d}
	}
	return int(d - epoch), nil
}

// before is the number of working days before the day i.
func (t *table) before(i int) int { return int(t.worked[i]) }

// upTo is the number of working days up to and including the day i.
func (t *table) upTo(i int) int { return int(t.worked[i+1]) }

// known fails if a day from the day i up to the day j, walking from i to j,
// lies in a year without a listing.
func (c *Calendar) known(i, j int) error {
	if c.provisional {
		return nil
	}
	if year, missing := c.missing(i, j); missing {
		return &YearMissingError{Year: year}
	}
	return nil
}

func (t *table) missing(i, j int) (int, bool) {
	a, b := yearOf(i), yearOf(j)
	if a <= b {
		y := int(t.missingFrom[a])
		return y, y != 0 && y <= minYear+b
	}
	y := int(t.missingUpTo[a])
	return y, y >= minYear+b
}

// Add returns the n-th working day after d, not counting d itself, which may
// be a day off. For n = 0 it is d, whatever day that is. For n < 0 it is the
// |n|-th working day before d.
//
// Errors: [*YearMissingError] if the way to the result touches a year without
// a listing, [*RangeError] if d or the result lies outside FirstDate to
// LastDate.
func (c *Calendar) Add(d date.Date, n int) (date.Date, error) {
	if c != nil && n != 0 {
		s, back := &c.sure, n>>(bits.UintSize-1) // -1 back, 0 forward
		if i := uint64(d-s.before) + uint64(back); i < uint64(len(s.worked)) {
			if k := uint(int(s.worked[i]) - s.skip + n - 1 - back); k < uint(len(s.at)) {
				return epoch + date.Date(s.at[k]), nil
			}
		}
	}
	return c.add(d, n)
}

// add is Add for any day and any number.
func (c *Calendar) add(d date.Date, n int) (date.Date, error) {
	i, err := c.index(d)
	if err != nil {
		return 0, err
	}
	switch {
	case n > 0:
		k := c.upTo(i)
		if n > len(c.at)-k {
			return 0, c.beyond(d, n, i+1, days-1)
		}
		j := int(c.at[k+n-1])
		if err := c.known(i+1, j); err != nil {
			return 0, err
		}
		return epoch + date.Date(j), nil
	case n < 0:
		k := c.before(i)
		if n < -k {
			return 0, c.beyond(d, n, i-1, 0)
		}
		j := int(c.at[k+n])
		if err := c.known(i-1, j); err != nil {
			return 0, err
		}
		return epoch + date.Date(j), nil
	}
	return d, nil
}

// beyond is the error of a walk from d that leaves the tables: a missing year
// on the way comes first.
func (c *Calendar) beyond(d date.Date, n, from, to int) error {
	if n > 0 && from <= to || n < 0 && from >= to { // else no day is on the way
		if err := c.known(from, to); err != nil {
			return err
		}
	}
	return &RangeError{Date: d, Days: n}
}

// Between returns the number of working days w with from < w <= to; with to
// before from, the negative of Between(to, from). So Between(d, due) is n
// where due is the n-th working day after d.
//
// Errors as for [Calendar.Add]; a missing year named is the earliest one.
func (c *Calendar) Between(from, to date.Date) (int, error) {
	if c != nil {
		s := &c.sure
		i, j := uint64(from-s.before), uint64(to-s.before)
		if i < uint64(len(s.worked)) && j < uint64(len(s.worked)) {
			return int(s.worked[j]) - int(s.worked[i]), nil
		}
	}
	return c.between(from, to)
}

// between is Between for any days.
func (c *Calendar) between(from, to date.Date) (int, error) {
	if from > to {
		n, err := c.between(to, from)
		return -n, err
	}
	i, err := c.index(from)
	if err != nil {
		return 0, err
	}
	j, err := c.index(to)
	if err != nil || i == j {
		return 0, err
	}
	if err := c.known(i+1, j); err != nil {
		return 0, err
	}
	return c.upTo(j) - c.upTo(i), nil
}

// Next returns the first working day on or after d. Errors as for
// [Calendar.Add].
func (c *Calendar) Next(d date.Date) (date.Date, error) {
	if c != nil {
		s := &c.sure
		if i := uint64(d-s.before) - 1; i < uint64(len(s.worked)) {
			if k := int(s.worked[i]) - s.skip; k < len(s.at) {
				return epoch + date.Date(s.at[k]), nil
			}
		}
	}
	return c.next(d)
}

// next is Next for any day.
func (c *Calendar) next(d date.Date) (date.Date, error) {
	i, err := c.index(d)
	if err != nil {
		return 0, err
	}
	k := c.before(i)
	if k == len(c.at) {
		return 0, c.beyond(d, 1, i, days-1)
	}
	j := int(c.at[k])
	if err := c.known(i, j); err != nil {
		return 0, err
	}
	return epoch + date.Date(j), nil
}

// IsWorkday reports whether d is a working day. Errors: [*YearMissingError],
// [*RangeError].
func (c *Calendar) IsWorkday(d date.Date) (bool, error) {
	i, err := c.index(d)
	if err != nil {
		return false, err
	}
	if err := c.known(i, i); err != nil {
		return false, err
	}
	return c.work.has(i), nil
}

// A Kind says why a day is worked or not.
type Kind uint8

// The kinds of days.
const (
	Working Kind = iota // an ordinary working day
	MakeUp              // a day of the weekend that is worked
	Weekend             // an ordinary day of the weekend
	Holiday             // a listed day off, also where it falls on a weekend
	Closure             // a closure of one's own, also where it falls on another day off
)

// Worked reports whether days of this kind are working days.
func (k Kind) Worked() bool { return k <= MakeUp }

// String is "working", "make_up", "weekend", "holiday" or "closure".
func (k Kind) String() string {
	if k > Closure {
		return "unknown"
	}
	return [...]string{"working", "make_up", "weekend", "holiday", "closure"}[k]
}

// Kind says which kind of day d is, for display. Errors as for
// [Calendar.IsWorkday].
func (c *Calendar) Kind(d date.Date) (Kind, error) {
	i, err := c.index(d)
	if err != nil {
		return 0, err
	}
	if err := c.known(i, i); err != nil {
		return 0, err
	}
	switch {
	case c.closed.has(i):
		return Closure, nil
	case c.work.has(i) && c.isWeekend(weekdayOf(i)):
		return MakeUp, nil
	case c.work.has(i):
		return Working, nil
	case c.rest.has(i):
		return Holiday, nil
	}
	return Weekend, nil
}

func (t *table) isWeekend(d time.Weekday) bool {
	for _, w := range t.config.Weekend {
		if w == d {
			return true
		}
	}
	return false
}

// Provisional returns the same calendar in which a year without a listing
// counts as plain weeks instead of being an error. Ask
// [Calendar.MissingYear] whether a result depends on such a year.
func (c *Calendar) Provisional() *Calendar {
	if c == nil {
		return nil
	}
	return c.table.calendar(true)
}

// calendar gives the table out, with or without errors for missing years.
func (t *table) calendar(provisional bool) *Calendar {
	c := &Calendar{table: t, provisional: provisional}
	if t == nil {
		return c
	}
	from, to := 0, 0 // of the longest run of years that counting may touch
	for y, first := 0, 0; y < years; y++ {
		if !provisional && !t.listed(minYear+y) {
			first = y + 1
		} else if y+1-first > to-from {
			from, to = first, y+1
		}
	}
	if from < to {
		first, end := max(firstOf(from), 1), min(firstOf(to), days-1)
		skip, upTo := t.before(first), t.before(end)
		c.sure = stretch{before: epoch + date.Date(first-1), worked: t.worked[first : end+1], at: t.at[skip:upTo], skip: skip}
	}
	return c
}

// MissingYear returns the first year without a listing met on the days from
// `from` to `to`, both included, in this order (backwards if to is earlier).
// It tells of a Provisional calendar whether a result is provisional: that of
// Add(d, n) depends on the days d+1 to the result. Years outside 2000 to 2100
// have no listing; a calendar built with AnyYear lacks none of those inside.
func (c *Calendar) MissingYear(from, to date.Date) (year int, missing bool) {
	if c == nil || c.table == nil || from < FirstDate || from > LastDate {
		return from.Year(), true
	}
	if year, missing = c.missing(int(from-epoch), int(min(max(to, FirstDate), LastDate)-epoch)); missing {
		return year, true
	}
	switch {
	case to < FirstDate:
		return minYear - 1, true
	case to > LastDate:
		return maxYear + 1, true
	}
	return 0, false
}

// Range returns the first and the last year with a listing: 2000 and 2100 for
// a calendar built with AnyYear, 0 and 0 for one without any. Years between
// the two may still be missing.
func (c *Calendar) Range() (first, last int) {
	if c == nil || c.table == nil {
		return 0, 0
	}
	for y := minYear; y <= maxYear; y++ {
		if c.listed(y) {
			if first == 0 {
				first = y
			}
			last = y
		}
	}
	return first, last
}

func (t *table) listed(year int) bool { return t.missingFrom[year-minYear] != uint16(year) }

// Hash identifies what the calendar says, for an audit: the SHA-256, in hex,
// of one line per day of every listed year, "YYYY-MM-DD W" for a working day
// and "YYYY-MM-DD O" for a day off, each ended by a newline. A calendar with
// opening hours has them behind the W (" 9h0m0s-12h0m0s"), and a Provisional
// one ends with the line "provisional". The first call takes milliseconds.
func (c *Calendar) Hash() string {
	if c == nil || c.table == nil {
		return hashOf(nil)
	}
	return c.hash(c.provisional)
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// hasher computes both hashes of a table once, on first use.
func (t *table) hasher() func(bool) string {
	both := sync.OnceValue(func() [2]string {
		var text []byte
		for i := range days {
			if !t.listed(minYear + yearOf(i)) {
				continue
			}
			text = (epoch + date.Date(i)).MidnightUTC().AppendFormat(text, time.DateOnly)
			if !t.work.has(i) {
				text = append(text, " O\n"...)
				continue
			}
			text = append(text, " W"...)
			for _, s := range t.spans(i) {
				text = append(append(text, ' '), s.String()...)
			}
			text = append(text, '\n')
		}
		return [2]string{hashOf(text), hashOf(append(text, "provisional\n"...))}
	})
	return func(provisional bool) string {
		if provisional {
			return both()[1]
		}
		return both()[0]
	}
}
