package tablemap

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
)

// What is looked at of a table: so many rows, or fewer where they are wide.
const (
	lookedRows  = 2_000
	lookedCells = 400_000
)

// Look reads the header of a table, and rows enough to see what stands in it.
// Errors: a *table.RowError, and those of reading.
func Look(s table.Source) (Table, error) {
	t := Table{File: s.File, Name: s.Name}
	rows, err := s.Open()
	if err != nil {
		return t, err
	}
	if c, ok := rows.(io.Closer); ok {
		defer c.Close()
	}
	t.About = rows.About()
	for cells := 0; len(t.Rows) < lookedRows && cells < lookedCells; {
		row, err := rows.Row()
		var wrong *table.RowError
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case errors.As(err, &wrong) && !wrong.Whole:
			if t.Unread == nil {
				t.Unread = wrong
			}
		case err != nil:
			return t, err
		case table.Blank(row):
		case t.Header == nil:
			for _, c := range row {
				t.Header = append(t.Header, strings.TrimSpace(c))
			}
		default:
			t.Rows, cells = append(t.Rows, slices.Clone(row)), cells+len(row)
		}
	}
	return t, nil
}
