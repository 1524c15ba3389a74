package review

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/policy/diagnostic"
)

// Limits of what is read.
const (
	maxFile     = 64 << 20 // bytes
	maxCell     = 64 << 10 // bytes
	maxRows     = 1_000_000
	maxColumns  = 1_000
	maxID       = 200    // characters
	maxFindings = 10_000 // kept; more are counted
)

func textf(zh, en string, args ...any) Text { return diagnostic.Textf(zh, en, args...) }

// findings collects what could not be read, each thing once.
type findings struct {
	list []Finding
	more int
	seen map[Finding]bool
	rows map[place]bool // rows that could not be read
	lost map[string]int // files that could not be read at all: rows in them
}

type place struct {
	file string
	line int
}

func newFindings() *findings {
	return &findings{seen: map[Finding]bool{}, rows: map[place]bool{}, lost: map[string]int{}}
}

func (f *findings) add(x Finding) {
	if f.seen[x] {
		return
	}
	if len(f.list) == maxFindings {
		f.more++
		return
	}
	f.seen[x] = true
	f.list = append(f.list, x)
}

// unreadable counts the rows.
func (f *findings) unreadable() int {
	n := 0
	for at := range f.rows {
		if _, whole := f.lost[at.file]; !whole {
			n++
		}
	}
	for _, rows := range f.lost {
		n += rows
	}
	return n
}

// table is a CSV file as it stands. A broken one has no rows that may be used.
type table struct {
	file   string
	header []string
	rows   []*row
	lines  int // rows that the file has, whether or not they can be read
	broken bool
	found  *findings
}

type row struct {
	line  int
	cells []string
	bad   bool
}

func (t *table) fail(code string, line int, column, value string, message, remedy Text) {
	t.found.add(Finding{Code: code, File: t.file, Line: line, Column: column, Value: excerpt(value), Message: message, Remedy: remedy})
}

// refuse gives the whole table up.
func (t *table) refuse(code string, line int, column, value string, message, remedy Text) {
	t.fail(code, line, column, value, message, remedy)
	t.lose()
}

func (t *table) lose() {
	t.broken = true
	t.found.lost[t.file] = t.lines
}

func (t *table) failRow(r *row, code, column, value string, message, remedy Text) {
	t.fail(code, r.line, column, value, message, remedy)
	t.spoil(r)
}

func (t *table) spoil(r *row) {
	r.bad = true
	t.found.rows[place{t.file, r.line}] = true
}

// excerpt keeps a finding readable.
func excerpt(value string) string {
	const longest = 60
	if r := []rune(value); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return value
}

// readTable reads a file of the directory.
func readTable(fsys fs.FS, name string, found *findings) *table {
	t := &table{file: name, found: found}
	data, err := readFile(fsys, name)
	var large *sizeError
	switch {
	case errors.As(err, &large):
		t.refuse("file_too_large", 0, "", "", textf("文件超过 %d 字节", "the file is larger than %d bytes", maxFile),
			textf("按月或按部门分成几个目录", "split it by month or unit into several directories"))
	case err != nil:
		t.refuse("file_unreadable", 0, "", "", textf("文件无法读取：%v", "the file cannot be read: %v", reason(err)),
			textf("检查文件和权限", "check the file and its permissions"))
	default:
		t.parse(data)
	}
	return t
}

// reason is an error without the path, which the finding names already.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

type sizeError struct{}

func (*sizeError) Error() string { return "too large" }

func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = &sizeError{}
	}
	return data, err
}

func (t *table) parse(data []byte) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if line, ok := invalidUTF8(data); ok {
		t.refuse("not_utf8", line, "", "", textf("不是 UTF-8 文本", "this is not UTF-8 text"),
			textf("在表格软件中另存为“CSV UTF-8（逗号分隔）”", `save it from the spreadsheet as "CSV UTF-8 (comma delimited)"`))
		return
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			t.syntax(syntax)
			continue
		}
		line, _ := r.FieldPos(0)
		if t.header == nil && !t.broken {
			t.setHeader(cells, line)
			continue
		}
		if !blank(cells) {
			t.add(cells, line)
		}
	}
	if t.header == nil && !t.broken {
		t.refuse("empty_table", 1, "", "", textf("表是空的，没有表头", "the table is empty: it has no header"),
			textf("第一行写列名，第一列是 record", "write the names of the columns in the first line, record first"))
	}
	if t.broken {
		t.found.lost[t.file] = t.lines
	}
}

func (t *table) syntax(err *csv.ParseError) {
	message, remedy := textf("引号有误", "a quote is wrong"),
		textf(`含逗号或引号的单元格整个加引号，其中的引号写两个，如 "他说""不""`, `put a cell with commas or quotes in quotes and double those inside it, as in "he said ""no"""`)
	if t.header == nil {
		t.refuse("csv_syntax", err.StartLine, "", "", message, remedy)
		return
	}
	t.lines++
	t.fail("csv_syntax", err.StartLine, "", "", message, remedy)
	t.found.rows[place{t.file, err.StartLine}] = true
}

func (t *table) setHeader(cells []string, line int) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	t.header = cells
	switch {
	case len(cells) > maxColumns:
		t.refuse("too_many_columns", line, "", "", textf("超过 %d 列", "more than %d columns", maxColumns), textf("删去不用的列", "remove those that are not needed"))
	case len(cells) == 1 && strings.ContainsAny(cells[0], ";\t"):
		t.refuse("wrong_separator", line, "", cells[0], textf("列之间不是逗号", "the columns are not separated by commas"),
			textf("另存为逗号分隔的 CSV", "save it as comma-separated CSV"))
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func (t *table) add(cells []string, line int) {
	t.lines++
	if t.broken {
		return
	}
	if t.lines > maxRows {
		t.rows = nil
		t.refuse("too_many_rows", line, "", "", textf("超过 %d 行", "more than %d rows", maxRows),
			textf("按月或按部门分成几个目录", "split it by month or unit into several directories"))
		return
	}
	r := &row{line: line, cells: cells}
	t.rows = append(t.rows, r)
	if len(cells) != len(t.header) {
		t.failRow(r, "wrong_number_of_cells", "", "", textf("这一行有 %d 格，表头有 %d 列", "the row has %d cells, the header has %d columns", len(cells), len(t.header)),
			textf("补齐逗号；含逗号的单元格加引号", "write a comma for each empty cell and put cells with commas in quotes"))
	}
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
		column := ""
		if i < len(t.header) {
			column = t.header[i]
		}
		switch {
		case len(c) > maxCell:
			t.failRow(r, "cell_too_large", column, c, textf("单元格超过 %d 字节", "the cell is larger than %d bytes", maxCell), textf("缩短它", "shorten it"))
		case strings.ContainsFunc(c, forbidden):
			t.failRow(r, "control_character", column, fmt.Sprintf("%q", excerpt(c)), textf("单元格含控制字符", "the cell holds a control character"), textf("删去它", "remove it"))
		}
	}
}

func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || unicode.Is(unicode.Bidi_Control, r)
}

// invalidUTF8 finds the line of the first byte that is no text.
func invalidUTF8(data []byte) (line int, found bool) {
	if utf8.Valid(data) {
		return 0, false
	}
	line = 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			return line, true
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line, true
}

// column is the place of a header, and how often it stands there.
func (t *table) column(name string) (at, times int) {
	at = -1
	for i, h := range t.header {
		if h == name {
			at = i
			times++
		}
	}
	return at, times
}

// isRemark reports whether a column is not for the rulebook.
func isRemark(header string) bool { return strings.HasPrefix(header, "#") }

// ownHeader checks the header of a table in our own format.
func (t *table) ownHeader() {
	if t.broken {
		return
	}
	if t.header[0] != recordColumn {
		t.refuse("record_column_missing", 1, t.header[0], "", textf("第一列应为 record", "the first column must be record"),
			textf("第一列写每条记录的编号，列名 record", "put the ids of the records first, under the name record"))
	}
	seen := map[string]bool{}
	for _, h := range t.header {
		switch {
		case h == "":
			t.refuse("column_without_name", 1, "", "", textf("有一列没有列名", "a column has no name"), textf("写列名，备注列写 #备注", "name it; write #remark for remarks"))
		case seen[h] && !isRemark(h):
			t.refuse("duplicate_column", 1, h, "", textf("列 %q 出现两次", "the column %q stands twice", h), textf("删去一列", "remove one of them"))
		}
		seen[h] = true
	}
}

const recordColumn = "record"

// byID gives the rows their ids and finds those that stand twice: of such
// rows none is used, since nobody can say which is right.
func (t *table) byID(column int) map[string]*row {
	rows := map[string]*row{}
	if t.broken {
		return rows
	}
	name := t.header[column]
	first := map[string]*row{}
	for _, r := range t.rows {
		if column >= len(r.cells) {
			continue // said already: a wrong number of cells
		}
		id := r.cells[column]
		switch other := first[id]; {
		case id == "":
			t.failRow(r, "record_without_id", name, "", textf("这一行没有编号", "the row has no id"), textf("写编号", "write one"))
			continue
		case utf8.RuneCountInString(id) > maxID || strings.Contains(id, "\n"):
			t.failRow(r, "bad_id", name, id, textf("编号超过 %d 个字符或有换行", "the id is longer than %d characters or holds a line break", maxID), textf("缩短它", "shorten it"))
			continue
		case other != nil:
			t.spoil(other)
			t.failRow(r, "duplicate_record", name, id, textf("编号 %q 已在第 %d 行用过", "the id %q is used in line %d already", id, other.line),
				textf("每条记录用不同的编号；两行都没有审查", "give each record its own id; neither row was reviewed"))
			continue
		}
		first[id] = r
		rows[id] = r
	}
	return rows
}
