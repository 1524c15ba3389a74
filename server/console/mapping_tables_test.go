package console

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// workbook is a workbook of sheets with rows.
func workbook(t *testing.T, sheets map[string][][]any, formula string) string {
	t.Helper()
	f := excelize.NewFile()
	for name, rows := range sheets {
		if name != "Sheet1" {
			_, err := f.NewSheet(name)
			require.NoError(t, err)
		}
		for i, row := range rows {
			require.NoError(t, f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row))
		}
	}
	if formula != "" {
		require.NoError(t, f.SetCellFormula("Sheet1", formula, "C3+1"))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.String()
}

// wide is a table with so many columns more than it needs.
func wide(n int) string {
	head, row := "单号,报修类别,报修时间", "A1,紧急,2025-06-03 09:00"
	for i := range n {
		head, row = head+fmt.Sprintf(",列%d", i), row+",x"
	}
	return head + "\n" + row + "\n"
}

// said is the text of a page, without its marks.
func said(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))), " ")
}

// Tables as offices have them: how many records are read of each as it is proposed,
// how many rows are not, and what is told.
func TestTablesAsOfficesHaveThem(t *testing.T) {
	const head, one = "单号,报修类别,报修时间\n", "A1,紧急,2025-06-03 09:00\n"
	encoded := func(text string, err error) string {
		require.NoError(t, err)
		return text
	}
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
	columns := []any{"单号", "报修类别", "报修时间"}
	first := []any{"A1", "紧急", "2025-06-03 09:00"}
	p := newOffice(t)
	for name, x := range map[string]struct {
		file, text      string
		records, unread string // of the trial; "" for none
		told            []string
	}{
		"semicolons":                {"r.csv", "单号;报修类别;报修时间\nA1;紧急;2025-06-03 09:00\n", "1", "0", []string{"semicolons"}},
		"sep=":                      {"r.csv", "sep=;\r\n单号;报修类别;报修时间\r\nA1;紧急;2025-06-03 09:00\r\n", "1", "0", []string{"semicolons"}},
		"tabs, UTF-16":              {"r.csv", encoded(utf16.String(strings.ReplaceAll(head+one, ",", "\t"))), "1", "0", []string{"UTF-16, tabs"}},
		"GB18030":                   {"r.csv", encoded(simplifiedchinese.GB18030.NewEncoder().String(head + one)), "1", "0", []string{"GB18030"}},
		"a title above":             {"r.csv", "六月报修登记表,,\n" + head + one, "1", "0", nil},
		"blank rows above":          {"r.csv", ",,\n,,\n" + head + one, "1", "0", nil},
		"a row of totals":           {"r.csv", head + one + "合计,1,\n", "1", "1", []string{"row of totals"}},
		"2,000 columns":             {"r.csv", wide(1997), "0", "1", []string{"more than 1000 columns", "more columns, which are not read"}},
		"headings that are empty":   {"r.csv", "单号,报修类别,,报修时间,\nA1,紧急,x,2025-06-03 09:00,y\n", "1", "0", nil},
		"a fact twice":              {"r.csv", "单号,报修类别,报修时间,报修时间\nA1,紧急,2025-06-03 09:00,2025-06-04 09:00\n", "0", "1", []string{"stands twice"}},
		"a remark twice":            {"r.csv", "单号,备注,备注,报修类别,报修时间\nA1,x,y,紧急,2025-06-03 09:00\n", "1", "0", nil},
		"an id twice":               {"r.csv", head + one + "A1,普通,2025-06-04 09:00\nA2,普通,2025-06-04 09:00\n", "1", "2", []string{"look at it", "A1"}},
		"an id that is missing":     {"r.csv", head + one + ",普通,2025-06-04 09:00\n", "1", "1", []string{"look at it"}},
		"headings in English":       {"r.csv", "No.,kind,reported,repaired\nA1,Urgent,2025-06-03 09:00,\n", "1", "0", []string{"Urgent: urgent"}},
		"words of two languages":    {"r.csv", head + "A1,urgent,2025-06-03 09:00\nA2,普通,2025-06-03 09:00\n", "2", "0", nil},
		"dates that may be two":     {"r.csv", head + "A1,紧急,03/04/2025 09:00\nA2,普通,05/06/2025 10:00\n", "0", "2", []string{"choose above how dates are written"}},
		"a serial number":           {"r.csv", head + "A1,紧急,45811.375\n", "1", "0", []string{"2025-06-03 09:00"}},
		"dates in Chinese":          {"r.csv", head + "A1,紧急,2025年6月3日 9:00\nA2,紧急,2025/6/3 9:00\n", "2", "0", nil},
		"a header alone":            {"r.csv", head, "0", "0", nil},
		"a row alone":               {"r.csv", one, "", "", []string{"none of the tables is to be read yet"}},
		"a heading of two lines":    {"r.csv", "单号,报修类别,\"报修\n时间\"\n" + one, "1", "0", nil},
		"a quote that is not ended": {"r.csv", head + "A1,\"紧急,2025-06-03 09:00\n", "0", "1", []string{"line 2: a quote is wrong"}},
		"two sheets, one of notes":  {"r.xlsx", workbook(t, map[string][][]any{"Sheet1": {columns, first}, "说明": {{"填表说明"}}}, ""), "1", "0", nil},
		"two sheets of records":     {"r.xlsx", workbook(t, map[string][][]any{"Sheet1": {columns, first}, "南": {columns, {"B1", "普通", "2025-06-03 09:00"}}}, ""), "2", "0", nil},
		"a formula without a value": {"r.xlsx", workbook(t, map[string][][]any{"Sheet1": {columns, {"A1", "紧急", 45811.375}, {"A2", "普通"}}}, "C3"), "1", "1", []string{"the formula has no computed value"}},
		"lines with records":        {"r.jsonl", `{"record":"A1","facts":{"kind":"urgent","reported_at":"2025-06-03T09:00:00+08:00"}}` + "\n", "1", "0", nil},
		"lines of an office":        {"r.jsonl", `{"单号":"A1","报修类别":"紧急","报修时间":"2025-06-03 09:00"}` + "\n", "1", "0", nil},
		"lines that are none":       {"r.jsonl", "{\"单号\":\"A1\"\nnope\n", "", "", []string{"line 1: this is not an object of JSON"}},
		"a day that there is not":   {"repairs.csv", "record,kind,reported_at\nA1,urgent,2025-06-31T09:00:00+08:00\n", "0", "1", []string{"a day that does not exist"}},
	} {
		at, page := p.waiting("", x.file, x.text)
		text := said(page)
		for _, told := range x.told {
			assert.Contains(t, text, told, name)
		}
		_, trial, tried := strings.Cut(page, `id="trial"`)
		require.Equal(t, x.records != "", tried, "%s: %s", name, text)
		if tried {
			n := regexp.MustCompile(`<span class="n">(\d+)</span>`).FindAllStringSubmatch(trial, 2)
			assert.Equal(t, []string{x.records, x.unread}, []string{n[0][1], n[1][1]}, name)
		}
		// in the other language it is as sound, and the form says the same
		values := fieldsOn(t, page)
		values.Set("lang", "zh")
		r := p.send(at, values)
		require.Equal(t, http.StatusSeeOther, r.StatusCode, name)
		assert.NotEmpty(t, r.Cookies(), name)
		values.Del("lang")
		assert.Equal(t, values, fieldsOn(t, p.get(at)), name)
	}
}

// What is chosen against what the table holds is told, or changes nothing; nothing
// of it is an error of the server.
func TestChoicesAgainstTheTable(t *testing.T) {
	p := newOffice(t)
	at, page := p.waiting("2025-06", "r.csv", "单号,报修类别,报修时间\nA1,紧急,2025-06-03 09:00\n")
	proposed := fieldsOn(t, page)
	for name, x := range map[string]struct {
		set  map[string]string
		want string
	}{
		"a column that is not there":    {map[string]string{"t0.c99": "kind", "t0.c-1": "kind", "t0.cx": "kind"}, `<span class="n">1</span><span>records`},
		"a table that is not there":     {map[string]string{"t7": "repairs", "t7.id": "0"}, `<span class="n">1</span><span>records`},
		"the ids are a fact, too":       {map[string]string{"t0.c0": "customer"}, `<span class="n">1</span><span>records`},
		"a fact of the wrong kind":      {map[string]string{"t0.c0": "repaired_at"}, `<span class="n">1</span><span>rows that cannot be read`},
		"a fact twice":                  {map[string]string{"t0.c0": "kind"}, "are the same fact"},
		"no ids":                        {map[string]string{"t0.id": ""}, "no column of the ids is chosen"},
		"a word of another fact":        {map[string]string{"t0.word.customer=紧急": "urgent"}, `<span class="n">1</span><span>records`},
		"a word that is none":           {map[string]string{"t0.word.kind=紧急": "nothing"}, `id="mapping"`},
		"an order that is none":         {map[string]string{"t0.days": "backwards"}, `<span class="n">1</span><span>records`},
		"another table than it was":     {map[string]string{"t0.was": "nothing", "t0.c1": ""}, `<span class="n">1</span><span>records`},
		"marks instead of a fact":       {map[string]string{"t0.c1": "<b>", "t0.word.<b>=x": "y"}, `id="mapping"`},
		"times without a zone":          {map[string]string{"-t0.local": ""}, "tick above in which zone such times are"},
		"a month that is none":          {map[string]string{"month": "2025-13"}, `role="alert"`},
		"a source that is too long":     {map[string]string{"source": strings.Repeat("x", 100)}, `<span class="n">1</span><span>records`},
		"what is no form of this table": {map[string]string{"x": "y"}, `<span class="n">1</span><span>records`},
	} {
		values := url.Values{}
		for field, value := range proposed {
			values[field] = value
		}
		for field, value := range x.set {
			if out, ok := strings.CutPrefix(field, "-"); ok {
				values.Del(out)
				continue
			}
			values.Set(field, value)
		}
		text := p.looks(at, values)
		sound(t, name, text)
		assert.Contains(t, text, x.want, name)
	}
}
