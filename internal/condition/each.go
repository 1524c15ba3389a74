package condition

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// LooksAtElement reports whether the program looks at the element that it is
// evaluated for, if it is.
func (p *Program) LooksAtElement() bool { return p.perElement && p.root.looksAtElement() }

func (n *node) looksAtElement() bool {
	if n.op == opLoop { // in the body the element is another
		return n.kids[0].looksAtElement()
	}
	return n.op == opElem || slices.ContainsFunc(n.kids, (*node).looksAtElement)
}

// Each is Eval of a program that gives a list, and visits its elements in turn
// until visit says stop; it gives what is known of the list. During a visit the
// frame holds the element, with the place that it has in the list where it
// comes from, so that what is unknown in it can be named. visit must not change
// these.
func (p *Program) Each(f *value.Frame, visit func(i int) (stop bool)) value.State {
	if p.root.seq == nil || !p.enter(f) {
		return value.Unknown
	}
	m := marked(f)
	l := p.root.seq(f)
	if l.state != value.Unknown {
		m.restore(f)
	}
	if p.weighs() {
		p.weigh(f, value.ListIn(value.List, l.state, l.items))
	}
	if l.state == value.Known {
		l.each(f, visit)
	}
	return l.state
}

// FirstNot is the first record that is known not to be as all of a list must be,
// where the program is such a condition about a list among the facts,
// all(list, …): the list's slot, where the record stood in it as given, and which
// of its fields were looked at. The places are -1 where the program is none, or
// there is no such record.
func (p *Program) FirstNot(f *value.Frame) (slot, at int, fields []int) {
	if p.root.op != opLoop || p.root.name != "all" || p.root.kids[0].op != opFact || p.bound > len(f.Slots) {
		return -1, -1, nil
	}
	saved, err := f.Needs, f.Err
	list, at := p.root.kids[0].seq(f), -1
	list.each(f, func(int) (stop bool) {
		if f.Elem.K == value.Record && (at < 0 || int(f.Elem.N) < at) && p.root.kids[1].tri(f) == no {
			at = int(f.Elem.N)
		}
		return false
	})
	f.Needs, f.Err = saved, err
	return p.root.kids[0].slot, at, p.root.kids[1].elementFields()
}
