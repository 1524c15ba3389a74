package spool

import (
	"bytes"
	"io"
)

// Lists keeps several lists of bytes that grow at the same time in one file.
type Lists struct{ file *File }

// NewLists keeps lists in a file.
func NewLists(f *File) *Lists { return &Lists{f} }

// List is one of them. What is added can be read once the list is flushed.
type List struct {
	lists  *Lists
	buffer bytes.Buffer
	places []place
}

type place struct{ at, size int64 }

// block is how much of a list is held in memory.
const block = 4 << 10

// New begins a list.
func (l *Lists) New() *List { return &List{lists: l} }

// Write appends to the list.
func (l *List) Write(p []byte) (int, error) {
	l.buffer.Write(p)
	if l.buffer.Len() < block {
		return len(p), nil
	}
	return len(p), l.Flush()
}

// Flush puts what is held in memory into the file.
func (l *List) Flush() error {
	if l.buffer.Len() == 0 {
		return nil
	}
	f := l.lists.file
	at := f.Size()
	if _, err := f.Write(l.buffer.Bytes()); err != nil {
		return err
	}
	l.places = append(l.places, place{at, f.Size() - at})
	if l.buffer.Reset(); l.buffer.Cap() > 2*block {
		l.buffer = bytes.Buffer{}
	}
	return nil
}

// Reader reads the list from its beginning.
func (l *List) Reader() io.Reader {
	parts := make([]io.Reader, len(l.places))
	for i, p := range l.places {
		parts[i] = io.NewSectionReader(l.lists.file, p.at, p.size)
	}
	return io.MultiReader(parts...)
}
