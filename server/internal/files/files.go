// Package files reads the small files that the server is set up by.
package files

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// ReadBounded is what a file holds, which may be so many bytes at most. Errors name
// the file.
func ReadBounded(path string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(data) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return data, nil
}
