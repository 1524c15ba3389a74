package spreadsheet_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/table"
)

// A record that stands in two places is told, with both of them, and counted in
// neither, whatever files or sheets they are; the other records are counted once.
func TestOneIdentityOverAllSources(t *testing.T) {
	rowsOf := func(ids ...any) [][]any {
		all := [][]any{head}
		for _, id := range ids {
			all = append(all, append([]any{id}, row[1:]...))
		}
		return all
	}
	lines := func(ids ...any) string {
		text := ""
		for _, id := range ids {
			text += fmt.Sprintf(`{"record": %q, "reader": "张三", "loan": {"kind": "film", "lent_at": "2025-06-09T10:00:00+08:00"}, "member": false}`+"\n", id)
		}
		return text
	}
	formats := []struct {
		file string
		made func(ids ...any) any
	}{
		{"loans.csv", func(ids ...any) any { return separated(',', rowsOf(ids...)) }},
		{"loans.tsv", func(ids ...any) any { return separated('\t', rowsOf(ids...)) }},
		{"loans.xlsx", func(ids ...any) any { return workbook(t, rowsOf(ids...)) }},
		{"loans.ods", func(ids ...any) any { return openDocument(t, rowsOf(ids...)) }},
		{"loans.jsonl", func(ids ...any) any { return lines(ids...) }},
		{"loans.csv.gz", func(ids ...any) any { return gzipped(t, separated(';', rowsOf(ids...))) }},
		{"六月.xlsx", func(ids ...any) any { return workbook(t, rowsOf(ids...), renamed("loans")) }},
	}
	local := table.How{Local: true}
	for i, a := range formats {
		for _, b := range formats[i+1:] {
			name, behind := a.file+" and "+b.file, "\u3000"
			if b.file == "loans.jsonl" {
				behind = "" // JSON says what it means
			}
			r := reviewed(t, local, dir(a.file, a.made("A1", "only a"), b.file, b.made("only b", "A1"+behind)))
			require.Len(t, r.Findings, 1, name)
			f := r.Findings[0]
			assert.Equal(t, "duplicate_record", f.Code, name)
			assert.Contains(t, []string{a.file, b.file}, f.File, name)
			for _, other := range []string{a.file, b.file} {
				if other != f.File {
					assert.Contains(t, f.Message.EN, other, name)
					assert.Contains(t, f.Message.ZH, other, name)
				}
			}
			assert.Equal(t, 2, r.Totals.Records, name)
			assert.Equal(t, 2, r.Totals.Unreadable, name)
		}
	}
	for name, files := range map[string]fstest.MapFS{
		"zeros that a spreadsheet took away": dir("loans.csv", separated(',', rowsOf("007", "8")), "loans.xlsx", workbook(t, rowsOf(7, 9))),
		"digits of full width":               dir("loans.csv", separated(',', rowsOf("A７", "8")), "loans.jsonl", lines("A7", "9")),
	} {
		r := reviewed(t, local, files)
		if assert.Len(t, r.Findings, 1, name) {
			assert.Equal(t, "similar_record", r.Findings[0].Code, name)
			assert.Equal(t, 2, r.Totals.Records, name)
		}
	}
	r := reviewed(t, local, dir("loans.csv", separated(',', rowsOf("007", "7", "A7", "A07"))))
	assert.Empty(t, r.Findings, "in one table they are two")
	assert.Equal(t, 4, r.Totals.Records)
}
