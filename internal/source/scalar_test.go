package source_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/source"
)

// code is the code of a ScalarError, "" of no error.
func code(t *testing.T, text string, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *source.ScalarError
	require.ErrorAs(t, err, &e)
	assert.NotEmpty(t, e.Error())
	assert.NotEmpty(t, e.Message.ZH)
	assert.NotEmpty(t, e.Remedy.ZH)
	assert.NotEmpty(t, e.Remedy.EN)
	assert.True(t, 0 <= e.From && e.From <= e.To && e.To <= len([]rune(text)), "%d %d", e.From, e.To)
	return e.Code
}

func TestInteger(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "20": 20, "-3": -3, "9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63,
	} {
		got, err := source.Integer(text)
		assert.Equal(t, "", code(t, text, err))
		assert.Equal(t, want, got)
	}
	for text, want := range map[string]string{
		"": "not_an_integer", "020": "not_an_integer", "1_000": "not_an_integer", "1,000": "not_an_integer",
		"20.5": "not_an_integer", "1e3": "not_an_integer", "+5": "not_an_integer", "-0": "not_an_integer",
		"\uff12\uff10": "not_an_integer", " 5": "not_an_integer", "5\n": "not_an_integer", "0x10": "not_an_integer",
		"二十": "not_an_integer", "-": "not_an_integer",
		"9223372036854775808": "out_of_range", "-9223372036854775809": "out_of_range",
	} {
		got, err := source.Integer(text)
		assert.Equal(t, want, code(t, text, err), text)
		assert.Zero(t, got)
	}
}

func TestBoolean(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "false": false} {
		got, err := source.Boolean(text)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for text, remedy := range map[string]string{
		"yes": "write true", "On": "write true", "TRUE": "write true", "是": "write true", "1": "write true",
		"no": "write false", "off": "write false", "False": "write false", "否": "write false",
		"": "write true or false", "maybe": "write true or false",
	} {
		_, err := source.Boolean(text)
		assert.Equal(t, "not_a_boolean", code(t, text, err))
		var e *source.ScalarError
		require.True(t, errors.As(err, &e))
		assert.Equal(t, remedy, e.Remedy.EN, text)
	}
}

func TestDate(t *testing.T) {
	for text, want := range map[string]date.Date{
		"2000-01-01": date.New(2000, 1, 1), "2100-12-31": date.New(2100, 12, 31), "2024-02-29": date.New(2024, 2, 29),
		"0001-01-01": date.New(1, 1, 1), "1999-12-31": date.New(1999, 12, 31), "2101-01-01": date.New(2101, 1, 1), "9999-12-31": date.New(9999, 12, 31),
	} {
		got, err := source.Date(text)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for text, want := range map[string]string{
		"0000-12-31": "out_of_range",
		"2026-02-29": "not_a_date", "2026-02-30": "not_a_date", "2026-13-01": "not_a_date", "2026-00-10": "not_a_date",
		"": "not_a_date", "03/04/2026": "not_a_date", "2026-1-2": "not_a_date", "26-01-02": "not_a_date",
		"2026-01-02 ": "not_a_date", "2026-01-02T00:00:00Z": "not_a_date", "2026-01-0\uff12": "not_a_date",
	} {
		_, err := source.Date(text)
		assert.Equal(t, want, code(t, text, err), text)
	}
}

func TestMonth(t *testing.T) {
	for _, c := range []struct {
		text  string
		year  int
		month time.Month
		code  string
	}{
		{"2000-01", 2000, 1, ""},
		{"2100-12", 2100, 12, ""},
		{"0001-01", 1, 1, ""},
		{"9999-12", 9999, 12, ""},
		{"0000-12", 0, 0, "out_of_range"},
		{"2026-13", 0, 0, "not_a_month"},
		{"2026-00", 0, 0, "not_a_month"},
		{"2026-1", 0, 0, "not_a_month"},
		{"2026-01-01", 0, 0, "not_a_month"},
		{"", 0, 0, "not_a_month"},
	} {
		year, month, err := source.Month(c.text)
		assert.Equal(t, c.code, code(t, c.text, err), c.text)
		assert.Equal(t, c.year, year)
		assert.Equal(t, c.month, month)
	}
}

func TestClockTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00:00": 0, "08:30": 8*time.Hour + 30*time.Minute, "23:59": 24*time.Hour - time.Minute, "24:00": 24 * time.Hour,
	} {
		got, err := source.ClockTime(text)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "8:30", "24:01", "25:00", "12:60", "99:99", "08:30:00", "08:3\uff10", "08\uff1a30", "08.30"} {
		_, err := source.ClockTime(text)
		assert.Equal(t, "not_a_clock_time", code(t, text, err), text)
	}
}

func TestMoment(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-01-31T08:30:00+08:00":      time.Date(2026, 1, 31, 0, 30, 0, 0, time.UTC),
		"2026-01-31T08:30:00Z":           time.Date(2026, 1, 31, 8, 30, 0, 0, time.UTC),
		"2026-01-31T08:30:00-00:30":      time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC),
		"1700-01-01T00:00:00+14:00":      time.Date(1699, 12, 31, 10, 0, 0, 0, time.UTC),
		"2199-12-31T23:59:59-12:00":      time.Date(2200, 1, 1, 11, 59, 59, 0, time.UTC),
		"2026-01-31T08:30:00.000000001Z": time.Date(2026, 1, 31, 8, 30, 0, 1, time.UTC),
	} {
		got, err := source.Moment(text)
		require.NoError(t, err)
		assert.True(t, want.Equal(got), text)
		assert.Equal(t, text, got.Format(time.RFC3339Nano))
		assert.NotSame(t, time.Local, got.Location())
	}
	for text, want := range map[string]string{
		"": "not_a_moment", "2026-01-31": "not_a_moment", "2026-01-31 08:30": "not_a_moment",
		"2026-01-31T08:30:00": "not_a_moment", "2026-01-31T8:30:00Z": "not_a_moment",
		"2026-01-31T08:30:00,5Z": "not_a_moment", "2026-02-30T08:30:00Z": "not_a_moment",
		"2026-01-31T24:00:00Z": "not_a_moment", "2026-01-31T08:30:00+99:00": "not_a_moment",
		"1699-12-31T23:59:59Z": "out_of_range", "2200-01-01T00:00:00Z": "out_of_range", "9999-12-31T23:59:59Z": "out_of_range", "0001-01-01T00:00:00Z": "out_of_range",
	} {
		_, err := source.Moment(text)
		assert.Equal(t, want, code(t, text, err), text)
	}
}

var momentForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$`)

// Moments are read, or not, as package time reads RFC 3339, less what else it
// lets pass, such as an hour of one digit.
func TestMomentReadsAsPackageTime(t *testing.T) {
	two := func(most int) *rapid.Generator[string] {
		return rapid.Map(rapid.IntRange(0, most), func(n int) string { return fmt.Sprintf("%02d", n) })
	}
	number := func(usual, most int) *rapid.Generator[string] { return rapid.OneOf(two(usual), two(usual), two(most)) }
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("%s%s-%s-%sT%s:%s:%s%s%s%s:%s",
			rapid.SampledFrom([]string{"20", "20", "19", "21", "17", "22", "16", "99", "00"}).Draw(t, "century"), two(99).Draw(t, "year"),
			number(12, 14).Draw(t, "month"), number(28, 32).Draw(t, "day"),
			number(23, 25).Draw(t, "hour"), number(59, 61).Draw(t, "minute"), number(59, 61).Draw(t, "second"),
			rapid.SampledFrom([]string{"", "", ".5", ".000000001", "."}).Draw(t, "fraction"),
			rapid.SampledFrom([]string{"+", "-"}).Draw(t, "sign"), number(23, 25).Draw(t, "east"), number(59, 61).Draw(t, "offset"))
		if rapid.Bool().Draw(t, "utc") {
			text = text[:len(text)-len("+00:00")] + "Z"
		}
		if rapid.IntRange(0, 9).Draw(t, "spoilt") == 0 {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			text = text[:at] + rapid.SampledFrom([]string{"", "x", " ", "0", ":", "-", "+"}).Draw(t, "by") + text[at+1:]
		}
		want, wrong := time.Parse(time.RFC3339Nano, text)
		if !momentForm.MatchString(text) {
			wrong = errors.New("not in form")
		}
		got, err := source.Moment(text)
		var e *source.ScalarError
		switch {
		case errors.As(err, &e) && e.Code == source.CodeOutOfRange:
			if wrong != nil || want.Year() >= source.FirstYear && want.Year() <= source.LastYear {
				t.Fatalf("%s: %v", text, err)
			}
		case (wrong != nil) != (err != nil):
			t.Fatalf("%s: %v, but package time: %v", text, err, wrong)
		case err == nil && (!want.Equal(got) || want.Format(time.RFC3339Nano) != got.Format(time.RFC3339Nano)):
			t.Fatalf("%s: %v, not %v", text, got, want)
		}
	})
}

func TestMomentSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-31 08:30":          "write it with T, seconds and its offset, as in 2026-01-31T08:30:00+08:00",
		"2026年1月31日8时30分":           "write it with T, seconds and its offset, as in 2026-01-31T08:30:00+08:00",
		"2026/1/3 9：05：07":          "write it with T, seconds and its offset, as in 2026-01-03T09:05:07+08:00",
		"2026-01-31T08:30:00":       "write it with T, seconds and its offset, as in 2026-01-31T08:30:00+08:00",
		"2026-02-30 08:30":          "write it with its offset, as in 2026-01-31T08:30:00+08:00",
		"2026-01-31 24:30":          "write it with its offset, as in 2026-01-31T08:30:00+08:00",
		"31/01/2026 08:30":          "write it with its offset, as in 2026-01-31T08:30:00+08:00",
		"2026-01-31":                "write it with its offset, as in 2026-01-31T08:30:00+08:00",
		"2026-02-30T08:30:00+08:00": "check the month, and how many days it has",
		"2026-01-31T24:00:00+08:00": "the end of a day is 00:00:00 of the next",
		"2026-01-31T23:59:60+08:00": "the clock goes from 00:00:00 to 23:59:59, and an offset to 24 hours at most",
		"2026-01-31T08:30:00+99:00": "the clock goes from 00:00:00 to 23:59:59, and an offset to 24 hours at most",
	} {
		_, err := source.Moment(text)
		var wrong *source.ScalarError
		require.ErrorAs(t, err, &wrong)
		assert.Equal(t, want, wrong.Remedy.EN, text)
	}
}

func TestPercent(t *testing.T) {
	for text, want := range map[string][2]int64{
		"0.1%": {1, 1000}, "99%": {99, 100}, "100%": {1, 1}, "0%": {0, 1}, "0.1 %": {1, 1000}, "0.1\uff05": {1, 1000}, "0.1 \uff05": {1, 1000}, "5%": {1, 20},
		"2.50%": {1, 40}, "150%": {3, 2}, "999999999.999999999%": {999999999999999999, 100000000000},
	} {
		num, den, err := source.Percent(text)
		assert.Equal(t, "", code(t, text, err))
		assert.Equal(t, want, [2]int64{num, den}, text)
	}
	for text, want := range map[string]string{
		"": "not_a_percent", "5": "not_a_percent", "%": "not_a_percent", ".5%": "not_a_percent", "5.%": "not_a_percent",
		"-1%": "not_a_percent", "01%": "not_a_percent", "1e2%": "not_a_percent", "0.1  %": "not_a_percent", "0.1‰": "not_a_percent",
		"1000000000%": "out_of_range", "0.0000000001%": "out_of_range",
	} {
		_, _, err := source.Percent(text)
		assert.Equal(t, want, code(t, text, err), text)
	}
}

func TestQuantity(t *testing.T) {
	const w, c, h, m = source.WorkingDays, source.CalendarDays, source.Hours, source.Minutes
	for text, want := range map[string]source.Quantity{
		"5 working days": {5, w}, "1 working day": {1, w}, "24 hours": {24, h}, "1 hour": {1, h}, "30 minutes": {30, m},
		"1 minute": {1, m}, "3 days": {3, c}, "1 day": {1, c}, "7 calendar days": {7, c}, "1 calendar day": {1, c},
		"5个工作日": {5, w}, "5 个工作日": {5, w}, "5工作日": {5, w}, "24小时": {24, h}, "24个小时": {24, h}, "30分钟": {30, m},
		"7天": {7, c}, "7日": {7, c}, "7个自然日": {7, c}, "7 自然日": {7, c}, "0 days": {0, c}, "5  days": {5, c},
		"36500 days": {36500, c}, "36500个工作日": {36500, w}, "1000000 hours": {1000000, h}, "60000000 minutes": {60000000, m},
		"2 weeks": {2, source.Weeks}, "1 week": {1, source.Weeks}, "2周": {2, source.Weeks}, "2个星期": {2, source.Weeks}, "5214 weeks": {5214, source.Weeks},
		"1 month": {1, source.Months}, "3个月": {3, source.Months}, "半年": {6, source.Months}, "half a year": {6, source.Months}, "1200 months": {1200, source.Months},
		"1 quarter": {1, source.Quarters}, "2个季度": {2, source.Quarters}, "400 quarters": {400, source.Quarters},
		"1 year": {1, source.Years}, "3年": {3, source.Years}, "100 years": {100, source.Years},
		"1 second": {1, source.Seconds}, "30秒": {30, source.Seconds}, "3600000000 seconds": {3600000000, source.Seconds},
		"1 opening hour": {1, source.OpeningHours}, "8个营业小时": {8, source.OpeningHours}, "30 opening minutes": {30, source.OpeningMinutes}, "30营业分钟": {30, source.OpeningMinutes},
	} {
		got, err := source.ParseQuantity(text)
		assert.Equal(t, "", code(t, text, err), text)
		assert.Equal(t, want, got, text)
	}
	for text, want := range map[string]struct {
		code, remedy string
		from, to     int
	}{
		"5":                     {"unit_missing", "say of what: 5 working days or 5 hours, whichever is meant", 0, 1},
		"5 ":                    {"unit_missing", "say of what: 5 working days or 5 hours, whichever is meant", 0, 2},
		"5 wroking days":        {"unknown_unit", "did you mean 5 working days?", 2, 14},
		"5 business days":       {"unknown_unit", "did you mean 5 working days?", 2, 15},
		"5days":                 {"unknown_unit", "did you mean 5 days?", 1, 5},
		"5 h":                   {"unknown_unit", "did you mean 5 hours?", 2, 3},
		"5 Hours":               {"unknown_unit", "did you mean 5 hours?", 2, 7},
		"5 working  days":       {"unknown_unit", "did you mean 5 working days?", 2, 15},
		"5个工作天":                 {"unknown_unit", "did you mean 5个工作日?", 1, 5},
		"5 parsecs and a bit":   {"unknown_unit", "use working days, days, hours, opening hours, minutes, seconds, weeks, months, quarters or years", 2, 19},
		"":                      {"not_a_quantity", "write a number in digits and its unit: working days, days, hours, minutes, weeks, months or years", 0, 0},
		"\uff15 days":           {"not_a_quantity", "write 5 days", 0, 6},
		"five days":             {"not_a_quantity", "write 5 days", 0, 9},
		"五天":                    {"not_a_quantity", "write 5天", 0, 2},
		"05 days":               {"not_a_quantity", "write 5, in digits without leading zero, separator or sign +", 0, 2},
		"1.5 days":              {"not_a_quantity", "days are whole; where hours are meant, write 36 hours", 0, 8},
		"1.5 hours":             {"not_a_quantity", "write a whole number: 90 minutes", 0, 9},
		"1,000 hours":           {"not_a_quantity", "write 1000, in digits without leading zero, separator or sign +", 0, 5},
		"1刻钟":                   {"unknown_unit", "say it in another unit: write 15分钟", 1, 3},
		"1 fortnight":           {"unknown_unit", "say it in another unit: write 14 days", 2, 11},
		"3月":                    {"unknown_unit", "did you mean 3个月?", 1, 2},
		"1.5 years":             {"not_a_quantity", "write a whole number; what is no whole number of these, say it in a smaller unit", 0, 3},
		"一个月":                   {"not_a_quantity", "write 1个月", 0, 3},
		"101 years":             {"out_of_range", "write 1 to 100", 0, 3},
		"1201个月":                {"out_of_range", "write 1 to 1200", 0, 4},
		"401 quarters":          {"out_of_range", "write 1 to 400", 0, 3},
		"5215 weeks":            {"out_of_range", "write 1 to 5214", 0, 4},
		"3600000001 seconds":    {"out_of_range", "write 1 to 3600000000", 0, 10},
		"3m":                    {"unknown_unit", "m may be months or minutes: write minutes or months", 1, 2},
		"5 d":                   {"unknown_unit", "say which days: working days or calendar days", 2, 3},
		"5 working hours":       {"unknown_unit", "did you mean 5 opening hours?", 2, 15},
		"9 x":                   {"unknown_unit", "use working days, days, hours, opening hours, minutes, seconds, weeks, months, quarters or years", 2, 3},
		"9秋":                    {"unknown_unit", "use working days, days, hours, opening hours, minutes, seconds, weeks, months, quarters or years", 1, 2},
		"-1 days":               {"out_of_range", "write 1 to 36500", 0, 2},
		"36501 days":            {"out_of_range", "write 1 to 36500", 0, 5},
		"36501 working days":    {"out_of_range", "write 1 to 36500", 0, 5},
		"1000001 hours":         {"out_of_range", "write 1 to 1000000", 0, 7},
		"60000001分钟":            {"out_of_range", "write 1 to 60000000", 0, 8},
		"99999999999999999 天":   {"out_of_range", "write 1 to 36500", 0, 17},
		"99999999999999999999天": {"out_of_range", "write 1 to 36500", 0, 20},
	} {
		got, err := source.ParseQuantity(text)
		assert.Equal(t, want.code, code(t, text, err), text)
		assert.Zero(t, got)
		var e *source.ScalarError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, want.remedy, e.Remedy.EN, text)
		assert.Equal(t, [2]int{want.from, want.to}, [2]int{e.From, e.To}, text)
	}
}

func TestQuantityReadsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := source.Quantity{
			Unit: source.Unit(rapid.IntRange(int(source.WorkingDays), int(source.Years)).Draw(t, "unit")),
		}
		q.N = rapid.Int64Range(0, q.Unit.Limit()).Draw(t, "n")
		got, err := source.ParseQuantity(q.String())
		require.NoError(t, err)
		require.Equal(t, q, got)
	})
	assert.Equal(t, "1 working day", source.Quantity{N: 1, Unit: source.WorkingDays}.String())
	assert.Equal(t, "3 invalid", source.Quantity{N: 3, Unit: 0}.String())
}

func TestQuantityDuration(t *testing.T) {
	for _, c := range []struct {
		q    source.Quantity
		want time.Duration
		ok   bool
	}{
		{source.Quantity{N: 24, Unit: source.Hours}, 24 * time.Hour, true},
		{source.Quantity{N: 30, Unit: source.Minutes}, 30 * time.Minute, true},
		{source.Quantity{N: source.MaxHours, Unit: source.Hours}, source.MaxHours * time.Hour, true},
		{source.Quantity{N: 1 << 60, Unit: source.Hours}, 0, false},
		{source.Quantity{N: 90, Unit: source.Seconds}, 90 * time.Second, true},
		{source.Quantity{N: 1, Unit: source.WorkingDays}, 0, false},
		{source.Quantity{N: 1, Unit: source.OpeningHours}, 0, false},
		{source.Quantity{N: 1, Unit: source.Months}, 0, false},
		{source.Quantity{N: 1, Unit: source.CalendarDays}, 0, false},
	} {
		got, ok := c.q.Duration()
		assert.Equal(t, c.ok, ok)
		assert.Equal(t, c.want, got)
	}
}

// remedied are the values that a remedy names: what follows a colon or "write",
// up to a comma or the end, or a space behind a number.
var remedied = regexp.MustCompile(`(?:write |: |, |; |mean )(-?[0-9]+(?:个工作日|个自然日|自然日|天|小时|分钟|星期|周|个月|个营业小时|营业小时|秒)|-?[0-9][-0-9.:]*%?(?: (?:working |calendar |opening )?(?:day|hour|minute|week|second|month|year)s?)?)`)

// A value that a remedy names is read where it is written instead, and is no
// other than what was written.
func TestRemediesNameWhatWasMeant(t *testing.T) {
	integer := func(text string) error { _, err := source.Integer(text); return err }
	quantity := func(text string) error { _, err := source.ParseQuantity(text); return err }
	percent := func(text string) error { _, _, err := source.Percent(text); return err }
	day := func(text string) error { _, err := source.Date(text); return err }
	month := func(text string) error { _, _, err := source.Month(text); return err }
	clock := func(text string) error { _, err := source.ClockTime(text); return err }
	for _, c := range []struct {
		read func(string) error
		text string
		want string // the values, none where more than one could be meant
	}{
		{integer, "007", "7"}, {integer, "+5", "5"}, {integer, "-0", "0"}, {integer, "2,000", "2000"}, {integer, "1_000_000", "1000000"},
		{integer, "1'000", "1000"}, {integer, "２０", "20"}, {integer, "2，000", "2000"}, {integer, "20.00", "20 2000"}, {integer, "-20.00", "-20 -2000"},
		{integer, "0.50", "50"}, {integer, "20.5", ""}, {integer, "1,00", ""}, {integer, "12,34,567", ""}, {integer, "1e3", ""}, {integer, "二十", "20"}, {integer, "第三次", "3"}, {integer, "一百零五元", "105"}, {integer, "三五", ""}, {integer, "二十元五角", ""}, {integer, "20元", "20"}, {integer, "3 次", "3"}, {integer, "20 CNY", "20"}, {integer, "3万", ""}, {integer, "3个", ""}, {integer, "20元5角", ""}, {integer, "5天", ""}, {integer, "2O0", ""}, {integer, "", ""},
		{integer, "1.000", ""}, {integer, "0x10", ""}, {integer, "twenty", ""},
		{quantity, "1礼拜", "1星期"}, {quantity, "2 Weeks", "2 weeks"}, {quantity, "2 fortnights", "28 days"}, {quantity, "0旬", ""}, {quantity, "9999 weeks", "1"},
		{quantity, "1月", "1个月"}, {quantity, "1学期", ""}, {quantity, "5 working hours", "5 opening hours"}, {quantity, "2w", "2 weeks"}, {quantity, "2w ", "2 weeks"}, {quantity, "3 m", ""},
		{quantity, "0.5 hours", "30 minutes"}, {quantity, "1.25小时", "75 minutes"}, {quantity, "0.333 hours", ""}, {quantity, "1.5 working days", ""},
		{quantity, "24h", "24 hours"}, {quantity, "5 hous", "5 hours"}, {quantity, "5工作", ""}, {quantity, "2个天", "2天"}, {quantity, "5个工作曰", "5个工作日"}, {quantity, "5 bays", "5 days"}, {quantity, "半天", ""}, {quantity, "五天", "5天"},
		{quantity, "一个月", "1个月"}, {quantity, "thirty days", "30 days"}, {quantity, "twenty-four hours", "24 hours"}, {quantity, "五个工作日", "5个工作日"}, {quantity, "十五个日历日", "15个自然日"}, {quantity, "an hour", "1 hour"}, {quantity, "A day", "1 day"},
		{quantity, "half an hour", "30 minutes"}, {quantity, "半小时", "30分钟"}, {quantity, "一个半小时", "90分钟"}, {quantity, "两个半小时", "150分钟"}, {quantity, "1 hour 30 minutes", "90 minutes"}, {quantity, "1小时30分", "90分钟"}, {quantity, "1h30m", ""}, {quantity, "2 minutes and 5 seconds", "125 seconds"}, {quantity, "1 day 2 hours", ""}, {quantity, "30 minutes 1 hour", ""},
		{quantity, "24小时内", "24小时"}, {quantity, "二十四小时以内", "24小时"}, {quantity, "不超过24小时", "24小时"}, {quantity, "at most 24 hours", "24 hours"}, {quantity, "up to two hours", "2 hours"}, {quantity, "24 hours after receipt", "24 hours"}, {quantity, "<= 24 hours", "24 hours"}, {quantity, "less than 24 hours", ""}, {quantity, "不足24小时", ""}, {quantity, "at least 24 hours", ""},
		{quantity, "hours(24)", "24 hours"}, {quantity, "PT24H", "24 hours"}, {quantity, "P5D", "5 days"}, {quantity, "P1M", "1 month"}, {quantity, "PT1M", "1 minute"}, {quantity, "P1Y2M", ""}, {quantity, "P0D", ""}, {quantity, "5 work days", "5 working days"},
		{quantity, "24-48 hours", ""}, {quantity, "five or six days", ""}, {quantity, "三五天", ""}, {quantity, "几天", ""}, {quantity, "1天半", ""}, {quantity, "二十四", ""}, {quantity, "fifth day", ""}, {quantity, "第五天", ""},
		{quantity, "1.5 days", "36 hours"}, {quantity, "1.5 weeks", ""},
		{quantity, "-10 working days", "1"}, {quantity, "99999999999999999999 days", "1"},
		{percent, "1‰", "0.1%"}, {percent, "0.5 ‰", "0.05%"}, {percent, "12‰", "1.2%"}, {percent, "99", "99%"}, {percent, "0.1", "0.1% 10%"}, {percent, "0.001", "0.001% 0.1%"}, {percent, "1", "1% 100%"},
		{percent, "-1%", ""}, {percent, "0,1%", "0.1%"}, {percent, "0.1 percent", "0.1%"}, {percent, "百分之5", "5%"}, {percent, "1,000%", ""}, {percent, "1/1000", ""}, {percent, "５％％", ""},
		{day, "2026/7/1", "2026-07-01"}, {day, "2026年7月1日", "2026-07-01"}, {day, "2026.07.01", "2026-07-01"}, {day, "2011－05－20", "2011-05-20"}, {day, "20260701", "2026-07-01"},
		{day, "1/7/2026", "2026-07-01 2026-01-07"}, {day, "2027-02-29", ""}, {day, "2026-13-01", ""}, {day, "7月1日", ""},
		{month, "2026-1", "2026-01"}, {month, "2026年1月", "2026-01"}, {month, "202601", "2026-01"}, {month, "2026-13", ""}, {month, "1/2026", ""},
		{clock, "8:30", "08:30"}, {clock, "08：30", "08:30"}, {clock, "18点", "18:00"}, {clock, "8.05", "08:05"}, {clock, "08:30:00", "08:30"}, {clock, "25:00", ""}, {clock, "6pm", ""},
	} {
		err := c.read(c.text)
		var e *source.ScalarError
		require.ErrorAs(t, err, &e, c.text)
		var got []string
		for _, m := range remedied.FindAllStringSubmatch(e.Remedy.EN, -1) {
			got = append(got, m[1])
			if m[1] == "1" { // of a range
				continue
			}
			assert.NoError(t, c.read(m[1]), "%s: %s", c.text, e.Remedy.EN)
			assert.Contains(t, e.Remedy.ZH, m[1])
		}
		assert.Equal(t, c.want, strings.Join(got, " "), "%s: %s", c.text, e.Remedy.EN)
	}
}

// Whatever is written, a remedy that names a length names one that is read.
func TestRemediesOfRandomQuantities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9０-９]{1,4}([.,][0-9]{1,3})?`).Draw(t, "number") + rapid.SampledFrom([]string{"", " "}).Draw(t, "gap") +
			rapid.OneOf(rapid.StringMatching(`[a-z周月日天年时分秒刻季个]{1,3}`), rapid.SampledFrom([]string{"wroking days", "Hours", "working dys", "weeks", "小时候", "个工作", "minuts"})).Draw(t, "unit")
		_, err := source.ParseQuantity(text)
		var e *source.ScalarError
		if !errors.As(err, &e) {
			return
		}
		for _, m := range remedied.FindAllStringSubmatch(e.Remedy.EN, -1) {
			if strings.ContainsAny(m[1], "aeiou个天日自小分周星秒营") { // not of a range
				_, err := source.ParseQuantity(m[1])
				require.NoError(t, err, "%s: %s", text, e.Remedy.EN)
			}
		}
	})
}

// Of a date with its year at the end it is told how it is written, and asked which is
// meant where that is not certain.
func TestDatesWithTheYearAtTheEnd(t *testing.T) {
	for text, remedy := range map[string]string{
		"26.9.2025":         "write year-month-day in ASCII: 2025-09-26",
		"9/26/2025":         "write year-month-day in ASCII: 2025-09-26",
		"9-9-2025":          "write year-month-day in ASCII: 2025-09-09",
		"3/9/2025":          "write the one that is meant of these: 2025-09-03, 2025-03-09",
		"26 September 2025": "write year-month-day in ASCII: 2025-09-26",
		"Sep 26, 2025":      "write year-month-day in ASCII: 2025-09-26",
		"31.2.2025":         "write year-month-day in digits, four, two and two of them",
		"30.30.2025":        "write year-month-day in digits, four, two and two of them",
	} {
		_, err := source.Date(text)
		var refused *source.ScalarError
		require.ErrorAs(t, err, &refused, text)
		assert.Equal(t, remedy, refused.Remedy.EN, text)
	}
}
