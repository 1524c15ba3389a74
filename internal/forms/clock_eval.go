package forms

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
)

// moment is a moment that is known, none for one that has not happened, or
// unknown.
func moment(r *form.Run, p *condition.Program) (int64, value.State) {
	if p == nil {
		return 0, value.None
	}
	return p.Num(&r.Frame)
}

func momentIn(n int64, s value.State) value.Value { return value.NumberIn(value.Moment, s, n) }

func momentOf(n int64) value.Value { return momentIn(n, value.Known) }

// Evaluate sets the outputs of the clock.
func (c *clockUnit) Evaluate(r *form.Run) {
	for _, x := range c.slots {
		r.Set(x.slot, value.NoneOf(x.kind))
	}
	if c.items != nil {
		c.evaluateEach(r)
		return
	}
	if zone := c.one(r); zone != nil && zone != r.Zone() && zone.String() != r.Zone().String() {
		c.showOnClocksOf(r, zone)
	}
}

// showOnClocksOf has the moments of the clock shown as its calendar's zone shows
// them.
func (c *clockUnit) showOnClocksOf(r *form.Run, zone *time.Location) {
	for _, x := range c.slots {
		if v := r.Slots[x.slot]; v.K == value.Moment && v.IsKnown() {
			_, ahead := v.Time(zone).Zone()
			r.Set(x.slot, v.OnClocks(ahead))
		}
	}
}

func (c *clockUnit) unknown(r *form.Run, slots ...int) {
	for _, x := range c.slots {
		if slices.Contains(slots, x.slot) {
			r.Set(x.slot, value.UnknownOf(x.kind))
		}
	}
}

// restartUnknown leaves it open whether the clock runs again, where it may.
func (c *clockUnit) restartUnknown(r *form.Run) {
	o := &c.out
	if c.returned != nil {
		c.unknown(r, o.restarted, o.restartStart, o.restartDueDate, o.restartDueAt, o.restartDue, o.restartStatus)
	}
}

// choose finds the deadline that applies.
func (c *clockUnit) choose(r *form.Run) (int, bool) {
	i, state := r.Choose(c.cases)
	switch state {
	case value.Unknown:
		o := &c.out
		c.unknown(r, o.start, o.dueDate, o.dueAt, o.due, o.status, o.extended, o.defects, o.restarted, o.restartStart, o.restartDueDate,
			o.restartDueAt, o.restartDue, o.restartStatus, o.inTime, o.late, o.notYetDue)
		c.periodUnknown(r)
		r.Undetermined(c.part)
		return 0, false
	case value.None:
		r.NotApplied(c.part)
		return 0, false
	}
	r.Applied(c.part)
	return i, true
}

// one times a single matter. The zone is the one that is counted in; nil where
// nothing is.
func (c *clockUnit) one(r *form.Run) (zone *time.Location) {
	i, ok := c.choose(r)
	if !ok {
		return zone
	}
	o := &c.out
	start, began := c.began(r, i)
	if began == value.Unknown {
		c.unknown(r, o.start)
		c.termUnknown(r)
		return zone
	}
	if began == value.Known && start != always {
		r.Set(o.start, momentOf(c.startMoment(r, i, start)))
	}
	r.Set(o.restarted, value.Bool(false))
	var terms termSet
	var x *course
	if began == value.None {
		r.Set(o.defects, value.ListOf(nil)) // of nothing that could be extended
	} else {
		if !c.endsWithStart(r) && !r.InOrder(c.startOf(i), c.doneAt()) {
			return zone
		}
		c.used(r, i)
		var t sla.Term
		var state value.State
		if t, x, state = c.term(r, i, start); state != value.Known {
			if state == value.Unknown {
				c.termUnknown(r)
				c.whateverPauses(r, i, start)
			}
			return zone
		}
		if zone = c.deadlines[i].counter.Zone; x != nil {
			zone = x.counter.Zone
		}
		terms.add(t)
		if !c.extend(r, &terms, i, x) {
			return zone
		}
		c.setDue(r, &terms)
		start = x.fromThen(c.startMoment(r, i, start))
	}
	if x != nil && c.done == nil && !r.AsOf().IsKnown() {
		c.setPeriod(r, x) // of a limit alone, by which nothing is to be done, there is more to know
		return zone
	}
	status := finer(c.status(r, start, &terms), x)
	if status == unsettled {
		c.unknown(r, o.status)
		c.restartUnknown(r)
		r.Undetermined(c.part)
		if x != nil {
			c.setPeriod(r, x)
		}
		return zone
	}
	r.Set(o.status, value.WordOf(string(status)))
	if x != nil {
		c.setPeriod(r, x)
	}
	if status == sla.Running || status == sla.Paused || status == sla.AtRisk || status == sla.NotStarted && began == value.Known {
		r.ProvisionalUntil(changes(&terms, start, x)...)
	}
	if terms.provisional() {
		r.ProvisionalUntil() // a listing of holidays may change it, not time
	}
	if status == sla.DeemedOnTime {
		c.restart(r, i, start, began)
	}
	c.breached(r, i, status)
	return zone
}

// always is the start of a clock that has none: what is due is given.
const always int64 = math.MinInt64

// began is when the limit begins to run. One whose due is given has not begun
// while there is none.
func (c *clockUnit) began(r *form.Run, i int) (start int64, state value.State) {
	d := &c.deadlines[i]
	if l := d.period; l != nil && l.due != nil {
		if _, state := moment(r, l.due); state == value.None {
			return 0, value.None
		}
		if d.from == nil {
			return always, value.Known
		}
	}
	return moment(r, d.from)
}

// The events of a clock, which come in this order: it starts, an extension is
// asked for and approved, the matter is done or deemed done, and the customer
// comes back.

func (c *clockUnit) startOf(i int) form.Event {
	return form.Event{Is: c.deadlines[i].from, Name: text("起算时刻", "the start of the clock")}
}

func (c *clockUnit) doneAt() form.Event {
	return form.Event{Is: c.done, Name: text("办结时刻", "the moment it was done")}
}

// used notes the readings that counting the limit rests on.
func (c *clockUnit) used(r *form.Run, i int) {
	d := &c.deadlines[i]
	if c.period != nil {
		r.Mark(c.marks.days)
		r.Mark(c.marks.hours)
		r.Mark(c.marks.calendar)
		return
	}
	c.restsOn(r, d, &d.limit)
	if d.hasOther {
		c.restsOn(r, d, &d.other)
	}
}

// restsOn notes the readings that counting one limit rests on.
func (c *clockUnit) restsOn(r *form.Run, d *deadlineRule, l *sla.Limit) {
	if l.Duration == 0 {
		r.Mark(c.marks.days)
		return
	}
	r.Mark(c.marks.hours)
	if d.counter.WorkingHours {
		r.Mark(c.marks.calendar)
	}
}

// fail ends an evaluation that cannot be counted.
func (c *clockUnit) fail(r *form.Run, err error) { failCounting(r, c.part, err) }

// failCounting ends the evaluation of a rule whose time cannot be counted.
func failCounting(r *form.Run, p *form.Part, err error) {
	var outside *sla.RangeError
	var span *sla.SpanError
	switch {
	case errors.As(err, &span):
		r.Refuse(p, diagnostic.Textf("%s 至 %s 超过 292 年，按时、分、秒数不到这么长", "from %s to %s is more than 292 years, which is further than hours, minutes and seconds are counted",
			date.NewAt(span.From.In(r.Zone())), date.NewAt(span.Until.In(r.Zone()))))
		return
	case errors.As(err, &outside):
		r.Refuse(p, diagnostic.Textf("%v 在 %v 至 %v 之外，不能计时；没有到期的，不填日期", "%v lies outside %v to %v, where clocks are counted; leave a date out that stands for none",
			outside.Date, sla.FirstDate, sla.LastDate))
		return
	}
	r.Fail(err)
}

func (c *clockUnit) breached(r *form.Run, i int, status sla.Status) {
	if status != sla.Overdue && status != sla.Late || c.breach == "" {
		return
	}
	r.Mark(c.deadlines[i].broken)
	for _, l := range c.liable {
		r.Liable(l.Name, r.Ignoring(l.Expr))
	}
}

// check finds why the deadline cannot be counted.
func (d *deadlineRule) check() error {
	if err := d.limit.Check(); err != nil {
		return err
	}
	if d.hasOther {
		if err := d.other.Check(); err != nil {
			return err
		}
	}
	return d.counter.Check()
}

// term is when a matter that started then is due.
func (d *deadlineRule) term(start int64) (sla.Term, error) {
	if d.wrong != nil {
		return sla.Term{}, d.wrong
	}
	t, err := d.counter.Term(start, &d.limit)
	if err != nil || !d.hasOther {
		return t, err
	}
	other, err := d.counter.Term(start, &d.other)
	if err != nil {
		return t, err
	}
	if d.takes == "sooner" && other.End < t.End || d.takes != "sooner" && other.End > t.End {
		return other, nil
	}
	return t, nil
}

// restart runs the clock again when the customer came back.
func (c *clockUnit) restart(r *form.Run, i int, start int64, began value.State) {
	o, d := &c.out, &c.deadlines[i]
	if c.returned == nil {
		return
	}
	back, state := moment(r, c.returned)
	switch state {
	case value.Unknown:
		c.restartUnknown(r)
		return
	case value.None:
		return
	}
	closed, stopped, ok := c.stopped(r)
	before := []form.Event{c.startOf(i)}
	if ok {
		before = append(before[:0], form.Event{Is: closed.at, Name: text("视同办结的时刻", "the moment it was deemed done")})
	}
	if !r.InOrder(append(before, form.Event{Is: c.returned, Name: text("客户又来的时刻", "the moment the customer came back")})...) {
		return
	}
	t, _, reached := c.term(r, i, back)
	if reached == value.Unknown {
		c.restartUnknown(r)
	}
	if reached != value.Known {
		return
	}
	if c.resumes && c.period == nil && began == value.Known && ok && stopped <= back {
		var err error
		if t, err = d.resume(start, stopped, back); err != nil {
			c.fail(r, err)
			return
		}
	}
	r.Mark(c.marks.again)
	c.used(r, i) // the first clock may never have started
	if t.Provisional {
		r.ProvisionalUntil()
	}
	r.Set(o.restarted, value.Bool(true))
	r.Set(o.restartStart, momentOf(back))
	if !waits(&t) {
		setOne(r, &t, o.restartDueDate, o.restartDueAt)
		r.Set(o.restartDue, momentOf(t.End))
	}
	j := judging{r: r, start: back}
	j.done, j.doneState = moment(r, c.done)
	if j.doneState == value.Known && j.done < back {
		j.doneState = value.None // done before: not what he came back for
	}
	if j.judge(t.End, false); j.differs {
		c.unknown(r, o.restartStatus)
		return
	}
	r.Set(o.restartStatus, value.WordOf(string(j.status)))
	if j.status == sla.Running || j.status == sla.NotStarted {
		r.ProvisionalUntil(changes(&termSet{n: 1, terms: [2]sla.Term{t}}, back, nil)...)
	}
	c.breached(r, i, j.status)
}

// resume is when a matter is due that was stopped for a while. Its own limit
// goes on, not another that may count.
func (d *deadlineRule) resume(start, stopped, back int64) (sla.Term, error) {
	at := func(n int64) time.Time { return momentOf(n).Time(d.counter.Zone) }
	due, err := sla.Resume(sla.Deadline{Limit: d.limit, Counting: d.counter.Counting}, at(start), at(stopped), at(back))
	return termOf(due), err
}

// stopped is when the first deeming that holds closed the matter.
func (c *clockUnit) stopped(r *form.Run) (closed *deemingRule, first int64, any bool) {
	for i := range c.deemings {
		d := &c.deemings[i]
		if !r.DidApply(d.part) || !r.Eval(d.holds).True() {
			continue
		}
		if t, state := moment(r, d.at); state == value.Known && (!any || t < first) {
			closed, first, any = d, t, true
		}
	}
	return closed, first, any
}

// changes are the moments at which time alone may change how a matter stands
// that is not done.
func changes(s *termSet, start int64, x *course) []int64 {
	at := []int64{start}
	for i := range s.n {
		if !waits(&s.terms[i]) {
			at = append(at, s.terms[i].End+1)
		}
	}
	for ; x != nil; x = x.most {
		if !x.outcome.Next.IsZero() {
			at = append(at, x.outcome.Next.UnixNano())
		}
	}
	return at
}
