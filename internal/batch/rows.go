package batch

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
)

// rowReader reads the rows of a block of CSV as encoding/csv does. Where there
// are no quotes it takes a third of the time.
type rowReader struct {
	quoted *csv.Reader // nil where there are no quotes
	rest   []byte
	line   int // that rest begins with, from 1
	cells  []string
}

func newRowReader(text []byte) *rowReader {
	r := &rowReader{rest: text, line: 1}
	if bytes.IndexByte(text, '"') >= 0 {
		r.quoted = csv.NewReader(bytes.NewReader(text))
		r.quoted.FieldsPerRecord, r.quoted.ReuseRecord = -1, true
	}
	return r
}

// next reads a row, which is good until the next, and the line that it begins
// on. The error is a *csv.ParseError, or io.EOF at the end.
func (r *rowReader) next() (cells []string, line int, err error) {
	if r.quoted != nil {
		if cells, err = r.quoted.Read(); err == nil {
			line, _ = r.quoted.FieldPos(0)
		}
		return cells, line, err
	}
	for len(r.rest) > 0 {
		row := r.rest
		if n := bytes.IndexByte(row, '\n'); n >= 0 {
			row, r.rest = row[:n], row[n+1:]
		} else {
			r.rest = nil
		}
		r.line++
		if row = bytes.TrimSuffix(row, []byte{'\r'}); len(row) > 0 {
			return r.split(string(row)), r.line - 1, nil
		}
	}
	return nil, 0, io.EOF
}

func (r *rowReader) split(row string) []string {
	r.cells = r.cells[:0]
	for {
		n := strings.IndexByte(row, ',')
		if n < 0 {
			r.cells = append(r.cells, row)
			return r.cells
		}
		r.cells = append(r.cells, row[:n])
		row = row[n+1:]
	}
}
