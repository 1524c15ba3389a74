package report

import (
	"bufio"
	"io"
	"strings"
)

// Align is the side of its column that a cell stands on.
type Align uint8

// The sides of a column.
const (
	Left Align = iota
	Right
)

// Table is rows of cells in aligned columns, two blanks apart. A cell may be
// coloured and may hold line breaks.
type Table struct {
	Header []string // "" for none
	Rows   [][]string
	Align  []Align // of each column; Left where it is not said
	Indent int     // blanks before each line
}

const gap = 2

// narrowest is the width below which the last column is not wrapped further.
const narrowest = 24

// Write prints the table. Where the style has a width, the last column is
// wrapped to it.
func (t Table) Write(w io.Writer, s Style) error {
	rows := make([][]cell, 0, len(t.Rows)+1)
	if len(t.Header) > 0 {
		header := make([]cell, len(t.Header))
		for i, text := range t.Header {
			header[i] = cell{s.Dim(text)}
		}
		rows = append(rows, header)
	}
	for _, r := range t.Rows {
		row := make([]cell, len(r))
		for i, text := range r {
			row[i] = strings.Split(text, "\n")
		}
		rows = append(rows, row)
	}
	widths := t.widths(rows, s)
	b := bufio.NewWriter(w)
	for _, row := range rows {
		t.row(b, row, widths)
	}
	return b.Flush()
}

// cell is the lines of one cell.
type cell []string

// widths measures the columns and wraps the last one where it must be.
func (t Table) widths(rows [][]cell, s Style) []int {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			for _, line := range c {
				widths[i] = max(widths[i], Width(line))
			}
		}
	}
	if s.Width <= 0 || len(widths) == 0 {
		return widths
	}
	last := len(widths) - 1
	room := s.Width - t.Indent
	for _, w := range widths[:last] {
		room -= w + gap
	}
	if room = max(room, narrowest); widths[last] <= room {
		return widths
	}
	widths[last] = 0
	for _, row := range rows {
		if len(row) <= last {
			continue
		}
		var lines cell
		for _, line := range row[last] {
			lines = append(lines, wrapColoured(line, room)...)
		}
		row[last] = lines
		for _, line := range lines {
			widths[last] = max(widths[last], Width(line))
		}
	}
	return widths
}

// wrapColoured wraps text that is plain, or coloured as a whole.
func wrapColoured(line string, width int) []string {
	before, _, found := strings.Cut(line, "m")
	if !found || !strings.HasPrefix(before, "\x1b[") || !strings.HasSuffix(line, "\x1b[0m") {
		if strings.Contains(line, "\x1b[") {
			return []string{line}
		}
		return Wrap(line, width)
	}
	lines := Wrap(strings.TrimSuffix(line[len(before)+1:], "\x1b[0m"), width)
	for i := range lines {
		lines[i] = before + "m" + lines[i] + "\x1b[0m"
	}
	return lines
}

// row prints one row. Lines do not end in blanks.
func (t Table) row(b *bufio.Writer, row []cell, widths []int) {
	height := 0
	for _, c := range row {
		height = max(height, len(c))
	}
	for n := range height {
		var line strings.Builder
		line.WriteString(strings.Repeat(" ", t.Indent))
		for i, c := range row {
			text := ""
			if n < len(c) {
				text = c[n]
			}
			line.WriteString(Pad(text, widths[i], t.align(i)))
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", gap))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

func (t Table) align(column int) Align {
	if column < len(t.Align) {
		return t.Align[column]
	}
	return Left
}

// Paragraph prints text wrapped to the style, its first line behind a lead
// such as "1. " and the others below that.
func Paragraph(w io.Writer, s Style, lead, text string) error {
	width := 0
	if s.Width > 0 {
		width = max(s.Width-Width(lead), narrowest)
	}
	for i, line := range Wrap(text, width) {
		if i > 0 {
			lead = strings.Repeat(" ", Width(lead))
		}
		if _, err := io.WriteString(w, strings.TrimRight(lead+line, " ")+"\n"); err != nil {
			return err
		}
	}
	return nil
}
