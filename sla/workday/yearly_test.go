package workday

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func on(text string) YearDay {
	d, err := ParseYearDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// offDays are the days off from Monday to Friday of a year, as "MM-DD".
func offDays(t testing.TB, c *Calendar, year int) (off []string) {
	for d := date.New(year, time.January, 1); d.Year() == year; d++ {
		worked, err := c.IsWorkday(d)
		require.NoError(t, err, d)
		if w := d.Weekday(); !worked && w != time.Saturday && w != time.Sunday {
			off = append(off, d.Format("01-02"))
		}
	}
	return off
}

func TestSubstitutes(t *testing.T) {
	england := build(t, Config{Yearly: Yearly{From: 2000, Days: []YearlyDay{
		{On: on("01-01"), Substitute: NextDay},
		{On: on("12-25"), Substitute: NextDay, Name: Name{"en": "Christmas Day"}},
		{On: on("12-26"), Substitute: NextDay, Name: Name{"en": "Boxing Day"}},
	}}})
	for year, want := range map[int][]string{ // gov.uk
		2026: {"01-01", "12-25", "12-28"}, // Boxing Day on a Saturday
		2027: {"01-01", "12-27", "12-28"}, // Christmas on a Saturday
		2022: {"01-03", "12-26", "12-27"}, // Christmas on a Sunday, New Year's Day on a Saturday
		2023: {"01-02", "12-25", "12-26"}, // New Year's Day on a Sunday
		2024: {"01-01", "12-25", "12-26"}, 2100: {"01-01", "12-27", "12-28"},
	} {
		assert.Equal(t, want, offDays(t, england, year), year)
	}
	assert.Equal(t, []DayName{{Name: Name{"en": "Christmas Day"}, For: day("2022-12-25")}}, england.Names(day("2022-12-27")))
	assert.Equal(t, []DayName{{Name: Name{"en": "Boxing Day"}}}, england.Names(day("2022-12-26")))
	assert.Equal(t, []DayName{{Name: Name{"en": "Christmas Day"}}}, england.Names(day("2022-12-25")))
	assert.Empty(t, england.Names(day("2022-12-28")))
	kind, err := england.Kind(day("2022-12-25"))
	require.NoError(t, err)
	assert.Equal(t, Holiday, kind, "the holiday itself stays a day off")

	// The substitute of a holiday may lie in the year before, even where that
	// holiday is of a year beyond the calendar.
	america := build(t, Config{Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("01-01"), Substitute: NearestDay}, {On: on("07-04"), Substitute: NearestDay}}}})
	for year, want := range map[int][]string{
		2021: {"01-01", "07-05", "12-31"}, 2022: {"07-04"}, 2023: {"01-02", "07-04"}, 2026: {"01-01", "07-03"}, 2100: {"01-01", "07-05", "12-31"},
	} {
		assert.Equal(t, want, offDays(t, america, year), year)
	}
	kept := build(t, Config{Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("01-01"), Substitute: NearestDay, From: 2022}, {On: on("12-24"), Until: 2021}}}})
	assert.Equal(t, []string{"12-24", "12-31"}, offDays(t, kept, 2021), "of a day kept from 2022 on")
	kept = build(t, Config{Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("01-01"), Substitute: NearestDay, From: 2023}}}})
	assert.Empty(t, offDays(t, kept, 2021))

	sunday := build(t, Config{Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("05-01"), Substitute: SundayNext}, {On: on("05-02")}}}})
	assert.Equal(t, []string{"05-02", "05-03"}, offDays(t, sunday, 2022)) // a Sunday; the Monday is a holiday itself
	assert.Empty(t, offDays(t, sunday, 2021))                             // a Saturday and a Sunday
	one := build(t, Config{Weekend: []time.Weekday{time.Sunday}, Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("05-01"), Substitute: NearestDay}}}})
	assert.Equal(t, []string{"05-02"}, offDays(t, one, 2022), "of a single day the next")
	gulf := build(t, Config{Weekend: []time.Weekday{time.Friday, time.Saturday}, Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("05-06"), Substitute: NearestDay}, {On: on("05-14"), Substitute: NearestDay}}}})
	for d, worked := range map[string]bool{"2022-05-05": false, "2022-05-08": true, "2022-05-15": false, "2022-05-12": true} {
		got, err := gulf.IsWorkday(day(d))
		require.NoError(t, err)
		assert.Equal(t, worked, got, d)
	}
}

func TestExceptionsMovesAndDays(t *testing.T) {
	c := build(t, Config{Yearly: Yearly{From: 2019, Until: 2023, Days: []YearlyDay{
		{On: on("first monday of may"), Moved: map[int]date.Date{2020: day("2020-05-08")}, Name: Name{"en": "Early May bank holiday", "zh": "五月初银行假日"}},
		{On: on("last monday of may"), Except: []int{2021}, Moved: map[int]date.Date{2022: day("2022-06-02")}},
		{On: on("06-03"), From: 2022, Until: 2022},
		{On: on("02-29")},
	}}})
	assert.Equal(t, []string{"05-06", "05-27"}, offDays(t, c, 2019))
	assert.Equal(t, []string{"05-08", "05-25"}, offDays(t, c, 2020)) // 29 February 2020 is a Saturday
	assert.Equal(t, []string{"05-03"}, offDays(t, c, 2021))
	assert.Equal(t, []string{"05-02", "06-02", "06-03"}, offDays(t, c, 2022))
	assert.Equal(t, "五月初银行假日", c.Names(day("2020-05-08"))[0].Name["zh"])
	assert.Empty(t, c.Names(day("2020-05-04")))
	first, last := c.Range()
	assert.Equal(t, []int{2019, 2023}, []int{first, last})
	_, err := c.IsWorkday(day("2024-05-06"))
	assert.Error(t, err, "what lies beyond is not known")
	_, err = c.IsWorkday(day("2018-05-07"))
	assert.Error(t, err)

	changed := build(t, Config{Base: c, Changes: map[int]Year{2022: {Work: dates("2022-06-03"), Rest: dates("2022-06-06"), Names: map[date.Date]Name{day("2022-06-06"): {"en": "Day of the firm"}}}}})
	assert.Equal(t, []string{"05-02", "06-02", "06-06"}, offDays(t, changed, 2022))
	assert.Equal(t, []string{"05-02", "06-02", "06-03"}, offDays(t, c, 2022), "the base stays as it is")
	assert.Equal(t, "Day of the firm", changed.Names(day("2022-06-06"))[0].Name["en"])

	replaced := build(t, Config{
		Years:  map[int]Year{2021: {Rest: dates("2021-12-24"), Replaces: true}},
		Yearly: Yearly{From: 2020, Days: []YearlyDay{{On: on("12-27")}, {On: on("01-01"), Substitute: NearestDay}}},
	})
	assert.Equal(t, []string{"12-24"}, offDays(t, replaced, 2021), "a year listed in its place has all its days there")
	assert.Equal(t, []string{"01-01"}, offDays(t, replaced, 2020)) // 27 December is a Sunday
	assert.Equal(t, []string{"12-27"}, offDays(t, replaced, 2022))
}

// TestDaysMore are yearly days on top of what is listed.
func TestDaysMore(t *testing.T) {
	own := build(t, Config{Base: China(), Yearly: Yearly{Days: []YearlyDay{{On: on("06-30"), Substitute: NextDay}, {On: on("10-11"), Name: Name{"en": "x"}}, {On: on("10-01"), Name: Name{"en": "National Day"}}}}})
	first, last := own.Range()
	assert.Equal(t, []int{2004, 2026}, []int{first, last}, "they make no year known")
	for d := day("2004-01-01"); d <= day("2026-12-31"); d++ {
		want, err := China().IsWorkday(d)
		require.NoError(t, err)
		got, err := own.IsWorkday(d)
		require.NoError(t, err)
		switch text := d.Format("01-02"); {
		case text == "06-30" || text == "10-11" || text == "07-02" && d.Weekday() == time.Monday || text == "07-01" && d.Weekday() == time.Monday:
			assert.False(t, got, d) // also where 11 October is worked instead of another day
		default:
			require.Equal(t, want, got, d)
		}
	}
	assert.Equal(t, "National Day", own.Names(day("2025-10-01"))[0].Name["en"], "a listed day gets the name")
	assert.Equal(t, "3695b544dde9fe798a58587414b9f9ac6ef7bfc654b04a44ab6ce3def7aa762d", China().Hash())

	any := build(t, Config{AnyYear: true, Yearly: Yearly{Days: []YearlyDay{{On: on("easter+1")}}}})
	assert.Equal(t, []string{"04-21"}, offDays(t, any, 2025))
	assert.Equal(t, []string{"03-29"}, offDays(t, any, 2100))
	later := build(t, Config{Base: any, Yearly: Yearly{Days: []YearlyDay{{On: on("easter+39")}}}})
	assert.Equal(t, []string{"04-21", "05-29"}, offDays(t, later, 2025))
	assert.Equal(t, []string{"04-21"}, offDays(t, any, 2025))

	// A weekend of one's own moves no holiday of the base.
	saturdays := build(t, Config{Base: build(t, Config{Yearly: Yearly{From: 2000, Days: []YearlyDay{{On: on("12-26"), Substitute: NextDay}}}}), Weekend: []time.Weekday{time.Sunday}})
	for d, worked := range map[string]bool{"2026-12-19": true, "2026-12-26": false, "2026-12-28": false} {
		got, err := saturdays.IsWorkday(day(d))
		require.NoError(t, err)
		assert.Equal(t, worked, got, d)
	}
}

func TestShortDays(t *testing.T) {
	morning := []Span{span(9, 12)}
	nine := []Span{span(9, 17)}
	c := build(t, Config{Hours: nine,
		DayHours: map[date.Date][]Span{day("2026-12-24"): {span(10, 11)}},
		Yearly: Yearly{From: 2020, Days: []YearlyDay{
			{On: on("12-24"), Hours: morning, Name: Name{"en": "Christmas Eve"}}, {On: on("12-31"), Hours: []Span{}}, {On: on("12-25")},
		}}})
	zone := time.UTC
	open := func(c *Calendar, d string) time.Duration {
		n, err := c.HoursBetween(day(d).MidnightUTC(), (day(d) + 1).MidnightUTC(), zone)
		require.NoError(t, err)
		return n
	}
	assert.Equal(t, 3*time.Hour, open(c, "2025-12-24"))
	assert.Equal(t, 1*time.Hour, open(c, "2026-12-24"), "what is said of a single day is stronger")
	assert.Equal(t, 8*time.Hour, open(c, "2025-12-23"))
	assert.Equal(t, time.Duration(0), open(c, "2023-12-24"), "a Sunday")
	assert.Equal(t, time.Duration(0), open(c, "2025-12-31"))
	worked, err := c.IsWorkday(day("2025-12-24"))
	require.NoError(t, err)
	assert.True(t, worked)
	assert.Equal(t, "Christmas Eve", c.Names(day("2025-12-24"))[0].Name["en"])
	later := build(t, Config{Base: c, Yearly: Yearly{Days: []YearlyDay{{On: on("12-24"), Hours: []Span{span(9, 10)}}}}})
	assert.Equal(t, 1*time.Hour, open(later, "2025-12-24"))
	assert.Equal(t, 1*time.Hour, open(later, "2026-12-24"), "what is built on the calendar is stronger than its single days")
	assert.Equal(t, 3*time.Hour, open(c, "2025-12-24"))

	// A night shift belongs to the day on which it begins, also on a short day.
	night := build(t, Config{Hours: []Span{span(22, 30)}, Yearly: Yearly{From: 2020, Days: []YearlyDay{{On: on("12-24"), Hours: []Span{span(22, 26)}}, {On: on("12-25")}}}})
	assert.Equal(t, 8*time.Hour, open(night, "2025-12-24")) // 0 to 6 of the night before, 22 to 24
	assert.Equal(t, 2*time.Hour, open(night, "2025-12-25"))
	assert.Equal(t, 2*time.Hour, open(night, "2025-12-26"))
}

func TestYearlyErrors(t *testing.T) {
	base := build(t, Config{Years: map[int]Year{2025: {Rest: dates("2025-01-01")}, 2026: {NoHolidays: true}}})
	may := on("05-01")
	rules := func(days ...YearlyDay) Config { return Config{Yearly: Yearly{From: 2000, Days: days}} }
	for name, tc := range map[string]struct {
		config Config
		want   []ConfigError
		text   string
	}{
		"from":            {Config{Yearly: Yearly{From: 1999}}, []ConfigError{{Problem: YearOutOfRange, Year: 1999}}, "1999"},
		"until":           {Config{Yearly: Yearly{From: 2000, Until: 2101}}, []ConfigError{{Problem: YearOutOfRange, Year: 2101}}, "2101"},
		"reversed":        {Config{Yearly: Yearly{From: 2020, Until: 2019}}, []ConfigError{{Problem: YearsReversed, Year: 2020}}, "years reversed"},
		"until alone":     {Config{Yearly: Yearly{Until: 2019}}, []ConfigError{{Problem: YearsReversed}}, "years reversed"},
		"base":            {Config{Base: base, Yearly: Yearly{From: 2020}}, []ConfigError{{Problem: YearlyListed, Year: 2025}}, "yearly listed (listing of 2025)"},
		"own":             {Config{Years: map[int]Year{2025: {Rest: dates("2025-01-02")}}, Yearly: Yearly{From: 2020}}, []ConfigError{{Problem: YearListed, Year: 2025}}, "year listed"},
		"empty":           {rules(YearlyDay{}), []ConfigError{{Problem: RuleEmpty, Rule: 1}}, "rule empty: yearly day 1"},
		"day reversed":    {rules(YearlyDay{On: may}, YearlyDay{On: may, From: 2020, Until: 2019}), []ConfigError{{Problem: YearsReversed, Rule: 2, Year: 2020}}, "yearly day 2, 2020"},
		"substitute":      {rules(YearlyDay{On: may, Substitute: "monday"}), []ConfigError{{Problem: RuleSubstitute, Rule: 1}}, ""},
		"short":           {rules(YearlyDay{On: may, Substitute: NextDay, Hours: []Span{span(9, 12)}}), []ConfigError{{Problem: RuleSubstitute, Rule: 1}}, ""},
		"hours":           {rules(YearlyDay{On: may, Hours: []Span{span(9, 9)}}), []ConfigError{{Problem: SpanEmpty, Span: span(9, 9)}}, ""},
		"except":          {rules(YearlyDay{On: may, From: 2010, Except: []int{2009, 2010, 2010, 202}}), []ConfigError{{Problem: RuleYear, Rule: 1, Year: 2009}, {Problem: RuleYear, Rule: 1, Year: 2010}, {Problem: RuleYear, Rule: 1, Year: 202}}, "2009"},
		"moved":           {rules(YearlyDay{On: may, Except: []int{2010}, Moved: map[int]date.Date{2010: day("2010-05-02"), 2011: day("2013-01-01"), 2000: day("1999-12-31"), 2012: day("2011-12-31")}}), []ConfigError{{Problem: DateOutOfRange, Rule: 1, Year: 2000, Date: day("1999-12-31")}, {Problem: RuleYear, Rule: 1, Year: 2010}, {Problem: ForeignDate, Rule: 1, Year: 2011, Date: day("2013-01-01")}}, ""},
		"too many":        {rules(slices.Repeat([]YearlyDay{{On: may}}, 101)...), []ConfigError{{Problem: RulesTooMany}}, "rules too many"},
		"changes nothing": {Config{Yearly: Yearly{Days: []YearlyDay{{On: may}}}, Changes: map[int]Year{2025: {Rest: dates("2025-01-02")}}}, []ConfigError{{Problem: YearNotListed, Year: 2025}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(tc.config)
			require.Error(t, err)
			assert.Nil(t, c)
			var found []ConfigError
			for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
				found = append(found, *e.(*ConfigError))
			}
			assert.Equal(t, tc.want, found)
			assert.Contains(t, err.Error(), tc.text)
		})
	}

	// A holiday that finds no day within a month is told once, not looked for
	// through the century.
	var all []YearlyDay
	for d := day("2000-03-01"); len(all) < 100; d++ {
		all = append(all, YearlyDay{On: on(d.Format("01-02"))})
	}
	all[50].Substitute = NextDay
	_, err := New(rules(all...))
	var e *ConfigError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, SubstituteNone, e.Problem)
	assert.Equal(t, 51, e.Rule)
	assert.Len(t, err.(interface{ Unwrap() []error }).Unwrap(), 1)
	all[50].Substitute = NoSubstitute
	all[90].Substitute = NextDay
	build(t, rules(all...))
}

// randomYearly makes up rules.
func randomYearly(r *rand.Rand) []YearlyDay {
	texts := []string{"01-01", "12-25", "12-26", "02-29", "05-01", "07-04", "12-31", "easter", "easter+1", "easter-2", "easter+39", "orthodox easter+1",
		"last monday of may", "first monday of september", "3rd monday of january", "wednesday before 11-23", "monday after 12-30", "saturday on or after 06-20"}
	var days []YearlyDay
	for range r.IntN(12) {
		d := YearlyDay{On: on(texts[r.IntN(len(texts))])}
		if r.IntN(4) == 0 {
			d.From = 2000 + r.IntN(40)
		}
		if r.IntN(4) == 0 {
			d.Until = max(d.From, 2020+r.IntN(60))
		}
		for range r.IntN(3) {
			if year := 2000 + r.IntN(100); d.keeps(year) {
				d.Except = append(d.Except, year)
			}
		}
		if year := 2001 + r.IntN(99); r.IntN(3) == 0 && d.keeps(year) {
			d.Moved = map[int]date.Date{year: date.New(year, time.January, 1) + date.Date(r.IntN(360))}
		}
		d.Substitute = []Substitute{NoSubstitute, NextDay, NearestDay, SundayNext}[r.IntN(4)]
		days = append(days, d)
	}
	return days
}

// naiveYearly finds the days off of the century in two passes over all days:
// the holidays, then the substitutes in their order.
func naiveYearly(days []YearlyDay, weekend map[time.Weekday]bool) map[date.Date]bool {
	off := map[date.Date]bool{}
	type holiday struct {
		on   date.Date
		rule Substitute
	}
	var falls []holiday
	for d := FirstDate - 400; d <= LastDate+400; d++ { // the days
		for _, y := range days {
			for year := d.Year() - 1; year <= d.Year()+1; year++ {
				if y.From != 0 && year < y.From || y.Until != 0 && year > y.Until || slices.Contains(y.Except, year) {
					continue
				}
				is, _ := y.On.In(year) // compared with the days by TestYearDaysDayByDay
				if to, moved := y.Moved[year]; moved {
					is = to
				}
				if is == d {
					falls = append(falls, holiday{d, y.Substitute})
					off[d] = true
				}
			}
		}
	}
	for _, f := range falls {
		if !weekend[f.on.Weekday()] {
			continue
		}
		d := f.on
		switch f.rule {
		case NoSubstitute:
			continue
		case SundayNext:
			if d.Weekday() != time.Sunday {
				continue
			}
		case NearestDay:
			if d.Weekday() == time.Saturday {
				for d--; off[d] || weekend[d.Weekday()]; d-- {
				}
				off[d] = true
				continue
			}
		}
		for d++; off[d] || weekend[d.Weekday()]; d++ {
		}
		off[d] = true
	}
	return off
}

func TestYearlyDayByDay(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	weekend := map[time.Weekday]bool{time.Saturday: true, time.Sunday: true}
	for range 25 {
		days := randomYearly(r)
		c := build(t, Config{Yearly: Yearly{From: 2000, Days: days}})
		off := naiveYearly(days, weekend)
		worked := 0
		for d := FirstDate; d <= LastDate; d++ {
			want := !off[d] && !weekend[d.Weekday()]
			got, err := c.IsWorkday(d)
			require.NoError(t, err)
			require.Equal(t, want, got, "%v by %+v", d, days)
			if want && d > FirstDate {
				worked++
			}
			if d%97 == 0 {
				n, err := c.Between(FirstDate, d)
				require.NoError(t, err)
				require.Equal(t, worked, n)
			}
		}
		// The same rules in two halves, one calendar on the other, are the
		// same days where none has a substitute.
		for i := range days {
			days[i].Substitute = NoSubstitute
		}
		half := len(days) / 2
		whole := build(t, Config{Yearly: Yearly{From: 2000, Days: days}})
		first := build(t, Config{Yearly: Yearly{From: 2000, Days: days[:half]}})
		second := build(t, Config{Base: first, Yearly: Yearly{Days: days[half:]}})
		require.Equal(t, whole.Hash(), second.Hash())
	}
}

// TestYearlyIsListing compares rules with the same days listed by hand.
func TestYearlyIsListing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for range 10 {
		c := build(t, Config{Yearly: Yearly{From: 2000, Days: randomYearly(r)}})
		years := map[int]Year{}
		for y := minYear; y <= maxYear; y++ {
			years[y] = Year{NoHolidays: true}
		}
		for d := FirstDate; d <= LastDate; d++ {
			if kind, _ := c.Kind(d); kind == Holiday {
				years[d.Year()] = Year{Rest: append(years[d.Year()].Rest, d)}
			}
		}
		require.Equal(t, build(t, Config{Years: years}).Hash(), c.Hash())
	}
}

func TestNothingOfTheCallerIsKept(t *testing.T) {
	name := Name{"en": "May Day"}
	days := []YearlyDay{{On: on("05-01"), Name: name, Hours: nil, Moved: map[int]date.Date{2025: day("2025-05-02")}}}
	listed := map[int]Year{2026: {Rest: dates("2026-05-04"), Replaces: true, KnownOn: day("2025-10-01"), Names: map[date.Date]Name{day("2026-05-04"): {"en": "Monday"}}}}
	c := build(t, Config{Years: listed, Yearly: Yearly{From: 2020, Days: days}})
	name["en"], days[0].On, days[0].Moved[2025] = "changed", on("06-01"), day("2025-05-05")
	listed[2026].Rest[0] = day("2026-07-01")
	delete(listed, 2026)
	assert.Equal(t, []string{"05-02"}, offDays(t, c, 2025))
	assert.Equal(t, []string{"05-04"}, offDays(t, c, 2026))
	before := c.KnownOn(day("2025-09-30"))
	assert.Equal(t, []string{"05-01"}, offDays(t, before, 2026))
	assert.Equal(t, Name{"en": "May Day"}, before.Names(day("2026-05-01"))[0].Name)
	got := c.Names(day("2026-05-04"))
	got[0] = DayName{}
	assert.Equal(t, Name{"en": "Monday"}, c.Names(day("2026-05-04"))[0].Name)
	var none *Calendar
	assert.Nil(t, none.Names(day("2025-05-01")))
	assert.Nil(t, none.KnownOn(day("2025-05-01")))
	assert.Nil(t, (&Calendar{}).Names(day("2025-05-01")))
	assert.Equal(t, &Calendar{}, (&Calendar{}).KnownOn(day("2025-05-01")))
}

func TestKnownOn(t *testing.T) {
	// The notices of China once more, as listings with the day on which each
	// change was announced.
	years, changed := map[int]Year{}, map[int]bool{}
	for _, n := range ChinaNotices() {
		y := years[n.Year]
		for _, h := range n.Holidays {
			if !n.Amends {
				y.Rest, y.Work = append(y.Rest, h.Rest...), append(y.Work, h.Work...)
			}
		}
		years[n.Year] = y
		changed[n.Year] = changed[n.Year] || n.Amends
	}
	var amendments []Amendment
	for _, n := range ChinaNotices() {
		if !n.Amends {
			continue
		}
		a := Amendment{Year: n.Year, KnownOn: n.Posted}
		before, after := ChinaKnownOn(n.Posted-1), ChinaKnownOn(n.Posted)
		for d := day("2004-01-01"); d <= day("2026-12-31"); d++ {
			was, _ := before.IsWorkday(d)
			is, _ := after.IsWorkday(d)
			switch {
			case was && !is:
				a.Rest = append(a.Rest, d)
			case !was && is:
				a.Work = append(a.Work, d)
			}
		}
		amendments = append(amendments, a)
	}
	require.Len(t, amendments, 3)
	c := build(t, Config{Years: years, Amendments: amendments})
	assert.Equal(t, China().Hash(), c.Hash())
	office := build(t, Config{Base: c, Closures: dates("2020-06-30")})
	for _, a := range amendments {
		for _, d := range []date.Date{a.KnownOn - 1, a.KnownOn, a.KnownOn + 1} {
			assert.Equal(t, ChinaKnownOn(d).Hash(), c.KnownOn(d).Hash(), d)
			want := build(t, Config{Base: ChinaKnownOn(d), Closures: dates("2020-06-30")})
			assert.Equal(t, want.Hash(), office.KnownOn(d).Hash(), d)
			assert.Equal(t, want.Provisional().Hash(), office.Provisional().KnownOn(d).Hash(), d)
		}
	}
	assert.Same(t, c, c.KnownOn(day("2026-01-01")))
	assert.Same(t, c.KnownOn(day("2010-01-01")), c.KnownOn(day("2010-01-02")), "built once")
	assert.Same(t, China(), China().KnownOn(day("2010-01-01")), "as it has always been")
}

func TestKnownOnListings(t *testing.T) {
	announced := day("2026-11-05")
	c := build(t, Config{
		Years:   map[int]Year{2026: {Rest: dates("2026-01-01")}, 2027: {Rest: dates("2027-01-01"), KnownOn: announced}},
		Changes: map[int]Year{2027: {Rest: dates("2027-06-30")}, 2026: {Rest: dates("2026-06-30"), KnownOn: day("2026-03-01")}},
		Amendments: []Amendment{
			{Year: 2026, KnownOn: day("2026-04-01"), Work: dates("2026-06-30"), Rest: dates("2026-07-01")},
			{Year: 2027, KnownOn: announced, Rest: dates("2027-07-01")},
		},
	})
	for d, want := range map[string][]string{"2026-02-28": {"01-01"}, "2026-03-01": {"01-01", "06-30"}, "2026-03-31": {"01-01", "06-30"}, "2026-04-01": {"01-01", "07-01"}, "2030-01-01": {"01-01", "07-01"}} {
		assert.Equal(t, want, offDays(t, c.KnownOn(day(d)), 2026), d)
	}
	_, err := c.KnownOn(announced - 1).IsWorkday(day("2027-01-01"))
	var missing *YearMissingError
	require.ErrorAs(t, err, &missing, "a listing that is not out is not known")
	assert.Equal(t, []string{"01-01", "06-30", "07-01"}, offDays(t, c.KnownOn(announced), 2027))

	_, err = New(Config{Years: map[int]Year{2027: {Rest: dates("2027-01-01"), KnownOn: announced}}, Amendments: []Amendment{{Year: 2027, KnownOn: announced - 1, Rest: dates("2027-07-01")}, {Year: 2028, Rest: dates("2028-07-03")}, {Year: 2027}}})
	var found []ConfigError
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		found = append(found, *e.(*ConfigError))
	}
	assert.Equal(t, []ConfigError{{Problem: KnownTooEarly, Year: 2027, Date: announced - 1}, {Problem: YearNotListed, Year: 2028}, {Problem: ChangesEmpty, Year: 2027}}, found)
}

// TestKnownOnIsNeverEmpty builds calendars of all kinds as they were known at
// any time: what is left out of a sound one leaves a sound one.
func TestKnownOnIsNeverEmpty(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	dated := func() date.Date {
		return []date.Date{0, day("2019-01-01"), day("2020-01-01"), day("2021-01-01")}[r.IntN(4)]
	}
	var bases []*Calendar
	sound := 0
	for range 400 {
		c := Config{Years: map[int]Year{}, Changes: map[int]Year{}, AnyYear: r.IntN(6) == 0}
		if len(bases) > 0 && r.IntN(2) == 0 {
			c.Base = bases[r.IntN(len(bases))]
		}
		some := func(year int) []date.Date { return []date.Date{date.New(year, time.March, 1) + date.Date(r.IntN(6))} }
		for range r.IntN(3) {
			year := 2018 + r.IntN(5)
			c.Years[year] = Year{Rest: some(year), Replaces: r.IntN(2) == 0, KnownOn: dated()}
		}
		for range r.IntN(2) {
			year := 2018 + r.IntN(5)
			c.Changes[year] = Year{Work: some(year), KnownOn: dated()}
		}
		for range r.IntN(3) {
			year := 2018 + r.IntN(5)
			c.Amendments = append(c.Amendments, Amendment{Year: year, Rest: some(year), KnownOn: dated()})
		}
		c.Yearly.Days = []YearlyDay{{On: on("03-02"), Substitute: NextDay}}
		if r.IntN(4) == 0 {
			c.Yearly.From = 2020
		}
		built, err := New(c)
		if err != nil {
			continue
		}
		sound++
		bases = append(bases, built)
		for _, d := range []string{"2018-12-31", "2019-01-01", "2019-12-31", "2020-06-01", "2021-01-01"} {
			then := built.KnownOn(day(d))
			require.NotNil(t, then.table, "%v of %+v", d, c)
			if day(d) >= day("2021-01-01") {
				require.Same(t, built, then)
			}
		}
	}
	assert.Greater(t, sound, 60)
}
