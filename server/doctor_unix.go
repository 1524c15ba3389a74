//go:build unix

package server

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeBytes is the room that is left for this user on the disk of a directory.
func freeBytes(dir string) (free uint64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true //nolint:gosec,unconvert // of other types on other systems
}

func openToAll(i fs.FileInfo) bool        { return i.Mode().Perm()&0o005 == 0o005 }
func readableByOthers(i fs.FileInfo) bool { return i.Mode().Perm()&0o044 != 0 }
func writableByOthers(i fs.FileInfo) bool { return i.Mode().Perm()&0o022 != 0 }

func addressInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
