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
