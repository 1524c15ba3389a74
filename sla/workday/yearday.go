package workday

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"
)

// A YearDay is a day that comes once a year, or in some years: 25 December,
// the day after Easter, the last Monday of May. [ParseYearDay] makes one; the
// zero YearDay is none.
type YearDay struct {
	kind    yearDayKind
	month   time.Month
	day     int          // of the month; 29 February is in leap years alone
	weekday time.Weekday // of nth and beside
	n       int          // nth: 1 to 4, or -1 for the last; beside: the days that may be meant begin n after it; easter: days after
}

type yearDayKind uint8

const (
	noYearDay yearDayKind = iota
	fixedDay
	easterDay
	orthodoxDay
	nthWeekday
	besideDay
)

// A YearDayError says that a text is no [YearDay].
type YearDayError struct{ Text string }

// Error names the text and what may stand there.
func (e *YearDayError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("workday: %q is no day of the year: write 12-25, easter+1, orthodox easter-2, last monday of may, 3rd monday of january or wednesday before 11-23", e.Text)
}

// maxFromEaster bounds the days between Easter and a day counted from it.
const maxFromEaster = 180

// ParseYearDay reads a day of the year, in English or Chinese:
//
//	12-25                       12月25日
//	easter, easter+1            复活节, 复活节+1
//	orthodox easter-2           东正教复活节-2
//	last monday of may          5月最后一个星期一
//	3rd monday of january       1月第三个星期一
//	wednesday before 11-23      11-23之前的星期三
//	saturday on or after 06-20  06-20当天或之后的星期六
//
// Weekdays are counted from first to fourth. Before and after a day is never
// the day itself. The error is a [*YearDayError].
func ParseYearDay(text string) (YearDay, error) {
	d, ok := yearDay(strings.ToLower(strings.Join(strings.Fields(text), " ")))
	if !ok {
		return YearDay{}, &YearDayError{Text: text}
	}
	return d, nil
}

func yearDay(text string) (YearDay, bool) {
	if month, day, ok := monthDay(text); ok {
		return YearDay{kind: fixedDay, month: month, day: day}, true
	}
	for _, e := range []struct {
		word string
		kind yearDayKind
	}{{"easter", easterDay}, {"复活节", easterDay}, {"orthodox easter", orthodoxDay}, {"东正教复活节", orthodoxDay}} {
		if rest, ok := strings.CutPrefix(text, e.word); ok {
			n, ok := offset(strings.ReplaceAll(rest, " ", ""))
			return YearDay{kind: e.kind, n: n}, ok
		}
	}
	if d, ok := nthEnglish(text); ok {
		return d, true
	}
	if d, ok := besideEnglish(text); ok {
		return d, true
	}
	return yearDayChinese(strings.ReplaceAll(text, " ", ""))
}

// offset reads "", "+1" or "-2".
func offset(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text[1:])
	switch {
	case err != nil || text[1] < '1' || text[1] > '9' || n > maxFromEaster:
		return 0, false
	case text[0] == '-':
		return -n, true
	}
	return n, text[0] == '+'
}

var (
	ordinals = map[string]int{
		"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
		"第一个": 1, "第二个": 2, "第三个": 3, "第四个": 4, "最后一个": -1, "第1个": 1, "第2个": 2, "第3个": 3, "第4个": 4,
	}
	sides = map[string]int{ // the first of the seven days among which the weekday lies
		"before": -7, "after": 1, "on or before": -6, "on or after": 0,
		"之前的": -7, "之后的": 1, "当天或之前的": -6, "当天或之后的": 0,
	}
	chineseWeekdays = []string{"日", "一", "二", "三", "四", "五", "六"}
)

// nthEnglish reads "last monday of may".
func nthEnglish(text string) (YearDay, bool) {
	words := strings.Fields(text)
	if len(words) != 4 || words[2] != "of" {
		return YearDay{}, false
	}
	n, known := ordinals[words[0]]
	weekday, isDay := weekdayNamed(words[1])
	for month := time.January; month <= time.December; month++ {
		if strings.ToLower(month.String()) == words[3] {
			return YearDay{kind: nthWeekday, month: month, weekday: weekday, n: n}, known && isDay
		}
	}
	return YearDay{}, false
}

// besideEnglish reads "wednesday before 11-23".
func besideEnglish(text string) (YearDay, bool) {
	first, rest, _ := strings.Cut(text, " ")
	weekday, isDay := weekdayNamed(first)
	at := strings.LastIndexByte(rest, ' ')
	if !isDay || at < 0 {
		return YearDay{}, false
	}
	n, known := sides[rest[:at]]
	month, day, ok := monthDay(rest[at+1:])
	return YearDay{kind: besideDay, month: month, day: day, weekday: weekday, n: n}, known && ok
}

// yearDayChinese reads 5月最后一个星期一 and 11-23之前的星期三.
func yearDayChinese(text string) (YearDay, bool) {
	weekday := time.Weekday(-1)
	for i, name := range chineseWeekdays {
		for _, week := range []string{"星期", "周"} {
			if rest, ok := strings.CutSuffix(text, week+name); ok {
				text, weekday = rest, time.Weekday(i)
			}
		}
	}
	if weekday < 0 {
		return YearDay{}, false
	}
	month, which, ok := strings.Cut(text, "月")
	if n, known := ordinals[which]; ok && known {
		m, err := strconv.Atoi(month)
		return YearDay{kind: nthWeekday, month: time.Month(m), weekday: weekday, n: n}, err == nil && m >= 1 && m <= 12 && month == strconv.Itoa(m)
	}
	for side, n := range sides {
		if on, ok := strings.CutSuffix(text, side); ok {
			if month, day, ok := monthDay(on); ok { // of 当天或之前的 and 之前的 only one leaves a day
				return YearDay{kind: besideDay, month: month, day: day, weekday: weekday, n: n}, true
			}
		}
	}
	return YearDay{}, false
}

func weekdayNamed(text string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == text {
			return d, true
		}
	}
	return 0, false
}

// monthDay reads "12-25" or "12月25日". 29 February is a day.
func monthDay(text string) (time.Month, int, bool) {
	if month, day, ok := strings.Cut(strings.TrimSuffix(text, "日"), "月"); ok && strings.HasSuffix(text, "日") {
		text = pad(month) + "-" + pad(day)
	}
	t, err := time.Parse(time.DateOnly, "2000-"+text)
	if err != nil || len(text) != len("12-25") {
		return 0, 0, false
	}
	return t.Month(), t.Day(), true
}

func pad(digits string) string {
	if len(digits) == 1 {
		return "0" + digits
	}
	return digits
}

// In is the day in a year from 1583 to 9999; false outside of these, and where
// the year has no such day: 29 February.
func (d YearDay) In(year int) (date.Date, bool) {
	if year < firstEaster || year > lastEaster {
		return 0, false
	}
	switch d.kind {
	case easterDay:
		return easter(year) + date.Date(d.n), true
	case orthodoxDay:
		return orthodoxEaster(year) + date.Date(d.n), true
	case nthWeekday:
		first := date.New(year, d.month, 1)
		if d.n < 0 {
			first = date.New(year, d.month+1, 1) - 7 // month 13 is January of the next year
			return onOrAfter(first, d.weekday), true
		}
		return onOrAfter(first, d.weekday) + date.Date(7*(d.n-1)), true
	case fixedDay, besideDay:
		on := date.New(year, d.month, d.day)
		if on.Day() != d.day {
			return 0, false // 29 February became 1 March
		}
		if d.kind == besideDay {
			on = onOrAfter(on+date.Date(d.n), d.weekday)
		}
		return on, true
	}
	return 0, false
}

// onOrAfter is the first such weekday from a day on.
func onOrAfter(d date.Date, weekday time.Weekday) date.Date {
	return d + date.Date((weekday-d.Weekday()+7)%7)
}

// IsZero reports whether no day is meant.
func (d YearDay) IsZero() bool { return d.kind == noYearDay }

// String is the day as ParseYearDay reads it, in English; "" of the zero
// YearDay.
func (d YearDay) String() string {
	on := fmt.Sprintf("%02d-%02d", int(d.month), d.day)
	month, weekday := strings.ToLower(d.month.String()), strings.ToLower(d.weekday.String())
	switch d.kind {
	case fixedDay:
		return on
	case easterDay, orthodoxDay:
		text := "easter"
		if d.kind == orthodoxDay {
			text = "orthodox easter"
		}
		if d.n != 0 {
			text += fmt.Sprintf("%+d", d.n)
		}
		return text
	case nthWeekday:
		which := "last"
		if d.n > 0 {
			which = [...]string{"first", "second", "third", "fourth"}[d.n-1]
		}
		return which + " " + weekday + " of " + month
	case besideDay:
		side := map[int]string{-7: "before", 1: "after", -6: "on or before", 0: "on or after"}[d.n]
		return weekday + " " + side + " " + on
	}
	return ""
}
