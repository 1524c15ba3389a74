package forms

import (
	"strconv"
	"time"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// Explain tells how the clock ran.
func (c *clockUnit) Explain(r *form.Run, s *form.Story) {
	o := &c.out
	if !r.DidApply(c.part) && !r.Slots[o.due].IsKnown() { // where it is due is told, too, while its status is open
		return
	}
	if c.items != nil {
		s.Tellf(c.part, "按时 %s；超时 %s；未到期 %s", "in time %s; late %s; not yet due %s",
			s.Show(r.Slots[o.inTime]), s.Show(r.Slots[o.late]), s.Show(r.Slots[o.notYetDue]))
		return
	}
	for i, p := range c.parts {
		if r.DidApply(p) {
			c.tellDeadline(r, s, i, p)
		}
	}
	if e := c.extension; e != nil && r.DidApply(e.part) && r.Slots[o.extended].IsKnown() {
		if r.Slots[o.extended].True() {
			c.tellExtended(r, s)
		} else {
			s.Tellf(e.part, "无效：%s", "not valid: %s", s.Show(r.Slots[o.defects]))
		}
	}
	for _, d := range c.deemings {
		if r.DidApply(d.part) {
			why := s.Because(d.holds)
			if r.Eval(d.holds).True() {
				s.Tellf(d.part, "成立%s", "holds%s", why)
			} else {
				s.Tellf(d.part, "不成立%s", "does not hold%s", why)
			}
		}
	}
	if v := r.Slots[o.status]; v.IsKnown() {
		c.claimStatus(r, s, sla.Status(v.S()))
		s.Tell(c.part, statusText[sla.Status(v.S())])
	}
	if r.Slots[o.restarted].True() {
		came, due := s.ShowBoth(r.Slots[o.restartStart], dueOf(r, o.restartDueDate, o.restartDueAt))
		s.Tellf(c.part, "客户 %s 又来，重新到期 %s", "the customer came back %s; due again %s", came, due)
	}
}

func (c *clockUnit) tellDeadline(r *form.Run, s *form.Story, i int, p *form.Part) {
	if c.period != nil {
		c.tellPeriod(r, s, i, p)
		return
	}
	limit := c.deadlines[i].words.In(s.Lang)
	start := r.Slots[c.out.start]
	if !start.IsKnown() {
		s.Tellf(p, "%s，尚未起算", "%s, the clock has not started", limit)
		return
	}
	own, err := c.deadlines[i].term(start.N)
	if err != nil {
		return // and the answer says why
	}
	s.Compare(momentOf(own.End), start)
	from, end := s.ShowBoth(start, termValue(own))
	if due := r.Slots[c.out.due]; due.IsKnown() && due.N == own.End {
		s.Tellf(p, "%s，自 %s 起算，到期 %s", "%s from %s, due %s", limit, from, end)
		return
	}
	// An extension changed it, or may have.
	if own.IsDate {
		s.Tellf(p, "%s，自 %s 起算，至 %s 届满", "%s from %s, ending on %s", limit, from, end)
	} else {
		s.Tellf(p, "%s，自 %s 起算，至 %s 届满", "%s from %s, ending at %s", limit, from, end)
	}
}

// termValue is the date or moment that a term ends.
func termValue(t sla.Term) value.Value {
	if t.IsDate {
		return value.DateOf(t.Date)
	}
	return momentOf(t.End)
}

// tellExtended tells what a valid extension did to the due.
func (c *clockUnit) tellExtended(r *form.Run, s *form.Story) {
	e, due := c.extension, r.Slots[c.out.due]
	approved := ""
	if at := r.Eval(e.approvedAt); at.IsKnown() {
		approved = diagnostic.Textf("，%s 同意", ", approved %s", s.Show(at)).In(s.Lang)
	}
	if !due.IsKnown() {
		s.Tellf(e.part, "有效%s；延到何时不明", "valid%s; it is not known until when", approved)
		return
	}
	own := sla.Term{}
	for i, p := range c.parts {
		if r.DidApply(p) && (c.period != nil || r.Slots[c.out.start].IsKnown()) {
			own = c.ownTerm(r, i)
		}
	}
	if due.N == own.End {
		s.Tellf(e.part, "有效%s；不晚于原期限，到期仍为 %s", "valid%s; no later than the limit, which stays due %s", approved, s.Show(termValue(own)))
		return
	}
	s.Compare(due, momentOf(own.End))
	before, after := s.ShowBoth(termValue(own), dueOf(r, c.out.dueDate, c.out.dueAt))
	s.Tellf(e.part, "有效%s；自 %s 延至 %s", "valid%s; extended from %s to %s", approved, before, after)
}

// claimStatus notes what the status states of the moments.
func (c *clockUnit) claimStatus(r *form.Run, s *form.Story, status sla.Status) {
	due := r.Slots[c.out.due]
	if !due.IsKnown() {
		return
	}
	switch status {
	case sla.OnTime, sla.Late:
		if at, state := moment(r, c.done); state == value.Known {
			s.Decide(momentOf(at), due)
		}
	case sla.Running, sla.Overdue:
		if now := r.AsOf(); now.IsKnown() {
			s.Decide(now, due)
		}
	}
}

// dueOf is the date that something is due or, where it is due at a moment,
// that.
func dueOf(r *form.Run, dateAt, momentAt int) value.Value {
	if due := r.Slots[dateAt]; due.IsKnown() {
		return due
	}
	return r.Slots[momentAt]
}

// inWords are the limit in words, or the two of which one counts, with the
// calendar that is counted by.
func (d *deadlineRule) inWords(calendar policy.Text) policy.Text {
	own, other := d.inWordsOf(d.limit, calendar), d.inWordsOf(d.other, calendar)
	if !d.hasOther {
		return own
	}
	if d.takes == "sooner" {
		return diagnostic.Wording("%s与%s中先到的", "%s or %s, whichever is sooner,", own, other)
	}
	return diagnostic.Wording("%s与%s中后到的", "%s or %s, whichever is later,", own, other)
}

// countedBy is a length in words, with the calendar that it is counted by.
func countedBy(calendar, words policy.Text) policy.Text {
	return diagnostic.Wording("按%[1]s计的%[2]s", "%[2]s (%[1]s)", calendar, words)
}

func (d *deadlineRule) inWordsOf(l sla.Limit, calendar policy.Text) policy.Text {
	words := text(limitZH(l), limitEN(l))
	switch {
	case l.WorkingDays != 0:
		return countedBy(calendar, words)
	case l.Duration != 0 && d.counter.WorkingHours:
		return diagnostic.Wording("按%[1]s营业时段计的%[2]s", "%[2]s (opening hours, %[1]s)", calendar, words)
	}
	return words
}

// statusText is how explanations name the statuses.
var statusText = map[sla.Status]policy.Text{
	sla.NotStarted: text("未起算", "not started"), sla.Running: text("办理中", "running"), sla.Overdue: text("逾期未办", "overdue"),
	sla.Paused: text("停着，时钟不走", "paused, the clock stands still"), sla.AtRisk: text("办理中，临近到期", "running, and at risk"),
	sla.OnTime: text("按期", "on time"), sla.Late: text("超期", "late"), sla.DeemedOnTime: text("视同按期", "deemed on time"),
}

// limitEN is a limit in English words.
func limitEN(l sla.Limit) string {
	n, unit := int64(l.Duration/time.Minute), " minute"
	switch {
	case l.Duration == 0:
		return l.String()
	case l.Duration%time.Hour == 0:
		n, unit = int64(l.Duration/time.Hour), " hour"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.FormatInt(n, 10) + unit
}

// limitZH is a limit in Chinese.
func limitZH(l sla.Limit) string {
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
