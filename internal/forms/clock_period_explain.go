package forms

import (
	"fmt"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// tellPeriod tells how a deadline of a period ran: how long it is, from when,
// whether its end moved, and how long it stood still.
func (c *clockUnit) tellPeriod(r *form.Run, s *form.Story, i int, p *form.Part) {
	start, began := c.began(r, i)
	if began == value.None {
		s.Tellf(p, "尚未起算", "the clock has not started")
		return
	}
	if began == value.Unknown {
		return
	}
	x, state := c.runAnyway(r, i, start)
	if state != value.Known || x.most != nil {
		c.tellBetween(r, s, i, p, start)
		return // and the answer says why
	}
	if c.deadlines[i].period.due != nil {
		c.tellGiven(s, i, p, &x)
		return
	}
	o := &x.outcome
	from := momentOf(c.startMoment(r, i, start))
	told := []value.Value{from}
	if o.Known {
		told = append(told, termValue(termOf(o.Due)))
	}
	s.Together(func() string {
		c.tellCourse(r, s, i, p, &x, start, from)
		return ""
	}, told...)
}

// tellCourse tells from when until when a period runs.
func (c *clockUnit) tellCourse(r *form.Run, s *form.Story, i int, p *form.Part, x *course, start int64, from value.Value) {
	o := &x.outcome
	limit := lengthWords(x.length, c.calendarWords(r, i, p)).In(s.Lang)
	shown := x.show(s, from)
	if c.deadlines[i].period.fromDay {
		from = value.NumberIn(value.Date, value.Known, start)
		shown = s.Show(from)
	}
	still := x.tellFirst(s, from) + c.tellStill(s, x)
	switch {
	case !o.Known:
		s.Tellf(p, "%s，自 %s 起算%s；%s 起停着，到期时间待恢复后才知道", "%s from %s%s; it stands still since %s, and when it is due is known once it goes on", limit, shown, still, x.show(s, momentOf(o.Waits.UnixNano())))
		return
	case x.backwards:
		s.Tellf(p, "%s，自 %s 倒数%s，至迟 %s", "%s back from %s%s, at the latest %s", limit, shown, still, c.endWords(s, x))
		return
	}
	own := termOf(o.Due)
	if !c.deadlines[i].period.fromDay && momentOf(own.End).N >= from.N {
		s.Compare(momentOf(own.End), from)
	}
	if due := r.Slots[c.out.due]; due.IsKnown() && due.N == own.End {
		s.Tellf(p, "%s，自 %s 起算%s，到期 %s", "%s from %s%s, due %s", limit, shown, still, c.endWords(s, x))
		return
	}
	s.Tellf(p, "%s，自 %s 起算%s，至 %s 届满", "%s from %s%s, ending %s", limit, shown, still, c.endWords(s, x))
}

// tellFirst is what of the start does not count, where that is more than its day:
// clear days, or the rest of its hour.
func (x *course) tellFirst(s *form.Story, from value.Value) string {
	begins := momentOf(x.outcome.Begins.UnixNano())
	switch {
	case x.clearDays:
		return s.Pick("（净日）", " (clear days)")
	case lengthUnits[x.length.Unit].IsTime() && !x.outcome.Begins.IsZero() && begins.N != from.N:
		return fmt.Sprintf(s.Pick("（%s 数起）", " (counted from %s)"), x.show(s, begins))
	}
	return ""
}

// tellBetween tells when a matter may be due of which the pauses are not known.
func (c *clockUnit) tellBetween(r *form.Run, s *form.Story, i int, p *form.Part, start int64) {
	due, ok := c.between(r, i, start)
	if !ok {
		return
	}
	from := momentOf(c.startMoment(r, i, start))
	shown := due.first.show(s, from)
	if c.deadlines[i].period.fromDay {
		shown = s.Show(value.NumberIn(value.Date, value.Known, start))
	}
	limit := lengthWords(due.first.length, c.calendarWords(r, i, p)).In(s.Lang)
	if due.bounded && due.soonest == due.latest && !waits(&due.soonest) {
		end := momentOf(due.soonest.End)
		if !c.deadlines[i].period.fromDay && end.N >= from.N {
			s.Compare(end, from)
		}
		s.Tellf(p, "%s，自 %s 起算；无论尚不知道的中止如何，至 %s 届满", "%s from %s; whatever the pauses were that are not known, it ends %s", limit, shown, due.first.show(s, termValue(due.soonest)))
		return
	}
	told := s.Pick("到期时间待知道中止了多久才能定", "when it is due rests on pauses that are not known")
	if !waits(&due.soonest) {
		told += fmt.Sprintf(s.Pick("，最早 %s", ", %s at the soonest"), due.first.show(s, termValue(due.soonest)))
	}
	if !waits(&due.latest) {
		told += fmt.Sprintf(s.Pick("，最晚 %s", ", %s at the latest"), due.last.show(s, termValue(due.latest)))
	}
	s.Tellf(p, "%s，自 %s 起算；%s", "%s from %s; %s", limit, shown, told)
	at, done := moment(r, c.done)
	if done != value.Known {
		at = r.AsOf().N
	}
	switch sla.Status(r.Slots[c.out.status].S()) {
	case sla.OnTime:
		s.Decide(momentOf(at), momentOf(due.soonest.End))
	case sla.Late, sla.Overdue:
		s.Decide(momentOf(at), momentOf(due.latest.End))
	}
}

// show is a value as a person reads it: moments on the clocks of the zone that
// was counted in, with its offset where that is another than the rulebook's.
func (x *course) show(s *form.Story, v value.Value) string {
	zone := x.counter.Zone
	if v.K != value.Moment || zone.String() == x.home.String() {
		return s.Show(v)
	}
	t, layout := v.Time(zone), "2006-01-02 15:04 -07:00"
	if t.Nanosecond() != 0 && t.Hour() == 23 && t.Minute() == 59 {
		return t.Format("2006-01-02 24:00 -07:00")
	}
	if t.Second() != 0 {
		layout = "2006-01-02 15:04:05 -07:00"
	}
	return t.Format(layout)
}

// endWords is the end, and from where it moved.
func (c *clockUnit) endWords(s *form.Story, x *course) string {
	o := &x.outcome
	end := x.show(s, termValue(termOf(o.Due)))
	if o.Nominal.Date == o.Due.Date || o.Nominal.Date == 0 {
		return end
	}
	nominal := value.DateOf(o.Nominal.Date)
	s.Compare(value.DateOf(o.Due.Date), nominal)
	if o.Due.Date > o.Nominal.Date {
		return fmt.Sprintf(s.Pick("%s（%s 届满，顺延）", "%s (it would end %s, and moves on)"), end, s.Show(nominal))
	}
	return fmt.Sprintf(s.Pick("%s（%s 届满，提前）", "%s (it would end %s, and moves back)"), end, s.Show(nominal))
}

// tellStill is for how long the clock stood still, with the pauses; "" where it
// did not.
func (c *clockUnit) tellStill(s *form.Story, x *course) string {
	o := &x.outcome
	if !o.StillKnown || o.Still == (sla.Elapsed{}) {
		return ""
	}
	stood := o.Stood
	var spans []string
	for _, p := range stood[:min(len(stood), pausesTold)] {
		spans = append(spans, x.tellPause(s, p))
	}
	if more := len(stood) - pausesTold; more > 0 {
		spans = append(spans, fmt.Sprintf(s.Pick("另有 %d 次，最后一次 %s", "and %d more, the last of them %s"), more, x.tellPause(s, stood[len(stood)-1])))
	}
	long := durationWords(o.Still.Time).In(s.Lang)
	if !lengthUnits[x.length.Unit].IsTime() {
		long = quantityWords(source.Quantity{N: o.Still.Days, Unit: stillUnit(x.length.Unit)}).In(s.Lang)
	}
	return fmt.Sprintf(s.Pick("，其间停钟 %s（%s）", ", standing still for %s (%s)"), long, strings.Join(spans, s.Pick("、", ", ")))
}

// pausesTold is how many pauses are told one by one; of more, the first, how many
// there are and the last.
const pausesTold = 10

// tellPause is from when until when a clock stood still.
func (x *course) tellPause(s *form.Story, p sla.Pause) string {
	from := momentOf(p.From.UnixNano())
	if p.To.IsZero() {
		return s.Pick("自 ", "since ") + x.show(s, from)
	}
	to := momentOf(p.To.UnixNano())
	s.Compare(from, to)
	return x.show(s, from) + s.Pick(" 至 ", " to ") + x.show(s, to)
}

// stillUnit is what days are that a limit stood still for.
func stillUnit(u source.Unit) source.Unit {
	if u == source.WorkingDays {
		return u
	}
	return source.CalendarDays
}

func (c *clockUnit) calendarWords(r *form.Run, i int, p *form.Part) policy.Text {
	l := c.deadlines[i].period
	if !l.calendar.Depends() {
		return p.CalendarLabel(l.calendar.Of)
	}
	name, _ := r.CalendarName(&l.calendar)
	return p.CalendarLabel(l.calendar.Names()[name])
}

// lengthWords is a length as people say it, with the calendar that it is
// counted by.
func lengthWords(q source.Quantity, calendar policy.Text) policy.Text {
	words := quantityWords(q)
	switch q.Unit {
	case source.WorkingDays, source.OpeningHours, source.OpeningMinutes:
		return countedBy(calendar, words)
	}
	return words
}

var unitZH = map[source.Unit]string{
	source.Seconds: "秒", source.Minutes: "分钟", source.Hours: "小时", source.OpeningMinutes: "营业分钟", source.OpeningHours: "营业小时", source.CalendarDays: "天",
	source.WorkingDays: "个工作日", source.Weeks: "周", source.Months: "个月", source.Quarters: "个季度", source.Years: "年",
}

func quantityWords(q source.Quantity) policy.Text {
	return text(fmt.Sprint(q.N, unitZH[q.Unit]), q.String())
}

// durationWords is a length of time in hours, minutes and seconds.
func durationWords(d time.Duration) policy.Text {
	if d == 0 {
		return text("0分钟", "0 minutes")
	}
	var zh, en []string
	for _, u := range []struct {
		unit source.Unit
		of   time.Duration
	}{{source.Hours, time.Hour}, {source.Minutes, time.Minute}, {source.Seconds, time.Second}} {
		if n := d / u.of; n > 0 {
			words := quantityWords(source.Quantity{N: int64(n), Unit: u.unit})
			zh, en = append(zh, words.ZH), append(en, words.EN)
			d %= u.of
		}
	}
	if d > 0 {
		return text(strings.Join(zh, "")+"多", strings.Join(append(en, "a moment"), " "))
	}
	return text(strings.Join(zh, ""), strings.Join(en, " "))
}

// ownTerm is when the matter would be due without an extension.
func (c *clockUnit) ownTerm(r *form.Run, i int) sla.Term {
	if c.period == nil {
		own, _ := c.deadlines[i].term(r.Slots[c.out.start].N)
		return own
	}
	start, began := c.began(r, i)
	if began != value.Known {
		return sla.Term{}
	}
	x, state := c.runAnyway(r, i, start)
	if state != value.Known {
		return sla.Term{}
	}
	return termOfOutcome(&x.outcome)
}
