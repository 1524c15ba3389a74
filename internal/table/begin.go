package table

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Mark is the byte order mark that spreadsheets write before UTF-8, and by
// which they know it.
const Mark = "\ufeff"

// TrimMark takes the byte order mark away. Programs that add one to a text
// that has one already leave several.
func TrimMark(text []byte) []byte {
	for bytes.HasPrefix(text, []byte(Mark)) {
		text = text[len(Mark):]
	}
	return text
}

// Enough is how much of a file CheckBeginning wants to see, if it is as long.
const Enough = 8

// CheckBeginning sees by how a file begins that it is no text in UTF-8.
func CheckBeginning(head []byte) *Problem {
	is := func(begin string) bool { return bytes.HasPrefix(head, []byte(begin)) }
	switch {
	case is("\xff\xfe"), is("\xfe\xff"), is("\x00"), len(head) > 1 && head[1] == 0:
		return &Problem{
			Code: "not_utf8", Message: textf("这是 UTF-16 文本，不是 UTF-8", "this is UTF-16 text, not UTF-8"),
			Remedy: saveAsUTF8,
		}
	case is("PK\x03\x04"), is("\xd0\xcf\x11\xe0"):
		return &Problem{
			Code: "not_csv", Message: textf("这是表格软件的工作簿，不是 CSV", "this is a spreadsheet's workbook, not CSV"),
			Remedy: saveAsUTF8,
		}
	}
	return nil
}

// BeforeHeader reports whether a row before the header is none itself: it is
// blank, or the line "sep=," that tells spreadsheets the separator. Another
// separator is a problem.
func BeforeHeader(cells []string) (skip bool, p *Problem) {
	if Blank(cells) {
		return true, nil
	}
	first := strings.TrimSpace(cells[0])
	const key = "sep="
	if len(first) < len(key) || !strings.EqualFold(first[:len(key)], key) || !Blank(cells[1:]) {
		return false, nil
	}
	if by := first[len(key):]; by != "" && by != "," {
		return false, &Problem{
			Code: "wrong_separator", Value: Excerpt(first), Message: textf("这一行说列之间不是逗号", "this line says that the columns are not separated by commas"),
			Remedy: textf("另存为逗号分隔的 CSV，并删去这一行", "save it as comma-separated CSV and remove this line"),
		}
	}
	return true, nil
}

// First is the first column that has a name: a table need not begin at the left edge
// of its sheet. It is 0 where none has.
func First(header []string) int {
	return max(slices.IndexFunc(header, func(h string) bool { return h != "" }), 0)
}

// Width is how wide a table is. One that was saved with all columns that its sheet
// has, 16,384 of them, ends with its last name: beyond that nothing may stand.
type Width struct{ saved, named int }

// WidthOf is the width of the table under a header.
func WidthOf(header []string) Width {
	w := Width{len(header), len(header)}
	for w.saved > MaxColumns && w.named > 0 && strings.TrimSpace(header[w.named-1]) == "" {
		w.named--
	}
	return w
}

// Row is a row without the columns that are not the table's, as long as they are
// empty.
func (w Width) Row(cells []string) []string {
	if w.saved == w.named || len(cells) != w.saved || !Blank(cells[w.named:]) {
		return cells
	}
	return slices.Clone(cells[:w.named]) // and lets go of the rest
}

// Nameless are the columns without a name. They are nothing, as spreadsheets
// write them behind a table, as long as they are empty.
func Nameless(header []string) []int {
	var all []int
	for i, h := range header {
		if h == "" {
			all = append(all, i)
		}
	}
	return all
}

// CheckNameless finds a cell in a column without a name.
func CheckNameless(nameless []int, cells []string) *Problem {
	i := slices.IndexFunc(nameless, func(i int) bool { return i < len(cells) && strings.TrimSpace(cells[i]) != "" })
	if i < 0 {
		return nil
	}
	column := nameless[i]
	return &Problem{
		Code: "column_without_name", Column: ColumnLetters(column), Place: column + 1, Value: Excerpt(strings.TrimSpace(cells[column])),
		Message: textf("第 %d 列（%s 列）没有列名，却有内容", "column %d (%s) has no name, and there is something in it", column+1, ColumnLetters(column)),
		Remedy:  textf("写列名，备注列写 #备注；或清空这一列", "name it, #remark for remarks, or empty the column"),
	}
}

// ColumnLetters is what spreadsheets call a column: A, Z, AA.
func ColumnLetters(column int) string {
	const letters = 26
	text := ""
	for n := column + 1; n > 0; n = (n - 1) / letters {
		text = string(rune('A'+(n-1)%letters)) + text
	}
	return text
}

// EveryRow says that every row has as many cells, and not as many as the
// header has.
func EveryRow(header, cells int) *Problem {
	p := &Problem{
		Code:    "wrong_number_of_cells",
		Message: textf("每一行都是 %d 格，表头却有 %d 列", "cells in every row: %d, columns in the header: %d", cells, header),
		Remedy:  textf("给多出的列写列名，或删去各行末尾多余的逗号；含逗号的单元格加引号", "name the columns that are too many, or remove the commas at the end of the rows; put cells with commas in quotes"),
	}
	if cells < header {
		p.Remedy = textf("删去表头里多余的列，或在各行补齐逗号", "remove the columns that are too many from the header, or write a comma for each empty cell")
	}
	p.Value = strconv.Itoa(cells)
	return p
}
