package spreadsheet

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
)

// openODS finds the sheets of an ods file, which stand in one part. No library
// that reads such files is kept up; what is needed of them is little.
func (b *Workbook) openODS() error {
	b.rows = func(s sheet) (table.Placed, error) {
		e, err := b.open(s.part)
		if err != nil {
			return nil, err
		}
		r := &odsRows{e: e}
		if err := r.find(s.name); err != nil {
			return nil, err
		}
		return &sheetRows{next: r.row}, nil
	}
	return b.each("content.xml", func(s xml.StartElement) error {
		if s.Name.Space != "table" || s.Name.Local != "table" {
			return nil
		}
		if len(b.sheets) == maxSheets {
			return damaged("content.xml", errors.New("sheets"))
		}
		b.sheets = append(b.sheets, sheet{name: attr(s, "name"), part: "content.xml"})
		return nil
	})
}

// odsRows reads the rows of a sheet. Rows and cells that are the same stand once,
// with how often.
type odsRows struct {
	e     *element
	line  int // of the last row
	again int // how often the last row is given once more
	now   placedRow
}

// find goes to the sheet of a name.
func (r *odsRows) find(name string) error {
	for {
		t, err := r.e.next()
		if err != nil {
			return r.e.cut(err)
		}
		if s, ok := t.(xml.StartElement); ok && s.Name.Space == "table" && s.Name.Local == "table" && attr(s, "name") == name {
			return nil
		}
	}
}

func (r *odsRows) row() (placedRow, error) {
	if r.again > 0 {
		r.again--
		r.line++
		r.now.line = r.line
		return r.now, nil
	}
	for {
		t, err := r.e.next()
		if err != nil {
			return placedRow{}, r.e.cut(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Space == "table" && t.Name.Local == "table" {
				return placedRow{}, io.EOF
			}
		case xml.StartElement:
			if t.Name.Local != "table-row" {
				continue
			}
			times := repeated(t, "number-rows-repeated")
			row, err := r.cells()
			if err != nil {
				return row, err
			}
			if r.line+times > maxRows {
				if table.Blank(row.cells) {
					r.line = maxRows
					continue
				}
				return row, damaged(r.e.part, errors.New("rows"))
			}
			if table.Blank(row.cells) && len(row.wrong) == 0 {
				r.line += times
				continue
			}
			r.line++
			row.line, r.again, r.now = r.line, times-1, row
			r.now.line = row.line
			return row, nil
		}
	}
}

// repeated is how often an element stands for itself.
func repeated(s xml.StartElement, name string) int {
	n, err := strconv.Atoi(attr(s, name))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, maxRows)
}

func (r *odsRows) cells() (placedRow, error) {
	var row placedRow
	column, size := 0, 0
	for {
		t, err := r.e.next()
		if err != nil {
			return row, r.e.cut(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "table-row" {
				return row, nil
			}
		case xml.StartElement:
			covered := t.Name.Local == "covered-table-cell"
			if t.Name.Local != "table-cell" && !covered {
				continue
			}
			times := repeated(t, "number-columns-repeated")
			text, bad, err := r.cell(t)
			if err != nil {
				return row, err
			}
			if covered {
				text, bad = "", &table.Problem{Code: "merged_cell", Message: textf("这一格是合并的单元格的一部分，没有自己的值", "the cell is part of merged ones and says nothing itself"),
					Remedy: textf("取消合并，每一行都填上值", "unmerge the cells and fill in each row")}
			}
			if text == "" && bad == nil {
				column += times // cells that say nothing are made where one follows that does
				continue
			}
			if column+times > maxColumns {
				return row, damaged(r.e.part, errors.New("columns"))
			}
			for len(row.cells) < column {
				row.cells = append(row.cells, "")
			}
			for range times {
				if size += len(text) + 1; size > table.MaxRow {
					return row, tooLarge(r.e.part)
				}
				if bad != nil {
					own := *bad
					own.Column = table.ColumnLetters(column)
					row.wrong = append(row.wrong, table.BadCell{At: column, Problem: &own})
				}
				row.cells = append(row.cells, text)
				column++
			}
		}
	}
}

// cell is what a cell says: its value where it has one, else its paragraphs.
func (r *odsRows) cell(c xml.StartElement) (string, *table.Problem, error) {
	var b strings.Builder
	paragraphs, within, notes := 0, 0, 0
	for {
		t, err := r.e.next()
		if err != nil {
			return "", nil, r.e.cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "annotation":
				notes++
			case "p":
				if within++; notes == 0 {
					if paragraphs++; paragraphs > 1 {
						b.WriteByte('\n')
					}
				}
			case "s":
				if n := repeated(t, "c"); notes == 0 && b.Len()+n <= maxToken {
					b.WriteString(strings.Repeat(" ", n))
				}
			case "tab":
				b.WriteByte('\t')
			case "line-break":
				b.WriteByte('\n')
			}
		case xml.CharData:
			if within > 0 && notes == 0 && b.Len() <= maxToken {
				b.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "annotation":
				notes--
			case "p":
				within--
			case c.Name.Local:
				text, bad := odsValue(c, b.String())
				return text, bad, nil
			}
		}
	}
}

// odsValue is the value of a cell.
func odsValue(c xml.StartElement, text string) (string, *table.Problem) {
	kind := ""
	for _, a := range c.Attr {
		if a.Name.Local == "value-type" && (kind == "" || a.Value == "error") {
			kind = a.Value
		}
	}
	switch kind {
	case "error":
		return text, wrongFormula(text)
	case "float", "percentage", "currency":
		value := attr(c, "value")
		number, ok := numberText(value)
		if !ok {
			return value, lostDigits(value)
		}
		if zeros := strings.TrimSuffix(text, number); zeros != text && zeros != "" && strings.Trim(zeros, "0") == "" && !strings.Contains(number, ".") {
			return text, nil // the cell shows it with zeros before it
		}
		return number, nil
	case "date":
		return attr(c, "date-value"), nil
	case "boolean":
		return strings.ToUpper(attr(c, "boolean-value")), nil
	case "":
		if attr(c, "formula") != "" {
			return text, noValue()
		}
	}
	return text, nil
}
