package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

const importAt = "/v1/questions/time_limit.request/import"

// importedLines are the lines of a report; the last is the summary.
func importedLines(t *testing.T, got reply) (lines []api.ImportLine, sum api.ImportSummary) {
	t.Helper()
	require.Equal(t, http.StatusOK, got.status, got.body)
	for text := range strings.Lines(got.body) {
		var l api.ImportLine
		decode(t, text, &l)
		lines = append(lines, l)
	}
	require.NotNil(t, lines[len(lines)-1].Summary, got.body)
	return lines[:len(lines)-1], *lines[len(lines)-1].Summary
}

// facts of the records, in their order.
func (s *server) facts() (all []string) {
	s.t.Helper()
	entries, err := s.store.Stretch(s.t.Context(), 1, 1000)
	require.NoError(s.t, err)
	for _, e := range entries {
		b, err := e.Decode()
		require.NoError(s.t, err)
		all = append(all, b.Question+string(b.Facts)+fmt.Sprint(b.FactsAssumed))
	}
	return all
}

var importTable = [][]string{
	{"record", "request.kind", "request.area_type", "request.papers_complete_at", "request.completed_at", "request.direct"},
	{"A1", "install", "urban", "2025-06-09T10:00:00+08:00", "2025-06-17T09:00:00+08:00", "王小明"},
	{"A2", "install", "urban", "2025-06-09T10:00:00+08:00", "null", "S2, jr"},
	{"A3", "install", "", "2025-06-10T10:00:00+08:00", "", ""},
}

func csvOf(rows [][]string, separator string) string {
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			if i > 0 {
				b.WriteString(separator)
			}
			if strings.Contains(c, separator) {
				c = `"` + c + `"`
			}
			b.WriteString(c)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// workbook is a workbook of one sheet.
func workbook(t *testing.T, rows [][]string) string {
	t.Helper()
	var sheet, file bytes.Buffer
	for i, r := range rows {
		fmt.Fprintf(&sheet, `<row r="%d">`, i+1)
		for c, text := range r {
			fmt.Fprintf(&sheet, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+c, i+1, text)
		}
		sheet.WriteString("</row>")
	}
	zip := zip.NewWriter(&file)
	const main, relations = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="` + main + `" xmlns:r="` + relations + `"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + relations + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet xmlns="` + main + `"><sheetData>` + sheet.String() + `</sheetData></worksheet>`,
	} {
		w, err := zip.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, zip.Close())
	return file.String()
}

// The same table in whatever format gives the same records, in its order, and the
// same as asking about its rows one by one.
func TestImportInAnyFormat(t *testing.T) {
	lines := `{"record":"A1","request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-17T09:00:00+08:00","direct":"王小明"}}

{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":null,"direct":"S2, jr"},"record":"A2"}
{"record":"A3","request":{"kind":"install","papers_complete_at":"2025-06-10T10:00:00+08:00"}}`
	one := serve(t, live.Options{})
	for _, facts := range strings.Split(strings.NewReplacer(`"record":"A1",`, "", `,"record":"A2"`, "", `"record":"A3",`, "", "\n\n", "\n").Replace(lines), "\n") {
		require.Equal(t, http.StatusCreated, one.ask("time_limit.request", "?record=1&as_of=2025-07-01T00:00:00Z", facts).status, facts)
	}
	want := one.facts()
	require.Len(t, want, 3)

	labelled := append([][]string{{"编号", "事项类型", "片区类别", "材料齐全时间", "办结时间", "具体承办人"}}, importTable[1:]...)
	chinese, err := simplifiedchinese.GB18030.NewEncoder().String(csvOf(labelled, ","))
	require.NoError(t, err)
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	file, err := parts.CreateFormFile("file", "tickets.csv")
	require.NoError(t, err)
	_, err = file.Write([]byte(csvOf(append([][]string{{"no", "k", "a", "p", "c", "d"}}, importTable[1:]...), ";")))
	require.NoError(t, err)
	file, err = parts.CreateFormFile("x", "review.yaml")
	require.NoError(t, err)
	_, err = file.Write([]byte("tables: {tickets.csv: {record: no, facts: {request.kind: k, request.area_type: a, request.papers_complete_at: p, request.completed_at: c, request.direct: d}}}"))
	require.NoError(t, err)
	require.NoError(t, parts.Close())
	for name, sent := range map[string][2]string{
		"csv": {"text/csv", csvOf(importTable, ",")}, "semicolons": {"text/csv", csvOf(importTable, ";")}, "tabs": {"text/tab-separated-values", csvOf(importTable, "\t")},
		"lines": {"application/jsonl", lines}, "other lines": {"application/x-ndjson", lines}, "form": {parts.FormDataContentType(), form.String()},
		"xlsx":    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook(t, importTable)},
		"chinese": {"text/csv", chinese},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, live.Options{})
			at := importAt + "?as_of=2025-07-01T00:00:00Z"
			checked, sum := importedLines(t, s.send(http.MethodPost, at+"&check=1", sent[0], sent[1]))
			assert.Equal(t, api.ImportSummary{Complete: true, Rows: 3}, sum)
			assert.Empty(t, s.facts())
			got, sum := importedLines(t, s.send(http.MethodPost, at, sent[0], sent[1], "Idempotency-Key", "june"))
			assert.Equal(t, api.ImportSummary{Complete: true, Rows: 3, Recorded: 3}, sum)
			assert.Equal(t, want, s.facts())
			for i, l := range got {
				assert.Equal(t, importTable[i+1][0], l.Row)
				assert.Equal(t, checked[i].Verdict, l.Verdict)
				assert.Equal(t, http.StatusOK, s.get("/v1/decisions/"+l.Decision).status)
			}
			again, sum := importedLines(t, s.send(http.MethodPost, at+"&mode=lines", sent[0], sent[1], "Idempotency-Key", "june"))
			assert.Equal(t, api.ImportSummary{Complete: true, Rows: 3, Again: 3}, sum)
			assert.Equal(t, got[1].Decision, again[1].Decision)
			assert.Contains(t, s.send(http.MethodPost, "/v1/decisions/verify", "", "").body, `"ok":true`)
		})
	}
}

// Of a table with rows that cannot be put on record none is, or those that can be;
// each is told with its line and column, in the language of the request.
func TestImportOfWrongRows(t *testing.T) {
	s := serve(t, live.Options{})
	table := csvOf(append(append([][]string{}, importTable...),
		[]string{"A1", "install", "urban", "", "", ""},
		[]string{"B1", "instal", "urb", "2025-06-09T10:00:00+08:00", "", ""},
		[]string{"B2", "install", "urban", "09/06/2025 10:00", "", ""},
		[]string{"B3", "install", "urban", "2098-06-09T10:00:00+08:00", "", ""},
		[]string{"合计", "6", "", "", "", ""},
		[]string{"B4", "install", "urban", "2025-06-11T10:00:00+08:00", "", ""},
	), ",")
	p := s.send(http.MethodPost, importAt, "text/csv", table, "Accept-Language", "en").problem(t)
	assert.Equal(t, "nothing_imported", p.Code)
	assert.Equal(t, "5 of 9 rows cannot be put on record, so that none was", p.Title)
	var told []string
	for _, e := range p.Errors {
		told = append(told, fmt.Sprint(e.Line)+" "+e.Code+" "+e.Fact)
	}
	assert.Equal(t, []string{"5 duplicate_record record", "6 unknown_word request.kind", "6 unknown_word request.area_type", "7 uncertain_date request.papers_complete_at", "8 in_future request.papers_complete_at", "9 totals_row record"},
		told)
	assert.Empty(t, s.facts())

	lines, sum := importedLines(t, s.send(http.MethodPost, importAt+"?mode=lines", "text/csv", table, "Idempotency-Key", "k", "Accept-Language", "zh"))
	assert.Equal(t, api.ImportSummary{Complete: true, Rows: 9, Recorded: 4, Refused: 5}, sum)
	assert.Len(t, s.facts(), 4)
	assert.Len(t, lines[4].Problem.Errors, 2)
	assert.Contains(t, lines[4].Problem.Title, "词")
	// mended, only what was not on record goes on record; changed, a row is refused
	mended := strings.NewReplacer("instal,urb,", "install,urban,", "王小明", "王大明", "合计,6,,,,\n", "").Replace(table)
	lines, sum = importedLines(t, s.send(http.MethodPost, importAt+"?mode=lines", "text/csv", mended, "Idempotency-Key", "k"))
	assert.Equal(t, api.ImportSummary{Complete: true, Rows: 8, Recorded: 1, Again: 3, Refused: 4}, sum)
	assert.Equal(t, "key_reused", lines[0].Problem.Code)
	assert.Equal(t, "key_reused", s.send(http.MethodPost, importAt, "text/csv", csvOf([][]string{importTable[0], {"N1", "install", "urban", "2025-06-09T10:00:00+08:00", "", ""}, {"A2", "install", "urban", "2025-06-09T10:00:00+08:00", "", "other"}}, ","), "Idempotency-Key", "k").problem(t).Errors[0].Code)

	for query, want := range map[string]string{"?mode=some": "bad_parameter", "?check=yes": "bad_parameter", "?encoding=latin": "bad_parameter", "?dates=x": "bad_parameter", "?reading=x=y": "unknown_reading", "?sheet=2": "which_sheet"} {
		assert.Equal(t, want, s.send(http.MethodPost, importAt+query, "text/csv", table).problem(t).Code, query)
	}
	assert.Equal(t, "unknown_question", s.send(http.MethodPost, "/v1/questions/no/import", "text/csv", table).problem(t).Code)
	assert.Equal(t, "empty_table", s.send(http.MethodPost, importAt, "text/csv", "").problem(t).Code)
	wrong := s.send(http.MethodPost, importAt, "text/csv", "record,request.knd,nothing\nA,b,c\n").problem(t)
	assert.Equal(t, "unknown_column", wrong.Code)
	assert.Len(t, wrong.Errors, 2)
	assert.Equal(t, "one_table", s.send(http.MethodPost, importAt, "multipart/form-data; boundary=b", "--b--\r\n").problem(t).Code)
	const lock = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"~$tickets.csv\"\r\n\r\nrecord\r\n--b--\r\n" // which spreadsheets leave beside a table
	for _, sheet := range []string{"", "?sheet=x"} {
		assert.Equal(t, "unknown_file", s.send(http.MethodPost, importAt+sheet, "multipart/form-data; boundary=b", lock).problem(t).Code)
	}
}

// A table is put on record together or not at all also where the disk fails
// behind its first rows, and others' decisions go on afterwards.
func TestImportIsWhole(t *testing.T) {
	clock := time.Now()
	s := serveBy(t, live.Options{}, record.Options{Now: func() time.Time { return clock }})
	var table bytes.Buffer
	table.WriteString("record,request.kind,request.area_type,request.papers_complete_at\n")
	rows := testsize.Pick(800, 800, 20_000)
	for i := range rows {
		fmt.Fprintf(&table, "T%d,install,urban,2025-06-09T10:00:00+08:00\n", i)
	}
	began := time.Now()
	_, sum := importedLines(t, s.send(http.MethodPost, importAt, "text/csv", table.String(), "Idempotency-Key", "k"))
	t.Log(rows, "rows together:", time.Since(began))
	assert.Equal(t, rows, sum.Recorded)
	began = time.Now()
	_, sum = importedLines(t, s.send(http.MethodPost, importAt+"?mode=lines", "text/csv", table.String(), "Idempotency-Key", "k2"))
	t.Log(rows, "rows one by one:", time.Since(began))
	assert.Equal(t, rows, sum.Recorded)
	for range 20_001 - rows {
		table.WriteString("x,install,urban,2025-06-09T10:00:00+08:00\n")
	}
	var verified api.Verified
	require.NoError(t, json.Unmarshal([]byte(s.send(http.MethodPost, "/v1/decisions/verify", "", "").body), &verified))
	assert.True(t, verified.OK)
	assert.EqualValues(t, 2*rows, verified.Records)
}
