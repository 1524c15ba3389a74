package workday

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func span(from, to float64) Span {
	return Span{time.Duration(from * float64(time.Hour)), time.Duration(to * float64(time.Hour))}
}

func TestConfigErrors(t *testing.T) {
	base := build(t, Config{Years: map[int]Year{2025: {Rest: dates("2025-12-31"), Work: dates("2025-12-28")}}})
	for name, tc := range map[string]struct {
		config Config
		want   []ConfigError
		text   string
	}{
		"year": {Config{Years: map[int]Year{1999: {}, 2101: {}}}, []ConfigError{{Problem: YearOutOfRange, Year: 1999}, {Problem: YearOutOfRange, Year: 2101}}, "workday: year out of range (listing of 1999)"},
		"rest twice": {Config{Years: map[int]Year{2025: {Rest: dates("2025-01-01", "2025-01-02", "2025-01-01")}}},
			[]ConfigError{{Problem: RestTwice, Year: 2025, Date: day("2025-01-01")}}, "workday: rest twice: 2025-01-01 (listing of 2025)"},
		"work twice": {Config{Years: map[int]Year{2025: {Work: dates("2025-01-04", "2025-01-04")}}},
			[]ConfigError{{Problem: WorkTwice, Year: 2025, Date: day("2025-01-04")}}, "2025-01-04"},
		"rest and work": {Config{Years: map[int]Year{2025: {Rest: dates("2025-01-04"), Work: dates("2025-01-04")}}},
			[]ConfigError{{Problem: RestAndWork, Year: 2025, Date: day("2025-01-04")}}, "rest and work: 2025-01-04"},
		"across listings": {Config{Base: base, Years: map[int]Year{2026: {Rest: dates("2026-01-01", "2025-12-28"), Work: dates("2025-12-31")}}},
			[]ConfigError{{Problem: RestAndWork, Year: 2026, Date: day("2025-12-28")}, {Problem: RestAndWork, Year: 2026, Date: day("2025-12-31")}}, ""},
		"across listings twice": {Config{Base: base, Years: map[int]Year{2026: {Rest: dates("2026-01-01", "2025-12-31")}}},
			[]ConfigError{{Problem: RestTwice, Year: 2026, Date: day("2025-12-31")}}, ""},
		"foreign": {Config{Years: map[int]Year{2025: {Rest: dates("2023-12-31", "2027-01-01")}}},
			[]ConfigError{{Problem: ForeignDate, Year: 2025, Date: day("2023-12-31")}, {Problem: ForeignDate, Year: 2025, Date: day("2027-01-01")}}, "foreign date"},
		"of the next year, beside own days": {Config{Years: map[int]Year{2012: {Rest: dates("2012-01-01", "2013-02-10"), Work: dates("2011-11-30", "2011-12-01", "2013-01-31", "2013-02-01")}}},
			[]ConfigError{{Problem: ForeignDate, Year: 2012, Date: day("2013-02-10")}, {Problem: ForeignDate, Year: 2012, Date: day("2011-11-30")}, {Problem: ForeignDate, Year: 2012, Date: day("2013-02-01")}}, "foreign date"},
		"of the next year only": {Config{Years: map[int]Year{2012: {Rest: dates("2013-02-09"), Work: dates("2013-10-12")}}},
			[]ConfigError{{Problem: ForeignDate, Year: 2012, Date: day("2013-02-09")}, {Problem: ForeignDate, Year: 2012, Date: day("2013-10-12")}}, ""},
		"of January after only": {Config{Years: map[int]Year{2012: {Rest: dates("2013-01-01", "2013-01-02"), Work: dates("2013-01-05")}}},
			[]ConfigError{{Problem: YearWithoutOwnDay, Year: 2012, Date: day("2013-01-01")}}, "year without own day: 2013-01-01 (listing of 2012)"},
		"of December before only": {Config{AnyYear: true, Years: map[int]Year{2012: {Work: dates("2011-12-31")}}},
			[]ConfigError{{Problem: YearWithoutOwnDay, Year: 2012, Date: day("2011-12-31")}}, ""},
		"listed out of range": {Config{Years: map[int]Year{2000: {Rest: dates("1999-12-31")}, 2100: {Work: dates("2101-01-01")}}},
			[]ConfigError{{Problem: DateOutOfRange, Year: 2000, Date: day("1999-12-31")}, {Problem: DateOutOfRange, Year: 2100, Date: day("2101-01-01")}}, ""},
		"closure out of range": {Config{Closures: []date.Date{FirstDate - 1, LastDate + 1}},
			[]ConfigError{{Problem: DateOutOfRange, Date: FirstDate - 1}, {Problem: DateOutOfRange, Date: LastDate + 1}}, "date out of range: 1999-12-31"},
		"closure twice": {Config{Closures: dates("2025-01-02", "2025-01-02")},
			[]ConfigError{{Problem: ClosureTwice, Date: day("2025-01-02")}}, "closure twice: 2025-01-02"},
		"weekday":               {Config{Weekend: []time.Weekday{-1, 7}}, []ConfigError{{Problem: UnknownWeekday, Weekday: -1}, {Problem: UnknownWeekday, Weekday: 7}}, "unknown weekday"},
		"weekday twice":         {Config{Weekend: []time.Weekday{5, 6, 5}}, []ConfigError{{Problem: WeekdayTwice, Weekday: 5}}, "weekday twice: Friday"},
		"whole week off":        {Config{Weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}, []ConfigError{{Problem: WeekendTooLong}}, "workday: weekend too long"},
		"outside the day":       {Config{Hours: []Span{span(-1, 3), span(20, 44.5)}}, []ConfigError{{Problem: SpanOutsideDay, Span: span(-1, 3)}, {Problem: SpanOutsideDay, Span: span(20, 44.5)}}, "span outside day: -1h0m0s-3h0m0s"},
		"empty span":            {Config{Hours: []Span{span(9, 9), span(12, 11)}}, []ConfigError{{Problem: SpanEmpty, Span: span(9, 9)}, {Problem: SpanEmpty, Span: span(12, 11)}}, "span empty"},
		"overlap":               {Config{Hours: []Span{span(11, 13), span(9, 12)}}, []ConfigError{{Problem: SpansOverlapping, Span: span(11, 13)}}, "spans overlapping: 11h0m0s-13h0m0s"},
		"overlap past midnight": {Config{Hours: []Span{span(9, 12), span(18, 38)}}, []ConfigError{{Problem: SpansOverlapping, Span: span(18, 38)}}, "spans overlapping"},
		"weekday hours": {Config{WeekdayHours: map[time.Weekday][]Span{8: nil, time.Friday: {span(9, 9)}}},
			[]ConfigError{{Problem: SpanEmpty, Span: span(9, 9)}, {Problem: UnknownWeekday, Weekday: 8}}, ""},
		"day hours": {Config{DayHours: map[date.Date][]Span{LastDate + 1: nil, day("2025-01-02"): {span(24, 25)}}},
			[]ConfigError{{Problem: SpanOutsideDay, Date: day("2025-01-02"), Span: span(24, 25)}, {Problem: DateOutOfRange, Date: LastDate + 1}}, "span outside day: 24h0m0s-25h0m0s on 2025-01-02"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(tc.config)
			require.Error(t, err)
			assert.Nil(t, c)
			var one *ConfigError
			require.ErrorAs(t, err, &one)
			var joined interface{ Unwrap() []error }
			require.True(t, errors.As(err, &joined))
			var got []ConfigError
			for _, e := range joined.Unwrap() {
				got = append(got, *e.(*ConfigError))
			}
			assert.Equal(t, tc.want, got)
			assert.Contains(t, err.Error(), tc.text)
		})
	}
}

func kinds(t *testing.T, c *Calendar, days ...string) string {
	t.Helper()
	var words []string
	for _, d := range days {
		k, err := c.Kind(day(d))
		require.NoError(t, err)
		words = append(words, k.String())
	}
	return strings.Join(words, " ")
}

func TestConfigVariants(t *testing.T) {
	// A holiday, a make-up Sunday, a plain Saturday, a plain Friday.
	days := []string{"2025-01-28", "2025-01-26", "2025-01-11", "2025-01-10"}
	for name, tc := range map[string]struct {
		config Config
		want   string
		first  int
		last   int
	}{
		"base":              {Config{}, "holiday make_up weekend working", 2004, 2026},
		"no make-up":        {Config{IgnoreMakeup: true}, "holiday weekend weekend working", 2004, 2026},
		"no holidays":       {Config{IgnoreHolidays: true}, "working make_up weekend working", 2004, 2026},
		"weeks only":        {Config{IgnoreHolidays: true, IgnoreMakeup: true, AnyYear: true}, "working weekend weekend working", 2000, 2100},
		"seven days":        {Config{Weekend: []time.Weekday{}}, "holiday working working working", 2004, 2026},
		"Friday off":        {Config{Weekend: []time.Weekday{time.Friday}}, "holiday working working weekend", 2004, 2026},
		"closures":          {Config{Closures: dates("2025-01-28", "2025-01-26", "2025-01-10")}, "closure closure weekend closure", 2004, 2026},
		"another year":      {Config{Years: map[int]Year{2027: {NoHolidays: true}}}, "holiday make_up weekend working", 2004, 2027},
		"a year replaced":   {Config{Years: map[int]Year{2025: {Rest: dates("2025-01-10"), Replaces: true}}}, "working weekend weekend holiday", 2004, 2026},
		"a gap in the list": {Config{Years: map[int]Year{2030: {NoHolidays: true}}}, "holiday make_up weekend working", 2004, 2030},
	} {
		t.Run(name, func(t *testing.T) {
			tc.config.Base = China()
			c := build(t, tc.config)
			assert.Equal(t, tc.want, kinds(t, c, days...))
			first, last := c.Range()
			assert.Equal(t, []int{tc.first, tc.last}, []int{first, last})
			assert.Equal(t, tc.want, kinds(t, build(t, Config{Base: c}), days...), "inherited")
		})
	}
	assert.Equal(t, "working weekend weekend working", kinds(t, build(t, Config{AnyYear: true}), days...))
}

// Changes are made on top of what is listed; nothing else of it goes.
func TestChangesAddUp(t *testing.T) {
	a := build(t, Config{Base: China(), Changes: map[int]Year{2026: {Rest: dates("2026-09-03", "2026-09-04"), Work: dates("2026-09-06")}}})
	days := []string{"2026-09-03", "2026-09-04", "2026-09-06", "2026-10-01", "2026-10-10", "2026-01-01"}
	assert.Equal(t, "holiday holiday make_up holiday make_up holiday", kinds(t, a, days...))
	assert.Equal(t, "working working weekend holiday make_up holiday", kinds(t, China(), days...), "the base stays as it was")
	due, err := a.Add(day("2026-09-30"), 3)
	require.NoError(t, err)
	assert.Equal(t, day("2026-10-10"), due)

	// The other way round, and once more: a listed day off is worked, a
	// make-up day is not, and what says the same changes nothing.
	b := build(t, Config{Base: a, Changes: map[int]Year{2026: {Rest: dates("2026-10-10", "2026-10-01"), Work: dates("2026-09-04", "2026-09-06")}}})
	assert.Equal(t, "holiday working make_up holiday holiday holiday", kinds(t, b, days...))
	assert.Equal(t, kinds(t, b, days...), kinds(t, build(t, Config{Base: b}), days...), "inherited")

	// Beside a new year, and on plain weeks.
	c := build(t, Config{
		Base: China(), Years: map[int]Year{2027: {Rest: dates("2027-01-01")}},
		Changes: map[int]Year{2027: {Rest: dates("2027-01-04")}, 2026: {Rest: dates("2027-01-05")}},
	})
	assert.Equal(t, "holiday holiday holiday working", kinds(t, c, "2027-01-01", "2027-01-04", "2027-01-05", "2027-01-06"))
	plain := build(t, Config{AnyYear: true, Changes: map[int]Year{2030: {Rest: dates("2030-01-01")}}})
	assert.Equal(t, "holiday working", kinds(t, plain, "2030-01-01", "2030-01-02"))
}

func TestListingsThatDropOrInventHolidays(t *testing.T) {
	for name, tc := range map[string]struct {
		config Config
		want   Problem
		year   int
	}{
		"listed again":        {Config{Years: map[int]Year{2026: {Rest: dates("2026-09-03")}}}, YearListed, 2026},
		"listed again, empty": {Config{Years: map[int]Year{2026: {NoHolidays: true}}}, YearListed, 2026},
		"nothing listed":      {Config{Years: map[int]Year{2027: {}}}, YearEmpty, 2027},
		"replaced by nothing": {Config{Years: map[int]Year{2026: {Replaces: true}}}, YearEmpty, 2026},
		"holidays of none":    {Config{Years: map[int]Year{2027: {NoHolidays: true, Rest: dates("2027-01-01")}}}, YearNotEmpty, 2027},
		"change of no year":   {Config{Changes: map[int]Year{2027: {Rest: dates("2027-01-01")}}}, YearNotListed, 2027},
		"no change":           {Config{Changes: map[int]Year{2026: {}}}, ChangesEmpty, 2026},
		"change twice":        {Config{Changes: map[int]Year{2026: {Rest: dates("2026-09-03", "2026-09-03")}}}, RestTwice, 2026},
		"worked twice":        {Config{Changes: map[int]Year{2026: {Work: dates("2026-09-06", "2026-09-06")}}}, WorkTwice, 2026},
		"change both ways":    {Config{Changes: map[int]Year{2026: {Rest: dates("2026-09-03"), Work: dates("2026-09-03")}}}, RestAndWork, 2026},
		"changed beside":      {Config{Changes: map[int]Year{2026: {Work: dates("2025-11-30")}}}, ForeignDate, 2026},
		"replaced beside":     {Config{Years: map[int]Year{2026: {Rest: dates("2027-01-01"), Replaces: true}}}, YearWithoutOwnDay, 2026},
		"of a far year":       {Config{Changes: map[int]Year{2026: {Rest: dates("2029-09-03")}}}, ForeignDate, 2026},
	} {
		t.Run(name, func(t *testing.T) {
			tc.config.Base = China()
			_, err := New(tc.config)
			var e *ConfigError
			require.ErrorAs(t, err, &e)
			assert.Equal(t, tc.want, e.Problem)
			assert.Equal(t, tc.year, e.Year)
		})
	}
	c := build(t, Config{Base: China(), Years: map[int]Year{2026: {Replaces: true, NoHolidays: true}}})
	assert.Equal(t, "working", kinds(t, c, "2026-10-01"), "replaced where it says so")
}

// One day of the year's own is enough, and days of the turn of the year may
// stand beside it; changes may be of the turn of the year alone.
func TestDaysBesideAYear(t *testing.T) {
	c := build(t, Config{Years: map[int]Year{
		2012: {Rest: dates("2011-12-01", "2012-06-01", "2013-01-31")}, 2013: {Work: dates("2013-12-28")},
	}, Changes: map[int]Year{2012: {Rest: dates("2013-01-30")}}})
	_, err := c.Kind(day("2011-12-01"))
	var missing *YearMissingError
	assert.ErrorAs(t, err, &missing, "2011 itself is not listed")
	assert.Equal(t, "holiday holiday holiday make_up", kinds(t, c, "2012-06-01", "2013-01-31", "2013-01-30", "2013-12-28"))
	a := build(t, Config{AnyYear: true, Changes: map[int]Year{2012: {Rest: dates("2013-01-30")}}})
	assert.Equal(t, "holiday", kinds(t, build(t, Config{Base: a}), "2013-01-30"))
}

func TestClosuresAddUp(t *testing.T) {
	a := build(t, Config{AnyYear: true, Closures: dates("2025-01-02")})
	b := build(t, Config{Base: a, Closures: dates("2025-01-03", "2025-01-02")})
	assert.Equal(t, "closure closure", kinds(t, b, "2025-01-02", "2025-01-03"))
	assert.Equal(t, "closure working", kinds(t, a, "2025-01-02", "2025-01-03"), "the base stays as it was")
}

func TestConfigIsCopied(t *testing.T) {
	config := Config{
		Weekend:      []time.Weekday{time.Saturday, time.Sunday},
		Years:        map[int]Year{2025: {Rest: dates("2025-01-01"), Work: dates("2025-01-04")}},
		Closures:     dates("2025-01-06"),
		Hours:        []Span{span(13, 17), span(9, 12)},
		WeekdayHours: map[time.Weekday][]Span{time.Friday: {span(9, 12)}},
		DayHours:     map[date.Date][]Span{day("2025-01-07"): {span(9, 10)}},
	}
	c := build(t, config)
	assert.Equal(t, span(13, 17), config.Hours[0], "the caller's list is not sorted")
	again := build(t, config)
	config.Weekend[0] = time.Monday
	config.Years[2025].Rest[0] = day("2025-01-02")
	config.Years[2026] = Year{}
	config.Closures[0] = day("2025-01-08")
	config.Hours[0] = span(0, 24)
	config.WeekdayHours[time.Friday][0] = span(0, 24)
	config.DayHours[day("2025-01-07")][0] = span(0, 24)
	assert.Equal(t, again.Hash(), c.Hash())
	assert.Equal(t, again.Hash(), build(t, Config{Base: c}).Hash())
}

func TestHashSeesHours(t *testing.T) {
	seen := map[string]string{}
	for name, c := range map[string]Config{
		"none":    {},
		"hours":   {Hours: []Span{span(9, 12)}},
		"longer":  {Hours: []Span{span(9, 13)}},
		"friday":  {Hours: []Span{span(9, 12)}, WeekdayHours: map[time.Weekday][]Span{time.Friday: {}}},
		"one day": {Hours: []Span{span(9, 12)}, DayHours: map[date.Date][]Span{day("2025-01-07"): {span(9, 10)}}},
	} {
		c.Base = China()
		hash := build(t, c).Hash()
		assert.NotContains(t, seen, hash, name)
		seen[hash] = name
	}
	for _, h := range slices.Collect(maps.Keys(seen)) {
		assert.Len(t, h, 64)
	}
}

func TestParseNotices(t *testing.T) {
	got, err := parseNotices("# head\n\nnotice 2025 2024-11-12 http://a\nA rest=2024-12-31..01-01,05-01 legal=01-01 work=01-04\r\namended 2025 2025-02-01 http://b\nB rest=06-01")
	require.NoError(t, err)
	assert.Equal(t, []Notice{
		{Year: 2025, Posted: day("2024-11-12"), URL: "http://a", Holidays: []ListedHoliday{{
			Name: "A", Rest: dates("2024-12-31", "2025-01-01", "2025-05-01"), Legal: dates("2025-01-01"), Work: dates("2025-01-04"),
		}}},
		{Year: 2025, Posted: day("2025-02-01"), URL: "http://b", Amends: true, Holidays: []ListedHoliday{{Name: "B", Rest: dates("2025-06-01")}}},
	}, got)

	for text, want := range map[string]string{
		"A rest=01-01":                              "line 1: holiday before the first notice",
		"notice 2025":                               "line 1: \"notice\" needs",
		"\nnotice x - u":                            "line 2: bad year",
		"notice 1999 - u":                           "bad year",
		"notice 2101 - u":                           "bad year",
		"amended 2025 - u":                          "needs the day it was posted",
		"notice 2025 2025-13-01 u":                  "bad day",
		"notice 2025 - u\nA rest=02-29":             "line 2: bad day",
		"notice 2025 - u\nA rest=":                  "bad day",
		"notice 2025 - u\nA rest=01-01..":           "bad day",
		"notice 2025 - u\nA rest=01-02..01-01":      "bad range",
		"notice 2025 - u\nA rest=0001-01-01..01-1":  "bad day",
		"notice 2025 - u\nA rest=0001-01-01..01-01": "bad range",
		"notice 2025 - u\nA off=01-01":              "unknown key",
	} {
		_, err := parseNotices(text)
		assert.ErrorContains(t, err, want, text)
	}
	_, err = chinaOf([]Notice{{Year: 1, Holidays: nil}}, 0).IsWorkday(day("2025-01-01"))
	assert.ErrorIs(t, err, ErrNoCalendar, "a calendar from bad data answers nothing")
}

func FuzzParseNotices(f *testing.F) {
	f.Add(chinaText)
	f.Add("notice 2025 - u\nA rest=2024-12-31..01-01 work=01-04")
	f.Fuzz(func(t *testing.T, text string) {
		notices, err := parseNotices(text)
		if err != nil {
			return
		}
		c := chinaOf(notices, LastDate)
		for _, n := range notices {
			if n.Year < minYear || n.Year > maxYear {
				t.Fatalf("year %d", n.Year)
			}
			if first, last := c.Range(); c.table != nil && (n.Year < first || n.Year > last) && !n.Amends {
				t.Fatalf("%d is not in %d to %d", n.Year, first, last)
			}
		}
	})
}
