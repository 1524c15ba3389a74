package sla

import (
	"math"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/sla/workday"
)

func run(t testing.TB, c Counting, p Period) Outcome {
	counter := c.Counter(Clocks{})
	o, err := counter.Run(&p)
	require.NoError(t, err)
	return o
}

func starting(s string) Start { return Start{At: at(s)} }

// Where a limit can say the same, a period ends when its deadline does.
func TestPeriodsAreDeadlines(t *testing.T) {
	desk := helpDesk(t)
	rapid.Check(t, func(t *rapid.T) {
		limit, counting := limits().Draw(t, "limit"), countings(desk).Draw(t, "counting")
		if limit.Duration != 0 {
			limit.Duration = max(limit.Duration.Truncate(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "unit")), time.Second)
		}
		start := moments("start", t).AddDate(rapid.IntRange(0, 2).Draw(t, "years"), 0, 0) // past the last year that is listed
		length, ok := limit.Length(counting.WorkingHours)
		require.True(t, ok)
		p := Period{Length: length, Start: Start{At: start}}
		want, wantErr := Deadline{limit, counting}.Due(start)
		counter := counting.Counter(Clocks{})
		got, err := counter.Run(&p)
		if wantErr != nil {
			require.IsType(t, wantErr, err)
			return
		}
		require.NoError(t, err)
		require.True(t, got.Known)
		require.Equal(t, want, got.Due)
	})
}

func TestMonthEnds(t *testing.T) {
	for _, test := range []struct {
		start     string
		n         int64
		unit      Unit
		end       MonthEnd
		backwards bool
		counted   bool
		want      string // "" is refused
	}{
		{"2025-01-31", 1, Month, MonthEndLastDay, false, false, "2025-02-28"},
		{"2025-01-31", 1, Month, MonthEndNextFirst, false, false, "2025-03-01"},
		{"2025-01-31", 1, Month, MonthEndRefuse, false, false, ""},
		{"2025-01-28", 1, Month, MonthEndRefuse, false, false, "2025-02-28"},
		{"2025-01-31", 1, Month, MonthEndLastDay, false, true, "2025-02-28"},
		{"2025-01-31", 1, Month, MonthEndNextFirst, false, true, "2025-02-28"},
		{"2025-01-31", 1, Month, MonthEndRefuse, false, true, ""},
		{"2025-03-31", 1, Month, MonthEndLastDay, false, true, "2025-04-30"},
		{"2025-01-30", 1, Month, MonthEndLastDay, false, true, "2025-02-28"},
		{"2025-01-01", 1, Month, MonthEndLastDay, false, true, "2025-01-31"},
		{"2024-12-31", 1, Month, MonthEndLastDay, false, false, "2025-01-31"},
		{"2024-02-29", 1, Year, MonthEndLastDay, false, false, "2025-02-28"},
		{"2024-02-29", 4, Year, MonthEndRefuse, false, false, "2028-02-29"},
		{"2024-02-29", 1, Year, MonthEndRefuse, false, false, ""},
		{"2024-08-31", 1, HalfYear, MonthEndLastDay, false, false, "2025-02-28"},
		{"2024-11-30", 1, Quarter, MonthEndLastDay, false, false, "2025-02-28"},
		{"2025-03-31", 1, Month, MonthEndLastDay, true, false, "2025-02-28"},
		{"2025-03-31", 1, Month, MonthEndNextFirst, true, false, "2025-03-01"},
		{"2025-03-31", 1, Month, MonthEndRefuse, true, false, ""},
		{"2025-03-31", 1, Month, MonthEndLastDay, true, true, "2025-03-01"},
		{"2025-04-30", 1, Month, MonthEndLastDay, true, true, "2025-03-31"},
		{"2025-01-15", 1, Month, MonthEndLastDay, true, false, "2024-12-15"},
		{"2025-01-15", 0, Month, MonthEndLastDay, false, true, "2025-01-15"},
	} {
		c := Counting{Zone: zone, CountFirstDay: test.counted}
		counter := c.Counter(Clocks{})
		p := Period{Length: Length{test.n, test.unit}, Start: Start{On: on(test.start)}, Backwards: test.backwards}
		p.Rules.MonthEnd = test.end
		o, err := counter.Run(&p)
		if test.want == "" {
			var refused *MonthEndError
			require.ErrorAs(t, err, &refused, "%+v", test)
			assert.Equal(t, on(test.start), refused.Start)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, test.want, o.Due.String(), "%+v", test)
	}
}

// Clear days and a first day that counts: a day, to both sides.
func TestFirstDay(t *testing.T) {
	for _, test := range []struct {
		counted, clear, backwards bool
		n                         int64
		want                      string
	}{
		{false, false, false, 1, "2025-06-17"}, {true, false, false, 1, "2025-06-16"}, {false, true, false, 1, "2025-06-18"},
		{false, false, true, 1, "2025-06-15"}, {true, false, true, 1, "2025-06-16"}, {false, true, true, 1, "2025-06-14"},
		{false, false, false, 0, "2025-06-16"}, {true, false, false, 0, "2025-06-16"}, {false, true, false, 0, "2025-06-17"},
		{false, false, true, 0, "2025-06-16"}, {true, false, true, 0, "2025-06-16"}, {false, true, true, 0, "2025-06-15"},
	} {
		o := run(t, with(func(c *Counting) { c.CountFirstDay = test.counted }), Period{
			Length: Length{test.n, CalendarDay}, Start: starting("2025-06-16 23:59"), Backwards: test.backwards, Rules: Rules{ClearDays: test.clear},
		})
		assert.Equal(t, test.want, o.Due.String(), "%+v", test)
	}
}

// Seventy-two hours of the Union, with two whole working days or without.
func TestHoursWithWorkingDays(t *testing.T) {
	p := Period{Length: Length{72, Hour}, Start: starting("2025-09-30 21:10"), Rules: Rules{SkipHour: true}}
	o := run(t, china(), p)
	assert.Equal(t, "2025-10-03T22:00:00+08:00", o.Due.String())
	assert.Equal(t, at("2025-09-30 22:00"), o.Begins)
	p.Rules.AtLeast = 2
	assert.Equal(t, "2025-10-03T22:00:00+08:00", run(t, china(), p).Due.String(), "not of hours, unless the rules say so")
	p.Rules.AtLeastOfTime = true
	o = run(t, china(), p)
	assert.Equal(t, "2025-10-10", o.Due.String(), "the 9th and the 10th")
	assert.Equal(t, at("2025-10-11").Add(-1), o.Due.End)
	assert.Equal(t, "2025-10-03T22:00:00+08:00", o.Nominal.String())
	p.Length.N = 47
	assert.Equal(t, "2025-10-02T21:00:00+08:00", run(t, china(), p).Due.String(), "less than two days")
	p.Length.N = 48
	assert.Equal(t, "2025-10-10", run(t, china(), p).Due.String())
	p.Length.N = 72
	for start, want := range map[string]string{
		"2025-06-16 10:15": "2025-06-19T11:00:00+08:00", // Tuesday and Wednesday are whole
		"2025-06-18 10:15": "2025-06-21T11:00:00+08:00", // on a Saturday, after a whole Thursday and Friday
		"2025-06-20 17:30": "2025-06-24",                // Friday to Monday, but to the end of Tuesday
		"2025-05-30 10:15": "2025-06-04",                // Monday is a holiday
		"2025-05-29 10:15": "2025-06-03",                // Friday and Tuesday
	} {
		p.Start = starting(start)
		assert.Equal(t, want, run(t, china(), p).Due.String(), start)
	}
	p.Backwards, p.Start = true, starting("2025-06-17 10:15")
	assert.Equal(t, at("2025-06-13"), run(t, china(), p).Due.End, "Monday and Friday before")
	p.Start = starting("2025-06-19 10:15")
	assert.Equal(t, at("2025-06-16 10:00"), run(t, china(), p).Due.End)
}

// The month in which to answer, with the days added on which identity was in
// doubt, and a last day that is a holiday.
func TestMonthThatIsSuspended(t *testing.T) {
	p := Period{Length: Length{1, Month}, Start: starting("2025-03-05 10:00"), Rules: Rules{LastDay: LastDayNextWorkingDay, PauseDays: DaysAfterStop},
		Pauses: []Pause{{at("2025-03-10 10:00"), at("2025-03-20 09:00")}, {at("2025-03-15 10:00"), at("2025-03-25 09:00")}}}
	o := run(t, china(), p)
	assert.Equal(t, int64(15), o.Still.Days)
	assert.Equal(t, "2025-04-20", o.Nominal.String())
	assert.Equal(t, "2025-04-21", o.Due.String())
	assert.Equal(t, at("2025-03-06"), o.Begins)
	p.Pauses, p.AsOf = []Pause{{From: at("2025-03-10 10:00")}}, at("2025-05-01")
	o = run(t, china(), p)
	assert.Equal(t, Paused, o.Status)
	assert.Equal(t, Elapsed{Days: 52}, o.Still)
	assert.Zero(t, o.Nominal)
}

func support(t testing.TB) Counting { return Counting{Zone: zone, Calendar: helpDesk(t)} }

// An open pause does not matter to what is used up before it, or with it.
func TestOpenPause(t *testing.T) {
	p := Period{Length: Length{2, OpeningHour}, Start: starting("2025-06-16 09:00"), AsOf: at("2025-06-16 11:30"),
		Marks: []Mark{{Share: Share{1, 2}}, {Share: Share{1, 1}}, {Before: Length{30, Minute}}}}
	for _, test := range []struct {
		from  string
		known bool
	}{
		{"2025-06-16 10:59:59.999999999", false}, {"2025-06-16 11:00", true}, {"2025-06-16 11:00:00.000000001", true},
		{"2025-06-16 09:00", false}, {"2020-01-01", false},
	} {
		p.Pauses = []Pause{{From: at(test.from)}}
		o := run(t, support(t), p)
		assert.Equal(t, test.known, o.Known, test.from)
		assert.Equal(t, test.known, o.Marks[1].Known)
		assert.Equal(t, test.known, o.Marks[2].Known)
		if test.known {
			assert.Equal(t, at("2025-06-16 11:00"), o.Due.End)
			assert.Equal(t, at("2025-06-16 10:30"), o.Marks[2].At)
			assert.Equal(t, Overdue, o.Status)
			continue
		}
		assert.Zero(t, o.Due)
		assert.Equal(t, at(test.from), o.Waits)
		assert.Equal(t, Paused, o.Status)
		assert.True(t, o.StillKnown)
		since := at(test.from)
		if since.Before(at("2025-06-16 09:00")) {
			since = at("2025-06-16 09:00")
		}
		assert.Equal(t, at("2025-06-16 11:30").Sub(since), o.Still.Time)
		assert.Zero(t, o.Next, "nothing changes until the pause ends")
		assert.Equal(t, []Pause{{From: since}}, o.Stood)
	}
}

// The pauses of a person who waits: how long the clock stood still, how the
// matter stands, and when that changes next, step by step.
func TestSupportTicket(t *testing.T) {
	p := Period{Length: Length{8, OpeningHour}, Start: starting("2025-06-16 16:00"),
		Pauses: []Pause{
			{at("2025-06-17 09:30"), at("2025-06-17 10:30")},
			{at("2025-06-17 10:00"), at("2025-06-17 11:00")}, // the same half hour
			{at("2025-06-17 11:30"), at("2025-06-17 13:30")}, // of which one hour is closed
			{at("2025-06-16 20:00"), at("2025-06-17 08:00")}, // closed
		},
		Marks: []Mark{{Share: Share{1, 2}}, {Share: Share{3, 4}, Warns: true}, {Before: Length{1, WorkingDay}}},
	}
	for _, test := range []struct {
		asOf   string
		status Status
		next   string
	}{
		{"", NotStarted, "2025-06-16 16:00"},
		{"2025-06-16 15:59", NotStarted, "2025-06-16 16:00"},
		{"2025-06-16 16:00", Running, "2025-06-16 20:00"},
		{"2025-06-16 20:00", Paused, "2025-06-17 00:00"}, // one working day before the last
		{"2025-06-17 00:00", Paused, "2025-06-17 08:00"},
		{"2025-06-17 08:00", Running, "2025-06-17 09:30"},
		{"2025-06-17 09:30", Paused, "2025-06-17 11:00"},
		{"2025-06-17 11:00", Running, "2025-06-17 11:30"},
		{"2025-06-17 11:30", Paused, "2025-06-17 13:30"},
		{"2025-06-17 13:30", Running, "2025-06-17 14:30"},
		{"2025-06-17 14:30", Running, "2025-06-17 16:30"},
		{"2025-06-17 16:30", AtRisk, "2025-06-18 09:30:00.000000001"},
		{"2025-06-18 09:30", AtRisk, "2025-06-18 09:30:00.000000001"},
		{"2025-06-18 09:30:00.000000001", Overdue, ""},
	} {
		p.AsOf = at(test.asOf)
		o := run(t, support(t), p)
		assert.Equal(t, test.status, o.Status, test.asOf)
		assert.Equal(t, test.next, formatted(o.Next), test.asOf)
		assert.Equal(t, at("2025-06-18 09:30"), o.Due.End)
		assert.Equal(t, Elapsed{Time: 2*time.Hour + 30*time.Minute}, o.Still)
		assert.Equal(t, []Pause{
			{at("2025-06-16 20:00"), at("2025-06-17 08:00")}, {at("2025-06-17 09:30"), at("2025-06-17 11:00")}, {at("2025-06-17 11:30"), at("2025-06-17 13:30")},
		}, o.Stood)
	}
}

func formatted(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Nanosecond() != 0:
		return t.Format("2006-01-02 15:04:05.999999999")
	}
	return t.Format("2006-01-02 15:04")
}

// Backwards the pauses between both ends move the other end. What was before it
// does not, and the matter stands still only while the end is not known.
func TestPausesBackwards(t *testing.T) {
	p := Period{Length: Length{2, OpeningHour}, Start: starting("2025-06-16 15:00"), Backwards: true, AsOf: at("2025-06-16 09:30"),
		Pauses: []Pause{{at("2025-06-16 09:00"), at("2025-06-16 10:00")}, {at("2025-06-16 11:30"), at("2025-06-16 14:00")}}}
	o := run(t, support(t), p)
	assert.Equal(t, at("2025-06-16 10:30"), o.Due.End)
	assert.Equal(t, Running, o.Status)
	assert.Equal(t, at("2025-06-16 10:30").Add(1), o.Next)
	assert.Equal(t, Elapsed{Time: 90 * time.Minute}, o.Still)
	assert.Equal(t, []Pause{{at("2025-06-16 11:30"), at("2025-06-16 14:00")}}, o.Stood)

	p.Pauses = append(p.Pauses, Pause{From: at("2025-06-16 08:00")})
	o = run(t, support(t), p)
	assert.False(t, o.Known)
	assert.Equal(t, Paused, o.Status)
	assert.Equal(t, []Pause{{at("2025-06-16 08:00"), at("2025-06-16 15:00")}}, o.Stood)
}

// Nothing panics, and nothing takes long, whatever is given.
func TestExtremePeriods(t *testing.T) {
	numbers := []int64{0, 1, 2, 5000, 1 << 20, 1<<20 + 1, 1 << 31, math.MaxInt64 / 3_600_000_000_000, math.MaxInt64, -1, math.MinInt64}
	days := []date.Date{FirstDate - 1, FirstDate, workday.FirstDate - 1, workday.FirstDate, on("2026-06-01"), workday.LastDate, workday.LastDate + 1,
		LastDate, LastDate + 1, math.MaxInt32, math.MinInt32, 1}
	times := []time.Time{at("1700-01-01"), at("2000-01-01"), at("2026-06-01 10:00"), at("2100-12-31 23:59:59.999999999"), at("2199-12-31"),
		time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0), time.Unix(0, math.MaxInt64), time.Unix(0, math.MinInt64), at("9999-12-31"), {}}
	desk := helpDesk(t)
	night, err := workday.New(workday.Config{AnyYear: true, Hours: []workday.Span{{From: 22 * time.Hour, To: 30 * time.Hour}}})
	require.NoError(t, err)
	lordHowe, err := time.LoadLocation("Australia/Lord_Howe")
	require.NoError(t, err)
	countings := []Counting{
		{}, {Zone: zone}, {Zone: lordHowe, Calendar: night}, {Zone: lordHowe, Calendar: desk.Provisional(), Provisional: true},
		{Zone: zone, Calendar: desk, CountFirstDay: true, DayEnds: 18 * time.Hour}, {Zone: zone, Calendar: &workday.Calendar{}},
	}
	rapid.Check(t, func(t *rapid.T) {
		counting := rapid.SampledFrom(countings).Draw(t, "counting")
		pick := func(what string) time.Time { return rapid.SampledFrom(times).Draw(t, what) }
		p := Period{
			Length:    Length{rapid.SampledFrom(numbers).Draw(t, "n"), Unit(rapid.IntRange(0, 15).Draw(t, "unit"))},
			Backwards: rapid.Bool().Draw(t, "back"),
			Rules: Rules{
				ClearDays: rapid.Bool().Draw(t, "clear"), SkipHour: rapid.Bool().Draw(t, "skip"), MonthEnd: MonthEnd(rapid.IntRange(0, 3).Draw(t, "end")),
				ShortDays: rapid.SampledFrom(numbers).Draw(t, "short"), LastDay: LastDay(rapid.IntRange(0, 3).Draw(t, "last")),
				AtLeast: rapid.SampledFrom(numbers).Draw(t, "least"), AtLeastOfTime: rapid.Bool().Draw(t, "of time"),
				PauseDays: PauseDays(rapid.IntRange(0, 4).Draw(t, "pause days")),
			},
			Done: pick("done"), AsOf: pick("as of"),
		}
		if rapid.Bool().Draw(t, "moment") {
			p.Start.At = pick("start")
		} else {
			p.Start.On = rapid.SampledFrom(days).Draw(t, "day")
		}
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			p.Pauses = append(p.Pauses, Pause{pick("from"), pick("to")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "marks") {
			p.Marks = append(p.Marks, Mark{
				Share:  Share{rapid.SampledFrom(numbers).Draw(t, "num"), rapid.SampledFrom(numbers).Draw(t, "den")},
				Before: rapid.SampledFrom([]Length{{}, {}, {1, WorkingDay}, {math.MaxInt64, Year}, {math.MaxInt64, OpeningHour}, {1, Unit(99)}}).Draw(t, "before"),
			})
		}
		counter := counting.Counter(Clocks{})
		o, err := counter.Run(&p)
		if err != nil {
			require.NotEmpty(t, err.Error())
			require.Zero(t, o)
			return
		}
		if o.Known {
			require.NoError(t, inRange(o.Due.Date))
		}
	})
}

func TestPeriodErrors(t *testing.T) {
	day, moment := Start{On: on("2025-06-16")}, starting("2025-06-16 10:00")
	good := Length{1, CalendarDay}
	for _, test := range []struct {
		name string
		p    Period
		set  func(*Counting)
		want error
	}{
		{"no unit", Period{Length: Length{N: 1}, Start: day}, nil, &LengthError{Length{N: 1}}},
		{"negative", Period{Length: Length{-1, Week}, Start: day}, nil, &LengthError{Length{-1, Week}}},
		{"no start", Period{Length: good}, nil, NoStart},
		{"two starts", Period{Length: good, Start: Start{day.On, moment.At}}, nil, TwoStarts},
		{"hours of a day", Period{Length: Length{1, Hour}, Start: day}, nil, StartOnADay},
		{"clear and counted", Period{Length: good, Start: day, Rules: Rules{ClearDays: true}}, func(c *Counting) { c.CountFirstDay = true }, ClearAndFirst},
		{"pauses of days unsaid", Period{Length: good, Start: day, Pauses: []Pause{{at("2025-06-16"), at("2025-06-17")}}}, nil, NoPauseDays},
		{"a pause without a beginning", Period{Length: Length{1, Hour}, Start: moment, Pauses: []Pause{{To: at("2025-06-17")}}}, nil, &PauseError{0, Pause{To: at("2025-06-17")}}},
		{"a pause that ends before", Period{Length: Length{1, Hour}, Start: moment, Pauses: []Pause{{at("2025-06-17"), at("2025-06-16")}}}, nil, &PauseError{0, Pause{at("2025-06-17"), at("2025-06-16")}}},
		{"an unknown rule", Period{Length: good, Start: day, Rules: Rules{LastDay: 9}}, nil, UnknownRule},
		{"a mark of nothing", Period{Length: good, Start: day, Marks: []Mark{{}}}, nil, UnknownMark},
		{"a share below 0", Period{Length: good, Start: day, Marks: []Mark{{Share: Share{-1, 2}}}}, nil, UnknownMark},
		{"no zone", Period{Length: good, Start: day}, func(c *Counting) { c.Zone = nil }, ErrNoZone},
		{"no calendar", Period{Length: Length{1, WorkingDay}, Start: day}, func(c *Counting) { c.Calendar = nil }, ErrNoCalendar},
		{"no opening hours", Period{Length: Length{1, OpeningHour}, Start: moment}, nil, workday.ErrNoHours},
		{"an unlisted year", Period{Length: Length{1, WorkingDay}, Start: Start{On: on("2026-12-31")}}, nil, &workday.YearMissingError{Year: 2027}},
		{"out of range", Period{Length: Length{1, CalendarDay}, Start: Start{On: LastDate}}, nil, &RangeError{LastDate + 1}},
		{"too long", Period{Length: Length{math.MaxInt64, Hour}, Start: moment}, nil, &RangeError{LastDate + 1}},
		{"too many years", Period{Length: Length{math.MaxInt64, Year}, Start: moment}, nil, &RangeError{LastDate + 1}},
		{"too many years back", Period{Length: Length{math.MaxInt64, Year}, Start: moment, Backwards: true}, nil, &RangeError{FirstDate - 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := china()
			if test.set != nil {
				test.set(&c)
			}
			counter := c.Counter(Clocks{})
			o, err := counter.Run(&test.p)
			require.Error(t, err)
			assert.ErrorContains(t, err, test.want.Error())
			assert.Zero(t, o)
		})
	}
}

// The end is found although a pause lies where the calendar ends.
func TestPauseBeyondTheCalendar(t *testing.T) {
	for _, pause := range []Pause{{From: at("2027-05-01")}, {at("2027-05-01"), at("2027-06-01")}, {at("2150-05-01"), at("9999-06-01")}} {
		p := Period{Length: Length{3, WorkingDay}, Start: starting("2026-12-21 10:00"), Pauses: []Pause{pause}, Rules: Rules{PauseDays: WholeDays}}
		assert.Equal(t, "2026-12-24", run(t, china(), p).Due.String())
		p.Length, p.Rules = Length{8, OpeningHour}, Rules{}
		assert.Equal(t, "2026-12-22T10:00:00+08:00", run(t, support(t), p).Due.String())
		p.Backwards = true
		assert.Equal(t, "2026-12-18T10:00:00+08:00", run(t, support(t), p).Due.String())
	}
}

// Night shifts belong to the day on which they begin.
func TestPausedNights(t *testing.T) {
	calendar, err := workday.New(workday.Config{Base: workday.China(), Hours: []workday.Span{{From: 22 * time.Hour, To: 30 * time.Hour}}})
	require.NoError(t, err)
	c := Counting{Zone: zone, Calendar: calendar}
	for _, test := range []struct {
		by     PauseDays
		pauses []Pause
		want   string // three working days from Monday, 16 June 2025
	}{
		{WholeDays, nil, "2025-06-19"},
		// Tuesday's and Wednesday's nights are filled, Thursday's is not.
		{WholeDays, []Pause{{at("2025-06-17"), at("2025-06-20 03:00")}}, "2025-06-23"},
		{TouchedDays, []Pause{{at("2025-06-17"), at("2025-06-20 03:00")}}, "2025-06-25"},
		{DaysAfterStop, []Pause{{at("2025-06-17"), at("2025-06-20 03:00")}}, "2025-06-24"},
		{WholeDays, []Pause{{at("2025-06-17 22:00"), at("2025-06-18 06:00")}}, "2025-06-20"},
		{WholeDays, []Pause{{at("2025-06-17 22:00"), at("2025-06-18 05:59")}}, "2025-06-19"},
		{WholeDays, []Pause{{at("2025-06-17 22:01"), at("2025-06-18 06:00")}}, "2025-06-19"},
		{WholeDays, []Pause{{at("2025-06-18 02:00"), at("2025-06-18 06:00")}, {at("2025-06-17 22:00"), at("2025-06-18 02:00")}}, "2025-06-20"},
		{WholeDays, []Pause{{at("2025-06-18 02:01"), at("2025-06-18 06:00")}, {at("2025-06-17 22:00"), at("2025-06-18 02:00")}}, "2025-06-19"},
		{TouchedDays, []Pause{{at("2025-06-18"), at("2025-06-19")}}, "2025-06-20"},
		{TouchedDays, []Pause{{at("2025-06-18"), at("2025-06-18")}}, "2025-06-19"},
		{TouchedDays, []Pause{{at("2025-06-18"), at("2025-06-19 00:00:00.000000001")}}, "2025-06-23"},
	} {
		o := run(t, c, Period{Length: Length{3, WorkingDay}, Start: starting("2025-06-16 10:00"), Pauses: test.pauses, Rules: Rules{PauseDays: test.by}})
		assert.Equal(t, test.want, o.Due.String(), "%+v", test)
	}
}

// A working day whose opening hours clocks skip is a working day all the same,
// and a pause that does not fill it does not take it.
func TestHoursThatClocksSkip(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	calendar, err := workday.New(workday.Config{AnyYear: true, Weekend: []time.Weekday{},
		Hours: []workday.Span{{From: 2 * time.Hour, To: 150 * time.Minute}}})
	require.NoError(t, err)
	noon := time.Date(2026, 3, 28, 12, 0, 0, 0, berlin)
	for _, test := range []struct {
		from, to int // hours from noon of the 28th
		want     string
	}{{0, 0, "2026-03-29"}, {24, 30, "2026-03-29"}, {35, 80, "2026-03-29"}, {0, 30, "2026-03-29"}, {12, 35, "2026-03-30"}, {0, 35, "2026-03-30"}} {
		pause := Pause{noon.Add(time.Duration(test.from) * time.Hour), noon.Add(time.Duration(test.to) * time.Hour)}
		o := run(t, Counting{Zone: berlin, Calendar: calendar}, Period{Length: Length{1, WorkingDay}, Start: Start{At: noon}, Pauses: []Pause{pause}, Rules: Rules{PauseDays: WholeDays}})
		assert.Equal(t, test.want, o.Due.String(), "%+v", test)
	}
}

// A share is used up where the whole of it is: parts of a nanosecond and of a
// day round up.
func TestSharesRoundUp(t *testing.T) {
	third := []Mark{{Share: Share{1, 3}}, {Share: Share{0, 3}}, {Share: Share{3, 3}}, {Share: Share{4, 3}}, {Share: Share{math.MaxInt64 - 1, math.MaxInt64}}}
	o := run(t, china(), Period{Length: Length{1, Second}, Start: starting("2025-06-16 10:00"), Marks: third})
	for i, after := range []time.Duration{333_333_334, 0, time.Second, 1_333_333_334, time.Second} {
		assert.Equal(t, at("2025-06-16 10:00").Add(after), o.Marks[i].At, "%d", i)
	}
	o = run(t, china(), Period{Length: Length{4, WorkingDay}, Start: starting("2025-06-16 10:00"), Marks: third})
	for i, want := range []string{"2025-06-18", "2025-06-16", "2025-06-20", "2025-06-24", "2025-06-20"} {
		assert.Equal(t, want, o.Marks[i].Date.String(), "%d", i)
		assert.Equal(t, on(want)+1, date.NewAt(o.Marks[i].At), "with the end of the day")
	}
	c := with(func(c *Counting) { c.DayEnds = 18 * time.Hour })
	o = run(t, c, Period{Length: Length{4, WorkingDay}, Start: starting("2025-06-16 10:00"), Marks: third})
	assert.Equal(t, at("2025-06-18 18:00"), o.Marks[0].At)
}

func TestLimitLength(t *testing.T) {
	for limit, want := range map[Limit]Length{
		{WorkingDays: 5}: {5, WorkingDay}, {CalendarDays: 3}: {3, CalendarDay}, {Duration: 2 * time.Hour}: {2, Hour},
		{Duration: 90 * time.Minute}: {90, Minute}, {Duration: 90 * time.Second}: {90, Second},
	} {
		got, ok := limit.Length(false)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	got, ok := Limit{Duration: 8 * time.Hour}.Length(true)
	assert.True(t, ok)
	assert.Equal(t, Length{8, OpeningHour}, got)
	for _, limit := range []Limit{{}, {Duration: time.Millisecond}, {WorkingDays: 1, CalendarDays: 1}} {
		_, ok := limit.Length(false)
		assert.False(t, ok)
	}
}

func TestUnits(t *testing.T) {
	words := map[string]bool{"": true}
	for u := Second; u <= Year; u++ {
		assert.False(t, words[u.String()], "each unit has a word of its own")
		words[u.String()] = true
	}
	assert.Equal(t, "", Unit(99).String())
	assert.Equal(t, "1 opening hour", Length{1, OpeningHour}.String())
	assert.Equal(t, "3 half years", Length{3, HalfYear}.String())
}

func BenchmarkPeriod(b *testing.B) {
	c := support(b)
	counter := c.Counter(ClocksOf(zone))
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(b, err)
	changing := Counting{Zone: berlin, Calendar: c.Calendar}
	inBerlin := changing.Counter(ClocksOf(berlin))
	pauses := func(n int, each time.Duration) (all []Pause) {
		for i := range n {
			from := at("2025-01-06 09:00").Add(time.Duration(i*7919%n) * each * 2)
			all = append(all, Pause{from, from.Add(each)})
		}
		return all
	}
	for _, bench := range []struct {
		name    string
		counter *Counter
		p       Period
	}{
		{"hours", &counter, Period{Length: Length{24, Hour}}},
		{"opening hours", &counter, Period{Length: Length{8, OpeningHour}}},
		{"opening hours, clocks change", &inBerlin, Period{Length: Length{1000, OpeningHour}}},
		{"working days", &counter, Period{Length: Length{5, WorkingDay}}},
		{"month rolled", &counter, Period{Length: Length{1, Month}, Rules: Rules{LastDay: LastDayNextWorkingDay}}},
		{"opening hours, 3 pauses, 2 marks", &counter, Period{Length: Length{8, OpeningHour}, Pauses: pauses(3, 10*time.Minute),
			Marks: []Mark{{Share: Share{1, 2}}, {Share: Share{3, 4}, Warns: true}}}},
		{"opening hours, 1000 pauses", &counter, Period{Length: Length{400, OpeningHour}, Pauses: pauses(1000, time.Hour)}},
		{"opening hours, 1000 pauses, clocks change", &inBerlin, Period{Length: Length{400, OpeningHour}, Pauses: pauses(1000, time.Hour)}},
		{"working days, 1000 pauses", &counter, Period{Length: Length{100, WorkingDay}, Pauses: pauses(1000, time.Hour), Rules: Rules{PauseDays: WholeDays}}},
	} {
		bench.p.Start, bench.p.AsOf = starting("2025-01-06 10:00"), at("2025-01-07 10:00")
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.counter.Run(&bench.p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The clock hour in which the start falls, where clocks are changed by half an
// hour: at 02:00 back to 01:30 in April, at 02:00 on to 02:30 in October.
func TestHourNotCounted(t *testing.T) {
	lordHowe, err := time.LoadLocation("Australia/Lord_Howe")
	require.NoError(t, err)
	for _, test := range []struct{ start, next, own string }{
		{"2026-04-05T00:59:00+11:00", "2026-04-05T01:00:00+11:00", "2026-04-05T00:00:00+11:00"},
		{"2026-04-05T01:00:00+11:00", "2026-04-05T02:00:00+10:30", "2026-04-05T01:00:00+11:00"},
		{"2026-04-05T01:45:00+11:00", "2026-04-05T02:00:00+10:30", "2026-04-05T01:00:00+11:00"},
		{"2026-04-05T01:45:00+10:30", "2026-04-05T02:00:00+10:30", "2026-04-05T01:00:00+11:00"},
		{"2026-04-05T02:00:00+10:30", "2026-04-05T03:00:00+10:30", "2026-04-05T02:00:00+10:30"},
		{"2026-10-04T01:50:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T01:00:00+10:30"},
		{"2026-10-04T02:30:00+11:00", "2026-10-04T03:00:00+11:00", "2026-10-04T02:30:00+11:00"},
		{"2026-10-04T02:45:00+11:00", "2026-10-04T03:00:00+11:00", "2026-10-04T02:30:00+11:00"},
		{"1969-12-31T23:30:00+10:00", "1970-01-01T00:00:00+10:00", "1969-12-31T23:00:00+10:00"},
	} {
		start, err := time.Parse(time.RFC3339, test.start)
		require.NoError(t, err)
		for _, backwards := range []bool{false, true} {
			o := run(t, Counting{Zone: lordHowe}, Period{Length: Length{0, Hour}, Start: Start{At: start}, Backwards: backwards, Rules: Rules{SkipHour: true}})
			want := test.next
			if backwards {
				want = test.own
			}
			assert.Equal(t, want, o.Due.String(), "%s %v", test.start, backwards)
		}
	}
}

// An end that moves to a day on which clocks skip its time, or show it twice.
func TestTimeOfTheLastDay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	calendar, err := workday.New(workday.Config{AnyYear: true, Weekend: []time.Weekday{time.Saturday}})
	require.NoError(t, err)
	for start, want := range map[string]string{
		"2026-03-28T01:30:00+01:00": "2026-03-29T03:00:00+02:00", // 02:30 is skipped
		"2026-03-28T00:59:59+01:00": "2026-03-29T01:59:59+01:00",
		"2026-03-28T02:00:00+01:00": "2026-03-29T03:00:00+02:00",
		"2026-10-24T01:30:00+02:00": "2026-10-25T02:30:00+02:00", // 02:30 comes twice
	} {
		at, err := time.Parse(time.RFC3339, start)
		require.NoError(t, err)
		o := run(t, Counting{Zone: berlin, Calendar: calendar}, Period{Length: Length{1, Hour}, Start: Start{At: at}, Rules: Rules{LastDay: LastDayNextWorkingDay}})
		assert.Equal(t, want, o.Due.String(), start)
	}
}

// A pause that begins with the end is none of the matter.
func TestPauseAtTheEnd(t *testing.T) {
	p := Period{Length: Length{2, OpeningHour}, Start: starting("2025-06-16 09:00"), AsOf: at("2025-06-16 11:00"), Pauses: []Pause{{From: at("2025-06-16 11:00")}}}
	o := run(t, support(t), p)
	assert.Equal(t, Running, o.Status)
	assert.Equal(t, p.AsOf.Add(1), o.Next)
	assert.Empty(t, o.Stood)
}
