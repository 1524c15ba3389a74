package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/servicerules/rulebook/examples/server/problem"
	"github.com/servicerules/rulebook/examples/server/tables"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/review"
)

const multipartMedia = "multipart/form-data"

// month reviews a month of records.
func (a *api) month(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, MaxReview)
	files, options, err := tablesOf(r)
	if err != nil {
		return err
	}
	wait := patienceFor(w, r)
	defer wait.restore()
	options.Progress = func(int, int) { wait.write() }
	result, err := a.Review(r.Context(), files, options)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept, Accept-Language")
	var b bytes.Buffer
	if strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
		if err := result.Render(&b, report.Style{Lang: problem.Language(r)}); err != nil {
			return err
		}
		h.Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(b.Bytes())
		return nil
	}
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(result); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, b.Bytes())
}

// tablesOf is what was sent: files of a form, or JSON.
func tablesOf(r *http.Request) (fs.FS, review.Options, error) {
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == multipartMedia {
		return formTables(multipart.NewReader(r.Body, params["boundary"]))
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, review.Options{}, bodyError(err, MaxReview)
	}
	return jsonTables(data)
}

// bodyError says why a body could not be read.
func bodyError(err error, limit int64) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge(limit)
	}
	return unreadable()
}

// formTables takes the files of a form: tables and review.yaml, and the
// fields month and as_of.
func formTables(form *multipart.Reader) (fs.FS, review.Options, error) {
	var options review.Options
	files, fields, err := tables.Read(form, MaxReview)
	var refused *tables.Error
	switch {
	case errors.As(err, &refused) && refused.Code == "too_large":
		return nil, options, tooLarge(MaxReview)
	case errors.As(err, &refused):
		return nil, options, problem.New(http.StatusUnprocessableEntity, refused.Code, refused.Message, refused.Remedy)
	case err != nil:
		return nil, options, bodyError(err, MaxReview)
	}
	for name, text := range fields {
		if err := when(&options, name, text); err != nil {
			return nil, options, err
		}
	}
	return files, options, noTables(files)
}

func noTables(files tables.FS) error {
	if len(files) > 0 {
		return nil
	}
	return problem.New(http.StatusUnprocessableEntity, "no_tables", problem.Text{ZH: "没有要审查的表", EN: "there is no table to review"},
		problem.Text{ZH: "发送 examples/data 那样的 CSV 表", EN: "send CSV tables as in examples/data"})
}

// when sets the month or the moment of asking.
func when(o *review.Options, name, text string) (err error) {
	switch name {
	case "month":
		if _, err := time.Parse("2006-01", text); err != nil || len(text) != len("2006-01") {
			return badParameter(name, problem.Text{ZH: "应为月份", EN: "a month is expected"}, problem.Text{ZH: "写成 2025-06", EN: "write it as in 2025-06"})
		}
		o.Month = text
		return nil
	case "as_of":
		o.AsOf, err = moment(name, text)
		return err
	}
	return badParameter("form", problem.Text{ZH: "没有这个表单字段", EN: "the form has no such field"}, problem.Text{ZH: "可写：month, as_of", EN: "allowed: month, as_of"})
}
