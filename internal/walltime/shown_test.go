package walltime

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Around changes of clocks by every length, each time of the clock is found at
// the moments that show it, as trying every moment finds them.
func TestShownAgainstBruteForce(t *testing.T) {
	for _, test := range []struct {
		zone, change string // some moment near it
		step         time.Duration
	}{
		{"Europe/London", "2025-10-26T01:00:00Z", time.Minute},
		{"Europe/London", "2025-03-30T01:00:00Z", time.Minute},
		{"Australia/Lord_Howe", "2025-04-05T15:00:00Z", time.Minute},
		{"Australia/Lord_Howe", "2025-10-04T15:30:00Z", time.Minute},
		{"Antarctica/Troll", "2025-03-30T01:00:00Z", time.Minute},
		{"Antarctica/Troll", "2025-10-26T01:00:00Z", time.Minute},
		{"Pacific/Apia", "2011-12-30T10:00:00Z", 5 * time.Minute},
		{"Pacific/Kwajalein", "1993-08-21T12:00:00Z", 5 * time.Minute},
		{"Asia/Manila", "1844-12-31T00:00:00Z", 5 * time.Minute},
		{"America/Sao_Paulo", "2018-11-04T03:00:00Z", time.Minute},
		{"America/Sao_Paulo", "2018-02-18T02:00:00Z", time.Minute},
		{"Asia/Pyongyang", "2018-05-04T15:00:00Z", time.Minute},
		{"Asia/Shanghai", "1900-12-31T15:54:17Z", time.Second},
		{"Asia/Singapore", "1932-12-31T17:00:00Z", time.Minute},
		{"Africa/Monrovia", "1972-01-07T00:44:30Z", time.Second},
		{"Asia/Singapore", "1981-12-31T16:00:00Z", time.Minute},
		{"Asia/Kathmandu", "1985-12-31T18:30:00Z", time.Minute},
		{"UTC", "2025-01-01T00:00:00Z", time.Minute},
	} {
		zone, err := time.LoadLocation(test.zone)
		require.NoError(t, err)
		change, err := time.Parse(time.RFC3339, test.change)
		require.NoError(t, err)
		span := min(1500*test.step, 60*time.Hour)
		byWall := map[time.Time][]time.Time{}
		for m := change.Add(-2 * span); m.Before(change.Add(2 * span)); m = m.Add(test.step) {
			wall := onItsClock(m.In(zone))
			byWall[wall] = append(byWall[wall], m.In(zone))
		}
		odd := 0
		for wall := onItsClock(change.In(zone)).Add(-span); wall.Before(onItsClock(change.In(zone)).Add(span)); wall = wall.Add(test.step) {
			want := byWall[wall]
			plain, once := Read(wall, zone)
			require.Equal(t, len(want) == 1, once, "%s %s", test.zone, wall)
			require.True(t, !once || plain.Equal(want[0]))
			got := Shown(wall, zone)
			if len(want) != len(got) {
				t.Fatalf("%s %s: %v, not %v", test.zone, wall, got, want)
			}
			for i := range want {
				require.True(t, want[i].Equal(got[i]), "%s %s", test.zone, wall)
				back, err := time.Parse(time.RFC3339Nano, Text(got[i], wall))
				require.NoError(t, err)
				require.True(t, back.Equal(got[i]), "what is written means the same")
			}
			if len(want) == 1 {
				continue
			}
			odd++
			choices := Choices(wall, zone)
			require.GreaterOrEqual(t, len(choices), 2, "%s %s", test.zone, wall)
			for i, c := range choices {
				require.True(t, i == 0 || choices[i-1].Before(c))
				require.Less(t, c.Sub(wall).Abs(), 26*time.Hour)
			}
		}
		if test.zone == "UTC" {
			assert.Zero(t, odd)
		} else {
			assert.NotZero(t, odd, test.zone)
		}
	}
}

func TestTextOfAMoment(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	for wall, want := range map[string][]string{
		"2025-10-26T01:30:00": {"2025-10-26T01:30:00+01:00", "2025-10-26T01:30:00Z"},
		"2025-03-30T01:30:00": {"2025-03-30T01:30:00+01:00", "2025-03-30T01:30:00Z"},
		"2025-06-01T01:30:00": {"2025-06-01T01:30:00+01:00"},
	} {
		on, err := time.Parse("2006-01-02T15:04:05", wall)
		require.NoError(t, err)
		var got []string
		for _, c := range Choices(on, london) {
			got = append(got, Text(c, on))
		}
		assert.Equal(t, want, got)
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	old := time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC)
	assert.Equal(t, "1898-12-31T15:54:17Z", Text(Shown(old, shanghai)[0], old), "an offset of 8:05:43 cannot be written")
}
