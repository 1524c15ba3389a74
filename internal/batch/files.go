package batch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// fileSystem is what a run needs of files, so that tests can take the power
// away in between.
type fileSystem interface {
	Open(name string) (file, error) // for writing; creates it
	ReadFile(name string) ([]byte, error)
	Stat(name string) (size int64, found bool, err error)
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(of string) error // makes renames beside a file last
}

type file interface {
	io.Writer // at the end of what Truncate left
	Truncate(size int64) error
	Size() (int64, error)
	Sync() error
	Close() error
}

// disk is the files of the machine.
type disk struct{}

type diskFile struct{ *os.File }

func (disk) Open(name string) (file, error) {
	const readable = 0o644
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, readable)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

func (f diskFile) Truncate(size int64) error {
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	_, err := f.Seek(size, io.SeekStart)
	return err
}

func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }
func (disk) Rename(from, to string) error         { return os.Rename(from, to) }
func (disk) Remove(name string) error             { return os.Remove(name) }

func (disk) Stat(name string) (int64, bool, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

func (disk) SyncDir(of string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := os.Open(filepath.Dir(of))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
