package table

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// DayOrder says which comes first in a date that has its year last.
type DayOrder string

// The values of DayOrder.
const (
	DayFirst   DayOrder = "day_first"   // 03/04/2025 is 3 April
	MonthFirst DayOrder = "month_first" // 03/04/2025 is 4 March
)

// DayOrders are the values of DayOrder.
var DayOrders = []string{string(DayFirst), string(MonthFirst)}

// wall is a day and a time of day as somebody has written them, without a zone.
type wall struct {
	at    time.Time // in UTC
	clock bool      // a time of day stands there
}

var (
	yearFirst   = regexp.MustCompile(`^(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?日?(?:[T ]+(.*)|((?:上午|下午)?\d{1,2}[:时].*))?$`)
	yearLast    = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})(?:[, ]+(.*))?$`)
	packed      = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$`)
	clockText   = regexp.MustCompile(`^(上午|下午|AM|PM|am|pm)? ?(\d{1,2})(?:[:：](\d{2})(?:[:：](\d{2})(?:\.0+)?)?|[时点](?:(\d{1,2})分)?(?:(\d{1,2})秒)?) ?(AM|PM|am|pm|a\.m\.|p\.m\.)?$`)
	serial      = regexp.MustCompile(`^\d{5}(?:\.\d{1,16})?$`)
	monthForm   = regexp.MustCompile(`^(\d{4}) ?[-/.年] ?(\d{1,2}) ?月?$`)
	monthWord   = regexp.MustCompile(`^(?i)([a-z]{3,9})\.?[- ](\d{4}|\d{2})$`)
	monthOfDate = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月]0?1日?$`)
)

// readWall reads a day, with or without a time of day, as spreadsheets and
// offices write them. Where two days are meant equally well, the problem names
// both; text that is written otherwise is neither.
func readWall(text string, order DayOrder) (w wall, ok bool, p *Problem) {
	text = strings.Join(strings.Fields(narrow(text)), " ") // also the line breaks of a cell, and spaces that are not to be broken
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		return withClock(m[1], m[2], m[3], m[4]+m[5])
	}
	if m := packed.FindStringSubmatch(text); m != nil {
		clock := ""
		if m[4] != "" {
			clock = m[4] + ":" + m[5] + ":" + m[6]
		}
		return withClock(m[1], m[2], m[3], clock)
	}
	m := yearLast.FindStringSubmatch(text)
	if m == nil {
		return wall{}, false, nil
	}
	first, second, year, clock := m[1], m[3], m[4], m[5]
	dayFirst, dayOK, p := withClock(year, second, first, clock)
	monthFirst, monthOK, q := withClock(year, first, second, clock)
	if p = cmp.Or(p, q); p != nil {
		return wall{}, false, p
	}
	switch {
	case order == DayFirst, order == "" && dayOK && (!monthOK || dayFirst == monthFirst):
		return dayFirst, dayOK, nil
	case order == MonthFirst, order == "" && monthOK && !dayOK:
		return monthFirst, monthOK, nil
	case !dayOK && !monthOK:
		return wall{}, false, nil
	}
	return wall{}, false, &Problem{
		Code: "uncertain_date", Value: text,
		Message: textf("%[1]s 是 %[2]d 月 %[3]d 日，还是 %[4]d 月 %[5]d 日？", "is %[1]s the day %[6]s or %[7]s?", Excerpt(text),
			dayFirst.at.Month(), dayFirst.at.Day(), monthFirst.at.Month(), monthFirst.at.Day(), dayFirst.at.Format("2 January 2006"), monthFirst.at.Format("2 January 2006")),
		Remedy: textf("日在前写 dates: day_first，月在前写 dates: month_first（在 review.yaml 里，或 --dates）；或把表里的日期写成 2025-04-03",
			"say dates: day_first or dates: month_first in review.yaml or by --dates; or write dates as in 2025-04-03"),
	}
}

// narrow is a text with digits and marks of full width as those of ASCII.
func narrow(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r == '　' || r >= '！' && r <= '～' }) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '　':
			return ' '
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, text)
}

// withClock puts a day and a time of day together; a clock of "" is none.
func withClock(year, month, day, clock string) (wall, bool, *Problem) {
	y, m, d := number(year), number(month), number(day)
	at := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if at.Year() != y || at.Month() != time.Month(m) || at.Day() != d {
		return wall{}, false, nil
	}
	clock = strings.TrimSpace(clock)
	if clock == "" {
		return wall{at: at}, true, nil
	}
	c := clockText.FindStringSubmatch(clock)
	if c == nil {
		return wall{}, false, nil
	}
	h, min, s := number(c[2]), number(c[3]+c[5]), number(c[4]+c[6])
	half := strings.ToLower(strings.ReplaceAll(c[1]+c[7], ".", ""))
	switch afternoon := half == "pm" || half == "下午"; {
	case half != "" && (h > 12 || h == 0 && half != "上午"):
		return wall{}, false, nil
	case half == "上午" && h == 12:
		return wall{}, false, &Problem{
			Code: "uncertain_time", Value: clock,
			Message: textf("%s 是零点多，还是中午？", "is %s after midnight, or at noon?", clock), Remedy: textf("按 24 小时写，如 %02[1]d:%02[3]d 或 %02[2]d:%02[3]d", "write it on a clock of 24 hours, %02[1]d:%02[3]d or %02[2]d:%02[3]d", 0, 12, min),
		}
	case afternoon && h < 12:
		h += 12
	case !afternoon && half != "" && h == 12:
		h = 0
	}
	if h == 24 && min == 0 && s == 0 && half == "" {
		next := at.AddDate(0, 0, 1)
		return wall{}, false, &Problem{
			Code: "uncertain_time", Value: clock, Message: textf("24:00 是这一天的最后一刻，还是次日的零点？", "is 24:00 the last moment of the day, or midnight of the next?"),
			Remedy: textf("写成 %[1]s 23:59:59 或 %[2]s 00:00", "write %[1]s 23:59:59 or %[2]s 00:00", at.Format(time.DateOnly), next.Format(time.DateOnly)),
		}
	}
	if h > 23 || min > 59 || s > 59 {
		return wall{}, false, nil
	}
	return wall{at.Add(time.Duration(h)*time.Hour + time.Duration(min)*time.Minute + time.Duration(s)*time.Second), true}, true, nil
}

// timeAlone finds a time of day, or a length of time, that stands where a day is
// needed as well.
var timeAlone = regexp.MustCompile(`^(?:上午|下午|[AaPp][Mm])? ?\d{1,4}[:：]\d{2}(?:[:：]\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?$`)

// number is the value of digits, 0 for none.
func number(digits string) int {
	n, _ := strconv.Atoi(digits) // four digits at most
	return n
}

// SerialDay is the day and the time of day of a serial number, as spreadsheets
// keep them: days from the end of 1899, or from 1904, to a millisecond. Before
// March 1900 they differ from each other, and nothing is read.
func SerialDay(text string, from1904 bool) (time.Time, bool) {
	days, ok := new(big.Rat).SetString(text)
	first, last := big.NewRat(61, 1), big.NewRat(2_958_466, 1) // to the end of 9999
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		first.SetInt64(0)
		last.SetInt64(2_958_466 - 1462)
	}
	if !ok || len(text) > 40 || days.Cmp(first) < 0 || days.Cmp(last) >= 0 {
		return time.Time{}, false
	}
	const perDay = 24 * 60 * 60 * 1000
	ms := new(big.Rat).Mul(days, big.NewRat(perDay, 1))
	ms.Add(ms, big.NewRat(1, 2))
	n := new(big.Int).Quo(ms.Num(), ms.Denom()).Int64()
	return begin.AddDate(0, 0, int(n/perDay)).Add(time.Duration(n%perDay) * time.Millisecond), true
}

// day reads the cell of a date.
func (c *Column) day(text string) (string, *Problem) {
	if isISO(text, "2006-01-02") {
		return text, nil
	}
	if serial.MatchString(text) {
		if at, ok := SerialDay(text, c.Days1904); ok && at.Equal(at.Truncate(24*time.Hour)) {
			return at.Format(time.DateOnly), nil
		}
		return text, nil
	}
	w, ok, p := readWall(text, c.Days)
	if p != nil {
		p.Column = c.Header
		return "", p
	}
	if !ok || w.clock && !w.at.Equal(w.at.Truncate(24*time.Hour)) {
		return text, nil // is refused by the rulebook
	}
	return w.at.Format(time.DateOnly), nil
}

// month reads the cell of a month.
func (c *Column) month(text string) string {
	if isISO(text, "2006-01") {
		return text
	}
	if m := monthForm.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s-%02d", m[1], number(m[2]))
	}
	if m := monthOfDate.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s-%02d", m[1], number(m[2]))
	}
	if m := monthWord.FindStringSubmatch(text); m != nil {
		year := m[2]
		if len(year) == 2 {
			year = "20" + year
		}
		for i := time.January; i <= time.December; i++ {
			if name := i.String(); strings.EqualFold(m[1], name) || strings.EqualFold(m[1], name[:3]) || i == time.September && strings.EqualFold(m[1], "sept") {
				return fmt.Sprintf("%s-%02d", year, int(i))
			}
		}
	}
	if serial.MatchString(text) {
		if at, ok := SerialDay(text, c.Days1904); ok && at.Day() == 1 && at.Equal(at.Truncate(24*time.Hour)) {
			return at.Format("2006-01")
		}
	}
	return text
}

// isISO reports whether a text has dashes where a form of ISO 8601 has them, and
// is as long, as most are.
func isISO(text, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i := range len(form) {
		if (form[i] == '-') != (text[i] == '-') {
			return false
		}
	}
	return true
}
