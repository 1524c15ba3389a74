package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/service"
)

type (
	// ImportLine is a line of the report of an import: what became of a row, or as
	// the last one the summary.
	ImportLine struct {
		Line     int               `json:"line,omitempty" jsonschema:"where the row begins in its table, from 1"`
		Row      string            `json:"record,omitempty" jsonschema:"id of the row, where the table has ids"`
		Decision string            `json:"decision,omitempty" jsonschema:"id of the decision on record"`
		Hash     string            `json:"hash,omitempty" jsonschema:"SHA-256 of the record"`
		Verdict  string            `json:"verdict,omitempty"`
		Again    bool              `json:"again,omitempty" jsonschema:"it was put on record by an earlier request with the same key"`
		Problem  *problem.Document `json:"problem,omitempty" jsonschema:"why it is not on record"`
		Summary  *ImportSummary    `json:"summary,omitempty" jsonschema:"of the last line"`
	}
	// ImportSummary counts what became of the rows.
	ImportSummary struct {
		Complete bool `json:"complete" jsonschema:"all rows were read"`
		Rows     int  `json:"rows"`
		Recorded int  `json:"recorded" jsonschema:"put on record now"`
		Again    int  `json:"again" jsonschema:"put on record by an earlier request"`
		Refused  int  `json:"refused"`
	}
)

// Media types of tables, with the ends of names that they have as files.
var tableMedia = []struct{ media, ending string }{
	{"text/csv", ".csv"},
	{"text/tab-separated-values", ".tsv"},
	{jsonLines, ".jsonl"},
	{ndjson, ".jsonl"},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
	{"application/vnd.oasis.opendocument.spreadsheet", ".ods"},
}

// tableBodies are the bodies that a table may be sent as.
func tableBodies() []body {
	all := []body{{multipartMedia, MaxReview, nil, "one table as a file, and review.yaml beside it where its columns are to be said", false}}
	for _, t := range tableMedia {
		all = append(all, body{t.media, MaxReview, nil, "the table itself", false})
	}
	return all
}

// How an import goes about rows that are refused.
const (
	modeWhole = "whole"
	modeLines = "lines"
)

// importing asks a question about every row of a table and puts the decisions on
// record.
func (a *api) importing(w http.ResponseWriter, r *http.Request) error {
	q, o, err := a.importOf(r)
	if err != nil {
		return err
	}
	book := a.Rules.Current().Book.Rulebook()
	question, ok := book.Question(q.Question)
	if !ok {
		return &policy.UnknownQuestionError{Question: q.Question}
	}
	if _, err := a.Rules.Current().With(q.Readings); err != nil {
		return err
	}
	release, err := a.receive(w, r)
	if err != nil {
		return err
	}
	defer release()
	files, err := a.tableOf(r)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // a temporary file
	rows, err := tables.OpenRows(files, book, question, o)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()

	out := &importReport{api: a, w: w, r: r, rows: rows, wait: patienceFor(w, r), lang: problem.Language(r)}
	defer out.wait.restore()
	out.wait.forever()
	sum, err := a.Import(r.Context(), *q, rows, out.row)
	var cut *table.RowError
	switch {
	case errors.As(err, &cut) && !q.Whole: // what was read before is on record
		p := ofTable(cut.Problem)
		if err := out.line(ImportLine{Line: cut.Line, Problem: out.document(p)}); err != nil {
			return out.failed(err)
		}
	case err != nil:
		return out.failed(err)
	}
	s := &ImportSummary{Complete: err == nil, Rows: sum.Rows, Recorded: sum.Recorded, Again: sum.Again, Refused: sum.Refused}
	if err := out.line(ImportLine{Summary: s}); err != nil {
		return out.failed(err)
	}
	return nil
}

// importOf are the parameters of an import.
func (a *api) importOf(r *http.Request) (*service.Import, tables.RowOptions, error) {
	var o tables.RowOptions
	query := r.URL.Query()
	asked, err := askedOf(r)
	if err != nil {
		return nil, o, err
	}
	q := &service.Import{Asking: asked, Whole: true}
	switch mode := query.Get("mode"); {
	case !query.Has("mode"), mode == modeWhole:
	case mode == modeLines:
		q.Whole = false
	default:
		return nil, o, badParameter("mode", problem.Text{ZH: "没有这种方式", EN: "there is no such mode"}, nearest(mode, []string{modeWhole, modeLines}))
	}
	if q.Only, err = flag(query, "check"); err != nil {
		return nil, o, err
	}
	if o.How.Local, err = flag(query, "local_times"); err != nil {
		return nil, o, err
	}
	o.Sheet = query.Get("sheet")
	if o.How.Encoding = query.Get("encoding"); query.Has("encoding") && !slices.Contains(table.Encodings, o.How.Encoding) {
		return nil, o, badParameter("encoding", problem.Text{ZH: "没有这种编码", EN: "there is no such encoding"}, nearest(o.How.Encoding, table.Encodings))
	}
	if o.How.Days = table.DayOrder(query.Get("dates")); query.Has("dates") && !slices.Contains(table.DayOrders, string(o.How.Days)) {
		return nil, o, badParameter("dates", problem.Text{ZH: "没有这种日期次序", EN: "there is no such order of dates"}, nearest(string(o.How.Days), table.DayOrders))
	}
	if q.Key, err = keyOf(r); err != nil {
		return nil, o, err
	}
	q.By, q.Caller, q.Wait = door.WhoOf(r.Context()), door.NameOf(r.Context()), door.CallerOf(r.Context()).Wait
	for _, name := range []string{"mode", "check"} {
		query.Del(name) // the rows are the same
	}
	q.Settings = []byte(query.Encode() + "\x00")
	return q, o, nil
}

// tableOf keeps the table that was sent in a temporary file.
func (a *api) tableOf(r *http.Request) (*tables.FS, error) {
	contentType := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, unreadable()
	}
	if media == multipartMedia {
		files, fields, err := tables.Read(r.Body, contentType, a.Room, MaxReview)
		if err != nil {
			return nil, bodyError(err, MaxReview)
		}
		if len(fields) > 0 {
			p := problem.New(http.StatusBadRequest, "unexpected_field", problem.Text{ZH: "表单里只收文件", EN: "the form takes files only"}, problem.Text{ZH: "其余写成查询参数", EN: "write the rest as parameters of the query"})
			return nil, errors.Join(p, files.Close())
		}
		return files, nil
	}
	i := slices.IndexFunc(tableMedia, func(t struct{ media, ending string }) bool { return t.media == media })
	if i < 0 {
		return nil, unreadable()
	}
	files, err := tables.New(a.Room)
	if err != nil {
		return nil, err
	}
	err = files.Put("table"+tableMedia[i].ending, func(to io.Writer) error {
		_, err := io.Copy(to, r.Body)
		return err
	})
	if err != nil {
		return nil, errors.Join(bodyError(err, MaxReview), files.Close())
	}
	return files, nil
}

// importReport is the report of an import as it is sent.
type importReport struct {
	*api
	w     http.ResponseWriter
	r     *http.Request
	rows  *tables.Rows
	wait  patience
	lang  string
	begun bool
}

func (x *importReport) line(l ImportLine) error {
	if !x.begun {
		x.begun = true
		h := x.w.Header()
		h.Set("Content-Type", jsonLines)
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "Accept-Language")
		x.w.WriteHeader(http.StatusOK)
	}
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	x.wait.write()
	_, err = x.w.Write(append(data, '\n'))
	return err
}

// failed ends a report that could not come to its end.
func (x *importReport) failed(err error) error {
	if x.begun {
		panic(http.ErrAbortHandler) // half a report must not look like a whole one
	}
	var nothing *service.NothingImportedError
	if errors.As(err, &nothing) {
		return x.nothing(nothing)
	}
	return err
}

func (x *importReport) row(row *service.ImportedRow) error {
	l := ImportLine{Line: row.Line, Row: row.ID, Verdict: row.Verdict}
	switch {
	case row.Refused():
		l.Verdict, l.Problem = "", x.document(x.problem(row))
	case row.Entry != nil:
		l.Decision, l.Hash, l.Again = row.Entry.ID(), row.Entry.Hash.String(), !row.First
	}
	return x.line(l)
}

func (x *importReport) document(p *problem.Problem) *problem.Document {
	d := p.In(x.lang, door.RequestID(x.r.Context()))
	return &d
}

// problem is what is wrong with a row; the facts are called as its columns are.
func (x *importReport) problem(row *service.ImportedRow) *problem.Problem {
	if len(row.Problems) == 0 {
		p := x.problemOf(row.Err)
		for _, each := range apart(p) {
			each.Fact = x.rows.Column(each.Fact)
		}
		return p
	}
	return several(row.Problems, ofTable)
}

// nothing says why a table was not put on record: what is wrong with its rows.
func (x *importReport) nothing(e *service.NothingImportedError) error {
	p := problem.New(http.StatusUnprocessableEntity, "nothing_imported",
		problem.Textf("%[2]d 行中有 %[1]d 行不能记录，因此一行也没有记录", "%[1]d of %[2]d rows cannot be put on record, so that none was", e.Refused, e.Rows),
		problem.Text{ZH: "改正这些行再送；只记录能记录的，写 mode=lines", EN: "correct these rows and send the table again; to put those on record that can be, write mode=lines"})
	for _, row := range e.First {
		for _, each := range apart(x.problem(row)) {
			each.Line, each.Column = row.Line, 0
			p.All = append(p.All, each)
		}
	}
	return p
}

// ofTable is a problem of a table.
func ofTable(t *table.Problem) *problem.Problem {
	p := problem.New(http.StatusUnprocessableEntity, t.Code, t.Message, t.Remedy)
	p.Fact = t.Column
	return p
}
