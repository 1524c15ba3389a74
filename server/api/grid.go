package api

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
)

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

func (g *grid) record(where string, n *source.Node) error {
	if n.Kind != source.Map {
		return badRecord(where, "应为 JSON 对象", "an object is expected")
	}
	for _, e := range n.Entries {
		if e.Key.Text != "record" && e.Key.Text != "facts" {
			return unknownKey(where, "record", "facts")
		}
	}
	id, facts := n.Get("record"), n.Get("facts")
	switch {
	case id == nil || !isText(id) || ambiguous(id.Text):
		return badRecord(where+".record", "应为编号", "an id is expected")
	case facts == nil || facts.Kind != source.Map:
		return badRecord(where+".facts", "应为 {事实: 值}", "{fact: value} is expected")
	}
	row := sparse{id.Text, map[int]string{}}
	if err := g.facts(where+".facts", "", facts, row); err != nil {
		return err
	}
	return g.add(row)
}

// facts puts the members of a record into the row, under dotted names.
func (g *grid) facts(where, prefix string, n *source.Node, row sparse) error {
	for _, e := range n.Entries {
		path, v := prefix+e.Key.Text, e.Value
		if e.Key.Text == "" || path == table.Record || strings.ContainsAny(e.Key.Text, ".#") {
			return badRecord(where, "没有这样的事实", "there is no such fact")
		}
		if v.Kind == source.Map {
			if err := g.facts(where, path+".", v, row); err != nil {
				return err
			}
			continue
		}
		g.given[path]++
		if slices.ContainsFunc(v.Items, func(x *source.Node) bool { return x.Kind == source.Map }) {
			if err := g.list(where, path, row.id, v); err != nil {
				return err
			}
			continue
		}
		text, err := cell(where, v)
		if err != nil {
			return err
		}
		if err := g.set(where, row, path, text); err != nil {
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
func (g *grid) list(where, path, id string, v *source.Node) error {
	child := g.lists[path]
	if child == nil {
		var err error
		if child, err = g.reader.grid(where); err != nil {
			return err
		}
		g.lists[path] = child
	}
	for _, item := range v.Items {
		row := sparse{id, map[int]string{}}
		if item.Kind != source.Map {
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

// write makes files of the tables.
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

// open reads the rows of the table, which are known now.
func (g *grid) open() table.Rows {
	return &rowReader{grid: g, in: bufio.NewReader(g.rows.Reader())}
}

// rowReader reads the rows as grid.add has written them.
type rowReader struct {
	grid   *grid
	in     *bufio.Reader
	header bool // is read
}

// Row is the header, then row after row.
func (r *rowReader) Row() ([]string, error) {
	if !r.header {
		r.header = true
		return append([]string{table.Record}, r.grid.header...), nil
	}
	cells := make([]string, 1+len(r.grid.header))
	id, err := r.text()
	if err != nil {
		return nil, err // io.EOF: that was the last
	}
	cells[0] = id
	n, err := binary.ReadUvarint(r.in)
	for ; err == nil && n > 0; n-- {
		var at uint64
		if at, err = binary.ReadUvarint(r.in); err == nil && at < uint64(len(r.grid.header)) {
			cells[1+at], err = r.text()
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return cells, err
}

func (r *rowReader) text() (string, error) {
	n, err := binary.ReadUvarint(r.in)
	if err != nil || n > MaxReview {
		return "", cmp.Or(err, io.ErrUnexpectedEOF)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r.in, b)
	return string(b), err
}

// ambiguous reports whether a text would mean something else in a table.
func ambiguous(text string) bool {
	return text == "" || text == "null" || text == "[]" || strings.TrimSpace(text) != text
}

// isText reports whether a value is a string of JSON.
func isText(n *source.Node) bool { return n.Kind == source.Scalar && n.Style != source.Plain }

// cell is a value that is no record as a table writes it.
func cell(where string, n *source.Node) (string, error) {
	switch {
	case n.Kind == source.Empty:
		return "null", nil
	case n.Kind == source.Seq && len(n.Items) == 0:
		return "[]", nil
	case n.Kind == source.Seq:
		words := make([]string, len(n.Items))
		for i, x := range n.Items {
			if x.Kind != source.Scalar {
				return "", badRecord(where, "列表里应是文字", "the items of a list are words")
			}
			word, err := cell(where, x)
			if err != nil {
				return "", err
			}
			if strings.ContainsAny(word, ";；") {
				return "", badRecord(where, "列表里的文字不能含分号", "the words of a list cannot hold a semicolon")
			}
			words[i] = word
		}
		return strings.Join(words, ";"), nil
	case isText(n) && ambiguous(n.Text):
		return "", badRecord(where, "这里不能写空的文字、null 或 []", "an empty string, \"null\" or \"[]\" cannot stand here, nor blanks around a value")
	}
	return n.Text, nil
}
