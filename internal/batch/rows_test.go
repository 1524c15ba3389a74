package batch

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Rows are read as encoding/csv reads them, with quotes and without.
func TestRowReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyCSV(t)
		if rapid.Bool().Draw(t, "no quotes") {
			text = strings.ReplaceAll(text, `"`, "\r")
		}
		requireSameRows(t, text)
	})
}

func requireSameRows(t require.TestingT, text string) {
	var got []string
	r := newRowReader([]byte(text))
	for {
		cells, line, err := r.next()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			require.Equal(t, rowsOf([]byte(text), 1), got)
			return
		case errors.As(err, &syntax):
			got = append(got, fmt.Sprintf("%d: wrong", syntax.StartLine))
		default:
			require.NoError(t, err)
			got = append(got, fmt.Sprintf("%d: %q", line, cells))
		}
	}
}

// clinicBook has a fact of every type.
func clinicBook(t testing.TB) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Load("../../internal/load/testdata/clinic.yaml")
	require.NoError(t, err)
	return book
}

// A row is answered, or refused, as the same facts are by way of nodes: byte
// for byte, and in the tally.
func TestRowsAnswerAsNodesDo(t *testing.T) {
	plain, all := 0, 0
	for _, book := range []*rulebook.Book{defaultBook(t), clinicBook(t)} {
		for _, q := range book.Rulebook().Questions {
			t.Run(q.ID, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					header := anyHeader(t, q)
					p := Plan{Question: q.ID, In: CSV, Out: rapid.SampledFrom([]Format{CSV, JSONL}).Draw(t, "out"), Lang: "zh"}
					if rapid.Bool().Draw(t, "asked at a time") {
						p.AsOf = time.Date(2025, 6, 5, 0, 0, 0, 0, time.UTC)
					}
					d, err := NewDecider(book, p, []byte(strings.Join(header, ",")))
					require.NoError(t, err, header)
					fast, slow := d.NewTally(), d.NewTally()
					reader, err := d.engine.Reader(q.ID)
					require.NoError(t, err)
					for range rapid.IntRange(1, 5).Draw(t, "rows") {
						cells := make([]string, len(header))
						cells[0] = "A1"
						for _, c := range d.columns {
							cells[c.At] = anyCell(t, c.Fact)
						}
						if len(table.CheckCells(header, cells)) > 0 { // which trims them
							continue
						}
						want, err := byNodes{d}.cells(nil, slow, row{2, "A1"}, cells)
						require.NoError(t, err)
						got, err := d.cells(nil, reader, fast, row{2, "A1"}, cells, nil)
						require.NoError(t, err)
						all++
						if !bytes.Contains(got, []byte("error")) {
							plain++
						}
						require.Equal(t, string(want), string(got), "%q %q", header, cells)
					}
					want, err := slow.Total()
					require.NoError(t, err)
					got, err := fast.Total()
					require.NoError(t, err)
					require.True(t, want.Equal(got))
				})
			})
		}
	}
	assert.Greater(t, plain, all/5, "or the test says little")
}

// So is a line of JSON.
func TestObjectsAnswerAsNodesDo(t *testing.T) {
	plain, all := 0, 0
	for _, book := range []*rulebook.Book{defaultBook(t), clinicBook(t)} {
		for _, q := range book.Rulebook().Questions {
			t.Run(q.ID, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					p := Plan{Question: q.ID, In: JSONL, Out: JSONL}
					if rapid.Bool().Draw(t, "asked at a time") {
						p.AsOf = time.Date(2025, 6, 5, 0, 0, 0, 0, time.UTC)
					}
					d, err := NewDecider(book, p, nil)
					require.NoError(t, err)
					facts := []*policy.Fact{{Name: table.Record, TypeName: "name"}, {Name: table.AsOf, TypeName: "moment"}}
					for _, f := range q.Facts {
						renamed := *f.Fact
						renamed.Name = f.Name
						facts = append(facts, &renamed)
					}
					text := anyObject(t, facts)
					if rapid.IntRange(0, 5).Draw(t, "spoilt") == 0 {
						at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
						text = text[:at] + rapid.SampledFrom([]string{"", "x", `"`, "{", "}", "[", ",", ":", "\xff", " ", "\\"}).Draw(t, "by") + text[at+rapid.IntRange(0, 1).Draw(t, "more"):]
					}
					all++
					plain += requireSameAnswer(t, d, text)
				})
			})
		}
	}
	assert.Greater(t, plain, all/5, "or the test says little")
}

// requireSameAnswer answers a line both ways, and counts it if it is answered.
func requireSameAnswer(t require.TestingT, d *Decider, text string) int {
	fast, slow := d.NewTally(), d.NewTally()
	reader, err := d.engine.Reader(d.question.ID)
	require.NoError(t, err)
	want, err := byNodes{d}.object(nil, slow, row{line: 2}, []byte(text))
	require.NoError(t, err)
	got, err := d.object(nil, reader, fast, row{line: 2}, []byte(text))
	require.NoError(t, err)
	if bytes.Contains(want, []byte(`"duplicate_key"`)) { // which nodes tell before all others
		require.ElementsMatch(t, refusalsOf(t, []byte(placeless(want))), refusalsOf(t, []byte(placeless(got))), "%s", text)
		return 0
	}
	require.Equal(t, placeless(want), placeless(got), "%s", text)
	whole, err := slow.Total()
	require.NoError(t, err)
	same, err := fast.Total()
	require.NoError(t, err)
	require.True(t, whole.Equal(same))
	if bytes.Contains(got, []byte(`"error":{`)) {
		return 0
	}
	return 1
}

var place = regexp.MustCompile(`第 [0-9]+ 个字符：|character [0-9]+: `)

// placeless is a line without places in the text, which nodes do not know.
func placeless(line []byte) string { return place.ReplaceAllString(string(line), "") }

// A line that is no object is refused where it begins.
func TestLineThatIsNoObject(t *testing.T) {
	d, err := NewDecider(clinicBook(t), Plan{Question: "care.all", In: JSONL, Out: JSONL}, nil)
	require.NoError(t, err)
	for text, at := range map[string]string{`""`: "character 1: ", `  [1]`: "character 3: ", `3`: "character 1: "} {
		reader, err := d.engine.Reader(d.question.ID)
		require.NoError(t, err)
		got, err := d.object(nil, reader, d.NewTally(), row{line: 2}, []byte(text))
		require.NoError(t, err)
		require.Contains(t, string(got), at+"facts must be a map of name: value", text)
	}
}

func refusalsOf(t require.TestingT, line []byte) []any {
	var x struct {
		Error  any
		Errors []any
	}
	require.NoError(t, json.Unmarshal(line, &x))
	if x.Errors == nil {
		return []any{x.Error}
	}
	return x.Errors
}

func FuzzObject(f *testing.F) {
	d, err := NewDecider(clinicBook(f), Plan{Question: "care.all", In: JSONL, Out: JSONL}, nil)
	require.NoError(f, err)
	f.Add(`{"record": "A", "visit": {"urgency": "high", "stay": null, "insured": true}, "turns": [1, 2], "said": "\u5b89", "balance": -5, "as_of": null}`)
	f.Add(`{"helpers": [{"id": "Wu", "badge": {"shown": false}}], "names": [], "month": "2025-06", "visit": {"visit": {}}}`)
	f.Add(`""`)
	f.Add(` [1]`)
	f.Fuzz(func(t *testing.T, text string) { requireSameAnswer(t, d, text) })
}

// anyObject is an object of some of the facts, in any order.
func anyObject(t *rapid.T, facts []*policy.Fact) string {
	var members []string
	for _, f := range facts {
		times := 1
		switch given := rapid.IntRange(0, 200).Draw(t, "given"); {
		case given == 0:
			times = 2
		case given < 80:
			times = 0
		}
		for range times {
			name := f.Name
			if rapid.IntRange(0, 200).Draw(t, "misspelt") == 0 {
				name += "_"
			}
			members = append(members, fmt.Sprintf("%q%s:%s%s", name, anySpace(t), anySpace(t), anyValue(t, f)))
		}
	}
	if len(members) > 0 {
		members = rapid.Permutation(members).Draw(t, "order")
	}
	return "{" + anySpace(t) + strings.Join(members, anySpace(t)+","+anySpace(t)) + "}" + anySpace(t)
}

func anySpace(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", " ", "\t "}).Draw(t, "space")
}

// anyValue is the value of a fact in JSON, mostly in order.
func anyValue(t *rapid.T, f *policy.Fact) string {
	switch rapid.IntRange(0, 100).Draw(t, "kind") {
	case 0, 1, 2, 3, 4, 5:
		return "null"
	case 6:
		return rapid.SampledFrom([]string{"{}", "[]", "[null]", "true", "1", "1.5", "-0", `""`, `"null"`, `"\u006eull"`, "nul", `{"a": 1}`, "[[[]]]", `"a\u0000"`, `"\ud800"`}).Draw(t, "odd")
	}
	switch f.TypeName {
	case "record":
		return anyObject(t, f.Fields)
	case "list":
		items := make([]string, rapid.IntRange(0, 3).Draw(t, "items"))
		for i := range items {
			items[i] = anyValue(t, f.Elem)
		}
		return "[" + anySpace(t) + strings.Join(items, ", ") + "]"
	case "yes_no", "count", "number", "year":
		return strings.ToLower(anyText(t, f))
	}
	text, err := json.Marshal(anyText(t, f))
	require.NoError(t, err)
	return string(text)
}

// anyHeader is a header of some facts of a question, in any order.
func anyHeader(t *rapid.T, q *policy.Question) []string {
	paths := []string{table.AsOf}
	for _, f := range q.Facts {
		for _, column := range table.ColumnsOf(f) {
			if rapid.IntRange(0, 2).Draw(t, "left out") > 0 {
				paths = append(paths, column.Name)
			}
		}
	}
	paths = rapid.Permutation(paths).Draw(t, "order")
	if rapid.Bool().Draw(t, "no time of asking") {
		for i, path := range paths {
			if path == table.AsOf {
				paths[i] = "#" + path
			}
		}
	}
	return append([]string{table.Record}, paths...)
}

// anyCell is the cell of a fact, in three of four in order.
func anyCell(t *rapid.T, f *policy.Fact) string {
	kind := rapid.IntRange(0, 20).Draw(t, "kind")
	switch {
	case kind < 8:
		return ""
	case kind == 8:
		return "null"
	case kind == 9:
		return rapid.SampledFrom(oddCells).Draw(t, "odd")
	case f == nil:
		return anyMoment(t)
	}
	switch f.TypeName {
	case "record":
		return rapid.SampledFrom([]string{"", "", "null", "{}"}).Draw(t, "record")
	case "list":
		items := make([]string, rapid.IntRange(0, 3).Draw(t, "items"))
		for i := range items {
			items[i] = anyCell(t, f.Elem)
		}
		return rapid.SampledFrom([]string{"", "", "[]", strings.Join(items, ";")}).Draw(t, "list")
	}
	return anyText(t, f)
}

// anyText is the text of a single value.
func anyText(t *rapid.T, f *policy.Fact) string {
	switch f.TypeName {
	case "yes_no":
		return rapid.SampledFrom([]string{"true", "false", "TRUE", "FALSE"}).Draw(t, "yes or no")
	case "count", "number", "year":
		return rapid.SampledFrom([]string{"0", "1", "2", "7", "12", "2024", "2026", "-3"}).Draw(t, "number")
	case "moment":
		return anyMoment(t)
	case "date":
		return anyMoment(t)[:len(time.DateOnly)]
	case "month":
		return anyMoment(t)[:len("2025-01")]
	case "article":
		return rapid.SampledFrom([]string{"time_limit/6", "care/2.1", "care/9"}).Draw(t, "article")
	}
	if f.Words != nil {
		return rapid.SampledFrom(f.Words.Words).Draw(t, "word")
	}
	return rapid.SampledFrom([]string{"P1", "P2", "李明", "no < sleep"}).Draw(t, "name")
}

func anyMoment(t *rapid.T) string {
	at := time.Date(2025, 6, 1, 0, 0, 0, 0, time.FixedZone("", 8*60*60)).Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(t, "minutes")) * time.Minute)
	if rapid.Bool().Draw(t, "utc") {
		at = at.UTC()
	}
	return at.Format(time.RFC3339)
}

var oddCells = []string{
	" null ", "NULL", "~", "[]", "[1]", "{}", "x", "-", "0", "-0", "+1", "01", "1.0", "1e3", "9999999999999999", "True", "yes", "是",
	"2025-02-30", "1999-12-31", "2025-06-01T24:00:00Z", "2025-06-01T08:30:00.5+08:00", "2025-06-01 08:30", "2025-06-01T08:30:00", "2150-01-01T00:00:00Z",
	" P1 ", "\u00a0P1", "\u3000", "\u200b", "\x01", "a\nb", "a\tb", "\u202e", strings.Repeat("x", 201), strings.Repeat("长", 200), `"quoted"`, "a,b", "a;b", ";",
}
