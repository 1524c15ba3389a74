package review

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/table"
)

// ErrTooLarge says that the tables take more memory than Options.Most.
var ErrTooLarge = errors.New("the tables are too large to be reviewed together")

// budget is how much memory tables may still take, about. The zero budget has
// no bound.
type budget struct {
	bounded, over bool
	left          int64
}

func (b *budget) spend(n int) {
	if !b.bounded {
		return
	}
	if b.left -= int64(n); b.left < 0 {
		b.over = true
	}
}

// What things take, about, with the maps that find them again.
const (
	rowBytes     = 224
	cellBytes    = 16 // beside its text
	badRowBytes  = 64
	findingBytes = 512 // texts are mostly shared
)

func sizeOf(cells []string) int {
	n := rowBytes + cellBytes*len(cells)
	for _, c := range cells {
		n += len(c)
	}
	return n
}

// checkText reads a file through: it is a *sizeError or a *utf8Error where the
// file is too large or no text.
func checkText(fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	const chunk = 64 << 10
	buf := make([]byte, chunk)
	kept, size, line := 0, 0, 1
	for {
		n, err := f.Read(buf[kept:])
		if size += n; size > maxFile {
			return &sizeError{}
		}
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return err
		}
		data := buf[:kept+n]
		rest := 0
		if !ended {
			rest = incomplete(data)
		}
		whole := data[:len(data)-rest]
		if at, ok := invalidUTF8(whole); ok {
			return &utf8Error{line + at - 1}
		}
		if ended {
			return nil
		}
		line += bytes.Count(whole, []byte{'\n'})
		kept = copy(buf, data[len(data)-rest:])
	}
}

// incomplete is how many bytes at the end are the beginning of a character.
func incomplete(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if last := data[len(data)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// utf8Error says in which line a file is no text.
type utf8Error struct{ line int }

func (*utf8Error) Error() string { return "no UTF-8" }

// withoutMark is r without byte order marks at its beginning.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	for {
		if start, err := b.Peek(len(table.Mark)); err != nil || string(start) != table.Mark {
			return b
		}
		_, _ = b.Discard(len(table.Mark))
	}
}
