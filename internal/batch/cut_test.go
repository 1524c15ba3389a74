package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// blocks cuts all of a text.
func blocks(t require.TestingT, text string, f Format, size int, r func(io.Reader) io.Reader) []Block {
	c := NewCutter(r(strings.NewReader(text)), f)
	c.size = size
	var all []Block
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		b.Text = bytes.Clone(b.Text)
		all = append(all, b)
	}
}

// rowsOf reads CSV as encoding/csv does: each row, or a mark where it is wrong,
// with its line.
func rowsOf(text []byte, line int64) []string {
	var all []string
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return all
		case errors.As(err, &syntax):
			all = append(all, fmt.Sprintf("%d: wrong", line+int64(syntax.StartLine)-1))
		default:
			at, _ := r.FieldPos(0)
			all = append(all, fmt.Sprintf("%d: %q", line+int64(at)-1, cells))
		}
	}
}

func anyCSV(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "é", `"`, `"`, ",", "\n", "\n", "\r\n", `""`, ` `, `",`, `,"`, "\"\n"}), 0, 60).Draw(t, "text"), "")
}

// However small the blocks and however the text arrives, the rows are those
// that encoding/csv finds in the whole.
func TestCutCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyCSV(t)
		if _, _, open := rowEnds([]byte(text), false); open {
			text += `"` + "\n" // unclosed quotes are another test's
			_, _, open = rowEnds([]byte(text), false)
			require.False(t, open)
		}
		size := rapid.IntRange(1, 40).Draw(t, "size")
		var got []string
		whole := ""
		for _, b := range blocks(t, text, CSV, size, iotest.OneByteReader) {
			require.Nil(t, b.Refused)
			got = append(got, rowsOf(b.Text, b.Line)...)
			whole += string(b.Text)
		}
		assert.Equal(t, text, whole)
		assert.Equal(t, rowsOf([]byte(text), 1), got)
	})
}

// Where blocks end depends on the text alone.
func TestCutDoesNotDependOnReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, size := anyCSV(t), rapid.IntRange(1, 40).Draw(t, "size")
		f := rapid.SampledFrom([]Format{CSV, JSONL}).Draw(t, "format")
		want := blocks(t, text, f, size, func(r io.Reader) io.Reader { return r })
		assert.Equal(t, want, blocks(t, text, f, size, iotest.OneByteReader))
		assert.Equal(t, want, blocks(t, text, f, size, iotest.HalfReader))
		assert.Equal(t, want, blocks(t, text, f, size, iotest.DataErrReader))
		if len(want) > 0 {
			assert.Equal(t, int64(len(text)), want[len(want)-1].At.Bytes)
		}
	})
}

// A quote that is never closed costs its line, not the rest of the file.
func TestUnclosedQuote(t *testing.T) {
	text := "a,1\n\"b,2\nc,3\n" + strings.Repeat("d,4\n", 300_000) + "e,5\n"
	all := blocks(t, text, CSV, blockSize, func(r io.Reader) io.Reader { return r })
	refused, rows := 0, 0
	for _, b := range all {
		if b.Refused != nil {
			refused++
			assert.Equal(t, int64(2), b.Line)
			assert.Equal(t, "csv_syntax", b.Refused.Code)
			continue
		}
		rows += len(rowsOf(b.Text, b.Line))
	}
	assert.Equal(t, 1, refused)
	assert.Equal(t, 300_003, rows)

	all = blocks(t, "a,1\n\"b,2\nc,3\n", CSV, 64, func(r io.Reader) io.Reader { return r })
	require.Len(t, all, 3, "also at the end of the file")
	assert.Equal(t, "c,3\n", string(all[2].Text))
	assert.Equal(t, int64(3), all[2].Line)
}

func TestLongRow(t *testing.T) {
	long := strings.Repeat("x", maxRow+blockSize+1)
	for _, f := range []Format{CSV, JSONL} {
		all := blocks(t, "a\n"+long+"\nb\n", f, blockSize, func(r io.Reader) io.Reader { return r })
		require.Equal(t, 3, len(all))
		assert.Equal(t, "a\n", string(all[0].Text))
		assert.Equal(t, "row_too_long", all[1].Refused.Code)
		assert.Equal(t, int64(2), all[1].Line)
		assert.Equal(t, "b\n", string(all[2].Text))
		assert.Equal(t, int64(3), all[2].Line)
		all = blocks(t, long, f, blockSize, func(r io.Reader) io.Reader { return r })
		require.Len(t, all, 1)
		assert.NotNil(t, all[0].Refused)
	}
	all := blocks(t, long[:maxRow], JSONL, blockSize, func(r io.Reader) io.Reader { return r })
	require.Len(t, all, 1)
	assert.Nil(t, all[0].Refused, "the longest row")
}

func TestHeader(t *testing.T) {
	for _, c := range []struct{ text, header, rest string }{
		{"a,b\n1,2\n", "a,b\n", "1,2\n"},
		{"\ufeffa,b\r\n1,2", "a,b\r\n", "1,2"},
		{"\"a\nb\",c\n1,2\n", "\"a\nb\",c\n", "1,2\n"},
		{"a,b", "a,b", ""},
		{"", "", ""},
		{"\ufeff", "", ""},
	} {
		for _, size := range []int{1, 64} {
			cut := NewCutter(strings.NewReader(c.text), CSV)
			cut.size = size
			header, err := cut.Header()
			require.NoError(t, err)
			assert.Equal(t, c.header, string(header))
			rest := ""
			for {
				b, err := cut.Next()
				if err != nil {
					require.ErrorIs(t, err, io.EOF)
					break
				}
				if rest == "" {
					assert.Equal(t, int64(1+strings.Count(c.header, "\n")), b.Line)
				}
				rest += string(b.Text)
			}
			assert.Equal(t, c.rest, rest)
		}
	}
	cut := NewCutter(strings.NewReader("\"a,b\n1,2\n"), CSV)
	_, err := cut.Header()
	var wrong *HeaderError
	require.ErrorAs(t, err, &wrong)
	cut = NewCutter(strings.NewReader("\ufeff{}\n"), JSONL)
	header, err := cut.Header()
	require.NoError(t, err)
	assert.Empty(t, header)
	b, err := cut.Next()
	require.NoError(t, err)
	assert.Equal(t, "{}\n", string(b.Text))
}

func FuzzCutCSV(f *testing.F) {
	f.Add("a,\"b\nc\",d\n\"e\"f,g\n", 3)
	f.Add("\"a\"\r\n\"b\"\r", 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = 1 + int(uint(size)%1000)
		requireSameRows(t, text)
		var got []string
		whole, refused := "", false
		for _, b := range blocks(t, text, CSV, size, iotest.HalfReader) {
			refused = refused || b.Refused != nil
			got = append(got, rowsOf(b.Text, b.Line)...)
			whole += string(b.Text)
		}
		if !refused {
			assert.Equal(t, text, whole)
			assert.Equal(t, rowsOf([]byte(text), 1), got)
		}
	})
}
