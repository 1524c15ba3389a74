package forms

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
)

// When a matter is due, with its extensions.

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
