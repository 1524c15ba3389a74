package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// ReadFile reads a file as far as Parse needs to: of one that is too large,
// or that has no end, enough to be refused. Errors are *os.PathErrors.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f)
}

// Read reads as far as Parse needs to.
func Read(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, MaxBytes+1))
}

// ReadRules reads a rules file with the files that it names, as Gather makes
// one text of them. Those lie in the folder of the file: no link leads out of
// it. Paths are those that were looked for, below that folder. Errors are
// *os.PathErrors about the file itself.
func ReadRules(name string) (text []byte, paths []string, err error) {
	main, err := ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	text, paths = GatherIn(filepath.Dir(name), main)
	return text, paths, nil
}

// GatherIn is Gather for a main file in a folder.
func GatherIn(folder string, main []byte) (text []byte, paths []string) {
	var root *os.Root
	defer func() {
		if root != nil {
			_ = root.Close() // nothing was written
		}
	}()
	return Gather(main, func(below string) ([]byte, error) {
		if root == nil {
			var err error
			if root, err = os.OpenRoot(folder); err != nil {
				return nil, err
			}
		}
		return readIn(root.FS(), below)
	})
}

// ReadRulesFS is ReadRules for a file system.
func ReadRulesFS(files fs.FS, name string) (text []byte, paths []string, err error) {
	main, err := readIn(files, name)
	if err != nil {
		return nil, nil, err
	}
	text, paths = Gather(main, func(below string) ([]byte, error) { return readIn(files, path.Join(path.Dir(name), below)) })
	return text, paths, nil
}

var errNoFile = errors.New("not a regular file")

// readIn reads a regular file as far as Parse needs to.
func readIn(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe might never end
		return nil, &fs.PathError{Op: "read", Path: name, Err: errNoFile}
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f)
}
