package spreadsheet

import (
	"io/fs"
	"path/filepath"
)

// split is the directory and the name of a file.
func split(path string) (dir, file string) {
	return filepath.Dir(path), filepath.Base(path)
}

// oneFile is a directory of which only one file is seen.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir lists the file, if it is there.
func (o oneFile) ReadDir(string) ([]fs.DirEntry, error) {
	info, err := fs.Stat(o.FS, o.name)
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
