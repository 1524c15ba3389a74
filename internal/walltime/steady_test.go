package walltime

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"
)

// Around a moment clocks stay as they are up to the bounds, and what they show
// is what package time shows; tables or none.
func TestSteady(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
		"Africa/Casablanca", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Gaza", "America/Nuuk"} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		table, plain := Tabulate(loc), Of(loc)
		for range 2000 {
			at := r.Int64N(Latest)
			if r.IntN(2) == 0 {
				at = time.Date(2000+r.IntN(101), time.Month(1+r.IntN(12)), 1+r.IntN(31), 0, 0, 0, r.IntN(1e9), time.UTC).UnixNano()
			}
			for _, z := range []Zone{table, plain} {
				from, until, ahead := z.Steady(at)
				require.True(t, from <= at && at < until, "%s %d", name, at)
				for _, m := range []int64{from, at, until - 1} {
					if m > Earliest && m < Latest {
						_, offset := time.Unix(0, m).In(loc).Zone()
						require.Equal(t, ahead, time.Duration(offset)*time.Second, "%s %s", name, time.Unix(0, m).In(loc))
					}
				}
				day, clock := z.Local(at)
				wallDay, wallClock := Wall(at, ahead)
				require.Equal(t, day, wallDay)
				require.Equal(t, clock, wallClock)
				require.Equal(t, at, Unwall(day, clock, ahead))
			}
		}
		// From change to change through the century of the tables there are
		// few steps, so that counting over it is quick.
		steps := 0
		for at := int64(tableFrom) * 1e9; at < tableUntil*1e9; steps++ {
			_, at, _ = table.Steady(at)
		}
		require.Less(t, steps, 1000, name)
	}
}

func TestSteadyForever(t *testing.T) {
	z := Of(time.UTC)
	from, until, ahead := z.Steady(0)
	require.Equal(t, []int64{math.MinInt64, math.MaxInt64, 0}, []int64{from, until, int64(ahead)})
	day, clock := Wall(-1, 0)
	require.Equal(t, date.New(1969, 12, 31), day)
	require.Equal(t, 24*time.Hour-1, clock)
}
