package workday

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func wall(s string) Wall {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return Wall{day(s[:10]), time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute}
}

// In a zone where clocks are never changed, the clock on the wall counts as
// moments do.
func TestWallIsTheClockOfAZone(t *testing.T) {
	desk := office(t)
	night := build(t, Config{AnyYear: true, Hours: []Span{{22 * time.Hour, 30 * time.Hour}}})
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]*Calendar{desk, night, desk.Provisional()}).Draw(t, "calendar")
		moment := func(label string) time.Time {
			return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(1, 3*365*24*60-1).Draw(t, label)) * time.Minute)
		}
		on := func(t time.Time) Wall { return wall(t.Format("2006-01-02 15:04")) }
		a, b := moment("a"), moment("b")
		want, wantErr := c.HoursBetween(a, b, time.UTC)
		got, err := c.WallBetween(on(a), on(b))
		if wantErr == nil {
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		d := time.Duration(rapid.IntRange(-100_000, 100_000).Draw(t, "d")) * time.Minute
		then, wantErr := c.AddHours(a, d, time.UTC)
		w, err := c.AddWall(on(a), d)
		if wantErr != nil {
			return
		}
		require.NoError(t, err)
		require.Equal(t, then, w.Date.MidnightUTC().Add(w.Clock))
	})
}

// A midnight needs nothing of the day that it begins.
func TestWallAtTheEdgeOfTheListings(t *testing.T) {
	c := office(t)
	n, err := c.WallBetween(wall("2026-12-31 00:00"), wall("2027-01-01 00:00"))
	require.NoError(t, err)
	assert.Positive(t, n)
	_, err = c.WallBetween(wall("2026-12-31 00:00"), wall("2027-01-01 00:01"))
	sameError(t, &YearMissingError{Year: 2027}, err)
	back, err := c.AddWall(wall("2027-01-01 00:00"), -n)
	require.NoError(t, err)
	assert.Equal(t, day("2026-12-31"), back.Date)
	_, err = c.AddWall(wall("2027-01-01 00:01"), -n)
	sameError(t, &YearMissingError{Year: 2027}, err)
	_, err = c.AddWall(wall("2026-12-31 00:00"), n+1)
	sameError(t, &YearMissingError{Year: 2027}, err)

	always := build(t, Config{AnyYear: true, Weekend: []time.Weekday{}, Hours: []Span{{0, 24 * time.Hour}}})
	end := Wall{LastDate, 24 * time.Hour}
	n, err = always.WallBetween(Wall{FirstDate, 0}, end)
	require.NoError(t, err)
	assert.Equal(t, time.Duration(days)*24*time.Hour, n)
	w, err := always.AddWall(Wall{FirstDate, 0}, n)
	require.NoError(t, err)
	assert.Equal(t, end, w)
	w, err = always.AddWall(Wall{LastDate + 1, 0}, -n)
	require.NoError(t, err)
	assert.Equal(t, Wall{FirstDate, 0}, w)
	_, err = always.AddWall(Wall{FirstDate, 1}, n)
	assert.ErrorAs(t, err, new(*HoursRangeError))
	_, err = always.AddWall(Wall{LastDate, 0}, -n)
	assert.ErrorAs(t, err, new(*HoursRangeError))
	for _, outside := range []Wall{{FirstDate - 1, 0}, {LastDate + 1, 1}, {-1 << 31, 0}} {
		_, err = always.AddWall(outside, 1)
		assert.ErrorAs(t, err, new(*RangeError))
		_, err = always.WallBetween(outside, end)
		assert.ErrorAs(t, err, new(*RangeError))
	}
}

func TestOpening(t *testing.T) {
	c := build(t, Config{Base: China(), Hours: []Span{{22 * time.Hour, 30 * time.Hour}},
		WeekdayHours: map[time.Weekday][]Span{time.Friday: {}}})
	spans, err := c.Opening(day("2025-06-16"))
	require.NoError(t, err)
	assert.Equal(t, []Span{{22 * time.Hour, 30 * time.Hour}}, spans)
	spans[0].From = 0 // the caller owns it
	spans, err = c.Opening(day("2025-06-16"))
	require.NoError(t, err)
	assert.Equal(t, 22*time.Hour, spans[0].From)
	for _, closed := range []string{"2025-06-20", "2025-06-21", "2025-10-01"} {
		spans, err = c.Opening(day(closed))
		require.NoError(t, err)
		assert.Empty(t, spans, closed)
	}
	_, err = c.Opening(day("2099-01-01"))
	sameError(t, &YearMissingError{Year: 2099}, err)
	_, err = c.Opening(LastDate + 1)
	assert.ErrorAs(t, err, new(*RangeError))
	_, err = China().Opening(day("2025-06-16"))
	assert.ErrorIs(t, err, ErrNoHours)
	_, err = (*Calendar)(nil).Opening(day("2025-06-16"))
	assert.ErrorIs(t, err, ErrNoCalendar)
}
