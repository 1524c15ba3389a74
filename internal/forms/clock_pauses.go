package forms

import (
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
)

// Where it is not known which pauses there were, a matter may stand as it does
// whichever they were. More pauses move an end later or leave it, never earlier: so
// it is due no sooner than with those pauses alone that are certain, and no later
// than with all that there can be. What was done by the first is on time; what was
// done, or is asked about, after the second is not.

// dueBetween are the ends between which a matter is due, both of which it may have.
// Latest is some day where there may be a pause that goes on.
type dueBetween struct {
	soonest, latest sla.Term
	first, last     course // which end so
}

// between finds when a matter may be due of which the pauses are not known; false
// where something else is not known either, or more pauses could move the end back.
func (c *clockUnit) between(r *form.Run, i int, start int64) (dueBetween, bool) {
	if c.period == nil || c.deadlines[i].period.due != nil {
		return dueBetween{}, false
	}
	p, countsFirst, state := c.periodOf(r, c.deadlines[i].period, start)
	if state != value.Known || p.Backwards {
		return dueBetween{}, false
	}
	pauses := c.pausesIn(r)
	if pauses.known {
		return dueBetween{}, false
	}
	failed := r.Err
	end := func(of []sla.Pause) (course, bool) {
		p.Pauses = of
		x, state := c.counted(r, i, p, countsFirst)
		if state != value.Known {
			r.Err = failed // with other pauses it might be counted
			return x, false
		}
		// An hour on a day off moves to the same hour of a working day: one a little
		// later, that is on a working day by then, to an earlier hour of it.
		moves := lengthUnits[x.length.Unit].IsTime() && p.Rules.LastDay != sla.LastDayAsIs
		return x, !moves
	}
	first, ok := end(pauses.certain)
	if !ok {
		return dueBetween{}, false
	}
	due := dueBetween{soonest: termOfOutcome(&first.outcome), latest: sla.Term{End: someDay.UnixNano()}, first: first}
	if pauses.bounded {
		if due.last, ok = end(append(pauses.certain, pauses.possible...)); ok {
			due.latest = termOfOutcome(&due.last.outcome)
		}
	}
	return due, true
}

// statusBetween is how a matter stands whenever it is due between the two; unsettled
// where that makes a difference. While it is running, pauses may have it stand still.
func (c *clockUnit) statusBetween(r *form.Run, start int64, due dueBetween) sla.Status {
	j := judging{r: r, start: start}
	j.done, j.doneState = moment(r, c.done)
	j.judge(due.soonest.End, false)
	j.judge(due.latest.End, false)
	if j.differs {
		return unsettled
	}
	return j.status
}

// whateverPauses sets the status of a matter that stands the same whichever pauses
// there were. It does not where an extension or a deeming may change it.
func (c *clockUnit) whateverPauses(r *form.Run, i int, start int64) {
	if c.extension != nil || len(c.deemings) > 0 {
		return
	}
	since := r.Lacking()
	due, ok := c.between(r, i, start)
	if !ok {
		r.Ignore(since)
		return
	}
	began := c.startMoment(r, i, start)
	status := c.statusBetween(r, began, due)
	r.Ignore(since) // the pauses are asked for already: when it is due rests on them
	if status == unsettled || status == sla.Running {
		return
	}
	r.Applied(c.part)
	c.used(r, i)
	r.Set(c.out.status, value.WordOf(string(status)))
	if status == sla.NotStarted {
		r.ProvisionalUntil(began)
	}
	if due.soonest.Provisional || due.latest.Provisional {
		r.ProvisionalUntil()
	}
	c.breached(r, i, status)
}

// classifyWhateverPauses is classify of an element of which the pauses are not
// known. What was lacking since then is not asked for where they change nothing.
func (c *clockUnit) classifyWhateverPauses(r *form.Run, i int, start int64, since form.Lacks) (class sla.Status, known bool) {
	if len(c.deemings) > 0 || c.items.only != nil {
		return nothing, false
	}
	lacked := r.Lacking()
	due, ok := c.between(r, i, start)
	if !ok {
		r.Ignore(lacked)
		return nothing, false
	}
	began := c.startMoment(r, i, start)
	status := c.statusBetween(r, began, due)
	r.Ignore(lacked)
	if status == unsettled {
		return nothing, false
	}
	r.Ignore(since)
	if due.soonest.Provisional || due.latest.Provisional {
		r.ProvisionalUntil()
	}
	now := r.AsOf()
	switch status {
	case sla.Overdue:
		return sla.Late, true
	case sla.Running, sla.NotStarted:
		for _, at := range []int64{began, due.soonest.End + 1} {
			if at > now.N {
				r.MayChange(at)
			}
		}
		return sla.Running, true
	}
	return status, true
}
