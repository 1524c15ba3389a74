package form

import (
	"reflect"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// A ListMaker is an Evaluator that makes a list of records. What is unknown in
// one of them, it can tell by itself, so that an answer need not name what only
// others lack.
type ListMaker interface {
	// Lacks tells what a field of a record wanted and did not know, from the same
	// Run. It leaves Run.Needs as they are.
	Lacks(r *Run, record, field int) []value.Need
	// Described is the list as if it were a fact, for the labels of its fields.
	Described() *checked.Fact
}

// RecordType is the type of the records that the unit makes, the same one for
// the same fields, so that lists made of them are known to hold them.
func (b *Builder) RecordType(fields []value.Field) *value.Type {
	plan := b.Plan
	if plan.records == nil {
		plan.records, plan.makers = map[string]*value.Type{}, map[*value.Type]*Unit{}
	}
	t := &value.Type{Kind: value.Record, Fields: fields}
	if was := plan.records[b.Name]; was != nil && reflect.DeepEqual(was, t) {
		t = was
	}
	plan.records[b.Name], plan.makers[t] = t, b.Building
	return t
}

// MakerOf is the unit that made the records of a type, and what can tell of
// them; nil where they are of facts, or of a form that cannot.
func (r *Run) MakerOf(record *value.Type) (*Unit, ListMaker) {
	u := r.Plan.makers[record]
	if u == nil {
		return nil, nil
	}
	eval := u.Eval
	if c, ok := eval.(interface{ Chosen(*Run) Evaluator }); ok { // by words of facts
		eval = c.Chosen(r)
	}
	m, _ := eval.(ListMaker)
	return u, m
}

// elementType is the type of the elements of a list in a slot that a unit set.
func (u *Unit) elementType(slot int) *value.Type {
	for _, o := range u.Outputs {
		if o.Slot == slot && o.Typ != nil {
			return o.Typ.Elem
		}
	}
	return nil
}

// ElementType is the type of the elements of a computed list in a slot; nil
// where it is none.
func (plan *Plan) ElementType(slot int) *value.Type {
	if u := plan.Owner[slot]; u != nil {
		return u.elementType(slot)
	}
	return nil
}

// ListFact is the list of facts that has elements like those of a list, or what
// describes the list that a unit made of such; nil where there is none.
func (b *Builder) ListFact(list *condition.Program) *checked.Fact {
	elem := list.Type().Elem
	if elem == nil || elem.Kind != value.Record {
		return nil
	}
	var found *checked.Fact
	var find func(facts []*checked.Fact)
	find = func(facts []*checked.Fact) {
		for _, f := range facts {
			if found == nil && f.Typ.Kind == value.List && f.Typ.Elem == elem {
				found = f
			}
			find(f.Fields)
		}
	}
	if find(b.Plan.Book.Facts); found != nil {
		return found
	}
	return b.Plan.DescribedList(list.Type())
}

// DescribedList is the list of a type that a unit makes, or nil.
func (plan *Plan) DescribedList(t *value.Type) *checked.Fact {
	if t == nil || t.Kind != value.List || plan.makers[t.Elem] == nil {
		return nil
	}
	eval := plan.makers[t.Elem].Eval
	if all, ok := eval.(interface{ Any() Evaluator }); ok { // chosen by words of facts
		eval = all.Any()
	}
	if m, ok := eval.(ListMaker); ok {
		return m.Described()
	}
	return nil
}

// Describe has explanations call what is in a slot as they call a fact.
func (b *Builder) Describe(slot int, as *checked.Fact) {
	if b.Plan.described == nil {
		b.Plan.described = map[int]*checked.Fact{}
	}
	b.Plan.described[slot] = as
}
