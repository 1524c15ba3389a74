package batch

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/sample"
)

// BenchmarkDecide is the work of one core on one row: decoding, deciding,
// counting and encoding it.
func BenchmarkDecide(b *testing.B) {
	book := defaultBook(b)
	q, _ := book.Rulebook().Question(question)
	rows := sample.New(book.Rulebook(), q, 1, "request.kind", "request.severity", "request.area_type", "request.received_at",
		"request.papers_complete_at", "request.network_ready_at", "request.completed_at", "request.direct", "request.department_head")
	const n = 2000
	var table, lines, header bytes.Buffer
	w, h := csv.NewWriter(&table), csv.NewWriter(&header)
	require.NoError(b, h.Write(rows.Header()))
	h.Flush()
	for i := range int64(n) {
		require.NoError(b, w.Write(rows.Row(i)))
		lines.Write(append(rows.Object(i), '\n'))
	}
	w.Flush()
	for _, c := range []struct {
		name string
		plan Plan
		text []byte
	}{
		{"csv/some fields", Plan{In: CSV, Out: JSONL, Fields: []string{"verdict", "due_date", "breaches"}}, table.Bytes()},
		{"jsonl/some fields", Plan{In: JSONL, Out: JSONL, Fields: []string{"verdict", "due_date", "breaches"}}, lines.Bytes()},
		{"csv/complete", Plan{In: CSV, Out: JSONL}, table.Bytes()},
		{"csv/csv", Plan{In: CSV, Out: CSV, Lang: "en"}, table.Bytes()},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.plan.Question = question
			d, err := NewDecider(book, c.plan, header.Bytes())
			require.NoError(b, err)
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				if out, err = d.Decide(out[:0], Block{Line: 2, Text: c.text}, d.NewTally()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
			b.ReportMetric(float64(len(out))/n, "B/row")
		})
	}
}

// BenchmarkCut is the part of reading that one core does for all others.
func BenchmarkCut(b *testing.B) {
	book := defaultBook(b)
	q, _ := book.Rulebook().Question(question)
	rows := sample.New(book.Rulebook(), q, 1)
	var plain, quoted bytes.Buffer
	w := csv.NewWriter(&plain)
	const n = 20_000
	for i := range int64(n) {
		cells := rows.Row(i)
		require.NoError(b, w.Write(cells))
		w.Flush()
		quoted.WriteString(`"` + strings.Join(cells, `","`) + "\"\n")
	}
	for name, text := range map[string][]byte{"plain": plain.Bytes(), "quoted": quoted.Bytes()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				c := NewCutter(bytes.NewReader(text), CSV)
				for {
					if _, err := c.Next(); err != nil {
						break
					}
				}
			}
		})
	}
}
