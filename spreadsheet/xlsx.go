package spreadsheet

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
)

// xlsx is what the sheets of an xlsx file share.
type xlsx struct {
	book     *Workbook
	texts    []string
	formats  []moments // by style
	from1904 bool
}

// openXLSX reads what the sheets share, and where they are.
func (b *Workbook) openXLSX() error {
	x := &xlsx{book: b}
	main := "xl/workbook.xml"
	if links, err := b.links("_rels/.rels", ""); err == nil {
		for _, l := range links {
			if strings.HasSuffix(l.kind, "/officeDocument") {
				main = l.target
			}
		}
	}
	if b.parts[main] == nil {
		return whole("not_a_workbook", textf("这个文件不是 xlsx 或 ods 工作簿", "the file is no xlsx or ods workbook"), textf("在表格软件中另存为 .xlsx", "save it from the spreadsheet as .xlsx"))
	}
	links, err := b.links(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"), path.Dir(main))
	if err != nil {
		return err
	}
	byID := map[string]link{}
	for _, l := range links {
		byID[l.id] = l
		switch {
		case strings.HasSuffix(l.kind, "/sharedStrings"):
			err = x.readTexts(l.target)
		case strings.HasSuffix(l.kind, "/styles"):
			err = x.readStyles(l.target)
		}
		if err != nil {
			return err
		}
	}
	err = b.each(main, func(s xml.StartElement) error {
		switch s.Name.Local {
		case "workbookPr":
			on := attr(s, "date1904")
			x.from1904 = on == "1" || on == "true"
		case "sheet":
			name, id := attr(s, "name"), ""
			for _, a := range s.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					id = a.Value
				}
			}
			l, ok := byID[id]
			if !ok || len(b.sheets) == maxSheets {
				return damaged(main, errors.New("sheets"))
			}
			if strings.HasSuffix(l.kind, "/worksheet") && attr(s, "state") != "veryHidden" {
				b.sheets = append(b.sheets, sheet{name, l.target, attr(s, "state") == "hidden"})
			}
		}
		return nil
	})
	b.rows = x.rows
	return err
}

// link is what a part refers to another by.
type link struct{ id, kind, target string }

func (b *Workbook) links(part, from string) ([]link, error) {
	var all []link
	err := b.each(part, func(s xml.StartElement) error {
		if s.Name.Local != "Relationship" || attr(s, "TargetMode") == "External" {
			return nil
		}
		target := attr(s, "Target")
		if strings.HasPrefix(target, "/") {
			target = target[1:]
		} else {
			target = path.Join(from, target)
		}
		if len(all) == maxParts {
			return damaged(part, errors.New("links"))
		}
		all = append(all, link{attr(s, "Id"), attr(s, "Type"), target})
		return nil
	})
	return all, err
}

// readTexts reads the texts that cells share.
func (x *xlsx) readTexts(part string) error {
	e, err := x.book.open(part)
	if err != nil {
		return err
	}
	size := 0
	for {
		t, err := e.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s, ok := t.(xml.StartElement)
		if !ok || s.Name.Local != "si" {
			continue
		}
		text, err := e.richText("si")
		if err != nil {
			return err
		}
		const each = 32
		if size += len(text) + each; size > maxStrings {
			return tooLarge(part)
		}
		x.texts = append(x.texts, text)
	}
}

// richText is the text of an element that may be in pieces of several looks,
// without the pronunciation that may stand above it.
func (e *element) richText(until string) (string, error) {
	var b strings.Builder
	inText, spoken := false, 0
	for {
		t, err := e.next()
		if err != nil {
			return "", e.cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				inText = true
			case "rPh":
				spoken++
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "rPh":
				spoken--
			case until:
				return plainText(b.String()), nil
			}
		case xml.CharData:
			if inText && spoken == 0 && b.Len() <= maxToken {
				b.Write(t)
			}
		}
	}
}

// cut is the error of a part that ends inside an element.
func (e *element) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return damaged(e.part, io.ErrUnexpectedEOF)
	}
	return err
}

// plainText has the characters that workbooks write as _x000D_.
func plainText(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	const form = len("_x000D_")
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if i+form <= len(text) && text[i] == '_' && text[i+1] == 'x' && text[i+form-1] == '_' {
			if n, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil && n < 0xd800 {
				if n != '\r' {
					b.WriteRune(rune(n))
				}
				i += form - 1
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// readStyles reads which styles of cells show days and times of day.
func (x *xlsx) readStyles(part string) error {
	codes := map[int]moments{}
	inCells := false
	return x.book.each(part, func(s xml.StartElement) error {
		switch s.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attr(s, "numFmtId")); err == nil && len(codes) < maxStyles {
				codes[id] = custom(attr(s, "formatCode"))
			}
		case "cellStyleXfs", "cellStyles", "dxfs":
			inCells = false
		case "cellXfs":
			inCells = true
		case "xf":
			if !inCells {
				return nil
			}
			if len(x.formats) == maxStyles {
				return damaged(part, errors.New("styles"))
			}
			id, _ := strconv.Atoi(attr(s, "numFmtId"))
			shows, own := codes[id]
			if !own {
				shows = built(id)
			}
			x.formats = append(x.formats, shows)
		}
		return nil
	})
}

// rows are the rows of a sheet. Which cells are merged stands behind them in the
// file, and is read first.
func (x *xlsx) rows(s sheet) (table.Placed, error) {
	merged, err := x.merged(s.part)
	if err != nil {
		return nil, err
	}
	e, err := x.book.open(s.part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{next: (&xlsxRows{xlsx: x, e: e}).row, merged: merged, from1904: x.from1904, hidden: s.hidden}, nil
}

// merged are the areas of merged cells.
func (x *xlsx) merged(part string) (areas, error) {
	e, err := x.book.open(part)
	if err != nil {
		return nil, err
	}
	refs, err := mergeRefs(e.guard)
	switch {
	case e.guard.over:
		return nil, tooLarge(part)
	case err != nil:
		return nil, damaged(part, err)
	}
	var all areas
	for _, ref := range refs {
		from, to, _ := strings.Cut(ref, ":")
		left, top, ok := cellOf(from)
		right, bottom, ok2 := cellOf(to)
		if ok && ok2 {
			all = append(all, area{top, bottom, left, right})
		}
	}
	return all, nil
}

// cellOf is the column, from 0, and the row, from 1, that a name like B5 means.
func cellOf(ref string) (column, row int, ok bool) {
	i := 0
	for i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4 {
		column = column*26 + int(ref[i]-'A') + 1
		i++
	}
	row, err := strconv.Atoi(ref[i:])
	return column - 1, row, i > 0 && err == nil && row > 0 && row <= maxRows && column <= maxColumns
}

// xlsxRows reads the cells of a sheet.
type xlsxRows struct {
	*xlsx
	e    *element
	line int
}

// row is the next row that has cells.
func (r *xlsxRows) row() (placedRow, error) {
	for {
		t, err := r.e.next()
		if err != nil {
			return placedRow{}, err
		}
		s, ok := t.(xml.StartElement)
		if !ok || s.Name.Local != "row" {
			continue
		}
		line := r.line + 1
		if at := attr(s, "r"); at != "" {
			if line, err = strconv.Atoi(at); err != nil || line <= r.line || line > maxRows {
				return placedRow{}, damaged(r.e.part, errors.New("row "+table.Excerpt(at)))
			}
		}
		if line > maxRows {
			return placedRow{}, damaged(r.e.part, errors.New("rows"))
		}
		r.line = line
		return r.cells()
	}
}

func (r *xlsxRows) cells() (placedRow, error) {
	row, size := placedRow{line: r.line}, 0
	for {
		t, err := r.e.next()
		if err != nil {
			return row, r.e.cut(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return row, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			column := len(row.cells)
			if ref := attr(t, "r"); ref != "" {
				at, line, ok := cellOf(ref)
				if !ok || at < column || line != r.line {
					return row, damaged(r.e.part, errors.New("cell "+table.Excerpt(ref)))
				}
				column = at
			}
			if column >= maxColumns {
				return row, damaged(r.e.part, errors.New("columns"))
			}
			for len(row.cells) < column {
				row.cells = append(row.cells, "")
			}
			text, bad, err := r.cell(t)
			if err != nil {
				return row, err
			}
			if size += len(text); size > table.MaxRow {
				return row, tooLarge(r.e.part)
			}
			row.cells = append(row.cells, text)
			if bad != nil {
				bad.Column = table.ColumnLetters(column)
				row.wrong = append(row.wrong, table.BadCell{At: column, Problem: bad})
			}
		}
	}
}

// cell is what a cell says.
func (r *xlsxRows) cell(c xml.StartElement) (string, *table.Problem, error) {
	var value, inline string
	var hasValue, hasFormula, inValue bool
	for {
		t, err := r.e.next()
		if err != nil {
			return "", nil, r.e.cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				hasValue, inValue = true, true
			case "f":
				hasFormula = true
			case "is":
				if inline, err = r.e.richText("is"); err != nil {
					return "", nil, err
				}
			}
		case xml.CharData:
			if inValue {
				value += string(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v":
				inValue = false
			case "c":
				text, bad, err := r.value(attr(c, "t"), attr(c, "s"), value, inline)
				if bad == nil && hasFormula && (!hasValue || value == "" && attr(c, "t") != "str") {
					bad = noValue()
				}
				return text, bad, err
			}
		}
	}
}

// value is the text of a cell of a type and a style.
func (r *xlsxRows) value(kind, style, value, inline string) (string, *table.Problem, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || i < 0 || i >= len(r.texts) {
			return "", nil, damaged(r.e.part, errors.New("text "+table.Excerpt(value)))
		}
		return r.texts[i], nil, nil
	case "str":
		return plainText(value), nil, nil
	case "inlineStr":
		return inline, nil, nil
	case "b":
		if value == "1" {
			return "TRUE", nil, nil
		}
		return "FALSE", nil, nil
	case "e":
		return value, wrongFormula(value), nil
	case "d":
		return strings.TrimSuffix(value, "Z"), nil, nil
	}
	if value == "" {
		return "", nil, nil
	}
	var shows moments
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(r.formats) {
		shows = r.formats[i]
	}
	if shows.any() {
		if text, ok := dayText(value, shows, r.from1904); ok {
			return text, nil, nil
		}
	}
	text, ok := numberText(value)
	if !ok {
		return value, lostDigits(value), nil
	}
	return padded(text, min(shows.digits, precise)), nil, nil
}

func noValue() *table.Problem {
	return &table.Problem{Code: "formula_without_value", Message: textf("公式没有算出的值", "the formula has no computed value"),
		Remedy: textf("用表格软件打开，保存一次", "open the workbook in a spreadsheet and save it")}
}

func wrongFormula(value string) *table.Problem {
	return &table.Problem{Code: "formula_error", Value: table.Excerpt(value), Message: textf("公式出错：%s", "the formula has an error: %s", table.Excerpt(value)),
		Remedy: textf("改正公式，或直接填写值", "correct the formula, or write the value")}
}
