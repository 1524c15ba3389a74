package review

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// records is a table whose rows are facts of records.
type records struct {
	*sheet
	byID     map[string]*row
	children []*children
	mapping  *mapping // of a table in a format of its own
}

// children is a table of the elements of a list.
type children struct {
	*sheet
	path string
	rows map[string][]*row // by the record that they belong to
}

// shape says how the rows of a table are facts of a question.
type shape struct {
	question *policy.Question
	records  *records
	columns  []table.Column
	lists    []listShape
	zone     *time.Location
}

type listShape struct {
	*children
	fact    *policy.Fact
	columns []table.Column
}

// shapeOf finds out which columns are facts of the question.
func shapeOf(rs *records, q *policy.Question, zone *time.Location) *shape {
	s := &shape{question: q, records: rs, zone: zone}
	if rs.mapping != nil {
		s.columns = rs.mapping.columns
		return s
	}
	if len(rs.header) > 0 {
		s.columns = table.Columns(rs.header, q)
		s.columns = slices.DeleteFunc(s.columns, func(c table.Column) bool { return c.At == 0 }) // the id
	}
	for _, c := range rs.children {
		if f, ok := q.FactAt(c.path); ok && table.IsTable(f) {
			columns := slices.DeleteFunc(table.FieldColumns(c.header, f.Elem), func(c table.Column) bool { return c.At == 0 })
			s.lists = append(s.lists, listShape{c, f, columns})
		}
	}
	return s
}

// origin is the cell that a fact comes from.
type origin struct {
	sheet  *sheet
	row    *row
	header string
	value  string
}

// reading is the facts of one record as they are put together from cells.
type reading struct {
	shape   *shape
	root    *source.Node
	origins map[string]origin
	failed  bool
}

func (rd *reading) fail(o origin, code string, message, remedy Text) {
	rd.failed = true
	o.sheet.failRow(o.row, code, o.header, o.value, message, remedy)
}

// read puts together the facts of a row. What is wrong with its cells is
// reported, as far as it can be seen without the rulebook.
func (s *shape) read(id string, r *row) *reading {
	rd := &reading{shape: s, root: table.NewMap(), origins: map[string]origin{}}
	rd.cells(rd.root, "", s.columns, s.records.sheet, r)
	for _, l := range s.lists {
		rd.list(l, id, r)
	}
	return rd
}

// cells puts the cells of a row into facts; prefix is where those stand.
func (rd *reading) cells(root *source.Node, prefix string, columns []table.Column, t *sheet, r *row) {
	table.Read(root, columns, r.cells, rd.shape.zone,
		func(c table.Column, path, text string) { rd.origins[prefix+path] = origin{t, r, c.Header, text} },
		func(p *table.Problem) { rd.fail(origin{t, r, p.Column, p.Value}, p.Code, p.Message, p.Remedy) })
}

// list adds the elements of a list from its own table.
func (rd *reading) list(l listShape, id string, r *row) {
	rows := slices.Clone(l.rows[id])
	if o, said := rd.origins[l.path]; said {
		if len(rows) > 0 {
			p := table.Contradiction(l.path)
			rd.fail(o, p.Code, p.Message, p.Remedy)
		}
		return
	}
	if !l.fact.Ordered {
		slices.SortStableFunc(rows, func(a, b *row) int { return slices.Compare(a.cells, b.cells) })
	}
	list := &source.Node{Kind: source.Seq}
	for i, e := range rows {
		item := table.NewMap()
		rd.cells(item, l.path+"["+strconv.Itoa(i)+"].", l.columns, l.sheet, e)
		list.Items = append(list.Items, item)
	}
	if p := table.Put(rd.root, l.path, list); p != nil {
		rd.fail(origin{rd.shape.records.sheet, r, l.path, ""}, p.Code, p.Message, p.Remedy)
		return
	}
	rd.origins[l.path] = origin{l.sheet, cmp.Or(firstOf(rows), r), "", ""}
}

func firstOf(rows []*row) *row {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// check has the facts checked by the rulebook, once for each cell that it
// refuses, so that all of them are reported.
func (rd *reading) check(check func(question string, facts any) (*policy.Facts, error), r *row) (*policy.Facts, bool) {
	for range len(rd.origins) + 1 {
		facts, err := check(rd.shape.question.ID, rd.root)
		if err == nil {
			return facts, !rd.failed
		}
		if rd.shape.records == nil {
			return nil, false
		}
		var refused *policy.FactError
		if !errors.As(err, &refused) {
			rd.fail(origin{rd.shape.records.sheet, r, "", ""}, "unreadable", textf("%v", "%v", err), Text{})
			break
		}
		path, o, ok := rd.originOf(refused.Fact)
		if !ok {
			rd.fail(origin{rd.shape.records.sheet, r, "", ""}, refused.Code, refused.Message, refused.Remedy)
			break
		}
		message := refused.Message
		if o.header == "" {
			message = Text{ZH: refused.Fact + "：" + refused.Message.ZH, EN: refused.Fact + ": " + refused.Message.EN}
		}
		rd.fail(o, refused.Code, message, refused.Remedy)
		if !remove(rd.root, path) {
			break
		}
		delete(rd.origins, path)
	}
	return nil, false
}

// originOf is the cell that a fact, or an item of it, comes from.
func (rd *reading) originOf(path string) (string, origin, bool) {
	for ; path != ""; path = table.Parent(path) {
		if o, ok := rd.origins[path]; ok {
			return path, o, true
		}
	}
	return "", origin{}, false
}

// remove takes a value out of the facts.
func remove(root *source.Node, path string) bool {
	at := root
	for {
		name, rest, nested := strings.Cut(path, ".")
		name, index, inList := strings.Cut(name, "[")
		i := slices.IndexFunc(at.Entries, func(e source.Entry) bool { return e.Key.Text == name })
		if i < 0 {
			return false
		}
		if !nested {
			at.Entries = slices.Delete(at.Entries, i, i+1)
			return true
		}
		at, path = at.Entries[i].Value, rest
		if inList {
			n, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || n >= len(at.Items) {
				return false
			}
			at = at.Items[n]
		}
	}
}
