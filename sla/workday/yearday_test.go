package workday

import (
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paschalMoons are the full moons of the years 1900 to 2199 by golden number,
// from the table annexed to the Calendar (New Style) Act 1750; Easter is the
// Sunday next after.
var paschalMoons = map[int]string{
	14: "03-22", 3: "03-23", 11: "03-25", 19: "03-27", 8: "03-28", 16: "03-30", 5: "03-31", 13: "04-02", 2: "04-03", 10: "04-05",
	18: "04-07", 7: "04-08", 15: "04-10", 4: "04-11", 12: "04-13", 1: "04-14", 9: "04-16", 17: "04-17", 6: "04-18",
}

// julianMoons are those of the calendar of Julius Caesar, for all years.
var julianMoons = map[int]string{
	16: "03-21", 5: "03-22", 13: "03-24", 2: "03-25", 10: "03-27", 18: "03-29", 7: "03-30", 15: "04-01", 4: "04-02", 12: "04-04",
	1: "04-05", 9: "04-07", 17: "04-09", 6: "04-10", 14: "04-12", 3: "04-13", 11: "04-15", 19: "04-17", 8: "04-18",
}

func naiveEaster(year int, moons map[int]string, behind int) date.Date {
	d := day(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006-") + moons[year%19+1])
	for d += date.Date(behind) + 1; d.Weekday() != time.Sunday; d++ {
	}
	return d
}

func TestEasterByTheTableOfTheLaw(t *testing.T) {
	for year := 1900; year <= 2199; year++ {
		behind := 13
		if year >= 2100 {
			behind = 14
		}
		require.Equal(t, naiveEaster(year, paschalMoons, 0), easter(year), year)
		require.Equal(t, naiveEaster(year, julianMoons, behind), orthodoxEaster(year), year)
	}
}

func TestEasterKnownDays(t *testing.T) {
	for _, known := range []string{ // western, orthodox
		"2000-04-23 2000-04-30", "2008-03-23 2008-04-27", "2010-04-04 2010-04-04", "2011-04-24 2011-04-24", "2016-03-27 2016-05-01", "2017-04-16 2017-04-16",
		"2020-04-12 2020-04-19", "2021-04-04 2021-05-02", "2022-04-17 2022-04-24", "2023-04-09 2023-04-16", "2024-03-31 2024-05-05",
		"2025-04-20 2025-04-20", "2026-04-05 2026-04-12", "2027-03-28 2027-05-02", "2028-04-16 2028-04-16", "2029-04-01 2029-04-08", "2030-04-21 2030-04-28",
	} {
		west, east, _ := strings.Cut(known, " ")
		assert.Equal(t, day(west), easter(day(west).Year()))
		assert.Equal(t, day(east), orthodoxEaster(day(east).Year()))
	}
}

// TestYearDaysDayByDay looks for each day by going through the year.
func TestYearDaysDayByDay(t *testing.T) {
	nth := func(month time.Month, weekday time.Weekday, n int) func(date.Date) bool {
		return func(d date.Date) bool {
			seen := 0
			for x := d; x.Month() == d.Month(); x-- {
				if x.Weekday() == weekday {
					seen++
				}
			}
			last := (d + 7).Month() != d.Month()
			return d.Month() == month && d.Weekday() == weekday && (seen == n || n < 0 && last)
		}
	}
	beside := func(weekday time.Weekday, on string, from, to int) func(date.Date) bool {
		return func(d date.Date) bool {
			if d.Weekday() != weekday {
				return false
			}
			for i := from; i <= to; i++ {
				if (d - date.Date(i)).Format("01-02") == on {
					return true
				}
			}
			return false
		}
	}
	fixed := func(on string) func(date.Date) bool {
		return func(d date.Date) bool { return d.Format("01-02") == on }
	}
	fromEaster := func(n int, moons map[int]string, west bool) func(date.Date) bool {
		return func(d date.Date) bool {
			behind := 0
			if !west {
				behind = 13 + (d.Year()-2000)/100 // 2100 to 2199: 14
				if d.Year() < 2000 {
					behind = 13
				}
			}
			return d == naiveEaster(d.Year(), moons, behind)+date.Date(n)
		}
	}
	for text, is := range map[string]func(date.Date) bool{
		"12-25": fixed("12-25"), "01-01": fixed("01-01"), "02-29": fixed("02-29"), "12-31": fixed("12-31"), "12月25日": fixed("12-25"), "1月6日": fixed("01-06"),
		"easter": fromEaster(0, paschalMoons, true), "easter+1": fromEaster(1, paschalMoons, true), "easter-2": fromEaster(-2, paschalMoons, true),
		"Easter + 39": fromEaster(39, paschalMoons, true), "复活节+60": fromEaster(60, paschalMoons, true), "复活节 -48": fromEaster(-48, paschalMoons, true),
		"orthodox easter+1": fromEaster(1, julianMoons, false), "东正教复活节-2": fromEaster(-2, julianMoons, false),
		"last monday of may": nth(time.May, time.Monday, -1), "first monday of september": nth(time.September, time.Monday, 1),
		"3rd monday of january": nth(time.January, time.Monday, 3), "4th thursday of november": nth(time.November, time.Thursday, 4),
		"last sunday of december": nth(time.December, time.Sunday, -1), "last saturday of february": nth(time.February, time.Saturday, -1), "second friday of december": nth(time.December, time.Friday, 2),
		"5月最后一个星期一": nth(time.May, time.Monday, -1), "12月第四个周日": nth(time.December, time.Sunday, 4), "1月第3个星期一": nth(time.January, time.Monday, 3),
		"wednesday before 11-23": beside(time.Wednesday, "11-23", -7, -1), "11-23之前的星期三": beside(time.Wednesday, "11-23", -7, -1),
		"monday after 08-01": beside(time.Monday, "08-01", 1, 7), "saturday on or after 06-20": beside(time.Saturday, "06-20", 0, 6),
		"friday on or before 06-26": beside(time.Friday, "06-26", -6, 0), "6月26日当天或之前的星期五": beside(time.Friday, "06-26", -6, 0), "06-20当天或之后的周六": beside(time.Saturday, "06-20", 0, 6),
		"8月1日之后的星期一": beside(time.Monday, "08-01", 1, 7),
	} {
		d, err := ParseYearDay(text)
		require.NoError(t, err, text)
		for year := 1900; year <= 2199; year++ {
			var want []date.Date
			for x := date.New(year, time.January, 1); x.Year() == year; x++ {
				if is(x) {
					want = append(want, x)
				}
			}
			got, ok := d.In(year)
			if len(want) == 0 {
				require.False(t, ok, "%s %d", text, year)
				continue
			}
			require.Equal(t, []date.Date{got}, want, "%s %d", text, year)
		}
		again, err := ParseYearDay(d.String())
		require.NoError(t, err, d.String())
		assert.Equal(t, d, again, text)
	}
}

// TestYearDaysAcrossTheYear are days beside a date that lie in another year.
func TestYearDaysAcrossTheYear(t *testing.T) {
	for text, want := range map[string]string{
		"monday after 12-31":         "2027-01-04", // 2026-12-31 is a Thursday
		"friday before 01-01":        "2025-12-26", // 2026-01-01 is a Thursday
		"thursday on or after 12-31": "2026-12-31",
	} {
		d, err := ParseYearDay(text)
		require.NoError(t, err)
		got, ok := d.In(2026)
		assert.True(t, ok)
		assert.Equal(t, want, got.String(), text)
	}
}

func TestNoYearDay(t *testing.T) {
	for _, text := range []string{
		"", " ", "2-5", "12-32", "02-30", "2026-12-25", "13-01", "easter+0", "easter+", "easter-", "easter1", "easter+181", "easter+999999999999999999999", "eastern",
		"easter+-1", "+1", "fifth monday of may", "5th monday of may", "last of may", "last monday may", "last monday of mai", "last mon of may",
		"monday before", "before 11-23", "monday near 11-23", "monday before 02-30", "13月第一个星期一", "05月第一个星期一", "0月第一个星期一", "5月第五个星期一", "星期一", "之前的星期一", "5月星期一", "月日", "12月25", "1225日",
		"orthodox", "orthodox  ", "复活", "复活节1", "\x00", "easter\xff", "last\x00monday of may",
	} {
		_, err := ParseYearDay(text)
		var e *YearDayError
		require.ErrorAs(t, err, &e, "%q", text)
		assert.Equal(t, text, e.Text)
		assert.Contains(t, e.Error(), "easter+1")
	}
	var none *YearDayError
	assert.Equal(t, "<nil>", none.Error())
	_, ok := YearDay{}.In(2026)
	assert.False(t, ok)
	assert.True(t, YearDay{}.IsZero())
	assert.Empty(t, YearDay{}.String())
	christmas, _ := ParseYearDay("12-25")
	for year, known := range map[int]bool{1582: false, 1583: true, 9999: true, 10000: false, -1: false} {
		_, ok := christmas.In(year)
		assert.Equal(t, known, ok, year)
	}
}

func FuzzYearDay(f *testing.F) {
	for _, text := range []string{"12-25", "easter+1", "orthodox easter-2", "last monday of may", "wednesday before 11-23", "5月最后一个星期一", "11-23之前的星期三"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseYearDay(text)
		if err != nil {
			return
		}
		again, err := ParseYearDay(d.String())
		if err != nil || again != d {
			t.Fatalf("%q is %v, and that is %v, %v", text, d, again, err)
		}
	})
}
