package spreadsheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/servicerules/rulebook/internal/table"
)

// area is an area of merged cells: rows from 1, columns from 0.
type area struct{ top, bottom, left, right int }

type areas []area

// maxMerged is how many areas are looked at.
const maxMerged = 100_000

// mergeRefs finds the areas of merged cells in the text of a sheet. They stand
// behind all rows: looking for them in the bytes takes a tenth of what reading
// the XML does.
func mergeRefs(r io.Reader) ([]string, error) {
	in := bufio.NewReaderSize(&unlimited{r}, sample)
	var all []string
	for {
		tag, err := in.ReadSlice('>')
		if isMergeCell(tag) && len(all) < maxMerged {
			if _, rest, ok := bytes.Cut(tag, []byte(` ref="`)); ok {
				ref, _, _ := bytes.Cut(rest, []byte(`"`))
				all = append(all, string(ref))
			}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
	}
}

// isMergeCell reports whether a tag is of a merged area, whatever its prefix.
func isMergeCell(tag []byte) bool {
	tag = bytes.TrimSpace(tag)
	name, _, ok := bytes.Cut(tag, []byte(" "))
	return ok && len(name) > 0 && name[0] == '<' && (bytes.Equal(name[1:], []byte("mergeCell")) || bytes.HasSuffix(name, []byte(":mergeCell")))
}

// unlimited reads a part without a bound of its tokens, of which there are none.
type unlimited struct{ r io.Reader }

func (u *unlimited) Read(p []byte) (int, error) {
	if g, ok := u.r.(*partGuard); ok {
		g.token = 0
	}
	return u.r.Read(p)
}

// sheetRows are the rows of a sheet, with what is wrong with merged cells: only
// the first of them says something, and what the others mean nobody knows.
type sheetRows struct {
	next     func() (placedRow, error)
	merged   areas
	from1904 bool
	hidden   bool
	now      placedRow
	header   bool // has been seen
}

// Row is the next row.
func (s *sheetRows) Row() ([]string, error) {
	row, err := s.next()
	if err != nil {
		return nil, err
	}
	s.now = row
	below := s.header
	if !s.header && filled(row.cells) > 1 {
		s.header = true
	}
	for _, m := range s.merged {
		if row.line < m.top || row.line > m.bottom {
			continue
		}
		if !below {
			if s.header && m.right > m.left {
				return nil, &table.RowError{Line: row.line, Whole: true, Problem: &table.Problem{
					Code: "merged_headings", Message: textf("表头有合并的单元格", "the header has merged cells"),
					Remedy: textf("只留一行列名，每列一个", "keep one row of names, one for each column"),
				}}
			}
			continue
		}
		for column := m.left; column <= m.right; column++ {
			if row.line == m.top && column == m.left {
				continue
			}
			s.now.wrong = append(s.now.wrong, table.BadCell{At: column, Problem: &table.Problem{
				Code: "merged_cell", Column: table.ColumnLetters(column), Message: textf("这一格是合并的单元格的一部分，没有自己的值", "the cell is part of merged ones and says nothing itself"),
				Remedy: textf("取消合并，每一行都填上值", "unmerge the cells and fill in each row"),
			}})
		}
	}
	return s.now.cells, nil
}

// Line is the row of the sheet.
func (s *sheetRows) Line() int { return s.now.line }

// Wrong are its cells that cannot be read.
func (s *sheetRows) Wrong() []table.BadCell { return s.now.wrong }

// About says that its cells are dates and numbers themselves.
func (s *sheetRows) About() table.About {
	about := table.About{Workbook: true, Days1904: s.from1904}
	if s.hidden {
		about.Said = table.Text{ZH: "隐藏的工作表", EN: "a hidden sheet"}
	}
	return about
}
