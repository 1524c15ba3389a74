package forms

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

func pauseForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "pause", Section: "pauses", PartOf: []string{"clock"},
		Doc: text("中止：这些时段里时钟不走；重叠的只算一次", "while it lasts the clock stands still; pauses that overlap count once"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("对哪些事适用", "to which matters it applies")},
			{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Required: true, Element: true, Doc: text("中止的列表", "the list of pauses")},
			{Name: "from", Kind: policy.Expression, Wants: policy.KindMoment, Required: true, Element: true, Doc: text("每次何时开始", "when each began")},
			{Name: "to", Kind: policy.Expression, Wants: policy.KindMoment, Required: true, Element: true, Doc: text("每次何时结束；无则尚未结束", "when each ended; it has not while there is none")},
			{Name: "only", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("哪些计入，如 .reason in [\"identity\"]", "which of them count, such as .reason in [\"identity\"]")},
		},
	}}
}

type pauseRule struct {
	part                 *form.Part
	each                 form.List
	when, from, to, only *condition.Program
}

func newPause(b *form.Builder, x *form.Part) pauseRule {
	p := pauseRule{part: x, when: x.Expr("when"), each: form.ListAsGiven(x.Expr("each"))}
	b.Inside(p.each.Program, func() { p.from, p.to, p.only = x.Expr("from"), x.Expr("to"), x.Expr("only") })
	return p
}

// pausesFound are the pauses of a matter.
type pausesFound struct {
	certain  []sla.Pause
	possible []sla.Pause // which there may be beside them, as long as they can be
	known    bool        // there are the certain ones and no others
	bounded  bool        // there are no others than the possible ones
}

// pausesIn are the pauses of the matter that is timed.
func (c *clockUnit) pausesIn(r *form.Run) pausesFound {
	found := pausesFound{known: true, bounded: true}
	for i := range c.period.pauses {
		asked, since := found.known, r.Lacking()
		c.period.pauses[i].find(r, &found)
		if !asked {
			r.Ignore(since) // those of other rules are asked for once these are known
		}
	}
	return found
}

// find adds the pauses of the rule. Where it is not known whether it applies, each of
// them is possible.
func (x *pauseRule) find(r *form.Run, found *pausesFound) {
	since := r.Lacking()
	applies := r.When(x.part, x.when)
	if isNo(applies) {
		return
	}
	certain := applies.True()
	list := r.Eval(x.each.Program)
	if list.IsUnknown() {
		r.Undetermined(x.part)
		found.known, found.bounded = false, false
		return
	}
	counts, open := false, false
	r.Each(x.each, list.L(), func(int, value.Value) {
		p, state := x.one(r)
		switch {
		case state == value.Known && certain:
			counts = true
			found.certain = append(found.certain, p)
		case state != value.None:
			open = true
			found.possible = append(found.possible, p)
		}
	})
	switch {
	case open:
		found.known = false
		if fields := x.each.ElementFields(); !x.each.NamesItems() && len(fields) > 0 { // it is made of lists inside of an element
			r.NeedField(fields[0])
		}
		r.Undetermined(x.part)
	case !counts:
		r.Ignore(since) // whether it applies makes no difference
		r.NotApplied(x.part)
	}
}

// one is the pause that is looked at; none where it does not count or never began.
// Where it is not known, it is the longest that it may be.
func (x *pauseRule) one(r *form.Run) (sla.Pause, value.State) {
	state, since := value.Known, r.Lacking()
	if x.only != nil {
		switch holds, decided := x.only.Holds(&r.Frame); {
		case !decided:
			state = value.Unknown
		case !holds:
			return sla.Pause{}, value.None
		}
	}
	from, began := moment(r, x.from)
	to, ended := moment(r, x.to)
	if began == value.None {
		r.Ignore(since) // whether it would count
		return sla.Pause{}, value.None
	}
	if began == value.Unknown {
		from = walltime.Earliest
	}
	p := sla.Pause{From: momentOf(from).Time(r.Zone())}
	if ended == value.Known {
		p.To = momentOf(to).Time(r.Zone())
	}
	if began == value.Unknown || ended == value.Unknown {
		state = value.Unknown
	}
	return p, state
}

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
	bounded         bool   // there is a last course
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
			due.latest, due.bounded = termOfOutcome(&due.last.outcome), true
		}
	}
	return due, true
}

// runAnyway is run where it may not be known which pauses there were, but when the
// matter is due is the same whichever these are. How it runs else is known as far as
// that is the same, too: what more pauses do to it, more of them do no less.
func (c *clockUnit) runAnyway(r *form.Run, i int, start int64) (course, value.State) {
	since := r.Lacking()
	x, state := c.run(r, i, start)
	if state != value.Unknown {
		return x, state
	}
	asked := r.Lacking()
	due, ok := c.between(r, i, start)
	r.Ignore(asked)
	if !ok || !due.bounded || due.soonest != due.latest {
		return x, value.Unknown
	}
	x = due.first
	_, done := moment(r, c.done)
	if sameCourse(&due.first.outcome, &due.last.outcome, done != value.Known) {
		r.Ignore(since) // nothing rests on the pauses that are not known
		return x, value.Known
	}
	x.most = &due.last
	return x, value.Known
}

// sameCourse reports whether two courses of a matter, which may not be done yet,
// differ in nothing that is told.
func sameCourse(a, b *sla.Outcome, open bool) bool {
	return a.Nominal == b.Nominal && a.Begins.Equal(b.Begins) && a.StillKnown == b.StillKnown && a.Still == b.Still && slices.Equal(a.Marks, b.Marks) &&
		(!open || a.Status == b.Status && a.Next.Equal(b.Next))
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
