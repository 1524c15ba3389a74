package spreadsheet

import (
	"errors"
	"io"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
)

// maxTitles is how many rows may stand above the header of a table.
const maxTitles = 20

// placedRow is a row with what is known of it.
type placedRow struct {
	cells []string
	line  int
	wrong []table.BadCell
}

// titles leaves out what stands above a table: rows of which one cell alone says
// something, where a row follows that has several. A table of one column has no
// such row and is left as it is.
//
// Rows of a workbook end with their last cell that says something: they are made
// as long as the header.
type titles struct {
	rows  table.Placed
	width int         // of the header of a workbook, once it is known
	held  []placedRow // read, and not given out yet
	past  bool        // what stands above has been dealt with
	err   error       // after what is held
	now   placedRow
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// Row is the header, then row after row.
func (t *titles) Row() ([]string, error) {
	for !t.past {
		cells, err := t.rows.Row()
		if err != nil {
			t.past, t.err = true, err
			break
		}
		row := placedRow{append([]string(nil), cells...), t.rows.Line(), append([]table.BadCell(nil), t.rows.Wrong()...)}
		if filled(cells) > 1 {
			t.held, t.past = nil, true
		}
		t.held = append(t.held, row)
		t.past = t.past || len(t.held) == maxTitles
	}
	if len(t.held) > 0 {
		t.now, t.held = t.held[0], t.held[1:]
		return t.even(), nil
	}
	if err := t.err; err != nil {
		if t.err = nil; errors.Is(err, io.EOF) {
			t.err = err
		}
		return nil, err
	}
	cells, err := t.rows.Row()
	if err != nil {
		return nil, err
	}
	t.now = placedRow{cells, t.rows.Line(), t.rows.Wrong()}
	return t.even(), nil
}

// even is the row at the length of the header.
func (t *titles) even() []string {
	cells := t.now.cells
	if !t.rows.About().Workbook {
		return cells
	}
	for len(cells) > t.width && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if t.width == 0 {
		t.width = len(cells)
	}
	for len(cells) < t.width {
		cells = append(cells, "")
	}
	return cells
}

// Line is where the row stands.
func (t *titles) Line() int { return t.now.line }

// Wrong are its cells that cannot be read.
func (t *titles) Wrong() []table.BadCell { return t.now.wrong }

// About says how the table is written.
func (t *titles) About() table.About { return t.rows.About() }
