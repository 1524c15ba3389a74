package review

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// records are the rows of everything that one table of the rules is made of:
// its own file, and the files that review.yaml maps to it. A record has one
// identity over all of them.
type records struct {
	parts    []*part // by file
	byID     map[string]*entry
	children []*children
}

// part is one file of records.
type part struct {
	*sheet
	mapping *mapping // nil for a table in our own format
	at      int      // the column of the ids
}

// entry is a record, where it stands.
type entry struct {
	part *part
	row  *row
}

// children is a table of the elements of a list.
type children struct {
	*sheet
	path string
	rows map[string][]*row // by the record that they belong to
}

// broken reports whether a file of the table could not be read, so that a
// record that is not found may stand there.
func (rs *records) broken() bool {
	return slices.ContainsFunc(rs.parts, func(p *part) bool { return p.broken })
}

// lose gives all files of the table up.
func (rs *records) lose() {
	for _, p := range rs.parts {
		p.lose()
	}
	rs.byID = map[string]*entry{}
}

// files names the files of the table.
func (rs *records) files() string {
	var all []string
	for _, p := range rs.parts {
		all = append(all, p.file)
	}
	return strings.Join(all, ", ")
}

// index finds the records of the files by their ids, and those that stand
// twice: of such rows none is used, since nobody can say which is right.
func (rs *records) index() {
	rs.byID = map[string]*entry{}
	likes := map[string]*entry{} // by what ids look like, where there are several files
	for _, p := range rs.parts {
		if p.broken {
			continue
		}
		for i, r := range p.rows {
			if p.at >= len(r.cells) {
				continue // said already: a wrong number of cells
			}
			id := r.cells[p.at]
			if bad := table.WrongIn(r.wrong, nil, p.at); bad != nil {
				p.failRow(r, bad.Code, p.header[p.at], bad.Value, bad.Message, bad.Remedy)
				continue
			}
			if id == "" {
				p.failRow(r, "record_without_id", p.header[p.at], "", textf("这一行没有编号", "the row has no id"), textf("写编号", "write one"))
				continue
			}
			if bad := cmp.Or(table.CheckID(id), table.CheckRow(p.header, p.at, r.cells)); bad != nil {
				p.failRow(r, bad.Code, p.header[p.at], id, bad.Message, bad.Remedy)
				if bad.Code != table.AnotherTable {
					continue
				}
				for _, below := range p.rows[i+1:] {
					p.spoil(below)
				}
				break
			}
			if other := rs.byID[id]; other != nil {
				other.part.spoil(other.row)
				bad := table.Duplicate(id, other.part.placeFrom(p.sheet, other.row))
				p.failRow(r, bad.Code, p.header[p.at], id, bad.Message,
					textf("每条记录用不同的编号，或删去多余的一行；两行都没有审查", "give each record its own id, or remove the row that is too many; neither row was reviewed"))
				continue
			}
			rs.byID[id] = &entry{p, r}
			if len(rs.parts) == 1 {
				continue
			}
			like := table.Likeness(id)
			if other := likes[like]; other != nil && other.part != p {
				before := other.row.cells[other.part.at]
				bad := table.Similar(id, before, other.part.placeFrom(p.sheet, other.row))
				other.part.spoil(other.row)
				p.failRow(r, bad.Code, p.header[p.at], id, bad.Message, bad.Remedy)
				continue
			}
			likes[like] = rs.byID[id]
		}
	}
}

// placeFrom names a row as it is called from a table.
func (t *sheet) placeFrom(from *sheet, r *row) Text {
	if t.file == from.file {
		return textf("第 %d 行", "line %d", r.line)
	}
	return textf("%s 第 %d 行", "%s:%d", t.file, r.line)
}

// shape says how the rows of a file are facts of a question.
type shape struct {
	question *policy.Question
	part     *part
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
func (v *reviewer) shapeOf(rs *records, p *part, q *policy.Question) *shape {
	s := &shape{question: q, part: p, zone: v.rules.Zone}
	switch {
	case p.mapping != nil:
		for _, c := range p.mapping.Columns {
			if _, ok := q.FactAt(c.Path); ok {
				s.columns = append(s.columns, c)
			}
		}
	case len(p.header) > 0:
		s.columns = table.Columns(p.header, p.names, q)
		s.columns = slices.DeleteFunc(s.columns, func(c table.Column) bool { return c.At == p.at })
	}
	table.Bind(s.columns, v.rules.Languages, p.about, v.how(p.file))
	for _, c := range rs.children {
		if f, ok := q.FactAt(c.path); ok && table.IsTable(f) {
			columns := slices.DeleteFunc(table.FieldColumns(c.header, c.names, f.Elem), func(column table.Column) bool { return column.At == c.first })
			table.Bind(columns, v.rules.Languages, c.about, v.how(c.file))
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
	rd.cells(rd.root, "", s.columns, s.part.sheet, r)
	for _, l := range s.lists {
		rd.list(l, id, r)
	}
	return rd
}

// cells puts the cells of a row into facts; prefix is where those stand.
func (rd *reading) cells(root *source.Node, prefix string, columns []table.Column, t *sheet, r *row) {
	for _, bad := range r.wrong {
		if i := slices.IndexFunc(columns, func(c table.Column) bool { return c.At == bad.At }); i >= 0 {
			rd.fail(origin{t, r, columns[i].Header, bad.Problem.Value}, bad.Problem.Code, bad.Problem.Message, bad.Problem.Remedy)
		}
	}
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
		rd.fail(origin{rd.shape.part.sheet, r, l.path, ""}, p.Code, p.Message, p.Remedy)
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

// check has the facts checked by the rulebook, and reports each cell that it
// refuses, for the first that is wrong with it.
func (rd *reading) check(check func(question string, facts any) (*policy.Facts, error), r *row) (*policy.Facts, bool) {
	facts, err := check(rd.shape.question.ID, rd.root)
	if err == nil {
		return facts, !rd.failed
	}
	if rd.shape.part == nil {
		return nil, false
	}
	rd.refuse(err, r)
	return nil, false
}

// refuse reports each cell of a row that was refused, for the first that is wrong
// with it.
func (rd *reading) refuse(err error, r *row) {
	whole := origin{rd.shape.part.sheet, r, "", ""}
	refused := policy.RefusedFacts(err)
	if len(refused) == 0 {
		rd.fail(whole, "unreadable", textf("%v", "%v", err), Text{})
	}
	told := map[string]bool{} // by the path of the cell
	for _, e := range refused {
		path, o, ok := rd.originOf(e.Fact)
		switch {
		case !ok:
			rd.fail(whole, e.Code, e.Message, e.Remedy)
		case told[path]:
		case o.header == "":
			rd.fail(o, e.Code, diagnostic.Wording("%s：%s", "%s: %s", Text{ZH: e.Fact, EN: e.Fact}, e.Message), e.Remedy)
		default:
			rd.fail(o, e.Code, e.Message, e.Remedy)
		}
		told[path] = ok
	}
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
