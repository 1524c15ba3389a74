package tables

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/spreadsheet"
)

// Row is a row of a table as the facts of a question.
type Row struct {
	Line     int             // where it begins in its table, from 1
	ID       string          // of the record, "" where the table has no ids
	Facts    json.RawMessage // an object, not checked yet
	Problems []*table.Problem
}

// RowOptions say how a table is read.
type RowOptions struct {
	Sheet string // of a workbook; "" for the only one
	How   table.How
}

// Rows are the rows of one table, read one after the other.
type Rows struct {
	book    *policy.Rulebook
	name    string
	columns []table.Column
	header  []string
	width   table.Width
	noName  []int
	record  int  // the column of the ids, -1 for none
	another bool // the header of another table was read: what follows is none of this one

	placed table.Placed // nil of JSON Lines
	lines  *bufio.Reader
	closes []io.Closer
	line   int
	named  bool // lines may have an id beside the facts
}

// mostUnzipped bounds what a compressed file of lines may hold.
const mostUnzipped = 1 << 30

// OpenRows reads the only table of a file system for a question; a file
// review.yaml beside it says what its columns are. Errors: an *Error, a
// *table.RowError, a diagnostic.List.
func OpenRows(files *FS, book *policy.Rulebook, q *policy.Question, o RowOptions) (*Rows, error) {
	names := slices.DeleteFunc(files.Names(), func(n string) bool { return n == reviewFile })
	if len(names) != 1 {
		return nil, &Error{"one_table", diagnostic.Textf("收到 %d 个表，应为一个", "there are %d tables, and one is expected", len(names)),
			diagnostic.Textf("只送一个表，可加 review.yaml 说明各列", "send one table, and review.yaml beside it to say what its columns are")}
	}
	r := &Rows{book: book, name: names[0], record: -1}
	lower := strings.TrimSuffix(strings.ToLower(r.name), ".gz")
	if strings.HasSuffix(lower, ".jsonl") || strings.HasSuffix(lower, ".ndjson") {
		return r, r.openLines(files, q)
	}
	var mapping *table.Mapping
	if f, err := files.Open(reviewFile); err == nil {
		data, err := source.Read(f)
		if err != nil {
			return nil, err
		}
		var found diagnostic.List
		if mapping, found = table.ReadMapping(reviewFile, data, r.name, q); found.Failed() {
			return nil, found
		}
	}
	if mapping != nil {
		o.How = mapping.How.Or(o.How)
	}
	found, err := spreadsheet.Readable(files, func(string) table.How { return o.How })
	if err != nil {
		return nil, err
	}
	if len(found) == 0 { // one that spreadsheets leave beside the table while it is open
		return nil, noTable(r.name)
	}
	at := 0
	if len(found) > 1 || o.Sheet != "" {
		var sheets []string
		at = -1
		for i, s := range found {
			sheets = append(sheets, s.Sheet)
			if s.Sheet == o.Sheet {
				at = i
			}
		}
		if at < 0 {
			list := strings.Join(sheets, ", ")
			return nil, &Error{"which_sheet", diagnostic.Textf("工作簿的工作表有：%s", "the workbook has the sheets %s", list), diagnostic.Textf("写明用哪一个：sheet=%s", "name one: sheet=%s", sheets[0])}
		}
	}
	if r.placed, err = found[at].Open(); err != nil {
		return nil, err
	}
	if c, ok := r.placed.(io.Closer); ok {
		r.closes = append(r.closes, c)
	}
	if err := r.readHeader(q, mapping, o.How); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Rows) openLines(files *FS, q *policy.Question) error {
	f, err := files.Open(r.name)
	if err != nil {
		return err
	}
	_, taken := q.FactAt(table.Record)
	r.named = !taken
	in := io.Reader(f)
	if strings.HasSuffix(strings.ToLower(r.name), ".gz") {
		zip, err := gzip.NewReader(f)
		if err != nil {
			return &Error{"not_gzip", diagnostic.Textf("不是 gzip 文件", "it is no file of gzip"), diagnostic.Textf("不压缩就不要用 .gz 结尾的名称", "let its name not end in .gz where it is not compressed")}
		}
		in = &bounded{zip, mostUnzipped + 1}
	}
	r.lines = bufio.NewReaderSize(in, policy.MaxFactBytes)
	return nil
}

// bounded is a reader that fails behind so many bytes, rather than to end there.
type bounded struct {
	r    io.Reader
	left int64
}

var errTooLarge = errors.New("the file is too large when it is unzipped")

// Read reads on, or fails.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// readHeader finds the columns of facts and of the ids.
func (r *Rows) readHeader(q *policy.Question, mapping *table.Mapping, how table.How) error {
	refused := func(p *table.Problem) error { return &table.RowError{Line: r.placed.Line(), Problem: p, Whole: true} }
	for r.header == nil {
		cells, err := r.placed.Row()
		if errors.Is(err, io.EOF) {
			return refused(table.Empty())
		}
		if err != nil {
			return err
		}
		skip, p := table.BeforeHeader(cells)
		if p != nil {
			return refused(p)
		}
		if !skip {
			r.header = slices.Clone(cells)
		}
	}
	r.width = table.WidthOf(r.header)
	r.header = r.width.Row(r.header)
	for i := range r.header {
		r.header[i] = strings.TrimSpace(r.header[i])
	}
	if p := table.CheckSize(r.header); p != nil {
		return refused(p)
	}
	h, problems := table.HeaderOf(r.header, r.book.Languages, q, mapping)
	if len(problems) > 0 {
		return &HeaderError{Line: r.placed.Line(), Problems: problems}
	}
	r.columns, r.record, r.noName = h.Columns, h.Record, h.Nameless
	table.Bind(r.columns, r.book.Languages, r.placed.About(), how)
	return nil
}

// HeaderError says what is wrong with the columns of a table: all of it.
type HeaderError struct {
	Line     int
	Problems []*table.Problem
}

// Error is the first in English.
func (e *HeaderError) Error() string { return e.Problems[0].Message.EN }

// Close gives the table back.
func (r *Rows) Close() error {
	var errs []error
	for _, c := range r.closes {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Next is the next row that says something; io.EOF behind the last. Errors: a
// *table.RowError where the table ends before its end, and those of reading.
func (r *Rows) Next() (*Row, error) {
	if r.lines != nil {
		return r.object()
	}
	for {
		cells, err := r.placed.Row()
		var wrong *table.RowError
		switch {
		case errors.As(err, &wrong) && !wrong.Whole:
			return &Row{Line: wrong.Line, Problems: []*table.Problem{wrong.Problem}}, nil
		case err != nil:
			return nil, err
		case table.Blank(cells):
			continue
		}
		return r.row(cells), nil
	}
}

func (r *Rows) row(cells []string) *Row {
	x := &Row{Line: r.placed.Line()}
	if r.another {
		x.Problems = append(x.Problems, table.BelowAnother())
		return x
	}
	if p := table.WrongIn(r.placed.Wrong(), r.columns, r.record); p != nil {
		x.Problems = append(x.Problems, p)
		return x
	}
	cells = r.width.Row(cells)
	problems := table.CheckCells(r.header, cells)
	if r.record >= 0 && r.record < len(cells) {
		id := cells[r.record]
		p := cmp.Or(table.CheckID(id), table.CheckRow(r.header, r.record, cells), table.IDAlone(r.record, cells))
		r.another = p != nil && p.Code == table.AnotherTable
		if id == "" {
			p = &table.Problem{Code: "missing_id", Column: r.header[r.record], Message: diagnostic.Textf("没有编号", "the record has no id"), Remedy: diagnostic.Textf("填上编号；不是记录就删去这一行", "write its id; remove the row if it is no record")}
		}
		if p != nil {
			x.Problems = append(x.Problems, p)
			return x
		}
		x.ID = id
	}
	x.Problems = problems
	if p := table.CheckNameless(r.noName, cells); p != nil {
		x.Problems = append(x.Problems, p)
	}
	if len(x.Problems) > 0 {
		return x
	}
	root := table.NewMap()
	table.Read(root, r.columns, cells, r.zone(), nil, func(p *table.Problem) { x.Problems = append(x.Problems, p) })
	x.Facts = table.AppendJSON(nil, root)
	return x
}

func (r *Rows) zone() *time.Location { return r.book.Zone }

// Column is the heading of the column that a fact is read from, or else its path.
func (r *Rows) Column(fact string) string {
	for path := fact; path != ""; path = table.Parent(path) {
		if i := slices.IndexFunc(r.columns, func(c table.Column) bool { return c.Path == path }); i >= 0 {
			return cmp.Or(r.columns[i].Header, fact)
		}
	}
	return fact
}

// object is the next line of JSON that says something.
func (r *Rows) object() (*Row, error) {
	for {
		text, err := r.lines.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.lines.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			p := &table.Problem{Code: "file_cut_off", Message: diagnostic.Textf("文件读不下去", "the file cannot be read any further"), Remedy: diagnostic.Textf("重新导出", "export it anew")}
			if errors.Is(err, errTooLarge) {
				p = &table.Problem{Code: "file_too_large", Message: diagnostic.Textf("解压后超过 %d 字节", "unzipped, the file is larger than %d bytes", mostUnzipped), Remedy: diagnostic.Textf("分成几个表", "split the table")}
			}
			return nil, &table.RowError{Line: r.line + 1, Whole: true, Problem: p}
		}
		end := errors.Is(err, io.EOF)
		if len(text) == 0 && end {
			return nil, io.EOF
		}
		r.line++
		switch {
		case long:
			return &Row{Line: r.line, Problems: []*table.Problem{{Code: "too_large", Message: diagnostic.Textf("一行超过 %d 字节", "the line is longer than %d bytes", policy.MaxFactBytes), Remedy: diagnostic.Textf("只给这个问题收取的事实", "give only the facts that the question takes")}}}, nil
		case len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))) > 0:
			return r.line1(bytes.Clone(text)), nil
		case end:
			return nil, io.EOF
		}
	}
}

// line1 takes the id from a line.
func (r *Rows) line1(text []byte) *Row {
	x := &Row{Line: r.line, Facts: bytes.TrimSpace(text)}
	if !r.named || !bytes.Contains(text, []byte(table.Record)) && bytes.IndexByte(text, '\\') < 0 {
		return x
	}
	root, err := intake.ParseFacts(text)
	if err != nil || root == nil || root.Kind != source.Map {
		return x // whoever checks the facts says why
	}
	at := slices.IndexFunc(root.Entries, func(e source.Entry) bool { return e.Key.Text == table.Record })
	if at < 0 {
		return x
	}
	id := root.Entries[at].Value
	p := table.CheckID(id.Text)
	if id.Kind != source.Scalar || id.Text == "" {
		p = &table.Problem{Code: "bad_id", Column: table.Record, Message: diagnostic.Textf("编号应为文字", "an id is text"), Remedy: diagnostic.Textf(`写 "record": "A1"`, `write "record": "A1"`)}
	}
	if p != nil {
		x.Problems = append(x.Problems, p)
		return x
	}
	x.ID = strings.TrimSpace(id.Text)
	root.Entries = slices.Delete(slices.Clone(root.Entries), at, at+1)
	x.Facts = table.AppendJSON(nil, root)
	return x
}
