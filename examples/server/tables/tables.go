// Package tables takes the tables of a month as they are sent to the server:
// a form with files. They are kept in memory, as the file system that a review
// reads.
package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/policy/diagnostic"
)

// Error says what is wrong with what was sent.
type Error struct {
	Code    string // stable
	Message diagnostic.Text
	Remedy  diagnostic.Text
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message.EN + " [" + e.Code + "]" }

// FS are files in one directory, by name. It is an fs.FS.
type FS map[string][]byte

// reviewFile says how the others are read.
const reviewFile = "review.yaml"

// maxFiles is how many files a form may hold.
const maxFiles = 200

// Read reads the files of a form, whatever their fields are called; values
// that are no files are returned beside them. All together are at most limit
// bytes: the caller bounds the body, here are bounded the parts.
func Read(form *multipart.Reader, limit int64) (FS, map[string]string, error) {
	files, values := FS{}, map[string]string{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return files, values, nil
		}
		if err != nil {
			return nil, nil, err
		}
		data, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return nil, nil, err
		}
		if limit -= int64(len(data)); limit < 0 {
			return nil, nil, &Error{"too_large", diagnostic.Textf("文件合计太大", "the files are too large together"), diagnostic.Textf("按月或按部门分批", "split them by month or unit")}
		}
		name := part.FileName() // of a path only the last element
		if name == "" {
			if part.FormName() != "" && len(data) > 0 && !isFileField(part) {
				values[part.FormName()] = string(data)
			}
			continue
		}
		if err := files.add(name, data); err != nil {
			return nil, nil, err
		}
	}
}

// isFileField reports whether a part is a file that was not chosen.
func isFileField(p *multipart.Part) bool {
	return strings.Contains(p.Header.Get("Content-Disposition"), "filename")
}

func (f FS) add(name string, data []byte) error {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	lower := strings.ToLower(name)
	switch {
	case lower == reviewFile:
		name = lower
	case strings.HasSuffix(lower, ".csv"): // as spreadsheets of some systems call it
		name = name[:len(name)-len(".csv")] + ".csv"
	}
	switch {
	case !fs.ValidPath(name) || name == ".":
		return &Error{"bad_file_name", diagnostic.Textf("文件没有可用的名称", "a file has no usable name"), diagnostic.Textf("用表的名称，如 areas.csv", "name it after its table, such as areas.csv")}
	case !strings.HasSuffix(lower, ".csv") && lower != reviewFile:
		return &Error{"unknown_file", diagnostic.Textf("%s 不是 CSV 表", "%s is no CSV table", name), diagnostic.Textf("在表格软件中另存为 CSV UTF-8", `save it from the spreadsheet as "CSV UTF-8"`)}
	case f[name] != nil:
		return &Error{"duplicate_file", diagnostic.Textf("%s 出现两次", "%s was sent twice", name), diagnostic.Textf("每个表只送一次", "send each table once")}
	case len(f) >= maxFiles:
		return &Error{"too_many_files", diagnostic.Textf("超过 %d 个文件", "more than %d files", maxFiles), diagnostic.Textf("分批送", "send them in pieces")}
	}
	f[name] = append([]byte{}, data...)
	return nil
}

// Open opens a file, or the directory ".".
func (f FS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return &dir{entries: f.entries()}, nil
	}
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{Reader: bytes.NewReader(data), info: info{name, int64(len(data)), 0o444}}, nil
}

func (f FS) entries() []fs.DirEntry {
	all := make([]fs.DirEntry, 0, len(f))
	for name, data := range f {
		all = append(all, fs.FileInfoToDirEntry(info{name, int64(len(data)), 0o444}))
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

type file struct {
	*bytes.Reader
	info info
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

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
