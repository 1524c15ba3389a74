package spreadsheet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/proptest"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/spreadsheet"
)

// The same facts have the same answer, byte for byte, whether they come as JSON to
// the library or as a row of a table in any format: over all questions of three
// rulebooks, with facts that are left out, null, in other zones, of other scripts.
// RULEBOOK_TESTS=all asks about more of them.
func TestEveryFormatHasTheLibrarysAnswers(t *testing.T) {
	rows := testsize.Pick(2, 6, 120)
	for _, file := range []string{"../rules.yaml", "../examples/rulebooks/service-desk.yaml", "../examples/rulebooks/ofcom.yaml"} {
		book, err := rulebook.Load(file)
		require.NoError(t, err)
		for i, q := range book.Rulebook().Questions {
			t.Run(filepath.Base(file)+"/"+q.ID, func(t *testing.T) {
				t.Parallel()
				x := &answerTest{T: t, book: book, question: q, random: rand.New(rand.NewPCG(7, uint64(i)))}
				x.run(rows)
			})
		}
	}
}

type answerTest struct {
	*testing.T
	book     *rulebook.Book
	question *policy.Question
	random   *rand.Rand
	columns  []table.Column
	facts    []map[string]any
}

func (x *answerTest) run(rows int) {
	var leaves func(f *policy.Fact, path string)
	leaves = func(f *policy.Fact, path string) {
		x.columns = append(x.columns, table.Column{Path: path, Fact: f})
		for _, field := range f.Fields {
			leaves(field, path+"."+field.Name)
		}
	}
	for _, f := range x.question.Facts {
		leaves(f.Fact, f.Name)
	}
	x.columns = append(x.columns, table.Column{Path: table.AsOf})
	want := make([]string, rows)
	for i := range rows {
		facts := x.row(i)
		x.facts = append(x.facts, facts)
		want[i] = x.library(facts)
	}
	if n := slices.IndexFunc(want, func(answer string) bool { return !strings.HasPrefix(answer, "refused") }); rows > 3 {
		require.GreaterOrEqual(x, n, 0, "no facts were answered")
	}
	dir := x.TempDir()
	for name, data := range map[string][]byte{
		"facts.csv":      []byte(separated(',', x.cells(inText))),
		"gb18030.csv":    gb18030(x, separated(';', x.cells(inText))),
		"utf16.tsv":      utf16(x, separated('\t', x.cells(inText))),
		"facts.csv.gz":   gzipped(x, table.Mark+separated(',', x.cells(inText))),
		"facts.xlsx":     workbook(x, x.cells(x.inWorkbook)),
		"texts.xlsx":     workbook(x, x.cells(func(v any) any { return v })),
		"facts.ods":      openDocument(x, x.cells(x.inWorkbook)),
		"facts.jsonl":    x.lines(),
		"facts.jsonl.gz": gzipped(x, string(x.lines())),
	} {
		path := filepath.Join(dir, name)
		require.NoError(x, os.WriteFile(path, data, 0o600))
		got := x.batch(path)
		require.Len(x, got, rows, name)
		for i := range want {
			require.Equal(x, want[i], got[i], "%s, row %d: %v", name, i, x.facts[i])
		}
	}
}

// row makes facts that a row of a table can hold: no list of records but an empty
// one, and no record without a field.
func (x *answerTest) row(n int) map[string]any {
	lack := []int{10, 40, 80}[n%3]
	made := proptest.Facts{Rand: x.random, Book: x.book.Rulebook(), Lack: lack}
	facts := map[string]any{}
	for _, f := range x.question.Facts {
		if x.random.IntN(100) < lack {
			continue
		}
		if v, ok := x.vary(f.Fact, made.Fact(f.Fact)); ok {
			facts[f.Name] = v
		}
	}
	if n%2 == 0 {
		facts[table.AsOf] = "2025-03-10T12:00:00Z"
	}
	return facts
}

var (
	names = []any{"张三", "李　四", "O'Neil, \"Jo\"", "007", "１２", "𠮷野家", "a=b", "x-1", "Ünlü", "客户#1", "2025-06-09", "3/4", "true", "50%"}
	texts = []any{"一行\n两行", "say \"no\"", "x;y", "-", "a,b；c"}
	zones = []*time.Location{time.UTC, time.FixedZone("", 8*60*60), time.FixedZone("", -(3*60+30)*60)}
)

// vary makes values more various than those that rules are tried with, and leaves
// out what no table holds.
func (x *answerTest) vary(f *policy.Fact, v any) (any, bool) {
	if x.random.IntN(20) == 0 {
		return nil, true
	}
	switch f.TypeName {
	case "record":
		fields := v.(map[string]any)
		for _, field := range f.Fields {
			if given, there := fields[field.Name]; there {
				if varied, ok := x.vary(field, given); ok {
					fields[field.Name] = varied
				} else {
					delete(fields, field.Name)
				}
			}
		}
		return fields, len(fields) > 0
	case "list":
		items := v.([]any)
		if table.IsTable(f) {
			return []any{}, len(items) == 0
		}
		for i := range items {
			for again := 0; ; again++ {
				varied, ok := x.vary(f.Elem, items[i])
				if text, isText := varied.(string); ok && varied != nil && !(isText && strings.ContainsAny(text, ";；、，,|\n")) {
					items[i] = varied
					break
				}
			}
		}
		return items, true
	case "name":
		if x.random.IntN(2) == 0 {
			return names[x.random.IntN(len(names))], true
		}
	case "text":
		return texts[x.random.IntN(len(texts))], true
	case "moment":
		at, err := time.Parse(time.RFC3339, v.(string))
		require.NoError(x, err)
		at = at.Add(time.Duration(x.random.IntN(3600)) * time.Second)
		if x.random.IntN(4) == 0 {
			at = at.Add(time.Duration(x.random.IntN(1e9)))
		}
		return at.In(zones[x.random.IntN(len(zones))]).Format(time.RFC3339Nano), true
	}
	return v, true
}

// library is what the library answers to facts as JSON, or refuses them for.
func (x *answerTest) library(facts map[string]any) string {
	data, err := json.Marshal(facts)
	require.NoError(x, err)
	a, err := x.book.Ask(context.Background(), x.question.ID, data)
	if err != nil {
		refused := policy.RefusedFacts(err)
		require.NotEmpty(x, refused, "%s: %v", data, err)
		return "refused: " + refused[0].Code + " " + refused[0].Fact
	}
	return string(a.AppendJSON(nil, true))
}

// batch asks about every row of a file.
func (x *answerTest) batch(path string) []string {
	var out bytes.Buffer
	o := batch.Options{Output: &out}
	o.Question, o.Out = x.question.ID, batch.JSONL
	how := table.How{}
	if strings.Contains(path, "gb18030") {
		how.Encoding = "gb18030" // so few characters, and rare ones, are not enough to recognise it
	}
	rows, err := spreadsheet.OpenFile(path, "", how)
	require.NoError(x, err)
	if rows != nil {
		made := spreadsheet.NewCSV(rows)
		defer made.Close()
		o.Input, o.In, o.Placed = made, batch.CSV, made
	} else {
		data, err := os.ReadFile(path)
		require.NoError(x, err)
		o.Input, o.In, o.InGzip = bytes.NewReader(data), batch.CSV, strings.HasSuffix(path, ".gz")
		if strings.Contains(path, ".jsonl") {
			o.In = batch.JSONL
		}
	}
	_, err = batch.Run(context.Background(), x.book, o)
	require.NoError(x, err)
	var all []string
	for line := range strings.Lines(out.String()) {
		var answered struct {
			Answer json.RawMessage
			Error  struct{ Code, Fact string }
		}
		require.NoError(x, json.Unmarshal([]byte(line), &answered))
		if answered.Answer == nil {
			all = append(all, "refused: "+answered.Error.Code+" "+answered.Error.Fact)
			continue
		}
		all = append(all, string(answered.Answer))
	}
	return all
}

// cells are the facts as a table, each value as in makes it.
func (x *answerTest) cells(in func(any) any) [][]any {
	header := []any{table.Record}
	for _, c := range x.columns {
		header = append(header, c.Path)
	}
	all := [][]any{header}
	for i, facts := range x.facts {
		row := []any{fmt.Sprint("R", i)}
		for _, c := range x.columns {
			row = append(row, in(cellOf(facts, c.Path)))
		}
		all = append(all, row)
	}
	return all
}

// cellOf is what stands under a path: nil where nothing is said.
func cellOf(facts map[string]any, path string) any {
	var at any = facts
	for name := range strings.SplitSeq(path, ".") {
		record, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		if at, ok = record[name]; !ok {
			return nil
		}
		if at == nil {
			if strings.HasSuffix("."+path, "."+name) {
				return "null"
			}
			return nil
		}
	}
	switch v := at.(type) {
	case map[string]any:
		return nil
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		items := make([]string, len(v))
		for i := range v {
			items[i] = fmt.Sprint(v[i])
		}
		return strings.Join(items, ";")
	}
	return at
}

// inWorkbook has moments in the rulebook's zone as cells of dates, as far as such a
// cell keeps them.
func (x *answerTest) inWorkbook(v any) any {
	text, ok := v.(string)
	if !ok || len(text) < len(time.DateTime) {
		return v
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Nanosecond() != 0 || x.random.IntN(2) == 0 {
		return v
	}
	wall := at.In(x.book.Rulebook().Zone)
	return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC)
}

// lines are the facts as JSON Lines.
func (x *answerTest) lines() []byte {
	var b bytes.Buffer
	for i, facts := range x.facts {
		line := map[string]any{}
		for name, v := range facts {
			line[name] = v
		}
		if !slices.ContainsFunc(x.question.Facts, func(f policy.QuestionFact) bool { return f.Name == table.Record }) {
			line[table.Record] = fmt.Sprint("R", i)
		}
		data, err := json.Marshal(line)
		require.NoError(x, err)
		b.Write(append(data, '\n'))
	}
	return b.Bytes()
}

// inText is a cell of text.
func inText(v any) any {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
