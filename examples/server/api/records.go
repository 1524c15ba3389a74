package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/examples/server/problem"
	"github.com/servicerules/rulebook/examples/server/tables"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
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
// their own.
func jsonTables(data []byte) (fs.FS, review.Options, error) {
	var o review.Options
	root, err := parseTree(data)
	if err != nil {
		return nil, o, err
	}
	top, err := root.fields("", "month", "as_of", "tables")
	if err != nil {
		return nil, o, err
	}
	for _, name := range []string{"month", "as_of"} {
		if x := top[name]; x != nil {
			if x.text == nil {
				return nil, o, badRecord(name, "应为文字", "a string is expected")
			}
			if err := when(&o, name, *x.text); err != nil {
				return nil, o, err
			}
		}
	}
	files := tables.FS{}
	if t := top["tables"]; t == nil || t.members == nil {
		return nil, o, badRecord("tables", "应为 {表: [记录]}", "{table: [record]} is expected")
	}
	for _, m := range top["tables"].members {
		where := "tables." + m.name
		if m.value.items == nil || !tableName(m.name) {
			return nil, o, badRecord("tables", "应为 {表: [记录]}", "{table: [record]} is expected")
		}
		g := &grid{where: where, lists: map[string]*grid{}, given: map[string]int{}}
		for i, item := range m.value.items {
			if err := g.record(fmt.Sprintf("%s[%d]", where, i), item); err != nil {
				return nil, o, err
			}
		}
		for path := range g.lists {
			if g.given[path] < len(g.rows) {
				return nil, o, badRecord(where, "记录的列表有的记录有，有的没有；没有的写 [] 或 null", "some records have a list of records and others do not; write [] or null in those")
			}
		}
		g.write(files, m.name)
	}
	return files, o, noTables(files)
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

// grid is a table that is being made.
type grid struct {
	where   string
	columns []string
	rows    []map[string]string
	lists   map[string]*grid // of records, by path
	given   map[string]int   // how many records say something of a fact
}

func (g *grid) record(where string, n *tree) error {
	top, err := n.fields(where, "record", "facts")
	if err != nil {
		return err
	}
	if id := top["record"]; id == nil || id.text == nil || ambiguous(*id.text) {
		return badRecord(where+".record", "应为编号", "an id is expected")
	}
	row := map[string]string{"record": *top["record"].text}
	if f := top["facts"]; f == nil || f.members == nil {
		return badRecord(where+".facts", "应为 {事实: 值}", "{fact: value} is expected")
	}
	if err := g.facts(where+".facts", "", top["facts"], row); err != nil {
		return err
	}
	g.rows = append(g.rows, row)
	return nil
}

// facts puts the members of a record into the row, under dotted names.
func (g *grid) facts(where, prefix string, n *tree, row map[string]string) error {
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
			if err := g.list(where, path, row["record"], v); err != nil {
				return err
			}
			continue
		}
		cell, err := v.cell(where)
		if err != nil {
			return err
		}
		g.given[path]++
		g.set(row, path, cell)
	}
	return nil
}

func (g *grid) set(row map[string]string, column, cell string) {
	if !slices.Contains(g.columns, column) {
		g.columns = append(g.columns, column)
	}
	row[column] = cell
}

// list makes rows of a table of their own of a list of records.
func (g *grid) list(where, path, id string, v *tree) error {
	child := g.lists[path]
	if child == nil {
		child = &grid{where: where, lists: map[string]*grid{}, given: map[string]int{}}
		g.lists[path] = child
	}
	for _, item := range v.items {
		row := map[string]string{"record": id}
		if item.members == nil {
			return badRecord(where, "列表里的各项应都是记录", "all items of the list are records, or none")
		}
		if err := child.facts(where, "", item, row); err != nil {
			return err
		}
		if len(child.lists) > 0 {
			return badRecord(where, "记录的列表里不能再有记录的列表", "a list of records cannot hold another")
		}
		child.rows = append(child.rows, row)
	}
	return nil
}

// write writes the tables as CSV.
func (g *grid) write(files tables.FS, name string) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(append([]string{"record"}, g.columns...)) // a buffer does not fail
	for _, row := range g.rows {
		cells := []string{row["record"]}
		for _, c := range g.columns {
			cells = append(cells, row[c])
		}
		_ = w.Write(cells)
	}
	w.Flush()
	files[name+".csv"] = b.Bytes()
	for path, child := range g.lists {
		child.write(files, name+"."+path)
	}
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
	longest = 1_000_000 // items of an array
	widest  = 1_000     // keys of an object
)

// parseTree reads JSON strictly: valid UTF-8, no duplicate keys, nothing
// behind the value, bounded depth. A byte order mark before it is none of it.
func parseTree(data []byte) (*tree, error) {
	data = table.TrimMark(data)
	if p := table.CheckBeginning(data); p != nil && p.Code == "not_utf8" {
		return nil, badJSON(p.Code, p.Message.ZH, p.Message.EN)
	}
	if !utf8.Valid(data) {
		return nil, badJSON("not_utf8", "不是 UTF-8 文本", "this is not UTF-8 text")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	n, err := parseValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, badJSON("json_syntax", "JSON 值之后还有内容", "something follows the JSON value")
	}
	return n, nil
}

func badJSON(code, zh, en string) *problem.Problem {
	return problem.New(http.StatusBadRequest, code, problem.Text{ZH: zh, EN: en}, problem.Text{ZH: "格式见 /openapi.json", EN: "/openapi.json describes the body"})
}

func parseValue(d *json.Decoder, depth int) (*tree, error) {
	syntax := func() error { return badJSON("json_syntax", "JSON 写法有误", "this is not valid JSON") }
	if depth > deepest {
		return nil, badJSON("too_deep", "嵌套太深", "this is nested too deep")
	}
	token, err := d.Token()
	if err != nil {
		return nil, syntax()
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
				item, err := parseValue(d, depth+1)
				if err != nil {
					return nil, err
				}
				if n.items = append(n.items, item); len(n.items) > longest {
					return nil, badJSON("too_many_items", "列表太长", "a list is too long")
				}
			}
		} else {
			n.members = []member{}
			seen := map[string]bool{}
			for d.More() {
				key, err := d.Token()
				name, ok := key.(string)
				if err != nil || !ok {
					return nil, syntax()
				}
				if seen[name] {
					return nil, badJSON("duplicate_key", "有键重复", "a key stands twice")
				}
				seen[name] = true
				value, err := parseValue(d, depth+1)
				if err != nil {
					return nil, err
				}
				if n.members = append(n.members, member{name, value}); len(n.members) > widest {
					return nil, badJSON("too_many_items", "键太多", "an object has too many keys")
				}
			}
		}
		if _, err := d.Token(); err != nil {
			return nil, syntax()
		}
		return n, nil
	}
	return nil, syntax()
}
