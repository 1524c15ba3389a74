//go:build unix

package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// lockFile keeps other servers from a file of decisions, by whatever name they
// know it, until the lock is closed or the process ends, however it ends. What
// is locked is a file beside it, which stays: removing it could let in two
// others. The error is a *LockedError where another has it.
func lockFile(database string) (io.Closer, error) {
	path, err := onlyName(database)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		locked := &LockedError{}
		if data := make([]byte, 20); errors.Is(err, syscall.EWOULDBLOCK) {
			n, _ := f.ReadAt(data, 0) // who it is helps, and need not be known
			if _, notNumber := strconv.Atoi(strings.TrimSpace(string(data[:n]))); notNumber == nil {
				locked.Process = strings.TrimSpace(string(data[:n]))
			}
			err = locked
		}
		return nil, errors.Join(err, f.Close())
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) { // who has it may stay unsaid
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// onlyName is the name of a file behind all links to it; the file is created
// where there is none, so that there is something to name. A file with several
// names of its own (hard links) is refused: SQLite keeps what is new in a file
// that is named like the one it opened, so that two servers would each miss
// what the other wrote, and the locks beside the names would not meet.
func onlyName(path string) (string, error) {
	name, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // as SQLite creates it
		if err != nil {
			return "", err
		}
		if err := f.Close(); err != nil {
			return "", err
		}
		name, err = filepath.EvalSymlinks(path)
		if err != nil {
			return "", err
		}
	} else if err != nil {
		return "", err
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", fmt.Errorf("%s is a directory; name a file in it", path)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return "", fmt.Errorf("the file has %d names (hard links), and under another name another server could write to it unseen: keep one name, and make copies with the command backup", stat.Nlink)
	}
	return name, nil
}
