// Package write writes workbooks: sheets with headings, choices that drop down,
// numbers as numbers. The same content gives the same bytes.
package write

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Kind is what the cells of a column are.
type Kind string

// The values of Kind.
const (
	Text   Kind = ""
	Number Kind = "number" // cells that are numbers are written as such
	Day    Kind = "day"    // for cells that are to be filled in
	Moment Kind = "moment"
)

// Column is a column of a sheet.
type Column struct {
	Heading string
	Note    string   // is shown where a cell is filled in
	Choices []string // what may stand in its cells, if the list is closed
	Kind    Kind
	Width   int // in characters; 0 for what its cells need
	Hidden  bool
}

// Sheet is a sheet of a workbook.
type Sheet struct {
	Name    string // of at most 31 characters: see [SheetName]
	Columns []Column
	Rows    [][]string
	Choices map[[2]int][]string // of single cells: row and column, from 0
	Fixed   bool                // cells with choices alone are meant to be changed; the others are grey
	Own     map[[2]int]bool     // further cells that are meant to be changed
}

// maxRows bounds the cells that are to be filled in, in a column with choices.
const maxRows = 10_000

// SheetName is a name as a sheet may have it, cut off where it is too long.
func SheetName(name string) string {
	name = strings.NewReplacer(":", " ", "\\", " ", "/", " ", "?", " ", "*", " ", "[", "(", "]", ")").Replace(name)
	if r := []rune(name); len(r) > 31 {
		name = string(r[:31])
	}
	return name
}

// book is a workbook that is being written.
type book struct {
	*excelize.File
	choices map[string]string // the range that a list of choices stands in
	lists   int
}

// choicesSheet holds the lists that drop down. Nobody sees it.
const choicesSheet = "#choices"

// Workbook writes sheets as an xlsx file.
func Workbook(w io.Writer, sheets []Sheet) error {
	b := &book{File: excelize.NewFile(), choices: map[string]string{}}
	defer b.Close()
	for i, s := range sheets {
		var err error
		if i == 0 {
			err = b.SetSheetName("Sheet1", s.Name)
		} else {
			_, err = b.NewSheet(s.Name)
		}
		if err == nil {
			err = b.sheet(s)
		}
		if err != nil {
			return fmt.Errorf("writing the sheet %s: %w", s.Name, err)
		}
	}
	if b.lists > 0 {
		if err := b.SetSheetVisible(choicesSheet, false, true); err != nil {
			return err
		}
	}
	// Sheets are written in no order, so that the same content would not be the
	// same bytes.
	unordered, err := b.WriteToBuffer()
	if err != nil {
		return err
	}
	return inOrder(w, unordered.Bytes())
}

// inOrder copies an archive with its files in the order of their names, each as
// it is.
func inOrder(w io.Writer, archive []byte) error {
	in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, f := range in.File {
		if err := out.Copy(f); err != nil {
			return err
		}
	}
	return out.Close()
}

func (b *book) sheet(s Sheet) error {
	styles, err := b.styles()
	if err != nil {
		return err
	}
	// Lists that drop down are noted before the rows are written, and written
	// behind them.
	for i, c := range s.Columns {
		if len(c.Choices) > 0 {
			if err := b.dropDown(s.Name, cell(i, 2), cell(i, max(maxRows, len(s.Rows)+1)), c.Choices, c.Note); err != nil {
				return err
			}
		}
	}
	for y := range s.Rows {
		for x := range s.Columns {
			if list := s.Choices[[2]int{y, x}]; len(list) > 0 {
				if err := b.dropDown(s.Name, cell(x, y+2), cell(x, y+2), list, ""); err != nil {
					return err
				}
			}
		}
	}
	out, err := b.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	for i, c := range s.Columns {
		if err := out.SetColWidth(i+1, i+1, width(s, i)); err != nil {
			return err
		}
		if c.Hidden {
			if err := out.SetColVisible(i+1, i+1, false); err != nil {
				return err
			}
		}
		if style, ok := map[Kind]int{Day: styles.day, Moment: styles.moment}[c.Kind]; ok {
			if err := out.SetColStyle(i+1, i+1, style); err != nil {
				return err
			}
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		head[i] = excelize.Cell{StyleID: styles.head, Value: c.Heading}
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	for y, row := range s.Rows {
		values := make([]any, len(row))
		for x, text := range row {
			style := styles.text
			at := [2]int{y, x}
			if s.Fixed && len(s.Choices[at]) == 0 && !s.Own[at] {
				style = styles.fixed
			}
			values[x] = excelize.Cell{StyleID: style, Value: value(s.Columns[x].Kind, text)}
		}
		if err := out.SetRow(cell(0, y+2), values); err != nil {
			return err
		}
	}
	return out.Flush()
}

// value is the value of a cell. A workbook keeps numbers in binary; only those
// of at most fifteen digits come back as they were.
func value(kind Kind, text string) any {
	if text == "" {
		return nil
	}
	const precise = 15
	if kind == Number && utf8.RuneCountInString(text) <= precise {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if strings.Trim(text, "-.0123456789") == "" {
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				return n
			}
		}
	}
	return text
}

type styles struct{ head, text, fixed, day, moment int }

func (b *book) styles() (s styles, err error) {
	day, moment := "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
	for _, x := range []struct {
		to    *int
		style excelize.Style
	}{
		{&s.head, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EEF4"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&s.text, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&s.fixed, excelize.Style{Font: &excelize.Font{Color: "555555"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2F2F2"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&s.day, excelize.Style{CustomNumFmt: &day}},
		{&s.moment, excelize.Style{CustomNumFmt: &moment}},
	} {
		if *x.to, err = b.NewStyle(&x.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// dropDown lets cells have one of some texts.
func (b *book) dropDown(sheet, from, to string, choices []string, note string) error {
	key := strings.Join(choices, "\x00")
	at, ok := b.choices[key]
	if !ok {
		if b.lists == 0 {
			if _, err := b.NewSheet(choicesSheet); err != nil {
				return err
			}
		}
		for i, c := range choices {
			if err := b.SetCellStr(choicesSheet, cell(b.lists, i+1), c); err != nil {
				return err
			}
		}
		letters, err := excelize.ColumnNumberToName(b.lists + 1)
		if err != nil {
			return err
		}
		at = fmt.Sprintf("'%s'!$%s$1:$%s$%d", choicesSheet, letters, letters, len(choices))
		b.choices[key] = at
		b.lists++
	}
	dv := excelize.NewDataValidation(true)
	dv.SetSqref(from + ":" + to)
	dv.SetSqrefDropList(at)
	dv.SetError(excelize.DataValidationErrorStyleStop, "", strings.Join(choices[:min(5, len(choices))], "; "))
	if note != "" {
		dv.SetInput("", clip(note, 200))
	}
	return b.AddDataValidation(sheet, dv)
}

func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// cell is the name of a cell: the column from 0, the row from 1.
func cell(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		return "A1" // no sheet of ours is as wide
	}
	return name
}

// width is how wide a column is, in characters.
func width(s Sheet, column int) float64 {
	const least, most, looked = 8, 60, 200
	if w := s.Columns[column].Width; w > 0 {
		return float64(w)
	}
	n := wide(s.Columns[column].Heading)
	for i, row := range s.Rows {
		if i == looked {
			break
		}
		if column < len(row) {
			n = max(n, wide(row[column]))
		}
	}
	return float64(min(max(n+2, least), most))
}

// wide is how wide a text is: ideographs are as wide as two letters.
func wide(text string) int {
	longest := 0
	for line := range strings.SplitSeq(text, "\n") {
		n := 0
		for _, r := range line {
			if n++; r > 0x2e80 {
				n++
			}
		}
		longest = max(longest, n)
	}
	return longest
}
