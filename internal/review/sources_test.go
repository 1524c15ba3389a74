package review

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/table"
)

// csvTable is a table of the tests.
type csvTable [][]string

func readTable(t require.TestingT, name string) csvTable {
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(table.TrimMark(data)))).ReadAll()
	require.NoError(t, err)
	return rows
}

func (t csvTable) text() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll(t)
	return b.String()
}

// withoutFiles is a report as JSON, without the names of files.
func withoutFiles(t require.TestingT, r *Report) string {
	c := *r
	c.Sections = slices.Clone(r.Sections)
	for i := range c.Sections {
		s := &c.Sections[i]
		s.Tables = nil
		s.Records = slices.Clone(s.Records)
		for k := range s.Records {
			s.Records[k].File = ""
		}
	}
	data, err := json.Marshal(c)
	require.NoError(t, err)
	return string(data)
}

// foreignTable writes some rows of a table as somebody else would: other names
// and words, another order, the clocks of the place. It gives the mapping.
func foreignTable(t *rapid.T, rows csvTable, section string) (text, mapping string) {
	header := rows[0]
	order := rapid.Permutation(indexes(len(header))).Draw(t, "columns")
	local := rapid.Bool().Draw(t, "local times")
	zone := time.FixedZone("", 8*60*60)
	var facts, words []string
	record := ""
	out := make(csvTable, len(rows))
	for place, from := range order {
		name := fmt.Sprintf("spalte %d", place)
		switch h := header[from]; {
		case h == table.Record:
			record = name
		case !table.IsRemark(h):
			facts = append(facts, fmt.Sprintf("%s: %s", h, name))
			if h == "loan.kind" {
				words = append(words, "loan.kind: {Buch: book, Film: film}")
			}
		}
		for i, row := range rows {
			cell := row[from]
			if i == 0 {
				cell = name
			} else {
				if at, err := time.Parse(time.RFC3339, cell); err == nil && local {
					cell = at.In(zone).Format("2006-01-02 15:04:05")
				}
				if header[from] == "loan.kind" {
					cell = strings.NewReplacer("book", "Buch", "film", "Film").Replace(cell)
				}
			}
			out[i] = append(out[i], cell)
		}
	}
	mapping = fmt.Sprintf("{%s, record: %s, local_times: %v, facts: {%s}, words: {%s}}", section, record, local, strings.Join(facts, ", "), strings.Join(words, ", "))
	return out.text(), mapping
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// The same records give the same report, whether they stand in a table of our
// own format, in one that is mapped, also under the name of a section's table,
// or are spread over several of either, in any order.
func TestOneIdentityOverAllSources(t *testing.T) {
	const dir = "testdata/2025-06/"
	want := func() string {
		r, err := Dir(context.Background(), lending(t), dir, Options{})
		require.NoError(t, err)
		require.NotEmpty(t, r.section(t, "loans").Records)
		return withoutFiles(t, r)
	}()
	reminders, err := os.ReadFile(dir + "loans.loan.reminders.csv")
	require.NoError(t, err)
	tables := map[string]csvTable{}
	for _, name := range []string{"desks", "loans", "statements"} {
		tables[name] = readTable(t, filepath.Join(dir, name+".csv"))
	}
	book := lending(t)
	rapid.Check(t, func(t *rapid.T) {
		out := fstest.MapFS{"loans.loan.reminders.csv": {Data: reminders}}
		var mappings []string
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			rows := tables[name]
			section := "table: " + name
			if name != "statements" && rapid.Bool().Draw(t, "by section") {
				section = "section: " + name
			}
			own := rapid.Bool().Draw(t, "own "+name)
			pieces := make([]csvTable, rapid.IntRange(1, 3).Draw(t, "files of "+name))
			for i := range pieces {
				pieces[i] = csvTable{rows[0]}
			}
			for _, row := range rapid.Permutation(rows[1:]).Draw(t, "rows") {
				i := rapid.IntRange(0, len(pieces)-1).Draw(t, "file")
				pieces[i] = append(pieces[i], row)
			}
			for i, piece := range pieces {
				file := fmt.Sprintf("%s-%d.csv", name, i)
				if i == 0 {
					file = name + ".csv"
				}
				if i == 0 && own {
					out[file] = &fstest.MapFile{Data: []byte(piece.text())}
					continue
				}
				text, mapping := foreignTable(t, piece, section)
				out[file] = &fstest.MapFile{Data: []byte(text)}
				mappings = append(mappings, "  "+file+": "+mapping+"\n")
			}
		}
		if len(mappings) > 0 {
			out[ConfigName] = &fstest.MapFile{Data: []byte("tables:\n" + strings.Join(rapid.Permutation(mappings).Draw(t, "mappings"), ""))}
		}
		r, err := Run(context.Background(), book, out, Options{Month: "2025-06"})
		require.NoError(t, err)
		require.Empty(t, r.Findings)
		require.Equal(t, want, withoutFiles(t, r))
	})
}

// A record that stands twice, wherever, is told with both places and counted
// nowhere; the others are as they were.
func TestRecordInTwoPlaces(t *testing.T) {
	const mapped = "section: loans, record: no, facts: {reader: who, loan.kind: kind, loan.lent_at: out, member: club}"
	own := loansHead + goodLoan + "L1,R,film,2025-06-10T09:00:00+08:00,false,\n"
	foreign := "no,who,kind,out,club\nL1,R,film,2025-06-10T09:00:00+08:00,false\n"
	for name, c := range map[string]struct {
		files []string
		want  string // of the finding
		en    string
	}{
		"one table":                  {[]string{"loans.csv", own + "L1,R,film,2025-06-10T09:00:00+08:00,false,\n"}, "loans.csv:4", `the id "L1" is used in line 3 already`},
		"own and mapped":             {[]string{"loans.csv", own, "a.csv", foreign, "review.yaml", "tables: {a.csv: {" + mapped + "}}"}, "loans.csv:3", `the id "L1" is used in a.csv:2 already`},
		"mapped and mapped":          {[]string{"loans.csv", loansHead + goodLoan, "b.csv", foreign, "a.csv", foreign, "review.yaml", "tables: {b.csv: {" + mapped + "}, a.csv: {" + mapped + "}}"}, "b.csv:2", `the id "L1" is used in a.csv:2 already`},
		"the second cannot be read":  {[]string{"loans.csv", own + "L1,R,pamphlet,2025-06-10T09:00:00+08:00,false,\n"}, "loans.csv:4", `the id "L1" is used in line 3 already`},
		"blanks around it":           {[]string{"loans.csv", own + " L1 ,R,film,2025-06-10T09:00:00+08:00,false,\n"}, "loans.csv:4", `the id "L1" is used in line 3 already`},
		"mapped by the table's name": {[]string{"loans.csv", own, "a.csv", foreign, "review.yaml", "tables: {a.csv: {" + strings.Replace(mapped, "section", "table", 1) + "}}"}, "loans.csv:3", `the id "L1" is used in a.csv:2 already`},
	} {
		t.Run(name, func(t *testing.T) {
			r := june(t, files(c.files...))
			require.Len(t, r.Findings, 1)
			f := r.Findings[0]
			assert.Equal(t, "duplicate_record", f.Code)
			assert.Equal(t, c.want, fmt.Sprintf("%s:%d", f.File, f.Line))
			assert.Equal(t, c.en, f.Message.EN)
			assert.NotEmpty(t, f.Message.ZH)
			assert.NotEmpty(t, f.Remedy.ZH)
			s := r.section(t, "loans")
			require.Len(t, s.Records, 1)
			assert.Equal(t, "good", s.Records[0].ID)
			assert.Equal(t, 1, s.Totals.Records)
			assert.Equal(t, 2, s.Totals.Unreadable)
			assert.Equal(t, 2, r.Totals.Unreadable)
		})
	}
}

// A file that is mapped is read by its mapping alone, whatever it is called.
func TestMappedAloneByItsMapping(t *testing.T) {
	const foreign = "no,who,kind,out,club\nL1,R,film,2025-06-10T09:00:00+08:00,false\n"
	const facts = "record: no, facts: {reader: who, loan.kind: kind, loan.lent_at: out, member: club}"
	for _, file := range []string{"loans.csv", "statements.csv", "desks.csv", "loans.loan.reminders.csv", "other.csv"} {
		t.Run(file, func(t *testing.T) {
			r := june(t, files(file, foreign, "review.yaml", "tables: {"+file+": {section: loans, "+facts+"}}"))
			assert.Empty(t, r.Findings)
			assert.Equal(t, 1, r.Totals.Records)
			require.Len(t, r.section(t, "loans").Records, 1)
		})
	}
}

// Another question about a record finds its row in mapped tables, too, also of
// a record that is mapped itself.
func TestWithSeesMappedTables(t *testing.T) {
	loans := []string{"loans.csv", "record,reader,loan.kind,loan.lent_at,loan.returned_at,member,price\nL1,R,book,2025-06-02T10:00:00+08:00,2025-06-12T10:00:01+08:00,true,30\n"}
	const statement = "no,heard,by\nL1,2025-06-13 09:00,librarian\n"
	r := june(t, files(append(loans, "heard.csv", statement, "review.yaml",
		"tables: {heard.csv: {table: statements, record: no, local_times: true, facts: {statement.asked_at: heard, decider: by}}}")...))
	require.Empty(t, r.Findings)
	with := r.section(t, "loans").Records[0].With
	require.Len(t, with, 1)
	assert.Empty(t, with[0].Absent)
	same := june(t, files(append(loans, "statements.csv", "record,statement.asked_at,decider\nL1,2025-06-13T01:00:00Z,librarian\n")...))
	assert.Equal(t, withoutFiles(t, same), withoutFiles(t, r))

	r = june(t, files(append(loans, "heard.csv", "no,heard,by\nL9,2025-06-13 09:00,librarian\n", "review.yaml",
		"tables: {heard.csv: {table: statements, record: no, local_times: true, facts: {statement.asked_at: heard, decider: by}}}")...))
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "unknown_record", r.Findings[0].Code)
}

// What is counted of several tables, or of one month in several ways, is one
// record.
func TestCountsAreOneRecord(t *testing.T) {
	const counts = "counts:\n- {table: a.csv, moment: at, section: desks, fact: complaints, month: month}\n" +
		"- {table: b.csv, moment: at, section: desks, fact: complaints, month: month}\n" +
		"- {table: c.csv, moment: at, section: desks, fact: visitors, month: month}\n"
	a := "at\n2025-06-01T10:00:00+08:00\n2025-06-02T10:00:00+08:00\n2025-05-02T10:00:00+08:00\n"
	b := "at\n2025-06-03T10:00:00+08:00\n"
	var visits strings.Builder
	visits.WriteString("at\n")
	for range 300 {
		visits.WriteString("2025-06-03T10:00:00+08:00\n")
	}
	r := june(t, files("a.csv", a, "b.csv", b, "c.csv", visits.String(), "review.yaml", counts))
	require.Empty(t, r.Findings)
	s := r.section(t, "desks")
	require.Len(t, s.Records, 1)
	assert.Equal(t, "2025-06", s.Records[0].ID)
	assert.Equal(t, "3/300", s.Records[0].Cells[1].EN)
	assert.Equal(t, []string{"a.csv", "b.csv", "c.csv"}, s.Tables)

	r = june(t, files("a.csv", a, "b.csv", b, "c.csv", visits.String(), "review.yaml", counts, "desks.csv", "record,month,complaints,visitors\n2025-06,2025-06,3,300\n"))
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "duplicate_record", r.Findings[0].Code)
	assert.Zero(t, r.section(t, "desks").Totals.Records)
}

// Harmless things that programs leave in tables are read, or told in one
// finding.
func TestAsSpreadsheetsLeaveTables(t *testing.T) {
	const row = "good,R,film,2025-06-10T09:00:00+08:00,false,\n"
	for name, c := range map[string]struct {
		text string
		want string // code of the only finding, "" for none
	}{
		"separator line":                 {"sep=,\r\n" + loansHead + row, ""},
		"separator line in quotes":       {"\"sep=,\"\r\n" + loansHead + row, ""},
		"separator line behind a mark":   {"\ufeffSEP=,\n" + loansHead + row, ""},
		"separator line with columns":    {"sep=,,,,,,\n" + loansHead + row, ""},
		"another separator":              {"sep=;\n" + strings.ReplaceAll(loansHead+row, ",", ";"), "wrong_separator"},
		"two marks":                      {"\ufeff\ufeff" + loansHead + row, ""},
		"blank rows before":              {"\n,,,,,\n" + loansHead + row, ""},
		"blank rows behind":              {loansHead + row + ",,,,,\n,,,,,\n\n", ""},
		"empty columns":                  {"record,reader,loan.kind,loan.lent_at,member,loan.damages,,,\n" + strings.TrimSuffix(row, "\n") + ",,,\n,,,,,,,,\n", ""},
		"an empty column inside":         {"record,,reader,loan.kind,loan.lent_at,member\ngood,,R,film,2025-06-10T09:00:00+08:00,false\n", ""},
		"commas behind the header alone": {"record,reader,loan.kind,,,\ngood,R,film\nalso,R,film\n", ""},
		"something in an empty column":   {"record,reader,,,\ngood,R,,x,\nalso,R,y,,\n", "column_without_name"},
		"commas behind the rows":         {"record,reader\ngood,R,\nalso,R,\n", "wrong_number_of_cells"},
		"UTF-16":                         {"\xff\xfer\x00e\x00c\x00o\x00r\x00d\x00", "not_utf8"},
		"UTF-16 of the other kind":       {"\xfe\xff\x00r\x00e", "not_utf8"},
		"UTF-16 without a mark":          {"r\x00e\x00c\x00o\x00r\x00d\x00,\x00\n\x00x\x00\n\x00", "not_utf8"},
		"GBK":                            {"record,reader\ngood,\xd5\xc5\xc8\xfd\n", "not_utf8"},
		"a workbook":                     {"PK\x03\x04\x14\x00\x06\x00\n\n", "not_csv"},
	} {
		t.Run(name, func(t *testing.T) {
			r := june(t, files("loans.csv", c.text))
			if c.want == "" {
				assert.Empty(t, r.Findings)
				assert.NotEmpty(t, r.section(t, "loans").Records)
				return
			}
			require.Len(t, r.Findings, 1, "%v", r.Findings)
			assert.Equal(t, c.want, r.Findings[0].Code)
			assert.NotEmpty(t, r.Findings[0].Remedy.ZH)
			assert.Empty(t, r.section(t, "loans").Records)
		})
	}
	r := june(t, files("Loans.CSV", loansHead+row, "desks.xlsx", "PK"))
	require.Len(t, r.Findings, 2)
	assert.Equal(t, "unknown_table", r.Findings[0].Code)
	assert.Contains(t, r.Findings[0].Remedy.EN, "loans.csv")
}
