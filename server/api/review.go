package api

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	reporting "github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/problem"
)

const multipartMedia = "multipart/form-data"

// receive takes one of the places for tables that are being received, until release
// is called, and bounds what is sent.
func (a *api) receive(w http.ResponseWriter, r *http.Request) (release func(), err error) {
	if release, err = a.Uploading(); err != nil {
		return nil, err
	}
	door.Spooled(r.Context())
	r.Body = http.MaxBytesReader(w, r.Body, MaxReview)
	return release, nil
}

// month reviews a month of records. What is sent and what comes out of it goes
// through temporary files, so that neither takes memory.
func (a *api) month(w http.ResponseWriter, r *http.Request) error {
	release, err := a.receive(w, r)
	if err != nil {
		return err
	}
	defer release()
	files, options, err := a.tablesOf(r)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // a temporary file
	wait := patienceFor(w, r)
	defer wait.restore()
	options.Progress = func(int, int) { wait.write() }
	wait.write()
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept, Accept-Language")
	if strings.HasPrefix(r.Header.Get("Accept"), textMedia) {
		return a.monthText(w, r, files, options, wait)
	}
	out, err := a.Room.New()
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	records := &recordWriter{out: bufio.NewWriterSize(out, 64<<10)}
	options.Emit = records.emit
	report, err := a.Review(r.Context(), files, options)
	if err != nil {
		return err
	}
	if err := records.out.Flush(); err != nil {
		return err
	}
	return sendReport(w, wait, report, records, out)
}

// recordWriter writes records as they stand in a report as JSON.
type recordWriter struct {
	out   *bufio.Writer
	size  int64
	ends  []int64 // of the records of a section
	names []string
	one   bytes.Buffer
}

// mostReport bounds the records of a report, in bytes.
const mostReport = 1 << 30

// Records stand so far to the right in a report.
const recordIndent = "        "

func (x *recordWriter) emit(section string, r *review.Record, _ *policy.Answer) error {
	before := ",\n" + recordIndent
	if n := len(x.names); n == 0 || x.names[n-1] != section {
		x.names, x.ends = append(x.names, section), append(x.ends, x.size)
		before = recordIndent
	}
	x.one.Reset()
	x.one.WriteString(before)
	e := json.NewEncoder(&x.one)
	e.SetEscapeHTML(false)
	e.SetIndent(recordIndent, "  ")
	if err := e.Encode(r); err != nil {
		return err
	}
	if x.size > mostReport {
		return problem.New(http.StatusRequestEntityTooLarge, "too_large", problem.Textf("结果超过 %d MiB", "the result is larger than %d MiB", mostReport>>20),
			problem.Text{ZH: "按月、按部门或按表分批发送", EN: "send the tables by month, by unit or table by table"})
	}
	n, err := x.out.Write(bytes.TrimSuffix(x.one.Bytes(), []byte("\n")))
	x.size += int64(n)
	x.ends[len(x.ends)-1] = x.size
	return err
}

// sendReport writes a report, with the records of its sections from the file.
func sendReport(w http.ResponseWriter, wait patience, report *review.Report, records *recordWriter, out *spool.File) error {
	const none, begin, end = "\n      \"records\": [],", "\n      \"records\": [\n", "\n      ],"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(report); err != nil {
		return err
	}
	var parts []io.Reader
	length, from := int64(0), int64(0)
	add := func(r io.Reader, n int64) { parts, length = append(parts, r), length+n }
	text := b.Bytes()
	for i := range report.Sections {
		at := bytes.Index(text, []byte(none)) // no string has a line end
		if at < 0 {
			return errors.New("a section without records")
		}
		add(bytes.NewReader(text[:at]), int64(at))
		text = text[at+len(none):]
		k := slices.Index(records.names, report.Sections[i].Name)
		if k < 0 {
			add(strings.NewReader(none), int64(len(none)))
			continue
		}
		n := records.ends[k] - from
		add(strings.NewReader(begin), int64(len(begin)))
		add(io.NewSectionReader(out, from, n), n)
		add(strings.NewReader(end), int64(len(end)))
		from += n
	}
	add(bytes.NewReader(text), int64(len(text)))
	h := w.Header()
	h.Set("Content-Type", jsonMedia)
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(http.StatusOK)
	if _, err := io.Copy(patient{w, wait}, io.MultiReader(parts...)); err != nil {
		panic(http.ErrAbortHandler) // half a report must not look like a whole one
	}
	return nil
}

// monthText answers with the review for people, which has all records before
// the first line.
func (a *api) monthText(w http.ResponseWriter, r *http.Request, files fs.FS, options review.Options, wait patience) error {
	const most, each = 32 << 20, 1 << 10 // bytes, of a record about
	var sections []string
	held, size := map[string][]review.Record{}, 0
	options.Brief = true
	options.Emit = func(section string, x *review.Record, _ *policy.Answer) error {
		size += each
		for _, c := range x.Cells {
			size += len(c.ZH) + len(c.EN)
		}
		if size > most {
			return problem.New(http.StatusRequestEntityTooLarge, "too_large", problem.Text{ZH: "结果太长，不能作为文本", EN: "the result is too long as text"},
				problem.Text{ZH: "写 Accept: application/json，或分批发送", EN: "send Accept: application/json, or send the tables in pieces"})
		}
		if held[section] == nil {
			sections = append(sections, section)
		}
		held[section] = append(held[section], *x)
		return nil
	}
	report, err := a.Review(r.Context(), files, options)
	if err != nil {
		return err
	}
	for i := range report.Sections {
		if s := &report.Sections[i]; slices.Contains(sections, s.Name) {
			s.Records = held[s.Name]
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := report.Render(patient{w, wait}, reporting.Style{Lang: problem.Language(r, a.Rules.Current().Book.Rulebook().Languages...)}); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// tablesOf is what was sent: files of a form, or JSON.
func (a *api) tablesOf(r *http.Request) (*tables.FS, review.Options, error) {
	contentType := r.Header.Get("Content-Type")
	if media, _, _ := mime.ParseMediaType(contentType); media != multipartMedia {
		return a.jsonTables(r.Body)
	}
	files, fields, err := tables.Read(r.Body, contentType, a.Room, MaxReview)
	var options review.Options
	var refused *tables.Error
	switch {
	case errors.As(err, &refused) && refused.Code == "too_large":
		return nil, options, problem.New(http.StatusRequestEntityTooLarge, refused.Code, refused.Message, refused.Remedy)
	case errors.As(err, &refused):
		return nil, options, problem.New(http.StatusUnprocessableEntity, refused.Code, refused.Message, refused.Remedy)
	case err != nil:
		return nil, options, bodyError(err, MaxReview)
	}
	for name, text := range fields {
		if err = when(&options, name, text); err != nil {
			break
		}
	}
	if err = cmp.Or(err, noTables(files)); err != nil {
		return nil, options, errors.Join(err, files.Close())
	}
	return files, options, nil
}

func noTables(files *tables.FS) error {
	if len(files.Names()) > 0 {
		return nil
	}
	return problem.New(http.StatusUnprocessableEntity, "no_tables", problem.Text{ZH: "没有要审查的表", EN: "there is no table to review"},
		problem.Text{ZH: "发送 examples/data 那样的 CSV 表", EN: "send CSV tables as in examples/data"})
}

// when sets the month or another period, or the moment of asking.
func when(o *review.Options, name, text string) (err error) {
	switch name {
	case "month":
		if _, err := time.Parse("2006-01", text); err != nil || len(text) != len("2006-01") {
			return badParameter(name, problem.Text{ZH: "应为月份", EN: "a month is expected"}, problem.Text{ZH: "写成 2025-06", EN: "write it as in 2025-06"})
		}
		o.Month = text
		return nil
	case "period":
		var refused *source.ScalarError
		if o.Period, err = review.ParsePeriod(text); errors.As(err, &refused) {
			return badParameter(name, refused.Message, refused.Remedy)
		}
		return err
	case "as_of":
		o.AsOf, err = moment(name, text)
		return err
	}
	return badParameter("form", problem.Text{ZH: "没有这个表单字段", EN: "the form has no such field"}, problem.Text{ZH: "可写：month, period, as_of", EN: "allowed: month, period, as_of"})
}
