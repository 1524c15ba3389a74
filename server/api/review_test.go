package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

const sampleMonth = "../../examples/data/2025-06"

// form is a multipart body of files and fields.
func form(t *testing.T, files, fields map[string]string) (media, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, text := range fields {
		require.NoError(t, w.WriteField(name, text))
	}
	for name, text := range files {
		part, err := w.CreateFormFile("tables", name)
		require.NoError(t, err)
		_, err = io.WriteString(part, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return w.FormDataContentType(), b.String()
}

func sample(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(sampleMonth)
	require.NoError(t, err)
	for _, e := range entries {
		if name := e.Name(); filepath.Ext(name) == ".csv" || name == "review.yaml" {
			data, err := os.ReadFile(filepath.Join(sampleMonth, name))
			require.NoError(t, err)
			files[name] = string(data)
		}
	}
	return files
}

// A month that is sent is reviewed as the command line reviews a directory.
func TestReviewAsTheCommandLineDoes(t *testing.T) {
	s := serve(t, live.Options{})
	want, err := review.Dir(t.Context(), s.rules.Current().Book, sampleMonth, review.Options{})
	require.NoError(t, err)
	media, body := form(t, sample(t), map[string]string{"month": "2025-06"})
	got := s.send(http.MethodPost, "/v1/review", media, body)
	require.Equal(t, http.StatusOK, got.status, got.body)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(want))
	assert.Equal(t, b.String(), got.body)

	for _, lang := range []string{"zh", "en"} {
		got = s.send(http.MethodPost, "/v1/review", media, body, "Accept", "text/plain", "Accept-Language", lang)
		b.Reset()
		require.NoError(t, want.Render(&b, report.Style{Lang: lang}))
		assert.Equal(t, b.String(), got.body)
	}
}

// withoutFiles is a review without the names of files.
func withoutFiles(t *testing.T, body string) string {
	t.Helper()
	var r map[string]any
	decode(t, body, &r)
	for _, s := range r["sections"].([]any) {
		delete(s.(map[string]any), "tables")
		for _, x := range s.(map[string]any)["records"].([]any) {
			delete(x.(map[string]any), "file")
		}
	}
	data, err := json.Marshal(r)
	require.NoError(t, err)
	return string(data)
}

// A record has one identity, however it is sent: in a table of its section, in
// one that is mapped, in several, or as JSON behind a byte order mark.
func TestReviewHasOneIdentityARecord(t *testing.T) {
	s := serve(t, live.Options{})
	const head = "record,request.kind,request.area_type,request.papers_complete_at\n"
	const one, two, three = "R1,install,urban,2025-06-09T10:00:00+08:00\n", "R2,install,rural,2025-06-09T10:00:00+08:00\n", "R10,install,urban,2025-06-02T10:00:00+08:00\n"
	const foreign = "no,what,where,when\n"
	mapping := func(file string) string {
		return "  " + file + ": {section: requests, record: no, local_times: true, facts: {request.kind: what, request.area_type: where, request.papers_complete_at: when}}\n"
	}
	local := func(rows string) string { return strings.ReplaceAll(rows, "+08:00", "") }
	send := func(files map[string]string) reply {
		media, body := form(t, files, map[string]string{"month": "2025-06"})
		return s.send(http.MethodPost, "/v1/review", media, body)
	}
	want := send(map[string]string{"requests.csv": head + one + two + three})
	require.Equal(t, http.StatusOK, want.status, want.body)
	for name, got := range map[string]reply{
		"another order": send(map[string]string{"requests.csv": "\ufeffsep=,\r\n" + strings.TrimSuffix(head, "\n") + ",,\n" + strings.ReplaceAll(three+one+two, "\n", ",,\n") + ",,,,,\n"}),
		"mapped under the name of the section's table": send(map[string]string{"requests.csv": foreign + local(two+one+three), "Review.yaml": "\ufefftables:\n" + mapping("requests.csv")}),
		"own and mapped":        send(map[string]string{"requests.csv": head + two, "more.csv": foreign + local(three+one), "review.yaml": "tables:\n" + mapping("more.csv")}),
		"mapped in three files": send(map[string]string{"a.csv": foreign + one, "b.csv": foreign + local(two), "c.csv": foreign + three, "review.yaml": "tables:\n" + mapping("c.csv") + mapping("a.csv") + mapping("b.csv")}),
		"JSON": s.send(http.MethodPost, "/v1/review", "application/json", "\ufeff"+`{"month": "2025-06", "tables": {"requests": [
			{"record": "R10", "facts": {"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-02T10:00:00+08:00"}}},
			{"record": "R1", "facts": {"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}},
			{"record": "R2", "facts": {"request": {"kind": "install", "area_type": "rural", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}}]}}`),
	} {
		require.Equal(t, http.StatusOK, got.status, "%s: %s", name, got.body)
		assert.Equal(t, withoutFiles(t, want.body), withoutFiles(t, got.body), name)
	}
	media, body := form(t, map[string]string{"requests.csv": head + one + two + three}, map[string]string{"period": "2025-06-01..2025-06-30"})
	require.Equal(t, withoutFiles(t, want.body), withoutFiles(t, s.send(http.MethodPost, "/v1/review", media, body).body), "a month is a period")
	media, body = form(t, map[string]string{"requests.csv": head + one}, map[string]string{"period": "summer"})
	refused := s.send(http.MethodPost, "/v1/review", media, body)
	assert.Equal(t, http.StatusBadRequest, refused.status)
	assert.Contains(t, refused.body, "2025-Q3")
	twice := send(map[string]string{"requests.csv": head + one + two, "more.csv": foreign + local(one), "review.yaml": "tables:\n" + mapping("more.csv")})
	var r api.Review
	decode(t, twice.body, &r)
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "duplicate_record", r.Findings[0].Code)
	assert.Contains(t, r.Findings[0].Message.EN, "more.csv:2")
	assert.Equal(t, 1, r.Totals.Records)
	assert.Equal(t, 2, r.Totals.Unreadable)
}

// A byte order mark before facts is none of them.
func TestByteOrderMark(t *testing.T) {
	s := serve(t, live.Options{})
	want := s.ask("time_limit.request", "", `{"request": {"kind": "fault"}}`)
	got := s.ask("time_limit.request", "", "\ufeff"+`{"request": {"kind": "fault"}}`)
	require.Equal(t, http.StatusOK, got.status, got.body)
	assert.Equal(t, want.body, got.body)
}

// The same records as JSON get the same answers.
func TestReviewOfJSON(t *testing.T) {
	s := serve(t, live.Options{})
	const month = `{"month":"2025-06","tables":{
		"areas":[{"record":"A1","facts":{"area":{"id":"A1","type":"urban"},"month":"2025-06","households_month_start":5000,"households_month_end":5000,
			"complaint_calls_recorded_by_branch":4,"tickets":{"received":120,"replied_within_72h":120},"satisfaction":{"valid_responses":200,"satisfied":199},"surveyed":200}}],
		"requests":[
			{"record":"R1","facts":{"request":{"kind":"fault","severity":"ordinary","received_at":"2025-06-02T08:00:00+08:00","completed_at":"2025-06-03T08:00:00+08:00",
				"customer_failures":[{"type":"visit_absent","at":"2025-06-02T12:00:00+08:00","cause":"customer"}]},"observed":[]}},
			{"record":"R2","facts":{"request":{"kind":"fault","severity":"ordinary","received_at":"2025-06-02T08:00:00+08:00","completed_at":"2025-06-03T08:00:01+08:00","customer_failures":[]},"as_requested":true}}]}}`
	got := s.send(http.MethodPost, "/v1/review", "application/json", month)
	require.Equal(t, http.StatusOK, got.status, got.body)
	var r api.Review
	decode(t, got.body, &r)
	assert.Empty(t, r.Findings)
	assert.Equal(t, 3, r.Totals.Records)
	var asked []string
	for _, section := range r.Sections {
		for _, x := range section.Records {
			var a api.Answer
			require.NoError(t, json.Unmarshal(x.Answer.Complete, &a))
			asked = append(asked, x.ID+" "+a.Verdict)
		}
	}
	assert.ElementsMatch(t, []string{"A1 met", "R1 on_time", "R2 late"}, asked)
}

func TestReviewHazards(t *testing.T) {
	s := serve(t, live.Options{})
	const record = `{"record":"R1","facts":{}}`
	tables := func(text string) string { return `{"tables":{"requests":[` + text + `]}}` }
	for name, x := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no JSON":                    {"x", 400, "json_syntax"},
		"a list":                     {"[]", 422, "bad_record"},
		"nothing":                    {"{}", 422, "bad_record"},
		"no tables":                  {`{"tables":{}}`, 422, "no_tables"},
		"an unknown key":             {`{"table":{}}`, 422, "bad_record"},
		"a key in capitals":          {`{"TABLES":{}}`, 422, "bad_record"},
		"a duplicate key":            {`{"tables":{},"tables":{}}`, 400, "duplicate_key"},
		"an empty body":              {"", 400, "json_syntax"},
		"cut off":                    {`{"tables":{"requests":[` + record, 400, "json_syntax"},
		"a comma too many":           {tables(record + ","), 400, "json_syntax"},
		"a comma too few":            {tables(record + record), 400, "json_syntax"},
		"a key without quotes":       {`{tables:{}}`, 400, "json_syntax"},
		"a key without a value":      {`{"tables"}`, 400, "json_syntax"},
		"brackets crossed":           {`{"tables":{"requests":[{"record":"R1","facts":[}]]}}`, 400, "json_syntax"},
		"half a surrogate":           {tables(`{"record":"\ud800","facts":{}}`), 400, "json_syntax"},
		"an escaped quote":           {tables(`{"record":"R\"1]","facts":{"request":{"direct":"null"}}}`), 422, "bad_record"},
		"a key twice in a record":    {tables(`{"record":"R1","record":"R2","facts":{}}`), 400, "duplicate_key"},
		"a record too large":         {tables(`{"record":"` + strings.Repeat("x", policy.MaxFactBytes) + `","facts":{}}`), 413, "too_large"},
		"a list too long":            {tables(`{"record":"R1","facts":{"observed":[` + strings.Repeat(`"x",`, policy.MaxItems) + `"x"]}}`), 422, "too_many_items"},
		"something behind":           {tables(record) + "1", 400, "json_syntax"},
		"bad UTF-8":                  {tables("\"\xff\""), 400, "not_utf8"},
		"too deep":                   {tables(strings.Repeat("[", 100)), 400, "too_deep"},
		"a wrong month":              {`{"month":"2025-13","tables":{}}`, 400, "bad_parameter"},
		"a month as a number":        {`{"month":202506,"tables":{}}`, 422, "bad_record"},
		"a wrong moment":             {`{"as_of":"2025-06-01","tables":{}}`, 400, "bad_parameter"},
		"a table elsewhere":          {`{"tables":{"../requests":[` + record + `]}}`, 422, "bad_record"},
		"a table that is a record":   {`{"tables":{"requests":` + record + `}}`, 422, "bad_record"},
		"a record without id":        {tables(`{"facts":{}}`), 422, "bad_record"},
		"a record without facts":     {tables(`{"record":"R1"}`), 422, "bad_record"},
		"an id that is null":         {tables(`{"record":"null","facts":{}}`), 422, "bad_record"},
		"a text that reads as null":  {tables(`{"record":"R1","facts":{"request":{"direct":"null"}}}`), 422, "bad_record"},
		"a word with a semicolon":    {tables(`{"record":"R1","facts":{"observed":["a;b"]}}`), 422, "bad_record"},
		"a dotted key":               {tables(`{"record":"R1","facts":{"request.kind":"fault"}}`), 422, "bad_record"},
		"a list of lists":            {tables(`{"record":"R1","facts":{"observed":[["a"]]}}`), 422, "bad_record"},
		"a list of both":             {tables(`{"record":"R1","facts":{"request":{"customer_failures":[{"type":"visit_absent"},"x"]}}}`), 422, "bad_record"},
		"a list that some have only": {tables(`{"record":"R1","facts":{"request":{"customer_failures":[{"type":"visit_absent"}]}}},{"record":"R2","facts":{"request":{"kind":"fault"}}}`), 422, "bad_record"},
	} {
		got := s.send(http.MethodPost, "/v1/review", "application/json", x.body)
		d := got.problem(t)
		assert.Equal(t, x.code, d.Code, "%s: %s", name, got.body)
		assert.Equal(t, x.status, got.status, "%s: %s", name, got.body)
	}
	for name, x := range map[string]struct {
		files, fields map[string]string
		code          string
	}{
		"no file":          {code: "no_tables"},
		"a program":        {files: map[string]string{"run.sh": "x"}, code: "unknown_file"},
		"an unknown field": {files: sample(t), fields: map[string]string{"moon": "1"}, code: "bad_parameter"},
		"a wrong month":    {files: sample(t), fields: map[string]string{"month": "June"}, code: "bad_parameter"},
		"a wrong config":   {files: map[string]string{"review.yaml": "tables: 1", "areas.csv": "record\n"}, code: "wrong_type"},
	} {
		media, body := form(t, x.files, x.fields)
		d := s.send(http.MethodPost, "/v1/review", media, body).problem(t)
		assert.Equal(t, x.code, d.Code, name)
	}
	d := s.send(http.MethodPost, "/v1/review", "multipart/form-data; boundary=x", "no form").problem(t)
	assert.Equal(t, "unreadable_body", d.Code)
	// A path in the name of a file is no path here.
	media, body := form(t, map[string]string{`..\..\requests.csv`: "record,request.kind\nR1,fault\n"}, nil)
	assert.Equal(t, http.StatusOK, s.send(http.MethodPost, "/v1/review", media, body).status)
}
