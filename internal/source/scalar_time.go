package source

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
)

// Years that a moment may lie in: it is kept as nanoseconds since 1970, of
// which 64 bits hold 1678 to 2261, and what is counted from it needs room.
const (
	FirstYear = 1700
	LastYear  = 2199
)

// Years that a date or a month may lie in. 9999-12-31 is what databases write
// where there is no end.
const (
	FirstDateYear = 1
	LastDateYear  = 9999
)

// Date reads a calendar day as `2026-01-31`, of the years 1 to 9999.
func Date(text string) (date.Date, error) {
	year, month, day, ok := dayOf(text)
	if !ok {
		e := refusal(CodeNotADate, text, "不是日期", " is not a date", "", "")
		e.Remedy = dateMeant(text)
		return 0, e
	}
	if err := inYears(text, year, FirstDateYear, LastDateYear); err != nil {
		return 0, err
	}
	return date.New(year, month, day), nil
}

var dateParts = regexp.MustCompile(`^([0-9]{4})(?:[-/.年\x{2010}-\x{2015}]([0-9]{1,2})[-/.月\x{2010}-\x{2015}]([0-9]{1,2})[日号]?|([0-9]{2})([0-9]{2}))$`)

// dateMeant says what to write instead of something that is no date. It names
// a date only where year, month and day stand in this order.
func dateMeant(text string) diagnostic.Text {
	m := dateParts.FindStringSubmatch(narrow(text))
	if _, _, err := Month(text); m == nil && err == nil {
		return diagnostic.Textf("写明哪一日，如从月初起写 %[1]s-01", "say which day: from the beginning of the month is %[1]s-01", text)
	}
	if m == nil {
		return yearLast(narrow(text))
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2] + m[4])
	day, _ := strconv.Atoi(m[3] + m[5])
	if month < 1 || month > 12 {
		return diagnostic.Text{ZH: "写成“年-月-日”，月份从 01 到 12", EN: "write year-month-day with a month from 01 to 12"}
	}
	if last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); day < 1 || day > last {
		return diagnostic.Textf("写成“年-月-日”，且该日存在：%d 年 %d 月有 %d 天", "write year-month-day, a day that exists; month %[2]d of %[1]d has %[3]d days", year, month, last)
	}
	return diagnostic.Textf("写成“年-月-日”，用半角字符：%04d-%02d-%02d", "write year-month-day in ASCII: %04d-%02d-%02d", year, month, day)
}

var (
	numbersYearLast = regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})$`)
	wordsYearLast   = []string{"2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006", "2. January 2006"}
)

// yearLast is dateMeant of dates that people write with the year at the end. Which
// number is the day is certain where the other cannot be one of a month.
func yearLast(text string) diagnostic.Text {
	for _, layout := range wordsYearLast {
		if t, err := time.Parse(layout, text); err == nil {
			return diagnostic.Textf("写成“年-月-日”，用半角字符：%s", "write year-month-day in ASCII: %s", t.Format(time.DateOnly))
		}
	}
	if m := numbersYearLast.FindStringSubmatch(text); m != nil {
		var may []string
		for _, order := range [][2]string{{m[2], m[1]}, {m[1], m[2]}} {
			month, _ := strconv.Atoi(order[0])
			day, _ := strconv.Atoi(order[1])
			written := fmt.Sprintf("%s-%02d-%02d", m[3], month, day)
			if _, _, _, ok := dayOf(written); ok && !slices.Contains(may, written) {
				may = append(may, written)
			}
		}
		switch len(may) {
		case 1:
			return diagnostic.Textf("写成“年-月-日”，用半角字符：%s", "write year-month-day in ASCII: %s", may[0])
		case 2:
			return diagnostic.Textf("写所指的那一天：%[1]s、%[2]s 之一", "write the one that is meant of these: %[1]s, %[2]s", may[0], may[1])
		}
	}
	return diagnostic.Text{ZH: "用半角数字写成“年-月-日”，各为四位、两位、两位", EN: "write year-month-day in digits, four, two and two of them"}
}

// dayOf reads the numbers of a day that exists. The dates of a rules file are
// read for every edition, so this takes no detour through patterns.
func dayOf(text string) (year int, month time.Month, day int, ok bool) {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return 0, 0, 0, false
	}
	number := func(digits string) int {
		n := 0
		for _, d := range []byte(digits) {
			if d < '0' || d > '9' {
				ok = false
			}
			n = n*10 + int(d-'0')
		}
		return n
	}
	ok = true
	year, month, day = number(text[:4]), time.Month(number(text[5:7])), number(text[8:])
	if !ok || month < time.January || month > time.December || day < 1 {
		return 0, 0, 0, false
	}
	// A day beyond the end of the month would be one of the next.
	return year, month, day, day <= 28 || time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Month() == month
}

var monthParts = regexp.MustCompile(`^([0-9]{4})[-/.年]?(0?[1-9]|1[0-2])月?$`)

// Month reads a month as `2026-01`, of the years 1 to 9999.
func Month(text string) (year int, month time.Month, err error) {
	first, err := time.Parse("2006-01", text)
	if err != nil || !inForm(text, "0000-00") {
		e := refusal(CodeNotAMonth, text, "不是月份", " is not a month",
			"用半角数字写成“年-月”，四位和两位，月份从 01 到 12", "write year-month in digits, four and two of them, the month from 01 to 12")
		if m := monthParts.FindStringSubmatch(narrow(text)); m != nil {
			number, _ := strconv.Atoi(m[2])
			e.Remedy = diagnostic.Textf("写成“年-月”：%s-%02d", "write year-month: %s-%02d", m[1], number)
		}
		return 0, 0, e
	}
	if err := inYears(text, first.Year(), FirstDateYear, LastDateYear); err != nil {
		return 0, 0, err
	}
	return first.Year(), first.Month(), nil
}

var clockParts = regexp.MustCompile(`^([0-9]{1,2})(?:[:.点时]([0-9]{2})(?::00|分)?|[点时])$`)

// ClockTime reads a time of day as `18:00`, as the time since 00:00; `24:00`
// is the end of the day.
func ClockTime(text string) (time.Duration, error) {
	if inForm(text, "00:00") {
		if t, ok := clock(int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')); ok {
			return t, nil
		}
	}
	e := refusal(CodeNotATime, text, "不是钟点", " is not a time of day",
		"写成“时:分”，各两位，从 00:00 到 24:00", "write hours:minutes, two digits each, from 00:00 to 24:00")
	if m := clockParts.FindStringSubmatch(narrow(text)); m != nil {
		hours, _ := strconv.Atoi(m[1])
		minutes, _ := strconv.Atoi(m[2]) // 0 of none
		if _, ok := clock(hours, minutes); ok {
			e.Remedy = diagnostic.Textf("写成“时:分”：%02d:%02d", "write hours:minutes: %02d:%02d", hours, minutes)
		}
	}
	return 0, e
}

func clock(hours, minutes int) (time.Duration, bool) {
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute,
		hours < 24 && minutes < 60 || hours == 24 && minutes == 0
}

// Moment reads a point in time as `2026-01-31T08:30:00+08:00`, of the years
// 1700 to 2199 on its own clock. The offset is kept as a fixed zone, or UTC
// where it is zero, whatever zone this machine is in.
func Moment(text string) (time.Time, error) {
	if t, ok := usualMoment(text); ok {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !inMomentForm(text) {
		return time.Time{}, notAMoment(text)
	}
	if err := inYears(text, t.Year(), FirstYear, LastYear); err != nil {
		return time.Time{}, err
	}
	if _, offset := t.Zone(); offset != 0 {
		return t.In(time.FixedZone("", offset)), nil
	}
	return t.UTC(), nil
}

// usualMoment reads a moment without a fraction of a second in a third of the
// time that package time takes, as tables are full of them; false where it is
// written otherwise, or wrong.
func usualMoment(text string) (time.Time, bool) {
	const utc, offset = "0000-00-00T00:00:00Z", "0000-00-00T00:00:00+00:00"
	if len(text) != len(utc) && len(text) != len(offset) {
		return time.Time{}, false
	}
	year, month, day, ok := dayOf(text[:10])
	hour, minute, second := below(24, text[11:]), below(60, text[14:]), below(60, text[17:])
	if !ok || year < FirstYear || year > LastYear || text[10] != 'T' || text[13] != ':' || text[16] != ':' || hour|minute|second < 0 {
		return time.Time{}, false
	}
	zone, sign := time.UTC, text[19]
	if len(text) == len(offset) {
		hours, minutes := below(24, text[20:]), below(60, text[23:])
		if sign != '+' && sign != '-' || text[22] != ':' || hours|minutes < 0 {
			return time.Time{}, false
		}
		east := 60 * (60*hours + minutes)
		if sign == '-' {
			east = -east
		}
		if east != 0 {
			zone = time.FixedZone("", east)
		}
	} else if sign != 'Z' {
		return time.Time{}, false
	}
	return time.Date(year, month, day, hour, minute, second, 0, zone), true
}

// below is the number that the first two digits of a text are; -1 where they
// are none, or one that is not below n.
func below(n int, text string) int {
	tens, ones := text[0]-'0', text[1]-'0'
	if x := 10*int(tens) + int(ones); tens <= 9 && ones <= 9 && x < n {
		return x
	}
	return -1
}

// inMomentForm reports whether a text is written as
// 0000-00-00T00:00:00[.0…]Z or …±00:00, whatever its digits.
func inMomentForm(text string) bool {
	const seconds, zone, most = "0000-00-00T00:00:00", "+00:00", 9
	if len(text) <= len(seconds) || !inForm(text[:len(seconds)], seconds) {
		return false
	}
	rest := text[len(seconds):]
	if rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 || n > most+1 {
			return false
		}
		rest = rest[n:]
	}
	return rest == "Z" || inForm(rest, zone) || inForm(rest, "-"+zone[1:])
}

// inForm compares a text with a form, in which 0 stands for any digit.
func inForm(text, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i := range len(form) {
		digit := text[i] >= '0' && text[i] <= '9'
		if form[i] == '0' && !digit || form[i] != '0' && text[i] != form[i] {
			return false
		}
	}
	return true
}

// notAMoment says what is wrong with a moment, if it looks like one.
func notAMoment(text string) error {
	day, clock, ok := strings.Cut(text, "T")
	if ok && inMomentForm(text) {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return refusal(CodeNotAMoment, text, "里的日期不存在", " has a day that does not exist",
				"检查月份，以及该月有几天", "check the month, and how many days it has")
		}
		if strings.HasPrefix(clock, "24:00:00") {
			return refusal(CodeNotAMoment, text, "不是时刻", " is not a moment",
				"一天的 24 点写作次日 00:00:00", "the end of a day is 00:00:00 of the next")
		}
		return refusal(CodeNotAMoment, text, "不是时刻", " is not a moment",
			"钟点从 00:00:00 到 23:59:59，时差不超过 24 小时", "the clock goes from 00:00:00 to 23:59:59, and an offset to 24 hours at most")
	}
	if local := momentMeant(text); !local.IsZero() {
		meant := local.Format("2006-01-02T15:04:05")
		e := refusal(CodeNotAMoment, text, "不是时刻", " is not a moment",
			"写上 T、秒和时区；北京时间写 "+meant+"+08:00", "write it with T, seconds and its offset, as in "+meant+"+08:00")
		e.Local = local
		return e
	}
	return refusal(CodeNotAMoment, text, "不是时刻", " is not a moment",
		"写成带时区的时刻，如 2026-01-31T08:30:00+08:00", "write it with its offset, as in 2026-01-31T08:30:00+08:00")
}

var momentParts = regexp.MustCompile(`^(.{8,11}?)(?:T| *)([0-9]{1,2})[:时点]([0-9]{2})?(?:[:分]([0-9]{2})?)?秒?$`)

// momentMeant is what is meant for a moment as people write it, without an offset;
// zero where a day or the time is not there, or does not exist.
func momentMeant(text string) time.Time {
	m := momentParts.FindStringSubmatch(narrow(text))
	if m == nil {
		return time.Time{}
	}
	d := dateParts.FindStringSubmatch(strings.TrimSpace(m[1]))
	if d == nil || d[4] != "" {
		return time.Time{}
	}
	number := func(text string) int { n, _ := strconv.Atoi(text); return n }
	t := time.Date(number(d[1]), time.Month(number(d[2])), number(d[3]), number(m[2]), number(m[3]), number(m[4]), 0, time.UTC)
	if t.Day() != number(d[3]) || t.Month() != time.Month(number(d[2])) || t.Hour() != number(m[2]) || t.Minute() != number(m[3]) || t.Second() != number(m[4]) {
		return time.Time{}
	}
	if inYears(text, t.Year(), FirstYear, LastYear) != nil {
		return time.Time{}
	}
	return t
}

func inYears(text string, year, first, last int) error {
	if year >= first && year <= last {
		return nil
	}
	remedyZH, remedyEN := "检查年份", "check the year"
	if year >= 9000 {
		remedyZH, remedyEN = "检查年份；表示“没有”或“未结束”的，不写或写 null", "check the year; leave it out or write null where it stands for none or not ended"
	}
	return refusal(CodeOutOfRange, text, fmt.Sprintf("不在 %d 年至 %d 年之间", first, last), fmt.Sprintf(" is not within the years %d to %d", first, last),
		remedyZH, remedyEN)
}
