//go:build unix

package record

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Holder reports whether a server has a file of decisions, and its process where
// it said so. Nothing is created or held.
func Holder(database string) (process string, held bool) {
	path, err := filepath.EvalSymlinks(database)
	if err != nil {
		return "", false
	}
	f, err := os.Open(path + ".lock")
	if err != nil {
		return "", false
	}
	defer func() { _ = f.Close() }()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return "", false // and closing lets it go
	}
	data := make([]byte, 20)
	n, _ := f.ReadAt(data, 0)
	return strings.TrimSpace(string(data[:n])), true
}
