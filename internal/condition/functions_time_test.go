package condition

import (
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

func zones(t testing.TB) []*time.Location {
	var all []*time.Location
	for _, name := range []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		all = append(all, loc)
	}
	return all
}

// evalDays evaluates over a day, another and a month.
func evalDays(t *rapid.T, src string, set func(f *value.Frame)) value.Value {
	p, problems := Compile(src, testEnv(), Want{})
	require.Empty(t, problems, src)
	f := testFrame()
	set(f)
	v := p.Eval(f)
	require.NoError(t, f.Err, src)
	return v
}

// First and last days and how many there are between them, found day by day.
func TestBoundsDayByDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := date.New(rapid.IntRange(1, 9999).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		same := map[string]func(a, b date.Date) bool{
			"month":   func(a, b date.Date) bool { return a.Year() == b.Year() && a.Month() == b.Month() },
			"quarter": func(a, b date.Date) bool { return a.Year() == b.Year() && (a.Month()-1)/3 == (b.Month()-1)/3 },
			"year":    func(a, b date.Date) bool { return a.Year() == b.Year() },
		}
		for name, in := range same {
			first, last := d, d
			for in(first-1, d) {
				first--
			}
			for in(last+1, d) {
				last++
			}
			set := func(f *value.Frame) {
				f.Slots[slotDay], f.Slots[slotMonth] = value.DateOf(d), value.MonthOf(d.Year(), d.Month())
				f.Slots[slotI] = value.Int(int64(d.Year()))
			}
			args := []string{"day", "month"}
			if name == "year" {
				args = append(args, "i")
			}
			for _, arg := range args {
				require.Equal(t, first, evalDays(t, "start_of_"+name+"("+arg+")", set).Date())
				require.Equal(t, last, evalDays(t, "end_of_"+name+"("+arg+")", set).Date())
				require.Equal(t, int64(last-first)+1, evalDays(t, "days_in_"+name+"("+arg+")", set).N)
			}
			require.Equal(t, int64(d.Month()-1)/3+1, evalDays(t, "quarter_of(day)", set).N)
			require.Equal(t, int64(d.Month()-1)/3+1, evalDays(t, "quarter_of(month)", set).N)
			words := map[time.Weekday]string{0: "sunday", 1: "monday", 2: "tuesday", 3: "wednesday", 4: "thursday", 5: "friday", 6: "saturday"}
			require.Equal(t, words[d.Weekday()], evalDays(t, "weekday_of(day)", set).S())
		}
	})
}

// Whole months are counted one by one, as the function that adds them does.
func TestMonthsBetweenOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := date.New(2020, 1, 1) + date.Date(rapid.IntRange(0, 3000).Draw(t, "from"))
		b := a + date.Date(rapid.IntRange(-1500, 1500).Draw(t, "days"))
		set := func(f *value.Frame) { f.Slots[slotDay], f.Slots[slotNext] = value.DateOf(a), value.DateOf(b) }
		// later is the day so many months after another, by the calendar.
		later := func(d date.Date, n int) date.Date {
			y, m, day := d.Date()
			first := date.New(y, m+time.Month(n), 1)
			last := date.New(first.Year(), first.Month()+1, 0)
			return min(first+date.Date(day-1), last)
		}
		for name, size := range map[string]int{"months": 1, "years": 12} {
			from, to, sign := a, b, 1
			if to < from {
				from, to, sign = to, from, -1
			}
			n := 0
			for later(from, (n+1)*size) <= to {
				n++
			}
			begun := n
			if later(from, n*size) != to {
				begun++
			}
			require.Equal(t, int64(sign*n), evalDays(t, "whole_"+name+"_between(day, next)", set).N)
			require.Equal(t, int64(sign*begun), evalDays(t, "started_"+name+"_between(day, next)", set).N)
		}
	})
}

// Hours by division, days by walking the clock on the wall, in zones whose
// clocks change.
func TestHoursAndDaysBetween(t *testing.T) {
	all := zones(t)
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(all).Draw(t, "zone")
		a := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 900*24*60).Draw(t, "from")) * time.Minute)
		b := a.Add(time.Duration(rapid.Int64Range(0, 20*24*60).Draw(t, "length"))*time.Minute + time.Duration(rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "more")))
		set := func(f *value.Frame) {
			f.Zone = loc
			f.Slots[slotStart], f.Slots[slotEnd] = value.MomentOf(a), value.MomentOf(b)
		}
		hours := int64(0)
		for a.Add(time.Duration(hours+1)*time.Hour).Compare(b) <= 0 {
			hours++
		}
		begun := hours
		if !a.Add(time.Duration(hours) * time.Hour).Equal(b) {
			begun++
		}
		require.Equal(t, hours, evalDays(t, "whole_hours_between(start, end)", set).N)
		require.Equal(t, begun, evalDays(t, "started_hours_between(start, end)", set).N)
		require.Equal(t, -hours, evalDays(t, "whole_hours_between(end, start)", set).N)
		// The clock on the wall as a number that grows by 86,400 a day.
		wall := func(at time.Time) int64 {
			at = at.In(loc)
			_, offset := at.Zone()
			return at.Unix() + int64(offset)
		}
		days := int64(0)
		for wall(a)+(days+1)*86400 <= wall(b) {
			days++
		}
		begun = days
		if wall(a)+days*86400 != wall(b) || a.Nanosecond() != b.Nanosecond() || days == 0 && !a.Equal(b) {
			begun++
		}
		require.Equal(t, days, evalDays(t, "whole_days_between(start, end)", set).N)
		require.Equal(t, begun, evalDays(t, "started_days_between(start, end)", set).N)
		require.Equal(t, -begun, evalDays(t, "started_days_between(end, start)", set).N)
		hour := evalDays(t, "start_of_hour(end)", set)
		shown := b.In(loc)
		require.Equal(t, shown.Add(-time.Duration(shown.Minute())*time.Minute-time.Duration(shown.Second())*time.Second-time.Duration(shown.Nanosecond())).UnixNano(), hour.N)
	})
}

func TestBoundsAtTheEnds(t *testing.T) {
	for _, src := range []string{`end_of_year(0)`, `end_of_year(10000)`, `start_of_year(-1)`, `start_of_year(i)`, `end_of_month(month)`, `days_in_quarter(month)`, `whole_months_between(day, next)`, `whole_hours_between(start, end)`, `seconds(i)`, `start_of_hour(start)`} {
		f := testFrame()
		for slot, n := range map[int]int64{slotI: 1 << 62, slotMonth: -1 << 63, slotDay: -1 << 63, slotNext: 1<<63 - 1, slotStart: -1 << 63, slotEnd: 1<<63 - 1} {
			f.Slots[slot].N = n
		}
		p, problems := Compile(src, testEnv(), Want{})
		if p == nil {
			assert.Equal(t, CodeOverflow, problems[0].Code, src)
			continue
		}
		p.Eval(f)
		if src != `start_of_hour(start)` {
			assert.Error(t, f.Err, src)
		}
	}
	assert.Equal(t, "9999-12-31", mustCompile(t, `end_of_year(9999)`, Want{}).Eval(testFrame()).Text(nil))
	assert.Equal(t, "0001-01-01", mustCompile(t, `start_of_quarter(0001-02-01)`, Want{}).Eval(testFrame()).Text(nil))
}
