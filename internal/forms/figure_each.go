package forms

import (
	"cmp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// eachFields are the keys of a figure that makes a list of records.
var eachFields = []policy.Field{
	{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Doc: text("列表：由它的每一项得出一条记录，次序不变；代替 is", "a list: each of its elements gives a record, in its order; in place of is")},
	{Name: "group_by", Kind: policy.Expressions, Element: true, Doc: text("按什么分组，{栏: 表达式}，如 {reason: .reason}：每组得出一条记录，先是这些栏。词按词表的次序，其余从小到大，没有的在最后", "what the elements are grouped by, {field: expression}, such as {reason: .reason}: each group gives a record, which has these fields first. Words come in the order of their list, all else ascending, none last")},
	{Name: "fields", Kind: policy.Expressions, Element: true, Doc: text("记录的各栏，{栏: 表达式}：.栏 指该项的，如 {total: .count * .price}；分组时 group 是这一组的各项，如 {times: len(group), total: sum(group, .price)}", "the fields of a record, {field: expression}, in which .field is the element's, as in {total: .count * .price}; of groups, group is the list of its elements, as in {times: len(group), total: sum(group, .price)}")},
	eachColumns,
}

// eachColumns labels the fields of records.
var eachColumns = policy.Field{Name: "columns", Kind: policy.StructMap, Doc: text("各栏的名称 {栏: {zh, en}}；照取一项事实的栏，不写即用该事实的名称", "labels of the fields, {field: {zh, en}}; one that is just a fact has by default that of the fact"), Fields: []policy.Field{
	{Name: "zh", Kind: policy.Wording, Doc: text("中文名称", "Chinese label")},
	{Name: "en", Kind: policy.Wording, Doc: text("英文名称", "English label")},
}}

// eachFigure makes a list of records: one for each element of a list, or for
// each group of elements.
type eachFigure struct {
	part   *form.Part
	when   *condition.Program
	each   *condition.Program
	keys   []form.NamedExpr // by which the elements are grouped; none: they are not
	fields []form.NamedExpr // of a record, behind the keys
	group  int              // the slot of the elements of a group
	list   *checked.Fact
	quiet  bool
	at     int
}

// isEach reports whether a figure has keys of one that makes a list.
func isEach(p *form.Part) bool {
	return slices.ContainsFunc(eachFields, func(f policy.Field) bool { return p.Has(f.Name) })
}

func buildEachFigure(b *form.Builder, p *form.Part) form.Evaluator {
	u := &eachFigure{part: p, when: p.Expr("when"), each: p.Expr("each"), quiet: p.Flag("quiet", false), group: -1}
	if len(b.Parts) > 1 {
		b.Parts[1].Fail("part_of", "cannot_be_part", text("有 each 的算值规则不能分组", "a figure with each cannot be grouped"), text("各写各的，再用 joined 或条件取用", "write separate figures"))
	}
	for _, key := range []string{"is", "words", "rounded"} {
		if p.Has(key) {
			p.Fail(key, "figure_unclear", text("有 each 的，各栏写在 fields 下，这里不必写", "with each, fields say what there is; this says something else"), diagnostic.Textf("删去 %s 或 each", "remove either %s or each", key))
		}
	}
	for _, key := range []string{"each", "fields", "group_by"} {
		entries := 1
		if p.Has(key) && key != "each" {
			entries = len(p.Item.Get(key).Entries)
		}
		if key != "group_by" && !p.Has(key) || entries == 0 {
			p.Fail(key, "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", key), map[string]policy.Text{
				"each": text("补上 each: 列表", "add each: a list"), "fields": text("补上 fields: {栏: 表达式}", "add fields: {field: expression}"), "group_by": text("写 group_by: {栏: 表达式}", "write group_by: {field: expression}"),
			}[key])
		}
	}
	typ := &value.Type{Kind: value.List, Elem: &value.Type{Kind: value.Record}}
	if u.each != nil && u.each.Type().Elem != nil {
		u.compile(b, p)
		typ.Elem = u.describe(b, p)
	}
	u.at = b.Output("value", typ)
	return u
}

// compile compiles the expressions about an element and, where elements are
// grouped, about a group.
func (u *eachFigure) compile(b *form.Builder, p *form.Part) {
	if !p.Has("group_by") {
		b.Inside(u.each, func() { u.fields = p.Exprs("fields") })
		for _, f := range u.fields {
			p.ChargeKept(f.Expr)
		}
		return
	}
	b.Inside(u.each, func() { u.keys = p.Exprs("group_by") })
	for _, k := range u.keys {
		if k.Expr == nil {
			continue
		}
		switch k.Expr.Type().Kind {
		case value.Word, value.Name, value.Article, value.YesNo, value.Count, value.Date, value.Month, value.Moment:
		default:
			p.Fail("group_by", "type_mismatch", diagnostic.Wording("不能按%s分组：%s", "%[2]s cannot be grouped by: it is a %[1]s", condition.TypeText(k.Expr.Type()), text(k.Name, k.Name)), text("按词、名称、是否、整数、日期或月份分组", "group by a word, a name, a yes/no, a whole number, a date or a month"))
		}
	}
	u.group = b.Local("group", checked.ListOf(u.each.Type().Elem))
	u.fields = p.Exprs("fields")
	for _, f := range u.fields {
		p.ChargeGroups(f.Expr, u.group)
	}
}

// describe finds type and labels of the records.
func (u *eachFigure) describe(b *form.Builder, p *form.Part) *value.Type {
	source := b.ListFact(u.each)
	if u.group >= 0 && source != nil {
		of := *source
		of.Fact = &policy.Fact{Name: source.Name, Label: diagnostic.Wording("本组的%s", "%s of the group", source.Label)}
		b.Describe(u.group, &of)
	}
	var fields []value.Field
	for _, f := range slices.Concat(u.keys, u.fields) {
		fields = append(fields, fieldOf(f))
	}
	u.list = describeRecords(p, source, fields)
	return b.RecordType(fields)
}

// fieldOf is an expression as a field of records.
func fieldOf(f form.NamedExpr) value.Field {
	if f.Expr == nil {
		return value.Field{Name: f.Name, Type: &value.Type{}}
	}
	return value.Field{Name: f.Name, Type: f.Expr.Type(), MayBeNone: f.Expr.MayBeNone()}
}

// describeRecords are the labels of records that a rule makes of the elements of
// a list, as of a list of facts; it reports names that fields cannot have, and labels
// of what is none of the fields or others.
func describeRecords(p *form.Part, source *checked.Fact, fields []value.Field, others ...string) *checked.Fact {
	labels := map[string]policy.Text{}
	for _, x := range p.StructMap("columns") {
		if !slices.Contains(others, x.Name) {
			labels[x.Name], _ = p.Builder.Plan.Book.ColumnLabel(p.Rule, x.Name)
		}
	}
	list := &checked.Fact{Fact: &policy.Fact{Name: p.Rule.Name, Label: p.Label()}, Elem: &checked.Fact{Vars: map[string]*checked.Fact{}}}
	for i, f := range fields {
		switch {
		case !checked.SnakeCase.MatchString(f.Name) || len(f.Name) > checked.MaxIdentifier:
			p.Fail("fields", "bad_name", checked.BadName(f.Name), text("用小写英文字母、数字和下划线", "use lower-case letters, digits and underscores"))
		case checked.IsReserved(f.Name):
			p.Fail("fields", "reserved_name", checked.ReservedName(f.Name), text("换一个名称", "choose another name"))
		case slices.ContainsFunc(fields[:i], func(x value.Field) bool { return x.Name == f.Name }):
			p.Fail("fields", "duplicate_item", diagnostic.Textf("%q 列了两次", "%q is listed twice", f.Name), text("删去一个", "remove one"))
		}
		label, ok := labels[f.Name]
		delete(labels, f.Name)
		if fact := source.ElementField(fieldText(p, f.Name)); !ok && fact != nil {
			label, ok = fact.Label, true
		}
		if ok {
			list.Elem.Vars[f.Name] = &checked.Fact{Fact: &policy.Fact{Name: f.Name, Label: label}, Typ: f.Type, Slot: -1}
		}
	}
	for name := range labels {
		p.Fail("columns", "unknown_key", diagnostic.Textf("记录没有 %q 这一栏", "the records have no field %q", name), diagnostic.OneOf(name, namesOf(fields)))
	}
	return list
}

// fieldText is the expression of a field as it is written.
func fieldText(p *form.Part, name string) string {
	for _, key := range []string{"group_by", "fields"} {
		if i := p.Item.Get(key); !i.None() && !i.Get(name).None() {
			return i.Get(name).Text
		}
	}
	return ""
}

func namesOf(fields []value.Field) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return names
}

// Evaluate makes the list. What is unknown in one record does not matter to the
// others; which groups there are rests on every element.
func (u *eachFigure) Evaluate(r *form.Run) {
	if !makesRecords(r, u.part, u.when, u.at) {
		return
	}
	var records []value.Value
	state := u.walk(r, func(keys []value.Value) {
		fields := slices.Grow(slices.Clone(keys), len(u.fields))
		for _, f := range u.fields {
			fields = append(fields, r.Eval(f.Expr))
		}
		record := value.RecordOf(fields)
		record.N = int64(len(records)) // its place, as a list of facts has it
		records = append(records, record)
	})
	if state == value.Unknown {
		r.Undetermined(u.part)
	}
	r.Set(u.at, value.ListIn(value.List, state, records))
}

// makesRecords reports whether a rule that makes a list applies. Where it does not,
// there is no list; where that is not known, none is known.
func makesRecords(r *form.Run, p *form.Part, when *condition.Program, slot int) bool {
	applies := r.When(p, when)
	switch {
	case applies.True():
		return true
	case applies.IsUnknown():
		r.Set(slot, value.In(value.List, value.Unknown))
	default:
		r.Set(slot, value.In(value.List, value.None))
	}
	return false
}

// walk visits the elements, or the groups with their keys, so that the
// expressions of fields look at them; and gives what is known of the list.
func (u *eachFigure) walk(r *form.Run, visit func(keys []value.Value)) value.State {
	if u.group < 0 {
		list := r.Eval(u.each)
		r.Each(form.ListOf(u.each), list.L(), func(int, value.Value) { visit(nil) })
		return list.State
	}
	groups, state := u.groups(r)
	for _, g := range groups {
		if r.Err == nil {
			u.inGroup(r, g, visit)
		}
	}
	return state
}

// elementGroup is the elements of one group, and where they come from.
type elementGroup struct {
	keys  []value.Value
	each  []value.Value
	slots []int
	at    []int
}

// groups are the groups in order; unknown where a key of an element is.
func (u *eachFigure) groups(r *form.Run) ([]*elementGroup, value.State) {
	var groups []*elementGroup
	byKey := map[string]*elementGroup{}
	lacking := false
	list := r.Eval(u.each)
	r.Each(form.ListOf(u.each), list.L(), func(int, value.Value) {
		keys := make([]value.Value, len(u.keys))
		var id []byte
		for i, k := range u.keys {
			keys[i] = r.Eval(k.Expr)
			lacking = lacking || keys[i].IsUnknown()
			key := keys[i]
			if _, own := key.Clocks(); own { // the same moment
				key = momentOf(key.N)
			}
			id = key.AppendBytes(id)
		}
		g := byKey[string(id)]
		if g == nil {
			g = &elementGroup{keys: keys}
			byKey[string(id)], groups = g, append(groups, g)
		}
		g.each, g.slots, g.at = append(g.each, r.Elem), append(g.slots, r.ElemSlot), append(g.at, r.ElemAt)
	})
	switch {
	case !list.IsKnown():
		return nil, list.State
	case lacking:
		return nil, value.Unknown
	}
	slices.SortFunc(groups, func(a, b *elementGroup) int {
		for i := range a.keys {
			if n := u.compare(i, a.keys[i], b.keys[i]); n != 0 {
				return n
			}
		}
		return 0
	})
	return groups, value.Known
}

// compare orders two keys: words as in their list, what is none last.
func (u *eachFigure) compare(i int, a, b value.Value) int {
	if a.IsNone() || b.IsNone() {
		return cmp.Compare(b.State, a.State)
	}
	switch words := form.WordsOf(u.keys[i].Expr); a.K {
	case value.Word:
		if words != nil && words.Index(a.S()) != words.Index(b.S()) {
			return cmp.Compare(words.Index(a.S()), words.Index(b.S()))
		}
		return strings.Compare(a.S(), b.S())
	case value.Name, value.Article:
		return strings.Compare(a.S(), b.S())
	}
	return cmp.Compare(a.N, b.N)
}

// inGroup visits a group. What its elements lack is named as where they come
// from.
func (u *eachFigure) inGroup(r *form.Run, g *elementGroup, visit func(keys []value.Value)) {
	from := len(r.Needs)
	r.Set(u.group, value.ListOf(g.each))
	visit(g.keys)
	kept := r.Needs[:from]
	for _, n := range r.Needs[from:] {
		if n.Slot == u.group && n.Index >= 0 && n.Index < len(g.each) {
			if g.slots[n.Index] < 0 { // of what was made there, all that is unknown was named when it was
				continue
			}
			n.Slot, n.Index = g.slots[n.Index], g.at[n.Index]
		}
		kept = append(kept, n)
	}
	r.Needs = kept
}

// Lacks tells what a field of a record wanted.
func (u *eachFigure) Lacks(r *form.Run, record, field int) []value.Need {
	needs, err := r.Needs, r.Err
	r.Needs, r.Err = nil, nil
	place := 0
	u.walk(r, func([]value.Value) {
		if place == record {
			for i, f := range u.fields {
				if field < 0 || field == len(u.keys)+i {
					u.evaluated(r, f.Expr)
				}
			}
		}
		place++
	})
	lacks := r.Needs
	r.Needs, r.Err = needs, err
	return lacks
}

// evaluated evaluates a field again. Where its value is known and has something
// unknown in it, that is wanted.
func (u *eachFigure) evaluated(r *form.Run, p *condition.Program) {
	from := len(r.Needs)
	v := r.Eval(p)
	if !v.Partial() || len(r.Needs) > from {
		return
	}
	if u.group < 0 {
		r.Needs = append(r.Needs, unknownFields(r.Elem, r.ElemSlot, r.ElemAt, p.ElementFields())...)
		return
	}
	for i, e := range r.Slots[u.group].L() {
		r.Needs = append(r.Needs, unknownFields(e, u.group, i, nil)...)
	}
}

// unknownFields are the needs for the fields of an element that are not known:
// of the given ones or, where none are given, of all.
func unknownFields(e value.Value, slot, at int, fields []int) []value.Need {
	var needs []value.Need
	for i, v := range e.L() {
		if slot >= 0 && v.Partial() && (fields == nil || slices.Contains(fields, i)) {
			needs = append(needs, unknownItems(v, value.Need{Slot: slot, Index: at, Field: i})...)
		}
	}
	return needs
}

// unknownItems are the needs for what is not known in a field of an element: the
// field itself or, of a list of records, what these lack.
func unknownItems(v value.Value, field value.Need) []value.Need {
	if v.K != value.List || !v.IsKnown() || slices.ContainsFunc(v.L(), func(item value.Value) bool { return item.K != value.Record || !item.IsKnown() }) {
		return []value.Need{field}
	}
	var needs []value.Need
	for i, item := range v.L() {
		for k, x := range item.L() {
			if x.Partial() {
				n := field
				n.Item, n.ItemField = i+1, k+1
				needs = append(needs, n)
			}
		}
	}
	return needs
}

// Described is the list with the labels of its fields.
func (u *eachFigure) Described() *checked.Fact { return u.list }

// Explain tells each record, where they are few, and else how many there are.
func (u *eachFigure) Explain(r *form.Run, s *form.Story) {
	const few = 6
	if !r.DidApply(u.part) || u.quiet {
		return
	}
	records := r.Slots[u.at].L()
	if len(records) == 0 || len(records) > few {
		s.Tellf(u.part, "共 %d 条", "%d in all", len(records))
		return
	}
	u.walk(r, func(keys []value.Value) {
		var parts []string
		for i, v := range keys {
			parts = append(parts, u.called(s, u.keys[i].Name)+s.ShowAs(v, u.keys[i].Expr.Type()))
		}
		for _, f := range u.fields {
			parts = append(parts, u.called(s, f.Name)+s.HowOfElement(f.Expr))
		}
		if r.Err == nil {
			told := strings.Join(parts, s.Pick("；", "; "))
			s.Tell(u.part, policy.Text{ZH: told, EN: told})
		}
	})
}

// called is the label of a field, or its name, in front of its value.
func (u *eachFigure) called(s *form.Story, name string) string { return calledIn(u.list, s, name) }

func calledIn(list *checked.Fact, s *form.Story, name string) string {
	return labelIn(list, s, name) + s.Pick("：", ": ")
}

// labelIn is the label of a field of records, or else its name.
func labelIn(list *checked.Fact, s *form.Story, name string) string {
	if f := list.Elem.Vars[name]; f != nil {
		return f.Label.In(s.Lang)
	}
	return name
}
