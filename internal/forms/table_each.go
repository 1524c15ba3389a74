package forms

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// eachTable finds a row for each element of a list, and makes a list of records:
// some fields, then what the row gives.
type eachTable struct {
	tableUnit
	each   *condition.Program
	fields []form.NamedExpr
	list   *checked.Fact
	slot   int
}

// isEachTable reports whether a table has keys of one that makes a list.
func isEachTable(p *form.Part) bool { return p.Has("each") || p.Has("fields") }

func buildEachTable(b *form.Builder, p *form.Part) form.Evaluator {
	u := &eachTable{tableUnit: tableUnit{part: p, when: p.Expr("when")}, each: p.Expr("each")}
	typ := &value.Type{Kind: value.List, Elem: &value.Type{Kind: value.Record}}
	if !p.Has("each") {
		p.Fail("each", "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", "each"), text("补上 each: 列表；不逐项处理的表不写 fields", "add each: a list; a table that takes one row has no fields"))
	}
	if u.each != nil && u.each.Type().Elem != nil {
		u.items = b.ListFact(u.each)
		b.Inside(u.each, func() {
			u.fields = p.Exprs("fields")
			u.compile()
		})
		var fields []value.Field
		for _, f := range u.fields {
			p.ChargeKept(f.Expr)
			fields = append(fields, fieldOf(f))
		}
		for k, name := range u.name {
			mayBeNone := slices.ContainsFunc(u.rows, func(w tableRow) bool { return w.gives[k] != nil && w.gives[k].MayBeNone() })
			fields = append(fields, value.Field{Name: name, Type: u.typ[k], MayBeNone: mayBeNone})
		}
		u.list = describeRecords(p, b.ListFact(u.each), fields, u.keyNames()...)
		typ.Elem = b.RecordType(fields)
	}
	u.slot = b.Output("value", typ)
	return u
}

// Evaluate makes the list. What is unknown in one record does not matter to the
// others.
func (u *eachTable) Evaluate(r *form.Run) {
	if !makesRecords(r, u.part, u.when, u.slot) {
		return
	}
	var records []value.Value
	list := r.Eval(u.each)
	r.Each(form.ListOf(u.each), list.L(), func(int, value.Value) {
		if r.Err != nil {
			return
		}
		record := value.RecordOf(u.record(r))
		record.N = int64(len(records)) // its place, as a list of facts has it
		records = append(records, record)
	})
	if list.IsUnknown() {
		r.Undetermined(u.part)
	}
	r.Set(u.slot, value.ListIn(value.List, list.State, records))
}

// record is the fields and results of the element that is looked at.
func (u *eachTable) record(r *form.Run) []value.Value {
	var all []value.Value
	for _, f := range u.fields {
		all = append(all, r.Eval(f.Expr))
	}
	return append(all, u.results(r)...)
}

// Lacks tells what a field of a record wanted.
func (u *eachTable) Lacks(r *form.Run, record, field int) []value.Need {
	needs, err := r.Needs, r.Err
	r.Needs, r.Err = nil, nil
	list, place := r.Eval(u.each), 0
	r.Needs = nil
	r.Each(form.ListOf(u.each), list.L(), func(int, value.Value) {
		if place == record {
			u.lacksHere(r, field)
		}
		place++
	})
	lacks := r.Needs
	r.Needs, r.Err = needs, err
	return lacks
}

// lacksHere evaluates a field of the element that is looked at, or all, again.
func (u *eachTable) lacksHere(r *form.Run, field int) {
	for i, f := range u.fields {
		if field >= 0 && field != i {
			continue
		}
		from := len(r.Needs)
		if v := r.Eval(f.Expr); v.Partial() && len(r.Needs) == from {
			r.Needs = append(r.Needs, unknownFields(r.Elem, r.ElemSlot, r.ElemAt, f.Expr.ElementFields())...)
		}
	}
	if field < 0 || field >= len(u.fields) {
		since := r.Lacking()
		all := u.results(r)
		if field >= 0 && !all[field-len(u.fields)].IsUnknown() {
			r.Ignore(since) // what only other results lack
		}
	}
}

// Described is the list with the labels of its fields.
func (u *eachTable) Described() *checked.Fact { return u.list }

// Explain tells the row of each element, where they are few, and else how many
// there are.
func (u *eachTable) Explain(r *form.Run, s *form.Story) {
	const few = 6
	if !r.DidApply(u.part) {
		return
	}
	list := r.Slots[u.slot].L()
	if len(list) == 0 || len(list) > few {
		s.Tellf(u.part, "共 %d 条", "%d in all", len(list))
		return
	}
	elements := r.Eval(u.each)
	r.Each(form.ListOf(u.each), elements.L(), func(int, value.Value) {
		row, told := u.told(r, s, func(name string) string { return labelIn(u.list, s, name) }, func(p *condition.Program, _ *value.Type) string { return s.HowOfElement(p) })
		var parts []string
		for _, f := range u.fields {
			parts = append(parts, calledIn(u.list, s, f.Name)+s.HowOfElement(f.Expr))
		}
		of := u.part
		if row >= 0 {
			parts, of = append(parts, told), u.rows[row].part
		}
		if r.Err == nil && len(parts) > 0 {
			told := strings.Join(parts, s.Pick("；", "; "))
			s.Tell(of, policy.Text{ZH: told, EN: told})
		}
	})
}
