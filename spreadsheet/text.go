package spreadsheet

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
)

// separators are what may part columns, the usual first.
var separators = []rune{',', ';', '\t', '|'}

// separatorOf finds what parts the columns of a text by its beginning: as a line
// "sep=;" says, else what parts the earliest row and all behind it; else what
// stands most often in the header. Said reports that the text says it itself.
func separatorOf(head string) (comma rune, said bool) {
	first, _, _ := strings.Cut(strings.TrimLeft(head, "\r\n"), "\n")
	first = strings.Trim(strings.TrimSpace(first), `"`)
	if len(first) >= len("sep=") && strings.EqualFold(first[:len("sep=")], "sep=") {
		by, n := utf8.DecodeRuneInString(first[len("sep="):])
		if n > 0 && (len(first) == len("sep=")+n || strings.Trim(first[len("sep="):], string(by)) == "") {
			return by, true
		}
		if strings.HasSuffix(head[:min(len(head), strings.Index(head+"\n", "\n"))], "\t") {
			return '\t', true
		}
	}
	best, parts := ',', parting{}
	for _, by := range separators {
		if p := partedBy(head, by); p.before(parts) {
			best, parts = by, p
		}
	}
	if parts.line > 0 {
		return best, false
	}
	most := 1
	for _, by := range separators {
		if n := strings.Count(first, string(by)) + 1; n > most {
			best, most = by, n
		}
	}
	return best, false
}

// parting is how a character parts the first rows of a text.
type parting struct {
	line  int // of the first row with several cells; 0 for none, or if a later row has but one
	equal int // rows with as many cells as that one
	cells int // of that row
}

// before reports whether p is more likely to part the columns than q. The row
// that it begins at decides, as headings are above what is below them: lists in
// cells, and decimal commas, begin later.
func (p parting) before(q parting) bool {
	switch {
	case p.line == 0 || q.line == 0 || p.line != q.line:
		return p.line > 0 && (q.line == 0 || p.line < q.line)
	case p.equal != q.equal:
		return p.equal > q.equal
	}
	return p.cells > q.cells
}

// partedBy is how a character parts the first rows of a text. Titles may stand
// above the table.
func partedBy(head string, comma rune) parting {
	const rows = 30
	cut := strings.LastIndexByte(head, '\n') + 1
	if cut == 0 || len(head) < sample {
		cut = len(head)
	}
	r := csv.NewReader(strings.NewReader(head[:cut]))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	var p parting
	for range rows {
		cells, err := r.Read()
		if err != nil {
			break
		}
		switch {
		case table.Blank(cells):
		case len(cells) == 1 && p.line > 0:
			return parting{}
		case len(cells) > 1 && p.line == 0:
			p.line, _ = r.FieldPos(0)
			p.equal, p.cells = 1, len(cells)
		case len(cells) == p.cells:
			p.equal++
		}
	}
	return p
}

// hasTitle reports whether a text begins with rows of one cell that says
// something, above the rows of a table.
func hasTitle(head string) bool {
	comma, _ := separatorOf(head)
	r := csv.NewReader(strings.NewReader(head))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	t := titles{}
	for range maxTitles {
		cells, err := r.Read()
		if err != nil {
			return false
		}
		if filled(cells) > 1 {
			return len(t.held) > 0
		}
		if filled(cells) == 1 && !isSeparatorLine(cells) {
			t.held = append(t.held, placedRow{})
		}
	}
	return false
}

func isSeparatorLine(cells []string) bool {
	first := strings.TrimSpace(cells[0])
	return len(first) >= len("sep=") && strings.EqualFold(first[:len("sep=")], "sep=")
}

// reopen opens a file, uncompressed.
func reopen(fsys fs.FS, file string, zipped bool) (io.ReadCloser, error) {
	f, err := fsys.Open(file)
	if err != nil || !zipped {
		return f, err
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, sample))
	if err != nil {
		return nil, errors.Join(notGzip(err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

func notGzip(err error) error {
	return whole("damaged", textf("压缩文件已损坏：%v", "the compressed file is damaged: %v", err), textf("重新导出或重新传送", "export or send it again"))
}

// openText reads a text with columns.
func openText(fsys fs.FS, file string, zipped bool, how table.How) (table.Placed, error) {
	open := func() (io.ReadCloser, error) { return reopen(fsys, file, zipped) }
	in, err := open()
	if err != nil {
		return nil, err
	}
	rows, err := textRows(in, open, how.Encoding, strings.EqualFold(path.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz")), ".tsv"))
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &closing{rows, in}, nil
}

// textRows are the rows of a text with columns.
func textRows(in io.Reader, open func() (io.ReadCloser, error), encoding string, tabs bool) (table.Placed, error) {
	begin := bufio.NewReaderSize(in, sample)
	if head, _ := begin.Peek(table.Enough); isWorkbook(head) { // an error comes back with what follows
		return nil, notByItsName()
	}
	in = begin
	if encoding == "" {
		var err error
		if encoding, err = recognise(open); err != nil {
			return nil, err
		}
	}
	text, err := decoded(in, encoding)
	if err != nil {
		return nil, err
	}
	b := bufio.NewReaderSize(text, sample)
	head, err := b.Peek(sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	comma, said := separatorOf(string(head))
	if tabs && !said {
		comma = '\t'
	}
	t := &textTable{said: saidOf(encoding, comma), utf8: encoding == "utf-8"}
	var rest io.Reader = b
	if strings.IndexByte(string(head), '\n') < 0 && strings.IndexByte(string(head), '\r') >= 0 {
		rest = &returns{b}
	}
	t.guard = table.NewRowGuard(rest)
	t.csv = csv.NewReader(t.guard)
	t.csv.Comma, t.csv.FieldsPerRecord = comma, -1
	if said {
		if _, err := t.csv.Read(); err != nil { // the line that says so
			return nil, err
		}
		t.guard.Next()
	}
	return &titles{rows: t}, nil
}

// saidOf is how a text is written, in words.
func saidOf(encoding string, comma rune) diagnostic.Text {
	parted := map[rune]diagnostic.Text{',': {ZH: "逗号", EN: "commas"}, ';': {ZH: "分号", EN: "semicolons"}, '\t': {ZH: "制表符", EN: "tabs"}}[comma]
	if parted.IsZero() {
		parted = diagnostic.Text{ZH: string(comma), EN: string(comma)}
	}
	return diagnostic.Text{ZH: called[encoding] + "，" + parted.ZH, EN: called[encoding] + ", " + parted.EN}
}

func notByItsName() error {
	return whole("not_csv", textf("这是工作簿，文件名却不是", "this is a workbook, which its name does not say"), textf("按内容改文件名的结尾：.xlsx 或 .ods；旧的 .xls 另存为 .xlsx", "let its name end in .xlsx or .ods, as it is; save an old .xls as .xlsx"))
}

// textTable are the rows of a text as they stand.
type textTable struct {
	csv   *csv.Reader
	guard *table.RowGuard
	said  diagnostic.Text
	utf8  bool
	line  int
}

// Row is the next row.
func (t *textTable) Row() ([]string, error) {
	t.guard.Next()
	cells, err := t.csv.Read()
	var syntax *csv.ParseError
	switch {
	case t.guard.Hit():
		return nil, &table.RowError{Line: t.line + 1, Whole: true, Problem: table.RowTooLong()}
	case errors.As(err, &syntax):
		t.line = syntax.Line
		return nil, &table.RowError{Line: syntax.StartLine, Problem: table.BadQuote()}
	case err != nil:
		return nil, err
	}
	t.line, _ = t.csv.FieldPos(0)
	for i, c := range cells {
		if !utf8.ValidString(c) || !t.utf8 && strings.ContainsRune(c, utf8.RuneError) {
			p := &table.Problem{Code: "not_utf8", Column: table.ColumnLetters(i), Value: table.Excerpt(c),
				Message: textf("有的字不能解码", "some characters cannot be decoded"), Remedy: textf("写明另一种编码，或改正这些字", "name another encoding, or correct them")}
			return nil, &table.RowError{Line: t.line, Whole: !t.utf8 && t.line == 1, Problem: p}
		}
	}
	return cells, nil
}

// Line is where the row begins.
func (t *textTable) Line() int { return t.line }

// Wrong is nothing: text can be read, or it cannot.
func (t *textTable) Wrong() []table.BadCell { return nil }

// About says how the text is written.
func (t *textTable) About() table.About { return table.About{Said: t.said} }

// returns reads text whose lines end with a carriage return alone.
type returns struct{ r io.Reader }

func (t *returns) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
