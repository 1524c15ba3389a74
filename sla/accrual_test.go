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

	"github.com/servicerules/rulebook/internal/testsize"
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

// A wall is what the clocks of a zone show at every minute of some months: the oracle
// knows of nothing else.
type wall struct {
	zone   *time.Location
	from   int64             // the first, in minutes since 1970
	day    []date.Date       // that each minute is a part of
	begins map[date.Date]int // the first minute of a day, wherever clocks are changed
}

func newWall(zone *time.Location, from, to date.Date) *wall {
	w := &wall{zone: zone, from: time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC).Unix() / 60, begins: map[date.Date]int{}}
	for i := range int(to-from) * 24 * 60 {
		y, m, d := time.Unix((w.from+int64(i))*60, 0).In(zone).Date()
		w.day = append(w.day, date.New(y, m, d))
		if _, seen := w.begins[w.day[i]]; !seen {
			w.begins[w.day[i]] = i
		}
	}
	return w
}

// minute is the minute of a moment, which is a full one.
func (w *wall) minute(t time.Time) int { return int(t.Unix()/60 - w.from) }

// naive counts day by day and, of hours, minute by minute.
type naive struct {
	*wall
	a           sla.Accrual
	from, until sla.Edge
	except      []sla.Excepted
	periods     []date.Date
	calendar    *workday.Calendar

	left, only []naivePeriod // that are left out, and in which alone it accrues
}

// naivePeriod is a period in minutes; of days, in days.
type naivePeriod struct {
	fromDay, toDay, open bool
	from, to             int
}

func (n *naive) read(periods []sla.Excepted) []naivePeriod {
	var all []naivePeriod
	for _, e := range periods {
		p := naivePeriod{fromDay: e.From.IsDay, toDay: e.To.IsDay, open: e.Open, from: int(e.From.Day), to: int(e.To.Day)}
		if !p.fromDay {
			p.from = n.minute(e.From.At)
		}
		if !p.toDay {
			p.to = n.minute(e.To.At)
		}
		all = append(all, p)
	}
	return all
}

func (n *naive) dayOf(e sla.Edge) date.Date {
	if e.IsDay {
		return e.Day
	}
	return n.day[n.minute(e.At)]
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

// excepted reports whether a minute lies in an exception.
func (n *naive) excepted(at int) bool {
	return n.within(at, n.left) || n.a.OnlyIn && !n.within(at, n.only)
}

func (n *naive) within(at int, periods []naivePeriod) bool {
	for i := range periods {
		p := &periods[i]
		begun, over := at >= p.from, at >= p.to
		if p.fromDay {
			begun = int(n.day[at]) >= p.from
		}
		if p.toDay {
			over = int(n.day[at]) > p.to
		}
		if begun && (p.open || !over) {
			return true
		}
	}
	return false
}

// dayExcepted reports whether an exception has a part in a day, looking at each
// of its minutes.
func (n *naive) dayExcepted(d date.Date) bool {
	return n.touches(d, n.left) || n.a.OnlyIn && !n.touches(d, n.only)
}

func (n *naive) touches(d date.Date, periods []naivePeriod) bool {
	for _, p := range periods {
		from := p.from
		if p.fromDay {
			from = n.begins[date.Date(p.from)]
		}
		if !p.open && !p.toDay && from == p.to && n.day[from] == d {
			return true // a moment is a part of its day
		}
	}
	for at := n.begins[d]; n.day[at] == d; at++ {
		if n.within(at, periods) {
			return true
		}
	}
	return false
}

func (n *naive) count() map[int]int64 { // twenty-fourths by period
	n.left, n.only = n.read(n.except), n.read(n.a.Only)
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
		if n.dayOf(n.from) > n.dayOf(n.until) {
			return total
		}
		minutes, period := 0, 0
		for at, until := n.ends(); at < until; at++ {
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
				period = n.period(n.day[at])
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
		for at := n.begins[d]; n.day[at] == d; at++ {
			before := d == first && n.a.First == sla.EdgeHours && at < n.minute(n.from.At)
			after := d == last && n.a.Last == sla.EdgeHours && at >= n.minute(n.until.At)
			if !before && !after {
				minutes++
			}
		}
		take(n.period(d), min(minutes/60, 24))
	}
	return total
}

// ends are the minutes from which and until which time is counted.
func (n *naive) ends() (from, until int) {
	if from, until = n.minute(n.from.At), n.minute(n.until.At); n.from.IsDay {
		from = n.begins[n.from.Day]
		if n.a.First == sla.EdgeNotCounted {
			from = n.begins[n.from.Day+1]
		}
	}
	if n.until.IsDay {
		until = n.begins[n.until.Day]
		if n.a.Last == sla.EdgeCounted {
			until = n.begins[n.until.Day+1]
		}
	}
	return from, until
}

// accruals is how many a run compares: as many as RULEBOOK_ACCRUALS says, or 200,000
// in CI. A million take half a minute of a processor.
func accruals() int {
	if n, err := strconv.Atoi(os.Getenv("RULEBOOK_ACCRUALS")); err == nil {
		return n
	}
	return testsize.Pick(2000, 200_000, 1_000_000)
}

// What is counted at once is what is counted day by day and minute by minute.
func TestAccrualAgainstNaive(t *testing.T) {
	zones := []string{"Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "America/Sao_Paulo"}
	for i, zone := range zones {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			compareAccruals(t, zone, rand.New(rand.NewPCG(11, uint64(2026+i))), accruals()/len(zones))
		})
	}
}

func compareAccruals(t *testing.T, zone string, random *rand.Rand, runs int) {
	t.Helper()
	compared, c := 0, accrualCounter(t, zone)
	shown := newWall(c.Zone, date.New(2018, 1, 1), date.New(2019, 1, 1))
	// Around the changes of clocks of 2018, when São Paulo had them at midnight.
	starts := []date.Date{date.New(2018, 2, 10), date.New(2018, 3, 5), date.New(2018, 3, 20), date.New(2018, 10, 1), date.New(2018, 10, 25)}
	for compared < runs {
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
		n := naive{wall: shown, calendar: workday.China(), from: edge(), until: edge()}
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
	from, until := atTime(time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)), atTime(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	_, err = c.Accrue(&sla.Accrual{Per: sla.Hour}, from, until, nil, nil)
	var span *sla.SpanError
	require.ErrorAs(t, err, &span)
	assert.Equal(t, []time.Time{from.At, until.At}, []time.Time{span.From, span.Until})
	days, err := c.Accrue(&sla.Accrual{Per: sla.CalendarDay, Last: sla.EdgeNotCounted}, from, until, nil, nil)
	require.NoError(t, err)
	assert.EqualValues(t, 109573, days.In[0].Units) // 300 years with 73 leap days
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
