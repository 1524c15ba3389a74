package sla

import (
	"time"

	"github.com/servicerules/rulebook/internal/walltime"
)

// stand fills in how the period stands at the moment of asking, and until when.
func (r *course) stand(o *Outcome) {
	asOf := r.AsOf.Round(0)
	start := r.zone.Time(r.start)
	if !r.Length.Unit.IsTime() {
		start = r.zone.Time(r.zone.DayStart(r.day))
	}
	if !r.Start.At.IsZero() {
		start = r.Start.At
	}
	o.Stood = r.stood(o, nearest(start))
	inTime := func(t time.Time) bool { return !o.Known || o.Due.InTime(t.Round(0)) }
	o.Status = Stand(!r.Done.IsZero(), inTime(r.Done), r.Deemed, inTime(asOf))
	if o.Status != Running && o.Status != Overdue {
		return // nothing that time does changes it
	}
	if o.Status == Overdue {
		r.next(o, asOf, start)
		return
	}
	switch {
	case !r.Backwards && asOf.Before(start):
		o.Status = NotStarted
	case r.pausedAt(asOf, o):
		o.Status = Paused
	case r.warned(asOf, o):
		o.Status = AtRisk
	}
	r.next(o, asOf, start)
}

// stops are the pauses in which the matter stands still: those that begin
// before the end. Backwards none does once the end is known: they lie after it.
func (r *course) stops(o *Outcome) []block {
	if !o.Known {
		return r.pauses
	}
	if r.Backwards {
		return nil
	}
	for i, b := range r.pauses {
		if b.from >= o.Due.End.UnixNano() {
			return r.pauses[:i]
		}
	}
	return r.pauses
}

// stood are the parts of the pauses that lie between the start and the end.
func (r *course) stood(o *Outcome, start int64) []Pause {
	from, to := start, int64(open)
	switch {
	case r.Backwards && o.Known:
		from, to = o.Due.End.UnixNano(), start
	case r.Backwards:
		from, to = walltime.Earliest, start
	case o.Known:
		to = o.Due.End.UnixNano()
	}
	var all []Pause
	for _, b := range r.pauses {
		a, z := max(b.from, from), min(b.to, to)
		switch {
		case a >= z:
		case z == open:
			all = append(all, Pause{From: r.zone.Time(a)})
		default:
			all = append(all, Pause{From: r.zone.Time(a), To: r.zone.Time(z)})
		}
	}
	return all
}

func (r *course) pausedAt(t time.Time, o *Outcome) bool {
	at := nearest(t)
	for _, b := range r.stops(o) {
		if b.from <= at && at < b.to {
			return true
		}
	}
	return false
}

func (r *course) warned(t time.Time, o *Outcome) bool {
	for i, m := range r.Marks {
		if m.Warns && o.Marks[i].Known && !t.Before(o.Marks[i].At) {
			return true
		}
	}
	return false
}

// next finds the first moment after t at which something changes.
func (r *course) next(o *Outcome, t, start time.Time) {
	sooner := func(at time.Time) {
		if at.After(t) && (o.Next.IsZero() || at.Before(o.Next)) {
			o.Next = at.Round(0).In(r.Zone)
		}
	}
	for _, m := range o.Marks {
		if m.Known {
			sooner(m.At)
		}
	}
	if o.Status == Overdue {
		return
	}
	if !r.Backwards {
		sooner(start)
	}
	if o.Known {
		sooner(o.Due.End.Add(1))
	}
	if o.Status == NotStarted {
		return // a pause may change nothing before
	}
	for _, b := range r.stops(o) {
		sooner(r.zone.Time(b.from))
		if b.to != open && (!o.Known || b.to <= o.Due.End.UnixNano()) {
			sooner(r.zone.Time(b.to))
		}
	}
}
