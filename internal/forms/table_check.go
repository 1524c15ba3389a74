package forms

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// A table is complete and free of overlap if in each combination of what its
// keys can be exactly one row holds. What a key can be is cut into finitely many
// pieces: its words, or the bounds of its ranges and what lies between them; on
// one piece, every cell holds throughout or not at all.

// piece is some values of a key that every cell holds for, or none.
type piece struct {
	zh, en string // for findings
	rows   []bool // whose cells hold
}

// maxTableSteps bounds the search for combinations without a row.
const maxTableSteps = 200_000

// check reports rows that overlap, and combinations that no row is for.
func (t *tableUnit) check() {
	pieces := make([][]piece, len(t.keys))
	for k := range t.keys {
		pieces[k] = t.pieces(k)
	}
	if t.overlap(pieces) || t.severalRests() {
		return
	}
	rest := slices.IndexFunc(t.rows, func(w tableRow) bool { return w.rest })
	if rest >= 0 && t.choosesWhere() {
		return // what other rows are for is another thing on other days, or under other readings
	}
	search := gapSearch{pieces: pieces, left: maxTableSteps}
	for _, w := range t.rows {
		last := 0
		for k := range w.cells {
			if !w.cells[k].Any {
				last = k + 1
			}
		}
		search.last = append(search.last, last)
	}
	all := make([]bool, len(t.rows))
	for i := range all {
		all[i] = i != rest
	}
	gap := search.find(all, nil)
	switch {
	case search.left < 0:
		t.part.Fail("rows", source.CodeTooManyItems, text("表的情形太多，无法核对是否完整", "the table has too many cases to check that it is complete"),
			text("减少键，或分成几张表", "use fewer keys, or make several tables of it"))
	case rest >= 0:
		if gap == nil && !t.mayLackKey() {
			t.part.FailItem("rows", rest, "table_otherwise_never", text("其他各行已包括所有情形，这一行永远用不到", "the other rows are for every case, and this one is for none"), text("删去这一行", "remove this row"))
		}
	case gap != nil:
		var zh, en []string
		for k, i := range gap {
			x := pieces[k][i]
			zh, en = append(zh, t.keys[k].Name+" "+x.zh), append(en, t.keys[k].Name+" "+x.en)
		}
		t.part.Fail("rows", "table_gap", diagnostic.Textf("没有一行适用于：%[1]s", "no row is for: %[2]s", strings.Join(zh, "、"), strings.Join(en, ", ")),
			text("为它补一行 {where: {…}, gives: {…}}；其余情况都归一行的，写 {where: otherwise, gives: {…}}", "add a row {where: {…}, gives: {…}} for it, or {where: otherwise, gives: {…}} for all cases that are left"))
	}
}

// severalRests reports a second row for all other cases.
func (t *tableUnit) severalRests() bool {
	first := -1
	for i, w := range t.rows {
		switch {
		case w.rest && first >= 0:
			t.part.FailItem("rows", i, "table_overlap", diagnostic.Textf("这一行与第 %d 行都写 otherwise", "this row and row %d are both for all other cases", first+1), text("删去其中一行", "remove one of them"))
			return true
		case w.rest:
			first = i
		}
	}
	return false
}

// choosesWhere reports whether a reading, a fact or the date chooses what a key is,
// or must be in some row.
func (t *tableUnit) choosesWhere() bool {
	return slices.ContainsFunc(t.keys, func(k form.CellKey) bool { return k.Chosen() }) || slices.ContainsFunc(t.rows, func(w tableRow) bool { return w.chosen })
}

// mayLackKey reports whether a key may be none, as all that rules give may.
func (t *tableUnit) mayLackKey() bool {
	given := func(slot int) bool { return t.part.Builder.Plan.Owner[slot] != nil }
	return slices.ContainsFunc(t.keys, func(k form.CellKey) bool { return k.Expr.MayBeNone() || slices.ContainsFunc(k.Expr.Slots(), given) })
}

// overlap reports the first two rows that hold together.
func (t *tableUnit) overlap(pieces [][]piece) bool {
	for i := range t.rows {
		for j := range i {
			var zh, en []string
			if t.rows[i].rest || t.rows[j].rest {
				continue
			}
			for k := range t.keys {
				at := slices.IndexFunc(pieces[k], func(x piece) bool { return x.rows[i] && x.rows[j] })
				if at < 0 {
					zh = nil
					break
				}
				zh, en = append(zh, t.keys[k].Name+" "+pieces[k][at].zh), append(en, t.keys[k].Name+" "+pieces[k][at].en)
			}
			if zh != nil {
				t.part.FailItem("rows", i, "table_overlap", diagnostic.Textf("这一行与第 %[1]d 行同时适用于：%[2]s", "this row and row %[1]d are both for: %[3]s", j+1, strings.Join(zh, "、"), strings.Join(en, ", ")),
					text("把其中一行改窄，或删去", "narrow one of them, or remove it"))
				return true
			}
		}
	}
	return false
}

// gapSearch looks for a combination of pieces that no row holds for.
type gapSearch struct {
	pieces [][]piece
	last   []int // by row, the number of keys behind which it takes any
	left   int   // steps
}

// find is the numbers of the pieces, nil where there is none. The rows are those
// that hold for the pieces of the keys so far.
func (s *gapSearch) find(rows []bool, chosen []int) []int {
	if s.left -= 1 + len(rows)/64; s.left < 0 {
		return nil
	}
	k := len(chosen)
	if !slices.Contains(rows, true) {
		for len(chosen) < len(s.pieces) {
			chosen = append(chosen, 0)
		}
		return chosen
	}
	for n, holds := range rows {
		if holds && s.last[n] <= k {
			return nil
		}
	}
	for i, x := range s.pieces[k] {
		rest := make([]bool, len(rows))
		for n := range rows {
			rest[n] = rows[n] && x.rows[n]
		}
		if gap := s.find(rest, append(slices.Clip(chosen), i)); gap != nil {
			return gap
		}
	}
	return nil
}

// pieces are those of a key.
func (t *tableUnit) pieces(k int) []piece {
	typ := t.keys[k].Expr.Type()
	if typ.Kind == value.YesNo {
		return t.wordPieces(k, []string{"yes", "no"})
	}
	if typ.Kind == value.Word && typ.Words != nil {
		return t.wordPieces(k, typ.Words.Each)
	}
	return t.rangePieces(k)
}

func (t *tableUnit) wordPieces(k int, words []string) []piece {
	all := make([]piece, 0, len(words))
	for _, word := range words {
		x := piece{zh: "为 " + word, en: "is " + word}
		for _, w := range t.rows {
			c := &w.cells[k]
			x.rows = append(x.rows, c.Any || slices.Contains(c.Words, word))
		}
		all = append(all, x)
	}
	return all
}

// rangePieces are each bound, and what lies before, between and behind them.
// Between whole numbers, days, months or amounts that follow each other there is
// nothing.
func (t *tableUnit) rangePieces(k int) []piece {
	var bounds []value.Value
	for _, w := range t.rows {
		for _, b := range []*form.Bound{w.cells[k].Low, w.cells[k].High} {
			if b != nil {
				bounds = append(bounds, b.Value)
			}
		}
	}
	slices.SortFunc(bounds, form.CompareBounds)
	bounds = slices.CompactFunc(bounds, func(a, b value.Value) bool { return form.CompareBounds(a, b) == 0 })
	show := func(v value.Value) string { return v.Text(t.part.Zone()) }
	var all []piece
	add := func(low, high *form.Bound, zh, en string) {
		x := piece{zh: zh, en: en}
		for _, w := range t.rows {
			x.rows = append(x.rows, within(&w.cells[k], low, high))
		}
		all = append(all, x)
	}
	if len(bounds) == 0 {
		add(nil, nil, "为任何值", "is anything")
		return all
	}
	kind := t.keys[k].Expr.Type().Kind
	for i, b := range bounds {
		if i == 0 && kind == value.Count && b.K == kind && b.N == 0 && t.isCounted(k) {
			// below 0 there is nothing
		} else if i == 0 {
			add(nil, &form.Bound{Value: b, Open: true}, "不满 "+show(b), "is below "+show(b))
		} else if a := bounds[i-1]; !stepwise(kind) || a.K != kind || b.K != kind || b.N-a.N > 1 {
			add(&form.Bound{Value: a, Open: true}, &form.Bound{Value: b, Open: true},
				"超过 "+show(a)+" 不满 "+show(b), "is above "+show(a)+" and below "+show(b))
		}
		add(&form.Bound{Value: b}, &form.Bound{Value: b}, "为 "+show(b), "is "+show(b))
	}
	last := bounds[len(bounds)-1]
	add(&form.Bound{Value: last, Open: true}, nil, "超过 "+show(last), "is above "+show(last))
	return all
}

// isCounted reports whether a key is a fact of type count, which is never below 0, or
// such a field of an element.
func (t *tableUnit) isCounted(k int) bool {
	source := t.keys[k].Expr.Source()
	if f := t.part.Builder.Plan.Book.WordFact(source); f != nil {
		return f.TypeName == "count"
	}
	if t.items == nil || t.items.Elem == nil {
		return false
	}
	return slices.ContainsFunc(t.items.Elem.Fields, func(f *checked.Fact) bool { return source == "."+f.Name && f.TypeName == "count" })
}

// stepwise reports whether values of a kind follow each other, with nothing between.
func stepwise(k value.Kind) bool {
	return k == value.Count || k == value.Date || k == value.Month || k == value.Money
}

// within reports whether a cell holds for all values of a piece, which lies on
// one side of its bounds.
func within(c *form.Cell, low, high *form.Bound) bool {
	if c.Any {
		return true
	}
	if c.Low == nil && c.High == nil {
		return false
	}
	if c.Low != nil {
		if low == nil {
			return false
		}
		if n := form.CompareBounds(low.Value, c.Low.Value); n < 0 || n == 0 && c.Low.Open && !low.Open {
			return false
		}
	}
	if c.High != nil {
		if high == nil {
			return false
		}
		if n := form.CompareBounds(high.Value, c.High.Value); n > 0 || n == 0 && c.High.Open && !high.Open {
			return false
		}
	}
	return true
}
