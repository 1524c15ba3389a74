package review

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/walltime"
)

// Period is a stretch of whole days, the first and the last of them included, on
// the calendar of the rulebook's zone. The zero Period is none.
type Period struct {
	From, To date.Date
	name     string // of a month, a quarter, half a year or a year
}

// IsZero reports whether there is no period.
func (p Period) IsZero() bool { return p == Period{} }

// String is what a period is called: 2025-06, 2025-Q3, 2025-H1, 2025 or
// 2025-04-01..2025-06-15; "" for none.
func (p Period) String() string {
	if p.IsZero() {
		return ""
	}
	return cmp.Or(p.name, p.From.String()+".."+p.To.String())
}

// Label is the name of a period as people call it.
func (p Period) Label() Text {
	parts := periodName.FindStringSubmatch(p.name)
	switch {
	case p.name == "" && !p.IsZero():
		return Text{ZH: p.From.String() + " 至 " + p.To.String(), EN: p.From.String() + " to " + p.To.String()}
	case parts == nil || parts[2] == "":
		return Text{ZH: p.name, EN: p.name}
	case parts[2] == "H1":
		return Text{ZH: parts[1] + "年上半年", EN: "first half of " + parts[1]}
	case parts[2] == "H2":
		return Text{ZH: parts[1] + "年下半年", EN: "second half of " + parts[1]}
	}
	n := parts[2][1:]
	return Text{ZH: parts[1] + "年第" + string([]rune("〇一二三四")[n[0]-'0']) + "季度", EN: "quarter " + n + " of " + parts[1]}
}

var periodName = regexp.MustCompile(`^(\d{4})(?:-(H[12]|Q[1-4]))?$`)

// Month is the period's month, "" where it is none.
func (p Period) Month() string {
	if p.IsZero() || p != monthOf(p.From).period() {
		return ""
	}
	return p.name
}

// has reports whether a day is in the period.
func (p Period) has(d date.Date) bool { return p.From <= d && d <= p.To }

// end is the first moment after the period.
func (p Period) end(zone *time.Location) time.Time {
	clocks := walltime.Of(zone)
	return clocks.Time(clocks.DayStart(p.To + 1))
}

// month counts months; 0 is none.
type month int

func monthOf(d date.Date) month { return month(d.Year()*12 + int(d.Month()) - 1) }

// first is the first day of the month.
func (m month) first() date.Date { return date.New(0, 1+time.Month(m), 1) }

// period is the month as a period.
func (m month) period() Period { return monthsOf(m, 1, m.String()) }

// String is the month as YYYY-MM, "" for none.
func (m month) String() string {
	if m == 0 {
		return ""
	}
	return m.first().Format("2006-01")
}

// monthsOf is a period of so many months.
func monthsOf(first month, n int, name string) Period {
	return Period{From: first.first(), To: (first + month(n)).first() - 1, name: name}
}

var (
	quarterForm = regexp.MustCompile(`^(\d{4})(?:年第?|[- ]?[Qq])([1-4一二三四])(?:季度?)?$`)
	halfForm    = regexp.MustCompile(`^(\d{4})(?:年([上下])半年|[- ]?[Hh]([12]))$`)
	yearForm    = regexp.MustCompile(`^(\d{4})年?(?:度|全年)?$`)
	monthForm   = regexp.MustCompile(`^(\d{4})(?:-(\d{2})|年(\d{1,2})月份?)$`)
	dayForm     = regexp.MustCompile(`^(\d{4})年(\d{1,2})月(\d{1,2})日$`)
	betweenDays = regexp.MustCompile(`\s*(?:\.\.|至|到|~|～|—| to )\s*`)
)

// ParsePeriod reads a period: 2025-06, 2025-Q3, 2025-H1, 2025,
// 2025-04-01..2025-06-15, also 2025年6月, 2025年第三季度, 2025年上半年, 2025年. The error
// is a [source.ScalarError].
func ParsePeriod(text string) (Period, error) {
	text = strings.TrimSpace(text)
	if ends := betweenDays.Split(text, -1); len(ends) == 2 {
		return PeriodOf(ends[0], ends[1])
	}
	var p Period
	if m := quarterForm.FindStringSubmatch(text); m != nil {
		n := map[string]int{"一": 1, "二": 2, "三": 3, "四": 4}[m[2]]
		if n == 0 {
			n, _ = strconv.Atoi(m[2]) // a digit
		}
		p = monthsOf(yearOf(m[1])+month(3*(n-1)), 3, fmt.Sprintf("%s-Q%d", m[1], n))
	} else if m := halfForm.FindStringSubmatch(text); m != nil {
		n := 1
		if m[2] == "下" || m[3] == "2" {
			n = 2
		}
		p = monthsOf(yearOf(m[1])+month(6*(n-1)), 6, fmt.Sprintf("%s-H%d", m[1], n))
	} else if m := yearForm.FindStringSubmatch(text); m != nil {
		p = monthsOf(yearOf(m[1]), 12, m[1])
	} else if m := monthForm.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(cmp.Or(m[2], m[3])) // two digits
		if n < 1 || n > 12 {
			return Period{}, notAPeriod(text)
		}
		p = (yearOf(m[1]) + month(n-1)).period()
	} else {
		return Period{}, notAPeriod(text)
	}
	if y := p.From.Year(); y < source.FirstDateYear || y > source.LastDateYear {
		return Period{}, notAPeriod(text)
	}
	return p, nil
}

// periodCalled is the period that a directory or a file is called by. Four digits
// alone may be any number.
func periodCalled(name string) (Period, bool) {
	p, err := ParsePeriod(name)
	return p, err == nil && len(name) > len("2025")
}

// yearOf is the first month of a year of four digits.
func yearOf(digits string) month {
	y, _ := strconv.Atoi(digits) // four of them
	return month(12 * y)
}

// PeriodOf is the period from one day to another, both included.
func PeriodOf(from, to string) (Period, error) {
	first, err := dayIn(from)
	if err != nil {
		return Period{}, err
	}
	last, err := dayIn(to)
	if err != nil {
		return Period{}, err
	}
	if last < first {
		return Period{}, &source.ScalarError{
			Code: "not_a_period", Message: textf("%s 在 %s 之前", "%s is before %s", last, first), Remedy: textf("先写第一天，再写最后一天：%s..%s", "write the first day, then the last: %s..%s", last, first),
		}
	}
	p := Period{From: first, To: last}
	if m := monthOf(first).period(); m.From == first && m.To == last {
		p = m
	}
	return p, nil
}

// dayIn is a day as it is written in ISO 8601 or in Chinese.
func dayIn(text string) (date.Date, error) {
	if m := dayForm.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("%s-%02s-%02s", m[1], m[2], m[3])
	}
	return source.Date(text)
}

func notAPeriod(text string) error {
	return &source.ScalarError{
		Code: "not_a_period", Message: textf("%q 不是期间", "%q is no period", text),
		Remedy: textf("写成 2025-06（月）、2025-Q3（季度）、2025-H1（半年）、2025（年），或从哪天到哪天：2025-04-01..2025-06-15", "write 2025-06 (a month), 2025-Q3 (a quarter), 2025-H1 (half a year), 2025 (a year), or from one day to another: 2025-04-01..2025-06-15"),
	}
}
