package sla

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// moment is a moment that is known, or the zero time for one that has not
// happened. ok is false where it is not known which.
func moment(r *policy.Run, p *condition.Program) (t time.Time, ok bool) {
	if p == nil {
		return time.Time{}, true
	}
	v := r.Eval(p)
	if v.IsKnown() {
		return v.Time(r.Zone()), true
	}
	return time.Time{}, v.IsNone()
}

func momentValue(t time.Time) value.Value {
	if t.IsZero() {
		return value.NoneOf(value.Moment)
	}
	return value.MomentOf(t)
}

// Evaluate sets the outputs of the clock.
func (c *clockUnit) Evaluate(r *policy.Run) {
	for _, x := range c.slots {
		r.Set(x.slot, value.NoneOf(x.kind))
	}
	if c.items != nil {
		c.evaluateEach(r)
		return
	}
	c.one(r)
}

func (c *clockUnit) unknown(r *policy.Run, slots ...int) {
	for _, x := range c.slots {
		if slices.Contains(slots, x.slot) {
			r.Set(x.slot, value.UnknownOf(x.kind))
		}
	}
}

// restartUnknown leaves it open whether the clock runs again, where it may.
func (c *clockUnit) restartUnknown(r *policy.Run) {
	o := &c.out
	if c.returned != nil {
		c.unknown(r, o.restarted, o.restartStart, o.restartDueDate, o.restartDueAt, o.restartStatus)
	}
}

// choose finds the deadline that applies.
func (c *clockUnit) choose(r *policy.Run) (int, bool) {
	i, state := r.Choose(c.parts, c.whens)
	switch state {
	case value.Unknown:
		o := &c.out
		c.unknown(r, o.start, o.dueDate, o.dueAt, o.due, o.status, o.extended, o.defects, o.restarted, o.restartStart, o.restartDueDate,
			o.restartDueAt, o.restartStatus, o.inTime, o.late, o.notYetDue)
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
func (c *clockUnit) one(r *policy.Run) {
	i, ok := c.choose(r)
	if !ok {
		return
	}
	o := &c.out
	start, known := moment(r, c.deadlines[i].from)
	if !known {
		c.unknown(r, o.start, o.dueDate, o.dueAt, o.due, o.status, o.extended, o.defects)
		c.restartUnknown(r)
		r.Undetermined(c.part)
		return
	}
	r.Set(o.start, momentValue(start))
	r.Set(o.restarted, value.Bool(false))
	var dues dueSet
	if start.IsZero() {
		r.Set(o.defects, value.ListOf(nil)) // of nothing that could be extended
	} else {
		c.used(r, i)
		due, err := c.deadlines[i].due(start)
		if err != nil {
			r.Fail(err)
			return
		}
		if dues, ok = c.extend(r, due, &c.deadlines[i].deadline.Counting); !ok {
			return
		}
		c.setDue(r, &dues)
	}
	status, known := c.status(r, &dues)
	if !known {
		c.unknown(r, o.status)
		c.restartUnknown(r)
		r.Undetermined(c.part)
		return
	}
	r.Set(o.status, value.WordOf(string(status)))
	if status == Running {
		r.Provisional()
	}
	for _, d := range dues.list() {
		if d.Provisional {
			r.Provisional()
		}
	}
	if status == DeemedOnTime {
		c.restart(r, i, start)
	}
	c.breached(r, i, status)
}

// used notes the readings that counting the limit rests on.
func (c *clockUnit) used(r *policy.Run, i int) {
	d := &c.deadlines[i]
	r.Mark(c.restsOn(d.deadline.Limit))
	if d.other != nil {
		r.Mark(c.restsOn(d.other.Limit))
	}
}

// restsOn are the readings that counting a limit rests on.
func (c *clockUnit) restsOn(l Limit) policy.Mark {
	if l.Duration != 0 {
		return c.marks.hours
	}
	return c.marks.days
}

func (c *clockUnit) breached(r *policy.Run, i int, status Status) {
	if !status.Breached() || c.breach == "" {
		return
	}
	r.Mark(c.deadlines[i].broken)
	for _, l := range c.liable {
		mark := len(r.Needs)
		r.Liable(l.Name, r.Eval(l.Expr))
		r.Needs = r.Needs[:mark]
	}
}

// due is when a matter that started then is due.
func (d *deadlineRule) due(start time.Time) (Due, error) {
	due, err := d.deadline.Due(start)
	if err != nil || d.other == nil {
		return due, err
	}
	other, err := d.other.Due(start)
	if err != nil {
		return due, err
	}
	if d.takes == "sooner" {
		return Sooner(due, other), nil
	}
	return Later(due, other), nil
}

// dueSet is what may hold: nothing where the clock has not started, and two
// dues while it is open whether an extension is valid.
type dueSet struct {
	n    int
	dues [2]Due
}

func (s *dueSet) list() []Due { return s.dues[:s.n] }

func oneDue(d Due) dueSet { return dueSet{1, [2]Due{d}} }

// extend judges the extension; false where the evaluation failed.
func (c *clockUnit) extend(r *policy.Run, due Due, counting *Counting) (dueSet, bool) {
	o, e := &c.out, c.extension
	r.Set(o.extended, value.NoneOf(value.YesNo))
	r.Set(o.defects, value.ListOf(nil))
	if e == nil {
		return oneDue(due), true
	}
	asked := r.When(e.part, e.when)
	if asked.IsKnown() && !asked.True() || asked.IsNone() {
		return oneDue(due), true
	}
	ext, known := e.facts(r, due)
	result, err := e.rule.Judge(ext.Extension, due, *counting)
	switch {
	case errors.Is(err, ErrTwoNewDues):
		r.Refuse(e.part, text("同时写了新的日期和新的时刻，只写一个", "both a new date and a new time are given; give one"))
		return dueSet{}, false
	case err != nil:
		r.Fail(err)
		return dueSet{}, false
	}
	if ext.NewDate != 0 {
		r.Mark(c.marks.days)
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
			result.Due = Due{End: someDay}
		}
		return dueSet{2, [2]Due{due, result.Due}}, true
	}
	if result.Provisional {
		r.Provisional()
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
	return oneDue(result.Due), true
}

// someDay stands for a new due that nobody named; it is later than any date
// that can be given.
var someDay = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// extensionFacts is an extension; open says that the new due is not known,
// undated that none is on record.
type extensionFacts struct {
	Extension
	open, undated bool
}

// facts reads the extension of a due. Where something that matters is not
// known, the result is what would hold if it were in order.
func (e *extensionRule) facts(r *policy.Run, due Due) (x extensionFacts, known bool) {
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
	x.Reason = word(e.reason, "?")
	x.RequestedAt, x.ApprovedAt = when(e.requested, due.End), when(e.approvedAt, due.End)
	if v := see(e.approved); !v.True() && !v.IsUnknown() {
		x.Decision = Rejected
		if x.ApprovedAt.IsZero() {
			x.Decision = Undecided
		}
		return x, known
	}
	x.Decision = Approved
	x.ApproverRole = word(e.approver, append(slices.Clone(e.rule.Approvers), "")[0])
	if day := see(e.newDate); day.IsKnown() {
		x.NewDate = day.Date()
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

func (c *clockUnit) setDue(r *policy.Run, s *dueSet) {
	o, dues := &c.out, s.list()
	if len(dues) > 1 && !dues[0].End.Equal(dues[1].End) {
		c.unknown(r, o.dueDate, o.dueAt, o.due)
		return
	}
	setOne(r, dues[0], o.dueDate, o.dueAt)
	r.Set(o.due, value.MomentOf(dues[0].End))
}

func setOne(r *policy.Run, d Due, dateAt, momentAt int) {
	if d.IsDate {
		r.Set(dateAt, value.DateOf(d.Date))
	} else {
		r.Set(momentAt, value.MomentOf(d.End))
	}
}

// status is how the matter stands, whichever of the dues holds; false where
// that depends on what is not known.
func (c *clockUnit) status(r *policy.Run, s *dueSet) (Status, bool) {
	mark := len(r.Needs)
	done, doneKnown := moment(r, c.done)
	asOf := r.AsOf()
	var room [8]Status // two dues, each deemed and not, each in time and not
	all := room[:0]
	judge := func(due Due, deemed bool) {
		switch {
		case due.End.IsZero() && deemed:
			all = append(all, DeemedOnTime)
		case due.End.IsZero():
			all = append(all, NotStarted)
		case !doneKnown:
			all = append(all, OnTime, Late)
		case done.IsZero() && !deemed && !asOf.IsKnown():
			r.NeedAsOf()
			all = append(all, Running, Overdue)
		default:
			all = append(all, Judge(due, done, asOf.Time(r.Zone()), deemed))
		}
	}
	for _, due := range slices.Backward(s.dues[:max(s.n, 1)]) { // the due without an extension last: it stays in place
		r.Set(c.dueLocal, momentValue(due.End))
		deemed := c.deemed(r)
		if !deemed.True() {
			judge(due, false)
		}
		if !deemed.False() {
			judge(due, true)
		}
	}
	for _, s := range all[1:] {
		if s != all[0] {
			return "", false
		}
	}
	r.Needs = r.Needs[:mark]
	return all[0], true
}

// deemed reports whether any deeming holds.
func (c *clockUnit) deemed(r *policy.Run) value.Value {
	result := value.Bool(false)
	for _, d := range c.deemings {
		v := value.Bool(true)
		if d.when != nil {
			v = r.Eval(d.when)
		}
		if v.False() || v.IsNone() {
			r.NotApplied(d.part)
			continue
		}
		if v.True() {
			v = r.Eval(d.holds)
		}
		switch {
		case v.True():
			r.Applied(d.part)
			result = v
		case v.IsUnknown():
			r.Undetermined(d.part)
			if !result.True() {
				result = value.UnknownOf(value.YesNo)
			}
		default:
			if c.claimed(r, d) {
				r.Applied(d.part)
			} else {
				r.NotApplied(d.part)
			}
		}
	}
	return result
}

// claimed reports whether there was anything that the deeming had to weigh:
// such an answer cites it although it does not hold.
func (c *clockUnit) claimed(r *policy.Run, d deemingRule) bool {
	mark := len(r.Needs)
	defer func() { r.Needs = r.Needs[:mark] }()
	return d.at != nil && r.Eval(d.at).IsKnown()
}

// restart runs the clock again when the customer came back.
func (c *clockUnit) restart(r *policy.Run, i int, start time.Time) {
	o := &c.out
	if c.returned == nil {
		return
	}
	back, known := moment(r, c.returned)
	if !known {
		c.restartUnknown(r)
		return
	}
	if back.IsZero() {
		return
	}
	due, err := c.deadlines[i].due(back)
	if c.resumes && !start.IsZero() {
		if stopped := c.stopped(r); !stopped.IsZero() && !stopped.After(back) {
			due, err = Resume(c.deadlines[i].deadline, start, stopped, back)
		}
	}
	if err != nil {
		r.Fail(err)
		return
	}
	r.Mark(c.marks.again)
	if due.Provisional {
		r.Provisional()
	}
	r.Set(o.restarted, value.Bool(true))
	r.Set(o.restartStart, value.MomentOf(back))
	setOne(r, due, o.restartDueDate, o.restartDueAt)
	done, known := moment(r, c.done)
	if done.Before(back) {
		done = time.Time{} // done before: not what he came back for
	}
	asOf := r.AsOf()
	if !known || done.IsZero() && !asOf.IsKnown() {
		if known {
			r.NeedAsOf()
		}
		c.unknown(r, o.restartStatus)
		return
	}
	status := Judge(due, done, asOf.Time(r.Zone()), false)
	r.Set(o.restartStatus, value.WordOf(string(status)))
	if status == Running {
		r.Provisional()
	}
	c.breached(r, i, status)
}

// stopped is when the first deeming that holds closed the matter.
func (c *clockUnit) stopped(r *policy.Run) time.Time {
	var first time.Time
	for _, d := range c.deemings {
		if !r.DidApply(d.part) || !r.Eval(d.holds).True() {
			continue
		}
		if t, ok := moment(r, d.at); ok && !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// evaluateEach times every element of a list and sorts their ids.
func (c *clockUnit) evaluateEach(r *policy.Run) {
	o := &c.out
	list := r.Eval(c.items.each)
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
	var inTime, late, open []value.Value
	unsure := false
	for n, e := range list.L() {
		r.Elem, r.ElemSlot, r.ElemAt = e, c.items.slot, n
		class, known := c.classify(r, i)
		id := r.Eval(c.items.id)
		switch {
		case !known:
			unsure = true
		case class == Running:
			open = append(open, id)
		case class == OnTime:
			inTime = append(inTime, id)
		case class == Late:
			late = append(late, id)
		}
	}
	r.ElemSlot, r.ElemAt = -1, -1
	if unsure {
		c.unknown(r, o.inTime, o.late, o.notYetDue)
		r.Undetermined(c.part)
		return
	}
	r.Set(o.inTime, value.ListOf(inTime))
	r.Set(o.late, value.ListOf(late))
	r.Set(o.notYetDue, value.ListOf(open))
	if len(open) > 0 {
		r.Provisional()
	}
}

// classify says what one element counts as: OnTime, Late, Running, or nothing.
func (c *clockUnit) classify(r *policy.Run, i int) (Status, bool) {
	start, known := moment(r, c.deadlines[i].from)
	if !known {
		return "", false
	}
	var dues dueSet
	r.Set(c.dueLocal, value.NoneOf(value.Moment))
	if !start.IsZero() {
		due, err := c.deadlines[i].due(start)
		if err != nil {
			r.Fail(err)
			return "", false
		}
		dues = oneDue(due)
		r.Set(c.dueLocal, value.MomentOf(due.End))
	}
	if c.items.only != nil {
		switch v := r.Eval(c.items.only); {
		case v.IsUnknown():
			return "", false
		case !v.True():
			return "", true
		}
	}
	if dues.n > 0 && dues.dues[0].Provisional {
		r.Provisional()
	}
	status, known := c.status(r, &dues)
	switch {
	case !known:
		return "", false
	case status == Overdue:
		return Late, true
	case status == DeemedOnTime:
		r.Mark(c.marks.deemed)
		return map[string]Status{"in_time": OnTime, "excluded": "", "late": Late}[c.items.deemed], true
	case status == NotStarted:
		return "", true
	}
	return status, true
}

// Explain tells how the clock ran.
func (c *clockUnit) Explain(r *policy.Run, s *policy.Story) {
	if !r.DidApply(c.part) {
		return
	}
	o := &c.out
	if c.items != nil {
		in, late, open := r.Slots[o.inTime], r.Slots[o.late], r.Slots[o.notYetDue]
		s.Tell(c.part, text("按时 "+s.Show(in)+"；超时 "+s.Show(late)+"；未到期 "+s.Show(open),
			"in time "+s.Show(in)+"; late "+s.Show(late)+"; not yet due "+s.Show(open)))
		return
	}
	for i, p := range c.parts {
		if r.DidApply(p) {
			c.tellDeadline(r, s, i, p)
		}
	}
	if e := c.extension; e != nil && r.DidApply(e.part) && r.Slots[o.extended].IsKnown() {
		if defects := s.Show(r.Slots[o.defects]); r.Slots[o.extended].True() {
			s.Tell(e.part, text("有效", "valid"))
		} else {
			s.Tell(e.part, text("无效："+defects, "not valid: "+defects))
		}
	}
	for _, d := range c.deemings {
		if r.DidApply(d.part) {
			why := s.Why(d.holds)
			if r.Eval(d.holds).True() {
				s.Tell(d.part, text("成立："+why, "holds: "+why))
			} else {
				s.Tell(d.part, text("不成立："+why, "does not hold: "+why))
			}
		}
	}
	if v := r.Slots[o.status]; v.IsKnown() {
		s.Tell(c.part, statusText[Status(v.S())])
	}
	if r.Slots[o.restarted].True() {
		due := r.Slots[o.restartDueDate]
		if !due.IsKnown() {
			due = r.Slots[o.restartDueAt]
		}
		from := s.Show(r.Slots[o.restartStart])
		s.Tell(c.part, text("客户 "+from+" 又来，重新到期 "+s.Show(due), "the customer came back "+from+"; due again "+s.Show(due)))
	}
}

func (c *clockUnit) tellDeadline(r *policy.Run, s *policy.Story, i int, p *policy.Part) {
	limit := c.deadlines[i].limit()
	start := r.Slots[c.out.start]
	if !start.IsKnown() {
		s.Tell(p, text(limit.ZH+"，尚未起算", limit.EN+", the clock has not started"))
		return
	}
	due := r.Slots[c.out.dueDate]
	if !due.IsKnown() {
		due = r.Slots[c.out.dueAt]
	}
	s.Tell(p, text(limit.ZH+"，自 "+s.Show(start)+" 起算，到期 "+s.Show(due),
		limit.EN+" from "+s.Show(start)+", due "+s.Show(due)))
}

// limit is the limit in words, or the two of which one counts.
func (d *deadlineRule) limit() policy.Text {
	own := d.deadline.Limit
	if d.other == nil {
		return text(own.zh(), own.en())
	}
	other := d.other.Limit
	if d.takes == "sooner" {
		return text(own.zh()+"与"+other.zh()+"中先到的", own.en()+" or "+other.en()+", whichever is sooner,")
	}
	return text(own.zh()+"与"+other.zh()+"中后到的", own.en()+" or "+other.en()+", whichever is later,")
}

// statusText is how explanations name the statuses.
var statusText = map[Status]policy.Text{
	NotStarted: text("未起算", "not started"), Running: text("办理中", "running"), Overdue: text("逾期未办", "overdue"),
	OnTime: text("按期", "on time"), Late: text("超期", "late"), DeemedOnTime: text("视同按期", "deemed on time"),
}

// en is the limit in English words.
func (l Limit) en() string {
	switch {
	case l.Duration != 0 && l.Duration%time.Hour == 0:
		return strconv.FormatInt(int64(l.Duration/time.Hour), 10) + " hours"
	case l.Duration != 0:
		return strconv.FormatInt(int64(l.Duration/time.Minute), 10) + " minutes"
	}
	return l.String()
}

// zh is the limit in Chinese.
func (l Limit) zh() string {
	switch {
	case l.Duration%time.Hour == 0 && l.Duration != 0:
		return strconv.FormatInt(int64(l.Duration/time.Hour), 10) + "小时"
	case l.Duration != 0:
		return strconv.FormatInt(int64(l.Duration/time.Minute), 10) + "分钟"
	case l.CalendarDays != 0:
		return strconv.FormatInt(int64(l.CalendarDays), 10) + "天"
	}
	return strconv.FormatInt(int64(l.WorkingDays), 10) + "个工作日"
}
