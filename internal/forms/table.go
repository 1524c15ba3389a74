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

func tableForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "table", Section: "tables",
		Doc: text("表：各行按键（词、数值范围）取一行，给出几个结果；每种情形恰有一行，缺的、重的在装载时指出",
			"a table: the keys (words, ranges) pick one row, which gives its results; every case has exactly one row, and what is missing or double is told at load"),
		Fields: []policy.Field{
			whenField,
			{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Doc: text("列表：对它的每一项各取一行，得出记录的列表 value，次序不变", "a list: a row is found for each of its elements, which gives a list of records, value, in its order")},
			{Name: "fields", Kind: policy.Expressions, Element: true, Doc: text("与 each 同用：记录在结果之前的各栏，{栏: 表达式}，如 {id: .id}", "with each: the fields of a record before the results, {field: expression}, such as {id: .id}")},
			{Name: "columns", Kind: policy.StructMap, Doc: text("键、结果和 fields 各栏的名称 {名称: {zh, en}}，理由和网页里这样叫", "labels of keys, results and fields, {name: {zh, en}}: so reasons and pages call them"), Fields: eachColumns.Fields},
			{Name: "keys", Kind: policy.Expressions, Required: true, Element: true, Doc: text("键：{名称: 表达式}", "the keys: {name: expression}")},
			{Name: "rows", Kind: policy.Structs, Required: true, Doc: text("各行", "the rows"), Fields: []policy.Field{
				{Name: "where", Kind: policy.Cells, Required: true, Doc: text("键须为什么：词、[词, 词]、15以上不满30、不满15、超过30、某个值、none（没有）、any；不写即 any；其余情况的一行写 where: otherwise",
					"what the keys must be: a word, [word, word], from 15 below 30, below 15, above 30, one value, none (there is none), any, which is what a key that is left out is; where: otherwise is the row for all that no other row is for")},
				{Name: "gives", Kind: policy.Expressions, Required: true, Element: true, Doc: text("结果：{名称: 表达式}，每行的名称相同", "the results: {name: expression}, of the same names in every row")},
				{Name: "article", Kind: policy.Code, Doc: text("该行所在的条款，若不是本条", "the article of the row, if not this one")},
			}},
		},
		Outputs: []policy.Output{
			{Name: "RESULT", Type: "as computed", Doc: text("各结果，名称如 gives 所写", "each result, under its name in gives")},
			{Name: "value", Type: "list of records", Doc: text("写 each 的：记录的列表，各有 fields 和各结果", "with each: the list of records, each with the fields and the results")},
		},
	}, Build: buildTable}
}

// tableUnit is a table with its rows.
type tableUnit struct {
	part  *form.Part
	when  *condition.Program
	keys  []form.CellKey
	rows  []tableRow
	at    []int // the slots of the results
	typ   []*value.Type
	name  []string
	items *checked.Fact // the list whose elements the keys are of, where it is a fact; else nil
}

type tableRow struct {
	part  *form.Part // filed under the article of the row
	cells []form.Cell
	// order are the cells to look at, but those that are Any. Keys that are amounts
	// of any currency come last: a row that is for another currency has failed before
	// they are compared.
	order []int
	// rest is true of the row that is for all that no other row is for, also where
	// a key is none. All its cells are Any.
	rest   bool
	chosen bool                 // one of its cells is chosen by a reading, a fact or the date
	gives  []*condition.Program // in the order of the results
}

func buildTable(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	if isEachTable(p) {
		return buildEachTable(b, p)
	}
	t := &tableUnit{part: p, when: p.Expr("when")}
	t.compile()
	t.checkColumns()
	for i, name := range t.name {
		t.at = append(t.at, b.Output(name, t.typ[i], t.sources(i)...))
	}
	return t
}

// checkColumns reports labels of what is neither a key nor a result.
func (t *tableUnit) checkColumns() {
	names := slices.Concat(t.keyNames(), t.name)
	for _, x := range t.part.StructMap("columns") {
		if !slices.Contains(names, x.Name) {
			t.part.Fail("columns", "unknown_key", diagnostic.Textf("表没有名为 %q 的键或结果", "the table has no key or result %q", x.Name), diagnostic.OneOf(x.Name, names))
		}
	}
}

func (t *tableUnit) keyNames() []string {
	var names []string
	for _, key := range t.keys {
		names = append(names, key.Name)
	}
	return names
}

// sources are those of a result: what the rows give. That one of them holds where
// the table applies is checked.
func (t *tableUnit) sources(result int) []condition.Source {
	var all []condition.Source
	for _, w := range t.rows {
		all = append(all, condition.Source{When: t.when, Is: w.gives[result]})
	}
	return all
}

// compile compiles keys and rows, and checks that every case has one row.
func (t *tableUnit) compile() {
	p := t.part
	t.keys = p.CellKeys("keys")
	sound := len(t.keys) > 0
	for _, x := range p.Structs("rows") {
		row := tableRow{part: p, cells: x.Cells("where", t.keys), rest: x.Otherwise("where"), chosen: x.CellsChosen("where")}
		if x.Has("article") {
			row.part = p.Under(x.ArticleIn("article"))
		}
		row.order = t.orderOf(row.cells)
		row.gives = t.given(x)
		t.rows = append(t.rows, row)
	}
	for i := range t.name {
		if t.typ[i] == nil {
			t.typ[i] = &value.Type{}
		}
	}
	for _, key := range t.keys {
		sound = sound && key.Expr != nil && key.Expr.Type() != nil && key.Expr.Type().Kind != value.Invalid
	}
	if sound {
		t.check()
	}
}

// given is what a row gives. The first row says which results there are.
func (t *tableUnit) given(x *form.Part) []*condition.Program {
	given := x.Exprs("gives")
	if t.name == nil {
		for _, g := range given {
			t.name, t.typ = append(t.name, g.Name), append(t.typ, nil)
		}
	}
	all := make([]*condition.Program, len(t.name))
	for _, g := range given {
		i := slices.Index(t.name, g.Name)
		if i < 0 {
			x.Fail("gives", "unknown_key", diagnostic.Textf("前面的行没有结果 %q", "the rows before it have no result %q", g.Name), diagnostic.OneOf(g.Name, t.name))
			continue
		}
		all[i] = g.Expr
		if g.Expr == nil || g.Expr.Type() == nil {
			continue
		}
		switch typ := g.Expr.Type(); {
		case t.typ[i] == nil:
			t.typ[i] = typ
		case t.typ[i].Kind == value.Count && typ.Kind == value.Ratio:
			t.typ[i] = typ // a ratio may be a count, too
		case t.typ[i].Kind == value.Ratio && typ.Kind == value.Count:
		case t.typ[i].Kind != typ.Kind:
			before, here := condition.TypeText(t.typ[i]), condition.TypeText(typ)
			remedy := text("让各行给出同一类型", "give values of one type in all rows")
			if v, ok := g.Expr.Const(); ok && typ.Kind == value.Count && v.State == value.Known && t.typ[i].Kind == value.Money && t.typ[i].In != 0 {
				remedy = diagnostic.Textf("写明货币：%d %s", "write the currency too: %d %s", v.N, t.typ[i].In.Code())
			}
			x.Fail("gives", "type_mismatch", diagnostic.Textf("结果 %[1]s 在各行类型不一：前面是%[2]s，这里是%[3]s", "the result %[1]s differs in type from row to row: a %[4]s before, a %[5]s here", g.Name, before.ZH, here.ZH, before.EN, here.EN), remedy)
		default:
			t.typ[i] = jointType(t.typ[i], typ)
		}
	}
	for i, name := range t.name {
		if !slices.ContainsFunc(given, func(g form.NamedExpr) bool { return g.Name == name }) {
			x.Fail("gives", "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", name), diagnostic.Textf("补上 %s: 表达式", "add %s: an expression", name))
			all[i] = nil
		}
	}
	return all
}

// HasSeveralResults says that each result is known by itself.
func (t *tableUnit) HasSeveralResults() {}

// Evaluate gives what the one row gives that holds.
func (t *tableUnit) Evaluate(r *form.Run) {
	if applies := r.When(t.part, t.when); !applies.True() {
		state := value.None
		if applies.IsUnknown() {
			state = value.Unknown
		}
		for i, slot := range t.at {
			r.Set(slot, value.In(t.typ[i].Kind, state))
		}
		return
	}
	for i, v := range t.results(r) {
		r.Set(t.at[i], v)
	}
}

// results are what the one row gives that holds. Where that is not known, a
// result is still known that is the same in all rows that may hold.
func (t *tableUnit) results(r *form.Run) []value.Value {
	since := r.Lacking()
	row, open := t.find(r)
	all, lacking := make([]value.Value, len(t.name)), false
	for k := range all {
		switch {
		case row >= 0:
			if all[k] = t.give(r, row, k); all[k].IsUnknown() {
				r.Undetermined(t.rows[row].part)
			}
			continue
		case len(open) > 0:
			all[k] = t.sameIn(r, open, k)
		default:
			all[k] = value.UnknownOf(t.typ[k].Kind)
		}
		if lacking = lacking || all[k].IsUnknown(); !all[k].IsUnknown() {
			r.Applied(t.part)
		}
	}
	if row < 0 && !lacking {
		r.Ignore(since)
	}
	return all
}

// sameIn is the k-th result if it is the same in all of the rows.
func (t *tableUnit) sameIn(r *form.Run, rows []int, k int) value.Value {
	since, watch := r.Lacking(), r.Watch
	r.Watch = nil // none of these rows is picked
	first := t.give(r, rows[0], k)
	for _, row := range rows[1:] {
		if v := t.give(r, row, k); !v.IsKnown() || !first.IsKnown() || !v.Equal(first) {
			first = value.UnknownOf(t.typ[k].Kind)
		}
	}
	r.Ignore(since)
	r.Watch = watch
	if !first.IsKnown() {
		return value.UnknownOf(t.typ[k].Kind)
	}
	return first
}

// find is the one row that holds; or else -1, with those that may: none where a
// key may have no value, and no row is for that.
func (t *tableUnit) find(r *form.Run) (row int, open []int) {
	since := r.Lacking()
	for i := range t.keys {
		// The cells hold the key within them; by itself it is evaluated to note
		// whether another option makes it another, and for who watches what is.
		if t.keys[i].Chosen() || r.Watch != nil {
			r.Eval(t.keys[i].Expr)
		}
	}
	r.Ignore(since)
	for i := range t.rows {
		switch t.holds(r, i) {
		case value.Known:
			r.Ignore(since)
			r.Applied(t.part)
			r.Applied(t.rows[i].part)
			return i, nil
		case value.Unknown:
			open = append(open, i)
		}
	}
	if len(open) == 0 { // a key has no value, and no row is for that
		for _, key := range t.keys {
			if v := r.Eval(key.Expr); v.IsNone() {
				r.Need(key.Expr)
			}
		}
	}
	r.Undetermined(t.part)
	before := r.Lacking()
	for k, key := range t.keys {
		forNone := slices.ContainsFunc(t.rows, func(w tableRow) bool { return w.rest || w.cells[k].None })
		if r.Eval(key.Expr).IsUnknown() && key.Expr.MayBeNone() && !forNone {
			open = nil
		}
	}
	r.Ignore(before)
	return -1, open
}

// holds is Known where a row holds, None where it does not.
func (t *tableUnit) holds(r *form.Run, row int) value.State {
	if !t.rows[row].rest {
		return t.rows[row].cellsHold(r)
	}
	state := value.Known
	for i := range t.rows {
		if t.rows[i].rest {
			continue
		}
		switch t.rows[i].cellsHold(r) {
		case value.Known:
			return value.None
		case value.Unknown:
			state = value.Unknown
		}
	}
	return state
}

// cellsHold is Known where all cells of the row hold, None where one does not.
func (w *tableRow) cellsHold(r *form.Run) value.State {
	state := value.Known
	for _, i := range w.order {
		switch v := r.Eval(w.cells[i].Holds); {
		case v.IsUnknown():
			state = value.Unknown
		case !v.True():
			return value.None
		}
	}
	return state
}

func (t *tableUnit) orderOf(cells []form.Cell) []int {
	var order, last []int
	for i := range cells {
		switch key := t.keys[i].Expr; {
		case cells[i].Any:
		case key != nil && key.Type() != nil && anyCurrency(key.Type()):
			last = append(last, i)
		default:
			order = append(order, i)
		}
	}
	return append(order, last...)
}

// give is the k-th result of a row.
func (t *tableUnit) give(r *form.Run, row, k int) value.Value {
	if t.rows[row].gives[k] == nil {
		return value.UnknownOf(t.typ[k].Kind)
	}
	return r.Eval(t.rows[row].gives[k])
}

// Explain tells the row that holds, why, and what it gives.
func (t *tableUnit) Explain(r *form.Run, s *form.Story) {
	if !r.DidApply(t.part) {
		return
	}
	how := func(p *condition.Program, typ *value.Type) string { return s.How(p, typ) }
	row, told := t.told(r, s, func(name string) string { return s.Column(t.part.Rule, name) }, how)
	if row >= 0 {
		s.Tell(t.rows[row].part, policy.Text{ZH: told, EN: told})
		return
	}
	var known []string
	for k, slot := range t.at {
		if v := r.Slots[slot]; v.IsKnown() {
			known = append(known, s.Column(t.part.Rule, t.name[k])+s.Pick("为", " ")+s.ShowAs(v, t.typ[k]))
		}
	}
	if len(known) > 0 {
		s.Tellf(t.part, "无论适用哪一行：%s", "whichever row it is: %s", strings.Join(known, s.Pick("，", ", ")))
	}
}

// noOther tells what the keys are of which no other row is.
func (t *tableUnit) noOther(r *form.Run, s *form.Story) string {
	var are []string
	for _, key := range t.keys {
		v := r.Eval(key.Expr)
		if v.IsUnknown() {
			continue // it makes no difference
		}
		are = append(are, s.Column(t.part.Rule, key.Name)+s.Pick("为", " is ")+s.ShowAs(v, key.Expr.Type()))
	}
	return strings.Join(append(are, s.Pick("没有别的行适用", "no other row is for this")), s.Pick("，", ", "))
}

// told is the row that holds, and how it and what it gives are told.
func (t *tableUnit) told(r *form.Run, s *form.Story, name func(string) string, how func(*condition.Program, *value.Type) string) (row int, text string) {
	for i := range t.rows {
		w := &t.rows[i]
		if t.holds(r, i) != value.Known {
			continue
		}
		why := ""
		if w.rest {
			why = t.noOther(r, s)
		}
		for k := range w.cells {
			if x := &w.cells[k]; !x.Any {
				if told := s.Why(x.Holds); told != "" {
					// What was computed and has no name is told by that of the key.
					if key := t.keys[k]; key.Expr.Type().Kind == value.YesNo && told == s.Show(r.Eval(key.Expr)) {
						told = s.Column(t.part.Rule, key.Name) + s.Pick("为", " is ") + told
					}
					if why != "" {
						why += s.Pick("；", "; ")
					}
					why += told
				}
			}
		}
		gives := ""
		for k := range t.name {
			if gives != "" {
				gives += s.Pick("，", ", ")
			}
			gives += name(t.name[k]) + s.Pick("为", " ") + how(w.gives[k], t.typ[k])
		}
		if why != "" {
			why += s.Pick("，取 ", " → ")
		}
		return i, why + gives
	}
	return -1, ""
}
