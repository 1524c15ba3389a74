package review

import (
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Limits of what is read.
const (
	maxFile     = 256 << 20 // bytes
	maxRows     = 1_000_000
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

	budget budget // of the tables and of what is found in them
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
	x.Column, x.Record, x.Value = strings.Clone(x.Column), strings.Clone(x.Record), strings.Clone(x.Value) // not the whole row
	f.budget.spend(findingBytes + 2*len(x.Value))
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

// sheet is a table as it stands. A broken one has no rows that may be used.
type sheet struct {
	file       string
	about      table.About // how it is written
	header     []string
	names      []string // of the columns, where the table is our own: facts for their labels
	headerLine int
	width      table.Width
	first      int // the column that the table begins with, where it is our own
	rows       []*row
	lines      int  // rows that the file has, whether or not they can be read
	remarks    bool // columns that begin with # are remarks, whose text need not be held
	broken     bool
	found      *findings
}

type row struct {
	line  int
	cells []string
	wrong []table.BadCell // cells that could not be read
	bad   bool
}

func (t *sheet) fail(code string, line int, column, value string, message, remedy Text) {
	t.tell(line, &table.Problem{Code: code, Column: column, Value: value, Message: message, Remedy: remedy})
}

// tell adds a problem of a line to what was found.
func (t *sheet) tell(line int, p *table.Problem) {
	t.found.add(Finding{Code: p.Code, File: t.file, Line: line, Column: p.Column, Cell: t.cell(line, p), Value: table.Excerpt(p.Value), Message: p.Message, Remedy: p.Remedy})
}

// cell is what a workbook calls the cell that a problem is about, "" where it is
// about none.
func (t *sheet) cell(line int, p *table.Problem) string {
	at := p.Place - 1
	if at < 0 && p.Column != "" {
		at = slices.Index(t.header, p.Column)
	}
	if !t.about.Workbook || at < 0 || line == 0 {
		return ""
	}
	return table.ColumnLetters(at) + strconv.Itoa(line)
}

// refuse gives the whole table up.
func (t *sheet) refuse(code string, line int, column, value string, message, remedy Text) {
	t.fail(code, line, column, value, message, remedy)
	t.lose()
}

// report adds what is wrong with the header; the table is given up.
func (t *sheet) report(line int, problems ...*table.Problem) {
	for _, p := range problems {
		t.tell(line, p)
		t.lose()
	}
}

func (t *sheet) lose() {
	t.broken = true
	t.found.lost[t.file] = t.lines
}

func (t *sheet) failRow(r *row, code, column, value string, message, remedy Text) {
	t.fail(code, r.line, column, value, message, remedy)
	t.spoil(r)
}

func (t *sheet) spoil(r *row) {
	r.bad = true
	t.found.rows[place{t.file, r.line}] = true
	t.found.budget.spend(badRowBytes)
}

// readSheet reads a table of the directory; with remarks, columns that begin with #
// are for nobody to read.
func readSheet(fsys fs.FS, source table.Source, remarks bool, found *findings) *sheet {
	t := &sheet{file: source.File, found: found, remarks: remarks}
	var err error
	if source.Open == nil {
		err = t.read(fsys, source.File)
	} else {
		err = t.readPlaced(source.Open)
	}
	var large *sizeError
	var whole *table.RowError
	var bad *utf8Error
	switch {
	case err == nil:
	case errors.As(err, &whole):
		t.report(whole.Line, whole.Problem)
	case errors.As(err, &bad):
		t.report(bad.line, table.NotUTF8())
	case errors.As(err, &large):
		t.refuse("file_too_large", 0, "", "", textf("文件超过 %d 字节", "the file is larger than %d bytes", maxFile),
			textf("按月或按部门分成几个目录", "split it by month or unit into several directories"))
	default:
		t.refuse("file_unreadable", 0, "", "", textf("文件无法读取：%v", "the file cannot be read: %v", reason(err)),
			textf("检查文件和权限", "check the file and its permissions"))
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

// read reads the rows of a file. It reads text twice and never holds more than
// a piece of it: nothing is made of the rows of a file that is no text.
func (t *sheet) read(fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if rows, ok := f.(table.Rows); ok {
		return t.readRows(rows)
	}
	start, err := io.ReadAll(io.LimitReader(f, table.Enough))
	if err != nil {
		return err
	}
	if p := table.CheckBeginning(start); p != nil {
		t.report(1, p)
		return nil
	}
	if err := checkText(fsys, name); err != nil {
		return err
	}
	text, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer text.Close()
	return t.parse(withoutMark(text))
}

// readRows takes rows that were never text; the header counts as line 1.
func (t *sheet) readRows(rows table.Rows) error {
	for line := 1; !t.found.budget.over; line++ {
		cells, err := rows.Row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		t.take(cells, line)
	}
	t.finish()
	return nil
}

// readPlaced takes rows that say where they stand.
func (t *sheet) readPlaced(open func() (table.Placed, error)) error {
	rows, err := open()
	if err != nil {
		return err
	}
	if c, ok := rows.(io.Closer); ok {
		defer c.Close()
	}
	t.about = rows.About()
	for !t.found.budget.over {
		cells, err := rows.Row()
		var wrong *table.RowError
		switch {
		case errors.Is(err, io.EOF):
			t.finish()
			return nil
		case errors.As(err, &wrong) && !wrong.Whole:
			t.failLine(wrong.Line, wrong.Problem)
			continue
		case err != nil:
			return err
		}
		t.take(cells, rows.Line())
		if wrong := rows.Wrong(); len(wrong) > 0 && len(t.rows) > 0 && t.rows[len(t.rows)-1].line == rows.Line() {
			t.rows[len(t.rows)-1].wrong = slices.Clone(wrong)
		}
	}
	t.finish()
	return nil
}

func (t *sheet) parse(in io.Reader) error {
	guard := table.NewRowGuard(in)
	r := csv.NewReader(guard)
	r.FieldsPerRecord = -1
	line := 1
	for !t.found.budget.over {
		guard.Next()
		cells, err := r.Read()
		if guard.Hit() {
			t.report(line, table.RowTooLong())
			break
		}
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			t.syntax(syntax)
			continue
		}
		if err != nil {
			return err
		}
		line, _ = r.FieldPos(0)
		t.take(cells, line)
	}
	t.finish()
	return nil
}

// take takes a row: the first that says something is the header.
func (t *sheet) take(cells []string, line int) {
	if t.header != nil || t.broken {
		if !table.Blank(cells) {
			t.add(t.width.Row(cells), line)
		}
		return
	}
	switch skip, p := table.BeforeHeader(cells); {
	case p != nil:
		t.report(line, p)
	case !skip:
		t.setHeader(cells, line)
	}
}

// finish looks at the table once all rows are there.
func (t *sheet) finish() {
	if t.found.budget.over {
		t.rows, t.broken = nil, true // the review is given up
		return
	}
	if t.header == nil && !t.broken {
		t.refuse("empty_table", 1, "", "", textf("表是空的，没有表头", "the table is empty: it has no header"),
			textf("第一行写列名，第一列是 record", "write the names of the columns in the first line, record first"))
	}
	t.checkRows()
	if t.broken {
		t.found.lost[t.file] = t.lines
	}
}

// checkRows finds what no cell may be. What holds of every row is said once.
func (t *sheet) checkRows() {
	if t.broken {
		return
	}
	switch n := t.sameLength(); {
	case n == 0 || n == len(t.header):
	case n < len(t.header) && table.Blank(t.header[n:]):
		t.header = t.header[:n] // it alone ends with commas
	case len(t.rows) > 1:
		t.report(t.headerLine, table.EveryRow(len(t.header), n))
		return
	}
	for _, r := range t.rows {
		for _, p := range table.CheckCells(t.header, r.cells) {
			t.tell(r.line, p)
			t.spoil(r)
		}
	}
}

// sameLength is how many cells each row has, 0 where they differ.
func (t *sheet) sameLength() int {
	n := 0
	for i, r := range t.rows {
		if i > 0 && len(r.cells) != n {
			return 0
		}
		n = len(r.cells)
	}
	return n
}

func (t *sheet) syntax(err *csv.ParseError) { t.failLine(err.StartLine, table.BadQuote()) }

// failLine gives up what stands on a line; the header's takes the table with it.
func (t *sheet) failLine(line int, p *table.Problem) {
	if t.header == nil {
		t.report(line, p)
		return
	}
	t.lines++
	t.tell(line, p)
	t.found.rows[place{t.file, line}] = true
}

func (t *sheet) setHeader(cells []string, line int) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	t.width = table.WidthOf(cells)
	cells = t.width.Row(cells)
	t.header, t.headerLine = cells, line
	if p := table.CheckSize(cells); p != nil {
		t.report(line, p)
	}
}

func (t *sheet) add(cells []string, line int) {
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
	if t.remarks && len(cells) == len(t.header) && slices.ContainsFunc(t.header, table.IsRemark) {
		cells = t.withoutRemarks(cells)
	}
	t.found.budget.spend(sizeOf(cells))
	t.rows = append(t.rows, &row{line: line, cells: cells})
}

// withoutRemarks are the cells of a row without the text of remarks: nobody reads
// it, and it is often most of a table. What no cell may be stays, to be told; of
// the others it stays that there was something.
func (t *sheet) withoutRemarks(cells []string) []string {
	var text strings.Builder
	for i, c := range cells {
		switch {
		case !table.IsRemark(t.header[i]) || len(table.CheckCells(t.header[i:i+1], []string{c})) > 0:
		case strings.TrimSpace(c) == "":
			cells[i] = ""
		default:
			cells[i] = "#"
		}
		text.WriteString(cells[i])
	}
	all := text.String() // one text for the row, as the file's reader makes it
	for i, c := range cells {
		cells[i], all = all[:len(c)], all[len(c):]
	}
	return cells
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
func (t *sheet) column(name string) (at, times int) {
	at = -1
	for i, h := range t.header {
		if h == name {
			at = i
			times++
		}
	}
	return at, times
}

// ownHeader checks the header of a table in our own format.
func (t *sheet) ownHeader(languages []string, facts []policy.QuestionFact) {
	if t.broken {
		return
	}
	var problems []*table.Problem
	t.names, problems = table.Named(t.header, languages, facts...)
	t.report(t.headerLine, problems...)
	t.first = table.First(t.header)
	if t.names[t.first] != table.Record {
		t.refuse("record_column_missing", t.headerLine, t.header[t.first], "", textf("第一列应为 record", "the first column must be record"),
			textf("第一列写每条记录的编号，列名 record；别人的表在 review.yaml 的 tables 里说明各列", "put the ids of the records first, under the name record; describe a table of somebody else under tables in review.yaml"))
	}
	t.report(t.headerLine, table.CheckNames(t.names)...)
	nameless := table.Nameless(t.header)
	for _, r := range t.rows {
		if p := table.CheckNameless(nameless, r.cells); p != nil {
			t.report(r.line, p)
			return
		}
	}
}
