package spreadsheet_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/spreadsheet"
)

// lending is the rulebook of a library, of the tests of reviews.
var lending = sync.OnceValue(func() *rulebook.Book {
	data, err := os.ReadFile("../internal/review/testdata/rules.yaml")
	if err != nil {
		panic(err)
	}
	book, err := rulebook.Parse("rules.yaml", data)
	if err != nil {
		panic(err)
	}
	return book
})

// reviewed reviews the files of a directory.
func reviewed(t require.TestingT, how table.How, files fstest.MapFS) *review.Report {
	r, err := review.Run(context.Background(), lending(), files, review.Options{Month: "2025-06", How: how, Tables: spreadsheet.Sources})
	require.NoError(t, err)
	return r
}

func dir(content ...any) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i+1 < len(content); i += 2 {
		data, ok := content[i+1].([]byte)
		if !ok {
			data = []byte(content[i+1].(string))
		}
		all[content[i].(string)] = &fstest.MapFile{Data: data}
	}
	return all
}

func gb18030(t require.TestingT, text string) []byte {
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	require.NoError(t, err)
	return b
}

func utf16(t require.TestingT, text string) []byte {
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	require.NoError(t, err)
	return b
}

func gzipped(t require.TestingT, text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// separated is text with columns.
func separated(comma rune, rows [][]any) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = written(c)
		}
		if err := w.Write(cells); err != nil {
			panic(err)
		}
	}
	w.Flush()
	return b.String()
}

// written is a cell as a spreadsheet writes it into text.
func written(c any) string {
	switch c := c.(type) {
	case nil:
		return ""
	case time.Time:
		return c.Format("2006/1/2 15:04")
	case bool:
		return strings.ToUpper(fmt.Sprint(c))
	}
	return fmt.Sprint(c)
}

// workbook is an xlsx file as the library that writes them makes it.
func workbook(t require.TestingT, rows [][]any, change ...func(*excelize.File)) []byte {
	f := excelize.NewFile()
	defer f.Close()
	code := "yyyy/m/d h:mm"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
	require.NoError(t, err)
	for y, row := range rows {
		for x, c := range row {
			at, err := excelize.CoordinatesToCellName(x+1, y+1)
			require.NoError(t, err)
			if c == nil {
				continue
			}
			require.NoError(t, f.SetCellValue("Sheet1", at, c))
			if _, ok := c.(time.Time); ok {
				require.NoError(t, f.SetCellStyle("Sheet1", at, at, style))
			}
		}
	}
	for _, c := range change {
		c(f)
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

// openDocument is an ods file of one sheet, with the least that one has.
func openDocument(t require.TestingT, rows [][]any) []byte {
	var x strings.Builder
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="表1"><table:table-column table:number-columns-repeated="1024"/>`)
	for _, row := range rows {
		x.WriteString(`<table:table-row>`)
		for _, c := range row {
			switch c := c.(type) {
			case nil:
				x.WriteString(`<table:table-cell/>`)
			case time.Time:
				fmt.Fprintf(&x, `<table:table-cell office:value-type="date" office:date-value="%s"><text:p>%s</text:p></table:table-cell>`, c.Format("2006-01-02T15:04:05"), c.Format("02.01.06"))
			case bool:
				fmt.Fprintf(&x, `<table:table-cell office:value-type="boolean" office:boolean-value="%v"><text:p>WAHR</text:p></table:table-cell>`, c)
			case int:
				fmt.Fprintf(&x, `<table:table-cell office:value-type="float" office:value="%d"><text:p>%d,00</text:p></table:table-cell>`, c, c)
			default:
				var text bytes.Buffer
				require.NoError(t, xml.EscapeText(&text, []byte(fmt.Sprint(c))))
				fmt.Fprintf(&x, `<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>`, text.String())
			}
		}
		x.WriteString(`<table:table-cell table:number-columns-repeated="16370"/></table:table-row>`)
	}
	x.WriteString(`<table:table-row table:number-rows-repeated="1048500"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`)
	return zipped(t, "content.xml", x.String())
}

// zipped is a zip file of the parts: name, content, …
func zipped(t require.TestingT, parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(parts[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// jsonLines is a table of facts as JSON Lines; its header are paths.
func jsonLines(t require.TestingT, rows [][]any, moment func(time.Time) string) string {
	var b strings.Builder
	for _, row := range rows[1:] {
		object := map[string]any{}
		for i, c := range row {
			if c == nil {
				continue
			}
			if at, ok := c.(time.Time); ok {
				c = moment(at)
			}
			within := object
			path := strings.Split(rows[0][i].(string), ".")
			for _, name := range path[:len(path)-1] {
				if within[name] == nil {
					within[name] = map[string]any{}
				}
				within = within[name].(map[string]any)
			}
			within[path[len(path)-1]] = c
		}
		line, err := json.Marshal(object)
		require.NoError(t, err)
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

func renamed(sheet string) func(*excelize.File) {
	return func(f *excelize.File) {
		if err := f.SetSheetName("Sheet1", sheet); err != nil {
			panic(err)
		}
	}
}

func seen(t testing.TB, r *review.Report) []string {
	t.Helper()
	var all []string
	for _, f := range r.Findings {
		at := f.File
		if f.Cell != "" {
			at += " " + f.Cell
		} else if f.Line > 0 {
			at += fmt.Sprintf(":%d", f.Line)
		}
		all = append(all, fmt.Sprintf("%s %s %q %s", at, f.Column, f.Value, f.Code))
	}
	return all
}

// patched is a workbook of which texts of a part are replaced: old, new, …
func patched(t require.TestingT, data []byte, part string, change ...string) []byte {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var parts []string
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		content := string(text)
		if f.Name == part {
			content = strings.NewReplacer(change...).Replace(content)
		}
		parts = append(parts, f.Name, content)
	}
	return zipped(t, parts...)
}
