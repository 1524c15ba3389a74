package forms

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

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
	c.one(r)
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
		c.unknown(r, o.restarted, o.restartStart, o.restartDueDate, o.restartDueAt, o.restartStatus)
	}
}

// choose finds the deadline that applies.
func (c *clockUnit) choose(r *form.Run) (int, bool) {
	i, state := r.Choose(c.cases)
	switch state {
	case value.Unknown:
		o := &c.out
		c.unknown(r, o.start, o.dueDate, o.dueAt, o.due, o.status, o.extended, o.defects, o.restarted, o.restartStart, o.restartDueDate,
			o.restartDueAt, o.restartStatus, o.inTime, o.late, o.notYetDue)
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

// one times a single matter.
func (c *clockUnit) one(r *form.Run) {
	i, ok := c.choose(r)
	if !ok {
		return
	}
	o := &c.out
	start, began := c.began(r, i)
	if began == value.Unknown {
		c.unknown(r, o.start)
		c.termUnknown(r)
		return
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
			return
		}
		c.used(r, i)
		var t sla.Term
		var state value.State
		if t, x, state = c.term(r, i, start); state != value.Known {
			if state == value.Unknown {
				c.termUnknown(r)
			}
			return
		}
		terms.add(t)
		if !c.extend(r, &terms, i, x) {
			return
		}
		c.setDue(r, &terms)
		start = x.fromThen(c.startMoment(r, i, start))
	}
	if x != nil && c.done == nil && !r.AsOf().IsKnown() {
		c.setPeriod(r, x) // of a limit alone, by which nothing is to be done, there is more to know
		return
	}
	status := c.status(r, start, &terms)
	if status == unsettled {
		c.unknown(r, o.status)
		c.restartUnknown(r)
		r.Undetermined(c.part)
		return
	}
	status = finer(status, x)
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
func (c *clockUnit) fail(r *form.Run, err error) {
	var outside *sla.RangeError
	if errors.As(err, &outside) {
		r.Refuse(c.part, diagnostic.Textf("%v 在 %v 至 %v 之外，不能计时；没有到期的，不填日期", "%v lies outside %v to %v, where clocks are counted; leave a date out that stands for none",
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

// termSet is what may hold: nothing where the clock has not started, and two
// terms while it is open whether an extension is valid.
type termSet struct {
	n     int
	terms [2]sla.Term
}

func (s *termSet) add(t sla.Term) {
	s.terms[s.n] = t
	s.n++
}

func (s *termSet) provisional() bool {
	return s.n > 0 && s.terms[0].Provisional || s.n > 1 && s.terms[1].Provisional
}

// extend judges the extension of the term; false where the evaluation failed.
func (c *clockUnit) extend(r *form.Run, s *termSet, i int, x *course) bool {
	o, e := &c.out, c.extension
	r.Set(o.defects, value.ListOf(nil))
	if e == nil {
		return true
	}
	asked := r.When(e.part, e.when)
	if asked.IsKnown() && !asked.True() || asked.IsNone() {
		return true
	}
	began := c.startOf(i)
	began.Began = true // the start may await other things, of which the extension is about one
	if !r.InOrder(began, form.Event{Is: e.requested, Name: text("延期的上报时刻", "the moment the extension was asked for")},
		form.Event{Is: e.approvedAt, Name: text("延期的批准时刻", "the moment the extension was approved")}) {
		return false
	}
	k := &c.deadlines[i].counter
	if x != nil {
		k = x.counter
	}
	due := k.Due(s.terms[0])
	ext, known := e.facts(r, due)
	result, err := e.rule.Judge(ext.Extension, due, k.Counting)
	switch {
	case errors.Is(err, sla.ErrTwoNewDues):
		r.Refuse(e.part, text("同时写了新的日期和新的时刻，只写一个", "both a new date and a new time are given; give one"))
		return false
	case err != nil:
		c.fail(r, err)
		return false
	}
	if ext.NewDate != 0 {
		r.Mark(c.marks.days)
	}
	if e.rule.MaxWorkingDays > 0 { // by which its length is measured
		r.Mark(c.marks.calendar)
	}
	if asked.IsUnknown() || result.Valid && (!known || ext.undated) {
		r.Undetermined(e.part)
		switch {
		case ext.undated && known && asked.True(): // it holds, but until when?
			r.Set(o.extended, value.Bool(true))
			r.Need(cmp.Or(e.newDate, e.newMoment))
		default:
			c.unknown(r, o.extended, o.defects)
		}
		if result.Valid && (ext.open || ext.undated) {
			result.Due = sla.Due{End: someDay}
		}
		s.add(termOf(result.Due))
		return true
	}
	if result.Provisional {
		r.ProvisionalUntil()
	}
	defects := make([]value.Value, len(result.Defects))
	own := false
	for i, d := range result.Defects {
		defects[i] = value.WordOf(string(d))
		own = own || slices.Contains(e.ownFault, string(d))
	}
	r.Set(o.extended, value.Bool(result.Valid))
	r.Set(o.defects, value.ListOf(defects))
	if !known {
		c.unknown(r, o.defects) // these are certain, and there may be more
	}
	if own && e.breach != "" {
		r.Mark(e.defective)
	}
	s.terms[0] = termOf(result.Due)
	return true
}

func termOf(d sla.Due) sla.Term {
	return sla.Term{Date: d.Date, End: d.End.UnixNano(), IsDate: d.IsDate, Provisional: d.Provisional}
}

// someDay stands for a new due that nobody named; it is later than any date
// that can be given.
var someDay = time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC)

// extensionFacts is an extension; open says that the new due is not known,
// undated that none is on record.
type extensionFacts struct {
	sla.Extension
	open, undated bool
}

// facts reads the extension of a due. Where something that matters is not
// known, the result is what would hold if it were in order.
func (e *extensionRule) facts(r *form.Run, due sla.Due) (x extensionFacts, known bool) {
	known = true
	see := func(p *condition.Program) value.Value {
		if p == nil {
			return value.In(value.Invalid, value.None)
		}
		v := r.Eval(p)
		known = known && !v.IsUnknown()
		return v
	}
	when := func(p *condition.Program, inOrder time.Time) time.Time {
		switch v := see(p); {
		case v.IsKnown():
			return v.Time(r.Zone())
		case v.IsUnknown():
			return inOrder
		}
		return time.Time{}
	}
	word := func(p *condition.Program, inOrder string) string {
		v := see(p)
		if v.IsUnknown() {
			return inOrder
		}
		return v.S()
	}
	if x.Reason = "?"; e.reason != nil { // else none is needed
		x.Reason = word(e.reason, "?")
	}
	x.RequestedAt, x.ApprovedAt = when(e.requested, due.End), when(e.approvedAt, due.End)
	if v := see(e.approved); e.approved != nil && !v.True() && !v.IsUnknown() {
		x.Decision = sla.Rejected
		if x.ApprovedAt.IsZero() {
			x.Decision = sla.Undecided
		}
		return x, known
	}
	x.Decision = sla.Approved
	if e.approver != nil {
		x.ApproverRole = word(e.approver, append(slices.Clone(e.rule.Approvers), "")[0])
	}
	if day := see(e.newDate); day.IsKnown() {
		x.NewDate = day.Date()
		if at := r.Ignoring(e.newMoment); at.IsKnown() {
			x.NewAt = at.Time(r.Zone()) // which contradicts the date, and is refused
		}
	} else {
		at := see(e.newMoment)
		if at.IsKnown() {
			x.NewAt = at.Time(r.Zone())
		}
		x.open = day.IsUnknown() || at.IsUnknown()
		x.undated = day.IsNone() && at.IsNone() && (e.newDate != nil || e.newMoment != nil)
	}
	if n := see(e.times); n.IsKnown() {
		x.Count = int(min(n.N, 1<<30))
	}
	return x, known
}

func (c *clockUnit) setDue(r *form.Run, s *termSet) {
	o := &c.out
	if s.n > 1 && (s.terms[0].End != s.terms[1].End || waits(&s.terms[0])) {
		c.unknown(r, o.dueDate, o.dueAt, o.due)
		return
	}
	if waits(&s.terms[0]) {
		return // nobody can know while the pause lasts
	}
	setOne(r, &s.terms[0], o.dueDate, o.dueAt)
	r.Set(o.due, momentOf(s.terms[0].End))
}

func setOne(r *form.Run, t *sla.Term, dateAt, momentAt int) {
	if t.IsDate {
		r.Set(dateAt, value.DateOf(t.Date))
	} else {
		r.Set(momentAt, momentOf(t.End))
	}
}

// status is how the matter stands, whichever of the terms holds; unsettled
// where that depends on what is not known.
func (c *clockUnit) status(r *form.Run, start int64, s *termSet) sla.Status {
	since := r.Lacking()
	j := judging{r: r, start: start}
	j.done, j.doneState = moment(r, c.done)
	if s.n == 0 {
		r.Set(c.dueLocal, value.NoneOf(value.Moment))
		deemed := c.deemed(r)
		if deemed != value.Known {
			j.found(sla.NotStarted)
		}
		if deemed != value.None {
			j.found(sla.DeemedOnTime)
		}
	}
	for i := s.n - 1; i >= 0; i-- { // the term without an extension last: it stays in place
		end := s.terms[i].End
		r.Set(c.dueLocal, momentOf(end))
		if waits(&s.terms[i]) {
			r.Set(c.dueLocal, value.NoneOf(value.Moment))
		}
		deemed := c.deemed(r)
		if deemed != value.Known {
			j.judge(end, false)
		}
		if deemed != value.None {
			j.judge(end, true)
		}
	}
	if j.differs {
		return unsettled
	}
	r.Ignore(since)
	return j.status
}

// judging gathers how a matter may stand.
type judging struct {
	r         *form.Run
	start     int64 // of the clock, where it has a due
	done      int64
	doneState value.State
	status    sla.Status // the first found
	differs   bool       // another was found, too
}

func (j *judging) found(s sla.Status) {
	if j.status == unsettled {
		j.status = s
	}
	j.differs = j.differs || s != j.status
}

func (j *judging) judge(end int64, deemed bool) {
	switch j.doneState {
	case value.Unknown:
		j.found(sla.OnTime)
		j.found(sla.Late)
		return
	case value.None:
		asOf := j.r.AsOf()
		if !deemed && !asOf.IsKnown() {
			j.r.NeedAsOf()
			j.found(sla.Running)
			j.found(sla.Overdue)
			return
		}
		if !deemed && asOf.N < j.start {
			j.found(sla.NotStarted)
			return
		}
		j.found(sla.Stand(false, false, deemed, asOf.N <= end))
		return
	}
	j.found(sla.Stand(true, j.done <= end, deemed, false))
}

// deemed reports whether any deeming holds: known that one does, none that
// none does, or unknown.
func (c *clockUnit) deemed(r *form.Run) value.State {
	result := value.None
	for i := range c.deemings {
		d := &c.deemings[i]
		applies, holds, decided := r.Both(d.both)
		if decided && !applies {
			r.NotApplied(d.part)
			continue
		}
		switch {
		case holds:
			r.Applied(d.part)
			result = value.Known
		case !decided:
			r.Undetermined(d.part)
			if result != value.Known {
				result = value.Unknown
			}
		case c.claimed(r, d):
			r.Applied(d.part)
		default:
			r.NotApplied(d.part)
		}
	}
	return result
}

// claimed reports whether there was anything that the deeming had to weigh:
// such an answer cites it although it does not hold.
func (c *clockUnit) claimed(r *form.Run, d *deemingRule) bool {
	return r.Ignoring(d.at).IsKnown()
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

// evaluateEach times every element of a list and sorts their ids.
func (c *clockUnit) evaluateEach(r *form.Run) {
	o := &c.out
	list := r.Eval(c.items.each.Program)
	if list.IsUnknown() {
		c.unknown(r, o.inTime, o.late, o.notYetDue)
		r.Undetermined(c.part)
		return
	}
	i, ok := c.choose(r)
	if !ok {
		return
	}
	c.used(r, i)
	var inTime, tooLate, open []value.Value
	unsure := false
	r.Each(c.items.each, list.L(), func(int, value.Value) {
		class, known := c.classify(r, i)
		id := r.Eval(c.items.id)
		switch {
		case !known:
			unsure = true
		case class == sla.Running:
			open = append(open, id)
		case class == sla.OnTime:
			inTime = append(inTime, id)
		case class == sla.Late:
			tooLate = append(tooLate, id)
		}
	})
	if unsure {
		c.unknown(r, o.inTime, o.late, o.notYetDue)
		r.Undetermined(c.part)
		return
	}
	r.Set(o.inTime, value.ListOf(inTime))
	r.Set(o.late, value.ListOf(tooLate))
	r.Set(o.notYetDue, value.ListOf(open))
	if len(open) > 0 {
		r.ProvisionalUntil() // until when, each of them has said
	}
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
	if x != nil && !x.outcome.Next.IsZero() {
		at = append(at, x.outcome.Next.UnixNano())
	}
	return at
}

// nothing is what an element counts as that does not count.
const nothing = unsettled

// unsettled is how a matter stands where that depends on what is not known.
const unsettled sla.Status = ""

// classify says what one element counts as: onTime, late, running, or nothing.
func (c *clockUnit) classify(r *form.Run, i int) (class sla.Status, known bool) {
	start, began := c.began(r, i)
	if began == value.Unknown {
		return nothing, false
	}
	var terms termSet
	var x *course
	if began == value.Known {
		if !c.endsWithStart(r) && !r.InOrder(c.startOf(i), c.doneAt()) {
			return nothing, false
		}
		var t sla.Term
		var state value.State
		if t, x, state = c.term(r, i, start); state != value.Known {
			r.Set(c.dueLocal, value.NoneOf(value.Moment))
			return nothing, false
		}
		terms.add(t)
		r.Set(c.dueLocal, momentOf(t.End))
		if waits(&t) {
			r.Set(c.dueLocal, value.NoneOf(value.Moment))
		}
		start = x.fromThen(c.startMoment(r, i, start))
	} else {
		r.Set(c.dueLocal, value.NoneOf(value.Moment))
	}
	if c.items.only != nil {
		switch holds, decided := c.items.only.Holds(&r.Frame); {
		case !decided:
			return nothing, false
		case !holds:
			return nothing, true
		}
	}
	if terms.provisional() {
		r.ProvisionalUntil()
	}
	status := c.status(r, start, &terms)
	if now := r.AsOf(); now.IsKnown() && (status == sla.Running || status == sla.NotStarted) {
		for _, at := range changes(&terms, start, x) {
			if at > now.N {
				r.MayChange(at)
			}
		}
	}
	switch status {
	case unsettled:
		return nothing, false
	case sla.Overdue:
		return sla.Late, true
	case sla.DeemedOnTime:
		r.Mark(c.marks.deemed)
		return c.items.deemed, true
	case sla.NotStarted:
		if began == value.Known { // it will start, and is not due yet
			return sla.Running, true
		}
		return nothing, true
	default:
		return status, true
	}
}
