package review

import (
	"strings"

	"github.com/servicerules/rulebook/internal/report"
)

// gridStyle says how rows are set.
type gridStyle struct {
	right []bool     // columns that stand on their right side
	below [][]string // lines below each row
}

// grid writes rows in aligned columns, two blanks apart. Where they are wider
// than the page, the widest columns are made narrower and their cells wrapped.
func (p *page) grid(header []string, rows [][]string, style *gridStyle) {
	if style == nil {
		style = &gridStyle{}
	}
	all := rows
	if header != nil {
		all = append([][]string{header}, rows...)
	}
	for _, row := range all {
		for i := range row {
			row[i] = oneLine(row[i])
		}
	}
	widths := p.widths(header, rows)
	for i, row := range all {
		dim := header != nil && i == 0
		p.gridRow(row, widths, style.right, dim)
		if at := i - (len(all) - len(rows)); at >= 0 && at < len(style.below) {
			for _, line := range style.below[at] {
				text := strings.TrimLeft(line, " ")
				indent := line[:len(line)-len(text)]
				p.detail(detailStart+indent, text)
			}
		}
	}
}

// detail writes a line below a row; colours in it stay as they are.
func (p *page) detail(lead, text string) {
	coloured, rest := "", text
	if mark := p.Red("✗ "); strings.HasPrefix(text, mark) {
		coloured, rest = mark, strings.TrimPrefix(text, mark)
	}
	width := p.Width - report.Width(lead) - report.Width(coloured)
	for i, line := range report.Wrap(report.Clean(oneLine(rest)), width) {
		if i == 0 {
			p.line(lead + coloured + line)
		} else {
			p.line(lead + strings.Repeat(" ", report.Width(coloured)) + line)
		}
	}
}

func oneLine(text string) string {
	return report.Clean(strings.Join(strings.Fields(text), " "))
}

// widths are the widths of the columns. Where the page is too narrow, headers
// are wrapped first, then the cells of the widest columns.
func (p *page) widths(header []string, rows [][]string) []int {
	var widths, content []int
	for n, row := range append([][]string{header}, rows...) {
		for i, c := range row {
			if i == len(widths) {
				widths, content = append(widths, 0), append(content, 0)
			}
			w := report.Width(c)
			widths[i] = max(widths[i], w)
			if n == 0 {
				w = longestWord(c)
			}
			content[i] = max(content[i], w)
		}
	}
	total := gap * len(widths) // the first column is indented
	for _, w := range widths {
		total += w
	}
	least := func(floor func(column int) int) {
		for total > p.Width {
			widest := -1
			for i, w := range widths {
				if w > floor(i) && (widest < 0 || w > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				return
			}
			widths[widest]--
			total--
		}
	}
	least(func(column int) int { return content[column] })
	least(func(int) int { return minWrapped })
	return widths
}

func longestWord(text string) int {
	longest := 0
	for word := range strings.FieldsSeq(text) {
		longest = max(longest, report.Width(word))
	}
	return longest
}

func (p *page) gridRow(row []string, widths []int, right []bool, dim bool) {
	cells := make([][]string, len(row))
	height := 1
	for i, c := range row {
		cells[i] = report.Wrap(c, widths[i])
		height = max(height, len(cells[i]))
	}
	for n := range height {
		var line strings.Builder
		for i := range row {
			text := ""
			if n < len(cells[i]) {
				text = cells[i][n]
			}
			align := report.Left
			if i < len(right) && right[i] {
				align = report.Right
			}
			line.WriteString(strings.Repeat(" ", gap) + report.Pad(text, widths[i], align))
		}
		text := strings.TrimRight(line.String(), " ")
		if dim {
			words := strings.TrimLeft(text, " ")
			text = text[:len(text)-len(words)] + p.Dim(words)
		}
		p.line(text)
	}
}
