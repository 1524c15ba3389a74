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
	"path"
	"strings"
	"testing/fstest"
	"time"

	"github.com/servicerules/rulebook/examples/server/problem"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/review"
)

const multipartMedia = "multipart/form-data"

// month reviews a month of records.
func (a *api) month(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, MaxReview)
	tables, options, err := tablesOf(r)
	if err != nil {
		return err
	}
	wait := patienceFor(w, r)
	defer wait.restore()
	options.Progress = func(int, int) { wait.write() }
	result, err := a.Review(r.Context(), tables, options)
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

const maxFiles = 100

// formTables takes the files of a form: tables and review.yaml, and the
// fields month and as_of.
func formTables(form *multipart.Reader) (fs.FS, review.Options, error) {
	tables, options := fstest.MapFS{}, review.Options{}
	fields := map[string]bool{}
	for range maxFiles {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return tables, options, noTables(tables)
		}
		if err != nil {
			return nil, options, bodyError(err, MaxReview)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, options, bodyError(err, MaxReview)
		}
		name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
		if part.FileName() == "" {
			if fields[part.FormName()] {
				return nil, options, badParameter("form", problem.Text{ZH: "表单字段重复", EN: "a field of the form stands twice"}, problem.Text{ZH: "只给一次", EN: "give it once"})
			}
			fields[part.FormName()] = true
			if err := when(&options, part.FormName(), string(data)); err != nil {
				return nil, options, err
			}
			continue
		}
		if !fs.ValidPath(name) || name == "." || !strings.HasSuffix(strings.ToLower(name), ".csv") && name != "review.yaml" {
			return nil, options, problem.New(http.StatusUnprocessableEntity, "unknown_file", problem.Text{ZH: "只收 .csv 表和 review.yaml", EN: "only tables, .csv, and review.yaml are taken"},
				problem.Text{ZH: "按 examples/data 里的样子命名", EN: "name the files as in examples/data"})
		}
		if tables[name] != nil {
			return nil, options, problem.New(http.StatusUnprocessableEntity, "file_twice", problem.Text{ZH: "同名的表给了两次", EN: "a table was sent twice"}, problem.Text{ZH: "只给一次", EN: "send it once"})
		}
		tables[name] = &fstest.MapFile{Data: data}
	}
	return nil, options, problem.New(http.StatusUnprocessableEntity, "too_many_files", problem.Textf("文件超过 %d 个", "more than %d files", maxFiles), problem.Text{ZH: "只发要审查的表", EN: "send the tables to review only"})
}

func noTables(tables fstest.MapFS) error {
	if len(tables) > 0 {
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
	return badParameter("form", problem.Text{ZH: "没有这个表单字段", EN: "the form has no such field"}, problem.Text{ZH: "可写:month, as_of", EN: "allowed: month, as_of"})
}
