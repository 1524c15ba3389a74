package review

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook"
)

// File reviews the records of one file, such as a workbook that is called by its
// month: as a directory that holds nothing else, but for review.yaml where that
// lies beside it.
func File(ctx context.Context, book *rulebook.Book, name string, o Options) (*Report, error) {
	base := filepath.Base(name)
	month, _, _ := strings.Cut(base, ".")
	o.Dir = cmp.Or(o.Dir, month)
	return Run(ctx, book, only{os.DirFS(filepath.Dir(name)), base}, o)
}

// only is a directory as if it had one file, and review.yaml.
type only struct {
	fs.FS
	file string
}

func (o only) shows(name string) bool {
	return name == "." || name == o.file || name == ConfigName
}

// Open opens what is shown; nothing else is there.
func (o only) Open(name string) (fs.File, error) {
	if !o.shows(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}

// ReadDir lists what is shown.
func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(o.FS, name)
	var shown []fs.DirEntry
	for _, e := range all {
		if o.shows(e.Name()) {
			shown = append(shown, e)
		}
	}
	return shown, err
}
