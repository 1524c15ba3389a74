package record_test

import (
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/servicerules/rulebook/server/record"
)

// BenchmarkAppend is 64 callers who wait for the disk. cpu-µs/op is what a
// record costs on all processors together, also where others use them too.
func BenchmarkAppend(b *testing.B) {
	s, err := record.Open(b.Context(), filepath.Join(b.TempDir(), "test.db"), record.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	d, err := fee("R1", 1)
	if err != nil {
		b.Fatal(err)
	}
	before := cpu(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := s.Append(b.Context(), d); err != nil {
				b.Error(err)
			}
			n.Add(1)
		}
	})
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n.Load()), "cpu-µs/op")
	b.SetBytes(int64(len(d.Facts) + len(d.Answer)))
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
