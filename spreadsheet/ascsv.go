package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/servicerules/rulebook/internal/table"
)

// CSV is a table as CSV in UTF-8, for what reads long files in pieces. The same
// table gives the same bytes. Each row is as far down as it is in its file, but
// for cells of several lines: At tells.
type CSV struct {
	rows table.Placed
	buf  bytes.Buffer
	line int64 // that the next row is written on
	err  error

	mu    sync.Mutex
	moved []moved // ascending
	wrong map[int64]badRow
}

// moved says that from a line on, rows stand further down than in their file.
type moved struct{ from, by int64 }

// badRow is what is wrong with a row.
type badRow struct{ cells []table.BadCell }

// maxWrong is how many rows with wrong cells are remembered; beyond, the table
// is given up.
const maxWrong = 100_000

// NewCSV is a table as CSV. An error of reading the table is that of Read.
func NewCSV(rows table.Placed) *CSV {
	return &CSV{rows: rows, line: 1, wrong: map[int64]badRow{}}
}

// About says how the table is written.
func (c *CSV) About() table.About { return c.rows.About() }

// Close closes the table's file.
func (c *CSV) Close() error {
	if f, ok := c.rows.(io.Closer); ok {
		return f.Close()
	}
	return nil
}

// At is the line in the file of a row on a line of the CSV, and its cells that
// cannot be read. Read has given the row before.
func (c *CSV) At(line int64) (int64, []table.BadCell) {
	c.mu.Lock()
	defer c.mu.Unlock()
	by := int64(0)
	for i := len(c.moved) - 1; i >= 0; i-- {
		if c.moved[i].from <= line {
			by = c.moved[i].by
			break
		}
	}
	return line - by, c.wrong[line].cells
}

// Read gives the bytes of the CSV.
func (c *CSV) Read(p []byte) (int, error) {
	for c.buf.Len() < len(p) && c.err == nil {
		c.row()
	}
	if c.buf.Len() == 0 {
		return 0, c.err
	}
	return c.buf.Read(p)
}

// row writes one row. One that could not be read is an empty row with what is
// wrong with it.
func (c *CSV) row() {
	cells, err := c.rows.Row()
	line, wrong := int64(c.rows.Line()), c.rows.Wrong()
	var bad *table.RowError
	switch {
	case errors.As(err, &bad) && !bad.Whole:
		// The row says something, so that it is not passed over, and what it says is
		// refused for what was wrong.
		cells, line, wrong = []string{"?"}, int64(bad.Line), []table.BadCell{{At: -1, Problem: bad.Problem}}
	case err != nil:
		c.err = err
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	by := int64(0)
	if n := len(c.moved); n > 0 {
		by = c.moved[n-1].by
	}
	for c.line < line+by { // rows that are left out above
		c.buf.WriteByte('\n')
		c.line++
	}
	if now := c.line - line; now != by {
		c.moved = append(c.moved, moved{c.line, now})
	}
	if len(wrong) > 0 {
		if len(c.wrong) == maxWrong {
			c.err = whole("too_many_wrong_cells", textf("超过 %d 行有读不出的单元格", "more than %d rows have cells that cannot be read", maxWrong), textf("先改正前面的", "correct the first of them"))
			return
		}
		c.wrong[c.line] = badRow{append([]table.BadCell(nil), wrong...)}
	}
	before := c.buf.Len()
	w := csv.NewWriter(&c.buf)
	if len(cells) == 1 && cells[0] == "" || len(cells) == 0 {
		c.buf.WriteByte('\n')
	} else {
		_ = w.Write(cells) // the buffer takes everything
		w.Flush()
	}
	c.line += int64(bytes.Count(c.buf.Bytes()[before:], []byte{'\n'}))
}

// OpenFile opens a file of one table, by the name of its format. Of a workbook
// it is the sheet of that name; with no name, the only one that says something.
// It is nil for a file that is to be read as it is: CSV in UTF-8 with commas,
// and JSON Lines. An encoding that only shows far down is not recognised: it is
// to be named.
func OpenFile(path, sheet string, how table.How) (table.Placed, error) {
	dir, file := split(path)
	_, f, _ := named(file)
	if f == linesFormat {
		return nil, nil
	}
	found, err := sources(oneFile{os.DirFS(dir), file}, func(string) table.How { return how }, false)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	at := 0
	if len(found) > 1 || sheet != "" {
		var names []string
		at = -1
		for i, s := range found {
			names = append(names, s.Sheet)
			if s.Sheet == sheet {
				at = i
			}
		}
		if at < 0 {
			return nil, whole("which_sheet", textf("工作簿有几个工作表：%s", "the workbook has several sheets: %s", strings.Join(names, ", ")),
				textf("写明用哪一个：--sheet %s", "name one: --sheet %s", names[0]))
		}
	}
	if found[at].Open == nil {
		return nil, nil
	}
	return found[at].Open()
}
