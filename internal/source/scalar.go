package source

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/policy/diagnostic"
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
	CodeNotAnAmount  = "not_an_amount"
	CodeUnitMissing  = "unit_missing"
	CodeUnknownUnit  = "unknown_unit"
	CodeOutOfRange   = "out_of_range"
)

// Years that a date, month or moment may lie in.
const (
	FirstYear = 2000
	LastYear  = 2100
)

// The longest quantities.
const (
	MaxDays    = 36_500
	MaxHours   = 1_000_000
	MaxMinutes = 60 * MaxHours
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
		return 0, refusal(CodeNotAnInteger, text, "不是整数", " is not a whole number",
			"只用数字 0–9 写，如 20；不要前导零、分隔符、小数和指数",
			"write it in the digits 0-9, as in 20, without leading zero, separator, fraction or exponent")
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, refusal(CodeOutOfRange, text, "超出整数范围", " is too large a number",
			"写一个 19 位以内的数", "write a number of fewer than 19 digits")
	}
	return n, nil
}

// Amount reads whole money that is not negative, as `20`, in whatever unit
// the rules file counts money in.
func Amount(text string) (int64, error) {
	n, err := Integer(text)
	if e, ok := err.(*ScalarError); ok && e.Code == CodeOutOfRange {
		return 0, err
	}
	if err != nil || n < 0 {
		return 0, refusal(CodeNotAnAmount, text, "不是金额", " is not an amount of money",
			"写非负整数，不带单位，如 20", "write a whole number that is not negative, without a unit, as in 20")
	}
	return n, nil
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

// Date reads a calendar day as `2026-01-31`, of the years 2000 to 2100.
func Date(text string) (date.Date, error) {
	year, month, day, ok := dayOf(text)
	if !ok {
		return 0, refusal(CodeNotADate, text, "不是日期", " is not a date",
			"写成“年-月-日”，如 2026-01-31，且该日存在", "write a day that exists as year-month-day, as in 2026-01-31")
	}
	if err := inYears(text, year); err != nil {
		return 0, err
	}
	return date.New(year, month, day), nil
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

// Month reads a month as `2026-01`, of the years 2000 to 2100.
func Month(text string) (year int, month time.Month, err error) {
	first, err := time.Parse("2006-01", text)
	if err != nil || !inForm(text, "0000-00") {
		return 0, 0, refusal(CodeNotAMonth, text, "不是月份", " is not a month",
			"写成“年-月”，如 2026-01", "write it as year-month, as in 2026-01")
	}
	if err := inYears(text, first.Year()); err != nil {
		return 0, 0, err
	}
	return first.Year(), first.Month(), nil
}

// ClockTime reads a time of day as `18:00`, as the time since 00:00; `24:00`
// is the end of the day.
func ClockTime(text string) (time.Duration, error) {
	if inForm(text, "00:00") {
		hours, minutes := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
		if hours < 24 && minutes < 60 || hours == 24 && minutes == 0 {
			return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute, nil
		}
	}
	return 0, refusal(CodeNotATime, text, "不是钟点", " is not a time of day",
		"写成“时:分”，从 00:00 到 24:00，如 08:30", "write it as hours:minutes from 00:00 to 24:00, as in 08:30")
}

// Moment reads a point in time as `2026-01-31T08:30:00+08:00`, of the years
// 2000 to 2100 on its own clock. The offset is kept as a fixed zone, or UTC
// where it is zero, whatever zone this machine is in.
func Moment(text string) (time.Time, error) {
	if t, ok := usualMoment(text); ok {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !inMomentForm(text) {
		return time.Time{}, notAMoment(text)
	}
	if err := inYears(text, t.Year()); err != nil {
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

func inYears(text string, year int) error {
	if year >= FirstYear && year <= LastYear {
		return nil
	}
	return refusal(CodeOutOfRange, text, "不在 2000 年至 2100 年之间", " is not within the years 2000 to 2100",
		"检查年份", "check the year")
}

var percentForm = regexp.MustCompile(`^(0|[1-9][0-9]*)(?:\.([0-9]+))? ?[%\x{FF05}]$`)

// Percent reads a percentage as `0.1%` or `99 %`, the sign also full-width
// (U+FF05), exactly: the fraction in
// lowest terms, 1/1000 and 99/100. It has at most nine digits before and nine
// behind the point; it may be above 100 %, not below 0.
func Percent(text string) (num, den int64, err error) {
	m := percentForm.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, refusal(CodeNotAPercent, text, "不是百分比", " is not a percentage",
			"写成数字加百分号，如 0.1%", "write digits and a percent sign, as in 0.1%")
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

// Unit is what a Quantity counts.
type Unit uint8

// The units of quantities.
const (
	WorkingDays Unit = iota + 1
	CalendarDays
	Hours
	Minutes
)

var unitNames = [...]string{
	WorkingDays: "working days", CalendarDays: "calendar days", Hours: "hours", Minutes: "minutes",
}

// String is the unit as a rules file may write it.
func (u Unit) String() string {
	if u >= WorkingDays && int(u) < len(unitNames) {
		return unitNames[u]
	}
	return "invalid"
}

// limit is the longest quantity in a unit.
func (u Unit) limit() int64 {
	switch u {
	case Hours:
		return MaxHours
	case Minutes:
		return MaxMinutes
	}
	return MaxDays
}

// Quantity is a length of time: 0 to MaxDays days, MaxHours hours or
// MaxMinutes minutes.
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
}

// abbreviations are words that are meant clearly enough to say what to write,
// and not clearly enough to be read.
var abbreviations = map[string]string{
	"d": "days", "h": "hours", "hr": "hours", "hrs": "hours", "min": "minutes", "mins": "minutes",
	"m": "minutes", "business days": "working days", "business day": "working day",
	"workdays": "working days", "workday": "working day", "wd": "working days",
	"个日历日": "个自然日", "日历日": "自然日", "时": "小时", "分": "分钟", "个工作天": "个工作日", "工作天": "工作日",
}

var quantityForm = regexp.MustCompile(`^(-?[0-9][0-9.,_]*)( *)(.*)$`)

// ParseQuantity reads a length of time as people write it: `5 working days`,
// `24 hours`, `30 minutes`, `3 days`, `5个工作日`, `24小时`, `30分钟`, `7天`.
func ParseQuantity(text string) (Quantity, error) {
	m := quantityForm.FindStringSubmatch(text)
	if m == nil {
		return Quantity{}, refusal(CodeNotAQuantity, text, "不是时长", " is not a length of time",
			"写成数字加单位，如 5 working days 或 5个工作日", "write a number and a unit, as in 5 working days")
	}
	number, gap, word := m[1], m[2], m[3]
	n, err := Integer(number)
	if err != nil {
		e := *err.(*ScalarError) // Integer has no other
		if e.Code != CodeOutOfRange {
			e.Code = CodeNotAQuantity
		}
		return Quantity{}, &e
	}
	if word == "" {
		return Quantity{}, refusal(CodeUnitMissing, text, "没有单位", " has no unit",
			"写明单位，如 "+number+" working days、"+number+" hours 或 "+number+"个工作日",
			"say of what, as in "+number+" working days or "+number+" hours")
	}
	unit := Unit(0)
	for _, u := range units {
		if u.word == word && (gap != "" || word[0] >= utf8.RuneSelf) {
			unit = u.unit
		}
	}
	if unit == 0 {
		return Quantity{}, unknownUnit(number, gap, word)
	}
	if n < 0 || n > unit.limit() {
		e := refusal(CodeOutOfRange, text, "超出范围", " is out of range", "", "")
		e.Remedy = diagnostic.Textf("写 0 到 %d", "write 0 to %d", unit.limit())
		e.To = len(number)
		return Quantity{}, e
	}
	return Quantity{N: n, Unit: unit}, nil
}

// unknownUnit says which unit was probably meant.
func unknownUnit(number, gap, word string) *ScalarError {
	candidates := make([]string, len(units))
	for i, u := range units {
		candidates[i] = u.word
	}
	meant := abbreviations[strings.ToLower(word)]
	if meant == "" {
		meant = diagnostic.Nearest(strings.Join(strings.Fields(word), " "), candidates)
	}
	e := refusal(CodeUnknownUnit, word, "不是时长的单位", " is not a unit of time",
		"可用 working days、calendar days、days、hours、minutes，或 个工作日、自然日、天、小时、分钟",
		"use working days, calendar days, days, hours or minutes")
	if meant != "" {
		space := ""
		if meant[0] < utf8.RuneSelf {
			space = " "
		}
		e.Remedy = diagnostic.Textf("是否为 %[1]s？", "did you mean %[1]s?", number+space+meant)
	}
	e.From = len(number) + len(gap)
	e.To += e.From
	return e
}

// Duration is the exact length of a quantity of hours or minutes; false for days,
// whose length is the calendar's to say.
func (q Quantity) Duration() (time.Duration, bool) {
	unit := time.Duration(0)
	switch q.Unit {
	case Hours:
		unit = time.Hour
	case Minutes:
		unit = time.Minute
	default:
		return 0, false
	}
	if q.N > math.MaxInt64/int64(unit) || q.N < math.MinInt64/int64(unit) {
		return 0, false
	}
	return time.Duration(q.N) * unit, true
}
