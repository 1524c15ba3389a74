package sla

import (
	"math/bits"
	"time"

	"github.com/rickb777/date/v2"
)

// A Mark is a moment on the way of a [Period]: when a share of it is used up,
// or a length before its end.
type Mark struct {
	// Share of the length. Parts of a nanosecond, and of a day for lengths in
	// days, are rounded up: the whole share is used up by then.
	Share Share
	// Before is a length before the end, counted without regard to pauses. Of
	// time it is a moment; of days, the beginning of the day so many before the
	// last.
	Before Length
	// Warns makes the status at_risk from the mark on.
	Warns bool
}

// A Share is a fraction of 0 or more: {3, 4} is three quarters. The zero Share
// is none.
type Share struct{ Num, Den int64 }

// A Reached says when a mark is reached; it is reached at At itself.
type Reached struct {
	Known  bool // false: it cannot be known while a pause is open
	At     time.Time
	Date   date.Date // the day of At; for shares of days, the day that uses them up
	IsDate bool      // the mark is that of a day: its end for a share, else its beginning
}

// marks finds when the marks are reached.
func (r *course) marks(o *Outcome) ([]Reached, error) {
	if len(r.Marks) == 0 {
		return nil, nil
	}
	all := make([]Reached, len(r.Marks))
	for i, m := range r.Marks {
		var err error
		switch isShare, isLength := m.Share != (Share{}), m.Before != (Length{}); {
		case isShare == isLength, isShare && (m.Share.Num < 0 || m.Share.Den <= 0):
			return nil, UnknownMark
		case isShare:
			all[i], err = r.shareUsed(m.Share, o)
		default:
			all[i], err = r.before(m.Before, o)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// shareUsed is when a share of the length is used up; the whole, at the end.
func (r *course) shareUsed(s Share, o *Outcome) (Reached, error) {
	if s.Num == s.Den {
		if !o.Known {
			return Reached{}, nil
		}
		return r.used(o.Due.Date, o.Due.End.UnixNano(), o.Due.IsDate), nil
	}
	amount, ok := s.of(r.amount)
	if !ok {
		return Reached{}, beyondRange(1)
	}
	at, known, err := r.reach(amount)
	if err != nil || !known {
		return Reached{}, err
	}
	if r.Length.Unit.IsTime() {
		d, err := r.date(at)
		return r.used(d, at, false), err
	}
	d := date.Date(at)
	if !r.Backwards {
		d--
	}
	if amount == 0 {
		d = r.day
	}
	if err := inRange(d); err != nil {
		return Reached{}, err
	}
	return r.used(d, r.endOf(day{date: d}).End, true), nil
}

// used is the mark of what is used up at an instant, or with it, where a day
// ends at midnight.
func (r *course) used(d date.Date, end int64, isDate bool) Reached {
	if isDate && end == r.zone.DayStart(d+1)-1 {
		end++
	}
	return Reached{Known: true, At: r.zone.Time(end), Date: d, IsDate: isDate}
}

// of is the share of an amount, rounded up.
func (s Share) of(amount int64) (int64, bool) {
	high, low := bits.Mul64(uint64(amount), uint64(s.Num))
	low, carry := bits.Add64(low, uint64(s.Den-1), 0)
	if high += carry; high >= uint64(s.Den) {
		return 0, false
	}
	part, _ := bits.Div64(high, low, uint64(s.Den))
	return int64(part), int64(part) >= 0
}

// before is when a mark is reached that lies a length before the end.
func (r *course) before(l Length, o *Outcome) (Reached, error) {
	if err := l.Check(); err != nil {
		return Reached{}, err
	}
	if !o.Known {
		return Reached{}, nil
	}
	counting := r.Counting
	counting.CountFirstDay, counting.DayEnds = false, 0
	back := Counter{counting, r.zone, r.calendar}
	p := Period{Length: l, Start: Start{On: o.Due.Date}, Backwards: true}
	if l.Unit.IsTime() {
		p.Start = Start{At: r.used(o.Due.Date, o.Due.End.UnixNano(), o.Due.IsDate).At}
	}
	b, err := back.course(&p)
	if err != nil {
		return Reached{}, err
	}
	t, _, err := b.due()
	if err != nil {
		return Reached{}, err
	}
	if !t.IsDate {
		return Reached{Known: true, At: r.zone.Time(t.End), Date: t.Date}, nil
	}
	return Reached{Known: true, At: r.zone.Time(r.zone.DayStart(t.Date)), Date: t.Date, IsDate: true}, nil
}
