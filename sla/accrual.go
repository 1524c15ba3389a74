package sla

import (
	"math"
	"slices"
	"time"

	"github.com/rickb777/date/v2"
)

// Accrual says what is counted while something lasts, such as the days for
// which a delay is paid.
type Accrual struct {
	// Per is what is counted: CalendarDay, WorkingDay, Second, Minute or Hour.
	Per Unit
	// Started lets a length of time count that has begun; else it must have gone by.
	Started bool
	// First and Last say how the day counts on which it begins, and the one on
	// which it ends. Of lengths of time they count for ends that are dates: a last day that
	// is counted is one whose time counts.
	First, Last EdgeDay
	// Most is how many units count at most, the first of them, where HasMost.
	Most    int64
	HasMost bool
	// Only are the periods in which alone it accrues, where OnlyIn; of days, those
	// that they have a part in.
	Only   []Excepted
	OnlyIn bool
}

// EdgeDay says how the day counts on which an accrual begins or ends.
type EdgeDay uint8

// The values of EdgeDay.
const (
	EdgeCounted EdgeDay = iota
	EdgeNotCounted
	// EdgeHours counts the whole hours that belong to the accrual, as
	// twenty-fourths of a day, however long the day is. Both ends must be moments.
	EdgeHours
)

// Edge is where an accrual begins or ends: a moment, or a whole day.
type Edge struct {
	At    time.Time
	Day   date.Date
	IsDay bool
}

// Excepted is a time in which nothing accrues, both ends included where they are
// days, without its end where that is a moment. It may be open: not over yet.
// Of days, those are left out that it has a part in.
type Excepted struct {
	From, To Edge
	Open     bool
}

// Accrued is what was counted.
type Accrued struct {
	In   []AccruedIn // in order of time, without periods in which nothing counts
	Full bool        // at most so many units count, and that is reached
}

// AccruedIn is what was counted in one of the given periods.
type AccruedIn struct {
	Period int
	Units  int64
	Hours  int64 // of days that count in part: twenty-fourths of a day
}

// hoursADay are the parts of a day that counts in part.
const hoursADay = 24

// Accrue counts from one end to the other, less what is excepted, by periods
// that begin with the given days, in order; what lies before the second is of
// the first. An hour is of the period that it begins in. Nothing counts where
// the end comes before the beginning.
//
// Errors: [UnknownRule] for values that have no name; [*PauseError] where an exception ends before it begins;
// those of [Counting.Check]; [*RangeError]; [*SpanError] of lengths of time; and of the calendar, for working
// days of a year that it does not list.
func (c *Counter) Accrue(a *Accrual, from, until Edge, except []Excepted, periods []date.Date) (Accrued, error) {
	switch {
	case a.First > EdgeHours || a.Last > EdgeHours,
		a.Per != CalendarDay && a.Per != WorkingDay && (a.Per < Second || a.Per > Hour),
		a.First == EdgeHours && from.IsDay, a.Last == EdgeHours && until.IsDay:
		return Accrued{}, UnknownRule
	}
	if err := c.Check(); err != nil {
		return Accrued{}, err
	}
	m := &accruing{c: c, a: a, from: from, until: until, periods: periods}
	if err := m.place(except); err != nil {
		return Accrued{}, err
	}
	if m.backwards() {
		return Accrued{}, nil
	}
	if a.Per.IsTime() {
		return m.time()
	}
	return m.days()
}

// accruing is one count.
type accruing struct {
	c           *Counter
	a           *Accrual
	from, until Edge
	periods     []date.Date
	first, last date.Date // the days of the ends
	starts      int64     // the ends as moments, of a day its beginning
	ends        int64
	blocks      []block // what is excepted: positions of days, or moments of hours
	out         Accrued
	taken       int64 // twenty-fourths of a unit so far
}

// backwards reports whether the end comes before the beginning.
func (m *accruing) backwards() bool {
	if m.from.IsDay || m.until.IsDay {
		return m.first > m.last
	}
	return m.starts > m.ends
}

// place finds the ends, and what is excepted, on the line of days or of time.
func (m *accruing) place(except []Excepted) (err error) {
	if m.starts, m.first, err = m.c.edge(m.from); err != nil {
		return err
	}
	if m.ends, m.last, err = m.c.edge(m.until); err != nil {
		return err
	}
	out, err := m.blocksOf(except)
	if err != nil || !m.a.OnlyIn {
		m.blocks = out
		return err
	}
	in, err := m.blocksOf(m.a.Only)
	if err != nil {
		return err
	}
	m.blocks = merged(append(out, outside(in)...))
	return nil
}

// blocksOf are periods as blocks, in order, that do not meet.
func (m *accruing) blocksOf(periods []Excepted) ([]block, error) {
	blocks := make([]block, 0, len(periods))
	for i := range periods {
		b, err := m.block(&periods[i])
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, b)
	}
	return merged(blocks), nil
}

// outside is all that lies outside of blocks, which are in order.
func outside(blocks []block) []block {
	all, at := []block{}, int64(math.MinInt64)
	for _, b := range blocks {
		all = append(all, block{at, b.from})
		at = b.to
	}
	return append(all, block{at, open})
}

// edge is the moment of an end, and its day.
func (c *Counter) edge(e Edge) (at int64, d date.Date, err error) {
	if e.IsDay {
		return c.zone.DayStart(e.Day), e.Day, inRange(e.Day)
	}
	return c.on(e.At)
}

func (m *accruing) block(e *Excepted) (block, error) {
	from, first, err := m.c.edge(e.From)
	if err != nil {
		return block{}, err
	}
	b := block{from: from, to: open}
	if !m.a.Per.IsTime() {
		b.from = position(first)
	}
	if e.Open {
		return b, nil
	}
	to, last, err := m.c.edge(e.To)
	switch {
	case err != nil:
		return block{}, err
	case to < from:
		return block{}, &PauseError{Pause: Pause{m.c.zone.Time(from), m.c.zone.Time(to)}}
	case !m.a.Per.IsTime():
		if !e.To.IsDay && to > from { // its last instant lies before it
			last = m.c.dateOf(to - 1)
		}
		b.to = position(last) + 1
	case e.To.IsDay:
		b.to = m.c.zone.DayStart(last + 1)
	default:
		b.to = to
	}
	return b, nil
}

// period is the one that a day lies in.
func (m *accruing) period(d date.Date) int {
	i, found := slices.BinarySearch(m.periods, d)
	if !found {
		i--
	}
	return max(i, 0)
}

// take notes twenty-fourths of units of a period, as many as still count.
func (m *accruing) take(period int, n int64) {
	if m.a.HasMost {
		left := max(m.a.Most, 0)*hoursADay - m.taken
		if m.out.Full = n >= left; n > left {
			n = left
		}
	}
	if n <= 0 {
		return
	}
	m.taken += n
	last := len(m.out.In) - 1
	if last < 0 || m.out.In[last].Period != period {
		m.out.In = append(m.out.In, AccruedIn{Period: period})
		last++
	}
	m.out.In[last].Units += n / hoursADay
	m.out.In[last].Hours += n % hoursADay
}

// days counts days, and the parts of days at the ends.
func (m *accruing) days() (Accrued, error) {
	if m.first == m.last {
		return m.oneDay()
	}
	a, z := m.first, m.last // whole days, z excluded
	if m.a.First != EdgeCounted {
		a++
	}
	if m.a.Last == EdgeCounted {
		z++
	}
	if m.a.First == EdgeHours {
		if err := m.part(m.first, m.starts, m.c.zone.DayStart(m.first+1)); err != nil {
			return Accrued{}, err
		}
	}
	for a < z && !m.out.Full {
		period := m.period(a)
		end := z
		if period+1 < len(m.periods) {
			end = min(z, max(m.periods[period+1], a+1))
		}
		n, err := counted(m.c.dayRuler(m.a.Per == WorkingDay), position(a), position(end), m.blocks)
		if err != nil {
			return Accrued{}, err
		}
		m.take(period, n*hoursADay)
		a = end
	}
	if m.a.Last == EdgeHours && !m.out.Full {
		if err := m.part(m.last, m.c.zone.DayStart(m.last), m.ends); err != nil {
			return Accrued{}, err
		}
	}
	return m.out, nil
}

// oneDay counts where both ends are on one day.
func (m *accruing) oneDay() (Accrued, error) {
	from, until := m.c.zone.DayStart(m.first), m.c.zone.DayStart(m.first+1)
	switch {
	case m.a.First == EdgeNotCounted || m.a.Last == EdgeNotCounted:
		return Accrued{}, nil
	case m.a.First == EdgeCounted && m.a.Last == EdgeCounted:
		n, err := counted(m.c.dayRuler(m.a.Per == WorkingDay), position(m.first), position(m.first)+1, m.blocks)
		m.take(m.period(m.first), n*hoursADay)
		return m.out, err
	}
	if m.a.First == EdgeHours {
		from = m.starts
	}
	if m.a.Last == EdgeHours {
		until = m.ends
	}
	err := m.part(m.first, from, until)
	return m.out, err
}

// part counts the whole hours of a day between two moments, where the day counts.
func (m *accruing) part(d date.Date, from, until int64) error {
	counts, err := counted(m.c.dayRuler(m.a.Per == WorkingDay), position(d), position(d)+1, m.blocks)
	if err != nil || counts == 0 {
		return err
	}
	m.take(m.period(d), min((until-from)/int64(time.Hour), hoursADay))
	return nil
}

// time counts seconds, minutes or hours.
func (m *accruing) time() (Accrued, error) {
	if m.from.IsDay && m.a.First == EdgeNotCounted {
		m.starts = m.c.zone.DayStart(m.first + 1)
	}
	if m.until.IsDay && m.a.Last == EdgeCounted {
		m.ends = m.c.zone.DayStart(m.last + 1)
	}
	if m.starts >= m.ends {
		return Accrued{}, nil
	}
	total, err := counted(realTime{}, m.starts, m.ends, m.blocks)
	if err != nil {
		return Accrued{}, err
	}
	unit := int64(units[m.a.Per].time)
	all := total / unit
	if m.a.Started {
		all = begun(total, unit)
	}
	var before int64 // units that began before the period
	for i := m.period(m.c.dateOf(m.starts)); before < all && !m.out.Full; i++ {
		upTo := all
		if i+1 < len(m.periods) {
			if next := m.c.zone.DayStart(m.periods[i+1]); next < m.ends {
				gone, err := counted(realTime{}, m.starts, max(next, m.starts), m.blocks)
				if err != nil {
					return Accrued{}, err
				}
				upTo = min(all, begun(gone, unit))
			}
		}
		m.take(i, (upTo-before)*hoursADay)
		before = upTo
	}
	return m.out, nil
}

// begun is how many units begin within a length of time.
func begun(length, unit int64) int64 {
	n := length / unit
	if length%unit > 0 {
		n++
	}
	return n
}
