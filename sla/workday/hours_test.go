package workday

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var shanghai = time.FixedZone("CST", 8*3600)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, shanghai)
	if err != nil {
		t, err = time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	}
	if err != nil {
		panic(err)
	}
	return t
}

func office(t testing.TB) *Calendar {
	return build(t, Config{
		Base:         China(),
		Hours:        []Span{span(13, 18), span(9, 12)},
		WeekdayHours: map[time.Weekday][]Span{time.Friday: {span(9, 12)}},
		DayHours:     map[date.Date][]Span{day("2025-06-18"): {}},
	})
}

func TestAddHours(t *testing.T) {
	c := office(t)
	for _, tc := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"2025-06-16 10:00", 0, "2025-06-16 10:00"},
		{"2025-06-14 10:00", 0, "2025-06-14 10:00"}, // a Saturday
		{"2025-06-16 10:00", time.Hour, "2025-06-16 11:00"},
		{"2025-06-16 10:00", 2 * time.Hour, "2025-06-16 12:00"}, // just at closing
		{"2025-06-16 10:00", 2*time.Hour + time.Second, "2025-06-16 13:00:01"},
		{"2025-06-16 10:00", 7 * time.Hour, "2025-06-16 18:00"},
		{"2025-06-16 10:00", 8 * time.Hour, "2025-06-17 10:00"},
		{"2025-06-16 12:30", time.Hour, "2025-06-16 14:00"}, // during the break
		{"2025-06-16 20:00", time.Hour, "2025-06-17 10:00"},
		{"2025-06-14 03:00", time.Hour, "2025-06-16 10:00"},
		{"2025-06-17 18:00", time.Hour, "2025-06-19 10:00"},     // the 18th is a working day without hours
		{"2025-06-19 18:00", 4 * time.Hour, "2025-06-23 10:00"}, // a short Friday
		{"2025-01-27 17:00", 2 * time.Hour, "2025-02-05 10:00"},
		{"2025-01-26 09:00", 8 * time.Hour, "2025-01-26 18:00"}, // a make-up Sunday
		{"2025-06-16 11:00", -time.Hour, "2025-06-16 10:00"},
		{"2025-06-16 14:00", -time.Hour, "2025-06-16 13:00"}, // the latest such moment
		{"2025-06-16 14:00", -2 * time.Hour, "2025-06-16 11:00"},
		{"2025-06-16 09:00", -time.Hour, "2025-06-13 11:00"},
		{"2025-06-15 09:00", -3 * time.Hour, "2025-06-13 09:00"},
		{"2025-06-19 10:00", -9 * time.Hour, "2025-06-17 09:00"},
	} {
		got, err := c.AddHours(at(tc.from), tc.d, shanghai)
		require.NoError(t, err)
		assert.Equal(t, at(tc.want).String(), got.String(), "%s%+v", tc.from, tc.d)
	}
	got, err := c.AddHours(at("2025-06-16 10:00").UTC(), time.Hour, shanghai)
	require.NoError(t, err)
	assert.Equal(t, at("2025-06-16 11:00").String(), got.String(), "the zone given counts, not that of the moment")
}

func TestHoursErrors(t *testing.T) {
	c := office(t)
	assert.True(t, c.HasHours())
	assert.False(t, China().HasHours())
	assert.False(t, (*Calendar)(nil).HasHours())
	assert.False(t, (&Calendar{}).HasHours())
	now := at("2026-12-31 17:00")
	_, err := c.AddHours(now, time.Hour, nil)
	assert.ErrorIs(t, err, ErrNoZone)
	_, err = c.HoursBetween(now, now, nil)
	assert.ErrorIs(t, err, ErrNoZone)
	_, err = China().AddHours(now, time.Hour, shanghai)
	assert.ErrorIs(t, err, ErrNoHours)
	_, err = China().HoursBetween(now, now, shanghai)
	assert.ErrorIs(t, err, ErrNoHours)

	got, err := c.AddHours(now, time.Hour, shanghai)
	require.NoError(t, err)
	assert.Equal(t, at("2026-12-31 18:00").String(), got.String())
	var missing *YearMissingError
	for _, d := range []time.Duration{time.Hour + 1, math.MaxInt64} {
		_, err = c.AddHours(now, d, shanghai)
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, 2027, missing.Year)
	}
	for _, d := range []time.Duration{-1, math.MinInt64} {
		_, err = c.AddHours(at("2004-01-01 08:00"), d, shanghai)
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, 2003, missing.Year)
	}
	_, err = c.HoursBetween(at("2001-01-01 08:00"), at("2027-01-01 08:00"), shanghai)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, 2001, missing.Year)
	_, err = c.AddHours(at("2027-01-01 08:00"), 0, shanghai)
	assert.NoError(t, err)

	var beyond *HoursRangeError
	for _, d := range []time.Duration{math.MaxInt64, math.MinInt64} {
		_, err = c.Provisional().AddHours(now, d, shanghai)
		require.ErrorAs(t, err, &beyond)
		assert.Equal(t, d, beyond.Length)
		assert.Contains(t, err.Error(), "2026-12-31T17:00:00+08:00")
	}
	var outside *RangeError
	for _, when := range []time.Time{at("1999-12-31 23:59"), at("2101-01-01 00:00"), {}, time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0)} {
		_, err = c.AddHours(when, 1, shanghai)
		require.ErrorAs(t, err, &outside, when)
		_, err = c.HoursBetween(now, when, shanghai)
		require.ErrorAs(t, err, &outside, when)
	}
	closed := build(t, Config{AnyYear: true, WeekdayHours: map[time.Weekday][]Span{time.Monday: {}}})
	_, err = closed.AddHours(now, 1, shanghai)
	assert.ErrorAs(t, err, &beyond, "never open")
}

// walkHours finds the end of a working time by trying every minute.
func walkHours(c *Calendar, t time.Time, minutes int, open func(time.Time) bool) time.Time {
	for minutes > 0 {
		if open(t) {
			minutes--
		}
		t = t.Add(time.Minute)
	}
	return t
}

func TestHoursAgainstNaiveWalk(t *testing.T) {
	c, oracle := office(t), naiveChina()
	open := func(t time.Time) bool {
		d := date.NewAt(t)
		works, err := oracle.works(d)
		if err != nil || !works || d == day("2025-06-18") {
			return false
		}
		h := t.Hour()
		return h >= 9 && h < 12 || h >= 13 && h < 18 && t.Weekday() != time.Friday
	}
	rapid.Check(t, func(t *rapid.T) {
		from := at("2025-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 200*24*60).Draw(t, "minute")) * time.Minute)
		minutes := rapid.IntRange(1, 5000).Draw(t, "minutes")
		d := time.Duration(minutes) * time.Minute
		want := walkHours(c, from, minutes, open)
		got, err := c.AddHours(from, d, shanghai)
		require.NoError(t, err)
		require.Equal(t, want.String(), got.String(), "%s+%s", from, d)

		between, err := c.HoursBetween(from, got, shanghai)
		require.NoError(t, err)
		require.Equal(t, d, between)
		between, err = c.HoursBetween(got, from, shanghai)
		require.NoError(t, err)
		require.Equal(t, -d, between)

		// Back again: the latest moment with that much working time to go.
		back, err := c.AddHours(got, -d, shanghai)
		require.NoError(t, err)
		require.False(t, back.Before(from))
		idle, err := c.HoursBetween(from, back, shanghai)
		require.NoError(t, err)
		require.Zero(t, idle)
		require.True(t, open(back))
	})
}

// Clocks put back and forward: time never runs the wrong way.
func TestHoursWhereClocksChange(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Beirut"} {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		c := build(t, Config{AnyYear: true, Weekend: []time.Weekday{}, Hours: []Span{span(0, 24)}})
		start := time.Date(2015, 1, 1, 0, 0, 0, 0, zone)
		for i := range 365 * 48 {
			from := start.Add(time.Duration(i) * 30 * time.Minute)
			for _, d := range []time.Duration{time.Minute, 20 * time.Minute, time.Hour, 25 * time.Hour} {
				later, err := c.AddHours(from, d, zone)
				require.NoError(t, err)
				if later.Before(from) || later.Sub(from) > d+time.Hour || later.Sub(from) < d-time.Hour {
					t.Fatalf("%s+%s: %s", from, d, later)
				}
				earlier, err := c.AddHours(from, -d, zone)
				require.NoError(t, err)
				if earlier.After(from) {
					t.Fatalf("%s-%s: %s", from, d, earlier)
				}
				between, err := c.HoursBetween(from, from.Add(d), zone)
				require.NoError(t, err)
				if between < 0 {
					t.Fatalf("from %s for %s: %s", from, d, between)
				}
			}
		}
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	c := build(t, Config{AnyYear: true, Weekend: []time.Weekday{}, Hours: []Span{span(0, 24)}})
	second := time.Date(2025, 10, 26, 1, 30, 0, 0, time.UTC) // 02:30 for the second time
	got, err := c.AddHours(second, 10*time.Minute, berlin)
	require.NoError(t, err)
	assert.Equal(t, "2025-10-26T02:40:00+01:00", got.Format(time.RFC3339))
	got, err = c.AddHours(second.Add(-time.Hour), -10*time.Minute, berlin)
	require.NoError(t, err)
	assert.Equal(t, "2025-10-26T02:20:00+02:00", got.Format(time.RFC3339))
}

func BenchmarkAddHours(b *testing.B) {
	c, from := office(b), at("2004-01-05 10:00")
	for _, d := range []time.Duration{time.Hour, 1000 * time.Hour, 30000 * time.Hour} {
		b.Run(d.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.AddHours(from, d, shanghai); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The day on which so much opening time has gone by is found as by looking at
// every day, also where days are of very different lengths.
func TestDayReaching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := &table{openedBy: []time.Duration{0}}
		lengths := rapid.SampledFrom([]time.Duration{0, 1, time.Minute, 7 * time.Hour, 7 * time.Hour, 7 * time.Hour, 24 * time.Hour})
		for range rapid.IntRange(1, 60).Draw(t, "days") {
			last := table.openedBy[len(table.openedBy)-1]
			table.openedBy = append(table.openedBy, last+lengths.Draw(t, "length"))
		}
		table.indexHours()
		last := len(table.openedBy) - 1
		for _, passed := range append(table.openedBy, rapid.SliceOf(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(table.openedBy[last])).Draw(t, "passed"))
		})).Draw(t, "moments")...) {
			for _, p := range []time.Duration{passed, passed + 1} {
				want := 0
				for want < last && table.openedBy[want+1] < p {
					want++
				}
				if got := table.dayReaching(p); got != want {
					t.Fatalf("%d of %v: day %d, not %d", p, table.openedBy, got, want)
				}
			}
		}
	})
}

// A shift past midnight belongs to the day on which it begins.
func TestNightShifts(t *testing.T) {
	c := build(t, Config{AnyYear: true, Hours: []Span{span(22, 30)}, Closures: []date.Date{day("2020-04-14")}})
	assert.True(t, c.nights)
	assert.False(t, office(t).nights)
	for _, tc := range []struct {
		from string
		d    time.Duration
		want string
	}{
		{"2020-04-10 23:00", 3 * time.Hour, "2020-04-11 02:00"}, // Friday
		{"2020-04-10 23:00", 7 * time.Hour, "2020-04-11 06:00"},
		{"2020-04-10 23:00", time.Hour, "2020-04-11 00:00"},
		{"2020-04-10 23:00", 8 * time.Hour, "2020-04-13 23:00"},
		{"2020-04-12 23:00", 3 * time.Hour, "2020-04-14 01:00"}, // Sunday
		{"2020-04-13 03:00", time.Hour, "2020-04-13 23:00"},     // no shift began on Sunday
		{"2020-04-13 23:00", 8 * time.Hour, "2020-04-15 23:00"}, // none begins on a closure, but one ends
		{"2020-04-11 02:00", -3 * time.Hour, "2020-04-10 23:00"},
		{"2020-04-13 23:00", -2 * time.Hour, "2020-04-11 05:00"},
	} {
		got, err := c.AddHours(at(tc.from), tc.d, shanghai)
		require.NoError(t, err)
		assert.Equal(t, at(tc.want).String(), got.String(), "%s%+v", tc.from, tc.d)
	}
}

// Of a day whose night began in a year that is not listed, the morning is not
// known, and the rest is.
func TestNightIntoAnUnlistedYear(t *testing.T) {
	c := build(t, Config{Base: China(), Hours: []Span{span(22, 30), span(9, 12)}})
	var missing *YearMissingError
	for _, d := range []time.Duration{time.Hour, 9 * time.Hour} {
		_, err := c.AddHours(at("2004-01-01 05:59"), d, shanghai)
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, 2003, missing.Year)
		_, err = c.AddHours(at("2004-01-01 06:00"), d, shanghai)
		require.NoError(t, err)
	}
	_, err := c.HoursBetween(at("2004-01-01 05:59"), at("2004-01-05 00:00"), shanghai)
	require.ErrorAs(t, err, &missing)
	_, err = c.HoursBetween(at("2004-01-01 06:00"), at("2004-01-05 00:00"), shanghai)
	require.NoError(t, err)
	_, err = c.AddHours(at("2026-12-31 23:00"), 2*time.Hour, shanghai)
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, 2027, missing.Year)
	_, err = c.AddHours(at("2026-12-31 23:00"), time.Hour, shanghai)
	require.NoError(t, err)
	any := build(t, Config{AnyYear: true, Hours: []Span{span(22, 30)}})
	var outside *RangeError
	_, err = any.AddHours(at("2000-01-01 01:00"), time.Hour, shanghai) // Saturday
	require.ErrorAs(t, err, &outside)
	_, err = any.AddHours(at("2000-01-01 06:00"), time.Hour, shanghai)
	require.NoError(t, err)
}

// Random weeks, holidays, make-up days, closures and special days, with shifts
// past midnight among them, against a walk from minute to minute.
func TestHoursOfRandomWeeksAgainstNaiveWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := rapid.Custom(func(t *rapid.T) []Span {
			all := []Span{}
			var from int
			for range rapid.IntRange(0, 2).Draw(t, "spans") {
				if from += rapid.IntRange(0, 14).Draw(t, "pause"); from > 23 {
					break
				}
				to := from + rapid.IntRange(1, 24).Draw(t, "length")
				all = append(all, Span{time.Duration(from) * time.Hour, time.Duration(to)*time.Hour - 15*time.Minute})
				from = to
			}
			return all
		})
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 13), 0, 4, rapid.ID)
		first := day("2025-06-09") // a Monday
		list := func(label string) (all []date.Date) {
			for _, n := range days.Draw(t, label) {
				all = append(all, first+date.Date(n))
			}
			return all
		}
		contains := func(all []date.Date, d date.Date) bool {
			for _, x := range all {
				if x == d {
					return true
				}
			}
			return false
		}
		rest, closures := list("rest"), list("closures")
		var work []date.Date
		for _, d := range list("work") {
			if !contains(rest, d) {
				work = append(work, d)
			}
		}
		config := Config{
			AnyYear: true, Hours: spans.Filter(func(s []Span) bool { return len(s) < 2 || spill(s) <= s[0].From }).Draw(t, "hours"), Closures: closures, Years: map[int]Year{2025: {Rest: rest, Work: work, NoHolidays: len(rest)+len(work) == 0}},
			Weekend: rapid.SampledFrom([][]time.Weekday{nil, {}, {time.Friday, time.Saturday}}).Draw(t, "weekend"),
			WeekdayHours: map[time.Weekday][]Span{
				time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")): spans.Draw(t, "its hours"),
			},
			DayHours: map[date.Date][]Span{first + date.Date(rapid.IntRange(0, 13).Draw(t, "day")): spans.Draw(t, "hours of the day")},
		}
		c, err := New(config)
		require.NoError(t, err)
		if !c.HasHours() {
			return
		}
		weekend := config.Weekend
		if weekend == nil {
			weekend = []time.Weekday{time.Saturday, time.Sunday}
		}
		openAt := func(d date.Date, clock time.Duration) bool { // by the hours of the day d
			works := !contains(closures, d) && (contains(work, d) || !contains(rest, d))
			if !contains(work, d) {
				for _, w := range weekend {
					works = works && w != d.Weekday()
				}
			}
			if !works {
				return false
			}
			hours := config.Hours
			if own, ok := config.WeekdayHours[d.Weekday()]; ok {
				hours = own
			}
			if own, ok := config.DayHours[d]; ok {
				hours = own
			}
			for _, s := range hours {
				if s.From <= clock && clock < s.To {
					return true
				}
			}
			return false
		}
		open := func(t time.Time) bool {
			d, clock := date.NewAt(t), time.Duration(t.Hour())*time.Hour+time.Duration(t.Minute())*time.Minute
			return openAt(d, clock) || openAt(d-1, clock+24*time.Hour)
		}
		from := at("2025-06-09 00:00").Add(time.Duration(rapid.IntRange(0, 12*24*60).Draw(t, "minute")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(0, 4*24*60).Draw(t, "minutes")) * time.Minute)
		passed := time.Duration(0)
		for m := from; m.Before(to); m = m.Add(time.Minute) {
			if open(m) {
				passed += time.Minute
			}
		}
		between, err := c.HoursBetween(from, to, shanghai)
		require.NoError(t, err)
		require.Equal(t, passed, between)
		if passed == 0 {
			return
		}
		// The earliest moment at which so much has gone by.
		end := walkHours(c, from, int(passed/time.Minute), open)
		got, err := c.AddHours(from, passed, shanghai)
		require.NoError(t, err)
		require.Equal(t, end.String(), got.String())
		// And back: the latest moment.
		start := to
		for left := passed; left > 0; {
			start = start.Add(-time.Minute)
			if open(start) {
				left -= time.Minute
			}
		}
		got, err = c.AddHours(to, -passed, shanghai)
		require.NoError(t, err)
		require.Equal(t, start.String(), got.String())
	})
}
