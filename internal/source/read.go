package source

import (
	"io"
	"os"
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
