//go:build unix

package record

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lockFile keeps other servers from what the file stands for, until it is
// closed or the process ends, however it ends. The file stays: removing it
// could let in two others. The error is a *LockedError where another has it.
func lockFile(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
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
