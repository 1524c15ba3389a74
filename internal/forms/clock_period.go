package forms

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// A clock that says more than first day, closing and opening hours is timed as
// a sla.Period: lengths of weeks, months and years, ends that move, pauses,
// alerts, backwards, or what facts decide. Any other is timed by its limits
// alone, as it always was.

// periodFields are those that only a period knows.
var periodFields = []policy.Field{
	{Name: "direction", Kind: policy.Option, Words: []string{"after", "before"}, Computed: true, Element: true, Doc: text("期限在起点之后，还是往前数", "whether the limit runs after its start, or before it")},
	{Name: "first_hour", Kind: policy.Option, Words: []string{"counted", "not_counted"}, Computed: true, Element: true, Doc: text("起算的那个钟点小时是否计入；不计入的从下一整点起", "whether the hour of the clock in which the start falls counts; if not, the limit begins at the next full hour")},
	{Name: "clear_days", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("净日：起点当日与另一端当日都不计入", "clear days: neither the day of the start nor that of the other end counts")},
	{Name: "short_excludes_rest", Kind: policy.Quantity, Computed: true, Element: true, Doc: text("多少天以内的短期限不计休息日，如 5 days", "limits of up to so many days do not count days off, such as 5 days")},
	{Name: "month_end", Kind: policy.Option, Words: []string{"last_day", "next_first", "refuse"}, Computed: true, Element: true, Doc: text("当月没有对应日时：月末、次月一日，还是不判断", "where a month lacks the day: its last day, the first of the next, or no answer")},
	{Name: "last_day", Kind: policy.Option, Words: []string{"as_is", "next_working_day", "previous_working_day"}, Computed: true, Element: true, Doc: text("届满落在休息日时：不动、顺延到下一工作日，还是提前到上一工作日", "an end on a day off: it stays, moves to the next working day, or to the one before")},
	{Name: "at_least", Kind: policy.Quantity, Computed: true, Element: true, Doc: text("期限内至少有几个工作日，如 2 working days；更短的期限不适用", "how many working days the limit holds at least, such as 2 working days; not for shorter limits")},
	{Name: "at_least_in_hours", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("at_least 是否也适用于按小时计的期限", "whether at_least holds of limits in hours as well")},
	{Name: "pause_days", Kind: policy.Option, Words: []string{"whole_days", "touched_days", "days_after_stop"}, Computed: true, Element: true, Doc: text("中止时哪些天不计：整个被盖住的、被碰到的，还是停止次日至恢复当日", "which days do not count because of pauses: those covered as a whole, those touched, or those after the stop up to the day of return")},
	{Name: "alerts", Kind: policy.StructMap, Doc: text("途中提醒：{代码: {at: 50%}}；每个是一个时刻，名为 规则名.代码", "moments on the way: {code: {at: 50%}}; each is an output, rule_name.code"), Fields: []policy.Field{
		{Name: "at", Kind: policy.Percentage, Doc: text("用去期限的多少", "how much of the limit is used up")},
		{Name: "before", Kind: policy.Quantity, Doc: text("到期之前多久，如 1 working day", "how long before it is due, such as 1 working day")},
		{Name: "at_risk", Kind: policy.Flag, Doc: text("true：从此时起状态为 at_risk", "true: from then on the status is at_risk")},
	}},
}

// periodRule is how the limits of a clock run.
type periodRule struct {
	direction, firstDay, firstHour, monthEnd, lastDay, pauseDays form.ChosenWord
	clearDays, atLeastInHours                                    *condition.Program
	short, atLeast                                               form.ComputedLength
	hasShort, hasAtLeast                                         bool
	pauses                                                       []pauseRule
	canPause                                                     bool // there are pauses, in force or not
	alerts                                                       []alertRule
	pausedDays, pausedTime, nominal, begins                      int // outputs
}

type alertRule struct {
	name string
	mark sla.Mark
	slot int
}

// periodLimit is a deadline of such a clock.
type periodLimit struct {
	own, other form.ComputedLength
	hasOther   bool
	due        *condition.Program // where it is given, in place of a length
	calendar   form.ChosenCalendar
	counters   map[string]sla.Counter // by the name of the calendar; "" the one that is fixed, or none
	fromDay    bool
}

// isPeriod reports whether the clock needs to be timed as a period.
func (c *clockUnit) isPeriod(b *form.Builder, p *form.Part) bool {
	for _, f := range periodFields {
		if p.Has(f.Name) {
			return true
		}
	}
	if calendar := p.ChosenCalendar("calendar"); calendar.Depends() || p.ChosenWord("first_day").Depends() {
		return true
	}
	if b.EverHas("pause") {
		return true
	}
	return slices.ContainsFunc(b.Parts, func(x *form.Part) bool { return x.Rule.Form.Name == "deadline" && c.needsPeriod(x) })
}

func (c *clockUnit) needsPeriod(x *form.Part) bool {
	if x.Has("due") {
		return true
	}
	for _, field := range []string{"within", "other_limit"} {
		if l, ok := x.ComputedLength(field); l.Depends() || ok && !plainUnit(l.Written.Unit) {
			return true
		}
	}
	if x.Has("calendar") {
		if calendar := x.ChosenCalendar("calendar"); calendar.Depends() {
			return true
		}
	}
	from := x.MomentOrDate("from")
	return from != nil && from.Type().Kind == value.Date
}

// plainUnit reports whether a limit can be of that unit without a period.
func plainUnit(u source.Unit) bool {
	return u == source.WorkingDays || u == source.CalendarDays || u == source.Hours || u == source.Minutes || u == source.Seconds
}

// buildPeriod reads what only periods know.
func (c *clockUnit) buildPeriod(b *form.Builder, p *form.Part) {
	m := &periodRule{
		direction: p.ChosenWord("direction"), firstDay: p.ChosenWord("first_day"), firstHour: p.ChosenWord("first_hour"),
		monthEnd: p.ChosenWord("month_end"), lastDay: p.ChosenWord("last_day"), pauseDays: p.ChosenWord("pause_days"),
		clearDays: p.Expr("clear_days"), atLeastInHours: p.Expr("at_least_in_hours"),
	}
	m.short, m.hasShort = p.ComputedLength("short_excludes_rest")
	m.atLeast, m.hasAtLeast = p.ComputedLength("at_least")
	wantUnit(p, "short_excludes_rest", m.short, m.hasShort, source.CalendarDays)
	wantUnit(p, "at_least", m.atLeast, m.hasAtLeast, source.WorkingDays)
	for _, x := range b.Parts {
		if x.Rule.Form.Name == "pause" {
			m.pauses = append(m.pauses, newPause(b, x))
		}
	}
	for _, x := range p.StructMap("alerts") {
		m.alerts = append(m.alerts, newAlert(p, x))
	}
	if p.Option("on_return") == "resume" {
		p.Fail("on_return", "cannot_resume", text("这样的计时不能续走余下期限（resume）：它会停、会顺延，或长短由事实定，停下时余下多少没有一个数", "a clock of this kind cannot resume: it pauses, its end moves or facts decide how it runs, so that what is left when it stops is no one number"), text("把停下的时段写成 pauses（part_of 这个计时），去掉 returned；或写 new_clock", "write the time in between as pauses, part_of this clock, without returned; or write new_clock"))
	}
	m.canPause = b.EverHas("pause")
	c.period = m
}

// wantUnit reports a length that must be of a certain unit, and is not.
func wantUnit(p *form.Part, field string, l form.ComputedLength, given bool, unit source.Unit) {
	if given && !l.Depends() && l.Written.Unit != unit {
		p.Fail(field, source.CodeUnknownUnit, diagnostic.Textf("这里以 %s 计", "this is counted in %s", unit), diagnostic.Textf("写明是多少 %s，如实换算", "say how many %s it is", unit))
	}
}

func newAlert(p *form.Part, x form.NamedPart) alertRule {
	a := alertRule{name: x.Name}
	a.mark.Warns = x.Flag("at_risk", false)
	if num, den, ok := x.Percent("at"); ok {
		a.mark.Share = sla.Share{Num: num, Den: den}
	}
	if q, ok := x.Quantity("before"); ok {
		a.mark.Before = lengthOf(q)
		moreThanNone(x.Part, "before", q.N)
	}
	if x.Has("at") == x.Has("before") {
		p.Fail("alerts", "alert_unclear", diagnostic.Textf("提醒 %s 须且只能写 at 与 before 之一", "the alert %s needs exactly one of at and before", x.Name),
			text("写明用去期限的百分之几时提醒（at），或到期之前多久提醒（before）", "say at which share of the limit it is (at), or how long before its end (before)"))
	}
	return a
}

// lengthUnits are the units of lengths.
var lengthUnits = map[source.Unit]sla.Unit{
	source.Seconds: sla.Second, source.Minutes: sla.Minute, source.Hours: sla.Hour, source.OpeningMinutes: sla.OpeningMinute, source.OpeningHours: sla.OpeningHour,
	source.CalendarDays: sla.CalendarDay, source.WorkingDays: sla.WorkingDay, source.Weeks: sla.Week, source.Months: sla.Month, source.Quarters: sla.Quarter, source.Years: sla.Year,
}

func lengthOf(q source.Quantity) sla.Length { return sla.Length{N: q.N, Unit: lengthUnits[q.Unit]} }

// addPeriod reads a deadline of a clock that is timed as a period.
func (c *clockUnit) addPeriod(b *form.Builder, x *form.Part, counting sla.Counting) {
	d := deadlineRule{from: x.MomentOrDate("from"), takes: x.Option("takes"), broken: c.part.BreachOf(x.Rule.Article, c.breach, "")}
	l := &periodLimit{fromDay: d.from != nil && d.from.Type().Kind == value.Date, counters: map[string]sla.Counter{}}
	wantLimit(x)
	if l.due = x.MomentOrDate("due"); l.due != nil {
		c.checkGiven(x)
	}
	var ok bool
	if l.own, ok = x.ComputedLength("within"); ok && !l.own.Depends() {
		moreThanNone(x, "within", l.own.Written.N)
	}
	if d.takes != "own" {
		if l.other, l.hasOther = x.ComputedLength("other_limit"); l.hasOther && !l.other.Depends() {
			moreThanNone(x, "other_limit", l.other.Written.N)
		}
	}
	owner := c.part
	if x.Has("calendar") {
		owner = x
	}
	l.calendar = owner.ChosenCalendar("calendar")
	if l.calendar.Depends() {
		for name, calendar := range l.calendar.Names() {
			l.counters[name] = counterOf(b, counting, calendar)
		}
		l.counters[""] = counterOf(b, counting, nil)
	} else {
		l.counters[""] = counterOf(b, counting, l.calendar.Of)
		c.wantCalendars(x, l)
	}
	d.period = l
	if err := counting.Check(); err != nil {
		d.wrong = err
	}
	c.parts, c.whens, c.deadlines = append(c.parts, x), append(c.whens, x.WhenOrOfElement()), append(c.deadlines, d)
}

func counterOf(b *form.Builder, counting sla.Counting, calendar *workday.Calendar) sla.Counter {
	zone, clocks := b.ZoneOf(calendar)
	counting.Zone, counting.Calendar = zone, calendar
	return counting.Counter(clocks)
}

// wantCalendars reports what cannot be counted without a calendar, or without
// its opening hours.
func (c *clockUnit) wantCalendars(x *form.Part, l *periodLimit) {
	k := l.counters[""].Counting
	m := c.period
	if m.lastDay.Depends() || c.part.Option("last_day") != "as_is" {
		wantCalendar(k, c.part, "last_day")
	}
	if m.hasAtLeast {
		wantCalendar(k, c.part, "at_least")
	}
	if m.hasShort {
		wantCalendar(k, c.part, "short_excludes_rest")
	}
	for _, own := range []struct {
		field string
		l     form.ComputedLength
		given bool
	}{{"within", l.own, l.due == nil}, {"other_limit", l.other, l.hasOther}} {
		switch u := lengthUnits[own.l.Written.Unit]; {
		case !own.given || own.l.Depends():
		case u == sla.WorkingDay:
			wantCalendar(k, x, own.field)
		case u.IsOpening() || k.WorkingHours && u.IsTime():
			hours := k
			hours.WorkingHours = true
			wantHours(hours, x, own.field)
		}
	}
}

// course is how a matter runs: its outcome, and what it was counted by.
type course struct {
	outcome sla.Outcome
	length  source.Quantity
	counter *sla.Counter
	home    *time.Location // the rulebook's zone

	backwards bool // it ends with what starts it, and its other end is sought
	clearDays bool // neither the day of the start nor that of the other end counts

	// most is the course with all pauses that there may be, where it is not known which
	// of them there were and it differs; its end is the same. Nil where that is known.
	most *course
}

// opened is the unit of a length where hours run in opening hours alone.
var opened = map[source.Unit]source.Unit{source.Hours: source.OpeningHours, source.Minutes: source.OpeningMinutes}

// run times the matter of a deadline from its start. The state is unknown where
// that depends on what is not known, and none where the evaluation failed.
func (c *clockUnit) run(r *form.Run, i int, start int64) (course, value.State) {
	l := c.deadlines[i].period
	if l.due != nil {
		return c.runGiven(r, i, start)
	}
	p, countsFirst, state := c.periodOf(r, l, start)
	if state != value.Known {
		return course{}, state
	}
	pauses := c.pausesIn(r)
	if !pauses.known {
		return course{}, value.Unknown
	}
	p.Pauses = pauses.certain
	return c.counted(r, i, p, countsFirst)
}

// counted times a period by the length of a deadline, or by the one of its two
// that counts.
func (c *clockUnit) counted(r *form.Run, i int, p sla.Period, countsFirst bool) (course, value.State) {
	d := &c.deadlines[i]
	l := d.period
	counter, known := l.counter(r)
	if !known {
		return course{}, value.Unknown
	}
	counter.CountFirstDay = countsFirst
	best, state := c.timed(r, i, &l.own, p, &counter)
	if state != value.Known || !l.hasOther {
		return best, state
	}
	other, state := c.timed(r, i, &l.other, p, &counter)
	if state != value.Known {
		return best, state
	}
	if a, b := endOf(&best.outcome), endOf(&other.outcome); d.takes == "sooner" && b < a || d.takes != "sooner" && b > a {
		return other, value.Known
	}
	return best, value.Known
}

// counter counts by the calendar of the limit; false where it is not known.
func (l *periodLimit) counter(r *form.Run) (sla.Counter, bool) {
	if !l.calendar.Depends() {
		return l.counters[""], true
	}
	name, known := r.CalendarName(&l.calendar)
	return l.counters[name], known
}

// timed is the period with a length.
func (c *clockUnit) timed(r *form.Run, i int, l *form.ComputedLength, p sla.Period, counter *sla.Counter) (course, value.State) {
	q, state := r.Length(l)
	switch {
	case state == value.Unknown:
		return course{}, value.Unknown
	case state == value.None:
		r.Refuse(c.part, c.ofItem(r, r.WhyNothing(text("期限多长没有写", "there is no length of the limit"), l.Programs()...)))
		return course{}, value.None
	case q.N < 0 || q.N > q.Unit.Limit():
		r.Refuse(c.part, diagnostic.Textf("期限的长度 %d 不在 0 到 %d 之间", "the length of the limit, %d, is not from 0 to %d", q.N, q.Unit.Limit()))
		return course{}, value.None
	}
	if u, ok := opened[q.Unit]; ok && counter.WorkingHours {
		q.Unit = u
	}
	p.Length = lengthOf(q)
	if p.Length.Unit.IsTime() {
		p.Rules.ClearDays = false
	}
	o, err := counter.Run(&p)
	if err != nil {
		if errors.Is(err, sla.ErrNoCalendar) {
			r.Refuse(c.part, c.ofItem(r, r.WhyNothing(text("没有可用来计算的日历", "there is no calendar to count by"), c.deadlines[i].period.calendar.Program())))
			return course{}, value.None
		}
		c.failPeriod(r, err)
		return course{}, value.None
	}
	return course{outcome: o, length: q, counter: counter, home: r.Zone(), backwards: p.Backwards, clearDays: p.Rules.ClearDays}, value.Known
}

// ofItem is a message about the item that is looked at, where the clock times those
// of a list.
func (c *clockUnit) ofItem(r *form.Run, message policy.Text) policy.Text {
	if c.items == nil {
		return message
	}
	id := r.Ignoring(c.items.id)
	if !id.IsKnown() {
		return message
	}
	name := id.Text(r.Zone())
	return diagnostic.Wording("%s：%s", "%s: %s", policy.Text{ZH: name, EN: name}, message)
}

// failPeriod ends an evaluation in which a period cannot be timed.
func (c *clockUnit) failPeriod(r *form.Run, err error) {
	var pause *sla.PauseError
	switch {
	case errors.As(err, &pause):
		r.Refuse(c.part, diagnostic.Textf("中止在开始（%v）之前结束（%v）", "a pause ends (%[2]v) before it begins (%[1]v)", pause.Pause.From.Format(time.RFC3339), pause.Pause.To.Format(time.RFC3339)))
	case errors.Is(err, sla.StartOnADay):
		r.Refuse(c.part, text("起点只有日期，没有钟点，不能计小时", "the start is a day without a time, from which hours cannot be counted"))
	case errors.Is(err, workday.ErrNoHours):
		r.Refuse(c.part, text("所用日历没有营业时段", "the calendar has no opening hours"))
	case errors.Is(err, sla.ErrNoCalendar):
		r.Refuse(c.part, text("没有可用来计算的日历", "there is no calendar to count by"))
	default:
		var month *sla.MonthEndError
		if errors.As(err, &month) {
			r.Refuse(c.part, text("届满的月份没有对应的日子", "the month in which it ends does not have that day"))
			return
		}
		c.fail(r, err)
	}
}

// periodOf is the period from a start, as far as its length and its pauses do not
// matter, and whether the first day counts.
func (c *clockUnit) periodOf(r *form.Run, l *periodLimit, start int64) (p sla.Period, countsFirst bool, state value.State) {
	m := c.period
	words, known := [6]string{}, true
	for i, w := range []form.ChosenWord{m.direction, m.firstDay, m.firstHour, m.monthEnd, m.lastDay, m.pauseDays} {
		word, ok := r.ChosenWord(w)
		words[i], known = word, known && ok
	}
	holds := func(x *condition.Program) bool {
		if x == nil {
			return false
		}
		yes, decided := x.Holds(&r.Frame)
		known = known && decided
		return yes
	}
	count := func(x *form.ComputedLength, given bool) int64 {
		if !given {
			return 0
		}
		q, state := r.Length(x)
		known = known && state != value.Unknown
		return max(q.N, 0)
	}
	p.Backwards = words[0] == "before"
	p.Rules = sla.Rules{
		ClearDays: holds(m.clearDays), SkipHour: words[2] == "not_counted", MonthEnd: monthEnds[words[3]], LastDay: lastDays[words[4]],
		ShortDays: count(&m.short, m.hasShort), AtLeast: count(&m.atLeast, m.hasAtLeast), AtLeastOfTime: holds(m.atLeastInHours), PauseDays: pauseDays[words[5]],
	}
	if !known {
		return p, false, value.Unknown
	}
	if l.fromDay {
		p.Start.On = date.Date(start)
	} else {
		p.Start.At = momentOf(start).Time(r.Zone())
	}
	for _, a := range m.alerts {
		p.Marks = append(p.Marks, a.mark)
	}
	if now := r.AsOf(); now.IsKnown() {
		p.AsOf = now.Time(r.Zone())
	}
	if p.Rules.ClearDays {
		return p, false, value.Known
	}
	return p, words[1] == "counted", value.Known
}

var monthEnds = map[string]sla.MonthEnd{"last_day": sla.MonthEndLastDay, "next_first": sla.MonthEndNextFirst, "refuse": sla.MonthEndRefuse}

var lastDays = map[string]sla.LastDay{"as_is": sla.LastDayAsIs, "next_working_day": sla.LastDayNextWorkingDay, "previous_working_day": sla.LastDayPreviousWorkingDay}

var pauseDays = map[string]sla.PauseDays{"whole_days": sla.WholeDays, "touched_days": sla.TouchedDays, "days_after_stop": sla.DaysAfterStop}

// endOf is the end of a matter; some day, while a pause keeps it open.
func endOf(o *sla.Outcome) int64 {
	if o.Known {
		return o.Due.End.UnixNano()
	}
	return someDay.UnixNano()
}

// term is when a matter that started then is due, and how it runs. The state
// is unknown where facts are missing, and none where the evaluation failed.
func (c *clockUnit) term(r *form.Run, i int, start int64) (sla.Term, *course, value.State) {
	if c.period == nil {
		t, err := c.deadlines[i].term(start)
		if err != nil {
			c.fail(r, err)
			return t, nil, value.None
		}
		return t, nil, value.Known
	}
	if err := c.deadlines[i].wrong; err != nil {
		c.fail(r, err)
		return sla.Term{}, nil, value.None
	}
	x, state := c.runAnyway(r, i, start)
	if state != value.Known {
		return sla.Term{}, nil, state
	}
	return termOfOutcome(&x.outcome), &x, value.Known
}

func termOfOutcome(o *sla.Outcome) sla.Term {
	if !o.Known {
		return sla.Term{End: someDay.UnixNano()}
	}
	return termOf(o.Due)
}

// waits reports whether the end of a term is not known while a pause is open.
func waits(t *sla.Term) bool { return t.End == someDay.UnixNano() }

// startMoment is when a clock started: where its start is a day, when that
// began.
func (c *clockUnit) startMoment(r *form.Run, i int, start int64) int64 {
	l := c.deadlines[i].period
	if l == nil || !l.fromDay {
		return start
	}
	zone := r.Zone()
	name := ""
	if l.calendar.Depends() {
		name, _ = r.CalendarName(&l.calendar)
	}
	if k, ok := l.counters[name]; ok {
		zone = k.Zone
	}
	z := walltime.Of(zone)
	return z.DayStart(date.Date(start))
}

// fromThen is the moment before which the clock has not started; one that runs
// backwards always has.
func (x *course) fromThen(start int64) int64 {
	if x != nil && x.backwards {
		return math.MinInt64
	}
	return start
}

// setPeriod sets the outputs that only periods have; those that pauses may change of
// which it is not known whether there were any are not known.
func (c *clockUnit) setPeriod(r *form.Run, x *course) {
	m := c.period
	most := &x.outcome
	if x.most != nil {
		most = &x.most.outcome
	}
	o := &x.outcome
	for i, a := range m.alerts {
		switch reached := o.Marks[i]; {
		case reached != most.Marks[i]:
			c.unknown(r, a.slot)
		case reached.Known:
			r.Set(a.slot, momentOf(reached.At.UnixNano()))
		}
	}
	if at, ok := walltime.MomentOf(o.Begins); !o.Begins.Equal(most.Begins) {
		c.unknown(r, m.begins)
	} else if ok {
		r.Set(m.begins, momentOf(at))
	}
	switch {
	case o.Nominal != most.Nominal:
		c.unknown(r, m.nominal)
	case o.Known:
		r.Set(m.nominal, value.DateOf(o.Nominal.Date))
	}
	switch inTime := lengthUnits[x.length.Unit].IsTime(); {
	case o.Still != most.Still && inTime:
		c.unknown(r, m.pausedTime)
	case o.Still != most.Still:
		c.unknown(r, m.pausedDays)
	case o.StillKnown && inTime:
		r.Set(m.pausedTime, value.DurationOf(o.Still.Time))
	case o.StillKnown:
		r.Set(m.pausedDays, value.Int(o.Still.Days))
	}
}

// finer is the status of a matter that is running: it may stand still, or be
// at risk; unsettled where that rests on pauses that are not known.
func finer(status sla.Status, x *course) sla.Status {
	if status != sla.Running || x == nil {
		return status
	}
	if x.most != nil && x.most.outcome.Status != x.outcome.Status {
		return unsettled
	}
	if s := x.outcome.Status; s == sla.Paused || s == sla.AtRisk || s == sla.NotStarted {
		return s
	}
	return status
}

// statusWords are the statuses that the clock may have.
func (c *clockUnit) statusWords() []string {
	words := statusWords
	if c.period == nil {
		return words
	}
	if !c.canBeDeemed {
		words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == string(sla.DeemedOnTime) })
	}
	if c.period.canPause {
		words = append(words[:len(words):len(words)], string(sla.Paused))
	}
	for _, a := range c.period.alerts {
		if a.mark.Warns {
			return append(words[:len(words):len(words)], string(sla.AtRisk))
		}
	}
	return words
}

// declarePeriod declares the outputs that only periods have.
func (c *clockUnit) declarePeriod(b *form.Builder, p *form.Part) {
	m := c.period
	m.nominal = b.Output("nominal", &value.Type{Kind: value.Date})
	m.pausedDays, m.pausedTime = b.Output("paused_days", &value.Type{Kind: value.Count}), b.Output("paused_time", &value.Type{Kind: value.Duration})
	m.begins = b.Output("begins", &value.Type{Kind: value.Moment})
	c.slots = append(c.slots, slotKind{m.begins, value.Moment}, slotKind{m.nominal, value.Date}, slotKind{m.pausedDays, value.Count}, slotKind{m.pausedTime, value.Duration})
	taken := map[string]bool{}
	for _, o := range clockForm().Outputs {
		taken[o.Name] = true
	}
	for i := range m.alerts {
		a := &m.alerts[i]
		if taken[a.name] {
			p.Fail("alerts", "name_taken", diagnostic.Textf("%q 已是计时的输出", "%q is an output of clocks already", a.name), text("换一个名称", "choose another name"))
			continue
		}
		a.slot = b.Output(a.name, &value.Type{Kind: value.Moment})
		c.slots = append(c.slots, slotKind{a.slot, value.Moment})
	}
}

// termUnknown leaves open all that rests on when the matter is due.
func (c *clockUnit) termUnknown(r *form.Run) {
	o := &c.out
	c.unknown(r, o.dueDate, o.dueAt, o.due, o.status, o.extended, o.defects)
	c.periodUnknown(r)
	c.restartUnknown(r)
	r.Undetermined(c.part)
}

// periodUnknown leaves open the outputs that only periods have.
func (c *clockUnit) periodUnknown(r *form.Run) {
	m := c.period
	if m == nil {
		return
	}
	c.unknown(r, m.begins, m.nominal, m.pausedDays, m.pausedTime)
	for _, a := range m.alerts {
		c.unknown(r, a.slot)
	}
}

// endsWithStart reports whether the clock runs backwards from its start, so
// that the matter may be done before. Where that is not known, it is not asked
// for either: the term will be.
func (c *clockUnit) endsWithStart(r *form.Run) bool {
	if c.period == nil {
		return false
	}
	since := r.Lacking()
	word, known := r.ChosenWord(c.period.direction)
	r.Ignore(since)
	return !known || word == "before"
}
