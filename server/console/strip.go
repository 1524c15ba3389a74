package console

import (
	"strconv"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// strip is the calendar of a deadline, from its start to its due date and to
// where the matter stands today.
type strip struct {
	Title  string
	Start  string
	Due    string
	Limit  string // the due without the extension, "" where there was none
	Kept   bool   // done in time, or deemed so
	Cells  []stripCell
	Hours  *hourBar // of a limit in hours
	Legend []legend
}

// stripCell is a day, or a gap of days that are left out.
type stripCell struct {
	Gap     int // days left out; 0 for a day
	Month   string
	Day     string
	Weekday string
	Nth     int
	Kind    string // class: "working", "make_up", "weekend", "holiday", "closure"
	Paused  bool
	Marks   []mark
	Spoken  string // all of it in words
}

// mark is what happens on a day.
type mark struct{ Class, Label string }

type legend struct{ Class, Label string }

// at most so many days are drawn one by one; from longer strips the middle is
// left out.
const (
	maxCells = 70
	keepEnds = 21
	tail     = 14 // days drawn behind the due date
)

var weekdays = [...]policy.Text{
	{ZH: "日", EN: "Su"}, {ZH: "一", EN: "Mo"}, {ZH: "二", EN: "Tu"}, {ZH: "三", EN: "We"}, {ZH: "四", EN: "Th"}, {ZH: "五", EN: "Fr"}, {ZH: "六", EN: "Sa"},
}

var dayKinds = map[workday.Kind]policy.Text{
	workday.Working: {ZH: "工作日", EN: "working day"}, workday.MakeUp: {ZH: "调休上班", EN: "make-up working day"},
	workday.Weekend: {ZH: "周末", EN: "weekend"}, workday.Holiday: {ZH: "节假日", EN: "public holiday"}, workday.Closure: {ZH: "停业", EN: "closed"},
}

// newStrip draws a timeline; nil where there is nothing to draw.
func newStrip(v *viewer, rule *policy.Rule, t sla.Timeline) *strip {
	if t.Start.IsZero() || t.Due.End.IsZero() {
		return nil
	}
	zone := v.book.Zone
	s := &strip{Title: rule.Label.In(v.lang), Start: wording.Moment(t.Start.In(zone)), Due: v.due(t.Due), Kept: t.Status == sla.OnTime || t.Status == sla.DeemedOnTime}
	if t.Again {
		s.Title += v.pick("（重新计时）", " (running again)")
	}
	if t.Limit != t.Due && !t.Limit.End.Equal(t.Due.End) {
		s.Limit = v.due(t.Limit)
	}
	stands := t.Done // where the matter stands
	if t.Status == sla.DeemedOnTime {
		stands, t.AsOf = time.Time{}, time.Time{} // it is closed
	} else if stands.IsZero() {
		stands = t.AsOf
	}
	from, to := dayOf(t.Start, zone), max(t.Due.Date, t.Limit.Date)
	if !stands.IsZero() {
		to = max(to, min(dayOf(stands, zone), to+tail))
	}
	days, err := t.Days(from, to)
	if err != nil || len(days) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for i, d := range days {
		cell := stripCell{
			Day: strconv.Itoa(d.Date.Day()), Weekday: weekdays[d.Date.Weekday()].In(v.lang), Nth: d.Nth, Kind: d.Kind.String(), Paused: d.Paused,
		}
		if i == 0 || d.Date.Day() == 1 {
			cell.Month = v.monthName(d.Date)
		}
		cell.Marks = v.marks(t, d.Date)
		cell.Spoken = v.spokenDay(d, cell)
		s.Cells = append(s.Cells, cell)
		seen[cell.Kind] = true
		seen["paused"] = seen["paused"] || d.Paused
	}
	if len(s.Cells) > maxCells {
		middle := len(s.Cells) - 2*keepEnds
		s.Cells = append(append(append([]stripCell{}, s.Cells[:keepEnds]...), stripCell{Gap: middle}), s.Cells[len(s.Cells)-keepEnds:]...)
	}
	s.Legend = v.legend(seen)
	if t.Deadline.Limit.Duration != 0 {
		s.Hours = newHourBar(v, t, stands)
	}
	return s
}

func dayOf(t time.Time, zone *time.Location) date.Date { return date.NewAt(t.In(zone)) }

func (v *viewer) due(d sla.Due) string { return headline.Due(d, v.book.Zone) }

// monthName is short enough for a cell; the years stand above.
func (v *viewer) monthName(d date.Date) string {
	_, m, _ := d.Date()
	if v.lang == "zh" {
		return strconv.Itoa(int(m)) + "月"
	}
	return m.String()[:3]
}

// marks are what happens on a day, in the order of the story.
func (v *viewer) marks(t sla.Timeline, d date.Date) []mark {
	zone := v.book.Zone
	var all []mark
	on := func(at time.Time, class, zh, en string) {
		if !at.IsZero() && dayOf(at, zone) == d {
			all = append(all, mark{class, v.pick(zh, en)})
		}
	}
	on(t.Start, "start", "起算", "start")
	for _, p := range t.Pauses {
		on(p.From, "pause", "停", "stop")
		on(p.To, "pause", "续", "resume")
	}
	if t.Limit.Date == d && !t.Limit.End.Equal(t.Due.End) {
		all = append(all, mark{"limit", v.pick("原到期", "was due")})
	}
	if t.Due.Date == d {
		all = append(all, mark{"due", v.pick("到期", "due")})
	}
	on(t.Done, "done", "办结", "done")
	on(t.AsOf, "today", "今天", "today")
	return all
}

func (v *viewer) spokenDay(d sla.Day, c stripCell) string {
	text := d.Date.String() + v.pick("，", ", ") + dayKinds[d.Kind].In(v.lang)
	if d.Nth > 0 {
		text += v.pick("，第 "+strconv.Itoa(d.Nth)+" 天", ", day "+strconv.Itoa(d.Nth))
	}
	if d.Paused {
		text += v.pick("，计时停着", ", the clock stands still")
	}
	for _, m := range c.Marks {
		text += v.pick("，", ", ") + m.Label
	}
	return text
}

func (v *viewer) legend(seen map[string]bool) []legend {
	var all []legend
	for _, k := range []workday.Kind{workday.Working, workday.MakeUp, workday.Weekend, workday.Holiday, workday.Closure} {
		if seen[k.String()] {
			all = append(all, legend{k.String(), dayKinds[k].In(v.lang)})
		}
	}
	if seen["paused"] {
		all = append(all, legend{"paused", v.pick("计时停着", "the clock stands still")})
	}
	return all
}

// hourBar is the time axis of a limit in hours. Lengths are in the units of
// an SVG that is barWidth wide.
type hourBar struct {
	Width, Height  int
	DueX           float64
	Run            float64 // from the start to where the matter stands, at most to the due
	Over           float64 // from the due on
	Ticks          []barTick
	Marks          []barMark
	Spoken         string
	Start, Due, At string
}

type barTick struct {
	X     float64
	Label string
}

type barMark struct {
	X            float64
	Class, Label string
	Anchor       string
	Row          int
}

const (
	barWidth  = 640
	barMargin = 8
)

func newHourBar(v *viewer, t sla.Timeline, stands time.Time) *hourBar {
	zone := v.book.Zone
	end := t.Due.End
	if stands.After(end) {
		end = stands
		if far := t.Due.End.Add(t.Due.End.Sub(t.Start)); end.After(far) {
			end = far
		}
	}
	span := end.Sub(t.Start)
	if span <= 0 {
		return nil
	}
	x := func(at time.Time) float64 {
		f := float64(at.Sub(t.Start)) / float64(span)
		return round(barMargin + min(max(f, 0), 1)*(barWidth-2*barMargin))
	}
	b := &hourBar{Width: barWidth, Height: 78, DueX: x(t.Due.End), Start: wording.Moment(t.Start.In(zone)), Due: wording.Moment(t.Due.End.In(zone))}
	if !stands.IsZero() && stands.After(t.Start) {
		b.Run = min(x(stands), b.DueX)
		if stands.After(t.Due.End) {
			b.Over = x(stands)
		}
	}
	for d := dayOf(t.Start, zone) + 1; d <= dayOf(end, zone); d++ {
		y, m, dd := d.Date()
		b.Ticks = append(b.Ticks, barTick{x(time.Date(y, m, dd, 0, 0, 0, 0, zone)), strconv.Itoa(int(m)) + "-" + strconv.Itoa(dd)})
	}
	if len(b.Ticks) > 12 {
		b.Ticks = nil
	}
	b.mark(x(t.Start), "start", v.pick("起算 ", "start ")+t.Start.In(zone).Format("15:04"))
	b.mark(b.DueX, "due", v.pick("到期 ", "due ")+t.Due.End.In(zone).Format("15:04"))
	switch {
	case !t.Done.IsZero():
		b.mark(x(t.Done), "done", v.pick("办结 ", "done ")+wording.Moment(t.Done.In(zone)))
	case !t.AsOf.IsZero() && t.AsOf.After(t.Start):
		b.mark(x(t.AsOf), "today", v.pick("现在 ", "now ")+wording.Moment(t.AsOf.In(zone)))
	}
	b.Spoken = v.pick("起算 ", "start ") + b.Start + v.pick("，到期 ", ", due ") + b.Due
	return b
}

// mark sets a mark, its label turned inwards near the ends and the marks of
// the outcome in a row of their own.
func (b *hourBar) mark(x float64, class, label string) {
	m := barMark{X: x, Class: class, Label: label, Anchor: "middle"}
	switch {
	case x < barWidth/4:
		m.Anchor = "start"
	case x > barWidth*3/4:
		m.Anchor = "end"
	}
	if class == "done" || class == "today" {
		m.Row = 1
	}
	b.Marks = append(b.Marks, m)
}

// Widths of the bars, which begin at the margin or at the due.
func (b *hourBar) TrackWidth() int    { return b.Width - 2*barMargin }
func (b *hourBar) RunWidth() float64  { return round(b.Run - barMargin) }
func (b *hourBar) OverWidth() float64 { return round(b.Over - b.DueX) }

// round keeps a coordinate short.
func round(x float64) float64 { return float64(int(x*10+0.5)) / 10 }
