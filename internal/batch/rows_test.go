package batch

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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

// A row is answered, or refused, as the same facts are by way of nodes: byte
// for byte, and in the tally.
func TestRowsAnswerAsNodesDo(t *testing.T) {
	clinic, err := rulebook.Load("../../policy/testdata/clinic.yaml") // has a fact of every type
	require.NoError(t, err)
	plain := 0
	for _, book := range []*rulebook.Book{defaultBook(t), clinic} {
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
					for range rapid.IntRange(1, 5).Draw(t, "rows") {
						cells := make([]string, len(header))
						cells[0] = "A1"
						for _, c := range d.columns {
							cells[c.At] = anyCell(t, c.Fact)
						}
						if len(table.CheckCells(header, cells)) > 0 { // which trims them
							continue
						}
						r := d.rows.Row()
						if table.ReadRow(&r, d.columns, cells) {
							plain++
						}
						r.Leave()
						want, err := d.nodes(nil, slow, row{2, "A1"}, cells)
						require.NoError(t, err)
						got, err := d.cells(nil, fast, row{2, "A1"}, cells)
						require.NoError(t, err)
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
	assert.Greater(t, plain, 1000, "or the test says little")
}

// anyHeader is a header of some facts of a question, in any order.
func anyHeader(t *rapid.T, q *policy.Question) []string {
	paths := []string{table.AsOf}
	for _, f := range q.Facts {
		for _, path := range table.Names(f.Fact, f.Name) {
			if rapid.IntRange(0, 2).Draw(t, "left out") > 0 {
				paths = append(paths, path)
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

// Rows are written as encoding/csv writes them.
func TestCSVRow(t *testing.T) {
	e := &csvEncoder{}
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(append(oddCells, "", " ", `\.`, `\`, "a b", "a\rb", "2025-06-16")), rapid.String()), 1, 5).Draw(t, "cells")
		var want strings.Builder
		w := csv.NewWriter(&want)
		require.NoError(t, w.Write(cells))
		w.Flush()
		require.Equal(t, "before"+want.String(), string(e.row([]byte("before"), cells)))
	})
}
