package workday

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func day(s string) date.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return date.NewAt(t)
}

func dates(list ...string) (out []date.Date) {
	for _, s := range list {
		out = append(out, day(s))
	}
	return out
}

func build(t testing.TB, c Config) *Calendar {
	t.Helper()
	cal, err := New(c)
	require.NoError(t, err)
	return cal
}

// naive is the oracle: a list of facts, searched day by day.
type naive struct {
	off    map[date.Date]bool // listed days: true off, false worked
	closed map[date.Date]bool
	rest   map[time.Weekday]bool
	lacks  func(year int) bool
}

func naiveChina() naive {
	n := naive{
		off:   map[date.Date]bool{},
		rest:  map[time.Weekday]bool{time.Saturday: true, time.Sunday: true},
		lacks: func(y int) bool { return y < 2004 || y > 2026 },
	}
	for _, notice := range ChinaNotices() {
		if notice.Amends {
			for d := range n.off { // the amended stretches are replaced whole
				if d >= day("2020-01-19") && d <= day("2020-02-02") && notice.Year == 2020 {
					delete(n.off, d)
				}
			}
		}
		for _, h := range notice.Holidays {
			for _, d := range h.Rest {
				n.off[d] = true
			}
			for _, d := range h.Work {
				n.off[d] = false
			}
		}
	}
	return n
}

func (n naive) works(d date.Date) (bool, error) {
	switch {
	case d < day("2000-01-01") || d > day("2100-12-31"):
		return false, &RangeError{Date: d}
	case n.lacks(d.Year()):
		return false, &YearMissingError{Year: d.Year()}
	case n.closed[d]:
		return false, nil
	}
	if off, listed := n.off[d]; listed {
		return !off, nil
	}
	return !n.rest[d.Weekday()], nil
}

func (n naive) add(d date.Date, days int) (date.Date, error) {
	step := date.Date(1)
	if days < 0 {
		step, days = -1, -days
	}
	for days > 0 {
		d += step
		works, err := n.works(d)
		if err != nil {
			return 0, err
		}
		if works {
			days--
		}
	}
	return d, nil
}

func (n naive) between(a, b date.Date) (count int, err error) {
	for d := min(a, b) + 1; d <= max(a, b); d++ {
		works, err := n.works(d)
		if err != nil {
			return 0, err
		}
		if works {
			count++
		}
	}
	if b < a {
		count = -count
	}
	return count, nil
}

// sameError compares errors by what a caller branches on. The oracle finds
// the day outside the range on its way; the calendar tells where it began.
func sameError(t require.TestingT, want, got error, what ...any) {
	var missing, gotMissing *YearMissingError
	var outside *RangeError
	switch {
	case want == nil:
		require.NoError(t, got, what...)
	case errors.As(want, &missing):
		require.ErrorAs(t, got, &gotMissing, what...)
		require.Equal(t, missing.Year, gotMissing.Year, what...)
	default:
		require.ErrorAs(t, got, &outside, what...)
	}
}

func TestConstants(t *testing.T) {
	assert.Equal(t, "2000-01-01", FirstDate.String())
	assert.Equal(t, "2100-12-31", LastDate.String())
	for i := range days {
		d := epoch + date.Date(i)
		require.Equal(t, d.Year(), minYear+yearOf(i), d)
		require.Equal(t, d.Weekday(), weekdayOf(i), d)
	}
}

func TestChinaChecksum(t *testing.T) {
	const want = "3695b544dde9fe798a58587414b9f9ac6ef7bfc654b04a44ab6ce3def7aa762d"
	h := sha256.New()
	for d := day("2004-01-01"); d <= day("2026-12-31"); d++ {
		works, err := China().IsWorkday(d)
		require.NoError(t, err)
		word := "O"
		if works {
			word = "W"
		}
		fmt.Fprintf(h, "%s %s\n", d, word)
	}
	assert.Equal(t, want, hex.EncodeToString(h.Sum(nil)))
	assert.Equal(t, want, China().Hash(), "the hash of the calendar is that of the public listing")
	first, last := China().Range()
	assert.Equal(t, []int{2004, 2026}, []int{first, last})
	assert.Same(t, China(), China())
}

func TestChinaCounts(t *testing.T) {
	f, err := os.Open("testdata/china-counts.csv")
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 24)

	legal := map[date.Date]bool{}
	for _, n := range ChinaNotices() {
		for _, h := range n.Holidays {
			for _, d := range h.Legal {
				legal[d] = true
			}
		}
	}
	for _, row := range rows[1:] {
		year, err := strconv.Atoi(row[0])
		require.NoError(t, err)
		var listed, statutory, rest, makeUp, weekdays, working, off int
		var pattern strings.Builder
		for d := date.New(year, 1, 1); d <= date.New(year, 12, 31); d++ {
			kind, err := China().Kind(d)
			require.NoError(t, err)
			workday, err := China().IsWorkday(d)
			require.NoError(t, err)
			require.Equal(t, workday, kind.Worked(), d)
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			switch kind {
			case Holiday:
				listed++
				if legal[d] {
					statutory++
				} else {
					rest++
				}
			case MakeUp:
				listed++
				makeUp++
				require.True(t, weekend, d)
			case Weekend:
				require.True(t, weekend, d)
			}
			if !weekend {
				weekdays++
			}
			if workday {
				working++
				pattern.WriteByte('1')
			} else {
				off++
				pattern.WriteByte('0')
			}
		}
		sum := sha256.Sum256([]byte(pattern.String()))
		got := []string{row[0]}
		for _, n := range []int{listed, statutory, rest, makeUp, weekdays, working, off} {
			got = append(got, strconv.Itoa(n))
		}
		assert.Equal(t, row, append(got, hex.EncodeToString(sum[:8])))
		n, err := China().Between(date.New(year, 1, 1)-1, date.New(year, 12, 31))
		if year == 2004 { // the day before lies in 2003, but is not counted
			require.NoError(t, err)
		}
		assert.Equal(t, row[6], strconv.Itoa(n))
	}
}

func TestChinaNotices(t *testing.T) {
	notices := ChinaNotices()
	require.Len(t, notices, 26)
	var amended []string
	for i, n := range notices {
		assert.True(t, strings.HasPrefix(n.URL, "http"), n.URL)
		assert.NotEmpty(t, n.Holidays)
		if n.Year > 2005 {
			assert.NotZero(t, n.Posted, n.Year)
		}
		if i > 0 {
			assert.GreaterOrEqual(t, n.Year, notices[i-1].Year)
			assert.True(t, n.Posted == 0 || n.Posted > notices[i-1].Posted, "%d", n.Year)
		}
		for _, h := range n.Holidays {
			assert.NotEmpty(t, h.Legal, h.Name)
			assert.Subset(t, h.Rest, h.Legal, "%d %s", n.Year, h.Name)
		}
		if n.Amends {
			amended = append(amended, n.Posted.String())
		}
	}
	assert.Equal(t, []string{"2015-05-13", "2019-03-22", "2020-01-27"}, amended)
	notices[0].Holidays[0].Rest[0] = 0
	assert.NotZero(t, ChinaNotices()[0].Holidays[0].Rest[0], "the caller owns the result")
}

func TestChinaKnownOn(t *testing.T) {
	for _, tc := range []struct {
		known string
		days  map[string]Kind
		next  string // the first working day on or after the key below
		from  string
	}{
		{"2015-05-12", map[string]Kind{"2015-09-03": Working, "2015-09-04": Working, "2015-09-05": Weekend, "2015-09-06": Weekend}, "2015-09-03", "2015-09-03"},
		{"2015-05-13", map[string]Kind{"2015-09-03": Holiday, "2015-09-04": Holiday, "2015-09-05": Holiday, "2015-09-06": MakeUp}, "2015-09-06", "2015-09-03"},
		{"2019-03-21", map[string]Kind{"2019-04-28": Weekend, "2019-05-01": Holiday, "2019-05-02": Working, "2019-05-03": Working, "2019-05-04": Weekend, "2019-05-05": Weekend, "2015-09-06": MakeUp}, "2019-05-02", "2019-05-01"},
		{"2019-03-22", map[string]Kind{"2019-04-28": MakeUp, "2019-05-01": Holiday, "2019-05-02": Holiday, "2019-05-03": Holiday, "2019-05-04": Holiday, "2019-05-05": MakeUp}, "2019-05-05", "2019-05-01"},
		{"2020-01-26", map[string]Kind{"2020-01-19": MakeUp, "2020-01-30": Holiday, "2020-01-31": Working, "2020-02-01": MakeUp, "2020-02-02": Weekend, "2019-05-05": MakeUp}, "2020-01-31", "2020-01-24"},
		{"2020-01-27", map[string]Kind{"2020-01-19": MakeUp, "2020-01-30": Holiday, "2020-01-31": Holiday, "2020-02-01": Holiday, "2020-02-02": Holiday, "2020-02-03": Working}, "2020-02-03", "2020-01-24"},
		{"2003-01-01", map[string]Kind{"2026-02-28": MakeUp, "2015-09-06": Weekend, "2005-12-31": MakeUp}, "2026-02-24", "2026-02-15"},
		{"2099-01-01", map[string]Kind{"2015-09-06": MakeUp, "2020-02-02": Holiday}, "2026-01-04", "2026-01-01"},
	} {
		c := ChinaKnownOn(day(tc.known))
		for d, want := range tc.days {
			got, err := c.Kind(day(d))
			require.NoError(t, err)
			assert.Equal(t, want.String(), got.String(), "%s as known on %s", d, tc.known)
		}
		next, err := c.Next(day(tc.from))
		require.NoError(t, err)
		assert.Equal(t, tc.next, next.String(), "as known on %s", tc.known)
	}
	assert.Same(t, China(), ChinaKnownOn(day("2020-01-27")))
	assert.NotEqual(t, China().Hash(), ChinaKnownOn(day("2020-01-26")).Hash())
}

func TestAddTable(t *testing.T) {
	for _, tc := range []struct {
		from string
		n    int
		want string
	}{
		{"2025-01-20", 10, "2025-02-08"}, // over a long holiday, with two make-up days
		{"2025-01-25", 0, "2025-01-25"},  // a day off stays
		{"2025-01-25", 1, "2025-01-26"},
		{"2025-01-26", -1, "2025-01-24"},
		{"2025-02-05", -1, "2025-01-27"},
		{"2025-06-06", 5, "2025-06-13"},
		{"2025-06-07", 5, "2025-06-13"}, // a Saturday start gains nothing
		{"2025-06-13", -5, "2025-06-06"},
		{"2003-12-31", 1, "2004-01-02"}, // the start is not counted, so its year is not needed
		{"2027-01-01", -1, "2026-12-31"},
		{"2026-12-30", 1, "2026-12-31"},
	} {
		got, err := China().Add(day(tc.from), tc.n)
		require.NoError(t, err, tc.from)
		assert.Equal(t, tc.want, got.String(), "%s%+d", tc.from, tc.n)
	}
}

func TestAddErrors(t *testing.T) {
	far := build(t, Config{Base: China(), Years: map[int]Year{2029: {NoHolidays: true}}})
	for _, tc := range []struct {
		cal  *Calendar
		from date.Date
		n    int
		year int // missing, or 0 for a RangeError
	}{
		{China(), day("2026-12-31"), 1, 2027},
		{China(), day("2026-12-31"), 2, 2027},
		{China(), day("2026-01-01"), 5000, 2027},
		{China(), day("2026-01-01"), math.MaxInt, 2027},
		{China(), day("2004-01-02"), -1, 2003},
		{China(), day("2004-01-02"), math.MinInt, 2003},
		{China(), day("2027-06-01"), 1, 2027},
		{China(), day("2030-06-01"), -1, 2030},
		{China(), day("2000-01-01"), 1, 2000},
		{far, day("2026-12-31"), 600, 2027},
		{far, day("2028-12-31"), 300, 2030},
		{far, day("2029-01-02"), -2, 2028},
		{China().Provisional(), LastDate, 1, 0},
		{China().Provisional(), FirstDate, -1, 0},
		{China().Provisional(), FirstDate, math.MaxInt, 0},
		{China().Provisional(), LastDate, math.MinInt, 0},
		{China(), LastDate, 1, 0}, // no day left whose year could be missing
		{China(), FirstDate, -1, 0},
		{China(), FirstDate + 1, -1, 2000},
		{China(), FirstDate - 1, 0, 0},
		{China(), LastDate + 1, -1, 0},
		{China(), date.Max(), 1, 0},
		{China(), date.Min(), -1, 0},
		{China(), math.MaxInt64, 1, 0},
		{China(), math.MinInt64, -1, 0},
	} {
		_, err := tc.cal.Add(tc.from, tc.n)
		var missing *YearMissingError
		var outside *RangeError
		if tc.year != 0 {
			require.ErrorAs(t, err, &missing, "%s%+d", tc.from, tc.n)
			assert.Equal(t, tc.year, missing.Year, "%s%+d", tc.from, tc.n)
			assert.Contains(t, err.Error(), strconv.Itoa(tc.year))
		} else {
			require.ErrorAs(t, err, &outside, "%s%+d", tc.from, tc.n)
			assert.Equal(t, tc.from, outside.Date)
			assert.Contains(t, err.Error(), tc.from.String())
		}
	}
}

func TestLookupErrors(t *testing.T) {
	c := China()
	for _, d := range []date.Date{FirstDate - 1, LastDate + 1} {
		var outside *RangeError
		_, err := c.IsWorkday(d)
		require.ErrorAs(t, err, &outside)
		_, err = c.Kind(d)
		require.ErrorAs(t, err, &outside)
		_, err = c.Next(d)
		require.ErrorAs(t, err, &outside)
		_, err = c.Between(d, d)
		require.ErrorAs(t, err, &outside)
		_, err = c.Between(day("2020-01-01"), d)
		require.ErrorAs(t, err, &outside)
	}
	for _, d := range dates("2003-12-31", "2027-01-01") {
		want := &YearMissingError{Year: d.Year()}
		_, err := c.IsWorkday(d)
		assert.Equal(t, want, err)
		_, err = c.Kind(d)
		assert.Equal(t, want, err)
		_, err = c.Next(d)
		assert.Equal(t, want, err)
		n, err := c.Between(d, d)
		assert.NoError(t, err, "no day is counted")
		assert.Zero(t, n)
	}
	_, err := c.Between(day("2001-05-05"), day("2030-01-01"))
	assert.Equal(t, &YearMissingError{Year: 2001}, err)
	_, err = c.Between(day("2030-01-01"), day("2001-05-05"))
	assert.Equal(t, &YearMissingError{Year: 2001}, err, "the earliest, in both directions")

	closed := Config{AnyYear: true}
	for d := day("2100-12-25"); d <= LastDate; d++ {
		closed.Closures = append(closed.Closures, d)
	}
	var outside *RangeError
	_, err = build(t, closed).Next(day("2100-12-25"))
	require.ErrorAs(t, err, &outside)
}

func TestNoCalendar(t *testing.T) {
	d := day("2025-01-02")
	for _, c := range []*Calendar{nil, {}, (*Calendar)(nil).Provisional(), (&Calendar{}).Provisional()} {
		_, err := c.Add(d, 1)
		assert.ErrorIs(t, err, ErrNoCalendar)
		_, err = c.IsWorkday(d)
		assert.ErrorIs(t, err, ErrNoCalendar)
		_, err = c.Between(d, d)
		assert.ErrorIs(t, err, ErrNoCalendar)
		_, err = c.AddHours(time.Now(), 1, time.UTC)
		assert.ErrorIs(t, err, ErrNoCalendar)
		year, missing := c.MissingYear(d, d)
		assert.True(t, missing)
		assert.Equal(t, 2025, year)
		first, last := c.Range()
		assert.Zero(t, first+last)
		assert.Len(t, c.Hash(), 64)
	}
	_, err := New(Config{Base: &Calendar{}})
	assert.NoError(t, err, "an empty base contributes nothing")
}

func TestProvisional(t *testing.T) {
	c := China().Provisional()
	due, err := c.Add(day("2026-12-31"), 1)
	require.NoError(t, err)
	assert.Equal(t, "2027-01-01", due.String(), "a plain Friday as far as is known")
	kind, err := c.Kind(due)
	require.NoError(t, err)
	assert.Equal(t, Working, kind)
	first, last := c.Range()
	assert.Equal(t, []int{2004, 2026}, []int{first, last})
	assert.NotEqual(t, China().Hash(), c.Hash())

	on := build(t, Config{Base: c, Closures: dates("2027-01-01")})
	due, err = on.Add(day("2026-12-31"), 1)
	require.NoError(t, err, "built on a provisional calendar")
	assert.Equal(t, "2027-01-04", due.String())

	for _, tc := range []struct {
		from, to string
		year     int
	}{
		{"2026-12-31", "2026-12-31", 0},
		{"2026-12-31", "2027-01-01", 2027},
		{"2027-01-01", "2026-12-31", 2027},
		{"2026-12-31", "2004-01-01", 0},
		{"2004-01-01", "2003-12-31", 2003},
		{"2001-01-01", "2030-01-01", 2001},
		{"2030-01-01", "2001-01-01", 2030},
		{"2025-01-01", "2101-01-01", 2027},
		{"1999-12-31", "2025-01-01", 1999},
	} {
		year, missing := c.MissingYear(day(tc.from), day(tc.to))
		assert.Equal(t, tc.year != 0, missing, tc)
		assert.Equal(t, tc.year, year, tc)
	}
	plain := build(t, Config{AnyYear: true})
	year, missing := plain.MissingYear(day("2100-12-31"), day("2101-01-01"))
	assert.True(t, missing)
	assert.Equal(t, 2101, year)
	year, missing = plain.MissingYear(day("2000-12-31"), day("1999-01-01"))
	assert.True(t, missing)
	assert.Equal(t, 1999, year)
	_, missing = plain.MissingYear(FirstDate, LastDate)
	assert.False(t, missing)
}

// Random additions and counts against the day-by-day oracle: a million, or as
// many as WORKDAY_PAIRS says.
func TestAgainstNaiveWalk(t *testing.T) {
	oracle, c := naiveChina(), China()
	type answer struct {
		works bool
		err   error
	}
	from, to := day("2002-01-01"), day("2028-12-31")
	table := make([]answer, to-from+1)
	for i := range table {
		table[i].works, table[i].err = oracle.works(from + date.Date(i))
	}
	r := rand.New(rand.NewPCG(1, 2))
	pairs := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("WORKDAY_PAIRS")); err == nil {
		pairs = n
	}
	for range pairs {
		d := day("2003-01-01") + date.Date(r.IntN(25*365))
		n := r.IntN(121) - 60
		if r.IntN(100) == 0 {
			n *= 10
		}
		i, step, left := int(d-from), 1, n
		if n < 0 {
			step, left = -1, -n
		}
		var want error
		for left > 0 && want == nil {
			i += step
			if want = table[i].err; table[i].works {
				left--
			}
		}
		got, err := c.Add(d, n)
		if want != nil || err != nil {
			require.Equal(t, want, err, "%s%+d", d, n)
			continue
		}
		if got != from+date.Date(i) {
			require.Equal(t, (from + date.Date(i)).String(), got.String(), "%s%+d", d, n)
		}
		count, err := c.Between(d, got)
		back, backErr := c.Between(got, d)
		if err != nil || backErr != nil {
			// Counting backwards may need the day of the start, too.
			require.True(t, n < 0 && oracle.lacks(d.Year()), "%s%+d", d, n)
			continue
		}
		wantCount := n
		if n < 0 { // (got, d] instead of [got, d)
			wantCount = n + 1
			if table[d-from].works {
				wantCount = n
			}
		}
		if count != wantCount || back != -count {
			require.Equal(t, []int{wantCount, -wantCount}, []int{count, back}, "%s%+d", d, n)
		}
	}
}

// What is looked up on the stretch without errors is what the long way finds,
// in particular on both sides of where the stretch and the tables end.
func TestShortWayIsTheLongWay(t *testing.T) {
	all := map[string]*Calendar{
		"China":       China(),
		"provisional": China().Provisional(),
		"any year":    build(t, Config{AnyYear: true}),
		"two runs":    build(t, Config{Base: China(), Years: map[int]Year{2028: {NoHolidays: true}, 2029: {NoHolidays: true}}}),
		"one year":    build(t, Config{Years: map[int]Year{2010: {NoHolidays: true}}}),
		"both ends":   build(t, Config{Years: map[int]Year{2000: {NoHolidays: true}, 2100: {NoHolidays: true}}}),
		"the last":    build(t, Config{Years: map[int]Year{2099: {NoHolidays: true}, 2100: {NoHolidays: true}}}),
		"nothing":     build(t, Config{}),
		"seven days":  build(t, Config{AnyYear: true, Weekend: []time.Weekday{}}),
	}
	var around []date.Date
	for _, edge := range dates("2000-01-01", "2004-01-01", "2010-01-01", "2011-01-01", "2027-01-01", "2028-01-01",
		"2030-01-01", "2099-01-01", "2101-01-01") {
		for d := edge - 12; d <= edge+12; d++ {
			around = append(around, d)
		}
	}
	around = append(around, math.MinInt64, math.MaxInt64, 0, date.Min(), date.Max())
	for name, c := range all {
		for _, d := range around {
			next, err := c.Next(d)
			want, wantErr := c.next(d)
			require.Equal(t, wantErr, err, "%s: next %d", name, d)
			require.Equal(t, want, next, "%s: next %d", name, d)
			for _, to := range around {
				n, err := c.Between(d, to)
				want, wantErr := c.between(d, to)
				if err != nil || wantErr != nil || n != want {
					require.Equal(t, wantErr, err, "%s: between %d and %d", name, d, to)
					require.Equal(t, want, n, "%s: between %d and %d", name, d, to)
				}
			}
			for _, n := range []int{0, 1, 2, 3, 9, 250, 251, 252, 253, 5000, 26000, 36890, 36891, math.MaxInt, math.MaxInt - 1} {
				for _, n := range []int{n, -n, -n - 1} {
					got, err := c.Add(d, n)
					want, wantErr := c.add(d, n)
					require.Equal(t, wantErr, err, "%s: %d%+d", name, d, n)
					require.Equal(t, want, got, "%s: %d%+d", name, d, n)
				}
			}
		}
	}
}

func TestCustomCalendarsAgainstNaiveWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weekend := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 6, rapid.ID[int]).Draw(t, "weekend")
		oracle := naive{off: map[date.Date]bool{}, closed: map[date.Date]bool{}, rest: map[time.Weekday]bool{}}
		config := Config{
			Weekend:        []time.Weekday{},
			Years:          map[int]Year{},
			IgnoreMakeup:   rapid.Bool().Draw(t, "ignore make-up"),
			IgnoreHolidays: rapid.Bool().Draw(t, "ignore holidays"),
			AnyYear:        rapid.Bool().Draw(t, "any year"),
		}
		for _, d := range weekend {
			config.Weekend = append(config.Weekend, time.Weekday(d))
			oracle.rest[time.Weekday(d)] = true
		}
		for _, y := range rapid.SliceOfNDistinct(rapid.IntRange(2010, 2014), 0, 5, rapid.ID[int]).Draw(t, "years") {
			var listing Year
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 364), 0, 30, rapid.ID[int]).Draw(t, "listed") {
				d := date.New(y, 1, 1) + date.Date(i)
				if i%3 == 0 {
					listing.Work = append(listing.Work, d)
					if !config.IgnoreMakeup {
						oracle.off[d] = false
					}
				} else {
					listing.Rest = append(listing.Rest, d)
					if !config.IgnoreHolidays {
						oracle.off[d] = true
					}
				}
			}
			listing.NoHolidays = len(listing.Rest)+len(listing.Work) == 0
			config.Years[y] = listing
		}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 2000), 0, 30, rapid.ID[int]).Draw(t, "closures") {
			d := day("2010-01-01") + date.Date(i)
			config.Closures = append(config.Closures, d)
			oracle.closed[d] = true
		}
		oracle.lacks = func(y int) bool {
			_, ok := config.Years[y]
			return !ok && !config.AnyYear
		}
		c, err := New(config)
		require.NoError(t, err)

		d := day("2009-06-01") + date.Date(rapid.IntRange(0, 6*365).Draw(t, "day"))
		n := rapid.IntRange(-400, 400).Draw(t, "n")
		want, wantErr := oracle.add(d, n)
		got, err := c.Add(d, n)
		sameError(t, wantErr, err)
		require.Equal(t, want.String(), got.String())

		to := d + date.Date(rapid.IntRange(-400, 400).Draw(t, "distance"))
		count, wantErr := oracle.between(d, to)
		between, err := c.Between(d, to)
		sameError(t, wantErr, err)
		require.Equal(t, count, between)
		reverse, _ := c.Between(to, d)
		require.Equal(t, -between, reverse)

		works, wantErr := oracle.works(d)
		isWorkday, err := c.IsWorkday(d)
		sameError(t, wantErr, err)
		require.Equal(t, works, isWorkday)
		kind, err := c.Kind(d)
		sameError(t, wantErr, err)
		if err == nil {
			require.Equal(t, works, kind.Worked())
		}

		next, err := c.Next(d)
		wantNext, wantErr := d, wantErr
		for wantErr == nil && !works {
			wantNext++
			works, wantErr = oracle.works(wantNext)
		}
		sameError(t, wantErr, err)
		if err == nil {
			require.Equal(t, wantNext.String(), next.String())
		}

		// Building on it changes nothing, and the order of the lists neither.
		again, err := New(Config{Base: c})
		require.NoError(t, err)
		require.Equal(t, c.Hash(), again.Hash())
	})
}

func TestKindString(t *testing.T) {
	assert.Equal(t, "closure", Closure.String())
	assert.Equal(t, "unknown", Kind(200).String())
	assert.False(t, Closure.Worked())
	assert.True(t, MakeUp.Worked())
}

func FuzzAdd(f *testing.F) {
	f.Add(int64(739000), 5)
	f.Add(int64(730119), math.MinInt)
	f.Add(int64(math.MaxInt64), math.MaxInt)
	oracle, c := naiveChina(), China()
	f.Fuzz(func(t *testing.T, d int64, n int) {
		got, err := c.Add(date.Date(d), n)
		if n < -500 || n > 500 {
			return // it must not panic; the oracle would take too long
		}
		want, wantErr := oracle.add(date.Date(d), n)
		if date.Date(d) < FirstDate || date.Date(d) > LastDate {
			wantErr = &RangeError{}
			want = 0
		}
		sameError(t, wantErr, err)
		if err == nil && got != want {
			t.Fatalf("%d%+d: %s, want %s", d, n, got, want)
		}
	})
}

// What it costs to look up, near and far. Results go where the compiler
// cannot leave them out.
func BenchmarkCalendar(b *testing.B) {
	c := China()
	from, late := day("2005-03-01"), day("2025-03-03")
	var to date.Date
	var count int
	for _, n := range []int{1, 5, 250, 5000} {
		end, err := c.Add(from, n)
		require.NoError(b, err)
		b.Run(fmt.Sprintf("forward/%d", n), func(b *testing.B) {
			for i := range b.N {
				to, _ = c.Add(from+date.Date(i&7), n)
			}
		})
		b.Run(fmt.Sprintf("back/%d", n), func(b *testing.B) {
			for i := range b.N {
				to, _ = c.Add(late-date.Date(i&7), -n)
			}
		})
		b.Run(fmt.Sprintf("between/%d", n), func(b *testing.B) {
			for i := range b.N {
				count, _ = c.Between(from+date.Date(i&7), end+7)
			}
		})
	}
	require.NotZero(b, to)
	require.NotZero(b, count)
}

// BenchmarkWalk is what the look-up replaces.
func BenchmarkWalk(b *testing.B) {
	oracle, from := naiveChina(), day("2004-01-05")
	for _, n := range []int{1, 5, 250, 5000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := oracle.add(from, n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseAndBuildChina(b *testing.B) {
	for b.Loop() {
		if c := chinaOf(ChinaNotices(), LastDate); c.table == nil {
			b.Fatal("no calendar")
		}
	}
}
