package workday

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rickb777/date/v2"
)

//go:embed china.txt
var chinaText string

// A Notice is one public announcement of the holidays of a year, or a later
// change of it.
type Notice struct {
	Year     int
	Posted   date.Date // when it became known; zero if that is not recorded
	URL      string
	Amends   bool // its holidays replace those of the same name announced before
	Holidays []ListedHoliday
}

// A ListedHoliday is one holiday as announced.
type ListedHoliday struct {
	Name  string      // in Chinese, as in the notice
	Rest  []date.Date // the days off, weekends inside the stretch included
	Legal []date.Date // those of them that are statutory holidays themselves
	Work  []date.Date // the days of the weekend worked instead
}

// ChinaNotices returns the announcements that [China] is made of, in the order
// in which they were made. The caller owns the result.
func ChinaNotices() []Notice {
	notices, err := parseNotices(chinaText)
	if err != nil {
		return nil // the embedded text is tested
	}
	return notices
}

// China is the calendar of mainland China: the arrangements of the State
// Council for 2004 to 2026 with all later changes. Its days are those of the
// zone Asia/Shanghai. To add a year, use it as the Base of [New].
func China() *Calendar {
	return china()
}

// ChinaKnownOn is the calendar of mainland China as it was known at the end
// of the day d: changes announced after d are not in it. It serves to
// reproduce a decision of that time. The yearly notices are all in it, also
// those posted after d.
func ChinaKnownOn(d date.Date) *Calendar {
	all := chinaEditions()
	for i := len(all) - 1; i > 0; i-- {
		if all[i].since <= d {
			return all[i].calendar
		}
	}
	return all[0].calendar
}

var china = sync.OnceValue(func() *Calendar {
	return chinaOf(ChinaNotices(), LastDate)
})

type edition struct {
	since    date.Date
	calendar *Calendar
}

// chinaEditions are the calendars before and after each amendment; the first
// always exists.
var chinaEditions = sync.OnceValue(func() []edition {
	notices := ChinaNotices()
	all := []edition{{calendar: chinaOf(notices, date.Zero)}}
	for _, n := range notices {
		if n.Amends {
			all = append(all, edition{n.Posted, chinaOf(notices, n.Posted)})
		}
	}
	all[len(all)-1].calendar = china()
	return all
})

// chinaOf builds the calendar from the notices, with the amendments posted up
// to the given day.
func chinaOf(notices []Notice, known date.Date) *Calendar {
	byYear := make(map[int]map[string]ListedHoliday)
	for _, n := range notices {
		if n.Amends && n.Posted > known {
			continue
		}
		if byYear[n.Year] == nil {
			byYear[n.Year] = make(map[string]ListedHoliday)
		}
		for _, h := range n.Holidays {
			byYear[n.Year][h.Name] = h
		}
	}
	listings := make(map[int]Year, len(byYear))
	for y, holidays := range byYear {
		var listing Year
		for _, h := range holidays {
			listing.Rest = append(listing.Rest, h.Rest...)
			listing.Work = append(listing.Work, h.Work...)
		}
		listings[y] = listing
	}
	c, err := New(Config{Years: listings})
	if err != nil {
		return &Calendar{} // answers ErrNoCalendar; the embedded text is tested
	}
	return c
}

// parseNotices reads the format described at the head of china.txt.
func parseNotices(text string) ([]Notice, error) {
	var notices []Notice
	n := 0
	for line := range strings.Lines(text) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if fields[0] == "notice" || fields[0] == "amended" {
			notice, err := parseNotice(fields)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			notices = append(notices, notice)
			continue
		}
		if len(notices) == 0 {
			return nil, fmt.Errorf("line %d: holiday before the first notice", n)
		}
		last := &notices[len(notices)-1]
		h, err := parseHoliday(last.Year, fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		last.Holidays = append(last.Holidays, h)
	}
	return notices, nil
}

func parseNotice(fields []string) (n Notice, err error) {
	if len(fields) != 4 {
		return n, fmt.Errorf("%q needs a year, a day and an address", fields[0])
	}
	n.Amends = fields[0] == "amended"
	n.URL = fields[3]
	if n.Year, err = strconv.Atoi(fields[1]); err != nil || n.Year < minYear || n.Year > maxYear {
		return n, fmt.Errorf("bad year %q", fields[1])
	}
	if fields[2] != "-" {
		n.Posted, err = parseDay(n.Year, fields[2])
	} else if n.Amends {
		err = fmt.Errorf("an amendment needs the day it was posted")
	}
	return n, err
}

func parseHoliday(year int, fields []string) (ListedHoliday, error) {
	h := ListedHoliday{Name: fields[0]}
	for _, f := range fields[1:] {
		key, list, _ := strings.Cut(f, "=")
		var into *[]date.Date
		switch key {
		case "rest":
			into = &h.Rest
		case "legal":
			into = &h.Legal
		case "work":
			into = &h.Work
		default:
			return h, fmt.Errorf("unknown key %q", key)
		}
		for item := range strings.SplitSeq(list, ",") {
			a, b, isRange := strings.Cut(item, "..")
			first, err := parseDay(year, a)
			last := first
			if err == nil && isRange {
				last, err = parseDay(year, b)
			}
			switch {
			case err != nil:
				return h, err
			case last < first || last-first > 366:
				return h, fmt.Errorf("bad range %q", item)
			}
			for ; first <= last; first++ {
				*into = append(*into, first)
			}
		}
	}
	return h, nil
}

// parseDay reads MM-DD of the year, or YYYY-MM-DD.
func parseDay(year int, s string) (date.Date, error) {
	if len(s) == len("01-02") {
		s = strconv.Itoa(year) + "-" + s
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("bad day %q", s)
	}
	return date.NewAt(t), nil
}
