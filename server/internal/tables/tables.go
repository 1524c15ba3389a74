// Package tables takes the tables of a month as they are sent to the server:
// a form with files. They are kept in a temporary file, as the file system
// that a review reads, so that what is sent takes no memory.
package tables

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/spreadsheet"
)

// Error says what is wrong with what was sent.
type Error struct {
	Code    string // stable
	Message diagnostic.Text
	Remedy  diagnostic.Text
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message.EN + " [" + e.Code + "]" }

// FS are files in one directory, by name. It is an fs.FS, until it is closed.
type FS struct {
	file  *spool.File
	parts map[string]part
}

// reviewFile says how the others are read.
const reviewFile = "review.yaml"

// part is a file: a piece of the temporary one, a text in memory, or rows that were
// never text.
type part struct {
	at, size int64
	text     []byte            // nil for a piece
	rows     func() table.Rows // nil for a piece or a text
}

// New makes an empty file system.
func New(room *spool.Room) (*FS, error) {
	f, err := room.New()
	if err != nil {
		return nil, err
	}
	return &FS{file: f, parts: map[string]part{}}, nil
}

// Close gives the room back.
func (f *FS) Close() error { return f.file.Close() }

// Names are the names of the files, in order.
func (f *FS) Names() []string {
	var all []string
	for name := range f.parts {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// File is where the content of the files is kept.
func (f *FS) File() *spool.File { return f.file }

const (
	maxFiles  = 200
	maxValue  = 4 << 10   // bytes of a value that is no file
	maxHeader = 128 << 10 // bytes between the parts of a form, with what is read ahead
)

// Read reads the files of a form, whatever their fields are called; values
// that are no files are returned beside them. All together are at most limit
// bytes: the caller bounds the body, here are bounded the parts. Errors: an
// *Error, http.ErrNotMultipart, those of the body and of package spool.
func Read(body io.Reader, contentType string, room *spool.Room, limit int64) (files *FS, values map[string]string, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return nil, nil, http.ErrNotMultipart
	}
	made, err := New(room)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			_ = made.Close() // nothing of it was used
		}
	}()
	between := &guard{r: body, end: []byte("--" + params["boundary"] + "--")}
	form := multipart.NewReader(between, params["boundary"])
	values = map[string]string{}
	for {
		between.arm(maxHeader)
		part, err := form.NextPart()
		switch {
		case between.hit, errors.Is(err, multipart.ErrMessageTooLarge), errors.Is(err, bufio.ErrBufferFull): // of a line before the first part
			return nil, nil, tooLong()
		case errors.Is(err, io.EOF) && !between.ended: // the form was cut off between its parts
			return nil, nil, io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			// To the end of the body, too: what is left of one while its tables are
			// reviewed for long counts as a caller who stalls, and the connection is
			// reset under the answer.
			if _, err := io.Copy(io.Discard, between); between.hit {
				return nil, nil, tooLong()
			} else if err != nil {
				return nil, nil, err
			}
			return made, values, nil
		case err != nil && (between.failed == nil || between.ended && errors.Is(between.failed, io.EOF)): // it came, and is no part of a form
			return nil, nil, &Error{"bad_form", diagnostic.Textf("表单写得不对：某个文件前的说明行读不懂", "the form is not written as forms are: the lines before a file cannot be read"), diagnostic.Textf("用浏览器或通用工具发送，如 curl -F", "send it by a browser or a common tool, as in curl -F")}
		case err != nil:
			return nil, nil, err
		}
		between.arm(-1)
		name := part.FileName() // of a path only the last element
		if name == "" && isFileField(part) {
			continue // a file that was not chosen
		}
		if name == "" {
			if err := value(values, part); err != nil {
				return nil, nil, err
			}
			continue
		}
		if err := made.add(name, part, &limit); err != nil {
			return nil, nil, err
		}
	}
}

func tooLarge() *Error {
	return &Error{"too_large", diagnostic.Textf("文件合计太大", "the files are too large together"), diagnostic.Textf("按月或按部门分批", "split them by month or unit")}
}

// tooLong is about what stands between the files, which may be small themselves.
func tooLong() *Error {
	return &Error{"too_large", diagnostic.Textf("表单里文件之外的内容太长", "what the form has beside its files is too long"), diagnostic.Textf("表单里只放文件和 month", "let it hold files and the month only")}
}

func value(values map[string]string, p *multipart.Part) error {
	data, err := io.ReadAll(io.LimitReader(p, maxValue+1))
	switch {
	case err != nil:
		return err
	case len(data) > maxValue, len(values) >= maxFiles:
		return tooLong()
	case p.FormName() != "" && len(data) > 0:
		values[p.FormName()] = string(data)
	}
	return nil
}

// isFileField reports whether a part is a file that was not chosen.
func isFileField(p *multipart.Part) bool {
	return strings.Contains(p.Header.Get("Content-Disposition"), "filename")
}

func (f *FS) add(name string, content io.Reader, limit *int64) error {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	switch lower := strings.ToLower(name); {
	case lower == reviewFile:
		name = lower
	case strings.HasSuffix(lower, ".csv"): // as spreadsheets of some systems call it
		name = name[:len(name)-len(".csv")] + ".csv"
	}
	if err := f.check(name); err != nil {
		return err
	}
	at := f.file.Size()
	n, err := io.Copy(f.file, io.LimitReader(content, *limit+1))
	if err != nil {
		return err
	}
	if *limit -= n; *limit < 0 {
		return tooLarge()
	}
	f.parts[name] = part{at: at, size: n}
	return nil
}

// Put takes a file that was taken before: write writes what it holds.
func (f *FS) Put(name string, write func(io.Writer) error) error {
	if err := f.check(name); err != nil {
		return err
	}
	at := f.file.Size()
	if err := write(f.file); err != nil {
		return err
	}
	f.parts[name] = part{at: at, size: f.file.Size() - at}
	return nil
}

// With are the same files and one more, in the same place: it ends with them.
// Errors: an *Error.
func (f *FS) With(name string, text []byte) (*FS, error) {
	if err := f.check(name); err != nil {
		return nil, err
	}
	more := &FS{f.file, maps.Clone(f.parts)}
	more.parts[name] = part{text: text, size: int64(len(text))}
	return more, nil
}

// check refuses a name that a table cannot have.
func (f *FS) check(name string) error {
	_, known := f.parts[name]
	switch lower := strings.ToLower(name); {
	case !fs.ValidPath(name) || name == ".":
		return &Error{"bad_file_name", diagnostic.Textf("文件没有可用的名称", "a file has no usable name"), diagnostic.Textf("用表的名称，如 areas.csv", "name it after its table, such as areas.csv")}
	case !spreadsheet.IsTable(name) && lower != reviewFile:
		return noTable(name)
	case known:
		return &Error{"duplicate_file", diagnostic.Textf("%s 出现两次", "%s was sent twice", name), diagnostic.Textf("每个表只送一次", "send each table once")}
	case len(f.parts) >= maxFiles:
		return &Error{"too_many_files", diagnostic.Textf("超过 %d 个文件", "more than %d files", maxFiles), diagnostic.Textf("分批送", "send them in pieces")}
	}
	return nil
}

func noTable(name string) *Error {
	return &Error{"unknown_file", diagnostic.Textf("%s 不是表", "%s is no table", name), diagnostic.Textf("送 CSV、xlsx、ods 或 JSON Lines 文件", "send files of CSV, xlsx, ods or JSON Lines")}
}

// Add adds a table of rows, which are asked for when it is read. Errors: an
// *Error.
func (f *FS) Add(name string, rows func() table.Rows) error {
	if err := f.check(name); err != nil {
		return err
	}
	f.parts[name] = part{rows: rows}
	return nil
}

// guard bounds how much is read of a form beside its content, and sees whether
// the form comes to its end.
type guard struct {
	r      io.Reader
	left   int // below zero for no bound
	hit    bool
	failed error // of r, also its end

	end   []byte
	tail  []byte // that may be the beginning of the end
	ended bool
}

func (g *guard) arm(n int) { g.left = n }

func (g *guard) Read(p []byte) (int, error) {
	if g.left == 0 {
		g.hit = true
		return 0, io.ErrUnexpectedEOF
	}
	if g.left > 0 {
		p = p[:min(len(p), g.left)]
	}
	n, err := g.r.Read(p)
	g.failed = err
	if g.left > 0 {
		g.left -= n
	}
	if !g.ended {
		g.tail = append(g.tail, p[:n]...)
		g.ended = bytes.Contains(g.tail, g.end)
		g.tail = append(g.tail[:0], g.tail[max(0, len(g.tail)-len(g.end)):]...)
	}
	return n, err
}

// Open opens a file, or the directory ".".
func (f *FS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return &dir{entries: f.entries()}, nil
	}
	p, ok := f.parts[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if p.rows != nil {
		return &made{p.rows(), info{name, 0, 0o444}}, nil
	}
	var from io.ReaderAt = f.file
	if p.text != nil {
		from = bytes.NewReader(p.text)
	}
	return &stored{io.NewSectionReader(from, p.at, p.size), info{name, p.size, 0o444}}, nil
}

func (f *FS) entries() []fs.DirEntry {
	all := make([]fs.DirEntry, 0, len(f.parts))
	for name, p := range f.parts {
		all = append(all, fs.FileInfoToDirEntry(info{name, p.size, 0o444}))
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all
}

type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// stored is a file that stands in the temporary one, or in memory.
type stored struct {
	*io.SectionReader
	info info
}

func (f *stored) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *stored) Close() error               { return nil }

// made is a table of rows, as a review reads it.
type made struct {
	table.Rows
	info info
}

func (f *made) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *made) Close() error               { return nil }
func (f *made) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: errors.ErrUnsupported}
}

type dir struct {
	entries []fs.DirEntry
}

func (d *dir) Stat() (fs.FileInfo, error) { return info{".", 0, fs.ModeDir | 0o555}, nil }
func (d *dir) Close() error               { return nil }
func (d *dir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: fmt.Errorf("is a directory")}
}

// ReadDir lists the files, as fs.ReadDirFile says.
func (d *dir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.entries)
	} else if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	list := d.entries[:n]
	d.entries = d.entries[n:]
	return list, nil
}
