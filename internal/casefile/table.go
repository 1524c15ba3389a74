package casefile

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// A case with a `table:` is one case for each of its rows:
//
//	- name: households per person
//	  question: contracting.load
//	  facts: {area: {type: urban}, staff: 1}
//	  table:
//	    facts: [households]
//	    expect: [verdict]
//	    rows:
//	      - [3999, below]
//	      - [4000, within]
//
// What a row says is added to the facts and expectations that stand beside the
// table. Its cells are those of facts first, then of readings, then of expect. A
// cell `_` says nothing.

// tableOf reads a table into the cases of its rows. The given case is what all
// of them have in common.
func (p *parser) tableOf(c *Case, table *source.Node) []*Case {
	if !p.is(table, source.Map, "a map of facts, expect and rows", "facts、expect、rows 三个键") {
		return nil
	}
	before := len(p.found)
	if p.keys(table, "facts", "readings", "expect", "rows"); len(p.found) > before {
		return nil // which cells are of which column is not known
	}
	facts, readings, expect := p.columns(table, "facts"), p.columns(table, "readings"), p.columns(table, "expect")
	rows := table.Get("rows")
	switch {
	case rows == nil:
		p.missing(table, "rows", diagnostic.Textf("补上 rows: 各行", "add rows: a list of lists"))
		return nil
	case len(facts)+len(readings) == 0:
		p.missing(table, "facts", diagnostic.Textf("补上 facts: 各列的事实", "add facts: the facts of the columns"))
		return nil
	case !p.is(rows, source.Seq, "a list of rows", "各行的列表"):
		return nil
	}
	if p.columnsMissing(table, rows, len(facts)+len(readings)+len(expect)) {
		return nil
	}
	var all []*Case
	for _, row := range rows.Items {
		if !p.is(row, source.Seq, "a list of cells", "一行的列表") {
			continue
		}
		if want := len(facts) + len(readings) + len(expect); len(row.Items) != want {
			if p.cutInRow(row, want) {
				continue
			}
			remedy := diagnostic.Textf("依次写 facts、readings、expect 的各列；没有的写 _", "write one cell for each column of facts, readings and expect, in that order; _ for none")
			at := row
			for _, cell := range row.Items {
				if plain, what := source.InASCII(cell.Text); !what.IsZero() && cell.Style == source.Plain && strings.Contains(plain, ",") {
					at, remedy = cell, diagnostic.Text{ZH: what.ZH + "：写 " + plain, EN: what.EN + ": write " + plain}
				}
			}
			p.fail("cells_missing", at, diagnostic.Textf("这一行有 %[1]d 格，应为 %[2]d 格", "the row has %[3]s and should have %[2]d", len(row.Items), want, diagnostic.Counted(len(row.Items), "cell", "cells")), remedy)
			continue
		}
		all = append(all, p.rowOf(c, row, facts, readings, expect))
	}
	return all
}

// columnsMissing reports a table whose rows all have another number of cells than
// it names columns: what is wrong is the columns, not each of the rows.
func (p *parser) columnsMissing(table, rows *source.Node, columns int) bool {
	cells := 0
	for i, row := range rows.Items {
		if n := len(row.Items); row.Kind != source.Seq || n == columns || i > 0 && n != cells {
			return false
		}
		cells = len(row.Items)
	}
	if len(rows.Items) < 2 {
		return false
	}
	p.fail("cells_missing", table.Entries[0].Key, diagnostic.Textf("各行都有 %[1]d 格，facts、readings、expect 一共却写了 %[2]d 列", "each row has %[3]s, and facts, readings and expect name %[2]d columns", cells, columns, diagnostic.Counted(cells, "cell", "cells")),
		diagnostic.Textf("每一列都要有名称：在 facts、readings 或 expect 里增减", "give each column its name: add one to facts, readings or expect, or take one away"))
	return true
}

// columns are the names that a table has under a key.
func (p *parser) columns(table *source.Node, key string) []*source.Node {
	n := table.Get(key)
	if n == nil || !p.is(n, source.Seq, "a list of names", "名称的列表") {
		return nil
	}
	return n.Items
}

// cutInRow reports the numbers that commas have cut into parts, where that is why
// a row has more cells than it should have.
func (p *parser) cutInRow(row *source.Node, want int) bool {
	var all []checked.CutNumber
	cells := len(row.Items)
	for i := range row.Items {
		if cut, parts, is := checked.CutInList(row, i); is {
			all = append(all, cut)
			cells -= parts
		}
	}
	if cells != want || len(all) == 0 {
		return false
	}
	for _, cut := range all {
		message, remedy := cut.Told()
		p.found = append(p.found, diagnostic.Diagnostic{Code: "cells_missing", Severity: diagnostic.Error, Span: cut.Span(), Message: message, Remedy: remedy})
	}
	return true
}

// rowOf is the case of one row.
func (p *parser) rowOf(common *Case, row *source.Node, facts, readings, expect []*source.Node) *Case {
	c := *common
	c.Span, c.Readings = row.Span, slices.Clone(common.Readings)
	var called []string
	cells := row.Items
	for i, column := range facts {
		if !saysNothing(cells[i]) {
			c.Facts = put(c.Facts, pathOf(column), cells[i])
		}
		called = append(called, cellText(cells[i]))
	}
	cells = cells[len(facts):]
	for i, column := range readings {
		if !saysNothing(cells[i]) {
			c.Readings = append(c.Readings, Setting{column.Text, wordsOf(cells[i])})
		}
		called = append(called, cellText(cells[i]))
	}
	cells = cells[len(readings):]
	for i, column := range expect {
		if !saysNothing(cells[i]) {
			c.Expect = put(c.Expect, []*source.Node{column}, cells[i])
		}
	}
	c.Name += " / " + strings.Join(called, "、")
	p.once(c.Name, row)
	return &c
}

func saysNothing(cell *source.Node) bool {
	return cell.Kind == source.Scalar && cell.Style == source.Plain && cell.Text == "_"
}

// cellText is a cell as part of the name of its case.
func cellText(n *source.Node) string {
	if saysNothing(n) {
		return "–"
	}
	return strings.Trim(showNode(n), `"`)
}

// pathOf is the name of a column as the keys that lead to its fact, each where it
// stands: claim.month as claim and month.
func pathOf(column *source.Node) []*source.Node {
	var path []*source.Node
	from := 0
	for _, name := range strings.Split(column.Text, ".") {
		to := from + utf8.RuneCountInString(name)
		path = append(path, &source.Node{Kind: source.Scalar, Text: name, Span: column.SpanAt(from, to)})
		from = to + 1
	}
	return path
}

// put is a copy of a map with a value under a path.
func put(n *source.Node, path []*source.Node, v *source.Node) *source.Node {
	c := source.Node{Kind: source.Map, Span: v.Span}
	if n != nil && n.Kind == source.Map {
		c = *n
		c.Entries = slices.Clone(n.Entries)
	}
	i := slices.IndexFunc(c.Entries, func(e source.Entry) bool { return e.Key.Text == path[0].Text })
	if i < 0 {
		i = len(c.Entries)
		c.Entries = append(c.Entries, source.Entry{Key: &source.Node{Kind: source.Scalar, Text: path[0].Text, Span: path[0].Span}})
	}
	if len(path) > 1 {
		v = put(c.Entries[i].Value, path[1:], v)
	}
	c.Entries[i].Value = v
	return &c
}
