package condition

import (
	"time"

	"github.com/servicerules/rulebook/internal/value"
)

// course is how a value goes as the moment of asking grows.
type course uint8

const (
	anyhow  course = iota
	fixed          // it stays
	rising         // it does not fall
	falling        // it does not rise
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

// lasts reports whether what the node comes to is the same at every later
// moment in the slot, all else being as it is. It never says so where it is
// not; it may fail to say so where it is.
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
	case opCompare:
		return n.kidsLast(f, moment) || n.comparisonLasts(f, moment)
	case opLoop:
		return n.loopLasts(f, moment)
	}
	return n.kidsLast(f, moment)
}

func (n *node) kidsLast(f *value.Frame, moment int) bool {
	for _, k := range n.kids {
		if !k.lasts(f, moment) {
			return false
		}
	}
	return true
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

// comparisonLasts: what has passed stays passed.
func (n *node) comparisonLasts(f *value.Frame, moment int) bool {
	a, b := n.kids[0], n.kids[1]
	v, w := a.val(f), b.val(f)
	x, y := a.course(f, moment), b.course(f, moment)
	switch {
	case x == anyhow || y == anyhow:
		return false
	case x == fixed && !v.IsKnown() || y == fixed && !w.IsKnown():
		return true // the other may be what it will
	case !v.IsKnown() || !w.IsKnown() || !ordered(v.K) || v.K != w.K:
		return false
	}
	apart := x.with(y.turned()) // that of the left less the right
	var holds, fails bool       // it stays so if it does, or does not
	switch n.name {
	case ">", ">=":
		holds, fails = apart == rising, apart == falling
	case "<", "<=":
		holds, fails = apart == falling, apart == rising
	case "==", "!=":
		return v.N > w.N && apart == rising || v.N < w.N && apart == falling
	}
	if n.tri(f) == yes {
		return holds
	}
	return fails
}

func ordered(k value.Kind) bool {
	switch k {
	case value.Count, value.Moment, value.Date, value.Month, value.Duration:
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
	case opArith:
		switch n.name {
		case "+":
			return kid(0).with(kid(1))
		case "-":
			return kid(0).with(kid(1).turned())
		}
	case opPick:
		all := fixed
		for i := range n.kids {
			if n.kids[i].typ.Kind == value.List || !n.kids[i].val(f).IsKnown() {
				return anyhow
			}
			all = all.with(kid(i))
		}
		return all
	case opApply:
		return n.applyCourse(f, kid)
	}
	return anyhow
}

// applyCourse is that of a function.
func (n *node) applyCourse(f *value.Frame, kid func(int) course) course {
	switch n.name {
	case "date_of", "month_of", "year_of":
		// Of a moment, the clocks decide, and they may be put back over midnight.
		if n.kids[0].typ.Kind == value.Moment && !steady(f, n.kids[0]) {
			return anyhow
		}
		return kid(0)
	case "hours", "minutes", "end_of_month":
		return kid(0)
	case "days_after", "months_after", "years_after":
		return kid(0).with(kid(1))
	case "days_between": // of working days, a later year may be missing
		return kid(1).with(kid(0).turned())
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
