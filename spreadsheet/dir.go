package spreadsheet

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
)

func textf(zh, en string, args ...any) diagnostic.Text { return diagnostic.Textf(zh, en, args...) }

// format is how a file is written, by the end of its name.
type format string

const (
	textFormat  format = "csv"
	linesFormat format = "jsonl"
	xlsxFormat  format = "xlsx"
	odsFormat   format = "ods"
)

// endings are the names of files that are tables.
var endings = map[string]format{
	".csv": textFormat, ".tsv": textFormat,
	".jsonl": linesFormat, ".ndjson": linesFormat,
	".xlsx": xlsxFormat, ".xlsm": xlsxFormat, ".ods": odsFormat,
}

// named splits the name of a file: the name of its table, and how it is written.
func named(file string) (name string, f format, zipped bool) {
	rest := file
	if lower := strings.ToLower(file); strings.HasSuffix(lower, ".gz") {
		rest, zipped = file[:len(file)-len(".gz")], true
	}
	ext := path.Ext(rest)
	f = endings[strings.ToLower(ext)]
	name = strings.TrimSuffix(rest, ext)
	if zipped && (f == xlsxFormat || f == odsFormat) || name == "" {
		return "", "", false
	}
	return name, f, zipped
}

// IsTable reports whether a file is one that may hold tables, by its name.
func IsTable(file string) bool {
	_, f, _ := named(file)
	return f != ""
}

// Sources finds the tables of a directory; how says how a file is written as far
// as anybody says it. A workbook has a table in each sheet that says something,
// called FILE#SHEET where there are several, but for those whose name begins
// with #, which are remarks. What cannot be opened is a table,
// too: opening it says why.
func Sources(fsys fs.FS, how func(file string) table.How) ([]table.Source, error) {
	return sources(fsys, how, true)
}

// Readable is Sources where each can be opened, also CSV in UTF-8.
func Readable(fsys fs.FS, how func(file string) table.How) ([]table.Source, error) {
	all, err := Sources(fsys, how)
	for i, s := range all {
		if s.Open == nil {
			all[i].Open = func() (table.Placed, error) { return openText(fsys, s.File, false, how(s.File)) }
		}
	}
	return all, err
}

// sources finds tables; of text, all is looked at to find its encoding where
// thorough, else its beginning.
func sources(fsys fs.FS, how func(file string) table.How, thorough bool) ([]table.Source, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var all []table.Source
	for _, e := range entries {
		file := e.Name()
		if e.IsDir() || strings.HasPrefix(file, ".") || strings.HasPrefix(file, "~") {
			continue
		}
		name, f, zipped := named(file)
		switch f {
		case "":
		case xlsxFormat, odsFormat:
			all = append(all, workbookSources(fsys, file, name)...)
		case linesFormat:
			all = append(all, table.Source{File: file, Name: name, Open: func() (table.Placed, error) { return openLines(fsys, file, zipped) }})
		default:
			s := table.Source{File: file, Name: name}
			if zipped || !isPlain(fsys, file, how(file), thorough) {
				s.Open = func() (table.Placed, error) { return openText(fsys, file, zipped, how(file)) }
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// isPlain reports whether a file is what the library reads itself: CSV in UTF-8,
// with commas and a header in its first row. That reader says best what is wrong
// with such a file; one that is made of rows or cannot be opened is its, too.
func isPlain(fsys fs.FS, file string, how table.How, thorough bool) bool {
	f, err := fsys.Open(file)
	if err != nil {
		return true
	}
	defer f.Close()
	if _, ok := f.(table.Rows); ok {
		return true
	}
	if how.Encoding != "" && how.Encoding != "utf-8" || strings.HasSuffix(strings.ToLower(file), ".tsv") {
		return false
	}
	head, err := io.ReadAll(io.LimitReader(f, sample))
	switch {
	case err != nil, len(bytes.TrimSpace(head)) == 0:
		return true
	case isWorkbook(head), encodingByMark(head) == "utf-16":
		return false
	}
	valid := validUTF8(head, int64(len(head)) < sample)
	if valid && thorough && int64(len(head)) == sample {
		rest, err := fsys.Open(file)
		if err != nil {
			return true
		}
		defer rest.Close()
		valid, err = allUTF8(rest)
		if err != nil {
			return true
		}
	}
	if !valid {
		return false
	}
	comma, _ := separatorOf(string(table.TrimMark(head)))
	return comma == ',' && !hasTitle(string(table.TrimMark(head))) && (bytes.IndexByte(head, '\n') >= 0 || bytes.IndexByte(head, '\r') < 0)
}

// isWorkbook reports whether a file begins as workbooks do, whatever its name.
func isWorkbook(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0"))
}

func workbookSources(fsys fs.FS, file, name string) []table.Source {
	broken := func(err error) []table.Source {
		return []table.Source{{File: file, Name: name, Open: func() (table.Placed, error) { return nil, err }}}
	}
	in, size, err := at(fsys, file)
	if err != nil {
		return broken(err)
	}
	defer in.Close()
	b, err := OpenWorkbook(in, size)
	if err != nil {
		return broken(err)
	}
	var sheets []string
	for _, s := range b.Sheets() {
		if strings.HasPrefix(s, "#") {
			continue // a remark
		}
		said, err := b.saysSomething(s)
		if err != nil {
			return broken(err)
		}
		if said {
			sheets = append(sheets, s)
		}
	}
	var all []table.Source
	for _, s := range sheets {
		x := table.Source{File: file, Name: name, Sheet: s}
		if len(sheets) > 1 {
			x.File, x.Name = file+"#"+s, s
		}
		x.Open = func() (table.Placed, error) {
			in, size, err := at(fsys, file)
			if err != nil {
				return nil, err
			}
			b, err := OpenWorkbook(in, size)
			if err != nil {
				return nil, errors.Join(err, in.Close())
			}
			rows, err := b.Rows(s)
			if err != nil {
				return nil, errors.Join(err, in.Close())
			}
			return &closing{rows, in}, nil
		}
		all = append(all, x)
	}
	if all == nil {
		return broken(&table.RowError{Line: 1, Whole: true, Problem: &table.Problem{
			Code: "empty_table", Message: textf("工作簿是空的", "the workbook is empty"), Remedy: textf("第一行写列名，第一列是编号", "write the names of the columns in the first row, the ids first"),
		}})
	}
	return all
}

// closing are rows whose file is closed with them.
type closing struct {
	table.Placed
	file io.Closer
}

// Close closes the file.
func (c *closing) Close() error { return c.file.Close() }

// mostInMemory is how large a file may be that cannot be read at any place.
const mostInMemory = 64 << 20

// random is a file that is read at any place.
type random interface {
	io.ReaderAt
	io.Closer
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// at opens a file to be read at any place.
func at(fsys fs.FS, file string) (random, int64, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	if r, ok := f.(random); ok {
		return r, info.Size(), nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostInMemory+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(data) > mostInMemory:
		return nil, 0, whole("file_too_large", textf("文件超过 %d MiB", "the file is larger than %d MiB", mostInMemory>>20), textf("分成几个文件", "split it into several files"))
	}
	return inMemory{bytes.NewReader(data)}, int64(len(data)), nil
}

// whole is an error that gives a table up.
func whole(code string, message, remedy diagnostic.Text) *table.RowError {
	return &table.RowError{Line: 1, Whole: true, Problem: &table.Problem{Code: code, Message: message, Remedy: remedy}}
}
