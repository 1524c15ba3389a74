package forms

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
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
			{Name: "keys", Kind: policy.Expressions, Required: true, Doc: text("键：{名称: 表达式}", "the keys: {name: expression}")},
			{Name: "rows", Kind: policy.Structs, Required: true, Doc: text("各行", "the rows"), Fields: []policy.Field{
				{Name: "where", Kind: policy.Cells, Required: true, Doc: text("键须为什么：词、[词, 词]、15以上不满30、不满15、超过30、某个值、none（没有）、any；不写即 any",
					"what the keys must be: a word, [word, word], from 15 below 30, below 15, above 30, one value, none (there is none), any, which is what a key that is left out is")},
				{Name: "gives", Kind: policy.Expressions, Required: true, Doc: text("结果：{名称: 表达式}，每行的名称相同", "the results: {name: expression}, of the same names in every row")},
				{Name: "article", Kind: policy.Code, Doc: text("该行所在的条款，若不是本条", "the article of the row, if not this one")},
			}},
		},
		Outputs: []policy.Output{{Name: "RESULT", Type: "as computed", Doc: text("各结果，名称如 gives 所写", "each result, under its name in gives")}},
	}, Build: buildTable}
}

// tableUnit is a table with its rows.
type tableUnit struct {
	part *form.Part
	keys []form.CellKey
	rows []tableRow
	at   []int // the slots of the results
	typ  []*value.Type
	name []string
}

type tableRow struct {
	part  *form.Part // filed under the article of the row
	cells []form.Cell
	gives []*condition.Program // in the order of the results
}

func buildTable(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	t := &tableUnit{part: p, keys: p.CellKeys("keys")}
	rows := p.Structs("rows")
	sound := len(t.keys) > 0
	for _, x := range rows {
		row := tableRow{part: p, cells: x.Cells("where", t.keys)}
		if x.Has("article") {
			row.part = p.Under(x.ArticleIn("article"))
		}
		row.gives = t.results(x)
		t.rows = append(t.rows, row)
	}
	for i, name := range t.name {
		if t.typ[i] == nil {
			t.typ[i] = &value.Type{}
		}
		t.at = append(t.at, b.Output(name, t.typ[i]))
	}
	for _, key := range t.keys {
		sound = sound && key.Expr != nil && key.Expr.Type() != nil
	}
	if sound {
		t.check()
	}
	return t
}

// results are what a row gives. The first row says which there are.
func (t *tableUnit) results(x *form.Part) []*condition.Program {
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
			x.Fail("gives", "type_mismatch", diagnostic.Textf("结果 %s 在各行类型不一：%s 与 %s", "the result %s differs in type from row to row: %s and %s", g.Name, t.typ[i], typ),
				text("让各行给出同一类型", "give values of one type in all rows"))
		default:
			t.typ[i] = mergeWords(t.typ[i], typ)
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

// Evaluate finds the one row that holds. Where a key is not known, each result
// is still known that is the same in all rows that may hold.
func (t *tableUnit) Evaluate(r *form.Run) {
	since := r.Lacking()
	for i := range t.keys {
		if t.keys[i].Chosen() {
			r.Eval(t.keys[i].Expr) // which notes whether another option makes it another
		}
	}
	r.Ignore(since)
	var open []int
	for i := range t.rows {
		switch t.rows[i].holds(r) {
		case value.Known:
			r.Ignore(since)
			t.give(r, i)
			return
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
	for i, slot := range t.at {
		r.Set(slot, value.UnknownOf(t.typ[i].Kind))
	}
}

// holds is Known where the row holds, None where it does not.
func (w *tableRow) holds(r *form.Run) value.State {
	state := value.Known
	for i := range w.cells {
		c := &w.cells[i]
		if c.Any {
			continue
		}
		switch v := r.Eval(c.Holds); {
		case v.IsUnknown():
			state = value.Unknown
		case !v.True():
			return value.None
		}
	}
	return state
}

func (t *tableUnit) give(r *form.Run, i int) {
	r.Applied(t.part)
	r.Applied(t.rows[i].part)
	for k, slot := range t.at {
		v := r.Eval(t.rows[i].gives[k])
		if v.IsUnknown() {
			r.Undetermined(t.rows[i].part)
		}
		r.Set(slot, v)
	}
}

// Explain tells the row that holds, why, and what it gives.
func (t *tableUnit) Explain(r *form.Run, s *form.Story) {
	if !r.DidApply(t.part) {
		return
	}
	for i := range t.rows {
		w := &t.rows[i]
		if w.holds(r) != value.Known {
			continue
		}
		why := ""
		for k := range w.cells {
			if x := &w.cells[k]; !x.Any {
				if told := s.Why(x.Holds); told != "" {
					if why != "" {
						why += s.Pick("；", "; ")
					}
					why += told
				}
			}
		}
		gives := ""
		for k, name := range t.name {
			if gives != "" {
				gives += s.Pick("，", ", ")
			}
			gives += s.Word(name) + s.Pick("为", " ") + s.How(w.gives[k], t.typ[k])
		}
		if why != "" {
			why += s.Pick("，取 ", " → ")
		}
		s.Tellf(w.part, "%s%s", "%s%s", why, gives)
		return
	}
}
