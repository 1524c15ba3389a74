package forms

import (
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
)

// unsettled is how a matter stands where that depends on what is not known.
const unsettled sla.Status = ""

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
