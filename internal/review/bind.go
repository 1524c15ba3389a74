package review

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

const asOfPath = "as_of"

// records is a table whose rows are facts of records.
type records struct {
	*table
	byID     map[string]*row
	children []*children
	mapping  *mapping // of a table in a format of its own
}

// children is a table of the elements of a list.
type children struct {
	*table
	path string
	rows map[string][]*row // by the record that they belong to
}

// target says of which fact a column, or a constant, is the value.
type target struct {
	at       int // column, -1 for a constant
	header   string
	path     string
	fact     *policy.Fact // nil for as_of
	words    map[string]string
	local    bool
	constant string
}

// shape says how the rows of a table are facts of a question.
type shape struct {
	question *policy.Question
	records  *records
	targets  []target
	lists    []listShape
	zone     *time.Location
}

type listShape struct {
	*children
	fact    *policy.Fact
	targets []target
}

func (t target) isList() bool   { return t.fact != nil && t.fact.TypeName == "list" }
func (t target) isRecord() bool { return t.fact != nil && t.fact.TypeName == "record" }

// isTable reports whether a fact is a list of records, which has a table of
// its own.
func isTable(f *policy.Fact) bool {
	return f.TypeName == "list" && f.Elem.TypeName == "record"
}

// shapeOf finds out which columns are facts of the question.
func shapeOf(rs *records, q *policy.Question, zone *time.Location) *shape {
	s := &shape{question: q, records: rs, zone: zone}
	if rs.mapping != nil {
		s.targets = rs.mapping.targets
		return s
	}
	for i, h := range rs.header {
		if i == 0 || isRemark(h) {
			continue
		}
		if h == asOfPath {
			s.targets = append(s.targets, target{at: i, header: h, path: h})
		} else if f, ok := q.FactAt(h); ok {
			s.targets = append(s.targets, target{at: i, header: h, path: h, fact: f})
		}
	}
	for _, c := range rs.children {
		if f, ok := q.FactAt(c.path); ok && isTable(f) {
			s.lists = append(s.lists, listShape{c, f, elementTargets(c.table, f.Elem)})
		}
	}
	return s
}

func elementTargets(t *table, elem *policy.Fact) []target {
	var all []target
	for i, h := range t.header {
		if i == 0 || isRemark(h) {
			continue
		}
		if f, ok := fieldAt(elem, h); ok {
			all = append(all, target{at: i, header: h, path: h, fact: f})
		}
	}
	return all
}

// fieldAt is the field of a record under a dotted path.
func fieldAt(f *policy.Fact, path string) (*policy.Fact, bool) {
	for _, name := range strings.Split(path, ".") {
		i := slices.IndexFunc(f.Fields, func(x *policy.Fact) bool { return x.Name == name })
		if i < 0 {
			return nil, false
		}
		f = f.Fields[i]
	}
	return f, true
}

// fieldNames are the paths of what may be a column of a record.
func fieldNames(f *policy.Fact, prefix string) []string {
	var all []string
	for _, x := range f.Fields {
		all = append(all, columnNames(x, prefix+x.Name)...)
	}
	return all
}

func columnNames(f *policy.Fact, path string) []string {
	if f.TypeName == "record" {
		return append([]string{path}, fieldNames(f, path+".")...)
	}
	return []string{path}
}

// origin is the cell that a fact comes from.
type origin struct {
	table  *table
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
	o.table.failRow(o.row, code, o.header, o.value, message, remedy)
}

// read puts together the facts of a row. What is wrong with its cells is
// reported, as far as it can be seen without the rulebook.
func (s *shape) read(id string, r *row) *reading {
	rd := &reading{shape: s, root: newMap(), origins: map[string]origin{}}
	rd.cells(rd.root, "", s.targets, s.records.table, r, s.zone)
	for _, l := range s.lists {
		rd.list(l, id, r)
	}
	return rd
}

func newMap() *source.Node { return &source.Node{Kind: source.Map} }

func (rd *reading) cells(root *source.Node, prefix string, targets []target, t *table, r *row, zone *time.Location) {
	for _, x := range targets {
		text := x.text(r)
		if text == "" {
			continue
		}
		o := origin{t, r, x.header, text}
		n, problem := x.node(text, zone)
		if problem == nil {
			problem = put(root, x.path, n)
		}
		if problem != nil {
			rd.fail(o, problem.code, problem.message, problem.remedy)
			continue
		}
		rd.origins[prefix+x.path] = o
	}
}

// text is what a row says, translated; "" where it says nothing.
func (x target) text(r *row) string {
	if x.at < 0 {
		return x.constant
	}
	text := r.cells[x.at]
	if w, ok := x.words[text]; ok {
		return w
	}
	return text
}

type problem struct {
	code            string
	message, remedy Text
}

func (x target) node(text string, zone *time.Location) (*source.Node, *problem) {
	if text == "null" {
		return &source.Node{Kind: source.Empty, Text: text}, nil
	}
	switch {
	case x.isRecord():
		return nil, &problem{
			"wrong_type", textf("这一列只能写 null（没有）", "this column may only hold null, for none"),
			textf("每个字段各占一列，如 %s.%s", "give each field a column, as in %s.%s", x.path, x.fact.Fields[0].Name),
		}
	case x.isList() && text == "[]":
		return &source.Node{Kind: source.Seq}, nil
	case x.isList() && isTable(x.fact):
		return nil, &problem{
			"wrong_type", textf("这一列只能写 []（空）或 null", "this column may only hold [] or null"),
			textf("列表另成一个表", "write the list as a table of its own"),
		}
	case x.isList():
		n := &source.Node{Kind: source.Seq}
		for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' }) {
			n.Items = append(n.Items, scalar(x.fact.Elem, strings.TrimSpace(item)))
		}
		return n, nil
	case x.local && x.fact != nil && x.fact.TypeName == "moment":
		t, p := localMoment(text, zone)
		if p != nil {
			return nil, p
		}
		text = t
	}
	return scalar(x.fact, text), nil
}

// scalar is the node of a value. Names and words are quoted, so that no name
// is taken for a null.
func scalar(f *policy.Fact, text string) *source.Node {
	n := &source.Node{Kind: source.Scalar, Style: source.DoubleQuoted, Text: text}
	if f == nil || text == "~" {
		return n
	}
	switch f.TypeName {
	case "yes_no":
		n.Style = source.Plain
		if text == "TRUE" || text == "FALSE" {
			n.Text = strings.ToLower(text)
		}
	case "count", "number", "year":
		n.Style = source.Plain
	}
	return n
}

var localForms = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"}

// localMoment reads a moment on the clocks of the zone, where it names one.
func localMoment(text string, zone *time.Location) (string, *problem) {
	for _, form := range localForms {
		wall, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
		const clock = "2006-01-02T15:04:05"
		if t.Format(clock) != wall.Format(clock) || t.Add(time.Hour).Format(clock) == wall.Format(clock) || t.Add(-time.Hour).Format(clock) == wall.Format(clock) {
			return "", &problem{
				"clock_changed", textf("该地时钟在此刻调整，这个时刻不存在或有两个", "the clocks were changed then: there is no such moment, or there are two"),
				textf("写明时区，如 %s", "write the offset, as in %s", t.Format(time.RFC3339)),
			}
		}
		return t.Format(time.RFC3339Nano), nil
	}
	return text, nil // has its zone, or is refused by the rulebook
}

// put sets the value at a path of nested maps.
func put(root *source.Node, path string, n *source.Node) *problem {
	at := root
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		next := at.Get(name)
		if next == nil {
			next = newMap()
			at.Entries = append(at.Entries, entry(name, next))
		}
		if next.Kind != source.Map {
			return contradiction()
		}
		at = next
	}
	if at.Get(names[len(names)-1]) != nil {
		return contradiction()
	}
	at.Entries = append(at.Entries, entry(names[len(names)-1], n))
	return nil
}

func contradiction() *problem {
	return &problem{
		"contradiction", textf("另一列或另一个表已说了别的", "another column or table says something else"),
		textf("null 或 [] 不能与内容并存；删去其一", "null and [] cannot stand beside content; remove one of them"),
	}
}

func entry(name string, value *source.Node) source.Entry {
	return source.Entry{Key: &source.Node{Kind: source.Scalar, Text: name}, Value: value}
}

// list adds the elements of a list from its own table.
func (rd *reading) list(l listShape, id string, r *row) {
	rows := slices.Clone(l.rows[id])
	if o, said := rd.origins[l.path]; said {
		if len(rows) > 0 {
			p := contradiction()
			rd.fail(o, p.code, p.message, p.remedy)
		}
		return
	}
	if !l.fact.Ordered {
		slices.SortStableFunc(rows, func(a, b *row) int { return slices.Compare(a.cells, b.cells) })
	}
	list := &source.Node{Kind: source.Seq}
	for i, e := range rows {
		item := newMap()
		rd.cells(item, l.path+"["+strconv.Itoa(i)+"].", l.targets, l.table, e, rd.shape.zone)
		list.Items = append(list.Items, item)
	}
	if p := put(rd.root, l.path, list); p != nil {
		rd.fail(origin{rd.shape.records.table, r, l.path, ""}, p.code, p.message, p.remedy)
		return
	}
	rd.origins[l.path] = origin{l.table, cmp.Or(firstOf(rows), r), "", ""}
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
			rd.fail(origin{rd.shape.records.table, r, "", ""}, "unreadable", textf("%v", "%v", err), Text{})
			break
		}
		path, o, ok := rd.originOf(refused.Fact)
		if !ok {
			rd.fail(origin{rd.shape.records.table, r, "", ""}, refused.Code, refused.Message, refused.Remedy)
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
	for path != "" {
		if o, ok := rd.origins[path]; ok {
			return path, o, true
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			break
		}
		path = path[:cut]
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
