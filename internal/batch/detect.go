package batch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
)

// Detect finds out how a file is written: by its name where that says so, else
// by how it begins. Nothing of r is used up. The error is that of reading.
func Detect(name string, r *bufio.Reader) (f Format, zipped bool, err error) {
	head, err := peek(r)
	if err != nil {
		return "", false, err
	}
	if zipped = bytes.HasPrefix(head, []byte("\x1f\x8b")); zipped {
		head = unzipped(head)
	}
	if f, _ := NameFormat(name); f != "" {
		return f, zipped, nil
	}
	head = bytes.TrimLeft(table.TrimMark(head), " \t\r\n")
	if bytes.HasPrefix(head, []byte("{")) {
		return JSONL, zipped, nil
	}
	return CSV, zipped, nil
}

// NameFormat is how a file is written by its name; "" where that does not say.
func NameFormat(name string) (f Format, zipped bool) {
	name = strings.ToLower(name)
	name, zipped = strings.CutSuffix(name, ".gz")
	switch filepath.Ext(name) {
	case ".csv":
		return CSV, zipped
	case ".jsonl", ".ndjson", ".json":
		return JSONL, zipped
	}
	return "", zipped
}

// peek is the beginning of what r reads.
func peek(r *bufio.Reader) ([]byte, error) {
	const enough = 512
	for n := 2; ; n = min(enough, max(n+1, r.Buffered())) {
		head, err := r.Peek(n)
		switch {
		case errors.Is(err, io.EOF):
			return head, nil
		case err != nil:
			return nil, err
		case n >= enough || len(bytes.TrimSpace(head)) > len(table.Mark) && head[0] != '\x1f':
			return head, nil
		}
	}
}

// unzipped is the beginning of what is compressed, as far as it goes.
func unzipped(head []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return nil
	}
	text := make([]byte, 64)
	n, _ := io.ReadFull(z, text)
	return text[:n]
}
