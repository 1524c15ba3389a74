package table

import "slices"

// Rows is a table that was never text, or whose text another package reads: its
// header, then row after row, and io.EOF behind the last. A *[RowError] is about
// one row or about the whole table.
type Rows interface{ Row() ([]string, error) }

// Placed are rows that stand somewhere: in the sheet of a workbook, or in a
// text that had to be decoded.
type Placed interface {
	Rows
	// Line is where the row that Row gave last begins, from 1.
	Line() int
	// Wrong are the cells of that row that cannot be read, valid until the next
	// call of Row. A row of which such a cell is needed is not asked about.
	Wrong() []BadCell
	// About says how the table is written.
	About() About
}

// About says how a table is written, as far as its cells depend on it.
type About struct {
	Said Text // "GB18030, semicolons"; zero where there is nothing to say
	// Workbook reports that its cells are dates and numbers themselves, which
	// have no zone: moments are then in the rulebook's, and a place is called
	// by sheet and cell.
	Workbook bool
	Days1904 bool // the workbook counts days from 1904
}

// BadCell is a cell that cannot be read.
type BadCell struct {
	At      int // its column, from 0; below for the whole row
	Problem *Problem
}

// WrongIn is what is wrong with the first of the cells that a column or the ids
// are read from; nil where nothing is.
func WrongIn(wrong []BadCell, columns []Column, record int) *Problem {
	for _, bad := range wrong {
		if bad.At < 0 || bad.At == record || slices.ContainsFunc(columns, func(c Column) bool { return c.At == bad.At }) {
			return bad.Problem
		}
	}
	return nil
}

// RowError says why a row could not be read, and that the ones behind it can;
// or, where Whole, that the table ends there.
type RowError struct {
	Line    int
	Problem *Problem
	Whole   bool
}

// Error is the reason in English.
func (e *RowError) Error() string { return e.Problem.Message.EN + " [" + e.Problem.Code + "]" }

// Source is a table in a directory.
type Source struct {
	File string // as review.yaml and messages call it: requests.csv, 2025-06.xlsx#requests
	Name string // of the table of the rules that it is, by its name: requests
	// Sheet is what the sheet of a workbook is called, by which it may be a
	// table, too.
	Sheet string
	// Open gives its rows. With nil it is CSV in UTF-8 and read from the
	// directory itself.
	Open func() (Placed, error)
}

// How says how tables are read where they do not say it themselves.
type How struct {
	Encoding string   // one of [Encodings]; "" to recognise it
	Days     DayOrder // of dates like 03/04/2025; "" to ask
	Local    bool     // moments without a zone are in the rulebook's
}

// Encodings are those that text may be said to be in.
var Encodings = []string{"utf-8", "utf-16", "gb18030", "big5", "windows-1252"}
