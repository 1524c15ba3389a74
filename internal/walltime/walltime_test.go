package walltime

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

// zones are some that make it hard: clocks changed twice a year, on both
// halves of the globe, at midnight, by half an hour, for a month of the moon,
// by a whole day; and easy ones.
var zones = []string{
	"Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia",
	"America/Sao_Paulo", "America/Havana", "Europe/London", "Asia/Kathmandu", "Asia/Beirut", "America/Santiago",
	"Africa/Cairo", "Asia/Pyongyang", "Europe/Volgograd", "America/Caracas", "Pacific/Kiritimati", "Antarctica/Troll",
}

func locations(t testing.TB) []*time.Location {
	all := []*time.Location{time.FixedZone("east", 14*3600), time.FixedZone("west", -(12*3600 + 34*60 + 56)), time.FixedZone("far", 100*3600)}
	for _, name := range zones {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		all = append(all, loc)
	}
	return all
}

// both are the ways to have a zone.
func both(loc *time.Location) []Zone { return []Zone{Of(loc), Tabulate(loc)} }

// dateOf is the oracle: what package time makes of a time of a day.
func dateOf(day date.Date, clock time.Duration, loc *time.Location) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, int(clock/time.Second), int(clock%time.Second), loc) // an int may have 32 bits
}

// startOf is another: the first moment that lies on the day, or on a later one
// where there is no such day, found in ever smaller steps.
func startOf(day date.Date, loc *time.Location) time.Time {
	t := dateOf(day, 0, time.UTC).Add(-130 * time.Hour)
	for _, step := range []time.Duration{8 * time.Hour, time.Hour, time.Minute, time.Second} {
		for date.NewAt(t.Add(step).In(loc)) < day {
			t = t.Add(step)
		}
	}
	return t.Add(time.Second)
}

func agree(t require.TestingT, z *Zone, moment int64) {
	want := time.Unix(0, moment).In(z.loc)
	day, clock := z.Local(moment)
	h, m, s := want.Clock()
	wantClock := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(want.Nanosecond())
	if day != date.NewAt(want) || clock != wantClock {
		require.Equal(t, want.String(), day.String()+" "+clock.String())
	}
	if day < 613000 || day > 803000 { // 1680 and 2198
		return
	}
	for _, c := range []time.Duration{clock, 0, 24 * time.Hour, 18 * time.Hour, 2*time.Hour + 30*time.Minute} {
		if got, want := z.Moment(day, c), dateOf(day, c, z.loc).UnixNano(); got != want {
			require.Equal(t, time.Unix(0, want).In(z.loc).String(), z.Time(got).String(), "%s of %s", c, day)
		}
	}
}

// Random moments are shown as package time shows them.
func TestAgainstPackageTime(t *testing.T) {
	all := locations(t)
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(all).Draw(t, "zone")
		moments := rapid.SliceOfN(rapid.OneOf(rapid.Int64(), rapid.Int64Range(tableFrom*1e9, tableUntil*1e9)), 20, 20).Draw(t, "moments")
		for _, z := range both(loc) {
			for _, m := range moments {
				agree(t, &z, m)
			}
		}
	})
}

// Around every change of clocks from 1999 to 2102, hours and nanoseconds
// before and after it.
func TestAroundChanges(t *testing.T) {
	for _, loc := range locations(t) {
		changes := 0
		for _, z := range both(loc) {
			t0 := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
			_, was := t0.In(loc).Zone()
			for at := t0; at.Year() < 2103; at = at.Add(24 * time.Hour) {
				_, is := at.In(loc).Zone()
				if is == was {
					continue
				}
				was = is
				changes++
				from, _ := at.In(loc).ZoneBounds()
				for d := -99 * time.Hour; d <= 99*time.Hour; d += 90 * time.Minute {
					m := from.Add(d).UnixNano()
					agree(t, &z, m-1)
					agree(t, &z, m)
				}
				for day := date.NewAt(from.In(loc)) - 3; day < date.NewAt(from.In(loc))+3; day++ {
					if got, want := z.DayStart(day), startOf(day, loc); got != want.UnixNano() {
						require.Equal(t, want.In(loc).String(), z.Time(got).String())
					}
				}
			}
		}
		if loc.String() == "America/New_York" {
			assert.Equal(t, 2*2*104, changes, "the test looks at what it should")
		}
	}
}

func TestDayStart(t *testing.T) {
	all := locations(t)
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(all).Draw(t, "zone")
		day := date.Date(rapid.Int64Range(729000, 768000).Draw(t, "day"))
		for _, z := range both(loc) {
			require.Equal(t, startOf(day, loc).In(loc).String(), z.Time(z.DayStart(day)).String())
		}
	})
}

// A table knows nearly every day; the others are asked for.
func TestTableIsUsed(t *testing.T) {
	for _, loc := range locations(t) {
		z, plain := Tabulate(loc), 0
		for sec := int64(946684800); sec < 4133980800; sec += secondsOfDay {
			if s := z.at(sec); s.from+near <= sec && sec < s.until-near {
				plain++
			}
		}
		assert.Greater(t, plain, 36890*93/100, loc)
		assert.Equal(t, loc, z.Location())
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	z := Tabulate(shanghai)
	assert.Len(t, z.spans, 1)
	assert.Equal(t, int64(never), z.spans[0].until)
	day, clock := z.Local(math.MaxInt64)
	assert.Equal(t, "2262-04-12", day.String())
	assert.Equal(t, 7*time.Hour+47*time.Minute+16*time.Second+854775807, clock)
}

func BenchmarkZone(b *testing.B) {
	var sum int64
	for _, name := range []string{"Asia/Shanghai", "America/New_York"} {
		loc, err := time.LoadLocation(name)
		require.NoError(b, err)
		start := time.Date(2025, 6, 16, 10, 0, 0, 0, loc).UnixNano()
		for how, z := range map[string]Zone{"asked": Of(loc), "table": Tabulate(loc)} {
			b.Run(name+"/"+how+"/local", func(b *testing.B) {
				for i := range b.N {
					day, _ := z.Local(start + int64(i&7))
					sum += int64(day)
				}
			})
			b.Run(name+"/"+how+"/moment", func(b *testing.B) {
				for i := range b.N {
					sum += z.DayStart(739000 + date.Date(i&7))
				}
			})
		}
		b.Run(name+"/tabulate", func(b *testing.B) {
			for range b.N {
				z := Tabulate(loc)
				sum += int64(len(z.spans))
			}
		})
	}
	require.NotZero(b, sum)
}
