package forms

import (
	"time"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// Details gives the timeline of a clock, and of its second run. A limit alone, by
// which nothing is to be done, is no matter that runs.
func (c *clockUnit) Details(r *form.Run) []policy.Detail {
	if c.items != nil || c.period != nil && c.done == nil || !r.DidApply(c.part) {
		return nil
	}
	var all []policy.Detail
	for i, p := range c.parts {
		if !r.DidApply(p) {
			continue
		}
		k := &c.deadlines[i].counter
		var t sla.Timeline
		if c.period == nil {
			t = c.timeline(r, i)
		} else {
			t, k = c.periodTimeline(r, i)
		}
		all = append(all, policy.Detail{Rule: p.Rule.Rule, Of: t})
		if again, ok := c.secondRun(r, i, k, t); ok {
			all = append(all, policy.Detail{Rule: p.Rule.Rule, Of: again})
		}
	}
	return all
}

func (c *clockUnit) timeline(r *form.Run, i int) sla.Timeline {
	o, d := &c.out, &c.deadlines[i]
	t := sla.Timeline{Deadline: sla.Deadline{Limit: d.limit, Counting: d.counter.Counting}, Status: sla.Status(r.Slots[o.status].S())}
	if start := r.Slots[o.start]; start.IsKnown() {
		t.Deadline.Limit = d.counts(start.N)
		t.Start = start.Time(r.Zone())
		t.Limit, _ = t.Deadline.Due(t.Start)
	}
	if n, state := moment(r, c.done); state == value.Known {
		t.Done = momentOf(n).Time(r.Zone())
	}
	if v := r.AsOf(); v.IsKnown() {
		t.AsOf = v.Time(r.Zone())
	}
	t.Due = dueIn(r, &d.counter, o.dueDate, o.dueAt)
	return t
}

// periodTimeline is the timeline of a clock that no [sla.Deadline] describes,
// since it pauses, its end moves or facts decide how it runs, and what it was
// counted by.
func (c *clockUnit) periodTimeline(r *form.Run, i int) (sla.Timeline, *sla.Counter) {
	o := &c.out
	t := sla.Timeline{Status: sla.Status(r.Slots[o.status].S())}
	if start := r.Slots[o.start]; start.IsKnown() {
		t.Start = start.Time(r.Zone())
	}
	if n, state := moment(r, c.done); state == value.Known {
		t.Done = momentOf(n).Time(r.Zone())
	}
	if v := r.AsOf(); v.IsKnown() {
		t.AsOf = v.Time(r.Zone())
	}
	k := &c.deadlines[i].counter
	start, began := c.began(r, i)
	if began != value.Known {
		return t, k
	}
	x, state := c.runAnyway(r, i, start)
	if state != value.Known {
		return t, k
	}
	if x.counter != nil {
		k = x.counter
	}
	if x.outcome.Known {
		t.Limit = x.outcome.Due
	}
	t.Pauses = x.outcome.Stood
	t.Due = dueIn(r, k, o.dueDate, o.dueAt)
	return t, k
}

// counts is the one of the two limits that counts for a start.
func (d *deadlineRule) counts(start int64) sla.Limit {
	if d.hasOther && d.wrong == nil {
		own, err := d.counter.Term(start, &d.limit)
		t, err2 := d.term(start)
		if err == nil && err2 == nil && own.End != t.End {
			return d.other
		}
	}
	return d.limit
}

func (c *clockUnit) secondRun(r *form.Run, i int, k *sla.Counter, first sla.Timeline) (sla.Timeline, bool) {
	o := &c.out
	if !r.Slots[o.restarted].True() {
		return sla.Timeline{}, false
	}
	if c.period != nil { // the first may never have started, and was counted by nothing then
		if x, state := c.run(r, i, r.Slots[o.restartStart].N); state == value.Known && x.counter != nil {
			k = x.counter
		}
	}
	t := first
	t.Again, t.Status = true, sla.Status(r.Slots[o.restartStatus].S())
	t.Due = dueIn(r, k, o.restartDueDate, o.restartDueAt)
	t.Limit = t.Due
	restart := r.Slots[o.restartStart]
	back := restart.Time(r.Zone())
	if _, n, ok := c.stopped(r); c.resumes && ok && n <= restart.N && !momentOf(n).Time(r.Zone()).Before(first.Start) {
		t.Pauses = []sla.Pause{{From: momentOf(n).Time(r.Zone()), To: back}}
	} else {
		t.Start = back
	}
	if t.Done.Before(back) {
		t.Done = time.Time{}
	}
	return t, true
}

// dueIn is the due that the outputs hold.
func dueIn(r *form.Run, k *sla.Counter, dateAt, momentAt int) sla.Due {
	if v := r.Slots[dateAt]; v.IsKnown() {
		return k.Due(k.LastDay(v.Date()))
	}
	if v := r.Slots[momentAt]; v.IsKnown() {
		return k.Due(k.LastInstant(v.N))
	}
	return sla.Due{}
}
