package source

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
)

// Codes of a ScalarError.
const (
	CodeNotAnInteger = "not_an_integer"
	CodeNotABoolean  = "not_a_boolean"
	CodeNotADate     = "not_a_date"
	CodeNotAMonth    = "not_a_month"
	CodeNotATime     = "not_a_clock_time"
	CodeNotAMoment   = "not_a_moment"
	CodeNotAPercent  = "not_a_percent"
	CodeNotAQuantity = "not_a_quantity"
	CodeUnitMissing  = "unit_missing"
	CodeUnknownUnit  = "unknown_unit"
	CodeOutOfRange   = "out_of_range"
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

// The longest quantities.
const (
	MaxDays    = 36_500
	MaxHours   = 1_000_000
	MaxMinutes = 60 * MaxHours
	MaxYears   = 100
)

// ScalarError says why a text is not the scalar that it should be. From and
// To are the characters of the text that are wrong, for Node.SpanAt.
type ScalarError struct {
	Code     string
	Message  diagnostic.Text
	Remedy   diagnostic.Text
	From, To int
}

// Error is the message in English.
func (e *ScalarError) Error() string { return e.Message.EN }

// refusal is a ScalarError about the whole text.
func refusal(code, text, zh, en, remedyZH, remedyEN string) *ScalarError {
	word := shown(text)
	return &ScalarError{
		Code:    code,
		Message: diagnostic.Text{ZH: word + zh, EN: word + en},
		Remedy:  diagnostic.Text{ZH: remedyZH, EN: remedyEN},
		To:      utf8.RuneCountInString(text),
	}
}

// isInteger reports whether a text is written as a whole number.
func isInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return digits != "" && (digits[0] != '0' || text == "0")
}

// Integer reads a whole number as `20` or `-3`: no leading zero, sign +,
// separator, fraction or exponent.
func Integer(text string) (int64, error) {
	if !isInteger(text) {
		e := refusal(CodeNotAnInteger, text, "不是整数", " is not a whole number", "", "")
		e.Remedy = integerMeant(text)
		return 0, e
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, refusal(CodeOutOfRange, text, "超出整数范围", " is too large a number",
			"写一个 19 位以内的数", "write a number of fewer than 19 digits")
	}
	return n, nil
}

var (
	plainDigits   = regexp.MustCompile(`^(?:\+|(-))?0*([0-9]+)$`)
	groupedDigits = regexp.MustCompile(`^-?[1-9][0-9]{0,2}(?:[,，_' ][0-9]{3})+$`)
	hundredths    = regexp.MustCompile(`^(-?(?:0|[1-9][0-9]*))\.([0-9]{2})$`)
)

// integerMeant says what to write instead of something that is no whole
// number. It names a number only where no other can be meant: of money in
// whole units and in hundredths it names both.
func integerMeant(text string) diagnostic.Text {
	text = narrow(text)
	if m := plainDigits.FindStringSubmatch(text); m != nil {
		if m[2] == "0" {
			return writeNumber("0")
		}
		return writeNumber(m[1] + m[2])
	}
	if groupedDigits.MatchString(text) {
		return writeNumber(strings.NewReplacer(",", "", "，", "", "_", "", "'", "", " ", "").Replace(text))
	}
	if m := hundredths.FindStringSubmatch(text); m != nil {
		inHundredths, _ := strings.CutPrefix(strings.TrimPrefix(m[1], "-")+m[2], "0")
		if m[2] == "00" {
			return diagnostic.Textf("只写整数，不带小数：按整数计的写 %[1]s，按百分之一（如分）计的写 %[2]s", "write a whole number: %[1]s where it is counted in whole units, %[2]s where in hundredths such as cents", m[1], signed(m[1], inHundredths))
		}
		return diagnostic.Textf("只写整数，不带小数；只有按百分之一（如分）计的才写 %s", "write a whole number; %s only where it is counted in hundredths such as cents", signed(m[1], inHundredths))
	}
	return diagnostic.Text{
		ZH: "只用数字 0–9 写整数；不要前导零、分隔符、小数、指数和单位",
		EN: "write a whole number in the digits 0-9, without leading zero, separator, fraction, exponent or unit",
	}
}

func writeNumber(n string) diagnostic.Text {
	return diagnostic.Textf("只用数字写：%s，不要前导零、分隔符和正号", "write %s, in digits without leading zero, separator or sign +", n)
}

// signed gives a number the sign of another.
func signed(of, number string) string {
	if strings.HasPrefix(of, "-") {
		return "-" + number
	}
	return number
}

// narrow writes the full-width digits, letters and marks of Chinese text as
// ASCII.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFF01 + '!'
		case r == 0x3000:
			return ' '
		}
		return r
	}, text)
}

// Boolean reads `true` or `false`, nothing else.
func Boolean(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	meant := ""
	switch strings.ToLower(text) {
	case "yes", "on", "y", "true", "1", "是":
		meant = "true"
	case "no", "off", "n", "false", "0", "否":
		meant = "false"
	}
	remedyZH, remedyEN := "写 true 或 false", "write true or false"
	if meant != "" {
		remedyZH, remedyEN = "写 "+meant, "write "+meant
	}
	return false, refusal(CodeNotABoolean, text, "不是 true 或 false", " is neither true nor false", remedyZH, remedyEN)
}

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
	if m == nil {
		return diagnostic.Text{ZH: "用半角数字写成“年-月-日”，各为四位、两位、两位", EN: "write year-month-day in digits, four, two and two of them"}
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
	return refusal(CodeNotAMoment, text, "不是时刻", " is not a moment",
		"写成带时区的时刻，如 2026-01-31T08:30:00+08:00", "write it with its offset, as in 2026-01-31T08:30:00+08:00")
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

var percentForm = regexp.MustCompile(`^(0|[1-9][0-9]*)(?:\.([0-9]+))? ?[%\x{FF05}]$`)

// Percent reads a percentage as `0.1%` or `99 %`, the sign also full-width
// (U+FF05), exactly: the fraction in
// lowest terms, 1/1000 and 99/100. It has at most nine digits before and nine
// behind the point; it may be above 100 %, not below 0.
func Percent(text string) (num, den int64, err error) {
	m := percentForm.FindStringSubmatch(text)
	if m == nil {
		e := refusal(CodeNotAPercent, text, "不是百分比", " is not a percentage", "", "")
		e.Remedy = percentMeant(text)
		return 0, 0, e
	}
	if len(m[1]) > 9 || len(m[2]) > 9 {
		return 0, 0, refusal(CodeOutOfRange, text, "位数太多", " has too many digits",
			"小数点前后各不超过 9 位", "use at most nine digits before and nine behind the point")
	}
	num, _ = strconv.ParseInt(m[1]+m[2], 10, 64) // at most 18 digits
	den = 100
	for range m[2] {
		den *= 10
	}
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return num / a, den / a, nil
}

var (
	plainDecimal = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?$`)
	perMille     = regexp.MustCompile(`^((?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?) ?‰$`)
)

// percentMeant says what to write instead of something that is no percentage.
// A number without a sign may be the percentage or the share itself, so that
// both are named.
func percentMeant(text string) diagnostic.Text {
	text = narrow(text)
	if m := perMille.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("写成百分比：%s%%", "write it as a percentage: %s%%", shifted(m[1], -1))
	}
	if !plainDecimal.MatchString(text) {
		return diagnostic.Text{
			ZH: "写成数字加百分号，不为负，只用数字和小数点", EN: "write digits and a percent sign, not below zero, with a point before decimals",
		}
	}
	if strings.HasPrefix(text, "0.") || text == "1" {
		return diagnostic.Textf("写上百分号：百分之 %[1]s 写 %[1]s%%，占比 %[1]s 写 %[2]s%%",
			"write the sign: %[1]s%% for %[1]s in a hundred, %[2]s%% for a share of %[1]s", text, shifted(text, 2))
	}
	return diagnostic.Textf("写上百分号：%s%%", "write the sign: %s%%", text)
}

// shifted moves the point of a decimal some places to the right, or to the left.
func shifted(decimal string, places int) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	for ; places > 0; places-- {
		next := "0"
		if fraction != "" {
			next, fraction = fraction[:1], fraction[1:]
		}
		whole += next
	}
	for ; places < 0; places++ {
		fraction, whole = whole[len(whole)-1:]+fraction, whole[:len(whole)-1]
		if whole == "" {
			whole = "0"
		}
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		whole += "." + fraction
	}
	return whole
}

// Unit is what a Quantity counts.
type Unit uint8

// The units of quantities. Opening hours and minutes are those during which a
// calendar is open; months, quarters and years have no length of their own,
// but that from one day to another.
const (
	WorkingDays Unit = iota + 1
	CalendarDays
	Hours
	Minutes
	Seconds
	OpeningHours
	OpeningMinutes
	Weeks
	Months
	Quarters
	Years
)

var unitNames = [...]string{
	WorkingDays: "working days", CalendarDays: "calendar days", Hours: "hours", Minutes: "minutes", Seconds: "seconds",
	OpeningHours: "opening hours", OpeningMinutes: "opening minutes",
	Weeks: "weeks", Months: "months", Quarters: "quarters", Years: "years",
}

// String is the unit as a rules file may write it.
func (u Unit) String() string {
	if u >= WorkingDays && u <= Years {
		return unitNames[u]
	}
	return "invalid"
}

// limit is the longest quantity in a unit.
func (u Unit) limit() int64 {
	switch u {
	case Hours, OpeningHours:
		return MaxHours
	case Minutes, OpeningMinutes:
		return MaxMinutes
	case Seconds:
		return MaxMinutes * 60
	case Weeks:
		return MaxDays / 7
	case Months:
		return MaxYears * 12
	case Quarters:
		return MaxYears * 4
	case Years:
		return MaxYears
	}
	return MaxDays
}

// Limit is the greatest number of the unit that a quantity can have.
func (u Unit) Limit() int64 { return u.limit() }

// Quantity is a length of time: 0 to MaxDays days, MaxHours hours, MaxMinutes
// minutes or MaxYears years, or as much in another unit.
type Quantity struct {
	N    int64
	Unit Unit
}

// String is the quantity as a rules file may write it.
func (q Quantity) String() string {
	unit := q.Unit.String()
	if q.N == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strconv.FormatInt(q.N, 10) + " " + unit
}

// units are the words for units. A word of English stands apart from its
// number, one of Chinese may.
var units = [...]struct {
	word string
	unit Unit
}{
	{"working days", WorkingDays},
	{"working day", WorkingDays},
	{"calendar days", CalendarDays},
	{"calendar day", CalendarDays},
	{"days", CalendarDays},
	{"day", CalendarDays},
	{"hours", Hours},
	{"hour", Hours},
	{"minutes", Minutes},
	{"minute", Minutes},
	{"个工作日", WorkingDays},
	{"工作日", WorkingDays},
	{"个自然日", CalendarDays},
	{"自然日", CalendarDays},
	{"天", CalendarDays},
	{"日", CalendarDays},
	{"个小时", Hours},
	{"小时", Hours},
	{"分钟", Minutes},
	{"seconds", Seconds},
	{"second", Seconds},
	{"秒", Seconds},
	{"秒钟", Seconds},
	{"opening hours", OpeningHours},
	{"opening hour", OpeningHours},
	{"个营业小时", OpeningHours},
	{"营业小时", OpeningHours},
	{"opening minutes", OpeningMinutes},
	{"opening minute", OpeningMinutes},
	{"营业分钟", OpeningMinutes},
	{"weeks", Weeks},
	{"week", Weeks},
	{"周", Weeks},
	{"个星期", Weeks},
	{"星期", Weeks},
	{"months", Months},
	{"month", Months},
	{"个月", Months},
	{"quarters", Quarters},
	{"quarter", Quarters},
	{"个季度", Quarters},
	{"季度", Quarters},
	{"years", Years},
	{"year", Years},
	{"年", Years},
}

// halfYears are the only lengths without a number: half a year is six months.
var halfYears = map[string]bool{"half a year": true, "半年": true}

// abbreviations are words that are meant clearly enough to say what to write,
// and not clearly enough to be read. An "m" may be a month.
var abbreviations = map[string]string{
	"h": "hours", "hr": "hours", "hrs": "hours", "min": "minutes", "mins": "minutes",
	"business days": "working days", "business day": "working day",
	"workdays": "working days", "workday": "working day", "wd": "working days",
	"working hours": "opening hours", "working hour": "opening hour", "business hours": "opening hours", "business hour": "opening hour",
	"office hours": "opening hours", "office hour": "opening hour", "工作小时": "营业小时", "个工作小时": "个营业小时", "工时": "营业小时", "个工时": "营业小时",
	"sec": "seconds", "secs": "seconds", "s": "seconds", "yr": "years", "yrs": "years", "月": "个月", "季": "个季度",
	"wk": "weeks", "wks": "weeks", "w": "weeks", "个周": "周", "礼拜": "星期", "个礼拜": "个星期",
	"个日历日": "个自然日", "日历日": "自然日", "时": "小时", "分": "分钟", "个工作天": "个工作日", "工作天": "工作日", "个天": "天", "自然天": "自然日",
}

// lengths are words for lengths of time that are no units, as how many of
// another unit: 1 week is 7 days.
var lengths = map[string]struct {
	n    int64
	unit string
}{
	"fortnight": {14, "days"}, "fortnights": {14, "days"}, "旬": {10, "天"},
	"刻钟": {15, "分钟"}, "刻": {15, "分钟"},
}

// unlike are words for lengths of time that no unit stands for, and why.
var unlike = map[string]diagnostic.Text{
	"学期": {ZH: "学期长短不一：写成几个月或几天", EN: "terms differ in length: count in months or days"},
	"m":  {ZH: "m 可指月或分钟：写 minutes 或 months", EN: "m may be months or minutes: write minutes or months"},
	"d":  {ZH: "写明哪种日：working days 或 calendar days", EN: "say which days: working days or calendar days"},
}

var quantityForm = regexp.MustCompile(`^(-?[0-9][0-9.,_]*)( *)(.*)$`)

// ParseQuantity reads a length of time as people write it: `5 working days`,
// `24 hours`, `30 minutes`, `3 days`, `1 month`, `5个工作日`, `24小时`, `30分钟`,
// `7天`, `3个月`, `半年`.
func ParseQuantity(text string) (Quantity, error) {
	if halfYears[text] {
		return Quantity{N: 6, Unit: Months}, nil
	}
	m := quantityForm.FindStringSubmatch(text)
	if m == nil {
		return Quantity{}, refusal(CodeNotAQuantity, text, "不是时长", " is not a length of time",
			"用半角数字加单位来写，单位为 working days、days、hours、minutes，或 个工作日、天、小时、分钟、周、个月、年",
			"write a number in digits and its unit: working days, days, hours, minutes, weeks, months or years")
	}
	number, gap, word := m[1], m[2], m[3]
	unit := Unit(0)
	if gap != "" || word != "" && word[0] >= utf8.RuneSelf {
		unit = unitNamed(word)
	}
	n, err := Integer(number)
	var e *ScalarError
	switch {
	case errors.As(err, &e) && e.Code == CodeOutOfRange && unit != 0, err == nil && unit != 0 && (n < 0 || n > unit.limit()):
		// No place has a use for nothing, which would pass here.
		e = refusal(CodeOutOfRange, text, "超出范围", " is out of range", "", "")
		e.Remedy = diagnostic.Textf("写 1 到 %d", "write 1 to %d", unit.limit())
		e.To = len(number)
		return Quantity{}, e
	case err != nil:
		if e.Code != CodeOutOfRange {
			e.Code = CodeNotAQuantity
			if minutes, ok := inMinutes(number, unit); ok {
				e.Remedy = diagnostic.Textf("写整数：%d 分钟即 %[1]d minutes", "write a whole number: %d minutes", minutes)
				e.To = utf8.RuneCountInString(text)
			}
		}
		return Quantity{}, e
	case word == "":
		return Quantity{}, refusal(CodeUnitMissing, text, "没有单位", " has no unit",
			"写明单位："+number+" working days、"+number+" hours 或 "+number+"个工作日，视所指而定",
			"say of what: "+number+" working days or "+number+" hours, whichever is meant")
	case unit == 0:
		return Quantity{}, unknownUnit(n, number, gap, word)
	}
	return Quantity{N: n, Unit: unit}, nil
}

// inMinutes is a decimal number of hours in minutes, where that is exact.
func inMinutes(number string, unit Unit) (int64, bool) {
	if unit != Hours || !plainDecimal.MatchString(number) || len(number) > 10 {
		return 0, false
	}
	_, fraction, _ := strings.Cut(number, ".")
	scale := int64(1)
	for range fraction {
		scale *= 10
	}
	n, _ := strconv.ParseInt(strings.ReplaceAll(number, ".", ""), 10, 64)
	return n * 60 / scale, n*60%scale == 0 && n > 0
}

// unknownUnit says which unit was probably meant. It names a length only where
// that is as long as what was written.
func unknownUnit(n int64, number, gap, word string) *ScalarError {
	e := refusal(CodeUnknownUnit, word, "不是时长的单位", " is not a unit of time",
		"可用 working days、days、hours、opening hours、minutes、seconds、weeks、months、quarters、years，或 个工作日、天、小时、营业小时、分钟、秒、周、个月、季度、年",
		"use working days, days, hours, opening hours, minutes, seconds, weeks, months, quarters or years")
	e.From = len(number) + len(gap)
	e.To += e.From
	plain := strings.Join(strings.Fields(strings.ToLower(word)), " ")
	length, isLength := lengths[plain]
	why, isUnlike := unlike[plain]
	switch meant := meantUnit(plain); {
	case isLength && n > 0 && n <= MaxDays/length.n:
		e.Remedy = diagnostic.Textf("这里换算成其他单位来写：%s", "say it in another unit: write %s", withUnit(n*length.n, length.unit))
	case isUnlike:
		e.Remedy = why
	case meant != "" && n <= unitNamed(meant).limit():
		e.Remedy = diagnostic.Textf("是否为 %[1]s？", "did you mean %[1]s?", withUnit(n, meant))
	}
	return e
}

// unitNamed is the unit of one of its words.
func unitNamed(word string) Unit {
	for _, u := range units {
		if u.word == word {
			return u.unit
		}
	}
	return 0
}

func withUnit(n int64, unit string) string {
	if unit[0] < utf8.RuneSelf {
		return fmt.Sprintf("%d %s", n, unit)
	}
	return fmt.Sprint(n, unit)
}

// meantUnit is the unit that a word is a slip of, "" for none. A word of a few
// characters is not one: in Chinese each of them is a unit of its own.
func meantUnit(word string) string {
	if unit := abbreviations[word]; unit != "" {
		return unit
	}
	best, least := "", 3
	for _, u := range units {
		letters := utf8.RuneCountInString(u.word)
		if d := diagnostic.Distance(word, u.word); d < least && 4*d <= max(letters, utf8.RuneCountInString(word)) {
			best, least = u.word, d
		}
	}
	return best
}

// Duration is the exact length of a quantity of hours, minutes or seconds;
// false for days and longer, and for opening time: their length is the
// calendar's to say.
func (q Quantity) Duration() (time.Duration, bool) {
	unit := time.Duration(0)
	switch q.Unit {
	case Hours:
		unit = time.Hour
	case Minutes:
		unit = time.Minute
	case Seconds:
		unit = time.Second
	default:
		return 0, false
	}
	if q.N > math.MaxInt64/int64(unit) || q.N < math.MinInt64/int64(unit) {
		return 0, false
	}
	return time.Duration(q.N) * unit, true
}
