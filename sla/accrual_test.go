package sla_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

func on(d date.Date) sla.Edge     { return sla.Edge{Day: d, IsDay: true} }
func atTime(t time.Time) sla.Edge { return sla.Edge{At: t} }

func accrualCounter(t testing.TB, zone string) sla.Counter {
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	return sla.Counting{Zone: loc, Calendar: workday.China()}.Counter(sla.ClocksOf(loc))
}

// naive counts day by day and, of hours, second by second.
type naive struct {
	a           sla.Accrual
	from, until sla.Edge
	except      []sla.Excepted
	periods     []date.Date
	zone        *time.Location
	calendar    *workday.Calendar
}

func (n *naive) dayOf(e sla.Edge) date.Date {
	if e.IsDay {
		return e.Day
	}
	y, m, d := e.At.In(n.zone).Date()
	return date.New(y, m, d)
}

// begins is the first minute of a day, wherever clocks are changed.
func (n *naive) begins(d date.Date) time.Time {
	at := time.Date(d.Year(), d.Month(), d.Day()-1, 20, 0, 0, 0, n.zone)
	for n.dayOf(atTime(at)) < d {
		at = at.Add(time.Minute)
	}
	return at
}

func (n *naive) period(d date.Date) int {
	in := 0
	for i, p := range n.periods {
		if d >= p {
			in = i
		}
	}
	return in
}

// excepted reports whether a second lies in an exception.
func (n *naive) excepted(t time.Time) bool {
	return n.within(t, n.except) || n.a.OnlyIn && !n.within(t, n.a.Only)
}

func (n *naive) within(t time.Time, periods []sla.Excepted) bool {
	for _, e := range periods {
		begun := !t.Before(e.From.At)
		if e.From.IsDay {
			begun = n.dayOf(atTime(t)) >= e.From.Day
		}
		over := !e.Open && !t.Before(e.To.At)
		if e.To.IsDay {
			over = !e.Open && n.dayOf(atTime(t)) > e.To.Day
		}
		if begun && !over {
			return true
		}
	}
	return false
}

// dayExcepted reports whether an exception has a part in a day, looking at each
// of its minutes.
func (n *naive) dayExcepted(d date.Date) bool {
	return n.touches(d, n.except) || n.a.OnlyIn && !n.touches(d, n.a.Only)
}

func (n *naive) touches(d date.Date, periods []sla.Excepted) bool {
	for _, e := range periods {
		from := e.From.At
		if e.From.IsDay {
			from = n.begins(e.From.Day)
		}
		if !e.Open && !e.To.IsDay && from.Equal(e.To.At) && n.dayOf(e.From) == d {
			return true // a moment is a part of its day
		}
	}
	at := n.begins(d)
	for ; n.dayOf(atTime(at)) == d; at = at.Add(time.Minute) {
		if n.within(at, periods) {
			return true
		}
	}
	return false
}

func (n *naive) count() map[int]int64 { // twenty-fourths by period
	total, left := map[int]int64{}, int64(-1)
	if n.a.HasMost {
		left = n.a.Most * 24
	}
	take := func(period int, parts int64) {
		if left >= 0 {
			parts = min(parts, left)
			left -= parts
		}
		if parts > 0 {
			total[period] += parts
		}
	}
	if n.a.Per.IsTime() {
		from, until := n.from.At, n.until.At
		if n.from.IsDay {
			from = n.begins(n.from.Day)
			if n.a.First == sla.EdgeNotCounted {
				from = n.begins(n.from.Day + 1)
			}
		}
		if n.until.IsDay {
			until = n.begins(n.until.Day)
			if n.a.Last == sla.EdgeCounted {
				until = n.begins(n.until.Day + 1)
			}
		}
		if n.dayOf(n.from) > n.dayOf(n.until) {
			return total
		}
		minutes, period := 0, 0
		for at := from; at.Before(until); at = at.Add(time.Minute) {
			if n.excepted(at) {
				continue
			}
			unit, units := 1, int64(1) // how many minutes make a unit, or how many units a minute
			switch n.a.Per {
			case sla.Hour:
				unit = 60
			case sla.Second:
				units = 60
			}
			if minutes%unit == 0 {
				period = n.period(n.dayOf(atTime(at)))
				if n.a.Started {
					take(period, units*24)
				}
			}
			minutes++
			if minutes%unit == 0 && !n.a.Started {
				take(period, units*24)
			}
		}
		return total
	}
	first, last := n.dayOf(n.from), n.dayOf(n.until)
	if !n.from.IsDay && !n.until.IsDay && n.until.At.Before(n.from.At) {
		return total
	}
	for d := first; d <= last; d++ {
		if n.a.Per == sla.WorkingDay {
			if works, err := n.calendar.IsWorkday(d); err != nil || !works {
				continue
			}
		}
		if n.dayExcepted(d) || d == first && n.a.First == sla.EdgeNotCounted || d == last && n.a.Last == sla.EdgeNotCounted {
			continue
		}
		byHours := d == first && n.a.First == sla.EdgeHours || d == last && n.a.Last == sla.EdgeHours
		if !byHours {
			take(n.period(d), 24)
			continue
		}
		minutes := int64(0)
		at := n.begins(d)
		for ; n.dayOf(atTime(at)) == d; at = at.Add(time.Minute) {
			before := d == first && n.a.First == sla.EdgeHours && at.Before(n.from.At)
			after := d == last && n.a.Last == sla.EdgeHours && !at.Before(n.until.At)
			if !before && !after {
				minutes++
			}
		}
		take(n.period(d), min(minutes/60, 24))
	}
	return total
}

// accruals is how many a run compares: as many as RULEBOOK_ACCRUALS says.
func accruals() int {
	if n, err := strconv.Atoi(os.Getenv("RULEBOOK_ACCRUALS")); err == nil {
		return n
	}
	if testing.Short() {
		return 400
	}
	return 4000
}

// What is counted at once is what is counted day by day and minute by minute.
func TestAccrualAgainstNaive(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 2026))
	runs, compared := accruals(), 0
	for _, zone := range []string{"Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "America/Sao_Paulo"} {
		c := accrualCounter(t, zone)
		// Around the changes of clocks of 2018, when São Paulo had them at midnight.
		starts := []date.Date{date.New(2018, 2, 10), date.New(2018, 3, 5), date.New(2018, 3, 20), date.New(2018, 10, 1), date.New(2018, 10, 25)}
		for range runs / 5 {
			begin := starts[random.IntN(len(starts))]
			day := func() date.Date { return begin + date.Date(random.IntN(20)) }
			moment := func() time.Time {
				d := day()
				minute := random.IntN(24 * 60)
				if random.IntN(4) == 0 {
					minute = []int{0, 60, 23 * 60, 24*60 - 1}[random.IntN(4)]
				}
				return time.Date(d.Year(), d.Month(), d.Day(), 0, minute, 0, 0, c.Zone)
			}
			edge := func() sla.Edge {
				if random.IntN(3) == 0 {
					return on(day())
				}
				return atTime(moment())
			}
			n := naive{zone: c.Zone, calendar: workday.China(), from: edge(), until: edge()}
			n.a = sla.Accrual{
				Per: []sla.Unit{sla.CalendarDay, sla.WorkingDay, sla.Hour, sla.CalendarDay, sla.WorkingDay, sla.Hour, sla.Minute, sla.Second}[random.IntN(8)], Started: random.IntN(2) == 0,
				First: sla.EdgeDay(random.IntN(3)), Last: sla.EdgeDay(random.IntN(3)),
				HasMost: random.IntN(3) == 0, Most: int64(random.IntN(12)),
			}
			if n.a.Per == sla.Minute || n.a.Per == sla.Second {
				n.a.Most *= 400
			}
			if n.from.IsDay && n.a.First == sla.EdgeHours {
				n.a.First = sla.EdgeCounted
			}
			if n.until.IsDay && n.a.Last == sla.EdgeHours {
				n.a.Last = sla.EdgeCounted
			}
			for range random.IntN(4) {
				e := sla.Excepted{From: edge(), To: edge(), Open: random.IntN(6) == 0}
				if !e.Open && n.dayOf(e.From) > n.dayOf(e.To) || !e.From.IsDay && !e.To.IsDay && e.From.At.After(e.To.At) {
					e.From, e.To = e.To, e.From
				}
				n.except = append(n.except, e)
			}
			if n.a.OnlyIn = random.IntN(4) == 0; n.a.OnlyIn {
				for range random.IntN(4) {
					from := day()
					only := sla.Excepted{From: on(from), To: on(from + date.Date(random.IntN(5)))}
					if random.IntN(2) == 0 {
						only = sla.Excepted{From: atTime(moment())}
						only.To = atTime(only.From.At.Add(time.Duration(random.IntN(3000)) * time.Minute))
					}
					n.a.Only = append(n.a.Only, only)
				}
			}
			n.periods = []date.Date{begin - 100}
			for range random.IntN(3) {
				n.periods = append(n.periods, n.periods[len(n.periods)-1]+date.Date(95+random.IntN(12)))
			}
			got, err := c.Accrue(&n.a, n.from, n.until, n.except, n.periods)
			if err != nil {
				var pause *sla.PauseError
				require.ErrorAs(t, err, &pause) // a day with a moment before it on the same day
				continue
			}
			parts := map[int]int64{}
			for _, in := range got.In {
				parts[in.Period] += in.Units*24 + in.Hours
			}
			compared++
			require.Equal(t, n.count(), parts, "%s %+v from %v until %v except %v periods %v", zone, n.a, n.from, n.until, n.except, n.periods)
		}
	}
	t.Logf("%d accruals agree", compared)
}

func TestAccrualEnds(t *testing.T) {
	c := accrualCounter(t, "Europe/London")
	noon := time.Date(2025, 6, 12, 12, 0, 0, 0, c.Zone)
	for _, x := range []struct {
		a           sla.Accrual
		from, until sla.Edge
		units       int64
		hours       int64
	}{
		{sla.Accrual{Per: sla.CalendarDay, Last: sla.EdgeNotCounted}, on(date.New(2025, 6, 12)), atTime(noon), 0, 0},
		{sla.Accrual{Per: sla.CalendarDay}, on(date.New(2025, 6, 12)), atTime(noon), 1, 0},
		{sla.Accrual{Per: sla.CalendarDay, Last: sla.EdgeHours}, on(date.New(2025, 6, 12)), atTime(noon.Add(-time.Nanosecond)), 0, 11},
		{sla.Accrual{Per: sla.CalendarDay, Last: sla.EdgeHours}, on(date.New(2025, 6, 12)), atTime(noon), 0, 12},
		{sla.Accrual{Per: sla.Hour}, atTime(noon), atTime(noon.Add(time.Hour - 1)), 0, 0},
		{sla.Accrual{Per: sla.Hour}, atTime(noon), atTime(noon.Add(time.Hour)), 1, 0},
		{sla.Accrual{Per: sla.Hour, Started: true}, atTime(noon), atTime(noon.Add(1)), 1, 0},
		{sla.Accrual{Per: sla.Hour, Started: true}, atTime(noon), atTime(noon), 0, 0},
		{sla.Accrual{Per: sla.Second}, atTime(noon), atTime(noon.Add(90*time.Second - 1)), 89, 0},
		{sla.Accrual{Per: sla.Minute}, atTime(noon), atTime(noon.Add(90 * time.Second)), 1, 0},
		{sla.Accrual{Per: sla.Second, OnlyIn: true}, atTime(noon), atTime(noon.Add(time.Hour)), 0, 0},
		{sla.Accrual{Per: sla.Hour}, on(date.New(2025, 3, 30)), on(date.New(2025, 3, 30)), 23, 0}, // clocks go forward
	} {
		got, err := c.Accrue(&x.a, x.from, x.until, nil, nil)
		require.NoError(t, err)
		var units, hours int64
		for _, in := range got.In {
			units, hours = units+in.Units, hours+in.Hours
		}
		assert.Equal(t, []int64{x.units, x.hours}, []int64{units, hours}, "%+v", x)
	}
}

func TestAccrualRefuses(t *testing.T) {
	c := accrualCounter(t, "Asia/Shanghai")
	d := date.New(2025, 6, 1)
	_, err := c.Accrue(&sla.Accrual{Per: sla.Month}, on(d), on(d), nil, nil)
	assert.ErrorIs(t, err, sla.UnknownRule)
	_, err = c.Accrue(&sla.Accrual{Per: sla.CalendarDay, Last: sla.EdgeHours}, on(d), on(d), nil, nil)
	assert.ErrorIs(t, err, sla.UnknownRule)
	_, err = c.Accrue(&sla.Accrual{Per: sla.CalendarDay}, on(d), on(d+9), []sla.Excepted{{From: on(d + 3), To: on(d + 2)}}, nil)
	var pause *sla.PauseError
	assert.ErrorAs(t, err, &pause)
	_, err = c.Accrue(&sla.Accrual{Per: sla.WorkingDay}, on(d), on(date.New(2090, 1, 1)), nil, nil)
	var missing *workday.YearMissingError
	assert.ErrorAs(t, err, &missing)
	_, err = c.Accrue(&sla.Accrual{Per: sla.CalendarDay}, on(d), on(sla.LastDate+1), nil, nil)
	var beyond *sla.RangeError
	assert.ErrorAs(t, err, &beyond)
	none, err := c.Accrue(&sla.Accrual{Per: sla.CalendarDay}, on(d), on(d-1), nil, nil)
	assert.NoError(t, err)
	assert.Empty(t, none.In)
}

func BenchmarkAccrual60Days(b *testing.B) {
	c := accrualCounter(b, "Europe/London")
	a := sla.Accrual{Per: sla.CalendarDay, Last: sla.EdgeNotCounted, HasMost: true, Most: 60}
	from, until := on(date.New(2025, 3, 1)), atTime(time.Date(2025, 6, 1, 10, 0, 0, 0, c.Zone))
	except := []sla.Excepted{{From: on(date.New(2025, 3, 10)), To: on(date.New(2025, 3, 12))}, {From: on(date.New(2025, 3, 11)), To: on(date.New(2025, 3, 14))}}
	periods := []date.Date{date.New(2024, 4, 1), date.New(2025, 4, 1)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Accrue(&a, from, until, except, periods); err != nil {
			b.Fatal(err)
		}
	}
}
