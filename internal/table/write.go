package table

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendRow appends a row as encoding/csv writes it, with cells that no
// spreadsheet takes for formulas. A table begins with [Mark].
func AppendRow(dst []byte, cells []string) []byte {
	plain := true
	for i, c := range cells {
		cells[i] = Neutral(c)
		plain = plain && !mayNeedQuotes(cells[i])
	}
	if plain && !(len(cells) == 1 && cells[0] == "") {
		for i, c := range cells {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, c...)
		}
		return append(dst, '\n')
	}
	b := bytes.NewBuffer(dst)
	w := csv.NewWriter(b)
	_ = w.Write(cells) // the buffer takes everything
	w.Flush()
	return b.Bytes()
}

func mayNeedQuotes(cell string) bool {
	return cell != "" && (cell[0] <= ' ' || cell[0] >= utf8.RuneSelf || cell[0] == '\\' || strings.ContainsAny(cell, "\",\r\n"))
}

// formulas are what a cell begins with that some spreadsheet takes for one.
var formulas = []string{"=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠"}

// Neutral keeps a spreadsheet from taking a cell for a formula. A number is
// left as it is, also below zero.
func Neutral(cell string) string {
	if cell == "" || cell[0] >= '0' && cell[0] <= '9' || cell[0] >= 'A' && cell[0] <= 'Z' || cell[0] >= 'a' && cell[0] <= 'z' {
		return cell
	}
	trimmed := strings.TrimLeft(cell, " \u00a0\u3000")
	if trimmed == "" {
		return cell
	}
	if _, err := strconv.ParseInt(trimmed, 10, 64); err == nil && trimmed[0] != '+' {
		return cell
	}
	if slices.ContainsFunc(formulas, func(start string) bool { return strings.HasPrefix(trimmed, start) }) {
		return "'" + cell
	}
	return cell
}
