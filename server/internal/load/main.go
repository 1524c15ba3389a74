// Command load measures how many decisions a second the server answers and
// puts on record, on this machine, with the client on the same processors. It
// starts a server of its own, on the loopback interface and in a directory of
// its own, and removes it afterwards:
//
//	go run ./server/internal/load
//	go run ./server/internal/load --db postgres://USER@HOST/DATABASE
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

func main() {
	each := flag.Duration("for", 5*time.Second, "how long to measure each line; at most 1m")
	dir := flag.String("dir", ".", "directory on the disk to measure; the file is removed afterwards")
	db := flag.String("db", "", "database of PostgreSQL to measure, as postgres://USER@HOST/DATABASE; what is recorded stays in it. By default a file in --dir")
	flag.Parse()
	if *each <= 0 || *each > time.Minute {
		log.Fatal("--for is between 0 and 1m")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dir, *db, *each); err != nil {
		log.Fatal(err)
	}
}

// connections is how many callers ask at once, each one question after the
// other.
var connections = []int{1, 16, 64}

func run(ctx context.Context, w io.Writer, dir, db string, each time.Duration) (err error) {
	temporary, err := os.MkdirTemp(dir, "load")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	syncs := &syncs{}
	if db == "" {
		db = filepath.Join(temporary, "load.db")
	}
	s, err := start(ctx, db, syncs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	sync, err := syncTime(temporary)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, %s/%s, %d processors, client included; a sync of this disk takes %v (median)\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), sync)
	fmt.Fprintf(w, "%-12s %-12s %9s %9s %9s %9s %8s\n", "connections", "", "a second", "p50 ms", "p99 ms", "p99.9 ms", "cpu µs")
	for _, n := range connections {
		for _, recorded := range []bool{true, false} {
			if err := s.measure(ctx, 1, recorded, each/10); err != nil { // warm up
				return err
			}
			syncs.reset()
			if err := s.print(ctx, w, n, recorded, each, syncs); err != nil {
				return err
			}
		}
	}
	return nil
}

// server is the one that is measured.
type server struct {
	store *record.Store
	http  *http.Server
	ended chan error
	addr  string
	took  []time.Duration // of the latest measurement
}

func start(ctx context.Context, db string, syncs *syncs) (*server, error) {
	rules, err := live.Open(ctx, live.Options{})
	if err != nil {
		return nil, err
	}
	store, err := record.Open(ctx, db, record.Options{Observe: syncs.note})
	if err != nil {
		return nil, err
	}
	back := api.New(service.New(rules, store, nil), api.Options{Guard: door.Require})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	s := &server{store: store, addr: listener.Addr().String(), ended: make(chan error, 1)}
	s.http = &http.Server{Handler: door.New(back, door.Options{Hosts: []string{"127.0.0.1"}}), ReadHeaderTimeout: time.Second}
	go func() { s.ended <- s.http.Serve(listener) }()
	return s, nil
}

func (s *server) stop() error {
	err := s.http.Close()
	<-s.ended
	return errors.Join(err, s.store.Close())
}

// measure asks on n connections for a time.
func (s *server) measure(ctx context.Context, n int, recorded bool, each time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	results := make([][]time.Duration, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i], errs[i] = caller(ctx, s.addr, i, recorded) })
	}
	wg.Wait()
	s.took = slices.Sorted(slices.Values(slices.Concat(results...)))
	return errors.Join(errs...)
}

func (s *server) print(ctx context.Context, w io.Writer, n int, recorded bool, each time.Duration, syncs *syncs) error {
	started, used := time.Now(), processorTime()
	if err := s.measure(ctx, n, recorded, each); err != nil {
		return err
	}
	used = processorTime() - used
	if err := ctx.Err(); err != nil {
		return err
	}
	elapsed := time.Since(started)
	at := func(share float64) float64 {
		i := min(int(share*float64(len(s.took))), len(s.took)-1)
		return float64(s.took[i].Microseconds()) / 1000
	}
	kind, note := "not recorded", ""
	if recorded {
		kind, note = "recorded", syncs.String()
	}
	_, err := fmt.Fprintf(w, "%-12d %-12s %9.0f %9.2f %9.2f %9.2f %8.0f  %s\n", n, kind, float64(len(s.took))/elapsed.Seconds(),
		at(0.5), at(0.99), at(0.999), float64(used.Microseconds())/float64(len(s.took)), note)
	return err
}

// processorTime is what this process has used of all processors, callers and
// server together.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// syncs sums up the transactions of the log.
type syncs struct {
	mu      sync.Mutex
	n       int
	records int
	took    time.Duration
}

func (s *syncs) note(records int, took time.Duration, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.records += records
	s.took += took
}

func (s *syncs) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n, s.records, s.took = 0, 0, 0
}

func (s *syncs) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f records a sync, %.2f ms each", float64(s.records)/float64(s.n), float64(s.took.Microseconds())/float64(s.n)/1000)
}

// syncTime is the median time of writing and syncing a page.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "sync")
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	page := make([]byte, 4096)
	var took []time.Duration
	for range 100 {
		started := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	return took[len(took)/2].Round(time.Microsecond), nil
}
