package condition

import (
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// course is how a value goes as the moment of asking grows, up to the last that
// one can ask at. What is rising is never less than it is now, nor more than it
// is at the end; what is falling, the other way round. So what is the same at
// both is the same in between.
type course uint8

const (
	anyhow course = iota // or we cannot tell
	fixed
	rising
	falling
)

func (c course) turned() course {
	switch c {
	case rising:
		return falling
	case falling:
		return rising
	}
	return c
}

// with is the course of a sum, or of the greater or lesser of two.
func (c course) with(d course) course {
	switch {
	case c == fixed:
		return d
	case d == fixed || c == d:
		return c
	}
	return anyhow
}

// times is the course of a product with something that is fixed.
func (c course) times(by value.Value) course {
	switch sign := signOf(by); {
	case sign > 0:
		return c
	case sign < 0:
		return c.turned()
	}
	return anyhow
}

// signOf is 1, -1 or, where it is nothing or not known, 0.
func signOf(v value.Value) int {
	n := v.N
	switch {
	case !v.IsKnown() || v.K == value.Ratio && v.D <= 0:
		return 0
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// reads reports whether anything below a node looks at the slot.
func (n *node) reads(slot int) bool {
	if n.op == opFact && n.slot == slot {
		return true
	}
	for _, k := range n.kids {
		if k.reads(slot) {
			return true
		}
	}
	return false
}

// countsDaysFrom reports whether working days are counted from or to something
// that depends on what is in the slot.
func (n *node) countsDaysFrom(slot int) bool {
	return n.countsOnCalendar() && n.reads(slot) ||
		slices.ContainsFunc(n.kids, func(k *node) bool { return k.countsDaysFrom(slot) })
}

func (n *node) countsOnCalendar() bool {
	return n.op == opApply && n.apply.calendar || n.op == opPeriods && n.name == "total_open_time"
}

// atEnd is what the node comes to at the last moment that one can ask at. Working
// days are not counted any further than calendars reach. It is not ok where it
// fails there, because of a year that the calendar does not know, for instance.
func atEnd[T any](n *node, f *value.Frame, moment int, get func(*value.Frame) T) (v T, ok bool) {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	end := time.Date(source.LastYear, time.December, 31, 23, 59, 59, 0, zone)
	if n.countsDaysFrom(moment) && f.Calendar != nil {
		y, m, d := date.Date(f.Calendar.LastDay()).Date()
		end = time.Date(y, m, d, 23, 59, 59, 0, zone)
	}
	now, err := f.Slots[moment], f.Err
	if end.Before(now.Time(zone)) {
		return v, false
	}
	f.Slots[moment], f.Err = value.MomentOf(end), nil
	v = get(f)
	ok = f.Err == nil
	f.Slots[moment], f.Err = now, err
	return v, ok
}

// lasts reports whether what the node comes to is the same at every later
// moment in the slot, all else being as it is. It never says so where it is
// not; it may fail to say so where it is: it does not look into what is counted
// in lists, nor into days of the week and times of the day, which come back, nor
// into days that are so many working days away.
func (n *node) lasts(f *value.Frame, moment int) bool {
	if !n.reads(moment) {
		return true
	}
	switch n.op {
	case opFact:
		return false
	case opAnd, opOr:
		return n.junctionLasts(f, moment)
	case opTernary:
		return n.ternaryLasts(f, moment)
	case opCompare:
		return n.kidsLast(f, moment) || n.comparisonLasts(f, moment)
	case opIn:
		return n.kidsLast(f, moment) || n.membershipLasts(f, moment)
	case opLoop:
		return n.loopLasts(f, moment)
	case opPeriods:
		return n.periodsLast(f, moment)
	}
	return n.kidsLast(f, moment) || n.stays(f, moment)
}

func (n *node) kidsLast(f *value.Frame, moment int) bool {
	for _, k := range n.kids {
		if !k.lasts(f, moment) {
			return false
		}
	}
	return true
}

// stays: what is the same number now and at the end is so in between.
func (n *node) stays(f *value.Frame, moment int) bool {
	if !ordered(n.typ.Kind) || n.course(f, moment) == anyhow {
		return false
	}
	v := n.val(f)
	end, ok := atEnd(n, f, moment, n.val)
	return ok && v.IsKnown() && end.IsKnown() && v.N == end.N
}

// junctionLasts: one kid that decides, and will, is enough.
func (n *node) junctionLasts(f *value.Frame, moment int) bool {
	decisive := no
	if n.op == opOr {
		decisive = yes
	}
	for _, k := range n.kids {
		if t := k.tri(f); t != unknown && decides(t, decisive) && k.lasts(f, moment) {
			return true
		}
	}
	return n.kidsLast(f, moment)
}

func (n *node) ternaryLasts(f *value.Frame, moment int) bool {
	if !n.kids[0].lasts(f, moment) {
		return false
	}
	switch n.kids[0].tri(f) {
	case yes:
		return n.kids[1].lasts(f, moment)
	case unknown:
		return n.kids[1].lasts(f, moment) && n.kids[2].lasts(f, moment)
	}
	return n.kids[2].lasts(f, moment)
}

// comparisonLasts: what has passed stays passed.
func (n *node) comparisonLasts(f *value.Frame, moment int) bool {
	a, b := n.kids[0], n.kids[1]
	v, w := a.val(f), b.val(f)
	x, y := a.course(f, moment), b.course(f, moment)
	if x == anyhow || y == anyhow {
		return false
	}
	t, ok := atEnd(n, f, moment, n.tri)
	switch {
	case !ok:
		return false
	case x == fixed && !v.IsKnown() || y == fixed && !w.IsKnown():
		return true // the other may be what it will
	case !v.IsKnown() || !w.IsKnown() || x.with(y.turned()) == anyhow:
		return false
	case n.name == "==" || n.name == "!=":
		return n.apart(f, moment, &v, &w)
	}
	return t != unknown && t == n.tri(f)
}

// apart reports whether the greater one of two sides stays the greater.
func (n *node) apart(f *value.Frame, moment int, v, w *value.Value) bool {
	type sides struct{ a, b value.Value }
	end, ok := atEnd(n, f, moment, func(f *value.Frame) sides { return sides{n.kids[0].val(f), n.kids[1].val(f)} })
	return ok && end.a.IsKnown() && end.b.IsKnown() && ordered(v.K) && v.K == w.K && end.a.K == v.K && end.b.K == v.K &&
		v.N != w.N && (v.N > w.N) == (end.a.N > end.b.N) && end.a.N != end.b.N
}

// membershipLasts: what lies behind all that is listed, or before all of it
// until the end, is not listed.
func (n *node) membershipLasts(f *value.Frame, moment int) bool {
	list := n.kids[1]
	if list.seq == nil || !list.lasts(f, moment) || n.kids[0].course(f, moment) == anyhow {
		return false
	}
	v := n.kids[0].val(f)
	end, ok := atEnd(n, f, moment, n.kids[0].val)
	l := list.seq(f)
	if !ok || !v.IsKnown() || !end.IsKnown() || !ordered(v.K) || l.state != value.Known {
		return false
	}
	for i := range l.items {
		e := &l.items[i]
		if !e.IsKnown() || e.K != v.K || e.N == v.N || e.N == end.N || (e.N > v.N) != (e.N > end.N) {
			return false
		}
	}
	return true
}

func ordered(k value.Kind) bool {
	switch k {
	case value.Count, value.Moment, value.Date, value.Month, value.Duration, value.Money:
		return true
	}
	return false
}

// course is how the node goes as the moment in the slot grows.
func (n *node) course(f *value.Frame, moment int) course {
	if !n.reads(moment) {
		return fixed
	}
	kid := func(i int) course { return n.kids[i].course(f, moment) }
	switch n.op {
	case opFact:
		return rising
	case opNegate:
		return kid(0).turned()
	case opRound:
		return kid(0)
	case opExchange:
		if kid(1) == fixed {
			return kid(0).times(n.kids[1].val(f))
		}
	case opRoundTo:
		if kid(1) == fixed {
			return kid(0)
		}
	case opArith:
		switch n.name {
		case "+":
			return kid(0).with(kid(1))
		case "-":
			return kid(0).with(kid(1).turned())
		case "*":
			if kid(0) == fixed {
				return kid(1).times(n.kids[0].val(f))
			}
			if kid(1) == fixed {
				return kid(0).times(n.kids[1].val(f))
			}
		case "/":
			if kid(1) == fixed {
				return kid(0).times(n.kids[1].val(f))
			}
		}
	case opTernary:
		if n.kids[0].lasts(f, moment) {
			switch n.kids[0].tri(f) {
			case yes:
				return kid(1)
			case no, none:
				return kid(2)
			}
		}
	case opPick:
		return n.pickCourse(f, moment)
	case opApply:
		return n.applyCourse(f, kid)
	case opPeriods:
		for _, k := range n.lists() {
			if k.reads(moment) {
				return anyhow
			}
		}
		return rising // those that are not over grow
	}
	return anyhow
}

// pickCourse is that of the greatest or least of some, each written by itself or
// all in one list.
func (n *node) pickCourse(f *value.Frame, moment int) course {
	some := n.kids
	if len(some) == 1 && some[0].op == opList {
		some = some[0].kids
	}
	all := fixed
	for _, k := range some {
		if !ordered(k.typ.Kind) || !k.val(f).IsKnown() {
			return anyhow
		}
		all = all.with(k.course(f, moment))
	}
	return all
}

// applyCourse is that of a function.
func (n *node) applyCourse(f *value.Frame, kid func(int) course) course {
	if n.calendars != nil { // whose zone and years are not looked at here
		return anyhow
	}
	switch n.name {
	case "date_of", "month_of", "year_of":
		// Of a moment, the clocks decide, and they may be put back over midnight.
		if n.kids[0].typ.Kind == value.Moment && !steady(f, n.kids[0]) {
			return anyhow
		}
		return kid(0)
	case "hours", "minutes", "seconds", "start_of_day", "start_of_month", "end_of_month",
		"start_of_quarter", "end_of_quarter", "start_of_year", "end_of_year":
		return kid(0)
	case "days_after", "months_after", "years_after":
		return kid(0).with(kid(1))
	case "whole_days_between", "started_days_between":
		// The clocks decide, as for date_of.
		if kid(0) == fixed && steady(f, n.kids[1]) {
			return kid(1)
		}
	case "days_between", "working_days_between", "open_time", "whole_hours_between", "started_hours_between",
		"whole_months_between", "started_months_between", "whole_years_between", "started_years_between":
		return kid(1).with(kid(0).turned())
	case "rounded", "rounded_down", "rounded_up":
		if kid(1) == fixed {
			return kid(0).times(n.kids[1].val(f))
		}
	}
	return anyhow
}

// steady reports whether no clock of the zone is put back for two days from the
// moment on. Should one be put back over midnight after that, the date is still
// no earlier than that of the moment.
func steady(f *value.Frame, n *node) bool {
	v := n.val(f)
	if !v.IsKnown() {
		return false
	}
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	at := v.Time(zone)
	_, end := at.ZoneBounds()
	_, before := at.Zone()
	_, after := end.Zone()
	return end.IsZero() || end.Sub(at) > 48*time.Hour || after >= before
}

// loopLasts: one element that decides, and will, is enough where the list
// stays.
func (n *node) loopLasts(f *value.Frame, moment int) bool {
	list, body := n.kids[0], n.kids[1]
	if !list.lasts(f, moment) || body.tri == nil {
		return false
	}
	l := list.seq(f)
	if l.state == value.Unknown {
		return false
	}
	decisive := map[string]tri{"any": yes, "none": yes, "all": no}[n.name]
	decided, all := false, true
	l.each(f, func(int) bool {
		last := body.lasts(f, moment)
		all = all && last
		if t := body.tri(f); last && decisive != unknown && t != unknown && decides(t, decisive) {
			decided = true
		}
		return decided
	})
	return decided || all
}
