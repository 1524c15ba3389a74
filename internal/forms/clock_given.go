package forms

import (
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
)

// A deadline may say when it is due instead of how long it is. Nothing is
// counted then: what the clock knows of such a limit is its end.

// checkGiven reports what needs a length to count.
func (c *clockUnit) checkGiven(x *form.Part) {
	for _, a := range c.period.alerts {
		if a.mark.Share != (sla.Share{}) {
			x.Fail("due", "due_has_no_length", text("这项期限只有到期时间，没有长度，提醒不能写百分之几（at）", "this deadline says when it is due, and has no length for an alert to be a percentage of (at)"),
				text("提醒写 before: 到期之前多久；或期限改写 within 与 from", "write before: how long before it is due; or write the deadline as within and from"))
			break
		}
	}
	if c.part.Has("returned") {
		x.Fail("due", "due_has_no_length", text("这项期限只有到期时间，没有长度，客户又来时无从重新起算（returned）", "this deadline says when it is due, and has no length that could run again (returned)"),
			text("去掉 returned；或期限改写 within 与 from", "leave out returned; or write the deadline as within and from"))
	}
}

// runGiven is how a matter stands whose due is given; start is always where it
// has no start.
func (c *clockUnit) runGiven(r *form.Run, i int, start int64) (course, value.State) {
	d := &c.deadlines[i]
	due, state := moment(r, d.period.due)
	if state != value.Known {
		return course{}, state
	}
	counter, known := d.period.counter(r)
	lastDay, lastDayKnown := r.ChosenWord(c.period.lastDay)
	if !known || !lastDayKnown {
		return course{}, value.Unknown
	}
	g := sla.Given{LastDay: lastDays[lastDay]}
	length := source.Quantity{Unit: source.Seconds}
	if d.period.due.Type().Kind == value.Date {
		g.End.On, length.Unit = date.Date(due), source.CalendarDays
	} else {
		g.End.At = momentOf(due).Time(r.Zone())
	}
	if start != always {
		g.From.At = momentOf(c.startMoment(r, i, start)).Time(r.Zone())
	}
	for _, a := range c.period.alerts {
		g.Marks = append(g.Marks, a.mark)
	}
	if now := r.AsOf(); now.IsKnown() {
		g.AsOf = now.Time(r.Zone())
	}
	o, err := counter.Given(&g)
	if err != nil {
		c.failPeriod(r, err)
		return course{}, value.None
	}
	return course{outcome: o, length: length, counter: &counter, home: r.Zone()}, value.Known
}

// tellGiven tells when the deadline is due, and why then.
func (c *clockUnit) tellGiven(s *form.Story, i int, p *form.Part, x *course) {
	program := c.deadlines[i].period.due
	how := s.How(program, program.Type())
	due := c.endWords(s, x)
	// A day that was computed nowhere is told once, also where the end moved from it.
	if how == due || how == s.Show(value.DateOf(x.outcome.Nominal.Date)) {
		s.Tellf(p, "到期 %s", "due %s", due)
		return
	}
	s.Tellf(p, "到期 %s（%s）", "due %s (%s)", due, how)
}
