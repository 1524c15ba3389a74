//go:build unix

package main

import (
	"syscall"
	"time"
)

// processorTime is what this process has taken of all processors: unlike the
// time on the clock, it does not depend on what else the machine does.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
