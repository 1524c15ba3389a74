package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// orderWritten is a `not_before` that is still to be looked up.
type orderWritten struct {
	fact *checkedFact
	node *source.Node
}

// notBefore reads which events come before a moment or date.
func (l *loader) notBefore(f *checkedFact, n *source.Node) {
	if n == nil {
		return
	}
	if !f.isTime() {
		l.failAt("key_of_other_type", n.Key().Span, diagnostic.Textf("类型 %s 没有 %q", "type %s has no %q", f.TypeName, "not_before"), diagnostic.Textf("删去它", "remove it"))
		return
	}
	for _, item := range l.items(n) {
		l.orders = append(l.orders, orderWritten{f, item})
	}
}

// resolveOrders looks the events up, once all facts are read: a field beside
// the fact comes first, then any fact by its whole path.
func (l *loader) resolveOrders() {
	times := map[string]*checkedFact{}
	var walk func(f *checkedFact)
	walk = func(f *checkedFact) {
		times[plainPath(f.Path)] = f
		for _, x := range f.Fields {
			walk(x)
		}
		if f.Elem != nil && (f.Elem.isTime() || len(f.Elem.Fields) > 0) {
			walk(f.Elem)
		}
	}
	for _, f := range l.book.Facts {
		walk(f)
	}
	for _, o := range l.orders {
		own := plainPath(o.fact.Path)
		beside := own[:strings.LastIndexByte(own, '.')+1]
		root, _, _ := strings.Cut(own, ".")
		earlier := cmp.Or(times[beside+o.node.Text], times[o.node.Text])
		wanted, _, _ := strings.Cut(o.node.Text, ".")
		switch {
		case l.broken[root] || earlier == nil && l.broken[wanted]:
		case earlier == nil:
			var names []string
			for path, f := range times {
				if f.isTime() && path != own {
					names = append(names, strings.TrimPrefix(path, beside))
				}
			}
			slices.Sort(names)
			l.fail("unknown_fact", o.node, diagnostic.Textf("没有事实 %q", "there is no fact %q", o.node.Text), diagnostic.OneOf(o.node.Text, nearby(o.node.Text, names)))
		case !earlier.isTime():
			l.fail("type_mismatch", o.node, diagnostic.Textf("%q 不是时刻或日期，没有先后", "%q is neither a moment nor a date and cannot come first", o.node.Text),
				diagnostic.Textf("写一个时刻或日期", "name a moment or a date"))
		case earlier == o.fact:
			l.fail("cycle", o.node, diagnostic.Textf("%q 不能早于自己", "%q cannot come before itself", o.node.Text), diagnostic.Textf("写先发生的那个事实", "name the fact that happens first"))
		default:
			o.fact.notBefore = append(o.fact.notBefore, earlier)
		}
	}
}

// isTime reports a moment or a date.
func (f *checkedFact) isTime() bool { return f.typ.Kind == value.Moment || f.typ.Kind == value.Date }

func plainPath(path string) string { return strings.ReplaceAll(path, "[]", "") }

// orderCheck is an order of two facts of a question.
type orderCheck struct{ earlier, later whereabouts }

// whereabouts is where the values of a fact are: in a slot or, with inList, in
// every element of the list there.
type whereabouts struct {
	fact   *checkedFact
	slot   int
	inList bool
	fields []int // in an element, the way to the field
}

// findOrders finds the orders among the facts of a question.
func (l *layout) findOrders(placed map[*checkedFact]*checkedFact) {
	at := map[*checkedFact]whereabouts{}
	var order []*checkedFact // so that what is told does not depend on chance
	note := func(w whereabouts) {
		at[w.fact] = w
		order = append(order, w.fact)
	}
	var inside func(f *checkedFact, slot int, fields []int)
	inside = func(f *checkedFact, slot int, fields []int) {
		note(whereabouts{f, slot, true, fields})
		for i, x := range f.Fields {
			inside(x, slot, append(slices.Clone(fields), i))
		}
	}
	var walk func(f, placed *checkedFact)
	walk = func(f, placed *checkedFact) {
		note(whereabouts{fact: f, slot: placed.slot})
		for i, x := range f.Fields {
			walk(x, placed.Fields[i])
		}
		if f.Elem != nil {
			inside(f.Elem, placed.slot, nil)
		}
	}
	for _, f := range sortedBySlot(placed) {
		walk(f, placed[f])
	}
	for _, f := range order {
		for _, earlier := range f.notBefore {
			if e, ok := at[earlier]; ok {
				l.orders = append(l.orders, orderCheck{e, at[f]})
			}
		}
	}
}

func sortedBySlot(placed map[*checkedFact]*checkedFact) []*checkedFact {
	all := make([]*checkedFact, 0, len(placed))
	for f := range placed {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *checkedFact) int { return cmp.Compare(placed[a].slot, placed[b].slot) })
	return all
}

// event is a point in time that was given.
type event struct {
	label Text
	path  string // as the question calls it
	v     value.Value
}

// before reports whether a lies before b. Of a moment and a date the days
// are compared: on the same day neither is before the other.
func before(a, b value.Value, zone *time.Location) bool {
	if a.K == b.K {
		return a.N < b.N
	}
	return dayOfValue(a, zone) < dayOfValue(b, zone)
}

func dayOfValue(v value.Value, zone *time.Location) date.Date {
	if v.K == value.Moment {
		return dateIn(v.Time(zone), zone)
	}
	return v.Date()
}

// disordered finds two events of the facts that contradict each other.
func (q *checkedQuestion) disordered(slots []value.Value, zone *time.Location) (earlier, later event, found bool) {
	l := &q.layout
	for i := range l.orders {
		o := &l.orders[i]
		switch {
		case !o.earlier.inList && !o.later.inList:
			if a, b := slots[o.earlier.slot], slots[o.later.slot]; a.IsKnown() && b.IsKnown() && before(b, a, zone) {
				return q.eventAt(slots, o.earlier, -1, a), q.eventAt(slots, o.later, -1, b), true
			}
		case o.earlier.inList && o.later.inList && o.earlier.slot == o.later.slot: // of the same element
			for i, e := range slots[o.later.slot].L() {
				a, b := o.earlier.in(e), o.later.in(e)
				if a.IsKnown() && b.IsKnown() && before(b, a, zone) {
					return q.eventAt(slots, o.earlier, i, a), q.eventAt(slots, o.later, i, b), true
				}
			}
		default: // the latest of the earlier ones, and the earliest of the later ones
			last, i := o.earlier.extreme(slots, 1)
			first, j := o.later.extreme(slots, -1)
			if last.IsKnown() && first.IsKnown() && before(first, last, zone) {
				return q.eventAt(slots, o.earlier, i, last), q.eventAt(slots, o.later, j, first), true
			}
		}
	}
	return event{}, event{}, false
}

// in is the value in an element.
func (w *whereabouts) in(e value.Value) value.Value {
	for _, i := range w.fields {
		if !e.IsKnown() || i >= len(e.L()) {
			return value.UnknownOf(w.fact.typ.Kind)
		}
		e = e.L()[i]
	}
	return e
}

// extreme is the latest of the known values, or the earliest with sign -1, and
// the element that it is in.
func (w *whereabouts) extreme(slots []value.Value, sign int) (v value.Value, at int) {
	if !w.inList {
		return slots[w.slot], -1
	}
	for i, e := range slots[w.slot].L() {
		if x := w.in(e); x.IsKnown() && (!v.IsKnown() || cmp.Compare(x.N, v.N) == sign) {
			v, at = x, i
		}
	}
	return v, at
}

// eventAt names an event; elem is the element of its list, else -1.
func (q *checkedQuestion) eventAt(slots []value.Value, w whereabouts, elem int, v value.Value) event {
	path := q.layout.paths[w.slot]
	if elem >= 0 {
		list := slots[w.slot].L()
		if list[elem].K == value.Record {
			elem = int(list[elem].N) // where it stood in the list as given
		}
		path = fmt.Sprintf("%s[%d]%s", path, elem, strings.TrimPrefix(w.fact.Path, w.listPath()))
	}
	return event{w.fact.Label, path, v}
}

// listPath is the path of an element of the list that the fact is in.
func (w *whereabouts) listPath() string {
	return w.fact.Path[:strings.LastIndex(w.fact.Path, "[]")+len("[]")]
}

// outOfOrder words the contradiction of two events.
func (b *CheckedBook) outOfOrder(earlier, later event) *AnswerError {
	say := func(lang string) [4]any {
		a, z := b.display(earlier.v, lang), b.display(later.v, lang)
		if a == z { // as where clocks were put back, or within a second
			a, z = exactly(earlier.v, b.Zone), exactly(later.v, b.Zone)
		}
		return [4]any{later.named(lang), z, earlier.named(lang), a}
	}
	zh, en := say("zh"), say("en")
	return &AnswerError{Code: CodeOutOfOrder, Fact: later.path, Message: Text{
		ZH: fmt.Sprintf("先后矛盾，不予判定：%s为 %s，早于%s的 %s", zh[:]...),
		EN: fmt.Sprintf("not judged, since two events contradict each other: %s was %s, before %s %s", en[:]...),
	}, Remedy: diagnostic.Textf("请核对这两项，改正写错的，再提问", "check both, correct the wrong one and ask again")}
}

func exactly(v value.Value, zone *time.Location) string {
	if v.K != value.Moment {
		return v.Date().String()
	}
	return v.Time(zone).Format(time.RFC3339Nano)
}

// named is the label with the name that the question has for it.
func (e *event) named(lang string) string {
	switch label := e.label.In(lang); {
	case e.path == "":
		return label
	case label == "":
		return e.path
	default:
		return label + Text{ZH: "（" + e.path + "）", EN: " (" + e.path + ")"}.In(lang)
	}
}

// An Event is a point in time that a rule reads from the facts.
type Event struct {
	Is   *condition.Program
	Name Text // what it is called where it is not a fact as it was given
	// Began is set for a start that is put together from several events: of
	// these, the earliest counts.
	Began bool
}

// InOrder reports whether events lie in the order given, as far as they are
// known. If two do not, it ends the evaluation with an AnswerError that names
// the facts.
//
// What a rule computes is no event. So a point in time counts as the fact that
// it was read from: the one that is the same moment, or lies on the same day.
// A date that was given is in order with every moment of its day.
func (r *Run) InOrder(events ...Event) bool {
	for i, later := range events {
		for _, earlier := range events[:i] {
			if !r.inOrder(earlier, later) {
				return false
			}
		}
	}
	return true
}

func (r *Run) inOrder(earlier, later Event) bool {
	a, known := r.point(earlier.Is)
	if !known {
		return true
	}
	b, known := r.point(later.Is)
	if !known || !before(b, a, r.Zone()) {
		return true // it is the usual case, which looks at no fact
	}
	was, ok := r.source(earlier, a, false)
	if !ok {
		return true
	}
	is, ok := r.source(later, b, true)
	if !ok {
		is = event{label: later.Name, v: b}
	}
	if !before(is.v, was.v, r.Zone()) {
		return true
	}
	r.Fail(&disorder{was, is})
	return false
}

// disorder is the error of an evaluation that met a contradiction.
type disorder struct{ earlier, later event }

// Error names the two in English.
func (e *disorder) Error() string {
	return e.later.named("en") + " is before " + e.earlier.named("en")
}

// point is the known point in time that a program comes to.
func (r *Run) point(p *condition.Program) (value.Value, bool) {
	if p == nil {
		return value.Value{}, false
	}
	needs := len(r.Needs)
	n, state := p.Num(&r.Frame)
	r.Needs = r.Needs[:needs]
	return value.NumberIn(p.Type().Kind, state, n), state == value.Known
}

// source is the fact that a point in time was read from. Where several may be
// meant, it is the one that contradicts least: the first of what is to come
// first, the last of what is to come later.
func (r *Run) source(e Event, at value.Value, last bool) (event, bool) {
	all := r.sources(e.Is, map[int]bool{})
	zone := r.Zone()
	best, found := event{}, false
	better := func(x event) bool {
		switch {
		case !found:
			return true
		case last:
			return before(best.v, x.v, zone)
		}
		return before(x.v, best.v, zone)
	}
	for _, x := range all {
		switch {
		case e.Began && !before(at, x.v, zone):
		case !e.Began && x.v.K == at.K && x.v.N == at.N:
			return x, true
		case !e.Began && dayOfValue(x.v, zone) == dayOfValue(at, zone):
		default:
			continue
		}
		if better(x) {
			best, found = x, true
		}
	}
	if !found && !last && len(all) == 1 && !before(at, all[0].v, zone) {
		return all[0], true // such as the day after it
	}
	return best, found
}

// sources are the moments and dates among the facts that a program reads, also
// by what other rules computed from them.
func (r *Run) sources(p *condition.Program, seen map[int]bool) []event {
	var all []event
	if fields := p.ElementFields(); r.ElemSlot >= 0 && len(fields) > 0 && r.Elem.K == value.Record {
		all = r.elementTimes(r.Elem, r.listFact(r.ElemSlot), fields)
	}
	for _, slot := range p.Slots() {
		if seen[slot] || slot == r.ed.asOf || !r.Slots[slot].IsKnown() {
			continue
		}
		seen[slot] = true
		v := r.Slots[slot]
		switch {
		case slot < r.ed.base && (v.K == value.Moment || v.K == value.Date):
			if f := r.ed.question.layout.factAt(slot); f != nil {
				all = append(all, event{f.Label, r.ed.question.layout.paths[slot], v})
			}
		case slot < r.ed.base && v.K == value.List:
			f := r.ed.question.layout.factAt(slot)
			for i, e := range v.L() {
				switch {
				case f == nil || !e.IsKnown():
				case e.K == value.Record:
					all = append(all, r.elementTimes(e, f, nil)...)
				case e.K == value.Moment || e.K == value.Date:
					all = append(all, event{f.Label, fmt.Sprintf("%s[%d]", r.ed.question.layout.paths[slot], i), e})
				}
			}
		case slot >= r.ed.base && (v.K == value.Moment || v.K == value.Date):
			if u := r.ed.owner[slot]; u != nil {
				for _, x := range u.programs {
					all = append(all, r.sources(x, seen)...)
				}
			}
		}
	}
	return all
}

// elementTimes are the moments and dates in an element of a list; in the given
// fields only, unless they are nil.
func (r *Run) elementTimes(e value.Value, list *checkedFact, fields []int) []event {
	if list == nil || list.Elem == nil {
		return nil
	}
	var all []event
	for i, x := range list.Elem.Fields {
		if i < len(e.L()) && x.isTime() && e.L()[i].IsKnown() && (fields == nil || slices.Contains(fields, i)) {
			all = append(all, event{x.Label, fmt.Sprintf("%s[%d].%s", r.ed.question.layout.paths[list.slot], e.N, x.Name), e.L()[i]})
		}
	}
	return all
}

// listFact is the list of facts in a slot, or that the elements in a computed
// list came from.
func (r *Run) listFact(slot int) *checkedFact {
	if slot < r.ed.base {
		return r.ed.question.layout.factAt(slot)
	}
	u := r.ed.owner[slot]
	if u == nil {
		return nil
	}
	for _, o := range u.outputs {
		if o.slot != slot || o.typ == nil {
			continue
		}
		for _, f := range r.ed.question.layout.placed {
			if f.Elem != nil && f.typ.Elem == o.typ.Elem {
				return f
			}
		}
	}
	return nil
}

// factAt is the fact in a slot.
func (l *layout) factAt(slot int) *checkedFact {
	var find func(list []*checkedFact) *checkedFact
	find = func(list []*checkedFact) *checkedFact {
		for _, f := range list {
			if f.slot == slot {
				return f
			}
			if x := find(f.Fields); x != nil {
				return x
			}
		}
		return nil
	}
	return find(l.placed)
}
