package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/servicerules/rulebook/internal/table"
)

// Workbook is a workbook of sheets, as it stands in its file. Its sheets are
// read a row at a time; what is held of it is bounded, whatever it says of
// itself.
type Workbook struct {
	parts  map[string]*zip.File
	sheets []sheet
	rows   func(sheet) (table.Placed, error)
}

// sheet is a sheet and the part of the file that it stands in.
type sheet struct {
	name, part string
	hidden     bool // from whoever opens the workbook; it is read, and that is told
}

// Bounds of what is read of a workbook.
const (
	maxParts   = 10_000
	maxPart    = 4 << 30   // bytes of a part, uncompressed
	maxRatio   = 1_000     // of a part to what it is compressed to, once it is large
	largePart  = 256 << 20 // bytes
	maxSheets  = 200
	maxToken   = 1 << 20  // bytes of one element or text
	maxStrings = 64 << 20 // bytes of the texts that cells share
	maxStyles  = 100_000
	maxColumns = 16_384
	maxRows    = 1_048_576
)

// OpenWorkbook opens an xlsx or ods file. An error is a *table.RowError where
// the file is no workbook that can be read, and says what to do.
func OpenWorkbook(in io.ReaderAt, size int64) (*Workbook, error) {
	head := make([]byte, 8)
	if n, err := in.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	} else if head = head[:n]; bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")) {
		return nil, whole("old_workbook", textf("这是旧的 .xls，或带密码的工作簿", "this is an old .xls, or a workbook with a password"), textf("去掉密码，另存为 .xlsx", "take the password away and save it as .xlsx"))
	}
	z, err := zip.NewReader(in, size)
	if err != nil {
		return nil, damaged("zip", err)
	}
	if len(z.File) > maxParts {
		return nil, damaged("zip", fmt.Errorf("%d parts", len(z.File)))
	}
	b := &Workbook{parts: map[string]*zip.File{}}
	for _, f := range z.File {
		if _, twice := b.parts[f.Name]; twice {
			return nil, damaged(f.Name, errors.New("stands twice"))
		}
		b.parts[f.Name] = f
	}
	if b.parts["content.xml"] != nil {
		err = b.openODS()
	} else {
		err = b.openXLSX()
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Sheets are the names of the sheets, in order.
func (b *Workbook) Sheets() []string {
	all := make([]string, len(b.sheets))
	for i, s := range b.sheets {
		all[i] = s.name
	}
	return all
}

// Rows are the rows of a sheet, from the header on.
func (b *Workbook) Rows(name string) (table.Placed, error) {
	i := slices.IndexFunc(b.sheets, func(s sheet) bool { return s.name == name })
	if i < 0 {
		return nil, whole("no_sheet", textf("没有工作表 %q", "there is no sheet %q", table.Excerpt(name)), table.OneOf(name, b.Sheets()))
	}
	rows, err := b.rows(b.sheets[i])
	if err != nil {
		return nil, err
	}
	return &titles{rows: rows}, nil
}

// saysSomething reports whether a sheet has a cell that is not empty.
func (b *Workbook) saysSomething(name string) (bool, error) {
	rows, err := b.Rows(name)
	if err != nil {
		return false, err
	}
	for {
		cells, err := rows.Row()
		var row *table.RowError
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.As(err, &row):
			return true, nil // what is wrong is said when it is read
		case err != nil:
			return false, err
		case !table.Blank(cells):
			return true, nil
		}
	}
}

func damaged(part string, err error) error {
	return whole("damaged", textf("工作簿已损坏或不完整（%s：%v）", "the workbook is damaged or not whole (%s: %v)", table.Excerpt(part), err),
		textf("用表格软件打开，另存一次，再传送", "open it in the spreadsheet, save it again, and send that"))
}

func tooLarge(part string) error {
	return whole("workbook_too_large", textf("工作簿的 %s 展开后太大", "%s of the workbook is too large once it is uncompressed", table.Excerpt(part)),
		textf("删去不用的工作表，或另存为 CSV", "remove sheets that are not needed, or save it as CSV"))
}

// element is a reader of the XML of a part: bounded, and strict about its end.
type element struct {
	part  string
	guard *partGuard
	d     *xml.Decoder
	depth int
}

// open reads a part of the file.
func (b *Workbook) open(part string) (*element, error) {
	f := b.parts[part]
	if f == nil {
		return nil, damaged(part, errors.New("is not there"))
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(part, err)
	}
	g := &partGuard{r: in, compressed: int64(f.CompressedSize64)}
	return &element{part: part, guard: g, d: xml.NewDecoder(g)}, nil
}

// partGuard bounds what is read of a part: of all of it, and of one token.
type partGuard struct {
	r          io.Reader
	compressed int64
	read       int64
	token      int
	over       bool
}

func (g *partGuard) Read(p []byte) (int, error) {
	if g.over = g.over || g.token > maxToken || g.read > maxPart || g.read > largePart && g.read/maxRatio > g.compressed; g.over {
		return 0, errors.New("too large")
	}
	n, err := g.r.Read(p)
	g.read, g.token = g.read+int64(n), g.token+n
	return n, err
}

// next is the next token, nil and io.EOF where the part ends as it should.
func (e *element) next() (xml.Token, error) {
	const deepest = 100
	e.guard.token = 0
	t, err := e.d.RawToken()
	switch {
	case e.guard.over:
		return nil, tooLarge(e.part)
	case errors.Is(err, io.EOF) && e.depth == 0:
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return nil, damaged(e.part, io.ErrUnexpectedEOF)
	case err != nil:
		return nil, damaged(e.part, err)
	}
	switch t.(type) {
	case xml.StartElement:
		e.depth++
	case xml.EndElement:
		e.depth--
	}
	if e.depth < 0 || e.depth > deepest {
		return nil, damaged(e.part, errors.New("nested wrongly"))
	}
	return t, nil
}

// each calls visit for every element of a part as it begins.
func (b *Workbook) each(part string, visit func(xml.StartElement) error) error {
	e, err := b.open(part)
	if err != nil {
		return err
	}
	for {
		t, err := e.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s, ok := t.(xml.StartElement); ok {
			if err := visit(s); err != nil {
				return err
			}
		}
	}
}

// attr is an attribute by its local name, "" where there is none.
func attr(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
