package api

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
)

// MonthOfRecords is a month of records as JSON. The facts of a record are
// those of its section's question.
type MonthOfRecords struct {
	Month  string                     `json:"month,omitempty" jsonschema:"YYYY-MM; without it all months"`
	AsOf   string                     `json:"as_of,omitempty" jsonschema:"moment of asking, RFC 3339; by default the first one after the month"`
	Tables map[string][]RecordOfFacts `json:"tables" jsonschema:"records by the name of their table"`
}

// RecordOfFacts is a record of a table.
type RecordOfFacts struct {
	Record string         `json:"record" jsonschema:"its id, unique in the table"`
	Facts  map[string]any `json:"facts"`
}

// jsonTables turns records as JSON into the tables that a review reads: facts
// of records become columns with dotted names, lists of records tables of
// their own. It holds one record at a time.
func (a *api) jsonTables(body io.Reader) (*tables.FS, review.Options, error) {
	files, err := tables.New(a.Room)
	if err != nil {
		return nil, review.Options{}, err
	}
	in := bufio.NewReader(body)
	head, _ := in.Peek(table.Enough) // an error comes again
	for bytes.HasPrefix(head, []byte(table.Mark)) {
		_, _ = in.Discard(len(table.Mark))
		head, _ = in.Peek(table.Enough)
	}
	if p := table.CheckBeginning(head); p != nil && p.Code == "not_utf8" {
		return nil, review.Options{}, errors.Join(badJSON(p.Code, p.Message.ZH, p.Message.EN), files.Close())
	}
	s := &tableReader{guard: &jsonGuard{r: in}, files: files, lists: spool.NewLists(files.File())}
	s.json = json.NewDecoder(s.guard)
	s.json.UseNumber()
	err = s.read()
	if stopped := s.guard.problem(); stopped != nil {
		err = stopped
	}
	if err = cmp.Or(err, noTables(files)); err != nil {
		return nil, review.Options{}, errors.Join(err, files.Close())
	}
	return files, s.options, nil
}

// tableReader reads a MonthOfRecords piece by piece.
type tableReader struct {
	guard   *jsonGuard
	json    *json.Decoder
	files   *tables.FS
	lists   *spool.Lists
	grids   int
	options review.Options
}

func syntaxError() error {
	return badJSON("json_syntax", "JSON 写法有误", "this is not valid JSON")
}

func (s *tableReader) read() error {
	seen := false
	err := s.object("", "应为 JSON 对象", "an object is expected", func(name string) error {
		switch name {
		case "month", "as_of":
			x, err := parseValue(s.json, 1)
			if err != nil {
				return err
			}
			if x.text == nil {
				return badRecord(name, "应为文字", "a string is expected")
			}
			return when(&s.options, name, *x.text)
		case "tables":
			seen = true
			return s.tables()
		}
		p := badRecord("", "有不认识的键", "a key is not known")
		p.Remedy = problem.Textf("可写：%s", "allowed: %s", "month, as_of, tables")
		return p
	})
	if err != nil {
		return err
	}
	if _, err := s.json.Token(); !errors.Is(err, io.EOF) {
		return badJSON("json_syntax", "JSON 值之后还有内容", "something follows the JSON value")
	}
	if !seen {
		return badRecord("tables", "应为 {表: [记录]}", "{table: [record]} is expected")
	}
	return nil
}

// object reads an object, member by member.
func (s *tableReader) object(where, zh, en string, member func(name string) error) error {
	switch t, err := s.json.Token(); {
	case err != nil:
		return syntaxError()
	case t != json.Delim('{'):
		return badRecord(where, zh, en)
	}
	seen := map[string]bool{}
	for s.json.More() {
		t, err := s.json.Token()
		name, ok := t.(string)
		switch {
		case err != nil || !ok:
			return syntaxError()
		case seen[name]:
			return badJSON("duplicate_key", "有键重复", "a key stands twice")
		case len(seen) >= widest:
			return badJSON("too_many_items", "键太多", "an object has too many keys")
		}
		seen[name] = true
		if err := member(name); err != nil {
			return err
		}
	}
	if _, err := s.json.Token(); err != nil {
		return syntaxError()
	}
	return nil
}

func (s *tableReader) tables() error {
	const zh, en = "应为 {表: [记录]}", "{table: [record]} is expected"
	return s.object("tables", zh, en, func(name string) error {
		where := "tables." + name
		if !tableName(name) {
			return badRecord("tables", zh, en)
		}
		g, err := s.grid(where)
		if err != nil {
			return err
		}
		switch t, err := s.json.Token(); {
		case err != nil:
			return syntaxError()
		case t != json.Delim('['):
			return badRecord("tables", zh, en)
		}
		for i := 0; s.json.More(); i++ {
			item, err := parseValue(s.json, 0)
			if err != nil {
				return err
			}
			if err := g.record(fmt.Sprintf("%s[%d]", where, i), item); err != nil {
				return err
			}
		}
		if _, err := s.json.Token(); err != nil {
			return syntaxError()
		}
		for path := range g.lists {
			if g.given[path] < g.count {
				return badRecord(where, "记录的列表有的记录有，有的没有；没有的写 [] 或 null", "some records have a list of records and others do not; write [] or null in those")
			}
		}
		return g.write(s.files, name)
	})
}

func tableName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// badRecord is a refusal; the place is made of names of keys that are known,
// and numbers.
func badRecord(where, zh, en string) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, "bad_record", problem.Text{ZH: zh, EN: en}, problem.Text{ZH: "格式见 /openapi.json", EN: "/openapi.json describes the body"})
	p.Fact = where
	return p
}

// grid is a table that is being made. Its rows are kept as they come; which
// columns there are is known at the end only.
type grid struct {
	reader *tableReader
	where  string
	header []string
	column map[string]int
	rows   *spool.List
	count  int
	lists  map[string]*grid // of records, by path
	given  map[string]int   // how many records say something of a fact
}

// Bounds of the tables that are made.
const (
	mostGrids   = 100
	mostColumns = 2000
)

func (s *tableReader) grid(where string) (*grid, error) {
	if s.grids++; s.grids > mostGrids {
		return nil, badJSON("too_many_items", "表太多", "there are too many tables")
	}
	return &grid{reader: s, where: where, column: map[string]int{}, rows: s.lists.New(), lists: map[string]*grid{}, given: map[string]int{}}, nil
}

// sparse is a row of a table that is being made.
type sparse struct {
	id    string
	cells map[int]string // by column
}

func (g *grid) record(where string, n *tree) error {
	top, err := n.fields(where, "record", "facts")
	if err != nil {
		return err
	}
	if id := top["record"]; id == nil || id.text == nil || ambiguous(*id.text) {
		return badRecord(where+".record", "应为编号", "an id is expected")
	}
	row := sparse{*top["record"].text, map[int]string{}}
	if f := top["facts"]; f == nil || f.members == nil {
		return badRecord(where+".facts", "应为 {事实: 值}", "{fact: value} is expected")
	}
	if err := g.facts(where+".facts", "", top["facts"], row); err != nil {
		return err
	}
	return g.add(row)
}

// facts puts the members of a record into the row, under dotted names.
func (g *grid) facts(where, prefix string, n *tree, row sparse) error {
	for _, m := range n.members {
		path := prefix + m.name
		if m.name == "" || path == "record" || strings.ContainsAny(m.name, ".#") {
			return badRecord(where, "没有这样的事实", "there is no such fact")
		}
		v := m.value
		switch {
		case v.members != nil:
			if err := g.facts(where, path+".", v, row); err != nil {
				return err
			}
			continue
		case v.items != nil && slices.ContainsFunc(v.items, func(x *tree) bool { return x.members != nil }):
			g.given[path]++
			if err := g.list(where, path, row.id, v); err != nil {
				return err
			}
			continue
		}
		cell, err := v.cell(where)
		if err != nil {
			return err
		}
		g.given[path]++
		if err := g.set(where, row, path, cell); err != nil {
			return err
		}
	}
	return nil
}

func (g *grid) set(where string, row sparse, column, cell string) error {
	at, known := g.column[column]
	if !known {
		if at = len(g.header); at == mostColumns {
			return badRecord(where, "事实的种类太多", "there are too many different facts")
		}
		g.header, g.column[column] = append(g.header, column), at
	}
	row.cells[at] = cell
	return nil
}

// add keeps a row: its id, how many cells it has, and each with its column.
func (g *grid) add(row sparse) error {
	g.count++
	var b []byte
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	text(row.id)
	b = binary.AppendUvarint(b, uint64(len(row.cells)))
	for at, cell := range row.cells {
		b = binary.AppendUvarint(b, uint64(at))
		text(cell)
	}
	_, err := g.rows.Write(b)
	return err
}

// list makes rows of a table of their own of a list of records.
func (g *grid) list(where, path, id string, v *tree) error {
	child := g.lists[path]
	if child == nil {
		var err error
		if child, err = g.reader.grid(where); err != nil {
			return err
		}
		g.lists[path] = child
	}
	for _, item := range v.items {
		row := sparse{id, map[int]string{}}
		if item.members == nil {
			return badRecord(where, "列表里的各项应都是记录", "all items of the list are records, or none")
		}
		if err := child.facts(where, "", item, row); err != nil {
			return err
		}
		if len(child.lists) > 0 {
			return badRecord(where, "记录的列表里不能再有记录的列表", "a list of records cannot hold another")
		}
		if err := child.add(row); err != nil {
			return err
		}
	}
	return nil
}

// write makes files of the tables, read as CSV.
func (g *grid) write(files *tables.FS, name string) error {
	if err := g.rows.Flush(); err != nil {
		return err
	}
	if err := files.Add(name+".csv", g.open); err != nil {
		var refused *tables.Error
		if errors.As(err, &refused) {
			return problem.New(http.StatusUnprocessableEntity, refused.Code, refused.Message, refused.Remedy)
		}
		return err
	}
	for path, child := range g.lists {
		if err := child.write(files, name+"."+path); err != nil {
			return err
		}
	}
	return nil
}

// open is the table as CSV.
func (g *grid) open() io.Reader {
	c := &csvReader{grid: g, in: bufio.NewReader(g.rows.Reader())}
	c.write(append([]string{"record"}, g.header...))
	return c
}

// csvReader writes a table as CSV while it is read.
type csvReader struct {
	grid *grid
	in   *bufio.Reader
	b    bytes.Buffer
}

func (c *csvReader) write(cells []string) {
	w := csv.NewWriter(&c.b)
	_ = w.Write(cells) // a buffer does not fail
	w.Flush()
}

func (c *csvReader) Read(p []byte) (int, error) {
	for c.b.Len() == 0 {
		c.b.Reset()
		cells, err := c.row()
		if err != nil {
			return 0, err
		}
		c.write(cells)
	}
	return c.b.Read(p)
}

func (c *csvReader) row() ([]string, error) {
	cells := make([]string, 1+len(c.grid.header))
	id, err := c.text()
	if err != nil {
		return nil, err // io.EOF: that was the last
	}
	cells[0] = id
	n, err := binary.ReadUvarint(c.in)
	for ; err == nil && n > 0; n-- {
		var at uint64
		if at, err = binary.ReadUvarint(c.in); err == nil && at < uint64(len(c.grid.header)) {
			cells[1+at], err = c.text()
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return cells, err
}

func (c *csvReader) text() (string, error) {
	n, err := binary.ReadUvarint(c.in)
	if err != nil || n > MaxReview {
		return "", cmp.Or(err, io.ErrUnexpectedEOF)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(c.in, b)
	return string(b), err
}

// ambiguous reports whether a text would mean something else in a table.
func ambiguous(text string) bool {
	return text == "" || text == "null" || text == "[]" || strings.TrimSpace(text) != text
}

// cell is a value as a table writes it.
func (n *tree) cell(where string) (string, error) {
	switch {
	case n.null:
		return "null", nil
	case n.items != nil && len(n.items) == 0:
		return "[]", nil
	case n.items != nil:
		var words []string
		for _, x := range n.items {
			if x.null || x.items != nil || x.members != nil {
				return "", badRecord(where, "列表里应是文字", "the items of a list are words")
			}
			word, err := x.cell(where)
			if err != nil {
				return "", err
			}
			if strings.ContainsAny(word, ";；") {
				return "", badRecord(where, "列表里的文字不能含分号", "the words of a list cannot hold a semicolon")
			}
			words = append(words, word)
		}
		return strings.Join(words, ";"), nil
	case n.text != nil && ambiguous(*n.text):
		return "", badRecord(where, "这里不能写空的文字、null 或 []", "an empty string, \"null\" or \"[]\" cannot stand here, nor blanks around a value")
	case n.text != nil:
		return *n.text, nil
	}
	return n.literal, nil
}

// tree is JSON, with the order of keys.
type tree struct {
	members []member // not nil for an object
	items   []*tree  // not nil for an array
	text    *string
	null    bool
	literal string // true, false or a number
}

type member struct {
	name  string
	value *tree
}

// fields are the members of an object that may have the given keys only.
func (n *tree) fields(where string, known ...string) (map[string]*tree, error) {
	if n.members == nil {
		return nil, badRecord(where, "应为 JSON 对象", "an object is expected")
	}
	all := map[string]*tree{}
	for _, m := range n.members {
		if !slices.Contains(known, m.name) {
			list := strings.Join(known, ", ")
			p := badRecord(where, "有不认识的键", "a key is not known")
			p.Remedy = problem.Textf("可写：%s", "allowed: %s", list)
			return nil, p
		}
		all[m.name] = m.value
	}
	return all, nil
}

const (
	deepest = 32
	longest = 1_000    // items of an array in a record
	widest  = 1_000    // keys of an object
	token   = 64 << 10 // bytes of a string, 1 KiB of anything else
	values  = 20_000   // values of a record
)

// jsonGuard looks at JSON as it is read: it must be UTF-8, and no string of it
// so long that the reader would have to hold much.
type jsonGuard struct {
	r       io.Reader
	rest    []byte // of a character that was cut
	quoted  bool
	escaped bool
	run     int
	notUTF8 bool
	tooLong bool
	failure error // of the body
}

func (g *jsonGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		g.failure = err
	}
	for _, c := range p[:n] {
		switch {
		case g.escaped:
			g.escaped = false
		case g.quoted && c == '\\':
			g.escaped = true
		case c == '"':
			g.quoted, g.run = !g.quoted, 0
		case !g.quoted && strings.IndexByte(" \t\r\n,:[]{}", c) >= 0:
			g.run = 0
			continue
		}
		g.run++
		g.tooLong = g.tooLong || g.run > token || !g.quoted && g.run > 1<<10
	}
	text := append(g.rest, p[:n]...)
	whole := text
	if err == nil {
		whole = text[:len(text)-incomplete(text)]
	}
	g.notUTF8 = g.notUTF8 || !utf8.Valid(whole)
	g.rest = append(g.rest[:0:0], text[len(whole):]...)
	if g.notUTF8 || g.tooLong {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// incomplete is how many bytes at the end are the beginning of a character.
func incomplete(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if last := data[len(data)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// problem is why the guard let nothing more through; nil where it did.
func (g *jsonGuard) problem() error {
	switch {
	case g.notUTF8:
		return badJSON("not_utf8", "不是 UTF-8 文本", "this is not UTF-8 text")
	case g.tooLong:
		return tooLarge(token)
	case g.failure != nil:
		return bodyError(g.failure, MaxReview)
	}
	return nil
}

func badJSON(code, zh, en string) *problem.Problem {
	return problem.New(http.StatusBadRequest, code, problem.Text{ZH: zh, EN: en}, problem.Text{ZH: "格式见 /openapi.json", EN: "/openapi.json describes the body"})
}

// parseValue reads a value of bounded size strictly: no duplicate keys, bounded
// depth.
func parseValue(d *json.Decoder, depth int) (*tree, error) {
	left := values
	return parse(d, depth, &left)
}

func parse(d *json.Decoder, depth int, left *int) (*tree, error) {
	if depth > deepest {
		return nil, badJSON("too_deep", "嵌套太深", "this is nested too deep")
	}
	if *left--; *left < 0 {
		return nil, badJSON("too_many_items", "一条记录太大", "a record is too large")
	}
	token, err := d.Token()
	if err != nil {
		return nil, syntaxError()
	}
	switch t := token.(type) {
	case string:
		return &tree{text: &t}, nil
	case json.Number:
		return &tree{literal: t.String()}, nil
	case bool:
		return &tree{literal: fmt.Sprint(t)}, nil
	case nil:
		return &tree{null: true}, nil
	case json.Delim:
		n := &tree{}
		if t == '[' {
			n.items = []*tree{}
			for d.More() {
				item, err := parse(d, depth+1, left)
				if err != nil {
					return nil, err
				}
				if n.items = append(n.items, item); len(n.items) > longest {
					return nil, badJSON("too_many_items", "列表太长", "a list is too long")
				}
			}
		} else if err := n.object(d, depth, left); err != nil {
			return nil, err
		}
		if _, err := d.Token(); err != nil {
			return nil, syntaxError()
		}
		return n, nil
	}
	return nil, syntaxError()
}

func (n *tree) object(d *json.Decoder, depth int, left *int) error {
	n.members = []member{}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return syntaxError()
		}
		if seen[name] {
			return badJSON("duplicate_key", "有键重复", "a key stands twice")
		}
		seen[name] = true
		value, err := parse(d, depth+1, left)
		if err != nil {
			return err
		}
		if n.members = append(n.members, member{name, value}); len(n.members) > widest {
			return badJSON("too_many_items", "键太多", "an object has too many keys")
		}
	}
	return nil
}
