package source

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// The longest quantities.
const (
	MaxDays    = 36_500
	MaxHours   = 1_000_000
	MaxMinutes = 60 * MaxHours
	MaxYears   = 100
)

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

// WordsForUnits are the words for units that a rules file may use.
func WordsForUnits() []string {
	words := make([]string, len(units))
	for i, u := range units {
		words[i] = u.word
	}
	return words
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
	"work days": "working days", "work day": "working day", "bank days": "working days", "bank day": "working day",
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

// UnitWords are the words for units where a number stands apart from its unit;
// with an s behind them they mean the same.
var UnitWords = []struct {
	Word string
	Unit Unit
}{
	{"second", Seconds}, {"minute", Minutes}, {"hour", Hours}, {"opening_minute", OpeningMinutes},
	{"opening_hour", OpeningHours}, {"day", CalendarDays}, {"working_day", WorkingDays}, {"week", Weeks},
	{"month", Months}, {"quarter", Quarters}, {"year", Years},
}

// Word is the word for the unit among [UnitWords].
func (u Unit) Word() string {
	for _, w := range UnitWords {
		if w.Unit == u {
			return w.Word
		}
	}
	return ""
}

// ParseQuantity reads a length of time as people write it: `5 working days`,
// `24 hours`, `30 minutes`, `3 days`, `1 month`, `5个工作日`, `24小时`, `30分钟`,
// `7天`, `3个月`, `半年`.
func ParseQuantity(text string) (Quantity, error) {
	if halfYears[text] {
		return Quantity{N: 6, Unit: Months}, nil
	}
	m := quantityForm.FindStringSubmatch(text)
	if m == nil {
		e := refusal(CodeNotAQuantity, text, "不是时长", " is not a length of time",
			"用半角数字加单位来写，单位为 working days、days、hours、minutes，或 个工作日、天、小时、分钟、周、个月、年",
			"write a number in digits and its unit: working days, days, hours, minutes, weeks, months or years")
		if remedy, ok := remedyOf(text); ok {
			e.Remedy = remedy
		}
		return Quantity{}, e
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
			if remedy, all := wholeMeant(number, unit); strings.Contains(number, ".") && unit != 0 {
				e.Remedy = remedy
				if all {
					e.To = utf8.RuneCountInString(text)
				}
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
	if unit != Hours {
		return 0, false
	}
	return whole(number, 60)
}

// rangeBehind is the rest of a range of lengths behind its first number: 24-48 hours,
// 24 to 48 hours, 24小时至48小时.
var rangeBehind = regexp.MustCompile(`^(?:\pL+ ?)??(?:-|–|—|~|～|to |至|到) ?[0-9]{1,9} ?\pL[\pL ]*$`)

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
	case rangeBehind.MatchString(word):
		e.Remedy = diagnostic.Textf("期限只有一个长度，不是一段：只写最长的那个；不得早于的，另写一条规则", "a limit is one length, not a range: write the longer one alone; that something comes no earlier is a rule of its own")
	case meant != "" && n <= unitNamed(meant).limit():
		e.Remedy = diagnostic.Textf("是否为 %[1]s？", "did you mean %[1]s?", withUnit(n, meant))
	default:
		if remedy, ok := remedyOf(number + gap + word); ok {
			e.Remedy = remedy
		} else if unit := unitBegins(word); unit != "" && n > 0 && n <= unitNamed(unit).limit() {
			e.Remedy = diagnostic.Textf("只写时长：%s", "only the length stands here: write %s", withUnit(n, unit))
		}
	}
	return e
}

// unitBegins is the word for a unit that a text begins with, where something that
// belongs to no word stands behind it: 24 hours (running on). It is "" for none, and
// where another length follows, because that may be the one that is meant.
func unitBegins(text string) string {
	longest := ""
	for _, u := range units {
		rest, begins := strings.CutPrefix(text, u.word)
		next, _ := utf8.DecodeRuneInString(rest)
		if begins && len(u.word) > len(longest) && !unicode.IsLetter(next) && !strings.ContainsAny(rest, "0123456789") {
			longest = u.word
		}
	}
	return longest
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
		if n == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
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
