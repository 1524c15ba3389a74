package sla

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/sla/workday"
)

var zone = time.FixedZone("CST", 8*3600)

// at reads a moment in the zone; "" is the zero time.
func at(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t
		}
	}
	panic(s)
}

func on(s string) date.Date { return date.NewAt(at(s)) }

func china() Counting { return Counting{Zone: zone, Calendar: workday.China()} }

func with(change func(*Counting)) Counting {
	c := china()
	change(&c)
	return c
}

func helpDesk(t testing.TB) *workday.Calendar {
	c, err := workday.New(workday.Config{
		Base:  workday.China(),
		Hours: []workday.Span{{From: 9 * time.Hour, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 18 * time.Hour}},
	})
	require.NoError(t, err)
	return c
}

func TestDueDays(t *testing.T) {
	first := func(c *Counting) { c.CountFirstDay = true }
	closing := func(c *Counting) { c.AfterClosing, c.Closes = AfterClosingNextWorkday, 18*time.Hour }
	both := func(c *Counting) { first(c); closing(c) }
	working := func(n int) Limit { return Limit{WorkingDays: n} }
	plain := func(n int) Limit { return Limit{CalendarDays: n} }
	for _, tc := range []struct {
		name  string
		limit Limit
		set   func(*Counting)
		start string
		want  string
	}{
		{"Monday, one day", working(1), nil, "2025-06-16 10:00", "2025-06-17"},
		{"at the first moment of Monday", working(1), nil, "2025-06-16 00:00", "2025-06-17"},
		{"at the last moment of Monday", working(1), nil, "2025-06-16 23:59:59.999999999", "2025-06-17"},
		{"over a long holiday", working(10), nil, "2025-01-20 09:00", "2025-02-08"},
		{"on a day off", working(1), nil, "2025-06-14 10:00", "2025-06-16"},
		{"on a make-up Sunday", working(1), nil, "2025-01-26 10:00", "2025-01-27"},
		{"first day counted", working(1), first, "2025-06-16 10:00", "2025-06-16"},
		{"first day counted, five", working(5), first, "2025-06-16 10:00", "2025-06-20"},
		{"first day counted, on a day off", working(1), first, "2025-06-14 10:00", "2025-06-16"},
		{"first day counted, day off, two", working(2), first, "2025-06-14 10:00", "2025-06-17"},
		{"at closing", working(1), closing, "2025-06-16 18:00", "2025-06-17"},
		{"just after closing", working(1), closing, "2025-06-16 18:00:00.000000001", "2025-06-18"},
		{"after closing on Friday", working(1), closing, "2025-06-13 19:00", "2025-06-17"},
		{"on a day off, closed", working(1), closing, "2025-06-14 10:00", "2025-06-17"},
		{"in the evening of a day off, closed", working(1), closing, "2025-06-14 20:00", "2025-06-17"},
		{"after closing, first day counted", working(1), both, "2025-06-16 19:00", "2025-06-17"},
		{"on a day off, closed, first day counted", working(1), both, "2025-06-14 10:00", "2025-06-16"},
		{"calendar days", plain(15), nil, "2025-06-16 10:00", "2025-07-01"},
		{"calendar days end on a day off", plain(5), nil, "2025-06-16 10:00", "2025-06-21"},
		{"calendar days, first counted", plain(1), first, "2025-06-14 10:00", "2025-06-14"},
		{"calendar days after closing", plain(1), closing, "2025-06-13 19:00", "2025-06-17"},
		{"the last listed day", working(1), nil, "2026-12-30 10:00", "2026-12-31"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := china()
			if tc.set != nil {
				tc.set(&c)
			}
			due, err := Deadline{tc.limit, c}.Due(at(tc.start))
			require.NoError(t, err)
			assert.Equal(t, tc.want, due.Date.String())
			assert.Equal(t, tc.want, due.String())
			assert.True(t, due.IsDate)
			assert.False(t, due.Provisional)
			assert.Equal(t, at(tc.want+" 23:59:59.999999999"), due.End)
			assert.True(t, due.InTime(due.End))
			assert.False(t, due.InTime(due.End.Add(1)))
			assert.Equal(t, at(tc.want).AddDate(0, 0, 1), due.End.Add(1), "midnight of the next day is late")
		})
	}
}

func TestDayOfTheZone(t *testing.T) {
	start := time.Date(2025, 6, 15, 16, 30, 0, 0, time.UTC) // Monday 00:30 in the zone
	due, err := Deadline{Limit{WorkingDays: 1}, china()}.Due(start)
	require.NoError(t, err)
	assert.Equal(t, "2025-06-17", due.Date.String())
}

func TestCalendarDaysNeedNoCalendar(t *testing.T) {
	due, err := Deadline{Limit{CalendarDays: 1}, Counting{Zone: zone}}.Due(at("2099-12-31"))
	require.NoError(t, err)
	assert.Equal(t, "2100-01-01", due.String())
}

func TestDayEnds(t *testing.T) {
	for ends, want := range map[time.Duration]string{
		0:              "2025-06-17 23:59:59.999999999",
		24 * time.Hour: "2025-06-17 23:59:59.999999999",
		18 * time.Hour: "2025-06-17 18:00",
		17*time.Hour + 30*time.Minute + time.Second + 5: "2025-06-17 17:30:01.000000005",
	} {
		due, err := Deadline{Limit{WorkingDays: 1}, with(func(c *Counting) { c.DayEnds = ends })}.Due(at("2025-06-16 10:00"))
		require.NoError(t, err)
		assert.Equal(t, at(want), due.End)
	}
}

func TestDueDuration(t *testing.T) {
	desk := helpDesk(t)
	for _, tc := range []struct {
		name  string
		d     time.Duration
		hours bool
		start string
		want  string
	}{
		{"day and night", 24 * time.Hour, false, "2025-06-13 17:00", "2025-06-14 17:00"},
		{"to the nanosecond", 1, false, "2025-06-13 23:59:59.999999999", "2025-06-14"},
		{"opening hours", 8 * time.Hour, true, "2025-06-13 17:00", "2025-06-16 17:00"},
		{"until closing", time.Hour, true, "2025-06-13 17:00", "2025-06-13 18:00"},
		{"a moment longer", time.Hour + 1, true, "2025-06-13 17:00", "2025-06-16 09:00:00.000000001"},
		{"from outside", time.Hour, true, "2025-06-14 03:00", "2025-06-16 10:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Counting{Zone: zone, Calendar: desk, WorkingHours: tc.hours}
			due, err := Deadline{Limit{Duration: tc.d}, c}.Due(at(tc.start).UTC())
			require.NoError(t, err)
			assert.Equal(t, Due{Date: on(tc.want), End: at(tc.want)}, due)
			assert.Equal(t, at(tc.want).Format(time.RFC3339Nano), due.String())
		})
	}
	now := time.Now() // with a monotonic clock
	due, err := Deadline{Limit{Duration: time.Hour}, Counting{Zone: time.UTC}}.Due(now)
	require.NoError(t, err)
	assert.Equal(t, now.Round(0).UTC().Add(time.Hour), due.End)
	assert.Empty(t, Due{}.String())
}

func TestDueErrors(t *testing.T) {
	day1 := Limit{WorkingDays: 1}
	for _, l := range []Limit{{}, {WorkingDays: 1, CalendarDays: 1}, {CalendarDays: 1, Duration: 1}, {WorkingDays: 1, Duration: 1}, {WorkingDays: -1}, {CalendarDays: -1}, {Duration: -1}} {
		_, err := Deadline{l, china()}.Due(at("2025-06-16"))
		assert.Equal(t, &LimitError{l}, err)
		assert.Contains(t, err.Error(), "exactly one positive length")
	}
	for field, set := range map[string][]func(*Counting){
		"DayEnds": {
			func(c *Counting) { c.DayEnds = -1 },
			func(c *Counting) { c.DayEnds = 24*time.Hour + 1 },
		},
		"AfterClosing": {func(c *Counting) { c.AfterClosing = 2 }},
		"Closes": {
			func(c *Counting) { c.Closes = -1 },
			func(c *Counting) { c.Closes = 24*time.Hour + 1 },
			func(c *Counting) { c.AfterClosing = AfterClosingNextWorkday },
		},
	} {
		for _, f := range set {
			_, err := Deadline{day1, with(f)}.Due(at("2025-06-16"))
			var bad *CountingError
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, field, bad.Field)
			assert.Contains(t, err.Error(), field)
		}
	}
	_, err := Deadline{day1, Counting{Calendar: workday.China()}}.Due(at("2025-06-16"))
	assert.ErrorIs(t, err, ErrNoZone)
	for _, c := range []Counting{
		{Zone: zone},
		{Zone: zone, CountFirstDay: true},
		{Zone: zone, Provisional: true},
		{Zone: zone, AfterClosing: AfterClosingNextWorkday, Closes: 1},
	} {
		_, err = Deadline{day1, c}.Due(at("2025-06-16"))
		assert.ErrorIs(t, err, ErrNoCalendar)
	}
	_, err = Deadline{Limit{Duration: 1}, Counting{Zone: zone, WorkingHours: true}}.Due(at("2025-06-16"))
	assert.ErrorIs(t, err, ErrNoCalendar)
	_, err = Deadline{Limit{Duration: 1}, with(func(c *Counting) { c.WorkingHours = true })}.Due(at("2025-06-16"))
	assert.ErrorIs(t, err, workday.ErrNoHours)

	var missing *workday.YearMissingError
	for _, d := range []Deadline{
		{day1, china()},
		{day1, with(func(c *Counting) { c.AfterClosing, c.Closes = AfterClosingNextWorkday, 9*time.Hour })},
		{Limit{WorkingDays: 2}, with(func(c *Counting) { c.CountFirstDay = true })},
		{Limit{Duration: 8 * time.Hour}, Counting{Zone: zone, Calendar: helpDesk(t), WorkingHours: true}},
	} {
		_, err = d.Due(at("2026-12-31 10:30"))
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, 2027, missing.Year)
	}

	var outside *RangeError
	soft := with(func(c *Counting) { c.Provisional = true })
	for _, l := range []Limit{day1, {CalendarDays: 1}, {Duration: 1}} {
		for _, start := range []time.Time{{}, at("1699-12-31 23:59"), at("2200-01-01"), time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0)} {
			_, err = Deadline{l, soft}.Due(start)
			require.ErrorAs(t, err, &outside, "%s %s", l, start)
		}
	}
	for _, l := range []Limit{{CalendarDays: 365 * 180}, {CalendarDays: math.MaxInt}, {Duration: math.MaxInt64}} {
		_, err = Deadline{l, china()}.Due(at("2025-06-16"))
		require.ErrorAs(t, err, &outside, l)
	}
	var unlisted *workday.RangeError
	for _, start := range []string{"1999-12-31 23:59", "2101-01-01"} {
		_, err = Deadline{day1, soft}.Due(at(start))
		require.ErrorAs(t, err, &unlisted, start)
	}
}

// What is counted by no calendar is counted in every year of moments.
func TestYearsWithoutACalendar(t *testing.T) {
	plain := Counting{Zone: zone}
	for _, tc := range []struct {
		limit       Limit
		start, want string
	}{
		{Limit{CalendarDays: 15}, "1950-12-20 10:00", "1951-01-04"},
		{Limit{CalendarDays: 1}, "1700-01-01 00:00", "1700-01-02"},
		{Limit{CalendarDays: 1}, "2199-12-30 10:00", "2199-12-31"},
		{Limit{Duration: 24 * time.Hour}, "1999-12-31 10:00", "2000-01-01T10:00:00+08:00"},
		{Limit{Duration: 24 * time.Hour}, "2100-12-31 10:00", "2101-01-01T10:00:00+08:00"},
	} {
		due, err := Deadline{tc.limit, plain}.Due(at(tc.start))
		require.NoError(t, err)
		assert.Equal(t, tc.want, due.String())
		assert.False(t, due.End.Before(at(tc.start)))
	}
	_, err := Deadline{Limit{CalendarDays: 1}, plain}.Due(at("2199-12-31 10:00"))
	var outside *RangeError
	require.ErrorAs(t, err, &outside)
	assert.Equal(t, "sla: 2200-01-01 lies outside 1700-01-01 to 2199-12-31", err.Error())
	assert.Equal(t, []date.Date{date.New(1700, 1, 1), date.New(2199, 12, 31)}, []date.Date{FirstDate, LastDate})
}

func TestProvisional(t *testing.T) {
	soft := func(c *Counting) { c.Provisional = true }
	desk := helpDesk(t)
	for _, tc := range []struct {
		name  string
		d     Deadline
		start string
		want  string
		flag  bool
	}{
		{"not needed", Deadline{Limit{WorkingDays: 1}, with(soft)}, "2026-12-30 10:00", "2026-12-31", false},
		{"needed", Deadline{Limit{WorkingDays: 1}, with(soft)}, "2026-12-31 10:00", "2027-01-01", true},
		{"only the start, not counted", Deadline{Limit{WorkingDays: 1}, with(soft)}, "2003-12-31 10:00", "2004-01-02", false},
		{"the start, counted", Deadline{Limit{WorkingDays: 1}, with(func(c *Counting) { soft(c); c.CountFirstDay = true })}, "2003-12-31 10:00", "2003-12-31", true},
		{"the start moved", Deadline{Limit{CalendarDays: 1}, with(func(c *Counting) { soft(c); c.AfterClosing, c.Closes = AfterClosingNextWorkday, 9*time.Hour })}, "2026-12-31 10:00", "2027-01-02", true},
		{"calendar days", Deadline{Limit{CalendarDays: 9}, with(soft)}, "2026-12-31 10:00", "2027-01-09", false},
		{"hours", Deadline{Limit{Duration: 9 * time.Hour}, with(soft)}, "2026-12-31 20:00", "2027-01-01T05:00:00+08:00", false},
		{"opening hours", Deadline{Limit{Duration: time.Hour}, Counting{Zone: zone, Calendar: desk, WorkingHours: true, Provisional: true}}, "2026-12-31 20:00", "2027-01-01T10:00:00+08:00", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			due, err := tc.d.Due(at(tc.start))
			require.NoError(t, err)
			assert.Equal(t, tc.want, due.String())
			assert.Equal(t, tc.flag, due.Provisional)
		})
	}
}

// The last day ends where the next begins, in every zone, also where clocks
// skip midnight or strike it twice.
func TestEndOfDayWhereClocksChange(t *testing.T) {
	for _, name := range []string{
		"Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Cairo",
		"Asia/Gaza", "Atlantic/Azores", "America/Asuncion", "Asia/Tehran", "Australia/Lord_Howe", "America/Scoresbysund", "Asia/Amman", "UTC",
	} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		for _, clocks := range []walltime.Zone{walltime.Of(loc), walltime.Tabulate(loc)} {
			c := (&Counting{Zone: loc}).counter(clocks)
			for d := on("2000-01-02"); d < on("2038-01-01"); d++ {
				end := c.Due(c.endOf(day{date: d})).End
				if date.NewAt(end) != d || date.NewAt(end.Add(1)) != d+1 {
					t.Fatalf("%s: %s ends %s", name, d, end)
				}
			}
		}
	}
}

// Nobody has a day that a zone left out; the day before it ends where it does.
func TestEndOfTheDayBeforeOneLeftOut(t *testing.T) {
	samoa, err := time.LoadLocation("Pacific/Apia")
	require.NoError(t, err)
	c := Counting{Zone: samoa}
	due, err := Deadline{Limit{CalendarDays: 1}, c}.Due(time.Date(2011, 12, 28, 12, 0, 0, 0, samoa))
	require.NoError(t, err)
	assert.Equal(t, "2011-12-29T23:59:59.999999999-10:00", due.End.Format(time.RFC3339Nano))
}

// A deadline that is timed often, with a table of its zone, ends as one that
// is asked for once.
func TestTabulatedZoneChangesNothing(t *testing.T) {
	desk := helpDesk(t)
	var zones []walltime.Zone
	for _, name := range []string{"Asia/Shanghai", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "UTC"} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		zones = append(zones, walltime.Tabulate(loc))
	}
	rapid.Check(t, func(t *rapid.T) {
		limit, c := limits().Draw(t, "limit"), countings(desk).Draw(t, "counting")
		clocks := rapid.SampledFrom(zones).Draw(t, "zone")
		c.Zone = clocks.Location()
		start := time.Unix(rapid.Int64Range(946684800-90000, 4133980800+90000).Draw(t, "start"), rapid.Int64Range(0, 999_999_999).Draw(t, "nano"))
		due, err := Deadline{limit, c}.Due(start)
		k := c.counter(clocks)
		got, gotErr := k.Term(start.UnixNano(), &limit)
		require.Equal(t, err, gotErr)
		if err == nil {
			require.Equal(t, due, k.Due(got))
		}
	})
}

func limits() *rapid.Generator[Limit] {
	return rapid.Custom(func(t *rapid.T) Limit {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		return rapid.SampledFrom([]Limit{{WorkingDays: n}, {CalendarDays: n}, {Duration: time.Duration(n) * 37 * time.Minute}}).Draw(t, "limit")
	})
}

func countings(desk *workday.Calendar) *rapid.Generator[Counting] {
	return rapid.Custom(func(t *rapid.T) Counting {
		return Counting{
			Zone:          rapid.SampledFrom([]*time.Location{zone, time.UTC}).Draw(t, "zone"),
			Calendar:      desk,
			CountFirstDay: rapid.Bool().Draw(t, "first"),
			DayEnds:       time.Duration(rapid.IntRange(0, 24).Draw(t, "ends")) * time.Hour,
			AfterClosing:  AfterClosing(rapid.IntRange(0, 1).Draw(t, "after")),
			Closes:        time.Duration(rapid.IntRange(1, 24).Draw(t, "closes")) * time.Hour,
			WorkingHours:  rapid.Bool().Draw(t, "hours"),
			Provisional:   rapid.Bool().Draw(t, "provisional"),
		}
	})
}

func moments(label string, t *rapid.T) time.Time {
	return at("2024-12-01").Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, label)) * time.Minute)
}

func TestDueProperties(t *testing.T) {
	desk := helpDesk(t)
	rapid.Check(t, func(t *rapid.T) {
		limit, c := limits().Draw(t, "limit"), countings(desk).Draw(t, "counting")
		start := moments("start", t)
		due, err := Deadline{limit, c}.Due(start)
		require.NoError(t, err)

		require.False(t, due.End.Before(start), "nothing is due before it starts")
		if limit.Duration == 0 {
			require.Equal(t, naiveLastDay(t, desk, limit, c, start), due.Date)
		}
		require.Equal(t, c.Zone, due.End.Location())
		require.Equal(t, due.Date, date.NewAt(due.End))
		require.Equal(t, limit.Duration == 0, due.IsDate)
		require.True(t, due.InTime(due.End))
		require.False(t, due.InTime(due.End.Add(1)))
		if limit.WorkingDays > 0 {
			works, err := desk.IsWorkday(due.Date)
			require.NoError(t, err)
			require.True(t, works, "the due date of a limit in working days is one")
		}

		more := limit
		switch {
		case limit.WorkingDays > 0:
			more.WorkingDays += rapid.IntRange(0, 20).Draw(t, "more")
		case limit.CalendarDays > 0:
			more.CalendarDays += rapid.IntRange(0, 20).Draw(t, "more")
		default:
			more.Duration += time.Duration(rapid.IntRange(0, 2000).Draw(t, "more")) * time.Minute
		}
		longer, err := Deadline{more, c}.Due(start)
		require.NoError(t, err)
		require.False(t, longer.End.Before(due.End), "a longer limit never ends sooner")

		later := start.Add(time.Duration(rapid.IntRange(0, 10000).Draw(t, "later")) * time.Minute)
		next, err := Deadline{limit, c}.Due(later)
		require.NoError(t, err)
		require.False(t, next.End.Before(due.End), "a later start never ends sooner")

		elsewhere, err := Deadline{limit, c}.Due(start.In(time.FixedZone("", -11*3600)))
		require.NoError(t, err)
		require.Equal(t, due, elsewhere, "the zone of the moment itself does not matter")

		// A clock stopped and resumed at once keeps its end.
		stopped := start.Add(time.Duration(rapid.IntRange(0, int(due.End.Sub(start)/time.Minute)).Draw(t, "stopped")) * time.Minute)
		same, err := Resume(Deadline{limit, c}, start, stopped, stopped)
		require.NoError(t, err)
		if limit.Duration > 0 && c.WorkingHours && same.End != due.End {
			// Nothing was left at closing time: the return itself is the end.
			used, err := desk.HoursBetween(start, stopped, c.Zone)
			require.NoError(t, err)
			require.Equal(t, limit.Duration, used)
		} else {
			require.Equal(t, due, same)
		}
		// A longer pause never ends sooner.
		returned := stopped.Add(time.Duration(rapid.IntRange(0, 20000).Draw(t, "pause")) * time.Minute)
		resumed, err := Resume(Deadline{limit, c}, start, stopped, returned)
		require.NoError(t, err)
		require.False(t, resumed.End.Before(same.End))
		require.False(t, resumed.End.Before(returned), "nothing is due before it goes on")
	})
}

// naiveLastDay finds the last day of a limit in days by going from day to day.
func naiveLastDay(t require.TestingT, calendar *workday.Calendar, limit Limit, c Counting, start time.Time) date.Date {
	midnight := func(d date.Date) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, c.Zone) }
	works := func(d date.Date) bool {
		is, err := calendar.IsWorkday(d)
		require.NoError(t, err)
		return is
	}
	from := date.NewAt(start.In(c.Zone))
	if c.AfterClosing == AfterClosingNextWorkday {
		if start.After(midnight(from).Add(c.Closes)) {
			from++
		}
		for !works(from) {
			from++
		}
	}
	day := from
	if !c.CountFirstDay {
		day++
	}
	for n := limit.WorkingDays + limit.CalendarDays; ; day++ {
		isOver := c.DayEnds != 0 && start.After(midnight(day).Add(c.DayEnds))
		if isOver || limit.WorkingDays > 0 && !works(day) {
			continue
		}
		if n--; n == 0 {
			return day
		}
	}
}

func TestFirstDayThatIsOver(t *testing.T) {
	counted := with(func(c *Counting) { c.CountFirstDay, c.DayEnds = true, 17*time.Hour+30*time.Minute })
	for _, tc := range []struct {
		limit       Limit
		start, want string
	}{
		{Limit{WorkingDays: 1}, "2025-06-09 17:30", "2025-06-09"},
		{Limit{WorkingDays: 1}, "2025-06-09 17:30:00.000000001", "2025-06-10"},
		{Limit{WorkingDays: 2}, "2025-06-09 18:00", "2025-06-11"},
		{Limit{WorkingDays: 1}, "2025-06-13 18:00", "2025-06-16"},
		{Limit{WorkingDays: 1}, "2025-06-14 18:00", "2025-06-16"},
		{Limit{CalendarDays: 1}, "2025-06-13 17:00", "2025-06-13"},
		{Limit{CalendarDays: 1}, "2025-06-13 18:00", "2025-06-14"},
	} {
		due, err := Deadline{tc.limit, counted}.Due(at(tc.start))
		require.NoError(t, err)
		assert.Equal(t, tc.want, due.Date.String(), "%v from %s", tc.limit, tc.start)
		assert.Equal(t, at(tc.want+" 17:30"), due.End)
	}
	// Used up when it was stopped, and back when that day is over.
	due, err := Resume(Deadline{Limit{WorkingDays: 1}, counted}, at("2025-06-09 10:00"), at("2025-06-09 12:00"), at("2025-06-13 18:00"))
	require.NoError(t, err)
	assert.Equal(t, "2025-06-16", due.Date.String())
	due, err = Resume(Deadline{Limit{WorkingDays: 1}, counted}, at("2025-06-09 10:00"), at("2025-06-09 12:00"), at("2025-06-13 17:30"))
	require.NoError(t, err)
	assert.Equal(t, "2025-06-13", due.Date.String())
	days, err := Timeline{
		Deadline: Deadline{Limit{WorkingDays: 1}, counted}, Start: at("2025-06-09 18:00"), Due: Due{Date: on("2025-06-10")},
	}.Days(on("2025-06-09"), on("2025-06-11"))
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1, 0}, []int{days[0].Nth, days[1].Nth, days[2].Nth})
}

func TestLater(t *testing.T) {
	a := Due{End: at("2025-06-16"), Provisional: true}
	b := Due{End: at("2025-06-17")}
	same := Due{End: a.End}
	assert.Equal(t, b, Later(a, b))
	assert.Equal(t, b, Later(b, a))
	assert.Equal(t, a, Later(a, same))
}

func TestLimitString(t *testing.T) {
	assert.Equal(t, "1 working day", Limit{WorkingDays: 1}.String())
	assert.Equal(t, "5 working days", Limit{WorkingDays: 5}.String())
	assert.Equal(t, "15 calendar days", Limit{CalendarDays: 15}.String())
	assert.Equal(t, "24h0m0s", Limit{Duration: 24 * time.Hour}.String())
}

func TestResume(t *testing.T) {
	desk := helpDesk(t)
	first := with(func(c *Counting) { c.CountFirstDay = true })
	closing := with(func(c *Counting) { c.AfterClosing, c.Closes = AfterClosingNextWorkday, 18*time.Hour })
	hours := Counting{Zone: zone, Calendar: desk, WorkingHours: true}
	days5, plain5, h8 := Limit{WorkingDays: 5}, Limit{CalendarDays: 5}, Limit{Duration: 8 * time.Hour}
	for _, tc := range []struct {
		name                     string
		d                        Deadline
		start, stopped, returned string
		want                     string
	}{
		{"two used, three left", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-11 10:00", "2025-06-23 10:00", "2025-06-26"},
		{"none used", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-09 11:00", "2025-06-23 10:00", "2025-06-30"},
		{"stopped on the last day", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-16 10:00", "2025-06-23 10:00", "2025-06-23"},
		{"stopped the day before", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-13 10:00", "2025-06-23 10:00", "2025-06-24"},
		{"stopped too late", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-20 10:00", "2025-06-23 10:00", "2025-06-23"},
		{"used up, back on a day off", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-20 10:00", "2025-06-22 10:00", "2025-06-22"},
		{"first day counted", Deadline{days5, first}, "2025-06-09 10:00", "2025-06-11 10:00", "2025-06-23 10:00", "2025-06-25"},
		{"start moved by closing", Deadline{days5, closing}, "2025-06-06 20:00", "2025-06-07 10:00", "2025-06-08 10:00", "2025-06-16"},
		{"stopped before the start", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-02 10:00", "2025-06-04 10:00", "2025-06-16"},
		{"stopped before, back after it", Deadline{days5, china()}, "2025-06-09 10:00", "2025-06-02 10:00", "2025-06-10 10:00", "2025-06-17"},
		{"calendar days", Deadline{plain5, china()}, "2025-06-09 10:00", "2025-06-11 10:00", "2025-06-20 10:00", "2025-06-23"},
		{"calendar days, first counted", Deadline{plain5, first}, "2025-06-09 10:00", "2025-06-11 10:00", "2025-06-20 10:00", "2025-06-22"},
		{"duration", Deadline{h8, china()}, "2025-06-09 10:00", "2025-06-09 13:00", "2025-06-14 01:00", "2025-06-14T06:00:00+08:00"},
		{"duration used up", Deadline{h8, china()}, "2025-06-09 10:00", "2025-06-09 19:00", "2025-06-14 01:00", "2025-06-14T01:00:00+08:00"},
		{"opening hours", Deadline{h8, hours}, "2025-06-09 10:00", "2025-06-09 14:00", "2025-06-14 01:00", "2025-06-16T15:00:00+08:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			due, err := Resume(tc.d, at(tc.start), at(tc.stopped), at(tc.returned))
			require.NoError(t, err)
			assert.Equal(t, tc.want, due.String())
			assert.False(t, due.Provisional)
		})
	}
}

func TestResumeProvisional(t *testing.T) {
	soft := with(func(c *Counting) { c.Provisional = true })
	hours := Counting{Zone: zone, Calendar: helpDesk(t), WorkingHours: true, Provisional: true}
	for _, d := range []Deadline{{Limit{WorkingDays: 5}, soft}, {Limit{Duration: 40 * time.Hour}, hours}} {
		due, err := Resume(d, at("2003-12-30 10:00"), at("2004-01-02 10:00"), at("2004-02-02 10:00"))
		require.NoError(t, err)
		assert.True(t, due.Provisional, "days used in a year without a listing")
		due, err = Resume(d, at("2026-12-28 10:00"), at("2026-12-29 10:00"), at("2027-02-02 10:00"))
		require.NoError(t, err)
		assert.True(t, due.Provisional, "days left in a year without a listing")
		due, err = Resume(d, at("2025-12-22 10:00"), at("2025-12-23 10:00"), at("2025-12-24 10:00"))
		require.NoError(t, err)
		assert.False(t, due.Provisional)
	}
}

func TestResumeErrors(t *testing.T) {
	hours := Counting{Zone: zone, Calendar: helpDesk(t), WorkingHours: true}
	closing := with(func(c *Counting) { c.AfterClosing, c.Closes = AfterClosingNextWorkday, 18*time.Hour })
	days1 := Limit{WorkingDays: 1}
	_, err := Resume(Deadline{Limit{}, china()}, at("2025-06-09"), at("2025-06-10"), at("2025-06-11"))
	assert.Equal(t, &LimitError{}, err)
	_, err = Resume(Deadline{days1, china()}, at("2025-06-09"), at("2025-06-11"), at("2025-06-10"))
	assert.Equal(t, &ReturnError{Stopped: at("2025-06-11"), Returned: at("2025-06-10")}, err)
	assert.ErrorContains(t, err, "2025-06-11T00:00:00+08:00")

	var missing *workday.YearMissingError
	for _, tc := range []struct {
		d                        Deadline
		start, stopped, returned string
		year                     int
	}{
		{Deadline{days1, closing}, "2026-12-31 19:00", "2027-01-01", "2027-01-02", 2027},
		{Deadline{Limit{WorkingDays: 9}, china()}, "2026-12-30", "2027-01-05", "2027-01-05", 2027},
		{Deadline{Limit{WorkingDays: 9}, china()}, "2026-12-30", "2026-12-31", "2027-01-05", 2027},
		{Deadline{Limit{Duration: 9 * time.Hour}, hours}, "2003-12-30", "2004-01-05", "2005-01-05", 2003},
		{Deadline{Limit{Duration: 9 * time.Hour}, hours}, "2026-12-30", "2026-12-30", "2027-01-05", 2027},
	} {
		_, err = Resume(tc.d, at(tc.start), at(tc.stopped), at(tc.returned))
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, tc.year, missing.Year)
	}
	var outside *RangeError
	for _, l := range []Limit{{WorkingDays: 1}, {CalendarDays: 1}, {Duration: 1}} {
		for _, when := range [][3]string{
			{"1699-12-31", "2025-06-10", "2025-06-11"},
			{"2025-06-09", "2200-01-01", "2200-01-01"},
			{"2025-06-09", "2025-06-10", "2200-01-01"},
		} {
			_, err = Resume(Deadline{l, china()}, at(when[0]), at(when[1]), at(when[2]))
			require.ErrorAs(t, err, &outside, "%s %v", l, when)
		}
	}
}

func BenchmarkDue(b *testing.B) {
	d, start := Deadline{Limit{WorkingDays: 5}, china()}, at("2025-06-16 10:00")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Due(start); err != nil {
			b.Fatal(err)
		}
	}
}

// A counter counts by the zone of its counting, whatever clocks it is given.
func TestCounterByOtherClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	again, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	start := time.Date(2025, 6, 1, 23, 0, 0, 0, time.UTC) // the next day in Berlin
	for _, l := range []Limit{{CalendarDays: 1}, {WorkingDays: 2}, {Duration: 20 * time.Hour}} {
		counting := Counting{Zone: berlin, Calendar: workday.China()}
		want, err := Deadline{Limit: l, Counting: counting}.Due(start)
		require.NoError(t, err)
		for name, clocks := range map[string]Clocks{
			"its own": ClocksOf(berlin), "the same": ClocksOf(again), "none": {}, "UTC": ClocksOf(time.UTC), "no zone's": {walltime.Of(nil)},
		} {
			c := counting.Counter(clocks)
			term, err := c.Term(start.UnixNano(), &l)
			require.NoError(t, err, name)
			require.Equal(t, want.String(), c.Due(term).String(), name)
			require.True(t, want.End.Equal(c.Due(term).End), name)
		}
	}
}
