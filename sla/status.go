package sla

import "time"

// A Status says how a deadline stands.
type Status string

// The statuses.
const (
	NotStarted   Status = "not_started"    // the clock has not started
	Running      Status = "running"        // not done, and still time
	Overdue      Status = "overdue"        // not done, and the time is up
	OnTime       Status = "on_time"        // done in time
	Late         Status = "late"           // done after the time was up
	DeemedOnTime Status = "deemed_on_time" // treated as done in time
)

// Breached reports whether the deadline was not kept: overdue or late.
func (s Status) Breached() bool { return s == Overdue || s == Late }

// Judge says how a deadline stands at asOf, which is not before the clock
// starts. A zero done has not happened; a zero asOf is before every deadline;
// the zero Due has not started. What was
// really done in time is on time also if it is deemed so, and deemed is
// stronger than late, overdue and running.
//
// A later completion never improves the status: with everything else equal,
// the order is on time, deemed on time, late. A matter still open at asOf is
// running or overdue; it is overdue exactly if a completion at asOf would be
// late.
func Judge(due Due, done, asOf time.Time, deemed bool) Status {
	if due.End.IsZero() {
		return NotStarted
	}
	return Stand(!done.IsZero(), due.InTime(done), deemed, due.InTime(asOf))
}

// Stand says how a deadline stands that has started: whether it was done, and in
// time; and where it was not, whether there is still time.
func Stand(done, inTime, deemed, stillTime bool) Status {
	switch {
	case done && inTime:
		return OnTime
	case deemed:
		return DeemedOnTime
	case done:
		return Late
	case stillTime:
		return Running
	}
	return Overdue
}
