package run

import (
	"cmp"
	"iter"
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
)

// evaluate runs units of the question in turn. The facts, and what the units
// before them set, are in their slots.
func evaluate(r *form.Run, units []*form.Unit) {
	for _, u := range units {
		if u.Absent {
			for _, o := range u.Outputs {
				r.Slots[o.Slot] = value.NoneOf(o.Typ.Kind)
			}
			continue
		}
		r.Unit = u
		from := len(r.Needs)
		u.Eval.Evaluate(r)
		if r.Err != nil { // it fails nobody but who looks at it: see failure
			r.Failed, r.Err = append(r.Failed, form.Failure{Unit: u, Err: r.Err}), nil
			for _, o := range u.Outputs {
				r.Slots[o.Slot], r.Broken = value.UnknownOf(o.Typ.Kind), append(r.Broken, o.Slot)
			}
		}
		if len(r.Needs) > from {
			r.Needs = append(r.Needs, ownedBy(u.Index))
		}
	}
	r.Unit = nil
}

// failure is why nothing can be answered, if so: because something failed that
// the answer looks at. Of several it is the first in the text, so that it is the
// same one under readings that have units evaluated in another order.
func failure(r *form.Run, scope form.Outcome) error {
	if len(r.Failed) == 0 {
		return r.Err
	}
	read := basisOf(r, scope).read
	var first *form.Failure
	for i := range r.Failed {
		f := &r.Failed[i]
		if read[f.Unit.Index] && (first == nil || f.Unit.Line() < first.Unit.Line()) {
			first = f
		}
	}
	if first == nil {
		return r.Err
	}
	return first.Err
}

// verdict evaluates the verdict of the question.
func verdict(r *form.Run) value.Value {
	from := len(r.Needs)
	v := r.Eval(r.Plan.Asked.Verdict)
	if len(r.Needs) > from {
		r.Needs = append(r.Needs, ownedBy(r.Plan.VerdictOwner()))
	}
	return v
}

// scope tells from the outputs of units whether the question applies.
func scope(r *form.Run) form.Outcome {
	scope := form.InScope
	for _, u := range r.Plan.Asked.Scope {
		if holds := unitHolds(r, u); holds.False() {
			return form.OutOfScope
		} else if holds.IsUnknown() {
			scope = form.ScopeUndetermined
		}
	}
	return scope
}

// ownedBy stands in Needs behind what a unit, the verdict or a value lacked.
func ownedBy(owner int) value.Need { return value.Need{Slot: slotOfOwner, Index: owner, Field: -1} }

const slotOfOwner = -1

// groups are the needs by owner.
func groups(r *form.Run) iter.Seq2[int, []value.Need] {
	return func(yield func(int, []value.Need) bool) {
		from := 0
		for i, n := range r.Needs {
			if n.Slot != slotOfOwner {
				continue
			}
			if !yield(n.Index, r.Needs[from:i]) {
				return
			}
			from = i + 1
		}
	}
}

// needsOf are the needs that the evaluation of a unit left.
func needsOf(r *form.Run, u *form.Unit) []value.Need {
	for owner, needs := range groups(r) {
		if owner == u.Index {
			return needs
		}
	}
	return nil
}

// missing are the facts that the needs come down to.
type missing struct {
	need value.Need
	by   string
}

func collect(r *form.Run, needs []value.Need, by string, into *[]missing, seen map[*form.Unit]bool) {
	for _, n := range needs {
		if u := r.Plan.Owner[n.Slot]; u != nil {
			if given, ok := elementOfFact(r, u, n); ok {
				if m := (missing{given, by}); !slices.Contains(*into, m) {
					*into = append(*into, m)
				}
				continue
			}
			if maker, lacks, ok := lackedInRecord(r, n); ok {
				collect(r, lacks, maker.ID(), into, seen)
				continue
			}
			if !seen[u] {
				seen[u] = true
				collect(r, needsOf(r, u), u.ID(), into, seen)
			}
			continue
		}
		if m := (missing{n, by}); !slices.Contains(*into, m) {
			*into = append(*into, m)
		}
	}
}

// elementOfFact finds the element of a list of facts that an element of a
// computed list is: a filtered list holds the very records that were given.
func elementOfFact(r *form.Run, u *form.Unit, n value.Need) (value.Need, bool) {
	list := r.Slots[n.Slot].L()
	if n.Index < 0 || n.Index >= len(list) || list[n.Index].K != value.Record {
		return n, false
	}
	for _, o := range u.Outputs {
		if o.Slot != n.Slot || o.Typ == nil || o.Typ.Elem == nil {
			continue
		}
		for _, f := range r.Plan.Question.Layout.Placed {
			if f.Typ.Elem != o.Typ.Elem {
				continue
			}
			for i, e := range r.Slots[f.Slot].L() {
				if e.N == list[n.Index].N {
					n.Slot, n.Index = f.Slot, i
					return n, true
				}
			}
		}
	}
	return n, false
}

// lackedInRecord is what a field of a record lacked that a unit made; false where
// no unit did that can tell.
func lackedInRecord(r *form.Run, n value.Need) (*form.Unit, []value.Need, bool) {
	list := r.Slots[n.Slot].L()
	if n.Index < 0 || n.Index >= len(list) || list[n.Index].K != value.Record {
		return nil, nil, false
	}
	u, maker := r.MakerOf(r.Plan.ElementType(n.Slot))
	if maker == nil {
		return nil, nil, false
	}
	return u, maker.Lacks(r, int(list[n.Index].N), n.Field), true
}

// lackedInShown notes what the records lack that a unit made and that a value
// shows, although the list is known.
func lackedInShown(r *form.Run, list value.Value, t *value.Type) {
	if list.K != value.List || !list.IsKnown() || t == nil {
		return
	}
	_, maker := r.MakerOf(t.Elem)
	if maker == nil {
		return
	}
	for _, record := range list.L() {
		for i, v := range record.L() {
			if v.Partial() {
				r.Needs = append(r.Needs, maker.Lacks(r, int(record.N), i)...)
			}
		}
	}
}

func compareMissing(a, b missing) int {
	return cmp.Or(cmp.Compare(a.need.Slot, b.need.Slot), cmp.Compare(a.need.Index, b.need.Index),
		cmp.Compare(a.need.Field, b.need.Field), cmp.Compare(a.need.Item, b.need.Item), cmp.Compare(a.need.ItemField, b.need.ItemField), cmp.Compare(a.by, b.by))
}

// computeValues computes values.
func computeValues(r *form.Run, list []*form.CompiledValue) {
	for _, f := range list {
		if f.When != nil {
			computeValue(r, f, f.When, f.WhenAt, f.WhenNoted)
			if !r.Slots[f.WhenAt].True() {
				continue
			}
		}
		if f.Is != nil {
			computeValue(r, f, f.Is, f.At, f.IsNoted)
			continue
		}
		computeValues(r, f.Fields)
	}
}

// computeValue computes one of the programs of a value into its slot, and notes
// that it was shown.
func computeValue(r *form.Run, f *form.CompiledValue, p *condition.Program, at int, noted form.Mark) {
	if noted != form.MarkVoid {
		r.Mark(noted)
	}
	v, own := &r.Slots[at], at >= r.Plan.ValuesAt
	if !own && !v.IsUnknown() && v.K != value.List {
		return // it is there, and lacks nothing
	}
	from := len(r.Needs)
	if own || v.IsUnknown() {
		if came := p.Eval(&r.Frame); own {
			*v = came
		}
	}
	lackedInShown(r, *v, f.Typ)
	if len(r.Needs) > from {
		r.Needs = append(r.Needs, ownedBy(f.Owner))
	}
}
