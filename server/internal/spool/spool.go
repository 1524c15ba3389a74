// Package spool keeps what is too large for memory in temporary files, for as
// long as a request or a page needs it. The files have no names: what a server
// leaves behind that is killed is given back by the system.
package spool

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
)

// ErrFull says that all that may be kept at once is in use.
var ErrFull = errors.New("there is no room for more temporary files now")

// DiskError says that the disk did not take or give what was asked for.
type DiskError struct{ Err error }

// Error is what the disk said.
func (e *DiskError) Error() string { return "temporary files cannot be written: " + e.Err.Error() }

// Unwrap is the cause.
func (e *DiskError) Unwrap() error { return e.Err }

// Room is a directory with a bound on what may be kept in it at once. It is
// safe for concurrent use.
type Room struct {
	dir  string
	left atomic.Int64
	log  atomic.Pointer[slog.Logger]
}

// NewRoom is a room of so many bytes.
func NewRoom(dir string, bytes int64) *Room {
	r := &Room{dir: dir}
	r.left.Store(bytes)
	return r
}

// LogTo has failures of the disk logged: who sends something is told only that
// there is no room.
func (r *Room) LogTo(l *slog.Logger) { r.log.Store(l) }

func (r *Room) failed(err error) error {
	if log := r.log.Load(); log != nil {
		log.Error("a temporary file cannot be written or read", "directory", r.dir, "err", err)
	}
	return &DiskError{err}
}

// Left is how many bytes may still be kept.
func (r *Room) Left() int64 { return r.left.Load() }

// File is a temporary file. It is written by one goroutine; what has been
// written may be read by many.
type File struct {
	room *Room
	file *os.File
	size int64
	gone bool // its name is
}

// New makes a file. Errors: a *DiskError.
func (r *Room) New() (*File, error) {
	f, err := os.CreateTemp(r.dir, ".rulebook-*.tmp")
	if err != nil {
		return nil, r.failed(err)
	}
	return &File{room: r, file: f, gone: os.Remove(f.Name()) == nil}, nil
}

// Write appends. Errors: ErrFull, a *DiskError.
func (f *File) Write(p []byte) (int, error) {
	if f.room.left.Add(-int64(len(p))) < 0 {
		f.room.left.Add(int64(len(p)))
		return 0, ErrFull
	}
	n, err := f.file.Write(p)
	f.size += int64(n)
	f.room.left.Add(int64(len(p) - n))
	if err != nil {
		return n, f.room.failed(err)
	}
	return n, nil
}

// ReadAt reads what was written.
func (f *File) ReadAt(p []byte, at int64) (int, error) {
	n, err := f.file.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		err = f.room.failed(err)
	}
	return n, err
}

// Size is how much was written.
func (f *File) Size() int64 { return f.size }

// Close gives the room back.
func (f *File) Close() error {
	f.room.left.Add(f.size)
	f.size = 0
	err := f.file.Close()
	if !f.gone {
		err = errors.Join(err, os.Remove(f.file.Name()))
	}
	return err
}
