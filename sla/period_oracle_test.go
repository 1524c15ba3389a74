package sla

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/sla/workday"
)

// The oracle counts minute by minute and day by day, and knows of nothing but
// what a clock on the wall shows. It shares no code with what it tests.

// A shown minute is what the clocks of a zone show when it begins.
type shownMinute struct{ day, clock int32 } // days since 1970, minutes of the day

// A window is some months of minutes around a change of clocks.
type window struct {
	zone    *time.Location
	begin   int64 // minutes since 1970
	minutes []shownMinute
	first   int32         // the first day that may be asked for
	days    map[int32]int // the minute with which a day begins, or is first seen
}

func newWindow(t testing.TB, zone, around string, days int) *window {
	in, err := time.LoadLocation(zone)
	require.NoError(t, err)
	middle, err := time.Parse(time.DateOnly, around)
	require.NoError(t, err)
	w := &window{zone: in, begin: middle.Unix()/60 - int64(days)*24*60, days: map[int32]int{}}
	for i := range 2 * days * 24 * 60 {
		m := time.Unix((w.begin+int64(i))*60, 0).In(in)
		hour, minute, _ := m.Clock()
		day := dayNumber(m.Date())
		w.minutes = append(w.minutes, shownMinute{day, int32(hour*60 + minute)})
		if _, seen := w.days[day]; !seen {
			w.days[day] = i
		}
	}
	w.first = w.minutes[0].day - 400
	return w
}

func dayNumber(year int, month time.Month, day int) int32 {
	return int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func dateNumber(d date.Date) int32 { return dayNumber(d.Date()) }

func numberedDate(n int32) date.Date {
	return date.New(time.Unix(int64(n)*86400, 0).UTC().Date())
}

func (w *window) at(minute int) time.Time {
	return time.Unix((w.begin+int64(minute))*60, 0).In(w.zone)
}

// ofDay are the minutes of a day, and of so many days after it.
func (w *window) ofDay(day, more int32) (from, to int) {
	from, known := w.days[day]
	to, alsoKnown := w.days[day+1+more]
	if !known || !alsoKnown {
		panic(offTheMap{})
	}
	return from, to
}

// A pause of the oracle is in minutes of the window; to -1 is open.
type naivePause struct{ from, to int }

// A naiveCase is a period as the oracle sees it.
type naiveCase struct {
	*window
	*naiveCalendar
	start  int   // a minute, or
	day    int32 // a day
	p      *Period
	first  bool // the first day is counted
	pauses []naivePause
	still  map[int32]bool // what stoodStill has found
	// what pausedSince has found last
	lastPaused, lastSince int
}

// A naiveCalendar knows the days from the first of a window on.
type naiveCalendar struct {
	off   []bool     // days off
	hours [][][2]int // opening hours, in minutes, that begin on a day; nil: none known
	open  []int8     // by minute, what opened has found: 1 open, 2 closed
}

// offTheMap is thrown where the window ends.
type offTheMap struct{}

func (c *naiveCase) shown(m int) shownMinute {
	if m < 0 || m >= len(c.minutes) {
		panic(offTheMap{})
	}
	return c.minutes[m]
}

func (c *naiveCase) worked(day int32) bool { return !c.off[day-c.window.first] }

func (c *naiveCase) hoursOf(day int32) [][2]int { return c.hours[day-c.window.first] }

func (c *naiveCase) opened(m int) bool {
	s := c.shown(m)
	if c.open[m] == 0 {
		c.open[m] = 2
		for _, back := range []int32{0, 1} {
			if c.worked(s.day - back) {
				for _, h := range c.hoursOf(s.day - back) {
					if clock := int(s.clock) + int(back)*1440; h[0] <= clock && clock < h[1] {
						c.open[m] = 1
					}
				}
			}
		}
	}
	return c.open[m] == 1
}

func (c *naiveCase) paused(m int) bool {
	for _, p := range c.pauses {
		if p.from <= m && (p.to < 0 || m < p.to) {
			return true
		}
	}
	return false
}

// pausedSince is the first of the paused minutes up to one of them. They are
// asked for one after the other, so what the last one said is used.
func (c *naiveCase) pausedSince(m int) int {
	from := m
	for from > 0 && c.paused(from-1) {
		if from--; from == c.lastPaused {
			from = c.lastSince
			break
		}
	}
	c.lastPaused, c.lastSince = m, from
	return from
}

func (c *naiveCase) hasOpen() (int, bool) {
	for _, p := range c.pauses {
		if p.to < 0 {
			return p.from, true
		}
	}
	return 0, false
}

// closing is the case with all open pauses ended as they began, or within that
// minute, so that they touch a day.
func (c naiveCase) closing() *naiveCase {
	closed := make([]naivePause, len(c.pauses))
	for i, p := range c.pauses {
		if p.to < 0 {
			if p.to = p.from; !c.p.Length.Unit.IsTime() && c.p.Rules.PauseDays == TouchedDays {
				p.to++
			}
		}
		closed[i] = p
	}
	c.pauses, c.still = closed, map[int32]bool{}
	return &c
}

func (c *naiveCase) counts(m int) bool {
	return !c.paused(m) && (!c.p.Length.Unit.IsOpening() || c.opened(m))
}

// begins is the minute from which time is counted.
func (c *naiveCase) begins() int {
	hour := func(m int) int32 { s := c.shown(m); return s.day*24 + s.clock/60 }
	m := c.start
	switch {
	case !c.p.Rules.SkipHour:
	case c.p.Backwards:
		for c.shown(m).clock%60 != 0 && hour(m-1) >= hour(m) {
			m--
		}
	default:
		for m++; c.shown(m).clock%60 != 0 && hour(m-1) >= hour(m); m++ {
		}
	}
	return m
}

// uses finds when so many nanoseconds are used up, in nanoseconds since the
// window begins; false where they never are.
func (c *naiveCase) uses(ns int64) (int64, bool) {
	const minute = int64(time.Minute)
	m := c.begins()
	for i := 0; ; i++ {
		if ns == 0 {
			return int64(m) * minute, true
		}
		if from, isOpen := c.hasOpen(); isOpen && !c.p.Backwards && m >= from {
			return 0, false
		}
		at, step := m, 1
		if c.p.Backwards {
			at, step = m-1, -1
		}
		if c.counts(at) {
			if ns <= minute {
				return int64(m)*minute + int64(step)*ns, true
			}
			ns -= minute
		}
		m += step
	}
}

// used is uses where an open pause may end at any time: known if it is the same
// whenever that is.
func (c *naiveCase) used(ns int64) (int64, bool) {
	at, known := c.uses(ns)
	if _, isOpen := c.hasOpen(); !isOpen || !known {
		return at, known
	}
	short, _ := c.closing().uses(ns)
	return at, at == short
}

func (c *naiveCase) rolled(day int32) int32 {
	switch c.p.Rules.LastDay {
	case LastDayNextWorkingDay:
		for !c.worked(day) {
			day++
		}
	case LastDayPreviousWorkingDay:
		for !c.worked(day) {
			day--
		}
	}
	return day
}

// rolledTime is rolled for an end in nanoseconds since the window begins.
func (c *naiveCase) rolledTime(end int64) int64 {
	const minute = int64(time.Minute)
	s, rest := c.shown(int(end/minute)), end%minute
	to := c.rolled(s.day)
	if to == s.day {
		return end
	}
	from, until := c.ofDay(to, 0)
	for m := from; m < until; m++ {
		if c.shown(m).clock == s.clock {
			return int64(m)*minute + rest
		}
	}
	for m := from; ; m++ {
		if now := c.shown(m); now.day > to || now.clock > s.clock {
			return int64(m) * minute
		}
	}
}

// wholeDays is an end so late that enough whole working days are held.
func (c *naiveCase) wholeDays(end, length int64) int64 {
	least := int32(c.p.Rules.AtLeast)
	if least == 0 || length < int64(least)*24*int64(time.Hour) {
		return end
	}
	d := c.day
	for held := int32(0); held < least; {
		if d += c.step(); c.worked(d) {
			held++
		}
	}
	from, to := c.ofDay(d, 0)
	if c.p.Backwards {
		return min(end, int64(from)*int64(time.Minute))
	}
	return max(end, int64(to)*int64(time.Minute)-1)
}

// workdaysOnly reports whether days off are left out.
func (c *naiveCase) workdaysOnly() bool {
	return c.p.Length.Unit == WorkingDay || c.p.Length.Unit == CalendarDay && c.p.Length.N <= c.p.Rules.ShortDays
}

// stoodStill reports whether a day does not count because of pauses.
func (c *naiveCase) stoodStill(day int32) bool {
	if len(c.pauses) == 0 {
		return false
	}
	still, known := c.still[day]
	if !known {
		still = c.standsStill(day)
		c.still[day] = still
	}
	return still
}

func (c *naiveCase) standsStill(day int32) bool {
	switch c.p.Rules.PauseDays {
	case TouchedDays:
		from, to := c.ofDay(day, 0)
		for m := from; m < to; m++ {
			if c.paused(m) {
				return true
			}
		}
		return false
	case DaysAfterStop:
		for _, p := range c.pauses {
			if p.from != p.to && c.shown(p.from).day < day && (p.to < 0 || day <= c.shown(p.to).day) {
				return true
			}
		}
		return false
	}
	open, filled := c.fills(day, c.hoursOf(day))
	if !open || !c.workdaysOnly() {
		_, filled = c.fills(day, [][2]int{{0, 1440}})
	}
	return filled
}

// fills reports whether clocks show some of the hours of a day, and whether all
// that they show is paused.
func (c *naiveCase) fills(day int32, hours [][2]int) (open, filled bool) {
	filled = true
	from, to := c.ofDay(day, 1)
	for m := from; m < to; m++ {
		s := c.shown(m)
		clock := int(s.clock) + int(s.day-day)*1440
		for _, h := range hours {
			if h[0] <= clock && clock < h[1] {
				open = true
				filled = filled && c.paused(m)
			}
		}
	}
	return open, filled
}

// dayCounts reports whether a day counts.
func (c *naiveCase) dayCounts(day int32) bool {
	return (!c.workdaysOnly() || c.worked(day)) && !c.stoodStill(day)
}

func (c *naiveCase) step() int32 {
	if c.p.Backwards {
		return -1
	}
	return 1
}

// length is the number of days to count.
func (c *naiveCase) length() int {
	n := int(c.p.Length.N)
	switch c.p.Length.Unit {
	case CalendarDay, WorkingDay:
		return n
	case Week:
		return 7 * n
	case Quarter:
		n *= 3
	case HalfYear:
		n *= 6
	case Year:
		n *= 12
	}
	if n == 0 {
		return 0
	}
	// Day by day to the month that is n further on, and there to the number.
	step, months, days := c.step(), 0, 0
	of := func(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }
	number := of(c.day).Day()
	day := c.day
	for months < n {
		if of(day).Month() != of(day+step).Month() {
			months++
		}
		day += step
		days++
	}
	month := of(day).Month()
	for of(day-1).Month() == month {
		day--
	}
	for of(day).Month() == month && of(day).Day() < number {
		day++
	}
	answers := of(day).Month() == month // else it is the first of the next
	var end int32                       // the last day that counts
	switch {
	case c.first && answers:
		end = day - step
	case c.first && c.p.Backwards:
		end = day
	case c.first, !answers && c.p.Rules.MonthEnd == MonthEndLastDay:
		end = day - 1
	default:
		end = day
	}
	days = int(end-c.day) * int(step)
	if c.first {
		days++
	}
	return days
}

// lastDay counts days; false where an open pause never lets them be counted.
func (c *naiveCase) lastDay(n int) (int32, bool) {
	day := c.day
	if n > 0 {
		if !c.first {
			day += c.step()
		}
		from, isOpen := c.hasOpen()
		for count := 0; ; day += c.step() {
			if isOpen && !c.p.Backwards && day > c.shown(from).day+3 {
				return 0, false
			}
			if c.dayCounts(day) {
				if count++; count == n {
					break
				}
			}
		}
	}
	return day, true
}

// due is the last day of a length in days.
func (c *naiveCase) due() (int32, bool) {
	n := c.length()
	day, known := c.lastDay(n)
	if _, isOpen := c.hasOpen(); known && isOpen {
		short, _ := c.closing().lastDay(n)
		known = day == short
	}
	if !known {
		return 0, false
	}
	if c.p.Rules.ClearDays {
		day += c.step()
	}
	day = c.rolled(day)
	least := int(c.p.Rules.AtLeast)
	if least == 0 || n < least {
		return day, true
	}
	held := 0
	for d := c.day + c.step(); d*c.step() <= day*c.step(); d += c.step() {
		if c.worked(d) && (d != day || !c.p.Rules.ClearDays) {
			held++
		}
	}
	if held >= least {
		return day, true
	}
	d := c.day
	for held = 0; held < least; {
		if d += c.step(); c.worked(d) {
			held++
		}
	}
	if c.p.Rules.ClearDays {
		d += c.step()
	}
	return d, true
}

// status is how the period stands at a minute; end is the last nanosecond in
// time, and warns when it begins to be at risk, if they are known.
func (c *naiveCase) status(asOf, begin int, end, warns int64, known, warned bool) Status {
	now := int64(asOf) * int64(time.Minute)
	if known && now > end {
		return Overdue
	}
	if !c.p.Backwards && asOf < begin {
		return NotStarted
	}
	if c.paused(asOf) && !(c.p.Backwards && known) {
		from := c.pausedSince(asOf)
		if !known || int64(from)*int64(time.Minute) < end {
			return Paused
		}
	}
	if warned && now >= warns {
		return AtRisk
	}
	return Running
}

// A setting is a zone at a change of clocks with a random calendar.
type setting struct {
	*window
	counting Counting
	counter  Counter
	naiveCalendar
}

func randomSetting(t testing.TB, r *rand.Rand, w *window) *setting {
	s := &setting{window: w}
	config := workday.Config{AnyYear: true, Weekend: []time.Weekday{}, Years: map[int]workday.Year{},
		WeekdayHours: map[time.Weekday][]workday.Span{}, DayHours: map[date.Date][]workday.Span{}}
	var weekend [7]bool
	for range r.IntN(4) {
		if d := time.Weekday(r.IntN(7)); !weekend[d] {
			weekend[d] = true
			config.Weekend = append(config.Weekend, d)
		}
	}
	random := func() (spans []workday.Span, minutes [][2]int) {
		switch r.IntN(8) {
		case 0:
			minutes = [][2]int{{0, 1440}}
		case 1:
			minutes = [][2]int{{1320, 1800}}
		case 2:
			begin := r.IntN(1440)
			minutes = [][2]int{{begin, begin + 1 + r.IntN(1440)}}
		default:
			for at, i := r.IntN(600), 0; i < 3 && at < 1430; i++ {
				end := min(at+1+r.IntN(400), 1440)
				minutes = append(minutes, [2]int{at, end})
				at = end + 1 + r.IntN(200)
			}
		}
		for _, m := range minutes {
			spans = append(spans, workday.Span{From: time.Duration(m[0]) * time.Minute, To: time.Duration(m[1]) * time.Minute})
		}
		return spans, minutes
	}
	withHours := r.IntN(6) > 0
	var all [][2]int
	own := map[time.Weekday][][2]int{}
	if withHours {
		config.Hours, all = random()
		if r.IntN(3) == 0 {
			d := time.Weekday(r.IntN(7))
			config.WeekdayHours[d], own[d] = random()
		}
		if r.IntN(4) == 0 {
			d := time.Weekday(r.IntN(7))
			config.WeekdayHours[d], own[d] = []workday.Span{}, nil
		}
	}
	s.open = make([]int8, len(w.minutes))
	for day := w.first; day <= w.minutes[len(w.minutes)-1].day+400; day++ {
		d := numberedDate(day)
		weekday := time.Unix(int64(day)*86400, 0).UTC().Weekday()
		off, hours := weekend[weekday], all
		if special, ok := own[weekday]; ok {
			hours = special
		}
		if r.IntN(25) == 0 {
			y := config.Years[d.Year()]
			if weekend[weekday] && r.IntN(2) == 0 {
				y.Work = append(y.Work, d)
				off = false
			} else {
				y.Rest = append(y.Rest, d)
				off = true
			}
			config.Years[d.Year()] = y
		} else if withHours && r.IntN(30) == 0 {
			config.DayHours[d], hours = random()
		}
		s.off, s.hours = append(s.off, off), append(s.hours, hours)
	}
	calendar, err := workday.New(config)
	if err != nil { // hours that overlap from one day to the next
		return randomSetting(t, r, w)
	}
	s.counting = Counting{Zone: w.zone, Calendar: calendar}
	s.counter = s.counting.Counter(ClocksOf(w.zone))
	if r.IntN(8) == 0 {
		s.counter = s.counting.Counter(Clocks{})
	}
	return s
}

// randomCase is a period, and how the oracle sees it.
func (s *setting) randomCase(r *rand.Rand) (*Period, *Counter, *naiveCase) {
	middle := len(s.minutes) / 2
	near := func(m, within int) int { return m + r.IntN(2*within+1) - within }
	p := &Period{Backwards: r.IntN(3) == 0}
	counter := s.counter
	c := &naiveCase{window: s.window, naiveCalendar: &s.naiveCalendar, p: p, still: map[int32]bool{}}
	c.start = near(middle, []int{90, 1500, 9000}[r.IntN(3)])
	c.day = s.minutes[c.start].day
	if r.IntN(4) == 0 { // at a full hour, or where opening hours begin and end
		c.start -= int(s.minutes[c.start].clock % 60)
		c.day = s.minutes[c.start].day
	}
	p.Start.At = s.at(c.start)
	p.Rules.LastDay = []LastDay{LastDayAsIs, LastDayNextWorkingDay, LastDayPreviousWorkingDay}[max(r.IntN(5)-2, 0)]
	spread := 3000
	if r.IntN(2) == 0 {
		p.Length.Unit = []Unit{Second, Minute, Hour, OpeningSecond, OpeningMinute, OpeningHour, OpeningMinute, OpeningHour}[r.IntN(8)]
		if !s.counting.Calendar.HasHours() {
			p.Length.Unit = []Unit{Second, Minute, Hour}[r.IntN(3)]
		}
		switch p.Length.Unit {
		case Second, OpeningSecond:
			p.Length.N = int64(r.IntN(90000))
		case Minute, OpeningMinute:
			p.Length.N = int64(r.IntN(3000))
		default:
			p.Length.N = int64(r.IntN(60))
		}
		p.Rules.SkipHour = r.IntN(4) == 0
		if r.IntN(4) == 0 {
			p.Rules.AtLeast, p.Rules.AtLeastOfTime = int64(r.IntN(3)), true
		}
	} else {
		p.Length.Unit = []Unit{CalendarDay, CalendarDay, WorkingDay, WorkingDay, Week, Month, Quarter, HalfYear, Year}[r.IntN(9)]
		switch p.Length.Unit {
		case CalendarDay, WorkingDay:
			p.Length.N = int64(r.IntN(14))
		case Week, Month:
			p.Length.N = int64(r.IntN(4))
		default:
			p.Length.N = int64(r.IntN(2))
		}
		if r.IntN(2) == 0 {
			p.Start = Start{On: numberedDate(c.day)}
		}
		switch r.IntN(4) {
		case 0:
			counter.CountFirstDay, c.first = true, true
		case 1:
			p.Rules.ClearDays = true
		}
		p.Rules.MonthEnd = MonthEnd(r.IntN(2))
		p.Rules.ShortDays = []int64{0, 0, 3, 5}[r.IntN(4)]
		p.Rules.AtLeast = []int64{0, 0, 2, 3}[r.IntN(4)]
		p.Rules.PauseDays = PauseDays(1 + r.IntN(3))
		spread = 9000
	}
	for range max(r.IntN(7)-1, 0) {
		from := near(c.start, spread)
		to := from + r.IntN([]int{1, 30, 700, 3000}[r.IntN(4)]+1)
		if n := len(c.pauses); n > 0 && r.IntN(4) == 0 && c.pauses[n-1].to > 0 {
			from = c.pauses[n-1].to // adjoining
			to = max(to, from)
		}
		if r.IntN(5) == 0 { // whole days
			for from > 0 && s.minutes[from].clock != 0 {
				from--
			}
			to = from + 1440*r.IntN(4)
		}
		c.pauses = append(c.pauses, naivePause{from, to})
	}
	if r.IntN(6) == 0 {
		c.pauses = append(c.pauses, naivePause{near(c.start, spread), -1})
	}
	for _, x := range c.pauses {
		pause := Pause{From: s.at(x.from)}
		if x.to >= 0 {
			pause.To = s.at(x.to)
		}
		p.Pauses = append(p.Pauses, pause)
	}
	r.Shuffle(len(p.Pauses), func(i, j int) { p.Pauses[i], p.Pauses[j] = p.Pauses[j], p.Pauses[i] })
	return p, &counter, c
}

// compare fails with everything about a case.
func (c *naiveCase) same(t testing.TB, want, got any, what string) {
	if want != got {
		t.Fatalf("%s: the oracle has %v, not %v\n%s %s from %v %s, back %v, first %v\nrules %+v\npauses %v\nas of %v", what, want, got,
			c.zone, c.p.Length, c.p.Start.At, c.p.Start.On, c.p.Backwards, c.first, c.p.Rules, c.p.Pauses, c.p.AsOf)
	}
}

func (c *naiveCase) ns(t time.Time) int64 { return t.UnixNano() - c.begin*int64(time.Minute) }

// checkTime compares a length of time.
func (c *naiveCase) checkTime(t testing.TB, r *rand.Rand, counter *Counter) {
	length := int64(c.p.Length.N) * int64(map[Unit]time.Duration{Second: time.Second, Minute: time.Minute, Hour: time.Hour,
		OpeningSecond: time.Second, OpeningMinute: time.Minute, OpeningHour: time.Hour}[c.p.Length.Unit])
	end, known := c.used(length)
	last := end
	if known {
		last = c.wholeDays(c.rolledTime(end), length)
	}
	asOf := c.start + r.IntN(8000) - 2000
	c.p.AsOf = c.at(asOf)
	share := Share{int64(r.IntN(5)), int64(1 + r.IntN(6))}
	c.p.Marks = []Mark{{Share: share, Warns: true}}
	o, err := counter.Run(c.p)
	if err != nil {
		t.Fatalf("%v: %v %+v", err, c.p.Length, c.p)
	}
	c.same(t, known, o.Known, "known")
	if known {
		c.same(t, last, c.ns(o.Due.End), "due")
		c.same(t, c.shown(int(last/int64(time.Minute))).day, dateNumber(o.Due.Date), "day")
		c.same(t, end, c.ns(o.Nominal.End), "nominal")
	}
	c.same(t, int64(c.begins())*int64(time.Minute), c.ns(o.Begins), "begins")
	part, partKnown := c.used((length*share.Num + share.Den - 1) / share.Den)
	if share.Num == share.Den {
		part, partKnown = last, known
		if o.Due.IsDate && !c.p.Backwards {
			part++ // the day is used up when it is over
		}
	}
	c.same(t, partKnown, o.Marks[0].Known, "share known")
	if partKnown {
		c.same(t, part, c.ns(o.Marks[0].At), "share")
	}
	from, to := int64(c.begins()), end/int64(time.Minute)
	if !known {
		to = int64(asOf)
	}
	if c.p.Backwards {
		from, to = min(to, from), from
	}
	still := 0
	for m := from; m < to; m++ {
		if c.paused(int(m)) && (!c.p.Length.Unit.IsOpening() || c.opened(int(m))) {
			still++
		}
	}
	c.same(t, true, o.StillKnown, "still known")
	c.same(t, time.Duration(still)*time.Minute, o.Still.Time, "still")
	c.checkElapsed(t, counter, asOf)
	c.checkStand(t, r, counter, &o, asOf, c.start, last, part, known, partKnown)
}

// checkElapsed compares what has counted from the start to a minute.
func (c *naiveCase) checkElapsed(t testing.TB, counter *Counter, to int) {
	want := Elapsed{}
	for m := min(c.start, to); m < max(c.start, to); m++ {
		if c.counts(m) {
			want.Time += time.Minute
		}
	}
	if to < c.start {
		want.Time = -want.Time
	}
	got, err := counter.Elapsed(c.p.Length.Unit, c.at(c.start), c.at(to), c.p.Pauses, PauseDaysUnsaid)
	require.NoError(t, err)
	c.same(t, want, got, "elapsed")
}

// checkElapsedDays is checkElapsed for days.
func (c *naiveCase) checkElapsedDays(t testing.TB, counter *Counter, to int) {
	want := Elapsed{}
	first, last := c.day, c.shown(to).day
	for d := min(first, last) + 1; d <= max(first, last); d++ {
		if c.dayCounts(d) {
			want.Days++
		}
	}
	if last < first {
		want.Days = -want.Days
	}
	unit := c.p.Length.Unit
	if c.workdaysOnly() {
		unit = WorkingDay
	}
	got, err := counter.Elapsed(unit, c.at(c.start), c.at(to), c.p.Pauses, c.p.Rules.PauseDays)
	require.NoError(t, err)
	c.same(t, want, got, "elapsed days")
}

// checkDays compares a length of days.
func (c *naiveCase) checkDays(t testing.TB, r *rand.Rand, counter *Counter) {
	day, known := c.due()
	asOf := c.start + r.IntN(20000) - 4000
	c.p.AsOf = c.at(asOf)
	o, err := counter.Run(c.p)
	if err != nil {
		t.Fatalf("%v: %v %+v", err, c.p.Length, c.p)
	}
	c.same(t, known, o.Known, "known")
	var last int64
	if known {
		c.same(t, day, dateNumber(o.Due.Date), "due")
		_, midnight := c.ofDay(day, 0)
		last = int64(midnight)*int64(time.Minute) - 1
		c.same(t, last, c.ns(o.Due.End), "end")
		c.same(t, true, o.Due.IsDate, "date")
		c.checkStill(t, &o)
	}
	c.checkElapsedDays(t, counter, asOf)
	begin := c.start
	if c.p.Start.At.IsZero() {
		for c.shown(begin-1).day == c.day {
			begin--
		}
	}
	c.checkStand(t, r, counter, &o, asOf, begin, last, 0, known, false)
}

// checkStill compares the days that stood still on the way to a known end.
func (c *naiveCase) checkStill(t testing.TB, o *Outcome) {
	n := c.length()
	day, _ := c.lastDay(n)
	still := int64(0)
	if n > 0 {
		first := c.day
		if !c.first {
			first += c.step()
		}
		for d := first; d*c.step() <= day*c.step(); d += c.step() {
			if (!c.workdaysOnly() || c.worked(d)) && c.stoodStill(d) {
				still++
			}
		}
	}
	c.same(t, still, o.Still.Days, "days still")
}

// checkStand compares status and next moment at the moment of asking.
func (c *naiveCase) checkStand(t testing.TB, r *rand.Rand, counter *Counter, o *Outcome, asOf, begin int, end, warns int64, known, warned bool) {
	status := c.status(asOf, begin, end, warns, known, warned)
	c.same(t, status, o.Status, "status")
	if r.IntN(20) == 0 {
		const far = 6000
		reached := func(m int) string {
			return fmt.Sprint(c.status(m, begin, end, warns, known, warned), warned && int64(m)*int64(time.Minute) >= warns)
		}
		now := reached(asOf)
		next := time.Time{}
		for m := asOf + 1; m < min(asOf+far, len(c.minutes)); m++ {
			if reached(m) != now {
				next = c.at(m)
				break
			}
		}
		got := o.Next
		if !got.IsZero() {
			got = c.at(int((c.ns(got) + int64(time.Minute) - 1) / int64(time.Minute)))
		}
		if !next.IsZero() || got.Before(c.at(min(asOf+far, len(c.minutes)))) {
			c.same(t, next, got, "next")
		}
	}
	if r.IntN(8) == 0 { // done then
		c.p.Done = c.p.AsOf
		want := OnTime
		if known && int64(asOf)*int64(time.Minute) > end {
			want = Late
		}
		done, err := counter.Run(c.p)
		require.NoError(t, err)
		c.same(t, want, done.Status, "done")
		c.same(t, true, done.Next.IsZero(), "nothing changes any more")
	}
}

// comparisons is how many cases a run compares: as many as RULEBOOK_PERIODS says,
// or 100,000 in CI.
func comparisons() int {
	if n, err := strconv.Atoi(os.Getenv("RULEBOOK_PERIODS")); err == nil {
		return n
	}
	return testsize.Pick(6000, 100_000, 1_000_000)
}

func TestPeriodsAgainstOracle(t *testing.T) {
	windows := []*window{
		newWindow(t, "Europe/Berlin", "2026-03-29", 200),
		newWindow(t, "Europe/Berlin", "2026-10-25", 200),
		newWindow(t, "America/New_York", "2026-03-08", 200),
		newWindow(t, "America/New_York", "2026-11-01", 200),
		newWindow(t, "Australia/Lord_Howe", "2026-04-04", 200),
		newWindow(t, "Australia/Lord_Howe", "2026-10-03", 200),
		newWindow(t, "America/Sao_Paulo", "2018-02-18", 200), // where the clocks were changed at midnight
		newWindow(t, "America/Sao_Paulo", "2018-11-04", 200),
		newWindow(t, "Asia/Shanghai", "2024-02-29", 200),
	}
	const perSetting, workers = 100, 2
	for worker := range workers {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(13, uint64(worker)))
			compared, left := 0, 0
			for i := worker; compared < comparisons()/workers; i++ {
				s := randomSetting(t, r, windows[i%len(windows)])
				for range perSetting {
					if s.compare(t, r) {
						compared++
					} else {
						left++
					}
				}
			}
			t.Logf("%d periods compared, %d left the window", compared, left)
			require.Less(t, left, compared/20)
		})
	}
}

// compare makes a case and compares it, unless it leaves the window.
func (s *setting) compare(t testing.TB, r *rand.Rand) (inside bool) {
	defer func() {
		if x := recover(); x != nil {
			if _, is := x.(offTheMap); !is {
				panic(x)
			}
			inside = false
		}
	}()
	p, counter, c := s.randomCase(r)
	if p.Length.Unit.IsTime() {
		c.checkTime(t, r, counter)
	} else {
		c.checkDays(t, r, counter)
	}
	return true
}

// More pauses never move the end of a period back, where it runs forwards and an hour
// of a day off does not move to the same hour of another day.
func TestMorePausesEndNoSooner(t *testing.T) {
	windows := []*window{newWindow(t, "Europe/Berlin", "2026-03-29", 200), newWindow(t, "America/Sao_Paulo", "2018-11-04", 200), newWindow(t, "Australia/Lord_Howe", "2026-10-03", 200)}
	r := rand.New(rand.NewPCG(13, 13))
	compared, later := 0, 0
	for i := 0; compared < comparisons()/3; i++ {
		s := randomSetting(t, r, windows[i%len(windows)])
		for range 100 {
			p, counter, _ := s.randomCase(r)
			if p.Backwards || p.Length.Unit.IsTime() && p.Rules.LastDay != LastDayAsIs {
				continue
			}
			more, err := counter.Run(p)
			require.NoError(t, err)
			less := *p
			less.Pauses = p.Pauses[:r.IntN(len(p.Pauses)+1)]
			fewer, err := counter.Run(&less)
			require.NoError(t, err)
			compared++
			if !more.Known {
				continue
			}
			require.True(t, fewer.Known, "%+v", p)
			require.False(t, more.Due.End.Before(fewer.Due.End), "%+v: %v with all, %v with %d pauses", p, more.Due, fewer.Due, len(less.Pauses))
			if more.Due.End.After(fewer.Due.End) {
				later++
			}
		}
	}
	require.Greater(t, later, compared/20)
}
